"""The dates of a transfer that its request leaves out (payments.md §11.1)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final, NamedTuple

from mockserver.domain.transfers.refusals import DATE_RANGE, DATES
from mockserver.kernel.calendar import TradingCalendar

FIRST: Final = date(1900, 1, 1)
LAST: Final = date(2200, 12, 31)
"""Between them stands a world's time, so that no transfer waits for a day that never comes."""


class Dates(NamedTuple):
    """Days of the market."""

    order: date
    trade: date
    settlement: date


def dates(
    calendar: TradingCalendar,
    today: date,
    *,
    order: date | None = None,
    trade: date | None = None,
    settlement: date | None = None,
) -> Dates:
    """The dates of a transfer made ``today``; a refusal for dates in the wrong order, or out of range.

    Ordered the day it is made; traded on the first business day after the order, but not before the day it is made;
    settled a business day later [A, E].
    """
    given = {"order_date": order, "trade_date": trade, "settlement_date": settlement}
    for member, day in given.items():
        if day is not None and not FIRST <= day <= LAST:
            raise DATE_RANGE.refuse(member=member, first=FIRST, last=LAST, date=day)
    ordered = order or today
    traded = trade or calendar.add_business_days(max(ordered, today - timedelta(days=1)), 1)
    settled = settlement or calendar.add_business_days(traded, 1)
    if settled < traded:
        raise DATES.refuse(settlement=settled, trade=traded)
    return Dates(ordered, traded, settled)
