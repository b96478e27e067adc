"""Block orders: collected until their block closes, then dealt together (trading.md §10.6 [D]; times inferred)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from mockserver.domain import topics
from mockserver.domain.orders.orders import Order
from mockserver.kernel.events import stamp
from mockserver.kernel.lifecycle import Hold
from mockserver.kernel.world import World
from mockserver.models.orders import OrderExecutionFlow

_TICK: Final = timedelta(microseconds=1)
_ORIGIN: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Block(NamedTuple):
    """A block: until when orders are taken into it, and when it is dealt."""

    closes: datetime
    dealt: datetime


def next_block(world: World, after: datetime) -> Block | None:
    """The first block that closes at ``after`` or later; None where the profile has none."""
    run = world.profile.runs.blocks
    if run is None:
        return None
    earliest = after + run.closes
    if run.at:
        local = world.calendar.zone
        dealt = min(
            world.calendar.next_time_of_day(earliest - _TICK, at, local, trading_days_only=True) for at in run.at
        )
    else:
        dealt = _on_the_beat(earliest, run.every)
        if not world.calendar.is_open(dealt):
            dealt = _on_the_beat(world.calendar.next_open(dealt), run.every)
    return Block(dealt - run.closes, dealt)


def block_of(world: World, order: Order) -> datetime | None:
    """When the block is dealt that the order goes with now; None for an order that goes in no block.

    Raises :class:`Hold` until a block closes.
    """
    if order.execution_flow != OrderExecutionFlow.BLOCK:
        return None
    if order.block == world.now:  # taken into a block by command
        return world.now
    block = next_block(world, world.now)
    if block is None:
        raise Hold("it goes with the next block", topic=topics.block())
    if block.closes > world.now:
        raise Hold(f"its block closes at {stamp(block.closes)}", until=block.closes)
    return block.dealt


def _on_the_beat(earliest: datetime, every: timedelta) -> datetime:
    """The first multiple of ``every`` since 1970 at or after a moment."""
    return _ORIGIN + -((_ORIGIN - earliest) // every) * every
