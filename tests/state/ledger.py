"""Cash and units are conserved.

The sums are made anew from what was executed and from what was booked, never taken from the books they check.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from mockserver.domain.ledger.cash import CASH
from mockserver.domain.ledger.positions import POSITIONS
from mockserver.domain.ledger.transactions import CASH_TRANSACTIONS, SECURITY_TRANSACTIONS
from mockserver.domain.orders.orders import ORDERS, Order
from mockserver.domain.orders.trades import EXECUTIONS, Execution
from mockserver.domain.transfers.securities import SECURITIES_TRANSFERS
from tests.state import payment_ledger
from tests.state.market import ZERO, Market

Sums = defaultdict[tuple[str, str], Decimal]
"""By group and currency, or by account and ISIN."""


def sums(count: int) -> list[Sums]:
    return [defaultdict(lambda: ZERO) for _ in range(count)]


def check_books(market: Market) -> None:
    """Cash and units are conserved; what is locked and pending is what open orders and unsettled trades say."""
    world = market.world
    orders, trades = list(world.table(ORDERS)), list(world.table(EXECUTIONS))
    _check_cash(market, orders, trades)
    _check_units(market, orders, trades)


def _check_cash(market: Market, orders: list[Order], trades: list[Execution]) -> None:
    executed, booked, locked, pending, taken_back = sums(5)
    for trade in trades:
        key = trade.account_group_id, str(trade.currency)
        tax = sum((Decimal(each.amount) for each in trade.taxes), ZERO)
        gross = Decimal(trade.cash_amount)
        net = (gross if trade.side == "SELL" else -gross) - tax - trade.fee
        if trade.status == "CANCELLED":
            taken_back[key] += max(net, ZERO)  # may be spent already
            continue
        executed[key] += net
        if trade.side == "SELL" and trade.status == "FILLED":
            pending[key] += net
    for key, amount in payment_ledger.moved(market.world).items():
        executed[key] += amount
    for key, amount in payment_ledger.taken_back(market.world).items():
        taken_back[key] += amount
    least, most = payment_ledger.promised(market.world)
    for entry in market.world.table(CASH_TRANSACTIONS):
        booked[entry.account_group_id, str(entry.delta.currency)] += Decimal(entry.delta.amount)
    for order in orders:
        assert order.locked_cash >= 0
        assert not (order.final and order.locked_cash), f"order {order.id} is {order.status} and locks cash"
        locked[order.account_group_id, str(order.currency)] += order.locked_cash
    touched = {key for key, amount in executed.items() if amount}
    keys = {(row.account_group_id, row.currency) for row in market.world.table(CASH)}
    assert keys >= touched | booked.keys() | market.deposits.keys()
    assert keys >= {key for key, amount in locked.items() if amount}
    for row in market.world.table(CASH):
        key = row.account_group_id, row.currency
        came = market.deposits.get(key, ZERO)
        assert row.balance == came + executed[key], f"{row}: {came} came in, {executed[key]} moved"
        assert row.balance == came + booked[key], f"{row}: {came} came in, {booked[key]} was booked"
        assert row.locked == locked[key], f"{row}: open orders lock {locked[key]}"
        assert row.pending == pending[key], f"{row}: unsettled sells are {pending[key]}"
        assert least[key] <= row.reserved <= most[key], f"{row}: {least[key]} to {most[key]} is promised"
        assert min(row.locked, row.pending, row.reserved) >= 0, f"{row} is below zero"
        assert min(row.balance, row.for_trading) >= -taken_back[key], f"{row} is overdrawn"
    balances = sum((row.balance for row in market.world.table(CASH)), ZERO)
    payment_ledger.check_total(market.world, market.deposits, balances)
    payment_ledger.check_payments(market.world)


def _check_units(market: Market, orders: list[Order], trades: list[Execution]) -> None:
    executed, booked, locked, bought, sold = sums(5)
    for trade in trades:
        assert trade.instrument is not None
        key, quantity = (trade.account_id, trade.instrument.isin or ""), Decimal(trade.share_quantity)
        assert quantity > 0
        if trade.status == "CANCELLED":
            continue
        executed[key] += quantity if trade.side == "BUY" else -quantity
        if trade.status == "FILLED":
            (bought if trade.side == "BUY" else sold)[key] += quantity
    for transfer in market.world.table(SECURITIES_TRANSFERS):
        key, out = (transfer.account_id, transfer.instrument_id), transfer.direction == "OUTGOING"
        if transfer.status == "SETTLED":
            executed[key] += -transfer.units if out else transfer.units
        elif out and transfer.status != "CANCELLED":
            locked[key] += transfer.units
    for entry in market.world.table(SECURITY_TRANSACTIONS):
        assert entry.instrument is not None
        booked[entry.account_id, entry.instrument.isin or ""] += Decimal(entry.delta.amount)
    for order in orders:
        assert order.locked_units >= 0
        assert not (order.final and order.locked_units), f"order {order.id} is {order.status} and locks units"
        locked[order.account_id, order.instrument_id] += order.locked_units
    held = {(row.account_id, row.isin): row for row in market.world.table(POSITIONS)}
    assert held.keys() >= executed.keys() | booked.keys() | market.grants.keys()
    for key, row in held.items():
        had = market.grants.get(key, ZERO)
        assert row.quantity == had + executed[key], f"{row}: {had} was there, {executed[key]} moved"
        assert row.quantity == had + booked[key], f"{row}: {had} was there, {booked[key]} was booked"
        assert row.locked == locked[key], f"{row}: open orders and transfers lock {locked[key]}"
        assert (row.bought, row.sold) == (bought[key], sold[key]), f"{row}: unsettled are {bought[key]}, {sold[key]}"
        assert min(row.quantity, row.locked, row.bought, row.sold, row.available) >= 0, f"{row} is below zero"
