"""How orders are executed by the trading partner (trading.md §10.4 to §10.6, §11, §13; concepts.md §9.2)."""

from __future__ import annotations

from datetime import timedelta
from decimal import ROUND_CEILING, ROUND_DOWN, Decimal
from typing import Final, NamedTuple

from mockserver.domain.instruments.instruments import AssetClass, Instrument, InstrumentBehaviour, by_isin
from mockserver.domain.ledger import cash, positions
from mockserver.domain.orders.admission import PLATFORM
from mockserver.domain.orders.fees import collected
from mockserver.domain.orders.orders import ORDER_LIFE, ORDERS, Order, amount_of, cancel
from mockserver.domain.orders.parents import to_keep
from mockserver.domain.orders.price_limits import dealt_at, price_of, reached
from mockserver.domain.orders.taxes import tax_of
from mockserver.domain.orders.trades import MOST_PORTIONS, net, trade
from mockserver.domain.tax_exemptions.withholding import NOTHING, Withheld
from mockserver.kernel.events import stamp
from mockserver.kernel.lifecycle import Hold
from mockserver.kernel.money import (
    LARGEST_AMOUNT,
    ZERO,
    cents,
    decimal,
    floor_cents,
    minus,
    over,
    plus,
    split,
    times,
    units_for,
    wire_amount,
)
from mockserver.kernel.stages import Stage
from mockserver.kernel.world import World
from mockserver.models.orders import OrderCancellationReason, OrderSide

PARTNER: Final = OrderCancellationReason.CANCELLED_BY_TRADING_PARTNER

MOST_PARTS: Final = 5
PART_INTERVAL: Final = timedelta(milliseconds=100)
"""Between two partial executions; unpublished, chosen."""


class Part(NamedTuple):
    """One trade of an order: units, cash gross of what is charged, and the charges; ``cut``: more is left to trade."""

    quantity: Decimal
    amount: Decimal
    withheld: Withheld = NOTHING
    fee: Decimal = ZERO
    cut: bool = False


def _outcome(world: World, order: Order) -> str | None:
    """What the instrument's story wants of this step (concepts.md §9.2 [D])."""
    story = by_isin(world, order.instrument_id).story
    if story == InstrumentBehaviour.CANCELLED:
        return "CANCELLED"
    if story == InstrumentBehaviour.PARTS_THEN_CANCELLED and len(order.executions) >= MOST_PARTS - 1:
        return "CANCELLED"
    return None


def execute(world: World, order: Order) -> None:
    """The partner trades the order, or the next part of it, once venue and price allow it."""
    instrument = by_isin(world, order.instrument_id)
    if order.block is not None and order.block > world.now:
        raise Hold(f"its block is dealt at {stamp(order.block)}", until=order.block)
    _wait_for_venue(world, instrument)
    price = price_of(world, instrument, order.side)
    order = reached(world, order, instrument, price)
    count, left = parts(instrument, order, price), _left(order)
    last = len(order.executions) + 1 >= count
    size = left if last else _share(order, count)
    if size >= left and not order.nominal:
        last, size = True, left  # units are worth more than before: more parts of them, and those before were larger
    part = _trade(world, order, instrument, price, size)
    if last and (part is None or not part.cut):
        _end(world, order, instrument, price, part)
    elif part is None or not part.quantity:
        fill(world, order)  # too small to be dealt in parts
    else:
        world.table(ORDERS).put(_dealt(world, order, instrument, price, part))
        EXECUTE.due(world, order, world.now + PART_INTERVAL)


EXECUTE: Final = Stage(
    "order.execute",
    ORDER_LIFE,
    "PROCESSING",
    "FILLED",
    outcome=_outcome,
    runs=execute,
    options={"CANCELLED": {"reason": PARTNER}},
    reads=("calendar", "runs.funds"),
)


@ORDER_LIFE.does("PROCESSING", "FILLED")
def fill(world: World, order: Order) -> None:
    """Trade all that is left of the order now: in one execution, or as many as can carry it."""
    instrument = by_isin(world, order.instrument_id)
    price = dealt_at(order, price_of(world, instrument, order.side))
    while (part := _trade(world, order, instrument, price, _left(order))) is not None and part.cut:
        order = world.table(ORDERS).put(_dealt(world, order, instrument, price, part))
    _end(world, order, instrument, price, part)


def _end(world: World, order: Order, instrument: Instrument, price: Decimal, part: Part | None) -> None:
    """The last trade of an order, or why there is none."""
    if part is None:
        cancel(world, order, PLATFORM)
    elif not part.quantity:
        cancel(world, order, PARTNER)
    else:
        ORDER_LIFE.move(world, _dealt(world, order, instrument, price, part), "FILLED", "filled in full")


def parts(instrument: Instrument, order: Order, price: Decimal) -> int:
    """How many executions the order takes: by amount one below 101, two below 201, ... five above 401."""
    if instrument.story == InstrumentBehaviour.PARTS_THEN_CANCELLED:
        return MOST_PARTS
    if instrument.story != InstrumentBehaviour.PARTS_BY_AMOUNT:
        return 1
    gross = amount_of(order) if order.nominal else times(decimal(order.quantity), price)
    for count in range(1, MOST_PARTS):
        if gross < 100 * count + 1:
            return count
    return MOST_PARTS


def _wait_for_venue(world: World, instrument: Instrument) -> None:
    """Funds trade once a day, the others while the market is open (trading.md §10.6 [D])."""
    if instrument.asset_class == AssetClass.FUND:
        local = world.calendar.zone
        before = world.now - timedelta(microseconds=1)
        at = world.calendar.next_time_of_day(before, world.profile.runs.funds, local, trading_days_only=True)
        if at != world.now:
            raise Hold("funds are executed once a day", until=at)
    elif not world.calendar.is_open(world.now):
        raise Hold("the market is closed", until=world.calendar.next_open(world.now))


def _left(order: Order) -> Decimal:
    """What is not executed yet: cash of a nominal order, units of the others."""
    left = amount_of(order) if order.nominal else decimal(order.quantity)
    for execution in order.executions:
        left = minus(left, decimal(execution.cash_amount if order.nominal else execution.share_quantity))
    return left


def _share(order: Order, count: int) -> Decimal:
    """One of ``count`` equal parts of an order."""
    if order.nominal:
        return split(amount_of(order), [Decimal(1)] * count)[len(order.executions)]
    return units_for(decimal(order.quantity), Decimal(count))


def _trade(world: World, order: Order, instrument: Instrument, price: Decimal, size: Decimal) -> Part | None:
    """The trade of ``size``, or of as much of it as one execution can carry; None when the cash is no longer there.

    An execution and its cash transaction write nine digits. What is worth, or moves, more than that is cut to equal
    portions (inferred); what would take too many of them is no trade: nothing of both.
    """
    whole = _part(world, order, instrument, price, size)
    if whole is None or _can_be_written(order, whole):
        return whole
    least = over(max(whole.amount, _moves(order, whole)), LARGEST_AMOUNT, 0, ROUND_CEILING)
    for count in range(max(int(least), 2), MOST_PORTIONS - len(order.executions) + 1):
        portion = _portion(order, instrument, size, count)
        part = _part(world, order, instrument, price, portion) if portion else None
        if part is not None and part.quantity and _can_be_written(order, part):
            return part._replace(cut=True)
    return Part(ZERO, ZERO)


def _portion(order: Order, instrument: Instrument, size: Decimal, count: int) -> Decimal:
    """One of ``count`` equal portions of what is traded: in cents, or in the units that the instrument trades in."""
    if order.nominal:
        return floor_cents(over(size, Decimal(count), 3, ROUND_DOWN))
    units = units_for(size, Decimal(count))
    return units if instrument.fractional_trading else units.to_integral_value(ROUND_DOWN)


def _moves(order: Order, part: Part) -> Decimal:
    return net(order.side, part.amount, part.withheld.tax, part.fee)


def _can_be_written(order: Order, part: Part) -> bool:
    return part.amount <= LARGEST_AMOUNT and _moves(order, part) <= LARGEST_AMOUNT


def _part(world: World, order: Order, instrument: Instrument, price: Decimal, size: Decimal) -> Part | None:
    """The trade of ``size`` (cash or units); None when the cash for it is no longer there.

    A nominal trade is worth its amount exactly, and its units are cut to ten decimals (trading.md §13 [X]); whole units
    where the instrument has no fractions. A sale never exceeds what is held (inferred).
    """
    quantity = units_for(size, price) if order.nominal else size
    exact = order.nominal
    if order.nominal and not instrument.fractional_trading:
        quantity, exact = quantity.to_integral_value(ROUND_DOWN), False
    if order.side == OrderSide.SELL:
        held = positions.position(world, order.account_id, instrument)
        most = plus(held.available, order.locked_units)
        if quantity > most:
            quantity, exact = most, False
    amount = size if exact else (floor_cents if order.nominal else cents)(times(quantity, price))
    part = Part(quantity, amount, tax_of(world, order, instrument, amount), collected(world, order, amount))
    if order.side == OrderSide.BUY:
        free = max(cash.cash(world, order.account_group_id, order.currency).for_trading, ZERO)
        if _moves(order, part) > plus(free, order.locked_cash):
            return None
    return part


def _dealt(world: World, order: Order, instrument: Instrument, price: Decimal, part: Part) -> Order:
    """Book a trade; the order shows it and keeps what is left of its locks. Not stored yet."""
    moves = _moves(order, part)
    use_cash = min(moves, order.locked_cash)
    use_units = min(part.quantity, order.locked_units)
    execution = trade(
        world,
        order_id=order.id,
        account_id=order.account_id,
        account_group_id=order.account_group_id,
        instrument=instrument,
        side=order.side,
        currency=order.currency,
        quantity=part.quantity,
        amount=part.amount,
        price=price,
        unlock_cash=use_cash,
        unlock_units=use_units,
        withheld=part.withheld,
        fee=part.fee,
        kept=to_keep(world, order, moves) if order.parent and order.side == OrderSide.SELL else ZERO,
    )
    current = world.table(ORDERS)[order.id]
    fee = plus(decimal(current.fee), execution.fee)
    return current.evolve(
        executions=(*current.executions, execution),
        fee=wire_amount(fee) if execution.fee else current.fee,
        locked_cash=minus(order.locked_cash, use_cash),
        locked_units=minus(order.locked_units, use_units),
    )
