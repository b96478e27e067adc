"""The moving quote: from the seed and the moment alone, where it begins, when it moves, and how far."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import pstdev

import pytest

from mockserver.domain.instruments.instruments import Instrument, by_isin
from mockserver.domain.instruments.price_series import own_quote
from mockserver.domain.instruments.prices import best, dealing, eod
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import MORNING, Desk

MOVING = "DE000000M011"


@pytest.fixture
def moving(desk: Desk) -> Instrument:
    desk.instrument(MOVING, "99.90", ask=Decimal("100.10"), volatility=Decimal("0.02"))
    return by_isin(desk.world, MOVING)


def at(desk: Desk, instrument: Instrument, *moments: datetime) -> list[tuple[Decimal, Decimal] | None]:
    return [own_quote(desk.world, instrument, moment) for moment in moments]


def closes(desk: Desk, instrument: Instrument, count: int) -> list[Decimal]:
    """The closes of ``count`` trading days up to yesterday."""
    found: list[Decimal] = []
    day = MORNING.date()
    for _ in range(count):
        day = desk.world.calendar.previous_trading_day(day)
        closing = eod(desk.world, instrument, day)
        assert closing is not None
        found.append(closing[0])
    return found[::-1]


def test_it_begins_at_the_instruments_bid_and_ask(desk: Desk, moving: Instrument) -> None:
    assert own_quote(desk.world, moving, MORNING) == (Decimal("99.90"), Decimal("100.10"))


def test_orders_and_valuations_follow_it(desk: Desk, moving: Instrument) -> None:
    desk.advance("1d")
    quote = own_quote(desk.world, moving, desk.world.now)
    assert quote is not None
    assert quote != (Decimal("99.90"), Decimal("100.10"))
    assert (dealing(desk.world, moving, "SELL"), dealing(desk.world, moving, "BUY")) == quote
    price = best(desk.world, moving)
    assert price is not None
    assert price.middle == sum(quote) / 2


def test_it_comes_from_the_seed_whatever_else_happened(open_desk: OpenDesk) -> None:
    series: list[list[Decimal]] = []
    for seed in (1, 1, 2):
        desk = open_desk(seed=seed)
        if series:
            desk.place("BUY", "IE0032077012", amount="100")  # draws ids and moves the clock's queue
        desk.instrument(MOVING, "100", volatility=Decimal("0.02"))
        series.append(closes(desk, by_isin(desk.world, MOVING), 30))
    assert series[0] == series[1] != series[2]


def test_two_instruments_move_by_themselves(desk: Desk, moving: Instrument) -> None:
    desk.instrument("DE000000M029", "99.90", ask=Decimal("100.10"), volatility=Decimal("0.02"))
    assert closes(desk, moving, 5) != closes(desk, by_isin(desk.world, "DE000000M029"), 5)


def test_without_volatility_it_stands(desk: Desk) -> None:
    desk.instrument(MOVING, "100")
    assert set(closes(desk, by_isin(desk.world, MOVING), 30)) == {Decimal(100)}


def test_it_moves_at_full_hours_of_the_session_only(desk: Desk, moving: Instrument) -> None:
    day = datetime(2023, 1, 11, tzinfo=UTC)
    hours = at(desk, moving, *(day + timedelta(hours=hour) for hour in range(24)))
    assert len(set(hours[:7])) == 1  # the night: yesterday's close
    assert hours[:7] == at(desk, moving, *[day - timedelta(hours=1)] * 7)
    assert len(set(hours[6:17])) == 11  # 07:00 to 16:00, after the night
    assert len(set(hours[16:])) == 1
    minutes = at(desk, moving, *(day + timedelta(hours=9, minutes=minute) for minute in range(60)))
    assert len(set(minutes)) == 1


def test_it_stands_from_friday_evening_to_monday_morning(desk: Desk, moving: Instrument) -> None:
    friday, saturday, monday = (datetime(2023, 1, day, hour, tzinfo=UTC) for day, hour in ((13, 16), (14, 12), (16, 6)))
    quotes = at(desk, moving, friday, saturday, monday, monday + timedelta(hours=1))
    assert len(set(quotes[:3])) == 1
    assert quotes[3] != quotes[2]


def test_it_keeps_the_decimals_of_its_quote(desk: Desk) -> None:
    desk.instrument(MOVING, "6.261", ask=Decimal("6.299"), volatility=Decimal("0.02"))
    quotes = at(desk, by_isin(desk.world, MOVING), *(MORNING + timedelta(hours=hour) for hour in range(200)))
    exponents = {side.as_tuple().exponent for quote in quotes if quote for side in quote}
    assert exponents == {-3}


def test_a_volatility_is_about_the_deviation_of_a_days_change(desk: Desk, moving: Instrument) -> None:
    """Of 1,000 days with one drawn height a wave: within a fifth of the 2 % that were asked for."""
    days = closes(desk, moving, 1000)
    changes = [float(later / earlier - 1) for earlier, later in pairwise(days)]
    assert 0.016 < pstdev(changes) < 0.024


@pytest.mark.parametrize("price", ["0.01", "0.05", "100"])
def test_it_never_reaches_zero(desk: Desk, price: str) -> None:
    desk.instrument(MOVING, price, volatility=Decimal(1))
    assert min(closes(desk, by_isin(desk.world, MOVING), 1000)) >= Decimal("0.01")


def test_any_moment_is_known_however_far_away(desk: Desk, moving: Instrument) -> None:
    for year in (1900, 1950, 2190):
        assert eod(desk.world, moving, date(year, 6, 1)) is not None
