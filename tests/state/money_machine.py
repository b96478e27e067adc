"""The machine of money: clients who bring it in, trade with it, move it between groups and take it out again."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, ACCOUNTS, AccountGroup
from mockserver.domain.accounts.holders import member_ids
from mockserver.domain.ledger.positions import of_account
from mockserver.kernel.rules import Refusal
from tests.state.banking import IBAN
from tests.state.charging import MODELS, Charging
from tests.state.draws import MISFORTUNES, WHICH
from tests.state.market import MORNINGS, open_bank
from tests.state.opening import Opening
from tests.state.paying import CENT, ENDS, MOST
from tests.state.payment_ledger import rows
from tests.state.saving import Saving
from tests.state.sheltering import Sheltering
from tests.state.topping_up import ToppingUp
from tests.state.trader import PRICED

MOSTLY: Final = st.sampled_from((True, True, True, False))
SETTLEMENT: Final[tuple[dict[str, int], ...]] = ({}, {"buy": 1, "sell": 2})
"""At once, or in days: proceeds that are pending can be traded with, and not paid out."""
LUCK: Final = MISFORTUNES | {
    "direct_debit.process": {"jitter": "300ms", "outcomes": {"PROCESSING": 8, "CANCELLED": 2}},
    "direct_debit.collect": {"jitter": "300ms", "outcomes": {"CONFIRMED": 6, "RETURNED": 2, "CANCELLED": 2}},
    "withdrawal.process": {"jitter": "300ms", "outcomes": {"PROCESSING": 8, "CANCELLED": 2}},
    "withdrawal.confirm": {"jitter": "300ms", "outcomes": {"CONFIRMED": 8, "CANCELLED": 2}},
    "virtual_cash_increase.confirm": {"jitter": "300ms", "outcomes": {"CONFIRMED": 8, "CANCELLED": 2}},
    "virtual_cash_decrease.confirm": {"jitter": "300ms"},
    "cash_balance_transfer.confirm": {"jitter": "300ms", "outcomes": {"CONFIRMED": 8, "CANCELLED": 2}},
    "fee_collection.collect": {"jitter": "300ms", "outcomes": {"FINALISED": 8, "CANCELLED": 2}},
}
"""Stages on which payments may fail at any step, in any order."""


CANCELLING: Final = {
    "withdrawal": ("cancel_cash_withdrawal", "withdrawal_id"),
    "decrease": ("cancel_virtual_cash_decrease", "virtual_cash_decrease_id"),
    "transfer": ("cancel_cash_balance_transfer", "cash_balance_transfer_id"),
}


class MoneyMachine(Sheltering, Opening, ToppingUp, Charging, Saving):
    """Single requests in any order, and the stories that these seldom come to."""

    @initialize(
        profile=st.sampled_from(("sandbox", "sandbox", "sandbox", "live", "manual")),
        morning=st.sampled_from(MORNINGS),
        funding=st.sampled_from(("cancel", "wait", "wait", "refuse")),
        settlement=st.sampled_from(SETTLEMENT),
        automatic=st.booleans(),
        fee=st.sampled_from(("0", "4.20")),
        registered=st.booleans(),
        luck=st.booleans(),
        number=st.integers(0, 3),
    )
    def open(
        self,
        profile: str,
        morning: Any,
        funding: str,
        settlement: dict[str, int],
        automatic: bool,
        fee: str,
        registered: bool,
        luck: bool,
        number: int,
    ) -> None:
        payments = {
            "withdrawal_funding": funding,
            "virtual_accounts": "automatic" if automatic else "on_request",
            "reject_fee": fee,
            "personal_groups": "many",
        }
        overrides = {
            "payments": payments,
            "fees": {"models": MODELS},
            "settlement": settlement if profile != "live" else {},
            "stages": LUCK if luck and profile == "sandbox" else {},
            "behaviour": {"tests_endpoints": True, "order_list_status": "ALL"},
        }
        self.begin(open_bank(profile, morning, number, overrides))
        for user_id in sorted(set(self.market.owners.values())) if registered else ():
            self.register(user_id, "3000")
            self.register(user_id, "3000", mandate=True)

    # --- Stories ---

    @rule(which=WHICH, end=ENDS, amount=st.sampled_from(("200", "1500.50")), part=st.sampled_from(("0.5", "0.99")))
    def collect_and_spend(self, which: int, end: str, amount: str, part: str) -> None:
        """A debit comes in and is spent; later the payer's bank may want it back."""
        of = self.money_group(which)
        owner = self.holders(of)[0]
        if owner.status == "ACTIVE":
            mandate = self.register(owner.id, end, mandate=True)
            self.collect_by(of, mandate, amount, None, None)
            self.live("1s")
            self._spend(of, Decimal(part), PRICED[0])
            self.live("3d")

    def _spend(self, of: AccountGroup, part: Decimal, isin: str) -> None:
        account = self.pick([row for row in self.world.table(ACCOUNTS).by("group", of.id) if self._may_buy(row)], 0)
        if account is not None:
            amount = min((self.free(account) * part).quantize(CENT, ROUND_DOWN), MOST)
            if amount > 0:
                self.ask_for(account, isin, "BUY", cash_amount=f"{amount:.2f}")

    @rule(which=WHICH, virtual=st.booleans(), size=st.sampled_from(("all", "half", "more")))
    def sell_and_pay_out(self, which: int, virtual: bool, size: str) -> None:
        """Proceeds are asked for before they have settled, and wait for that where the profile lets them."""
        of = self.money_group(which)
        for account in self.world.table(ACCOUNTS).by("group", of.id):
            for held in of_account(self.world, account.id)[:2]:
                body = {"user_id": self.owner(of), "account_id": account.id, "side": "SELL", "currency": "EUR"}
                more = {"instrument_id": held.isin, "instrument_id_type": "ISIN", "quantity": f"{held.available:f}"}
                more["user_instrument_fit_acknowledgement"] = True  # type: ignore[assignment]
                self.call("place_order", body={**body, **more})
        self.live("1s")
        if virtual:
            self.decrease(which, size, "EUR", 4)
        else:
            self._pay_out(of, "EUR", size)
        self.live("4d")

    @rule(which=WHICH, size=st.sampled_from(("all", "all", "all", "more", "half")), sell=MOSTLY)
    def leave(self, which: int, size: str, sell: bool) -> None:
        """Sell what can be sold, take all money out, close accounts and group."""
        of = self.money_group(which)
        inner = self.world.table(ACCOUNTS).by("group", of.id)
        for account in inner if sell else ():
            self.call("create_account_liquidation", {"account_id": account.id}, body={"user_id": self.owner(of)})
        self.live("3d")
        for currency in ("EUR", "GBP"):
            if self.available(of, currency) > 0:
                self._pay_out(of, currency, size)
        self.live("1s" if which % 2 else "3d")
        for account in inner:
            self.call("account_closure", {"account_id": account.id})
        self.call("account_group_closure", {"account_group_id": of.id})
        self.live("1m")

    @rule(
        which=WHICH,
        what=st.sampled_from(("withdrawal", "decrease", "transfer", "debit")),
        size=st.sampled_from(("all", "half", "more")),
        then=st.integers(0, 5),
        end=st.sampled_from(("cancel", "cancel", "close", "force", "go on")),
    )
    def ask_for_all_and(self, which: int, what: str, size: str, then: int, end: str) -> None:
        """Money is asked for; then the client cancels that, or closes the group, or a command moves it on."""
        of = self.money_group(which)
        kind, made = self._ask_for(of, what, size)
        if made is None or isinstance(made, Refusal):
            return
        self.pass_moments(then)
        self._check_all()
        if end == "cancel" and what != "debit":
            operation_id, name = CANCELLING[what]
            self.call(operation_id, {name: made.id})
        elif end == "close":
            for account in self.world.table(ACCOUNTS).by("group", of.id):
                self.call("account_closure", {"account_id": account.id})
            self.call("account_group_closure", {"account_group_id": of.id})
        elif end == "force":
            self._force(kind, made.id, which)
        self._check_all()
        self.live("1s")

    def _ask_for(self, of: AccountGroup, what: str, size: str) -> tuple[str, Any]:
        """The kind, and what was made or refused; ``None`` where nothing could be asked for."""
        amount, members = self.size(of, of.currency, size), list(member_ids(of))
        if what == "withdrawal":
            own = [row for row in rows(self.world, "reference_accounts") if row.user_id in members]
            return "withdrawals", self.withdraw_to(of, own[0], amount, None, None) if own else None
        if what == "decrease":
            body = {"account_group_id": of.id, "amount": amount, "currency": of.currency}
            refused = not self.gives(of, of.currency, virtual=True)
            return "virtual_cash_decreases", self._ask("create_virtual_cash_decrease", body, refused=refused)
        if what == "transfer":
            others = [row for row in self.world.table(ACCOUNT_GROUPS) if row.id != of.id and self._like(of, row)]
            made = self.shift_to(of, others[0], amount, of.currency) if others else None
            return "cash_balance_transfers", made
        own = [row for row in rows(self.world, "mandates") if row.user_id in members]
        return "direct_debits", self.collect_by(of, own[0], "77.70", None, None) if own else None

    @rule(
        which=WHICH,
        way=st.sampled_from(("debit", "top-up", "transfer", "virtual account", "increase")),
        amount=st.sampled_from(("300", "1000.01")),
        end=ENDS,
        isin=st.sampled_from(PRICED),
        patience=st.sampled_from(("1s", "1m", "4d")),
        size=st.sampled_from(("all", "all", "half")),
    )
    def come_and_go(self, which: int, way: str, amount: str, end: str, isin: str, patience: str, size: str) -> None:
        """Money comes in one of five ways, buys something, is sold again and paid out, and the group is left."""
        of = self.money_group(which)
        self._bring(of, way, amount, end)
        self.live("4d" if way == "debit" else "1m")
        self._spend(self._now(of), Decimal("0.9"), isin)
        self.live(patience)
        self.leave(which, size, True)
        self.live(patience)

    def _bring(self, of: AccountGroup, way: str, amount: str, end: str) -> None:
        owner, currency = self.holders(of)[0], of.currency
        if way == "debit":
            if owner.status == "ACTIVE":
                mandate = self.register(owner.id, end, mandate=True)
                self.collect_by(of, mandate, amount, None, None)
        elif way == "top-up":
            body = {"account_group_id": of.id, "cash_amount": amount, "currency": currency}
            fits = self.takes(of, currency) and self.subscribes(of, Decimal(amount))
            made = self._ask("create_topup", body, refused=not fits)
            if not isinstance(made, Refusal) and end != "9004":
                self.call("create_bank_transaction", body=self._paid_for(made.id, amount, currency))
        elif way == "transfer":
            self.call("create_bank_transaction", body=self.transfer_to(of, owner, amount, currency))
        elif way == "virtual account":
            made = self.call("create_virtual_bank_account", body={"account_group_id": of.id})
            if not isinstance(made, Refusal):
                body = self.transfer_to(of, owner, amount, currency) | {"virtual_bank_account_id": made.id}
                self.call("create_bank_transaction", body=body)
        else:
            body = {"account_group_id": of.id, "amount": amount, "currency": currency}
            self._ask("create_virtual_cash_increase", body, refused=not self.takes(of, currency, virtual=True))

    def _paid_for(self, top_up_id: str, amount: str, currency: str) -> dict[str, Any]:
        return {
            "account": {"iban": "NL70ABNA0106295004"},
            "amount": amount,
            "currency": currency,
            "client_reference": "drawn",
            "counterparty_name": "The Client",
            "counterparty_account": {"iban": IBAN},
            "remittance_information": f"topup {top_up_id}",
        }

    def _now(self, of: AccountGroup) -> AccountGroup:
        return self.world.table(ACCOUNT_GROUPS)[of.id]

    def _pay_out(self, of: AccountGroup, currency: str, size: str) -> None:
        """By withdrawal, to an account of a member, registered for it where there is none."""
        members = list(member_ids(of))
        own = [row for row in rows(self.world, "reference_accounts") if row.user_id in members]
        if not own and not self.holders(of)[0].leaves:
            self.register(self.holders(of)[0].id, "3000")
            own = rows(self.world, "reference_accounts")[-1:]
        if own:
            current = self._now(of)
            reply = self.withdraw_to(current, own[0], self.size(current, currency, size), currency, None)
            assert isinstance(reply, Refusal) or reply.status == "NEW"
