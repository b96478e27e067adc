"""When banks act: at the cut-off time of business days, or after the delay of the stage where a profile has none.

A bank file goes out at ``payments.cut_off``, an hour of the market's timezone, on the days on which euro payments
settle (payments.md §16.1, inferred). Both functions are the ``when`` of stages.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from mockserver.kernel.stages import Timing
from mockserver.kernel.world import World

READS: Final = ("payments.cut_off", "calendar.settlement", "calendar.timezone")
"""The settings that decide when."""


def next_cut_off(world: World, payment: Any) -> datetime | None:
    """The first cut-off strictly after now; ``None`` without cut-offs, for the stage's own delay."""
    at = world.profile.payments.cut_off
    return None if at is None else world.calendar.next_business_hour(world.now, at)


def after_business_days(count: int, since: str | None = None) -> Timing:
    """The cut-off ``count`` business days after the payment came to its state, or after its member ``since``.

    For ``("created_at", 2)`` a payment made on a Friday is due on the Tuesday, one made on a Saturday too
    (``TradingCalendar.add_business_days``).
    """

    def due(world: World, payment: Any) -> datetime | None:
        at = world.profile.payments.cut_off
        if at is None:
            return None
        began: datetime = world.now if since is None else getattr(payment, since)
        day = world.calendar.add_business_days(world.calendar.day_of(began), count)
        return max(world.calendar.business_hour(day, at), world.now)

    return due
