"""A second set of books, kept from nothing but the events as they go over the wire (trading.md §10.3, §11 to §15).

Every balance and position that is told must be what the orders, executions and fundings told before it make of it, and
every lock must be what the request of its order asks for. Nothing here looks into the mock's own books.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tests.state import charged
from tests.state.market import ZERO
from tests.state.placed import Key, Placed, Trade
from tests.state.told_exemptions import ToldExemptions
from tests.state.told_payments import ToldPayments
from tests.state.told_transfers import ToldTransfers


class Told:
    """The books, written on event by event."""

    def __init__(self, exemptions: ToldExemptions) -> None:
        self.exemptions = exemptions
        self.groups: dict[str, str] = {}
        self.orders: dict[str, Placed] = {}
        self.trades: dict[str, Trade] = {}
        self.pending: defaultdict[Key, Decimal] = defaultdict(Decimal)
        self.units: defaultdict[Key, Decimal] = defaultdict(Decimal)
        self.bought: defaultdict[Key, Decimal] = defaultdict(Decimal)
        self.sold: defaultdict[Key, Decimal] = defaultdict(Decimal)
        self.locked: defaultdict[Key, Decimal] = defaultdict(Decimal)
        self.booked: defaultdict[Key, Decimal] = defaultdict(Decimal)
        self.cash: defaultdict[Key, Decimal] = defaultdict(Decimal)
        self.taken_back: defaultdict[Key, Decimal] = defaultdict(Decimal)
        self.payments = ToldPayments(self.cash, self.taken_back)
        self.transfers = ToldTransfers(self.units, self.locked)
        self.shown: dict[Key, bytes] = {}
        self.newest: Placed | None = None
        """The order told last, while nothing else was told."""
        self.raised: tuple[Key, Decimal, Placed | None] | None = None
        """A lock that was told before it is clear whose it is."""

    def tell(self, type_: str, shown: dict[str, Any], wire: bytes, came: Mapping[Key, Decimal]) -> None:
        """Write an event down; ``came``: cash and units that came in from outside, untold."""
        self.payments.tell(type_, shown)
        self.transfers.tell(type_, shown)
        self.exemptions.tell(type_, shown)
        if (doer := getattr(self, "_" + type_.lower().replace(".", "_"), None)) is None:
            return
        if type_ not in ("CASH_BALANCE.UPDATED", "POSITION.UPDATED"):
            self._clear_up(type_, shown)
            doer(shown)
        else:
            self._clear_up(type_, shown)
            doer(shown, wire, came)
        self.newest = self.orders[shown["id"]] if type_ == "ORDER.NEW" else None

    def rest(self) -> None:
        """Nothing is under way now: what was booked is what moved, and no order that ended locks anything."""
        self._clear_up("", {})
        self.payments.rest()
        self.exemptions.rest()
        for key in self.booked.keys() | self.cash.keys() | self.units.keys():
            moved = self.cash[key] + self.units[key]
            assert self.booked[key] == moved, f"{key}: {moved} moved, but {self.booked[key]} was booked"
        ended = [order for order in self.orders.values() if order.final and order.lock]
        assert not ended, f"ended, and lock still: {ended}"

    # --- Orders ---

    def _account_created(self, shown: dict[str, Any]) -> None:
        self.groups[shown["id"]] = shown["account_group_id"]

    def _order_new(self, shown: dict[str, Any]) -> None:
        nominal = shown["quantity"] == "0"
        price = {"LIMIT": shown["limit_price"], "STOP": shown["stop_price"]}.get(shown["order_type"])
        assert shown["id"] not in self.orders, f"order {shown['id']} is new twice"
        self.orders[shown["id"]] = Placed(
            id=shown["id"],
            side=shown["side"],
            cash=(self.groups[shown["account_id"]], shown["currency"]),
            units=(shown["account_id"], shown["instrument_id"]),
            amount=Decimal(shown["cash_amount"]) if nominal else None,
            quantity=None if nominal else Decimal(shown["quantity"]),
            own_price=Decimal(price) if price else None,
            fee=sum(charged.absolute(shown), ZERO),
            models=charged.collecting(shown),
            claim=self.payments.claim_of(shown),
        )

    def _order_processing(self, shown: dict[str, Any]) -> None:
        order = self.orders[shown["id"]]
        assert order.status == "NEW", f"{order} cannot be processed"
        order.status = "PROCESSING"
        size = order.amount if order.side == "BUY" else order.quantity  # the others may be estimated at nothing
        assert order.was_locked or size is None, f"{order} went without what it needs"

    def _order_filled(self, shown: dict[str, Any]) -> None:
        order = self.orders[shown["id"]]
        assert order.status == "PROCESSING", f"{order} cannot be filled"
        order.status = "FILLED"
        assert order.quantity in (None, order.dealt), f"{order} is not filled in full"
        assert order.dealt, f"{order} is filled with nothing"
        assert Decimal(shown["fee"]) == order.taken, f"{order} shows another fee: {shown['fee']}"

    def _order_cancelled(self, shown: dict[str, Any]) -> None:
        order = self.orders[shown["id"]]
        assert not order.final, f"{order} cannot be cancelled"
        order.status = "CANCELLED"
        assert Decimal(shown["fee"]) == order.taken, f"{order} shows another fee: {shown['fee']}"

    # --- Executions, fundings, and what they book ---

    def _execution_filled(self, shown: dict[str, Any]) -> None:
        order = self.orders[shown["order_id"]]
        assert order.status == "PROCESSING", f"{order} cannot be executed"
        assert (shown["side"], shown["currency"]) == (order.side, order.cash[1])
        gross, quantity = Decimal(shown["cash_amount"]), Decimal(shown["share_quantity"])
        tax = sum((Decimal(each["amount"]) for each in shown["taxes"]), ZERO)
        trade = self.trades[shown["id"]] = Trade(order, quantity)
        sells = order.side == "SELL"
        due = self.exemptions.withheld(order, gross, trade) if sells else order.tax_on(order.gross + gross) - order.tax
        assert tax == due, f"{shown} of {order} was taxed {tax}, not {due}"
        fee = order.due(gross) - order.taken
        if order.side == "SELL":
            fee = min(fee, gross - tax)
        order.taken += fee
        order.gross, order.dealt, order.tax = order.gross + gross, order.dealt + quantity, order.tax + tax
        assert order.amount is None or order.gross <= order.amount, f"{order} spent more than its amount"
        assert order.quantity is None or order.dealt <= order.quantity, f"{order} dealt more than its units"
        trade.net = gross - tax - fee if order.side == "SELL" else gross + tax + fee
        assert quantity > 0
        assert trade.net >= 0
        used = min(trade.net if order.side == "BUY" else quantity, order.lock)
        order.lock -= used
        self.locked[order.locks_in] -= used
        self._move(trade, 1)
        self._settle(trade, 1)
        self.payments.sold(shown["id"], trade)

    def _execution_settled(self, shown: dict[str, Any]) -> None:
        trade = self.trades[shown["id"]]
        assert trade.status == "FILLED", f"{trade} cannot settle"
        trade.status = "SETTLED"
        self._settle(trade, -1)

    def _execution_cancelled(self, shown: dict[str, Any]) -> None:
        trade = self.trades[shown["id"]]
        assert trade.status != "CANCELLED", f"{trade} is cancelled twice"
        self._move(trade, -1)
        if trade.status == "FILLED":
            self._settle(trade, -1)
        if trade.order.side == "SELL":
            self.taken_back[trade.order.cash] += trade.net
            self.payments.trade_taken_back(shown["id"], trade)
            self.exemptions.taken_back(trade)
        trade.status = "CANCELLED"

    def _move(self, trade: Trade, sign: int) -> None:
        buys = sign if trade.order.side == "BUY" else -sign
        self.cash[trade.order.cash] -= buys * trade.net
        self.units[trade.order.units] += buys * trade.quantity

    def _settle(self, trade: Trade, sign: int) -> None:
        if trade.order.side == "BUY":
            self.bought[trade.order.units] += sign * trade.quantity
        else:
            self.sold[trade.order.units] += sign * trade.quantity
            self.pending[trade.order.cash] += sign * trade.net

    def _cash_transaction_executed(self, shown: dict[str, Any]) -> None:
        self.booked[shown["account_group_id"], shown["delta"]["currency"]] += Decimal(shown["delta"]["amount"])
        self._check_reference(shown, -1)

    def _security_transaction_executed(self, shown: dict[str, Any]) -> None:
        self.booked[shown["account_id"], shown["instrument"]["isin"]] += Decimal(shown["delta"]["amount"])
        self._check_reference(shown, 1)

    def _check_reference(self, shown: dict[str, Any], sign: int) -> None:
        """A transaction of a trade says what that moved: buys take cash and bring units (§15)."""
        if not shown["type"].startswith("ORDER_EXECUTION"):
            return
        trade = self.trades[shown["references"][0]["id"]]
        if trade.order.side == "SELL":
            sign = -sign
        if shown["type"] == "ORDER_EXECUTION_CANCELLATION":
            sign = -sign
        moved = trade.net if "taxes" in shown else trade.quantity
        assert Decimal(shown["delta"]["amount"]) == sign * moved, f"{shown} of {trade}"

    # --- Balances ---

    def _cash_balance_updated(self, shown: dict[str, Any], wire: bytes, came: Mapping[Key, Decimal]) -> None:
        key = shown["account_group_id"], shown["currency"]
        balance, locked, pending, for_withdrawal, for_trading = (
            Decimal(shown[name])
            for name in (
                "balance",
                "locked_for_trading",
                "pending_settlement",
                "available_for_withdrawal",
                "available_for_trading",
            )
        )
        self.payments.collect(key, came.get(key, ZERO) + self.cash[key] - balance)
        assert balance == came.get(key, ZERO) + self.cash[key], f"{shown}: {self.cash[key]} moved"
        assert pending == self.pending[key], f"{shown}: {self.pending[key]} is unsettled"
        reserved = balance - locked - for_trading
        assert for_withdrawal == for_trading - pending, f"{shown} breaks the definitions of §14"
        assert min(locked, pending, reserved) >= 0, f"{shown} is below zero"
        self.payments.check_balance(key, reserved, for_withdrawal, shown)
        assert for_trading >= -self.taken_back[key], f"{shown} is overdrawn"
        self._compare_lock(key, locked)
        self.shown[key] = wire

    def _position_updated(self, shown: dict[str, Any], wire: bytes, came: Mapping[Key, Decimal]) -> None:
        key = shown["account_id"], shown["instrument"]["isin"]
        quantity, locked, pending, available, settled = (
            Decimal(shown[name])
            for name in (
                "quantity",
                "locked_for_trading",
                "pending_settlement",
                "available_for_trading",
                "settled_quantity",
            )
        )
        assert quantity == came.get(key, ZERO) + self.units[key], f"{shown}: {self.units[key]} moved"
        assert pending == self.bought[key], f"{shown}: {self.bought[key]} is unsettled"
        assert settled == max(quantity - self.bought[key] + self.sold[key], ZERO), f"{shown} breaks portfolios.md §7"
        assert available == quantity - locked, f"{shown} breaks portfolios.md §7"
        assert min(quantity, locked, available) >= 0, f"{shown} is below zero"
        self._compare_lock(key, locked)
        self.shown[key] = wire

    # --- Whose a lock is ---

    def _compare_lock(self, key: Key, locked: Decimal) -> None:
        """More than known: an order locks what it needs. Less: an order that ended gives back what it had."""
        more = locked - self.locked[key]
        if more > 0:
            self.raised = key, more, self.newest
        elif more < 0:
            ended = [
                order for order in self.orders.values() if order.final and order.lock == -more and order.locks_in == key
            ]
            assert ended, f"{key}: {-more} was unlocked, and no order ended that had locked it"
            ended[0].lock = ZERO
        self.locked[key] = locked

    def _clear_up(self, type_: str, shown: dict[str, Any]) -> None:
        """A lock belongs to the order that goes to the partner next without one, else to the one told before it."""
        if self.raised is None:
            return
        key, lock, owner = self.raised
        if type_ == "ORDER.PROCESSING":
            sent = self.orders[shown["id"]]
            claims = not sent.was_locked and sent.locks_in == key
            owner = sent if claims and not (owner is not None and sent.negligible) else owner
        assert owner is not None, f"{key}: {lock} was locked, and no order did it"
        assert owner.locks_in == key, f"{key}: {lock} was locked after {owner}"
        assert not owner.was_locked, f"{owner} locks once more"
        owner.check_lock(lock)
        owner.lock, owner.was_locked = lock, True
        self.raised = None
