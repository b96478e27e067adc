"""trading.md §11: LIMIT and STOP orders wait with the partner for their price, and never deal at a worse one."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from mockserver.domain import seeding
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_100, Desk
from tests.domain.support.requests import limit, now, ordered, stop, waits_for

OWN = "XS0000000709"
"""An instrument of the test's own: 99 bid, 100 asked."""
SWINGS = "XS0000000717"
"""Another: 200 and 300 in turn, hour by hour."""


@pytest.fixture(autouse=True)
def market(desk: Desk) -> None:
    desk.instrument(OWN)
    quote(desk, "99", "100")
    desk.hold(OWN, "10")


def quote(desk: Desk, bid: str, ask: str, isin: str = OWN) -> None:
    seeding.price(desk.world, instrument=isin, bid=Decimal(bid), ask=Decimal(ask))


# --- At once (§11: a buy looks at the offer, a sell at the bid) ---


@pytest.mark.parametrize(
    ("side", "price", "dealt"),
    [
        ("BUY", "100", "100"),
        ("BUY", "100.01", "100"),
        ("BUY", "99.99", None),
        ("SELL", "99", "99"),
        ("SELL", "98.99", "99"),
        ("SELL", "99.01", None),
    ],
)
def test_a_limit_order_deals_at_its_limit_or_better(desk: Desk, side: str, price: str, dealt: str | None) -> None:
    order = limit(desk, side, price, OWN)
    desk.advance()
    assert [each.price for each in now(desk, order).executions] == ([dealt] if dealt else [])
    assert now(desk, order).status == ("FILLED" if dealt else "PROCESSING")


@pytest.mark.parametrize(
    ("side", "price", "dealt"),
    [
        ("BUY", "100", "100"),
        ("BUY", "99.99", "100"),
        ("BUY", "100.01", None),
        ("SELL", "99", "99"),
        ("SELL", "99.01", "99"),
        ("SELL", "98.99", None),
    ],
)
def test_a_stop_order_deals_once_the_price_has_come_to_it(desk: Desk, side: str, price: str, dealt: str | None) -> None:
    order = stop(desk, side, price, OWN)
    desk.advance()
    assert [each.price for each in now(desk, order).executions] == ([dealt] if dealt else [])


# --- Waiting ---


@pytest.mark.parametrize(
    ("side", "price", "bid", "ask"), [("BUY", "90", "89", "89.5"), ("SELL", "110", "110.5", "112")]
)
def test_a_limit_order_waits_until_the_price_is_good(desk: Desk, side: str, price: str, bid: str, ask: str) -> None:
    order = limit(desk, side, price, OWN)
    told = desk.advance("30d")
    assert told == ["ORDER.PROCESSING"]
    quote(desk, "95", "105")
    assert desk.advance("1d") == []
    quote(desk, bid, ask)
    assert "ORDER.FILLED" in desk.advance()
    assert [each.price for each in now(desk, order).executions] == [ask if side == "BUY" else bid]


@pytest.mark.parametrize(("side", "price"), [("BUY", "110"), ("SELL", "90")])
def test_a_stop_order_deals_at_market_however_far_that_has_gone(desk: Desk, side: str, price: str) -> None:
    order = stop(desk, side, price, OWN)
    desk.advance("1d")
    assert now(desk, order).status == "PROCESSING"
    quote(desk, "80", "115")  # beyond both stops
    desk.advance()
    assert [each.price for each in now(desk, order).executions] == ["115" if side == "BUY" else "80"]


def test_who_waits_for_a_price_says_for_which(desk: Desk) -> None:
    order = limit(desk, "BUY", "90", OWN)
    desk.advance()
    assert waits_for(desk, order) == f"the price of {OWN} is 100; this LIMIT BUY waits for at most 90"


def test_who_waits_for_a_price_leaves_the_world_idle(desk: Desk) -> None:
    limit(desk, "BUY", "90", OWN)
    desk.advance()
    assert desk.world.clock.idle


def test_an_order_for_an_instrument_without_a_price_waits_with_the_partner(desk: Desk) -> None:
    desk.instrument(SWINGS)
    order = limit(desk, "BUY", "90", SWINGS)
    assert desk.advance("1d") == ["ORDER.PROCESSING"]
    quote(desk, "80", "85", SWINGS)
    desk.advance()
    assert now(desk, order).status == "FILLED"


def test_a_stop_stays_triggered_when_the_price_goes_back(desk: Desk) -> None:
    # Parts of 100 EUR: 3 units at 100 are three executions.
    desk.instrument(OWN, "100", story="parts-by-amount")
    quote(desk, "100", "100")
    order = stop(desk, "BUY", "100", OWN, "3")
    desk.advance("250ms")
    assert len(now(desk, order).executions) == 1
    quote(desk, "90", "90")
    desk.advance()
    assert now(desk, order).executions[0].price == "100"
    assert now(desk, order).status == "FILLED"


def test_every_part_of_a_limit_order_keeps_the_limit(desk: Desk) -> None:
    desk.instrument(OWN, "100", story="parts-by-amount")
    quote(desk, "100", "100")
    order = limit(desk, "BUY", "100", OWN, "3")
    desk.advance("250ms")
    quote(desk, "101", "101")
    desk.advance("1d")
    assert [each.price for each in now(desk, order).executions] == ["100"]
    quote(desk, "99", "99")
    desk.advance()
    assert {each.price for each in now(desk, order).executions} == {"100", "99"}
    assert now(desk, order).status == "FILLED"


def test_a_price_reached_at_night_counts_when_the_market_opens(open_desk: OpenDesk) -> None:
    desk = open_desk("live", now=datetime(2023, 1, 10, 15, tzinfo=UTC))
    order = limit(desk, "BUY", "90", AT_100)
    desk.advance("7h")
    seeding.price(desk.world, instrument=AT_100, bid=Decimal(80))
    desk.advance("8h")
    assert now(desk, order).status == "PROCESSING"
    desk.advance("3h")
    (told,) = desk.told("EXECUTION.FILLED")
    assert told["transaction_time"] == "2023-01-11T08:00:00Z"


# --- Prices that move by themselves ---


@pytest.mark.parametrize(("side", "price", "dealt"), [("BUY", "200", "200"), ("SELL", "300", "300")])
def test_a_limit_is_looked_at_every_hour_where_the_price_swings(desk: Desk, side: str, price: str, dealt: str) -> None:
    desk.instrument(SWINGS, story="price-swings")
    desk.hold(SWINGS, "10")
    orders = [limit(desk, side, price, SWINGS)]
    desk.advance("5m")
    orders.append(limit(desk, side, price, SWINGS))
    desk.advance("1h")
    assert [[each.price for each in now(desk, order).executions] for order in orders] == [[dealt], [dealt]]


def test_a_swinging_price_never_reaches_some_limits_and_leaves_the_world_idle(desk: Desk) -> None:
    desk.instrument(SWINGS, story="price-swings")
    desk.hold(SWINGS, "10")
    order = limit(desk, "BUY", "199", SWINGS)
    desk.advance("10h")
    assert now(desk, order).status == "PROCESSING"
    assert desk.world.clock.idle


def test_a_stop_waits_for_the_hour_too(desk: Desk) -> None:
    # One of the two is reached at once, the other at the next full hour.
    desk.instrument(SWINGS, story="price-swings")
    desk.hold(SWINGS, "10")
    orders = [stop(desk, "BUY", "300", SWINGS), stop(desk, "SELL", "200", SWINGS)]
    desk.advance("59m")
    assert sorted(str(now(desk, order).status) for order in orders) == ["FILLED", "PROCESSING"]
    desk.advance("2m")
    assert [str(now(desk, order).status) for order in orders] == ["FILLED", "FILLED"]


def test_an_instrument_with_a_volatility_is_looked_at_every_hour(desk: Desk) -> None:
    # Somewhere in a year, a price that moves by a twentieth a day is below 95; nobody sets it.
    desk.instrument(SWINGS, "100", volatility=Decimal("0.05"))
    order = limit(desk, "BUY", "95", SWINGS)
    desk.advance("365d")
    (execution,) = now(desk, order).executions
    assert Decimal(execution.price) <= 95
    assert (execution.transaction_time.minute, execution.transaction_time.second) == (0, 0)


# --- What it locks (§10.3) ---


def test_a_limit_buy_locks_110_percent_of_its_limit(desk: Desk) -> None:
    limit(desk, "BUY", "80", OWN, "10")
    assert desk.cash()["locked_for_trading"] == "880"


def test_a_stop_buy_locks_110_percent_of_its_stop(desk: Desk) -> None:
    stop(desk, "BUY", "120", OWN, "10")
    assert desk.cash()["locked_for_trading"] == "1320"


def test_a_switch_estimates_them_at_the_market(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"behaviour": {"unit_buy_estimate": "market"}})
    limit(desk, "BUY", "80", AT_100, "10")
    assert desk.cash()["locked_for_trading"] == "1100"


def test_a_limit_sell_locks_its_units(desk: Desk) -> None:
    limit(desk, "SELL", "200", OWN, "4")
    desk.advance()
    assert desk.position(OWN)["locked_for_trading"] == "4"


# --- By command ---


@pytest.mark.parametrize(("side", "price"), [("BUY", "90"), ("SELL", "110")])
def test_a_limit_order_filled_by_command_deals_at_its_limit(desk: Desk, side: str, price: str) -> None:
    order = limit(desk, side, price, OWN)
    desk.advance()
    desk.move("orders", order.id, "FILLED")
    assert [each.price for each in now(desk, order).executions] == [price]


def test_a_market_order_beside_them_is_not_held_up(desk: Desk) -> None:
    limit(desk, "BUY", "90", OWN)
    order = ordered(desk, instrument_id=OWN, quantity="1")
    desk.advance()
    assert now(desk, order).status == "FILLED"
