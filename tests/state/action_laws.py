"""Units and cash are conserved through corporate actions: sums made anew, in exact fractions (payments.md §15, §18)."""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from mockserver.domain.corporate_actions.actions import ACTIONS
from mockserver.domain.corporate_actions.bookings import BOOKINGS, REFERENCE
from mockserver.domain.instruments.instruments import INSTRUMENTS
from mockserver.domain.ledger.cash import CASH
from mockserver.domain.ledger.positions import POSITIONS
from mockserver.domain.ledger.transactions import CASH_TRANSACTIONS, SECURITY_TRANSACTIONS
from mockserver.domain.orders.orders import ORDERS
from mockserver.domain.orders.trades import EXECUTIONS
from mockserver.domain.transfers.securities import SECURITIES_TRANSFERS
from tests.state.market import ZERO, Market

CENT = Decimal("0.01")
STEP = 10**10
"""Of the smallest part of a unit."""


def split_down(quantity: Decimal, new: int, old: int) -> Decimal:
    """Units after a split, cut to ten decimals."""
    return Decimal(int(Fraction(quantity) * STEP * new / old)) / STEP


def check_actions(market: Market) -> None:
    _check_units(market)
    _check_cash(market)
    _check_bookings(market)
    assert list(market.world.failures) == []


def _check_units(market: Market) -> None:
    world = market.world
    booked, locked, bought, sold = (defaultdict[tuple[str, str], Decimal](lambda: ZERO) for _ in range(4))
    for entry in world.table(SECURITY_TRANSACTIONS):
        assert entry.instrument is not None
        booked[entry.account_id, entry.instrument.isin or ""] += Decimal(entry.delta.amount)
    for order in world.table(ORDERS):
        assert order.locked_units >= 0
        assert not (order.final and order.locked_units)
        locked[order.account_id, order.instrument_id] += order.locked_units
    for transfer in world.table(SECURITIES_TRANSFERS):
        if transfer.direction == "OUTGOING" and transfer.status in ("NEW", "PROCESSING"):
            locked[transfer.account_id, transfer.instrument_id] += Decimal(transfer.quantity)
    for trade in world.table(EXECUTIONS):
        if trade.status == "FILLED":
            assert trade.instrument is not None
            then, now = trade.instrument.split, world.table(INSTRUMENTS)[trade.instrument.id].split
            units = split_down(Decimal(trade.share_quantity), now.new * then.old, now.old * then.new)
            (bought if trade.side == "BUY" else sold)[trade.account_id, trade.instrument.isin or ""] += units
    for row in world.table(POSITIONS):
        key = row.account_id, row.isin
        assert row.quantity == market.grants.get(key, ZERO) + booked[key], f"{row}: {booked[key]} was booked"
        assert row.locked == locked[key], f"{row}: open orders and transfers lock {locked[key]}"
        assert (row.bought, row.sold) == (bought[key], sold[key]), f"{row}: unsettled are {bought[key]}, {sold[key]}"
        assert min(row.quantity, row.locked, row.bought, row.sold, row.available) >= 0, f"{row} is below zero"


def _check_cash(market: Market) -> None:
    booked = defaultdict[tuple[str, str], Decimal](lambda: ZERO)
    for entry in market.world.table(CASH_TRANSACTIONS):
        booked[entry.account_group_id, str(entry.delta.currency)] += Decimal(entry.delta.amount)
    for row in market.world.table(CASH):
        key = row.account_group_id, row.currency
        assert row.balance == market.deposits.get(key, ZERO) + booked[key], f"{row}: {booked[key]} was booked"
        assert min(row.locked, row.pending, row.reserved) >= 0


def _withheld(market: Market, account_id: str, gross: Decimal) -> Decimal:
    """The tax on cash that comes in, of the user who is taxed in Germany: nobody has an exemption (§12)."""
    german = market.owners[account_id] == market.owners[market.accounts[0]]
    return (gross * market.world.profile.taxes.dividends).quantize(CENT) if german and gross > 0 else ZERO


def _check_bookings(market: Market) -> None:
    """Each booking that is BOOKED has the transactions that it says, and every other none."""
    world = market.world
    cash = {_reference(each): each for each in world.table(CASH_TRANSACTIONS) if _reference(each)}
    units = {_reference(each): each for each in world.table(SECURITY_TRANSACTIONS) if _reference(each)}
    for row in world.table(BOOKINGS):
        done, of = row.status == "BOOKED", world.table(ACTIONS)[row.corporate_action_id]
        assert (row.id in cash) == bool(done and row.cash), row
        assert (row.id in units) == bool(done and row.units), row
        if done and row.cash:
            entry = cash.pop(row.id)
            tax = sum((Decimal(each.amount) for each in entry.taxes), ZERO)
            assert Decimal(entry.delta.amount) + tax == row.cash, f"{entry} of {row}"
            assert tax == _withheld(market, row.account_id, row.cash), f"{entry} of {row}"
        if done and row.units:
            assert Decimal(units.pop(row.id).delta.amount) == row.units
        if done and row.quantity and of.rate is not None:
            assert row.cash == (row.quantity * of.rate).quantize(CENT, ROUND_HALF_UP)
        if of.status == "CANCELLED":
            assert row.status == "CANCELLED"
    assert not cash, "a transaction has no booking"
    assert not units, "a transaction has no booking"


def _reference(entry: Any) -> str:
    """The id of the booking that a transaction belongs to, empty for others."""
    found = [str(each.id) for each in entry.references if each.type == REFERENCE]
    return found[0] if found else ""
