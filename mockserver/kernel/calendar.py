"""The trading calendar: on which days and at what hours a market trades, and on which days cash and units settle.

Days are calendar dates of the market; instants are aware datetimes, and every instant returned is in UTC. Holidays
come from the `holidays` package: XETR (Xetra, Deutsche Börse's trading calendar, 24 and 31 December included) and
XECB (TARGET, the days euro payments settle). The package knows the years 2016 to 2100 of XETR; in any other year only
weekends are closed. Nothing here reads a clock.

Sources: "trading days and hours" of the live API (trading.md §10.6, inferred), settlement by business days
(trading.md §13), "Monday to Friday without TARGET holidays" (payments.md, live-like).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from mockserver.kernel.frozen import frozen

_DAY = timedelta(days=1)
_MOST_CLOSED_DAYS = 366
"""A market closed for a year on end is a mistake in its settings, not a long holiday."""


class CalendarError(ValueError):
    """The settings of a calendar make no sense, or lead to no day at all."""


def zone(name: str) -> ZoneInfo:
    """The time zone of an IANA name; raises ``CalendarError`` when there is none."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        raise CalendarError(
            f"timezone {name!r} is unknown; an IANA name would pass, such as 'Europe/Berlin'"
        ) from error


@frozen(kw_only=True)
class CalendarSettings:
    """What a profile says about trading days and hours. Raises ``CalendarError`` when it contradicts itself.

    ``market`` and ``settlement`` are codes of the `holidays` package's financial calendars; an unknown one shows at
    first use, because asking the package costs its import. ``closed`` are further days without trading (settlement
    is not touched). ``open`` and ``close`` are hours of ``timezone``, the close itself being closed; without them the
    market never closes, not even at night, on holidays and weekends, as in the sandbox (trading.md §10.6).
    """

    market: str = "XETR"
    settlement: str = "XECB"
    closed: tuple[date, ...] = ()
    open: time | None = None
    close: time | None = None
    timezone: str = "Europe/Berlin"

    def __post_init__(self) -> None:
        zone(self.timezone)
        if (self.open is None) != (self.close is None):
            raise CalendarError("trading hours need both open and close; leave out both for a market that never closes")
        if self.open is not None and self.close is not None:
            if self.open.tzinfo or self.close.tzinfo:
                raise CalendarError("open and close are hours of the calendar's timezone and carry none themselves")
            if self.open >= self.close:
                raise CalendarError(f"the market closes at {self.close}, not after it opens at {self.open}")


class TradingCalendar:
    """Answers about one market. It has no state, so worlds may share it."""

    def __init__(self, settings: CalendarSettings | None = None) -> None:
        self.settings = settings or CalendarSettings()
        self._closed = frozenset(self.settings.closed)
        self.zone = zone(self.settings.timezone)
        """The time zone of the market: its hours, and the days of orders."""
        opens, closes = self.settings.open, self.settings.close
        self._hours = None if opens is None or closes is None else (opens, closes)

    # --- Days ---

    def day_of(self, moment: datetime) -> date:
        """The day it is where the market is, at a moment (inferred: days of orders are the market's)."""
        return moment.astimezone(self.zone).date()

    def is_trading_day(self, day: date) -> bool:
        """Whether the market trades on ``day``. Hours do not matter: prices need trading days too."""
        return day in _working_days(self.settings.market, day.year) and day not in self._closed

    def is_business_day(self, day: date) -> bool:
        """Whether cash and units settle on ``day``."""
        return day in _working_days(self.settings.settlement, day.year)

    def previous_trading_day(self, day: date) -> date:
        """The last trading day strictly before ``day``."""
        return self.trading_day_on_or_before(_moved(day, -_DAY))

    def trading_day_on_or_before(self, day: date) -> date:
        """``day`` itself if the market trades on it, else the last trading day before it."""
        return self._nearest_trading_day(day, -_DAY)

    def trading_day_on_or_after(self, day: date) -> date:
        """``day`` itself if the market trades on it, else the next trading day (payments.md: dates of a series)."""
        return self._nearest_trading_day(day, _DAY)

    def add_business_days(self, day: date, n: int) -> date:
        """The settlement day ``n`` business days after ``day`` (T+n); for 0 ``day`` itself or the next business day.

        The count starts at ``day`` even when ``day`` is none: one business day after a Saturday is the Monday
        (inferred; no source says). Raises ``CalendarError`` unless ``n`` is 0 to 366.
        """
        if not 0 <= n <= _MOST_CLOSED_DAYS:
            raise CalendarError(f"settlement lies 0 to {_MOST_CLOSED_DAYS} business days ahead, not {n}")
        result = day if n == 0 else _moved(day, _DAY)
        for left in range(max(n, 1), 0, -1):
            result = self._next_business_day(result)
            if left > 1:
                result = _moved(result, _DAY)
        return result

    # --- Hours ---

    def is_open(self, at: datetime) -> bool:
        """Whether the market trades at the instant ``at``."""
        day = _local_day(at, self.zone)
        hours = self._hours
        if hours is None:
            return True
        opens, closes = hours
        return self.is_trading_day(day) and (_instant(day, opens, self.zone) <= at < _instant(day, closes, self.zone))

    def next_open(self, at: datetime) -> datetime:
        """The first instant from ``at`` on when the market trades: ``at`` itself if it is open."""
        if self._hours is None or self.is_open(at):
            return at.astimezone(UTC)
        opens, _ = self._hours
        day = self.trading_day_on_or_after(_local_day(at, self.zone))
        if _instant(day, opens, self.zone) < at:
            day = self.trading_day_on_or_after(_moved(day, _DAY))
        return _instant(day, opens, self.zone)

    def next_time_of_day(self, after: datetime, at: time, timezone: tzinfo, *, trading_days_only: bool) -> datetime:
        """The first instant strictly after ``after`` when clocks in ``timezone`` show ``at``.

        With ``trading_days_only`` the local day is a trading day of the market. When clocks are put forward past
        ``at``, the hour counts as if they had not been yet; when they are put back and show it twice, the first time
        counts (RFC 5545 §3.3.5).
        """
        day = _local_day(after, timezone)
        while True:
            if trading_days_only:
                day = self.trading_day_on_or_after(day)
            instant = _instant(day, at, timezone)
            if instant > after:
                return instant
            day = _moved(day, _DAY)

    def business_hour(self, day: date, at: time) -> datetime:
        """When clocks at the market show ``at`` on ``day`` (the first of two such hours; RFC 5545 §3.3.5)."""
        return _instant(day, at, self.zone)

    def next_business_hour(self, after: datetime, at: time) -> datetime:
        """The first instant strictly after ``after`` when clocks at the market show ``at`` on a business day."""
        day = self.add_business_days(self.day_of(after), 0)
        instant = _instant(day, at, self.zone)
        return instant if instant > after else _instant(self.add_business_days(day, 1), at, self.zone)

    # --- Inside ---

    def _nearest_trading_day(self, day: date, step: timedelta) -> date:
        result = day
        for _ in range(_MOST_CLOSED_DAYS):
            if self.is_trading_day(result):
                return result
            result = _moved(result, step)
        raise CalendarError(
            f"market {self.settings.market} has no trading day in the {_MOST_CLOSED_DAYS} days from {day} "
            f"{'on' if step > timedelta() else 'back'}; {len(self._closed)} days are closed by the settings (`closed`)"
        )

    def _next_business_day(self, day: date) -> date:
        result = day
        for _ in range(_MOST_CLOSED_DAYS):
            if self.is_business_day(result):
                return result
            result = _moved(result, _DAY)
        raise CalendarError(f"{self.settings.settlement} has no business day in a year from {day} on")


def check_market(code: str) -> None:
    """Raises ``CalendarError`` when there is no financial calendar of that code."""
    # lazy: importing `holidays` takes 70 to 120 ms, half of `aiohttp.web`; not at every start.
    import holidays

    known = holidays.list_supported_financial()
    if code not in known:
        raise CalendarError(f"calendar {code!r} is unknown; known are {', '.join(sorted(known))}")


@lru_cache(maxsize=256)
def _working_days(code: str, year: int) -> frozenset[date]:
    """The days of ``year`` that are neither weekend nor holiday in the financial calendar ``code``."""
    # lazy: importing `holidays` and its first calendar takes 70 to 120 ms, half of `aiohttp.web`; not at every start.
    import holidays

    check_market(code)
    calendar = holidays.financial_holidays(code, years=year)
    first = date(year, 1, 1).toordinal()
    days = (date.fromordinal(first + offset) for offset in range((date(year, 12, 31).toordinal() - first) + 1))
    return frozenset(day for day in days if calendar.is_working_day(day))


def _local_day(at: datetime, timezone: tzinfo) -> date:
    if at.tzinfo is None:
        raise ValueError(f"{at.isoformat()} has no time zone; an instant needs one, such as UTC")
    try:
        return at.astimezone(timezone).date()
    except OverflowError:
        raise CalendarError(f"{at.isoformat()} has no date in {timezone}: the calendar ends there") from None


@lru_cache(maxsize=1024)
def _instant(day: date, at: time, timezone: tzinfo) -> datetime:
    """When clocks in ``timezone`` show ``at`` on ``day``, in UTC; gaps and repeats as in RFC 5545 §3.3.5."""
    try:
        return datetime.combine(day, at.replace(fold=0), timezone).astimezone(UTC)
    except OverflowError:
        raise CalendarError(f"{day} {at} in {timezone} is no instant: the calendar ends there") from None


def _moved(day: date, by: timedelta) -> date:
    try:
        return day + by
    except OverflowError:
        side = "after" if by > timedelta() else "before"
        raise CalendarError(f"the calendar ends at {day}: there is no day {side} it") from None
