"""Money that comes by bank and goes back, and trades that are taken back (trading.md §13, §16)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, AccountGroup
from mockserver.domain.orders.trades import EXECUTIONS
from mockserver.domain.payments.credit_fundings import CREDIT_FUNDINGS
from mockserver.domain.payments.incoming_transfers import INCOMING_TRANSFERS
from mockserver.domain.users.users import USERS, User
from mockserver.kernel.lifecycle import CYCLES
from mockserver.kernel.rules import Refusal
from tests.domain.support.desk import NOBODY
from tests.state.commanding import Commanding
from tests.state.draws import AMOUNTS, MOMENTS, WHICH

IBAN = "DE89370400440532013000"
LOST: dict[str, dict[str, Any]] = {
    "wrong account": {"account": {"iban": IBAN}},
    "wrong name": {"counterparty_name": "Nobody At All"},
    "wrong text": {"remittance_information": "for you"},
    "wrong number": {"remittance_information": "CF9999999999"},
    "wrong currency": {"currency": "CHF"},
    "no top-up": {"remittance_information": "topup 123"},
    "dropped on demand": {"counterparty_account": {"iban": f"{IBAN[:-4]}9003"}},
}
"""Transfers that are accepted, and come to nobody (payments.md §6.2, §16.3)."""
ODD: dict[str, dict[str, Any]] = {
    "goes back": {"counterparty_account": {"iban": f"{IBAN[:-4]}9001"}},
    "comes late": {"counterparty_account": {"iban": f"{IBAN[:-4]}9004"}},
}
"""Transfers that arrive, and do not stay, or not at once (payments.md §16.3)."""
BAD: dict[str, dict[str, Any]] = {
    "of nothing": {"amount": "0.00"},
    "to a virtual account": {"virtual_bank_account_id": NOBODY},
}


class Banking(Commanding):
    """The sandbox's bank transfers, charge backs and mistrades."""

    @rule(
        which=WHICH,
        amount=AMOUNTS,
        currency=st.sampled_from(("EUR", "EUR", "GBP", "USD")),
        wrong=st.sampled_from((None, None, None, None, *LOST, *BAD, *ODD)),
        then=MOMENTS,
    )
    def transfer(self, which: int, amount: str, currency: str, wrong: str | None, then: int) -> None:
        group = self.pick(self.world.table(ACCOUNT_GROUPS), which)
        owner = self.world.table(USERS)[self.owner(group)]
        body = self.transfer_to(group, owner, amount, currency)
        body |= {**LOST, **BAD, **ODD}.get(wrong or "", {})
        room = self.subscribes(group, Decimal(amount))
        reply = self.call("create_bank_transaction", body=body)
        allowed = self.world.profile.behaviour.tests_endpoints
        assert isinstance(reply, Refusal) == (wrong in BAD or not allowed)
        self.pass_moments(then)
        if not isinstance(reply, Refusal):
            held = ("GBP",) if group.type == "ISA" else ("EUR", "GBP")
            lost = self._lost(wrong) or currency not in held
            if room or lost:  # what an ISA has no room for may have been dropped, or have found some meanwhile
                self._check_arrival(reply.id, group, owner, lost=lost)

    def _lost(self, wrong: str | None) -> bool:
        magic = self.world.profile.payments.magic_ibans
        return wrong in LOST and (wrong != "dropped on demand" or magic)

    def transfer_to(self, group: AccountGroup, owner: User, amount: str, currency: str) -> dict[str, Any]:
        """A transfer as Upvest asks for it, from the owner to the group."""
        return {
            "account": {"iban": "NL70ABNA0106295004"},
            "amount": amount,
            "currency": currency,
            "client_reference": "drawn",
            "counterparty_name": f"{owner.first_name} {owner.last_name}",
            "counterparty_account": {"iban": IBAN},
            "remittance_information": f"CF{group.securities_account_number}",
        }

    def _check_arrival(self, transfer_id: str, group: AccountGroup, owner: User, *, lost: bool) -> None:
        """Money in a currency that the group does not hold is lost, too. Who is renamed meanwhile may not be found.

        A group that closes below zero is filled up (payments.md §2.2).
        """
        status = self.world.table(INCOMING_TRANSFERS)[transfer_id].status
        current = self.world.table(ACCOUNT_GROUPS)[group.id].status
        standing = current == group.status == "ACTIVE"
        if lost or (current == group.status and not standing and group.status != "CLOSING"):
            assert status != "CREDITED", "it came to somebody it was not for"
        elif standing and self.world.table(USERS)[owner.id].last_name == owner.last_name:
            assert status != "UNMATCHED", "it did not come to whom it was for"

    @rule(which=WHICH, then=MOMENTS)
    def charge_back(self, which: int, then: int) -> None:
        self._take_back("credit_fundings", CREDIT_FUNDINGS, which)
        self.pass_moments(then)

    @rule(which=WHICH, then=MOMENTS)
    def mistrade(self, which: int, then: int) -> None:
        self._take_back("executions", EXECUTIONS, which)
        self.pass_moments(then)

    def _take_back(self, name: str, kind: Any, which: int) -> None:
        row = self.pick((row for row in self.world.table(kind) if row.status != "CANCELLED"), which)
        if row is not None:
            ways = [legal.to for legal in CYCLES[name].possible(str(row.status))]
            self._force(name, row.id, ways.index("CANCELLED"))
