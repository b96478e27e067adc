"""Orders end with the day of their ``expiry_date`` (trading.md §11, §21.11, inferred).

Without one an order is valid for 200 years (§10.2 [S]), longer than a world's time: nothing is due for it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from mockserver.domain.orders.orders import ORDERS, Order, cancel
from mockserver.kernel.actions import action
from mockserver.kernel.clock import LATEST
from mockserver.kernel.moves import Moved
from mockserver.kernel.world import World
from mockserver.models.orders import OrderCancellationReason, OrderStatus

ENDED_BY: Final = {
    OrderStatus.NEW: OrderCancellationReason.CANCELLED_BY_UPVEST_PLATFORM,
    OrderStatus.PROCESSING: OrderCancellationReason.CANCELLED_BY_TRADING_PARTNER,
}
"""Who cancels an expired order: who has it (§11, inferred)."""


def ends(world: World, day: date) -> datetime | None:
    """The first moment after a day of the market; None where a world's time never comes to it."""
    if day.year >= LATEST.year:
        return None
    midnight = datetime.combine(day + timedelta(days=1), time(), world.calendar.zone)
    return midnight.astimezone(UTC)


def await_expiry(world: World, order: Order, moved: Moved) -> None:
    """The end of an order keeps no world from being idle: most orders come to theirs long before."""
    at = None if order.expiry_date is None else ends(world, date.fromisoformat(order.expiry_date))
    if at is not None:
        reason = f"order {order.id} is valid until the end of {order.expiry_date}"
        task = world.clock.at(at, "order.expire", order.id, reason=reason, background=True)
        world.table(ORDERS).put(order.evolve(expiry=task))


def forget_expiry(world: World, order: Order, moved: Moved) -> None:
    if order.expiry is not None:
        world.clock.drop(order.expiry)


@action("order.expire")
def expire(world: World, order_id: str) -> None:
    """What is executed stays; the rest ends."""
    order = world.table(ORDERS).get(order_id)
    if order is not None and not order.final:
        cancel(world, order, ENDED_BY[order.status])
