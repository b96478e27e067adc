"""Trading days, hours and settlement days; the facts are Deutsche Börse's and the ECB's published calendars."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.kernel.calendar import CalendarError, CalendarSettings, TradingCalendar, zone

BERLIN = ZoneInfo("Europe/Berlin")
ALWAYS = TradingCalendar()
XETRA_HOURS = TradingCalendar(CalendarSettings(open=time(9), close=time(17, 30)))
days = st.dates(date(2016, 1, 1), date(2099, 12, 31))
instants = st.datetimes(datetime(2016, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 (hypothesis asks for naive bounds)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def day(text: str) -> date:
    return date.fromisoformat(text)


class TestTradingDays:
    @pytest.mark.parametrize(
        "closed",
        # live.deutsche-boerse.com, trading calendar: the non-trading days of 2024.
        [
            "2024-01-01",
            "2024-03-29",
            "2024-04-01",
            "2024-05-01",
            "2024-12-24",
            "2024-12-25",
            "2024-12-26",
            "2024-12-31",
        ],
    )
    def test_xetra_is_closed_on_its_holidays(self, closed: str) -> None:
        assert not ALWAYS.is_trading_day(day(closed))

    @pytest.mark.parametrize("trades", ["2024-05-09", "2024-05-20", "2024-05-30", "2024-10-03"])
    def test_xetra_trades_on_other_german_holidays(self, trades: str) -> None:
        assert ALWAYS.is_trading_day(day(trades))

    @given(days)
    def test_weekends_are_no_trading_days(self, any_day: date) -> None:
        assert not (any_day.isoweekday() > 5 and ALWAYS.is_trading_day(any_day))

    def test_further_days_can_be_closed_without_touching_settlement(self) -> None:
        calendar = TradingCalendar(CalendarSettings(closed=(day("2023-01-10"),)))
        assert ALWAYS.is_trading_day(day("2023-01-10"))
        assert not calendar.is_trading_day(day("2023-01-10"))
        assert calendar.is_business_day(day("2023-01-10"))

    def test_other_markets_have_other_weekends(self) -> None:
        riyadh = TradingCalendar(CalendarSettings(market="XSAU"))
        assert riyadh.is_trading_day(day("2023-01-08"))  # a Sunday
        assert not riyadh.is_trading_day(day("2023-01-06"))  # a Friday

    @pytest.mark.parametrize(
        ("of", "before", "on_or_before", "on_or_after"),
        [
            ("2023-01-10", "2023-01-09", "2023-01-10", "2023-01-10"),
            ("2023-01-09", "2023-01-06", "2023-01-09", "2023-01-09"),  # Monday
            ("2023-01-08", "2023-01-06", "2023-01-06", "2023-01-09"),  # Sunday
            ("2023-04-10", "2023-04-06", "2023-04-06", "2023-04-11"),  # Easter Monday
            ("2024-12-26", "2024-12-23", "2024-12-23", "2024-12-27"),
            ("2023-01-01", "2022-12-30", "2022-12-30", "2023-01-02"),
        ],
    )
    def test_neighbours(self, of: str, before: str, on_or_before: str, on_or_after: str) -> None:
        assert ALWAYS.previous_trading_day(day(of)) == day(before)
        assert ALWAYS.trading_day_on_or_before(day(of)) == day(on_or_before)
        assert ALWAYS.trading_day_on_or_after(day(of)) == day(on_or_after)

    @pytest.mark.parametrize("year", [1, 1900, 2101, 9998])
    def test_a_year_without_known_holidays_still_has_weekends(self, year: int) -> None:
        week = [date(year, 3, 1) + timedelta(offset) for offset in range(7)]
        assert sum(map(ALWAYS.is_trading_day, week)) == 5


class TestSettlement:
    @pytest.mark.parametrize(
        ("trade", "n", "settles"),
        [
            ("2021-07-21", 2, "2021-07-23"),  # trading.md §13, published
            ("2023-01-10", 0, "2023-01-10"),
            ("2023-01-07", 0, "2023-01-09"),  # Saturday
            ("2023-01-07", 1, "2023-01-09"),
            ("2023-01-06", 1, "2023-01-09"),  # Friday
            ("2023-01-05", 2, "2023-01-09"),
            ("2023-04-06", 2, "2023-04-12"),  # Good Friday and Easter Monday between
            ("2024-12-23", 1, "2024-12-24"),  # TARGET is open on 24 December, Xetra is not
            ("2024-12-24", 2, "2024-12-30"),
        ],
    )
    def test_counts_target_days(self, trade: str, n: int, settles: str) -> None:
        assert ALWAYS.add_business_days(day(trade), n) == day(settles)

    @given(days, st.integers(0, 10))
    def test_is_a_business_day_and_later_for_more_days(self, trade: date, n: int) -> None:
        settles = ALWAYS.add_business_days(trade, n + 1)
        assert ALWAYS.is_business_day(settles)
        assert ALWAYS.add_business_days(trade, n) <= settles
        assert sum(ALWAYS.is_business_day(trade + timedelta(i + 1)) for i in range((settles - trade).days)) == n + 1

    @pytest.mark.parametrize("n", [-1, 367, 10**9])
    def test_refuses_a_count_that_makes_no_sense(self, n: int) -> None:
        with pytest.raises(CalendarError, match="0 to 366 business days"):
            ALWAYS.add_business_days(day("2023-01-10"), n)


class TestHours:
    def test_without_hours_it_never_closes(self) -> None:
        christmas = utc("2024-12-25T03:00")
        assert ALWAYS.is_open(christmas)
        assert ALWAYS.next_open(christmas) == christmas

    @pytest.mark.parametrize(
        ("at", "is_open"),
        [
            ("2023-01-10T07:59:59.999999", False),
            ("2023-01-10T08:00", True),  # winter: 09:00 in Berlin
            ("2023-01-10T16:29:59.999999", True),
            ("2023-01-10T16:30", False),
            ("2023-07-10T06:59:59", False),
            ("2023-07-10T07:00", True),  # summer
            ("2023-07-10T15:30", False),
            ("2023-01-07T12:00", False),  # Saturday
            ("2024-12-24T12:00", False),
        ],
    )
    def test_open_from_its_hour_until_before_its_close(self, at: str, is_open: bool) -> None:
        assert XETRA_HOURS.is_open(utc(at)) is is_open

    @pytest.mark.parametrize(
        ("at", "opens"),
        [
            ("2023-01-10T10:00", "2023-01-10T10:00"),
            ("2023-01-10T06:00", "2023-01-10T08:00"),
            ("2023-01-10T16:30", "2023-01-11T08:00"),
            ("2023-01-06T18:00", "2023-01-09T08:00"),
            ("2023-03-24T18:00", "2023-03-27T07:00"),  # over the change to summer time
            ("2023-10-27T18:00", "2023-10-30T08:00"),  # and back
            ("2023-04-06T18:00", "2023-04-11T07:00"),  # over Easter
            ("2023-01-09T23:30", "2023-01-10T08:00"),  # already the 10th in Berlin
        ],
    )
    def test_next_open(self, at: str, opens: str) -> None:
        assert XETRA_HOURS.next_open(utc(at)) == utc(opens)

    def test_answers_in_utc(self) -> None:
        at = datetime(2023, 1, 10, 12, tzinfo=BERLIN)
        assert XETRA_HOURS.next_open(at).tzinfo is UTC
        assert ALWAYS.next_open(at).tzinfo is UTC

    @given(instants)
    def test_next_open_is_the_first_open_instant(self, at: datetime) -> None:
        opens = XETRA_HOURS.next_open(at)
        assert opens >= at
        assert XETRA_HOURS.is_open(opens)
        assert opens == at or not XETRA_HOURS.is_open(opens - timedelta(microseconds=1))

    def test_hours_inside_the_hour_the_clocks_skip(self) -> None:
        # Riyadh's market trades on Sundays, the day on which Berlin's clocks go from 02:00 to 03:00.
        calendar = TradingCalendar(CalendarSettings(market="XSAU", open=time(2, 30), close=time(5)))
        assert calendar.next_open(utc("2023-03-26T01:10")) == utc("2023-03-26T01:30")
        assert not calendar.is_open(utc("2023-03-26T01:10"))
        assert calendar.is_open(utc("2023-03-26T01:30"))


class TestTimeOfDay:
    @pytest.mark.parametrize(
        ("after", "instant"),
        [
            ("2023-01-10T00:14:59", "2023-01-10T00:15"),
            ("2023-01-10T00:15", "2023-01-11T00:15"),
            ("2023-01-06T12:00", "2023-01-07T00:15"),
        ],
    )
    def test_every_day_strictly_after(self, after: str, instant: str) -> None:
        assert ALWAYS.next_time_of_day(utc(after), time(0, 15), UTC, trading_days_only=False) == utc(instant)

    @pytest.mark.parametrize(
        ("after", "instant"),
        [
            ("2023-01-06T20:59", "2023-01-06T21:00"),
            ("2023-01-06T21:00", "2023-01-09T21:00"),
            ("2023-04-06T21:00", "2023-04-11T20:00"),
        ],
    )
    def test_trading_days_only(self, after: str, instant: str) -> None:
        assert ALWAYS.next_time_of_day(utc(after), time(22), BERLIN, trading_days_only=True) == utc(instant)

    def test_the_local_day_counts(self) -> None:
        # 23:30 UTC on Sunday is Monday in Berlin.
        at = ALWAYS.next_time_of_day(utc("2023-01-08T23:00"), time(0, 30), BERLIN, trading_days_only=True)
        assert at == utc("2023-01-08T23:30")

    def test_a_skipped_hour_counts_by_the_old_offset(self) -> None:
        at = ALWAYS.next_time_of_day(utc("2023-03-26T00:00"), time(2, 30), BERLIN, trading_days_only=False)
        assert at == utc("2023-03-26T01:30")

    def test_a_repeated_hour_counts_once(self) -> None:
        first = ALWAYS.next_time_of_day(utc("2023-10-28T12:00"), time(2, 30), BERLIN, trading_days_only=False)
        assert first == utc("2023-10-29T00:30")
        second = ALWAYS.next_time_of_day(first, time(2, 30), BERLIN, trading_days_only=False)
        assert second == utc("2023-10-30T01:30")

    @given(instants, st.times(), st.booleans())
    def test_no_instant_is_missed_or_repeated(self, start: datetime, at: time, trading_days_only: bool) -> None:
        found = [start]
        for _ in range(5):
            found.append(ALWAYS.next_time_of_day(found[-1], at, BERLIN, trading_days_only=trading_days_only))
        assert all(later > earlier for earlier, later in pairwise(found))
        local_days = [instant.astimezone(BERLIN).date() for instant in found[1:]]
        for earlier, later in pairwise(local_days):
            between = [earlier + timedelta(i) for i in range(1, (later - earlier).days)]
            assert not [day for day in between if not trading_days_only or ALWAYS.is_trading_day(day)]


class TestRefusals:
    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"open": time(9)}, "both open and close"),
            ({"open": time(9), "close": time(9)}, "not after it opens"),
            ({"open": time(9), "close": time(17, tzinfo=UTC)}, "carry none themselves"),
            ({"timezone": "Europe/Xanadu"}, "'Europe/Xanadu' is unknown"),
            ({"timezone": "../etc/passwd"}, "is unknown"),
        ],
    )
    def test_settings_that_contradict_themselves(self, settings: dict[str, time | str], message: str) -> None:
        with pytest.raises(CalendarError, match=message):
            CalendarSettings(**settings)  # type: ignore[arg-type]

    def test_an_unknown_market_is_told_the_known_ones(self) -> None:
        with pytest.raises(CalendarError, match=r"'XNIX' is unknown; known are .*XECB.*XETR"):
            TradingCalendar(CalendarSettings(market="XNIX")).is_trading_day(day("2023-01-10"))

    def test_a_market_that_never_trades_ends_in_an_error(self) -> None:
        closed = tuple(day("2022-01-01") + timedelta(offset) for offset in range(1000))
        calendar = TradingCalendar(CalendarSettings(closed=closed, open=time(9), close=time(17)))
        with pytest.raises(CalendarError, match="no trading day in the 366 days from 2023-01-10 on; 1000 days"):
            calendar.next_open(utc("2023-01-10T00:00"))
        with pytest.raises(CalendarError, match="366 days from 2023-01-09 back"):
            calendar.previous_trading_day(day("2023-01-10"))

    def test_the_ends_of_time_are_errors_too(self) -> None:
        with pytest.raises(CalendarError, match="no day before"):
            ALWAYS.previous_trading_day(date.min)
        with pytest.raises(CalendarError, match="calendar ends"):
            ALWAYS.add_business_days(date.max, 1)
        with pytest.raises(CalendarError, match="calendar ends"):
            XETRA_HOURS.is_open(datetime.max.replace(tzinfo=UTC))

    def test_an_instant_without_a_zone_is_refused(self) -> None:
        with pytest.raises(ValueError, match="has no time zone"):
            ALWAYS.is_open(datetime(2023, 1, 10))  # noqa: DTZ001 (what is refused)

    def test_a_zone_by_name(self) -> None:
        assert zone("Europe/Berlin") is BERLIN


def test_the_holidays_package_is_loaded_only_when_asked() -> None:
    program = "import sys, mockserver.kernel.calendar as c; c.TradingCalendar(); sys.exit('holidays' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0


class TestBusinessHours:
    """TARGET days: 2023-01-06 is a Friday, 2023-04-07 and -10 are Good Friday and Easter Monday."""

    @pytest.mark.parametrize(
        ("after", "at_noon"),
        [
            ("2023-01-10T10:59:59", "2023-01-10T11:00"),  # 12:00 in Berlin is 11:00Z in winter
            ("2023-01-10T11:00:00", "2023-01-11T11:00"),  # strictly after
            ("2023-01-06T11:00:00", "2023-01-09T11:00"),
            ("2023-01-07T08:00:00", "2023-01-09T11:00"),
            ("2023-04-06T12:00:00", "2023-04-11T10:00"),  # and 10:00Z in summer
            ("2023-01-09T23:30:00", "2023-01-10T11:00"),  # it is the 10th in Berlin already
        ],
    )
    def test_the_next_one_is_strictly_later_and_on_a_business_day(self, after: str, at_noon: str) -> None:
        assert ALWAYS.next_business_hour(utc(after), time(12)) == utc(at_noon)

    @given(instants, st.times())
    def test_none_is_passed_over(self, after: datetime, at: time) -> None:
        found = ALWAYS.next_business_hour(after, at)
        assert found > after
        between = (ALWAYS.day_of(after) + timedelta(days=count) for count in range(15))
        passed = [ALWAYS.business_hour(each, at) for each in between if ALWAYS.is_business_day(each)]
        assert [each for each in passed if after < each < found] == []
        assert found in passed
