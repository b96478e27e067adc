"""A ledger of cash and units, kept from requests and events alone: it imports nothing of the mock.

What an execution moves is computed from its JSON, from the fee that its order asked for and from the tax rate of its
instrument; transactions, balances and positions are then compared with that (trading.md §10.4, §10.5, §13 to §15).
"""

from __future__ import annotations

import pickle
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from typing import Any

ZERO = Decimal(0)
LARGEST = Decimal("999999999.99")
FINAL = ("FILLED", "CANCELLED")
Key = tuple[str, str]
"""Group and currency, or account and ISIN."""


def sums() -> defaultdict[Key, Decimal]:
    return defaultdict(Decimal)


FeeSteps = Sequence[tuple[Decimal, Decimal, Decimal, Decimal]]
"""The tiers of a fee model: from which amount, basis points, floor, cap."""


def fee_on(amount: Decimal, steps: FeeSteps) -> Decimal:
    """The fee of a model, half up to cents (payments.md §10.6)."""
    _, bps, floor, cap = [step for step in steps if step[0] <= amount][-1]
    return min(max(amount * bps / 10_000, floor), cap).quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass
class Ordered:
    """An order by its events."""

    side: str
    account: str
    cash: Key
    units: Key
    amount: Decimal | None
    quantity: Decimal | None
    fee: Decimal
    models: list[FeeSteps]
    status: str = "NEW"
    gross: Decimal = ZERO
    dealt: Decimal = ZERO
    tax: Decimal = ZERO
    taken: Decimal = ZERO
    executions: int = 0


@dataclass
class Executed:
    """An execution by its events."""

    order: Ordered
    quantity: Decimal
    net: Decimal
    tax: Decimal
    fee: Decimal
    status: str = "FILLED"
    booked: list[str] = field(default_factory=list)
    """The transactions that were emitted for it."""


@dataclass
class Ledger:
    """All that was requested and told, and what follows from it."""

    rates: Mapping[str, tuple[Decimal, Decimal]]
    """By ISIN the share that a buy and a sell are taxed."""
    models: Mapping[str, FeeSteps] = field(default_factory=dict)
    """The fee models by which Upvest collects, by id."""
    groups: dict[str, str] = field(default_factory=dict)
    """Of each account its group."""
    cash: defaultdict[Key, Decimal] = field(default_factory=sums)
    units: defaultdict[Key, Decimal] = field(default_factory=sums)
    pending: defaultdict[Key, Decimal] = field(default_factory=sums)
    orders: dict[str, Ordered] = field(default_factory=dict)
    executions: dict[str, Executed] = field(default_factory=dict)
    open_buys: Counter[Key] = field(default_factory=Counter)
    unfinished: list[str] = field(default_factory=list)
    """Executions whose transactions are still to come."""

    def copy(self) -> Ledger:
        copied: Ledger = pickle.loads(pickle.dumps(self))  # a tenth of what deepcopy takes
        return copied

    def tell(self, type_: str, shown: Mapping[str, Any]) -> None:
        """Take in one event."""
        handler = getattr(self, f"_{type_.lower().replace('.', '_')}", None)
        if handler is not None:
            with localcontext() as context:
                context.prec = 200
                handler(shown)

    # --- Orders ---

    def _order_new(self, shown: Mapping[str, Any]) -> None:
        assert shown["id"] not in self.orders, f"order {shown['id']} is new twice"
        account, isin, side = shown["account_id"], shown["instrument_id"], shown["side"]
        fees = [
            Decimal(fee["cash_amount"])
            for fee in shown.get("fee_configuration", ())
            if fee.get("charge_method") == "COLLECTED_BY_UPVEST" and fee["type"] == f"TRANSACTION_FEE_{side}"
        ]
        models = [
            self.models[fee["transaction_fee_model_id"]]
            for fee in shown.get("fee_configuration", ())
            if "transaction_fee_model_id" in fee and fee["type"] == f"TRANSACTION_FEE_{side}"
        ]
        nominal = shown["quantity"] == "0"
        self.orders[shown["id"]] = Ordered(
            side=side,
            account=account,
            cash=(self.groups[account], shown["currency"]),
            units=(account, isin),
            amount=Decimal(shown["cash_amount"]) if nominal else None,
            quantity=None if nominal else Decimal(shown["quantity"]),
            fee=sum(fees, ZERO),
            models=models,
        )
        assert Decimal(shown["cash_amount"]) <= LARGEST
        self.open_buys[self.orders[shown["id"]].cash] += side == "BUY"

    def _order_processing(self, shown: Mapping[str, Any]) -> None:
        self._goes(shown, "NEW", "PROCESSING")

    def _order_filled(self, shown: Mapping[str, Any]) -> None:
        order = self._goes(shown, "PROCESSING", "FILLED")
        assert order.executions, f"{order} is filled with nothing"
        assert order.quantity in (None, order.dealt), f"{order} is not filled in full"
        assert sum(Decimal(each["cash_amount"]) for each in shown["executions"]) == order.gross
        self.open_buys[order.cash] -= order.side == "BUY"

    def _order_cancelled(self, shown: Mapping[str, Any]) -> None:
        order = self.orders[shown["id"]]
        assert order.status not in FINAL, f"{order} ends twice"
        assert shown["cancellation_reason"]
        order.status = "CANCELLED"
        self.open_buys[order.cash] -= order.side == "BUY"

    def _goes(self, shown: Mapping[str, Any], source: str, to: str) -> Ordered:
        order = self.orders[shown["id"]]
        assert order.status == source, f"{order} cannot become {to}"
        order.status = to
        return order

    # --- Executions and what they book ---

    def _execution_filled(self, shown: Mapping[str, Any]) -> None:
        order = self.orders[shown["order_id"]]
        gross, quantity = Decimal(shown["cash_amount"]), Decimal(shown["share_quantity"])
        assert order.status == "PROCESSING", f"{order} cannot be executed"
        assert 0 <= gross <= LARGEST, shown
        assert quantity > 0, shown
        assert (shown["side"], shown["currency"]) == (order.side, order.cash[1])
        tax = sum((Decimal(each["amount"]) for each in shown["taxes"]), ZERO)
        rate = self.rates[order.units[1]][order.side == "SELL"]
        order.gross, order.dealt, order.tax = order.gross + gross, order.dealt + quantity, order.tax + tax
        owed = (order.gross * rate).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
        assert order.tax == owed, f"{order} owes {owed}"
        base = order.gross if order.amount is None else order.amount
        fee = max(order.fee + sum((fee_on(base, each) for each in order.models), ZERO) - order.taken, ZERO)
        if order.side == "SELL":
            fee = min(fee, gross - tax)
        order.taken += fee
        net = gross + tax + fee if order.side == "BUY" else gross - tax - fee
        order.executions += 1
        assert order.amount is None or order.gross <= order.amount, f"{order} spent more than its amount"
        assert order.quantity is None or order.dealt <= order.quantity, f"{order} dealt more than its units"
        trade = self.executions[shown["id"]] = Executed(order, quantity, net, tax, fee)
        self._book(shown["id"], trade, 1)
        if order.side == "SELL":
            self.pending[order.cash] += net

    def _execution_settled(self, shown: Mapping[str, Any]) -> None:
        trade = self.executions[shown["id"]]
        assert trade.status == "FILLED", f"{trade} settles twice"
        trade.status = "SETTLED"
        if trade.order.side == "SELL":
            self.pending[trade.order.cash] -= trade.net

    def _execution_cancelled(self, shown: Mapping[str, Any]) -> None:
        trade = self.executions[shown["id"]]
        assert trade.status != "CANCELLED", f"{trade} is cancelled twice"
        if trade.order.side == "SELL" and trade.status == "FILLED":
            self.pending[trade.order.cash] -= trade.net
        trade.status = "CANCELLED"
        self._book(shown["id"], trade, -1)

    def _book(self, identity: str, trade: Executed, sign: int) -> None:
        sign = sign if trade.order.side == "BUY" else -sign
        self.cash[trade.order.cash] -= sign * trade.net
        self.units[trade.order.units] += sign * trade.quantity
        trade.booked = []
        self.unfinished.append(identity)

    def _cash_transaction_executed(self, shown: Mapping[str, Any]) -> None:
        delta = Decimal(shown["delta"]["amount"])
        assert abs(delta) <= LARGEST, shown
        if shown["type"].startswith("CREDIT_FUNDING"):
            self.cash[shown["account_group_id"], shown["delta"]["currency"]] += delta
            return
        trade = self.executions[shown["references"][0]["id"]]
        assert delta == self._sign(trade, shown) * trade.net * -1, f"{shown} of {trade}"
        fees = sum((Decimal(each["amount"]) for each in shown.get("fees", ())), ZERO)
        taxes = sum((Decimal(each["amount"]) for each in shown["taxes"]), ZERO)
        assert (abs(fees), abs(taxes)) == (trade.fee, trade.tax), f"{shown} of {trade}"
        self._finish(shown, trade, "cash")

    def _security_transaction_executed(self, shown: Mapping[str, Any]) -> None:
        trade = self.executions[shown["references"][0]["id"]]
        assert Decimal(shown["delta"]["amount"]) == self._sign(trade, shown) * trade.quantity, f"{shown} of {trade}"
        assert (shown["account_id"], shown["instrument"]["isin"]) == trade.order.units
        self._finish(shown, trade, "units")

    def _sign(self, trade: Executed, shown: Mapping[str, Any]) -> int:
        """Of the units that move."""
        back = shown["type"] == "ORDER_EXECUTION_CANCELLATION"
        return 1 if (trade.order.side == "BUY") is not back else -1

    def _finish(self, shown: Mapping[str, Any], trade: Executed, what: str) -> None:
        assert what not in trade.booked, f"{shown} comes twice"
        trade.booked.append(what)
        if len(trade.booked) == 2:
            self.unfinished.remove(shown["references"][0]["id"])

    # --- What the mock shows ---

    def check_cash(self, shown: Mapping[str, Any]) -> None:
        """A balance as it is read."""
        key = shown["account_group_id"], shown["currency"]
        balance, locked = Decimal(shown["balance"]), Decimal(shown["locked_for_trading"])
        assert balance == self.cash[key], f"{shown}: the ledger has {self.cash[key]}"
        assert Decimal(shown["pending_settlement"]) == self.pending[key], f"{shown}: {self.pending[key]} is unsettled"
        assert Decimal(shown["available_for_trading"]) == balance - locked, shown
        assert locked >= 0, shown
        assert self.open_buys[key] or not locked, f"{shown}: no buy is open"

    def check_units(self, account: str, shown: Mapping[str, Mapping[str, Any]]) -> None:
        """The positions of an account as they are read, by ISIN."""
        for (of, isin), quantity in self.units.items():
            if of == account and (quantity or isin in shown):
                assert Decimal(shown[isin]["quantity"]) == quantity, f"{shown.get(isin)}: the ledger has {quantity}"
        for isin, row in shown.items():
            locked, held = Decimal(row["locked_for_trading"]), Decimal(row["quantity"])
            assert 0 <= locked <= held, row
            assert held == self.units[account, isin], f"{row}: the ledger has {self.units[account, isin]}"

    def check_complete(self) -> None:
        """Every execution has its cash and its securities transaction."""
        assert not self.unfinished, f"no transactions came for {self.unfinished}"
