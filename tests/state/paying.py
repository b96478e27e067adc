"""Clients who bring money in and out by every way there is, cancel that again, and ask for what is refused."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_DOWN, Decimal
from typing import Any, Final, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, AccountGroup
from mockserver.domain.accounts.holders import member_ids
from mockserver.domain.accounts.holders import members as of_group
from mockserver.domain.ledger.cash import cash
from mockserver.domain.users.users import USERS
from mockserver.kernel.lifecycle import CYCLES, IllegalMoveError
from mockserver.kernel.rules import Refusal
from tests.state.commanding import Commanding
from tests.state.draws import AMOUNTS, MOMENTS, WHICH
from tests.state.market import HIDDEN_IBAN
from tests.state.payment_ledger import rows

ENDS: Final = st.sampled_from(("3000", "3000", "3000", "9001", "9002", "9003", "9004", "9005"))
"""Of IBANs: most go through, the others fail on demand (payments.md §16.3)."""
CURRENCIES: Final = st.sampled_from((None, None, "EUR", "EUR", "GBP"))
BAD_AMOUNTS: Final = st.sampled_from(("0", "0.00"))
SIZES: Final = st.one_of(st.sampled_from(("all", "all", "half", "half", "more")), AMOUNTS, BAD_AMOUNTS)
"""Of what is available for withdrawal, or an amount."""
WHOM: Final = st.sampled_from(("a member", "a member", "a member", "nobody", "a stranger"))
MOST: Final = Decimal("999999999.99")
CENT: Final = Decimal("0.01")
TRANSFERABLE: Final = ("PERSONAL", "CHILD")


Step = TypeVar("Step", bound=Callable[..., None])


def there_is(kind: str) -> Callable[[Step], Step]:
    """The rule is played only where there is one: as many steps as can be should do something."""
    return precondition(lambda self: bool(rows(self.world, kind)))


class Paying(Commanding):
    """Every operation of payments.md that moves money, and its counterpart."""

    # --- Who may ---

    def holders(self, of: AccountGroup) -> list[Any]:
        """Owners and children; guardians act, and hold nothing (§2.1)."""
        return [self.world.table(USERS)[member.id] for member in of_group(of) if member.type != "GUARDIAN"]

    def takes(self, of: AccountGroup, currency: str, *, virtual: bool = False) -> bool:
        """Whether money may come in (§2.2)."""
        states = {str(each.status) for each in self.holders(of)}
        below = cash(self.world, of.id, currency).balance < 0
        fits = (of.status == "ACTIVE" and states == {"ACTIVE"}) or (
            of.status == "CLOSING" and below and "OFFBOARDED" not in states
        )
        return fits and self._holds(of, currency, virtual=virtual)

    def gives(self, of: AccountGroup, currency: str, *, virtual: bool = False) -> bool:
        """Whether money may go out (§2.2)."""
        stays = all(each.status != "OFFBOARDED" for each in self.holders(of))
        return stays and of.status in ("ACTIVE", "CLOSING") and self._holds(of, currency, virtual=virtual)

    def _holds(self, of: AccountGroup, currency: str, *, virtual: bool) -> bool:
        held = ["GBP"] if of.type == "ISA" else ["EUR", "GBP", *(["USD"] if virtual else [])]
        return currency in (*held, of.currency)

    def available(self, of: AccountGroup, currency: str) -> Decimal:
        return cash(self.world, of.id, currency).for_withdrawal

    def size(self, of: AccountGroup, currency: str, size: str) -> str:
        """An amount in cents by what is available for withdrawal; a cent where there is none."""
        there = self.available(of, currency)
        parts = {"all": there, "half": there / 2, "more": there + CENT}
        if size not in parts:
            return size
        return str(max(min(parts[size], MOST).quantize(CENT, ROUND_DOWN), CENT))

    def member_or_not(self, of: AccountGroup, whom: str) -> str | None:
        members = set(member_ids(of))
        strangers = [user.id for user in self.world.table(USERS) if user.id not in members]
        return {"a member": member_ids(of)[0], "a stranger": strangers[0] if strangers else None}.get(whom)

    def money_group(self, which: int) -> AccountGroup:
        """One of the groups; mostly one of the first few, where there is money."""
        groups = list(self.world.table(ACCOUNT_GROUPS))
        found: AccountGroup = self.pick(groups if which % 4 == 3 else groups[:4], which // 4)
        return found

    def mostly(self, kind: str, states: tuple[str, ...], which: int) -> Any:
        """A payment of the kind; mostly one in one of the states, if there is one."""
        found = rows(self.world, kind)
        wanted = [row for row in found if row.status in states]
        return self.pick(wanted if wanted and which % 4 else found, which)

    def _ask(self, operation_id: str, body: dict[str, Any], *, refused: bool, path: Any = None) -> Any:
        given = {name: value for name, value in body.items() if value is not None} or None
        reply = self.call(operation_id, path, body=given)
        assert isinstance(reply, Refusal) == refused, f"{operation_id} of {given or path} was answered {reply}"
        return reply

    # --- Bank accounts ---

    def register(self, user_id: str, end: str, *, mandate: bool = False) -> Any:
        """A reference account or a mandate; the reply."""
        body = {
            "user_id": user_id,
            "iban": f"{HIDDEN_IBAN}{end}",
            "bic": "COBADEFF",
            "confirmed_at": "2022-12-08T08:38:48.021Z",
            **({} if mandate else {"account_owner": "Whoever it is"}),
        }
        status = self.world.table(USERS)[user_id].status
        refused = status != "ACTIVE" if mandate else status == "OFFBOARDED"
        return self._ask("create_mandate" if mandate else "create_reference_account", body, refused=refused)

    @rule(which=WHICH, end=ENDS, mandate=st.booleans())
    def connect_an_account(self, which: int, end: str, mandate: bool) -> None:
        self.register(self.pick(self.world.table(USERS), which).id, end, mandate=mandate)

    @there_is("reference_accounts")
    @rule(which=WHICH, mandate=st.booleans())
    def disconnect_an_account(self, which: int, mandate: bool) -> None:
        kind = "mandates" if mandate else "reference_accounts"
        row = self.pick(rows(self.world, kind), which)
        if row is None:
            return
        path = {"mandate_id" if mandate else "reference_account_id": row.id}
        last = not mandate and [each.user_id for each in rows(self.world, kind)].count(row.user_id) == 1
        self._ask("delete_mandate" if mandate else "delete_reference_account", {}, path=path, refused=last)
        again = self.call("retrieve_mandate" if mandate else "retrieve_reference_account", path)
        assert isinstance(again, Refusal) is not last

    def bank_account_of(self, of: AccountGroup, which: int, kind: str) -> Any:
        """One of a member of the group, if there is one; sometimes anybody's."""
        members = list(member_ids(of))
        found = rows(self.world, kind)
        own = [row for row in found if row.user_id in members]
        return self.pick(own if own and which % 5 else found, which)

    # --- Direct debits ---

    @rule(
        which=WHICH, other=WHICH, amount=st.one_of(AMOUNTS, BAD_AMOUNTS, st.just("-5")), currency=CURRENCIES, whom=WHOM
    )
    def collect(self, which: int, other: int, amount: str, currency: str | None, whom: str) -> None:
        of = self.money_group(which)
        mandate = self.bank_account_of(of, other, "mandates")
        if mandate is not None:
            self.collect_by(of, mandate, amount, currency, self.member_or_not(of, whom))

    def collect_by(self, of: AccountGroup, mandate: Any, amount: str, currency: str | None, user_id: str | None) -> Any:
        members = list(member_ids(of))
        wrong = mandate.user_id not in members or user_id not in (None, *members) or Decimal(amount) <= 0
        body = {
            "account_group_id": of.id,
            "mandate_id": mandate.id,
            "cash_amount": amount,
            "currency": currency,
            "user_id": user_id,
        }
        coming = [row for row in rows(self.world, "direct_debits") if row.account_group_id == of.id]
        open_ones = (row for row in coming if row.status in ("NEW", "PROCESSING") and row.currency == "GBP")
        still = sum((Decimal(row.cash_amount) for row in open_ones), Decimal())
        refused = wrong or not self.takes(of, currency or of.currency)
        refused = refused or not self.subscribes(of, Decimal(amount), open=still)
        return self._ask("create_direct_debit", body, refused=refused)

    @there_is("direct_debits")
    @rule(which=WHICH)
    def return_a_debit(self, which: int) -> None:
        """By command: at most once, and only what was collected (§4.2)."""
        debit = self.pick(rows(self.world, "direct_debits"), which)
        if debit is None:
            return
        self.world.undo.clear()
        known = debit.id in [row.id for row in rows(self.world, "direct_debit_returns")]
        if known:
            return
        try:
            CYCLES["direct_debit_returns"].open(self.world, debit.id)
        except IllegalMoveError:
            self.world.undo.roll_back()
            assert debit.status != "CONFIRMED"

    # --- Virtual bank accounts ---

    @there_is("virtual_bank_accounts")
    @rule(which=WHICH, amount=AMOUNTS, end=ENDS, then=MOMENTS)
    def send_to_a_virtual_account(self, which: int, amount: str, end: str, then: int) -> None:
        account = self.pick(rows(self.world, "virtual_bank_accounts"), which)
        if account is None:
            return
        of = self.world.table(ACCOUNT_GROUPS)[account.account_group_id]
        owner = self.holders(of)[0]
        body = {
            "account": {"iban": "FR7617789000011051089906447"},
            "amount": amount,
            "currency": of.currency,
            "client_reference": "drawn",
            "counterparty_name": f"{owner.first_name} {owner.last_name}",
            "counterparty_account": {"iban": f"DE8937040044053201{end}"},
            "virtual_bank_account_id": account.id,
        }
        self._ask("create_bank_transaction", body, refused=not self.world.profile.behaviour.tests_endpoints)
        self.pass_moments(then)

    @rule(which=WHICH)
    def open_a_virtual_account(self, which: int) -> None:
        of = self.money_group(which)
        off = self.world.profile.payments.virtual_accounts == "off"
        if not off:  # a feature that is off is refused before the body is read, by the protocol
            self._ask("create_virtual_bank_account", {"account_group_id": of.id}, refused=of.status != "ACTIVE")

    # --- Withdrawals ---

    @rule(which=WHICH, other=WHICH, size=SIZES, currency=CURRENCIES, whom=WHOM, then=MOMENTS)
    def withdraw(self, which: int, other: int, size: str, currency: str | None, whom: str, then: int) -> None:
        of = self.money_group(which)
        account = self.bank_account_of(of, other, "reference_accounts")
        if account is not None:
            amount = self.size(of, currency or of.currency, size)
            self.withdraw_to(of, account, amount, currency, self.member_or_not(of, whom))
        self.pass_moments(then)

    def withdraw_to(
        self, of: AccountGroup, account: Any, amount: str, currency: str | None, user_id: str | None
    ) -> Any:
        members = list(member_ids(of))
        wrong = account.user_id not in members or user_id not in (None, *members) or Decimal(amount) <= 0
        unit = currency or of.currency
        strict = self.world.profile.payments.withdrawal_funding == "refuse"
        too_much = strict and Decimal(amount) > self.available(of, unit)
        body = {
            "account_group_id": of.id,
            "reference_account_id": account.id,
            "amount": amount,
            "currency": currency,
            "user_id": user_id,
        }
        return self._ask("create_cash_withdrawal", body, refused=wrong or too_much or not self.gives(of, unit))

    @there_is("withdrawals")
    @rule(which=WHICH)
    def cancel_a_withdrawal(self, which: int) -> None:
        row = self.mostly("withdrawals", ("NEW",), which)
        if row is not None:
            self._ask("cancel_cash_withdrawal", {}, path={"withdrawal_id": row.id}, refused=row.status != "NEW")

    # --- Virtual cash ---

    @rule(which=WHICH, amount=st.one_of(AMOUNTS, BAD_AMOUNTS), currency=st.sampled_from(("EUR", "EUR", "GBP", "USD")))
    def increase(self, which: int, amount: str, currency: str) -> None:
        of = self.money_group(which)
        refused = Decimal(amount) <= 0 or not self.takes(of, currency, virtual=True)
        body = {"account_group_id": of.id, "amount": amount, "currency": currency}
        self._ask("create_virtual_cash_increase", body, refused=refused)

    @rule(which=WHICH, size=SIZES, currency=st.sampled_from(("EUR", "EUR", "GBP", "USD")), then=MOMENTS)
    def decrease(self, which: int, size: str, currency: str, then: int) -> None:
        of = self.money_group(which)
        amount = self.size(of, currency, size)
        refused = Decimal(amount) <= 0 or not self.gives(of, currency, virtual=True)
        body = {"account_group_id": of.id, "amount": amount, "currency": currency}
        self._ask("create_virtual_cash_decrease", body, refused=refused)
        self.pass_moments(then)

    @there_is("virtual_cash_decreases")
    @rule(which=WHICH)
    def cancel_a_decrease(self, which: int) -> None:
        row = self.mostly("virtual_cash_decreases", ("ISSUED", "QUEUED"), which)
        if row is not None:
            path = {"virtual_cash_decrease_id": row.id}
            refused = row.status not in ("ISSUED", "QUEUED")
            self._ask("cancel_virtual_cash_decrease", {}, path=path, refused=refused)

    # --- Transfers between groups ---

    @rule(which=WHICH, other=WHICH, size=SIZES, currency=st.sampled_from(("EUR", "EUR", "EUR", "GBP")), then=MOMENTS)
    def shift(self, which: int, other: int, size: str, currency: str, then: int) -> None:
        """Mostly between two groups that fit."""
        groups = list(self.world.table(ACCOUNT_GROUPS))
        pairs = [(one, two) for one in groups for two in groups if one.id != two.id and self._like(one, two)]
        any_two = [(one, two) for one in groups for two in groups]
        source, target = self.pick(pairs if pairs and other % 6 else any_two, which)
        self.shift_to(source, target, self.size(source, currency, size), currency)
        self.pass_moments(then)

    def shift_to(self, source: AccountGroup, target: AccountGroup, amount: str, currency: str) -> Any:
        body = {
            "source_account_group_id": source.id,
            "target_account_group_id": target.id,
            "amount": amount,
            "currency": currency,
        }
        active = {str(row.status) for row in (source, target, *self.holders(source))} == {"ACTIVE"}
        fits = source.id != target.id and self._like(source, target) and source.type in TRANSFERABLE and active
        refused = not fits or currency != "EUR" or Decimal(amount) <= 0
        return self._ask("create_cash_balance_transfer", body, refused=refused)

    def _like(self, one: AccountGroup, other: AccountGroup) -> bool:
        holders = [sorted(each.id for each in self.holders(of)) for of in (one, other)]
        return one.type == other.type and holders[0] == holders[1]

    @there_is("cash_balance_transfers")
    @rule(which=WHICH)
    def cancel_a_transfer(self, which: int) -> None:
        row = self.mostly("cash_balance_transfers", ("ISSUED",), which)
        if row is not None:
            path = {"cash_balance_transfer_id": row.id}
            self._ask("cancel_cash_balance_transfer", {}, path=path, refused=row.status != "ISSUED")
