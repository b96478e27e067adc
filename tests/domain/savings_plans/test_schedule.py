"""payments.md §9.2: the dates of a savings plan."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise, takewhile
from typing import Any

import pytest
from dateutil.rrule import MONTHLY, WEEKLY, YEARLY, rrule  # type: ignore[import-untyped]
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockserver.domain.savings_plans.schedule import Due, Series, next_due
from mockserver.kernel.calendar import CalendarSettings, TradingCalendar
from tests.lanes import examples

CALENDAR = TradingCalendar(CalendarSettings(closed=(date(2024, 7, 3),)))
CENTURY = timedelta(days=36_525)


def dates(start: str, period: str, interval: int, count: int) -> list[str]:
    series = Series(date.fromisoformat(start), period, interval)
    return [str(series.nth(number)) for number in range(count)]


@pytest.mark.parametrize(
    ("start", "period", "interval", "wanted"),
    [
        ("2023-04-30", "MONTH", 1, ["2023-04-30", "2023-05-31", "2023-06-30"]),
        ("2023-01-31", "MONTH", 1, ["2023-01-31", "2023-02-28", "2023-03-31", "2023-04-30"]),
        ("2023-01-30", "MONTH", 1, ["2023-01-30", "2023-02-28", "2023-03-30"]),
        ("2023-02-28", "MONTH", 1, ["2023-02-28", "2023-03-31", "2023-04-30"]),
        ("2024-02-28", "MONTH", 1, ["2024-02-28", "2024-03-28"]),
        ("2023-11-30", "MONTH", 3, ["2023-11-30", "2024-02-29", "2024-05-31"]),
        ("2024-02-29", "YEAR", 1, ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]),
        ("2023-02-28", "YEAR", 1, ["2023-02-28", "2024-02-28"]),
        ("2023-12-27", "WEEK", 2, ["2023-12-27", "2024-01-10", "2024-01-24"]),
        ("2999-12-31", "WEEK", 1, ["2999-12-31", "None"]),
        ("2023-01-01", "YEAR", 1000, ["2023-01-01", "None"]),
    ],
)
def test_the_dates_of_a_plan(start: str, period: str, interval: int, wanted: list[str]) -> None:
    assert dates(start, period, interval, len(wanted)) == wanted


def judged(start: date, period: str, interval: int, until: date) -> list[date]:
    """The same dates by dateutil: of the days from the shortest month's last to the one wanted, the last that is."""
    from_last = period == "MONTH" and (start + timedelta(days=1)).day == 1
    days: Any = -1 if from_last else (tuple(range(28, start.day + 1)) if start.day > 28 else start.day)
    by_day = {"bymonthday": days, "bysetpos": -1}
    rules: dict[str, tuple[int, dict[str, Any]]] = {
        "WEEK": (WEEKLY, {}),
        "MONTH": (MONTHLY, by_day),
        "YEAR": (YEARLY, {"bymonth": start.month, **by_day}),
    }
    frequency, by = rules[period]
    return [each.date() for each in rrule(frequency, dtstart=start, interval=interval, until=until, **by)]


STARTS = st.dates(date(2016, 1, 1), date(2030, 12, 31))
PERIODS = st.sampled_from(["WEEK", "MONTH", "YEAR"])
INTERVALS = st.one_of(st.integers(1, 6), st.integers(1, 1000))


@settings(max_examples=examples(60, heavy=2000), deadline=None)
@given(start=STARTS, period=PERIODS, interval=INTERVALS)
@example(start=date(2024, 2, 29), period="YEAR", interval=1)
@example(start=date(2023, 1, 31), period="MONTH", interval=1)
@example(start=date(2023, 1, 30), period="MONTH", interval=1)
@example(start=date(2023, 1, 30), period="MONTH", interval=13)
def test_a_century_of_dates_is_that_of_dateutil(start: date, period: str, interval: int) -> None:
    until, series = start + CENTURY, Series(start, period, interval)
    wanted = judged(start, period, interval, until)
    numbered = (series.nth(number) for number in range(len(wanted) + 1))
    assert list(takewhile(lambda day: day is not None and day <= until, numbered)) == wanted


@settings(max_examples=examples(60, heavy=2000), deadline=None)
@given(start=STARTS, period=PERIODS, interval=INTERVALS, days=st.integers(-400, 36_525))
def test_the_first_date_after_a_day_is_found_without_counting(
    start: date, period: str, interval: int, days: int
) -> None:
    day, series = start + timedelta(days=days), Series(start, period, interval)
    number = 0
    while (wanted := series.nth(number)) is not None and wanted <= day:
        number += 1
    assert series.first_after(day) == wanted


@settings(max_examples=examples(20, heavy=500), deadline=None)
@given(start=STARTS, period=PERIODS, interval=INTERVALS)
@example(start=date(2016, 1, 1), period="WEEK", interval=1)
def test_a_century_of_executions_is_each_date_on_its_next_trading_day_once(
    start: date, period: str, interval: int
) -> None:
    """Derived day by day from dateutil's dates and the market's calendar."""
    until = start + CENTURY
    wanted: list[date] = []
    for each in judged(start, period, interval, until):
        following = (each + timedelta(days=shift) for shift in range(30))
        traded = next(day for day in following if CALENDAR.is_trading_day(day))
        if not wanted or traded > wanted[-1]:
            wanted.append(traded)
    made: list[date] = []
    last: Due | None = None
    while (last := next_due(Series(start, period, interval), CALENDAR, today=start, last=last)) is not None:
        if last.day > until:
            break
        made.append(last.trading_day)
    assert made == wanted
    assert all(earlier < later for earlier, later in pairwise(made))


def test_a_shifted_date_does_not_move_the_ones_after_it() -> None:
    """1 April 2023 is a Saturday, 1 May a holiday of the market; 1 June is a Thursday."""
    series, last, days = Series(date(2023, 4, 1), "MONTH", 1), None, []
    for _ in range(3):
        last = next_due(series, CALENDAR, today=date(2023, 3, 20), last=last)
        assert last is not None
        days.append((str(last.day), str(last.trading_day)))
    assert days == [("2023-04-01", "2023-04-03"), ("2023-05-01", "2023-05-02"), ("2023-06-01", "2023-06-01")]


def test_dates_that_have_passed_are_skipped() -> None:
    series = Series(date(2023, 1, 2), "MONTH", 1)
    last = Due(date(2023, 2, 2), date(2023, 2, 2))
    assert next_due(series, CALENDAR, today=date(2023, 6, 2), last=last) == Due(date(2023, 6, 2), date(2023, 6, 2))
    assert next_due(series, CALENDAR, today=date(2023, 6, 3), last=last) == Due(date(2023, 7, 2), date(2023, 7, 3))


def test_a_date_that_was_brought_forward_is_not_carried_out_again() -> None:
    series = Series(date(2023, 1, 16), "MONTH", 1)
    brought_forward = Due(date(2023, 2, 16), date(2023, 2, 10))
    assert next_due(series, CALENDAR, today=date(2023, 2, 10), last=brought_forward) == Due(
        date(2023, 3, 16), date(2023, 3, 16)
    )


def test_two_dates_on_one_trading_day_are_one() -> None:
    """Only a market that is closed for more than a week can do this: here from 1 to 31 March 2023."""
    closed = TradingCalendar(CalendarSettings(closed=tuple(date(2023, 3, day) for day in range(1, 32))))
    series = Series(date(2023, 3, 1), "WEEK", 1)
    first = next_due(series, closed, today=date(2023, 2, 1))
    assert first == Due(date(2023, 3, 1), date(2023, 4, 3))
    assert next_due(series, closed, today=date(2023, 2, 1), last=first) == Due(date(2023, 4, 5), date(2023, 4, 5))
