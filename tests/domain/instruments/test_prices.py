"""Prices: what was set, what stands in its place, and how good it is (portfolios.md §6, trading.md §9, §13, §18)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from mockserver.domain.instruments import prices
from mockserver.domain.instruments.instruments import Instrument, by_isin
from mockserver.domain.instruments.prices import best, dealing, eod, midnight, set_price
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_85, AT_100, MORNING, Desk
from tests.domain.support.holdings import A, aim, close_at, list_instruments, quote

SWINGING, RANDOM = "DE0000000S01", "IE00B95PGT31"


@pytest.fixture
def unpriced(desk: Desk) -> Instrument:
    list_instruments(desk, A, price=None)
    return by_isin(desk.world, A)


# --- Sides ---


def test_a_buy_is_dealt_at_the_published_offer_and_a_sell_at_the_bid(desk: Desk) -> None:
    instrument = by_isin(desk.world, AT_85)
    assert dealing(desk.world, instrument, "BUY") == Decimal("85.22")
    assert dealing(desk.world, instrument, "SELL") == Decimal("81.77")


def test_a_valuation_takes_the_middle_of_bid_and_offer(desk: Desk) -> None:
    price = best(desk.world, by_isin(desk.world, AT_85))
    assert price is not None
    assert price.middle == Decimal("83.495")  # (81.77 + 85.22) / 2


def test_an_instrument_without_a_price_has_none_of_any_kind(desk: Desk, unpriced: Instrument) -> None:
    assert best(desk.world, unpriced) is None
    assert eod(desk.world, unpriced, date(2023, 1, 9)) is None
    assert dealing(desk.world, unpriced, "BUY") is None


def test_one_side_of_a_quote_stands_for_both(desk: Desk, unpriced: Instrument) -> None:
    set_price(desk.world, instrument=A, bid=Decimal(7))
    assert dealing(desk.world, unpriced, "BUY") == dealing(desk.world, unpriced, "SELL") == Decimal(7)


# --- Quality ---


def quality(desk: Desk) -> str | None:
    price = best(desk.world, by_isin(desk.world, A))
    return None if price is None else price.quality.value


def test_a_quote_of_this_moment_is_realtime(desk: Desk, unpriced: Instrument) -> None:
    quote(desk, A, "10")
    assert quality(desk) == "REALTIME"


def test_a_quote_is_delayed_once_time_has_passed(desk: Desk, unpriced: Instrument) -> None:
    quote(desk, A, "10")
    desk.advance("1s")
    assert quality(desk) == "DELAYED"
    price = best(desk.world, unpriced)
    assert price is not None
    assert price.time == MORNING


def test_without_a_quote_the_last_end_of_day_price_is_the_best(desk: Desk, unpriced: Instrument) -> None:
    close_at(desk, A, "2023-01-09", "12")
    price = best(desk.world, unpriced)
    assert price is not None
    assert (price.bid, price.ask, price.middle) == (Decimal(12),) * 3
    assert (price.quality, price.time) == ("EOD", datetime(2023, 1, 9, tzinfo=UTC))


def test_an_end_of_day_price_is_newer_than_a_quote_of_that_day(desk: Desk, unpriced: Instrument) -> None:
    quote(desk, A, "10")
    close_at(desk, A, "2023-01-10", "12")
    assert quality(desk) == "REALTIME"  # the day is not over
    desk.advance("1d")
    assert quality(desk) == "EOD"


def test_a_new_quote_is_newer_than_yesterdays_end_of_day_price(desk: Desk, unpriced: Instrument) -> None:
    close_at(desk, A, "2023-01-09", "12")
    quote(desk, A, "10")
    assert quality(desk) == "REALTIME"


def test_the_sandboxs_own_quotes_are_of_now_at_any_hour(open_desk: OpenDesk) -> None:
    desk = open_desk(now=datetime(2023, 1, 8, 3, tzinfo=UTC))  # a Sunday night
    price = best(desk.world, by_isin(desk.world, AT_100))
    assert price is not None
    assert (price.quality, price.time) == ("REALTIME", desk.world.now)


def test_while_the_market_is_closed_the_last_trading_days_price_is_the_best(open_desk: OpenDesk) -> None:
    desk = open_desk("live", now=datetime(2023, 1, 8, 12, tzinfo=UTC))  # Sunday; the Friday before is the 6th
    price = best(desk.world, by_isin(desk.world, AT_100))
    assert price is not None
    assert (price.quality, price.time) == ("EOD", datetime(2023, 1, 6, tzinfo=UTC))


# --- End of day ---


def test_an_end_of_day_price_goes_on_until_the_next_one(desk: Desk, unpriced: Instrument) -> None:
    close_at(desk, A, "2023-01-12", "14")
    close_at(desk, A, "2023-01-09", "12")
    found = [eod(desk.world, unpriced, date(2023, 1, day)) for day in (8, 9, 10, 11, 12, 13)]
    of_the_9th, of_the_12th = (Decimal(12), date(2023, 1, 9)), (Decimal(14), date(2023, 1, 12))
    assert found == [None, of_the_9th, of_the_9th, of_the_9th, of_the_12th, of_the_12th]


def test_a_day_set_to_none_has_no_price_until_the_next_one_that_has(desk: Desk, unpriced: Instrument) -> None:
    for day, price in (("2023-01-09", "12"), ("2023-01-10", None), ("2023-01-12", "13")):
        close_at(desk, A, day, price)
    found = [eod(desk.world, unpriced, date(2023, 1, day)) for day in (9, 10, 11, 12)]
    assert [price is None for price in found] == [False, True, True, False]


def test_the_price_of_a_day_can_be_corrected(desk: Desk, unpriced: Instrument) -> None:
    for price in ("12", "13"):
        close_at(desk, A, "2023-01-09", price)
    assert eod(desk.world, unpriced, date(2023, 1, 9)) == (Decimal(13), date(2023, 1, 9))


@pytest.mark.parametrize(
    ("day", "traded"),
    [
        ("2023-01-06", "2023-01-06"),  # a Friday
        ("2023-01-08", "2023-01-06"),  # a Sunday
        ("2023-04-10", "2023-04-06"),  # Easter Monday, after Good Friday
    ],
)
def test_an_own_quote_closes_on_trading_days_only(desk: Desk, day: str, traded: str) -> None:
    found = eod(desk.world, by_isin(desk.world, AT_100), date.fromisoformat(day))
    assert found == (Decimal("100.00"), date.fromisoformat(traded))


def test_the_moment_of_a_day_is_its_midnight_in_utc() -> None:
    assert midnight(date(2023, 1, 9)).isoformat() == "2023-01-09T00:00:00+00:00"


# --- Instruments whose price moves by itself ---


def test_the_swinging_price_is_200_and_300_hour_by_hour(desk: Desk) -> None:
    list_instruments(desk, SWINGING, story="price-swings")
    found = []
    for _ in range(4):
        price = dealing(desk.world, by_isin(desk.world, SWINGING), "BUY")
        assert price == dealing(desk.world, by_isin(desk.world, SWINGING), "SELL")
        found.append(price)
        desk.advance("1h")
    assert found[:2] == found[2:]
    assert set(found) == {Decimal(200), Decimal(300)}


def test_the_random_price_holds_for_an_hour_and_comes_from_the_seed(open_desk: OpenDesk) -> None:
    one, same, other = open_desk(seed=1), open_desk(seed=1), open_desk(seed=2)
    series = []
    for desk in (one, same, other):
        found = []
        for _ in range(4):
            found.append(dealing(desk.world, by_isin(desk.world, RANDOM), "BUY"))
            desk.advance("30m")
        series.append(found)
    assert series[0] == series[1] != series[2]
    assert series[0][0] == series[0][1] != series[0][2] == series[0][3]


# --- Setting ---


@pytest.mark.parametrize(
    "values",
    [
        {"bid": Decimal(0)},
        {"ask": Decimal("-0.01")},
        {"day": date(2023, 1, 9), "eod": Decimal("NaN")},
        {"day": date(2023, 1, 9), "eod": Decimal("Infinity")},
        {"eod": Decimal(1)},
        {},
    ],
)
def test_what_is_no_price_is_refused(desk: Desk, values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"price|nothing to set"):
        set_price(desk.world, instrument=AT_100, **values)  # type: ignore[arg-type]
    assert not list(desk.world.table(prices.PRICES))


def test_a_price_of_an_unknown_instrument_is_refused_by_name(desk: Desk) -> None:
    with pytest.raises(LookupError, match=A):
        set_price(desk.world, instrument=A, bid=Decimal(1))


@pytest.mark.parametrize("form", ["{isin}", "isin:{isin}", "urn:isin:{isin}", "{id}", "uuid:{id}", "urn:uuid:{id}"])
def test_an_instrument_can_be_named_in_any_form(desk: Desk, unpriced: Instrument, form: str) -> None:
    name = form.format(isin=A, id=unpriced.id)
    assert set_price(desk.world, instrument=name, bid=Decimal(1)) == unpriced


def test_orders_that_wait_for_a_price_go_on_when_there_is_one(desk: Desk, unpriced: Instrument) -> None:
    aim(desk, {A: "1"})
    order = desk.order("BUY", "100")
    desk.advance("1h")
    assert desk.portfolio_order(order.id).status == "NEW"
    quote(desk, A, "50")
    desk.advance()
    assert desk.portfolio_order(order.id).status == "SETTLED"
    assert Decimal(desk.position(A)["quantity"]) == 2


def test_orders_that_wait_for_a_price_go_on_when_that_of_the_day_becomes_known(
    desk: Desk, unpriced: Instrument
) -> None:
    aim(desk, {A: "1"})
    order = desk.order("BUY", "100")
    desk.advance("1m")
    close_at(desk, A, "2023-01-10", "50")
    desk.advance("14h58m")  # to a minute before midnight
    assert desk.portfolio_order(order.id).status == "NEW"
    desk.advance("2m")
    assert desk.portfolio_order(order.id).status == "SETTLED"


def test_a_price_that_will_become_known_does_not_keep_a_world_from_being_idle(desk: Desk, unpriced: Instrument) -> None:
    close_at(desk, A, "2023-02-01", "50")
    assert desk.world.clock.idle


def test_a_price_set_for_a_day_far_ahead_changes_nothing_today(desk: Desk, unpriced: Instrument) -> None:
    close_at(desk, A, "2023-01-09", "12")
    close_at(desk, A, "2023-02-09", "99")
    price = best(desk.world, unpriced)
    assert price is not None
    assert price.middle == Decimal(12)


def test_until_the_first_day_that_is_set_the_instruments_own_quote_stands(desk: Desk) -> None:
    """The most recent available price: that of a day that is not over is not available yet (portfolios.md §6)."""
    instrument = by_isin(desk.world, AT_100)
    close_at(desk, AT_100, "2023-01-10", "120")
    price = best(desk.world, instrument)
    assert price is not None
    assert (price.middle, price.quality) == (Decimal(100), "REALTIME")
    assert eod(desk.world, instrument, date(2023, 1, 9)) == (Decimal(100), date(2023, 1, 9))
    desk.advance("1d")
    assert dealing(desk.world, instrument, "BUY") == Decimal(120)


def test_a_day_closes_at_its_last_quote_where_no_end_of_day_price_is_set(desk: Desk, unpriced: Instrument) -> None:
    quote(desk, A, "10")
    desk.advance("1h")
    quote(desk, A, "11", "13")
    desk.advance("2d")
    found = [eod(desk.world, unpriced, date(2023, 1, day)) for day in (9, 10, 11)]
    assert found == [None, (Decimal(12), date(2023, 1, 10)), (Decimal(12), date(2023, 1, 10))]


def test_a_quote_that_is_set_closes_in_place_of_the_instruments_own(desk: Desk) -> None:
    quote(desk, AT_100, "110")
    instrument = by_isin(desk.world, AT_100)
    found = [eod(desk.world, instrument, date(2023, 1, day)) for day in (9, 10)]
    assert found == [(Decimal(100), date(2023, 1, 9)), (Decimal(110), date(2023, 1, 10))]


def test_the_end_of_day_price_that_is_set_counts_and_not_the_quote_of_that_day(
    desk: Desk, unpriced: Instrument
) -> None:
    quote(desk, A, "10")
    close_at(desk, A, "2023-01-10", "12")
    close_at(desk, A, "2023-01-11", None)
    found = [eod(desk.world, unpriced, date(2023, 1, day)) for day in (10, 11)]
    assert found == [(Decimal(12), date(2023, 1, 10)), None]


def test_a_quote_closes_after_an_older_end_of_day_price(desk: Desk, unpriced: Instrument) -> None:
    close_at(desk, A, "2023-01-06", "12")
    quote(desk, A, "10")
    found = [eod(desk.world, unpriced, date(2023, 1, day)) for day in (9, 10)]
    assert found == [(Decimal(12), date(2023, 1, 6)), (Decimal(10), date(2023, 1, 10))]
