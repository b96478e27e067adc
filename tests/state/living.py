"""Clients who walk whole roads in one step: in from the street, and out again (trading.md §1, §8)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, ACCOUNTS, AccountGroup
from mockserver.domain.payments.credit_fundings import CREDIT_FUNDINGS
from mockserver.domain.payments.top_ups import TOP_UPS
from mockserver.domain.users.users import USERS
from tests.domain.support import onboarding as bodies
from tests.domain.support import people
from tests.state.draws import WHICH
from tests.state.investing import Investing
from tests.state.onboarding import WITHOUT, Onboarding
from tests.state.opening import Opening
from tests.state.topping_up import ToppingUp
from tests.state.trader import CENT, PRICED

TYPES = ("PERSONAL", "LEGAL_ENTITY", "FRENCH_PEA", "ISA", "CHILD", "JOINT")
PARTNERS = {"CHILD": "GUARDIAN", "JOINT": "OWNER"}
MOSTLY = st.sampled_from((True, True, True, False))


class Living(Onboarding, Opening, ToppingUp, Investing):
    """Whole roads; each stops where the world does not let it on."""

    @rule(
        type_=st.sampled_from(TYPES),
        amount=st.sampled_from(("250.50", "5000", "99999")),
        without=WITHOUT,
        in_time=st.booleans(),
        alone=st.booleans(),
        isin=st.sampled_from((None, *PRICED)),
    )
    def settle_in(self, type_: str, amount: str, without: Any, in_time: bool, alone: bool, isin: str | None) -> None:
        """Somebody comes, opens an account, has money sent to it and buys for most of it.

        ``in_time``: the onboarding is over before the group is opened; ``alone``: who belongs to the group besides
        comes when the account is there.
        """
        first = self._newcomer(without)
        if in_time:
            self.live("20m")
        group = self.call("create_account_group", body={"user_id": first, "type": type_})
        if not alone:
            self._join(group)
        self.live("20m")
        self.call("create_account", body={"user_id": first, "account_group_id": group.id, "type": "TRADING"})
        if alone:
            self._join(group)
        self.live("20m")
        owner = self.world.table(USERS)[first]
        self.call("create_bank_transaction", body=self.transfer_to(group, owner, amount, "EUR"))
        self.live("1m")
        for of in self.world.table(ACCOUNTS).by("group", group.id):
            if isin is not None and self._may_buy(of):
                spent = self.free(of) * Decimal("0.9")  # room for a tax
                self.ask_for(of, isin, "BUY", cash_amount=f"{spent.quantize(CENT):.2f}")
                self.live("1m")

    def _newcomer(self, without: Any = None) -> str:
        """Somebody new, with all that is needed but one thing; the id."""
        user: Any = self.call("create_user", body={**people.TOL, "nationalities": ["ES"]})
        self.bring_all(user.id, without)
        return str(user.id)

    def _join(self, group: AccountGroup) -> None:
        """Whom a group of its type needs besides joins it."""
        if group.type not in PARTNERS:
            return
        second = self._newcomer()
        role = {"user_id": second, "entity_type": "ACCOUNT_GROUP", "entity_id": group.id}
        made = self.call("create_role", body={**role, "role_type": PARTNERS[group.type]})
        if group.type == "CHILD":
            self.call("create_user_check", {"user_id": second}, body=bodies.guardian(made.id))

    @rule(which=WHICH, offboarding=st.booleans(), sell=MOSTLY, back=MOSTLY)
    def wind_up(self, which: int, offboarding: bool, sell: bool, back: bool) -> None:
        """Sell what is in a group that can be spared, send its money back, close its accounts and the group."""
        groups = list(self.world.table(ACCOUNT_GROUPS))[2:] or list(self.world.table(ACCOUNT_GROUPS))
        group = self.pick(groups, which)
        inner = self.world.table(ACCOUNTS).by("group", group.id)
        for of in inner if sell else ():
            self.call("create_account_liquidation", {"account_id": of.id}, body={"user_id": self.owner(of)})
        self.live("1m")
        for funding in self.world.table(CREDIT_FUNDINGS).by("group", group.id):
            if back and funding.status == "CONFIRMED":
                self._force("credit_fundings", funding.id, 0)
        for row in self.world.table(TOP_UPS).by("group", group.id) if back else ():
            self.call("cancel_topup", {"topup_id": row.id})
        for of in inner:
            self.call("account_closure", {"account_id": of.id})
        self.call("account_group_closure", {"account_group_id": group.id})
        if offboarding:
            self.call("offboard_user", {"user_id": self.owner(group)})
        self.live("1m")
