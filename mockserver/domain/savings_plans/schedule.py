"""The dates of a savings plan: pure functions of start, period, interval and trading days (payments.md §9.2).

Date k is ``start`` + k · ``interval`` · ``period``; every answer takes the same time, whatever k is. A date that is no
trading day is carried out on the next one, and the series does not drift.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Final, NamedTuple, Protocol

from mockserver.kernel.frozen import frozen

LAST_YEAR: Final = 2999
"""The last year that the contract's dates can write; a series ends there."""
_MONTHS: Final = {"MONTH": 1, "YEAR": 12}
_DAY: Final = timedelta(days=1)


class TradingDays(Protocol):
    """The part of a market's calendar that dates need."""

    def trading_day_on_or_after(self, day: date) -> date: ...

    def previous_trading_day(self, day: date) -> date: ...


class Due(NamedTuple):
    """A date of the series, and the trading day on which it is carried out."""

    day: date
    trading_day: date


@frozen
class Series:
    """The dates that a plan names, trading days or not."""

    start: date
    period: str
    """WEEK, MONTH or YEAR."""
    interval: int

    def nth(self, number: int) -> date | None:
        """Date ``number``, counted from 0 for the start; ``None`` after the year 2999.

        A day that its month lacks is the last of the month. Monthly from the last day of a month it is always the last
        (payments.md §9.2 [D]), yearly it is not.
        """
        if self.period == "WEEK":
            day = self.start.toordinal() + 7 * self.interval * number
            return date.fromordinal(day) if day <= _END else None
        months = self.start.year * 12 + self.start.month - 1 + _MONTHS[self.period] * self.interval * number
        year, month = months // 12, months % 12 + 1
        if year > LAST_YEAR:
            return None
        longest = monthrange(year, month)[1]
        return date(year, month, longest if self._on_last_days else min(self.start.day, longest))

    def first_after(self, day: date) -> date | None:
        """The first date later than ``day``; ``None`` when the series has ended."""
        number = self._number_about(day)
        found = self.nth(number)
        return found if found is None or found > day else self.nth(number + 1)

    @property
    def _on_last_days(self) -> bool:
        return self.period == "MONTH" and (self.start + _DAY).day == 1

    def _number_about(self, day: date) -> int:
        """The number of the last date on or before ``day``, or of the one after it; 0 before the start."""
        if day < self.start:
            return 0
        if self.period == "WEEK":
            return (day - self.start).days // (7 * self.interval)
        months = (day.year - self.start.year) * 12 + day.month - self.start.month
        return months // (_MONTHS[self.period] * self.interval)


_END: Final = date(LAST_YEAR, 12, 31).toordinal()


def next_due(series: Series, days: TradingDays, *, today: date, last: Due | None = None) -> Due | None:
    """The first date after ``last`` whose trading day is later than that of ``last`` and not before ``today``.

    So dates that have passed are skipped, and of two that fall on one trading day the later is dropped (payments.md
    §9.2, inferred). ``None`` when the series has ended.
    """
    first = today if last is None else max(today, last.trading_day + _DAY)
    # A date falls on `first` or later exactly when it lies behind the last trading day before `first`.
    behind = days.previous_trading_day(first)
    found = series.first_after(behind if last is None else max(behind, last.day))
    return None if found is None else Due(found, days.trading_day_on_or_after(found))
