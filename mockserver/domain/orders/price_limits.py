"""At which price an order deals: LIMIT and STOP wait with the partner for theirs (trading.md §11 [D]).

A buy looks at the offer, a sell at the bid; for STOP orders that, and all comparisons, are inferred.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from operator import ge, le
from typing import Final

from mockserver.domain import topics
from mockserver.domain.instruments.instruments import Instrument, InstrumentBehaviour
from mockserver.domain.instruments.prices import dealing
from mockserver.domain.orders.orders import ORDERS, Order, instrument_of
from mockserver.kernel.actions import action
from mockserver.kernel.lifecycle import Hold
from mockserver.kernel.money import decimal, wire_number
from mockserver.kernel.moves import Moved
from mockserver.kernel.stages import STAGES
from mockserver.kernel.world import World
from mockserver.models.orders import OrderSide, OrderType

REACHED: Final[dict[tuple[OrderType, OrderSide], tuple[str, Callable[[Decimal, Decimal], bool]]]] = {
    (OrderType.LIMIT, OrderSide.BUY): ("at most", le),
    (OrderType.LIMIT, OrderSide.SELL): ("at least", ge),
    (OrderType.STOP, OrderSide.BUY): ("at least", ge),
    (OrderType.STOP, OrderSide.SELL): ("at most", le),
}
"""How the price has to stand to the order's own."""

_HOUR: Final = timedelta(hours=1)


def price_of(world: World, instrument: Instrument, side: str) -> Decimal:
    """The price of a trade now; raises :class:`Hold` while there is none."""
    price = dealing(world, instrument, side)
    if price is None:
        raise Hold(f"instrument {instrument.isin} has no price", topic=topics.price(instrument.id))
    return price


def own_price(order: Order) -> Decimal | None:
    """The price that a LIMIT or STOP order waits for; None for a MARKET order."""
    if order.order_type == OrderType.MARKET:
        return None
    text = order.limit_price if order.order_type == OrderType.LIMIT else order.stop_price
    return decimal(text or "0")


def reached(world: World, order: Order, instrument: Instrument, price: Decimal) -> Order:
    """The order, if it deals at ``price``; raises :class:`Hold` if not.

    A STOP that was reached once deals at market from then on.
    """
    own = own_price(order)
    if own is None or order.triggered:
        return order
    words, stands = REACHED[order.order_type, order.side]
    if not stands(price, own):
        raise Hold(
            f"the price of {instrument.isin} is {wire_number(price)}; this {order.order_type} {order.side} waits for "
            f"{words} {wire_number(own)}",
            topic=topics.price(instrument.id),
        )
    if order.order_type == OrderType.LIMIT:
        return order
    return world.table(ORDERS).put(order.evolve(triggered=True))


def dealt_at(order: Order, price: Decimal) -> Decimal:
    """The price of a trade of the order: the market's, but never worse than its limit (when filled by command)."""
    own = own_price(order)
    if own is None or order.order_type != OrderType.LIMIT:
        return price
    return min(price, own) if order.side == OrderSide.BUY else max(price, own)


def moves_hourly(instrument: Instrument) -> bool:
    """Whether the price changes at full hours without anybody setting it: nobody tells of that."""
    return bool(instrument.volatility) or instrument.story in (
        InstrumentBehaviour.PRICE_SWINGS,
        InstrumentBehaviour.PRICE_RANDOM,
    )


def look_hourly(world: World, order: Order, moved: Moved) -> None:
    """Who waits for such a price looks at every full hour; it keeps no world from being idle."""
    instrument = instrument_of(world, order)
    if instrument is None or moves_hourly(instrument):
        full_hour = world.now.replace(minute=0, second=0, microsecond=0)
        _look_at(world, order, full_hour + _HOUR)


@action("order.look")
def look(world: World, order_id: str) -> None:
    order = world.table(ORDERS).get(order_id)
    if order is None or order.final:
        return
    instrument = instrument_of(world, order)
    if instrument is not None and not moves_hourly(instrument):
        return
    _look_at(world, order, world.now + _HOUR)
    held = world.holds.get("orders", order.id)
    if held is not None and any(topic.startswith("price/") for topic in held.topics):
        STAGES[held.stage].due(world, order, world.now)


def _look_at(world: World, order: Order, at: datetime) -> None:
    reason = f"the price of {order.instrument_id} moves by the hour"
    world.clock.at(at, "order.look", order.id, reason=reason, background=True)
