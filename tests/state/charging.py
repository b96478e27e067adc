"""Clients who have fees collected: less than the cash, more than it, more than everything there is."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, ACCOUNTS, Account, currency_of
from mockserver.domain.ledger.cash import cash
from mockserver.domain.ledger.positions import of_account
from mockserver.domain.orders.trades import EXECUTIONS
from mockserver.kernel.rules import Refusal
from tests.state.draws import MOMENTS, WHICH
from tests.state.investing import Investing
from tests.state.market import ZERO
from tests.state.payment_ledger import rows
from tests.state.trader import PRICED

CENT = Decimal("0.01")
MOST = Decimal("999999999.99")
SIZES = st.sampled_from(("all", "half", "a cent more", "12.41 more", "1000 more", "5.91", "0"))
"""Of the cash that is available for withdrawal, or an amount."""


MODELS: dict[str, dict[str, str]] = {
    "1df86975-06f4-484d-935e-46b54bab2f6c": {"service": "250", "platform": "33.3", "vat": "0.19"},
    "2df86975-06f4-484d-935e-46b54bab2f6c": {"service": "9000", "transaction_lump_sum": "1000"},
}
"""The fee models of the client: one as they are, one that takes the whole value in a year."""
UNKNOWN_MODEL = "3df86975-06f4-484d-935e-46b54bab2f6c"
"""One that costs nothing."""


class Charging(Investing):
    """``POST /fees/collections`` in every state of an account, and what ends a collection early."""

    def charge(self, of: Account, amount: Decimal, **members: Any) -> Any:
        """Request a collection; refused just where payments.md §10.1 says so."""
        currency = currency_of(self.world, of)
        body = {
            "account_id": of.id,
            "type": "SERVICE_FEE",
            "collection_amount": f"{amount:.2f}",
            "currency": currency if currency in ("EUR", "GBP") else "EUR",
            "period_start": "2022-12-01",
            "period_end": "2022-12-31",
            **members,
        }
        refused = (
            of.status in ("PENDING_APPROVAL", "CLOSED")
            or self.world.table(ACCOUNT_GROUPS)[of.account_group_id].status == "CLOSED"
            or body["currency"] != currency
            or amount <= 0
            or body["period_end"] < body["period_start"]
        )
        reply = self.call("create_fee_collection", body=body)
        assert isinstance(reply, Refusal) == refused, f"{body} of {of} was answered {reply}"
        return reply

    def fee_of(self, of: Account, size: str) -> Decimal:
        there = max(cash(self.world, of.account_group_id, currency_of(self.world, of)).for_withdrawal, ZERO)
        sizes = {
            "all": there,
            "half": there / 2,
            "a cent more": there + CENT,
            "12.41 more": there + Decimal("12.41"),
            "1000 more": there + 1000,
        }
        return min(sizes[size] if size in sizes else Decimal(size), MOST).quantize(CENT, ROUND_DOWN)

    @rule(which=WHICH, size=SIZES, liquidation=st.booleans(), then=MOMENTS)
    def collect_a_fee(self, which: int, size: str, liquidation: bool, then: int) -> None:
        of = self.world.table(ACCOUNTS)[self.account(which)]
        type_ = "SERVICE_FEE_LIQUIDATION" if liquidation and which % 2 else "SERVICE_FEE"
        self.charge(of, self.fee_of(of, size), type=type_)
        self.pass_moments(then)

    @rule(which=WHICH, wrong=st.sampled_from(({"currency": "GBP"}, {"currency": "EUR"}, {"period_end": "2022-11-30"})))
    def collect_wrongly(self, which: int, wrong: dict[str, str]) -> None:
        self.charge(self.world.table(ACCOUNTS)[self.account(which)], CENT, **wrong)

    @rule(
        which=WHICH,
        isins=st.lists(st.sampled_from(PRICED), min_size=1, max_size=3, unique=True),
        size=st.sampled_from(("12.41 more", "1000 more", "a cent more")),
        count=st.integers(1, 3),
        patience=st.sampled_from(("0s", "150ms", "1s", "4d")),
        end=st.sampled_from(("go on", "go on", "force", "cancel", "take back", "lock", "close", "leave")),
    )
    def sell_to_cover(self, which: int, isins: list[str], size: str, count: int, patience: str, end: str) -> None:
        """Buy what can be sold, have fees collected that the cash does not cover, and disturb that."""
        of = self.ready(which)
        if of is None:
            return
        for isin in isins:
            amount = min((self.free(of) / 4).quantize(CENT, ROUND_DOWN), Decimal(500))
            if amount >= 1:
                self.ask_for(of, isin, "BUY", cash_amount=f"{amount:.2f}")
        self.live("3d")
        of = self.world.table(ACCOUNTS)[of.id]
        made = [self.charge(of, self.fee_of(of, size)) for _ in range(count)]
        self.live(patience)
        first = made[0]
        if isinstance(first, Refusal):
            return
        if end in ("force", "cancel"):
            self._carry("fee_collections", first.id, "FINALISED" if end == "force" else "CANCELLED")
        elif end == "take back":
            self._take_back_sells()
        elif end == "lock":
            self._carry("accounts", of.id, "LOCKED")
            self.live("1s")
            self._carry("accounts", of.id, "ACTIVE")
        elif end == "close":
            self.call("account_closure", {"account_id": of.id})
        elif end == "leave":
            self.call("create_account_liquidation", {"account_id": of.id}, body={"user_id": self.owner(of)})
        self._check_all()
        self.live("1s")
        self.live("4d")

    def _take_back_sells(self) -> None:
        trades = [each for each in self.world.table(EXECUTIONS) if each.kept]
        for trade in trades[-2:]:
            self._carry("executions", trade.id, "CANCELLED")

    # --- Fees that accrue ---

    @rule(which=WHICH, model=st.sampled_from((*MODELS, *MODELS, UNKNOWN_MODEL)), change=st.booleans())
    def configure_fees(self, which: int, model: str, change: bool) -> None:
        of = self.world.table(ACCOUNTS)[self.account(which)]
        there = of.id in [row.account_id for row in rows(self.world, "fee_configurations")]
        if change:
            reply = self.call("update_fee_configuration", {"account_id": of.id}, body={"fee_model_id": model})
            refused = not there
        else:
            body = {"account_id": of.id, "fee_model_id": model}
            reply = self.call("create_fee_configuration", body=body)
            refused = there or of.status == "CLOSED"
        assert isinstance(reply, Refusal) == refused or of.status == "CLOSED", f"{of} was answered {reply}"

    @rule(which=WHICH, days=st.sampled_from(("1d", "3d", "31d")), cancel=st.booleans())
    def accrue_and_liquidate(self, which: int, days: str, cancel: bool) -> None:
        """What accrued is taken from the proceeds, or stays unpaid."""
        of = self.world.table(ACCOUNTS)[self.account(which)]
        self.call("create_fee_configuration", body={"account_id": of.id, "fee_model_id": next(reversed(MODELS))})
        self.live(days)
        made = self.call("create_account_liquidation", {"account_id": of.id}, body={"user_id": self.owner(of)})
        if not isinstance(made, Refusal) and cancel:
            path = {"account_id": of.id, "account_liquidation_id": made.id}
            self.pass_moments(which % 6)
            self._check_all()
            self.call("cancel_account_liquidation", path)
        self.live("1s")
        self.live("4d")

    @rule(which=WHICH, factor=st.sampled_from(("0.4", "1.3333", "2")))
    def reprice_what_is_held(self, which: int, factor: str) -> None:
        """Between the choice of a position and its sale the price is another."""
        held = self.pick(of_account(self.world, self.account(which)), which)
        if held is not None and held.isin in PRICED:
            self.quote(held.isin, factor, factor)
