"""When a trade settles: after the profile's settlement days, which may depend on the asset class (trading.md §13)."""

from __future__ import annotations

from datetime import UTC, date, datetime

from mockserver.domain.instruments.instruments import Instrument
from mockserver.kernel.world import World
from mockserver.models.orders import OrderSide


def settlement_day(world: World, side: str, instrument: Instrument, traded: date) -> date:
    """The day a trade settles: the settlement days of its side after the trade, or the trade day itself."""
    days = _days(world, side, instrument)
    return traded if days is None else world.calendar.add_business_days(traded, days)


def settles_at(world: World, side: str, instrument: Instrument) -> datetime | None:
    """In the morning of the settlement day of a trade made now; ``None``: at once, without settlement days."""
    if _days(world, side, instrument) is None:
        return None
    day = settlement_day(world, side, instrument, world.now.date())
    return max(datetime.combine(day, world.profile.settlement.at, UTC), world.now)


def _days(world: World, side: str, instrument: Instrument) -> int | None:
    settlement = world.profile.settlement
    days = settlement.by_asset_class.get(instrument.asset_class, settlement)
    return days.buy if side == OrderSide.BUY else days.sell
