"""Clients of ISAs: wrappers, what is subscribed, transfers between managers, tax years (payments.md §11.3, §12.2)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.stateful import rule

from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, AccountGroup
from mockserver.domain.accounts.holders import member_ids
from mockserver.domain.isa import tax_years
from mockserver.domain.isa.allowances import ALLOWANCES
from mockserver.domain.isa.wrappers import of_group
from mockserver.domain.users.users import USERS
from tests.domain.support.onboarding import residencies
from tests.state.draws import AMOUNTS, MOMENTS, WHICH
from tests.state.paying import BAD_AMOUNTS, MOST, SIZES, WHOM, Paying

PARTS: Final = st.sampled_from((None, "0", "0.5", "1", "1.01"))
"""Of the value of a transfer; no part: it was subscribed in other years."""
BEGAN: Final = st.sampled_from((0, 0, 0, -1))
"""The tax year in which the user began a transfer, from this one on."""
COUNTRIES: Final = st.sampled_from((("GB",), ("GB",), ("GB", "FR"), ("DE",)))


class Sheltering(Paying):
    """All that a client may ask for ISAs."""

    @rule(which=WHICH, countries=COUNTRIES, flexible=st.booleans(), then=MOMENTS)
    def open_an_isa(self, which: int, countries: tuple[str, ...], flexible: bool, then: int) -> None:
        """A group, its wrapper and a tax residency, as far as each is possible."""
        of = self.pick(self.world.table(USERS), which)
        if of.leaves:
            return
        group = self.call("create_account_group", body={"user_id": of.id, "type": "ISA"})
        self.pass_moments(then)
        self._wrap(self.world.table(ACCOUNT_GROUPS)[group.id], flexible)
        self.call("set_tax_residencies", {"user_id": of.id}, body=residencies(*countries))
        self.advance("1s")

    @rule(which=WHICH, flexible=st.booleans())
    def wrap(self, which: int, flexible: bool) -> None:
        self._wrap(self.pick(self.world.table(ACCOUNT_GROUPS), which), flexible)

    def _wrap(self, of: AccountGroup, flexible: bool) -> Any:
        refused = of.type != "ISA" or of_group(self.world, of.id) is not None or of.status in ("CLOSING", "CLOSED")
        body = {"account_group_id": of.id, "type": "STOCKS_AND_SHARES_ISA", "is_flexible": flexible}
        return self._ask("create_isa_wrapper", body, refused=refused)

    @rule(which=WHICH, amount=AMOUNTS, then=MOMENTS)
    def subscribe_to_the_brim(self, which: int, amount: str, then: int) -> None:
        """An amount, then all that remains, then a penny more."""
        of = self.isa(which)
        wrapper = None if of is None else of_group(self.world, of.id)
        if of is None or wrapper is None:
            return
        for each in (amount, None, "0.01"):
            left = [row for row in self.world.table(ALLOWANCES).by("wrapper", wrapper.id) if row.status == "ACTIVE"]
            size = each or (left[0].remaining_amount if left else "1")
            if Decimal(size):
                body = {"account_group_id": of.id, "cash_amount": size, "currency": "GBP"}
                fits = self.takes(of, "GBP") and self.subscribes(of, Decimal(size))
                self._ask("create_topup", body, refused=not fits)
        self.pass_moments(then)

    @rule(
        which=WHICH,
        out=st.booleans(),
        inside=st.booleans(),
        size=st.one_of(SIZES, BAD_AMOUNTS, st.none()),
        part=PARTS,
        began=BEGAN,
        whom=WHOM,
        then=MOMENTS,
    )
    def move_an_isa(
        self,
        which: int,
        out: bool,
        inside: bool,
        size: str | None,
        part: str | None,
        began: int,
        whom: str,
        then: int,
    ) -> None:
        of = self.isa(which) or self.money_group(which)
        value = None if size is None and not inside else self.size(of, "GBP", size or "half")
        if out and value is None:
            value = self.size(of, "GBP", "all")  # events alone do not tell what a whole account is worth
        amount = Decimal(value or 0)
        share = f"{min(amount * Decimal(part or 0), MOST):.2f}"
        user_id = self.member_or_not(of, whom) or member_ids(of)[0]
        year = tax_years.year_of(self.world.now)
        body: dict[str, Any] = {
            "direction": "OUTGOING" if out else "INCOMING",
            "transfer_type": "ISA_INTERNAL" if inside else "ISA_EXTERNAL",
            "transfer_value": value,
            "currency": "GBP",
            "transfer_method": "CASH",
            "user_id": user_id,
            "account_group_id": of.id,
            "transfer_date": f"{tax_years.start(year + began):%Y-%m-%dT%H:%M:%SZ}",
            "counterparty": None if inside else {"account_number": "5WJSZB3C8"},
        }
        if part is not None or inside:
            first = f"{tax_years.start(year):%Y-%m-%dT%H:%M:%SZ}"
            body["details"] = {"current_year_subscription": {"transfer_amount": share, "first_subscription_at": first}}
        self._ask("create_isa_transfer", body, refused=not self._moves(of, body, amount, share, began))
        self.pass_moments(then)

    def _moves(self, of: AccountGroup, body: dict[str, Any], amount: Decimal, share: str, began: int) -> bool:
        """Whether a transfer is accepted (§11.3)."""
        out, value, part = body["direction"] == "OUTGOING", body["transfer_value"], Decimal(share)
        wrapper = of_group(self.world, of.id)
        fits = of.type == "ISA" and body["user_id"] in member_ids(of)
        fits = fits and (self.gives(of, "GBP") if out else self.takes(of, "GBP"))
        if not fits or (value is not None and amount <= 0):
            return False
        if out and amount > self.available(of, "GBP"):
            return False
        if not out and (wrapper is None or wrapper.status != "ACTIVE"):
            return False
        if value is None:
            return True
        if part > amount:
            return False
        row = self.allowance(of)
        if body["transfer_type"] == "ISA_EXTERNAL" or row is None or began < 0:
            return True
        return part <= Decimal(row.used_amount if out else row.remaining_amount)

    def isa(self, which: int) -> AccountGroup | None:
        """One of the ISA groups."""
        groups = [row for row in self.world.table(ACCOUNT_GROUPS) if row.type == "ISA"]
        found: AccountGroup | None = self.pick(groups, which)
        return found
