"""A split carried out: units, unsettled units and prices at one instant, so that no value changes (payments.md §15.2).

Open orders are left alone. What a sell by amount has locked is split with the units that it will sell; a sell by units
that a reverse split leaves without them is cancelled, the youngest first (inferred), since no position is below zero.
Where units on their way out are more than it would leave, the split waits for the morning after.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from typing import NamedTuple

from mockserver.domain import topics
from mockserver.domain.accounts.accounts import ACCOUNTS, Account
from mockserver.domain.corporate_actions.actions import CorporateAction, settlement_hour
from mockserver.domain.corporate_actions.bookings import BOOKING_LIFE, due, pay, record_units, tax_on
from mockserver.domain.corporate_actions.entitlements import closed, positions_in
from mockserver.domain.instruments import splits
from mockserver.domain.instruments.instruments import INSTRUMENTS, Instrument
from mockserver.domain.instruments.prices import best, split_prices
from mockserver.domain.instruments.splits import Ratio
from mockserver.domain.ledger import positions
from mockserver.domain.ledger.positions import Position
from mockserver.domain.orders.orders import ORDERS, Order, cancel
from mockserver.domain.orders.trades import EXECUTIONS, units_of
from mockserver.domain.valuations.returns import add_flow
from mockserver.kernel.lifecycle import Hold
from mockserver.kernel.money import (
    HOLDINGS_BELOW,
    PRICES_BELOW,
    ZERO,
    cents_half_up,
    minus,
    plus,
    times,
    total,
    wire_number,
)
from mockserver.kernel.world import World
from mockserver.models.orders import OrderExecutionStatus, OrderSide


class Unsettled(NamedTuple):
    """Traded units of a position that have not settled."""

    bought: Decimal = ZERO
    sold: Decimal = ZERO


def split(world: World, action: CorporateAction) -> None:
    """Split every position in the instrument and divide its prices.

    Raises :class:`Hold` where the units or prices after it would be more than a world can hold.
    """
    assert action.ratio is not None
    instrument, by = world.table(INSTRUMENTS)[action.instrument_id], action.ratio
    rows = [held for held in positions_in(world, instrument) if not held.cleared]
    _check_bounds(world, instrument, rows, by)
    before = unsettled(world, instrument)
    instrument = split_prices(world, instrument, by)
    after = unsettled(world, instrument)
    for held in rows:
        _split(world, action, held, before.get(held.account_id, Unsettled()), after.get(held.account_id, Unsettled()))


def unsettled(world: World, instrument: Instrument) -> dict[str, Unsettled]:
    """By account: what was traded and has not settled, in units of now."""
    found: dict[str, Unsettled] = {}
    for row in world.table(EXECUTIONS):
        if row.status == OrderExecutionStatus.FILLED and row.instrument and row.instrument.id == instrument.id:
            old, quantity = found.get(row.account_id, Unsettled()), units_of(world, row)
            buys = row.side == OrderSide.BUY
            found[row.account_id] = Unsettled(
                plus(old.bought, quantity) if buys else old.bought, old.sold if buys else plus(old.sold, quantity)
            )
    return found


def _split(world: World, action: CorporateAction, held: Position, before: Unsettled, after: Unsettled) -> None:
    assert action.ratio is not None
    of, instrument = world.table(ACCOUNTS)[held.account_id], world.table(INSTRUMENTS)[held.instrument_id]
    exact = splits.units(held.quantity, action.ratio)
    kept, paid = _whole(world, action, of, instrument, exact)
    relocked = _relock(world, held, action.ratio)
    _uncover(world, held, minus(kept, relocked))
    delta = minus(kept, held.quantity)
    positions.book(
        world,
        of.id,
        instrument,
        quantity=delta,
        locked=relocked,
        bought=minus(_carried(held.bought, before.bought, after.bought, action.ratio), held.bought),
        sold=minus(_carried(held.sold, before.sold, after.sold, action.ratio), held.sold),
    )
    if not delta:
        return
    booking = due(world, action, of, units=delta, cash=paid or None)
    withheld = tax_on(world, of, instrument, paid, action.currency)
    cause = f"{action.type.name} {action.ratio} of {action.isin}"
    BOOKING_LIFE.move(world, booking, "BOOKED", cause, tax=withheld.tax if paid else None)
    record_units(world, booking, action, of, instrument)
    if paid:
        pay(world, booking, action, of, instrument, paid, withheld)
        add_flow(world, of.id, paid.copy_negate())


def _carried(now: Decimal, before: Decimal, after: Decimal, by: Ratio) -> Decimal:
    """Unsettled units after a split: of trades as they will settle, of all else by the ratio."""
    return plus(splits.units(minus(now, before), by), after)


def _whole(
    world: World, action: CorporateAction, of: Account, instrument: Instrument, exact: Decimal
) -> tuple[Decimal, Decimal]:
    """The units that are kept, and the cash for the fraction that is not: only where the command asks for it."""
    price = best(world, instrument) if action.cash_for_fractions and not closed(world, of) else None
    if price is None:
        return exact, ZERO
    whole = exact.to_integral_value(ROUND_DOWN)
    return whole, cents_half_up(times(minus(exact, whole), price.middle))


def _open_sells(world: World, held: Position) -> list[Order]:
    """The open orders that have locked units of the position, the youngest first."""
    rows = world.table(ORDERS).by("account", held.account_id)
    return [row for row in reversed(rows) if row.locked_units and row.instrument_id == held.isin and not row.final]


def _relock(world: World, held: Position, by: Ratio) -> Decimal:
    """Split what sells by amount have locked; by how much the lock of the position grows."""
    change = ZERO
    for order in _open_sells(world, held):
        if order.nominal:
            locked = splits.units(order.locked_units, by)
            change = plus(change, minus(locked, order.locked_units))
            world.table(ORDERS).put(order.evolve(locked_units=locked))
    return change


def _uncover(world: World, held: Position, units: Decimal) -> None:
    """Cancel open sells by units, the youngest first, until ``units`` cover what is locked."""
    instrument = world.table(INSTRUMENTS)[held.instrument_id]
    for order in _open_sells(world, held):
        if positions.position(world, held.account_id, instrument).locked <= units:
            return
        if not order.nominal:
            cancel(world, order)
    locked = positions.position(world, held.account_id, instrument).locked
    if locked > units:
        left = f"{wire_number(locked)} units are locked, and the split leaves {wire_number(units)}"
        tomorrow = settlement_hour(world, world.now.date() + timedelta(days=1))
        topic = topics.position(held.account_id, instrument.id)
        raise Hold(f"account {held.account_id}: {left}", until=tomorrow, topic=topic)


def _check_bounds(world: World, instrument: Instrument, rows: list[Position], by: Ratio) -> None:
    units = splits.units(total(max(row.quantity, ZERO) for row in rows), by)
    if units >= HOLDINGS_BELOW:
        raise Hold(f"{wire_number(units)} units are more than a world can hold")
    price = best(world, instrument)
    if price is not None and splits.price(max(price.bid, price.ask), by) >= PRICES_BELOW:
        raise Hold(f"a price after the split {by} is more than a world can hold")
