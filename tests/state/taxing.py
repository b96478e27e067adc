"""Clients who pay taxes in Germany: exemptions, sells that use them, taxes that are collected (payments.md §12)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, ACCOUNTS, Account, AccountGroup
from mockserver.domain.instruments.instruments import by_isin
from mockserver.domain.ledger.cash import cash
from mockserver.domain.ledger.positions import Position, of_account
from mockserver.domain.orders.trades import EXECUTIONS
from mockserver.domain.tax_collections.collections import NOT_COLLECTED_FROM, collect
from mockserver.domain.tax_exemptions.changes import pending
from mockserver.domain.tax_exemptions.exemptions import TAX_EXEMPTIONS, TaxExemption
from mockserver.domain.users.users import USERS
from mockserver.kernel.rules import Refusal
from tests.domain.support.onboarding import residencies
from tests.state.draws import MOMENTS, WHICH
from tests.state.market import ISINS, ZERO
from tests.state.trader import CENT, PRICED, Trader

HOMES: Final = st.sampled_from((("DE",), ("DE",), ("DE",), ("DE", "GB"), ("GB",)))
GRANTS: Final = st.sampled_from(("0.01", "50", "400.50", "1000", "1000.01", "2000", "2000.01", "0"))
LIMITS: Final = {"SINGLE": 1000, "MARRIED": 2000, "CIVIL_PARTNERSHIP": 2000}
TYPES: Final = st.sampled_from(("SINGLE", "SINGLE", "MARRIED", "CIVIL_PARTNERSHIP"))
ENDS: Final = st.sampled_from((None, None, None, 0, 1, -1))
"""Years from now to the last one of an exemption."""
UNITS: Final = st.sampled_from(("0.3333333333", "1", "3"))
SIZES: Final = st.sampled_from(("all", "half", "a cent more", "12.41 more", "1000 more", "5.91"))
"""Of the cash that is available for withdrawal, or an amount."""


class Taxing(Trader):
    """The operations of exemptions, a command that collects a tax, and stories of both."""

    # --- Where users pay taxes ---

    @rule(which=WHICH, homes=HOMES)
    def settle(self, which: int, homes: tuple[str, ...]) -> None:
        of = self.pick(self.world.table(USERS), which)
        self.settle_in(of.id, homes)

    def settle_in(self, user_id: str, homes: tuple[str, ...]) -> None:
        """No event tells where a user pays taxes, and what was told before counts by the old place."""
        self.records.read_on(self.market)
        if not isinstance(self.call("set_tax_residencies", {"user_id": user_id}, body=residencies(*homes)), Refusal):
            german = self.records.told.exemptions.german
            (german.add if "DE" in homes else german.discard)(user_id)

    # --- Exemptions ---

    @rule(which=WHICH, type_=TYPES, amount=GRANTS, end=ENDS, then=MOMENTS)
    def order_an_exemption(self, which: int, type_: str, amount: str, end: int | None, then: int) -> None:
        """Mostly for as many users as its type takes."""
        users = self._users(which, type_)
        body = self._exemption(users, type_, amount, end)
        second = any(self._open(each) for each in users)
        self._expect("create_tax_exemption", body, refused=self._wrong(users, type_, amount, end) or second)
        self.pass_moments(then)

    @precondition(lambda self: len(self.world.table(TAX_EXEMPTIONS)) > 0)
    @rule(which=WHICH, type_=TYPES, amount=GRANTS, end=ENDS, then=MOMENTS)
    def replace_an_exemption(self, which: int, type_: str, amount: str, end: int | None, then: int) -> None:
        """Mostly the amount alone."""
        row = self._exempted(which)
        users = row.user_ids if which % 3 else self._users(which, type_)
        type_ = type_ if not which % 3 else "SINGLE" if len(users) == 1 else "MARRIED"
        taken = any(other.id != row.id for each in users for other in self._open(each))
        refused = (
            self._wrong(users, type_, amount, end)
            or row.status != "ACTIVE"
            or bool(pending(self.world, row.id))
            or taken
            or Decimal(amount) < row.used
        )
        body = self._exemption(users, type_, amount, end)
        self._expect("update_tax_exemption", body, refused=refused, path={"tax_exemption_id": row.id})
        self.pass_moments(then)

    @precondition(lambda self: len(self.world.table(TAX_EXEMPTIONS)) > 0)
    @rule(which=WHICH, then=MOMENTS)
    def delete_an_exemption(self, which: int, then: int) -> None:
        row = self._exempted(which)
        assert not isinstance(self.call("delete_tax_exemption", {"tax_exemption_id": row.id}), Refusal)
        self.pass_moments(then)

    def _users(self, which: int, type_: str) -> tuple[str, ...]:
        """One or two, mostly as many as the type takes."""
        known, count = [row.id for row in self.world.table(USERS)], 1 if (type_ == "SINGLE") is bool(which % 7) else 2
        return tuple(known[(which + number) % len(known)] for number in range(count))

    def _exempted(self, which: int) -> TaxExemption:
        """An exemption; mostly one that is ACTIVE."""
        rows = list(self.world.table(TAX_EXEMPTIONS))
        active = [row for row in rows if row.status == "ACTIVE"]
        found: TaxExemption = self.pick(active if active and which % 4 else rows, which)
        return found

    def _open(self, user_id: str) -> list[TaxExemption]:
        rows = self.world.table(TAX_EXEMPTIONS)
        return [row for row in rows if user_id in row.user_ids and row.status in ("NEW", "ACTIVE")]

    def _wrong(self, users: tuple[str, ...], type_: str, amount: str, end: int | None) -> bool:
        """Whether the documented errors forbid it, whatever there is (§12.1 [D])."""
        fits = len(users) == (1 if type_ == "SINGLE" else 2) and 0 < Decimal(amount) <= LIMITS[type_]
        return not fits or (end is not None and end < 0)

    def _exemption(self, users: tuple[str, ...], type_: str, amount: str, end: int | None) -> dict[str, Any]:
        granted = {"amount": amount, "currency": "EUR"}
        body = {"user_ids": list(users), "country": "DE"}
        details = {"tax_exemption_type": type_, "tax_exemption_amount": granted}
        year = (self.world.now + timedelta(hours=1)).year  # in Berlin, where it is winter
        last = {} if end is None else {"valid_to_date": f"{year + end}-12-31"}
        return {**body, "tax_exemption_details": details, **last}

    def _expect(self, operation_id: str, body: dict[str, Any], *, refused: bool, path: Any = None) -> None:
        reply = self.call(operation_id, path, body=body)
        assert isinstance(reply, Refusal) == refused, f"{operation_id} of {body} was answered {reply}"

    # --- Taxes that are collected ---

    @rule(which=WHICH, size=SIZES, isin=st.sampled_from((None, *ISINS)), then=MOMENTS)
    def owe_a_tax(self, which: int, size: str, isin: str | None, then: int) -> None:
        self._collect(self.pick(self.world.table(ACCOUNT_GROUPS), which), size, isin)
        self.pass_moments(then)

    def _collect(self, of: AccountGroup, size: str, isin: str | None) -> str:
        """Collect a tax, as the command does it; the id of the collection, empty where there is none."""
        there = max(cash(self.world, of.id, of.currency).for_withdrawal, ZERO)
        more = {"all": ZERO, "a cent more": CENT, "12.41 more": Decimal("12.41"), "1000 more": Decimal(1000)}
        amount = there + more[size] if size in more else there / 2 if size == "half" else Decimal(size)
        amount = min(amount, Decimal("999999999.99")).quantize(CENT, ROUND_DOWN)
        if not amount or of.status in NOT_COLLECTED_FROM:
            return ""
        self.world.undo.clear()
        instrument = None if isin is None else by_isin(self.world, isin)
        return collect(self.world, of, amount, instrument=instrument, cause="by command").id

    @rule(
        which=WHICH,
        isins=st.lists(st.sampled_from(PRICED), min_size=1, max_size=3, unique=True),
        size=st.sampled_from(("a cent more", "12.41 more", "1000 more")),
        about=st.booleans(),
        count=st.integers(1, 2),
        patience=st.sampled_from(("0s", "150ms", "1s", "4d")),
        end=st.sampled_from(("go on", "go on", "force", "cancel", "take back", "lock", "close", "leave", "move home")),
    )
    def sell_to_pay_a_tax(
        self, which: int, isins: list[str], size: str, about: bool, count: int, patience: str, end: str
    ) -> None:
        """Buy what can be sold, have taxes collected that the cash does not cover, and disturb that."""
        of = self.ready(which)
        if of is None:
            return
        for isin in isins:
            amount = min((self.free(of) / 4).quantize(CENT, ROUND_DOWN), Decimal(500))
            if amount >= 1:
                self.ask_for(of, isin, "BUY", cash_amount=f"{amount:.2f}")
        self.live("3d")
        group = self.world.table(ACCOUNT_GROUPS)[of.account_group_id]
        made = [self._collect(group, size, isins[0] if about else None) for _ in range(count)]
        self.live(patience)
        if not made[0]:
            return
        self._disturb(made[0], of.id, end)
        self._check_all()
        self.live("1s")
        self.live("4d")

    def _disturb(self, collection_id: str, account_id: str, end: str) -> None:
        of = self.world.table(ACCOUNTS)[account_id]
        group = {"account_group_id": of.account_group_id}
        if end in ("force", "cancel"):
            self._carry("tax_collections", collection_id, "FINALISED" if end == "force" else "CANCELLED")
        elif end == "take back":
            for trade in [each for each in self.world.table(EXECUTIONS) if each.kept][-2:]:
                self._carry("executions", trade.id, "CANCELLED")
        elif end == "lock":
            self._carry("accounts", of.id, "LOCKED")
            self.live("1s")
            self._carry("accounts", of.id, "ACTIVE")
        elif end == "close":
            for each in self.world.table(ACCOUNTS).by("group", of.account_group_id):
                self.call("account_closure", {"account_id": each.id})
            self.call("account_group_closure", group)
        elif end == "leave":
            self.call("create_account_liquidation", {"account_id": of.id}, body={"user_id": self.owner(of)})
        elif end == "move home":
            self.settle_in(self.owner(of), ("GB",))

    # --- Use ---

    @rule(which=WHICH, units=UNITS, more=st.booleans(), then=MOMENTS)
    def sell_some(self, which: int, units: str, more: bool, then: int) -> None:
        """Units of what an account holds, or all that it can sell."""
        found = self._sellable(which)
        if found is not None:
            of, row = found
            quantity = f"{row.available:f}" if more else units
            self.ask_for(of, row.isin, "SELL", quantity=quantity)
            self.pass_moments(then)

    @rule(which=WHICH, isin=st.sampled_from(PRICED), part=st.sampled_from(("0.1", "0.5")), then=MOMENTS)
    def buy_some(self, which: int, isin: str, part: str, then: int) -> None:
        of = self.ready(which)
        if of is not None:
            amount = (self.free(of) * Decimal(part)).quantize(CENT, ROUND_DOWN)
            self.ask_for(of, isin, "BUY", cash_amount=f"{amount:.2f}")
            self.pass_moments(then)

    def _sellable(self, which: int) -> tuple[Account, Position] | None:
        """An account, and what of it can be sold."""
        found = [
            (of, row)
            for of in self.world.table(ACCOUNTS)
            for row in of_account(self.world, of.id)
            if row.isin in PRICED and row.available > 0 and not self.leaves(self.owner(of))
        ]
        of_all: tuple[Account, Position] | None = self.pick(found, which)
        return of_all

    @rule(
        which=WHICH,
        amount=st.sampled_from(("0.01", "50", "400.50", "1000")),
        units=UNITS,
        wait=st.sampled_from(("0s", "1s", "1s", "3d", "20d")),
        back=st.sampled_from((True, True, False)),
    )
    def use_and_take_back(self, which: int, amount: str, units: str, wait: str, back: bool) -> None:
        """Sells use an exemption; later, perhaps in another year, one of them is taken back."""
        found = self._sellable(which)
        if found is None:
            return
        of, user_id = found[0], self.owner(found[0])
        self.settle_in(user_id, ("DE",))
        made = self.call("create_tax_exemption", body=self._exemption((user_id,), "SINGLE", amount, None))
        self.live("1s")
        if not isinstance(made, Refusal):
            self._carry("tax_exemptions", made.id, "ACTIVE")
        for row in of_account(self.world, of.id):
            if row.isin in PRICED and row.available >= Decimal(units):
                self.ask_for(of, row.isin, "SELL", quantity=units)
                self.live("1s")
        self.live(wait)
        trades = [each for each in self.world.table(EXECUTIONS) if each.exempt and each.status != "CANCELLED"]
        if back and trades:
            self._carry("executions", self.pick(trades, which).id, "CANCELLED")

    @rule(which=WHICH)
    def mistrade(self, which: int) -> None:
        trade = self.pick([row for row in self.world.table(EXECUTIONS) if row.status != "CANCELLED"], which)
        if trade is not None:
            self._carry("executions", trade.id, "CANCELLED")

    @precondition(lambda self: self.world.now.month == 12)
    @rule(before=st.sampled_from(("0s", "1s", "1h")), after=st.sampled_from(("0s", "150ms", "1h", "20d")))
    def live_into_the_new_year(self, before: str, after: str) -> None:
        """To midnight in Berlin, or a little before it; then on."""
        midnight = datetime(self.world.now.year, 12, 31, 23, tzinfo=UTC)
        seconds = (midnight - self.world.now).total_seconds() - {"0s": 0, "1s": 1, "1h": 3600}[before]
        if seconds > 0:
            self.live(f"{int(seconds)}s")
        self.live(after)
