"""concepts.md §9.2: instruments of the sandbox on which orders go in a way of their own."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mockserver.domain import seeding
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_85, AT_100, IN_PARTS, PARTS_ONLY, Desk
from tests.domain.support.outcomes import executed, order_of, status

OWN = "XS0000000709"
"""An instrument of the test's own."""
RANDOM = "IE00B95PGT31"


# --- Partial fills (concepts.md §9.2) ---


@pytest.mark.parametrize(
    ("amount", "count"),
    [
        ("50", 1),
        ("100.99", 1),
        ("101", 2),
        ("200.99", 2),
        ("201", 3),
        ("300.99", 3),
        ("301", 4),
        ("400.99", 4),
        ("401.01", 5),
        ("5000", 5),
    ],
)
@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_the_amount_decides_the_number_of_executions(desk: Desk, side: str, amount: str, count: int) -> None:
    desk.hold(IN_PARTS, "1000")
    order = desk.place(side, IN_PARTS, amount=amount)
    desk.advance()
    parts = [Decimal(each) for each in executed(desk, order.id)]
    assert len(parts) == count
    assert sum(parts) == Decimal(amount)
    assert max(parts) - min(parts) <= Decimal("0.01")
    assert status(desk, order.id) == "FILLED"


def test_units_are_dealt_in_equal_parts_too(desk: Desk) -> None:
    # 2.5 units are 250, so three parts; a third cut to ten decimals twice, and the rest.
    order = desk.place("BUY", IN_PARTS, quantity="2.5")
    desk.advance()
    quantities = [each.share_quantity for each in order_of(desk, order.id).executions]
    assert quantities == ["0.8333333333", "0.8333333333", "0.8333333334"]


@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_a_price_that_rises_between_parts_deals_no_more_than_the_units(desk: Desk, side: str) -> None:
    """At 60 three units are worth 180: two parts of 1.5. At 67, 201: three parts of 1. At 101, 303: four of 0.75."""
    desk.instrument(OWN, "60", story="parts-by-amount")
    desk.hold(OWN, "10")
    order = desk.place(side, OWN, quantity="3")
    for price in ("60", "60", "67", "101"):
        seeding.price(desk.world, instrument=OWN, bid=Decimal(price))
        desk.advance("100ms")
    desk.advance()
    dealt = [Decimal(each.share_quantity) for each in order_of(desk, order.id).executions]
    assert (status(desk, order.id), dealt) == ("FILLED", [Decimal("1.5"), Decimal(1), Decimal("0.5")])
    assert (desk.position(OWN)["locked_for_trading"], desk.cash()["locked_for_trading"]) == ("0", "0")


def test_partial_fills_tell_their_executions_and_the_order_once(desk: Desk) -> None:
    order = desk.place("BUY", IN_PARTS, amount="300")
    told = [type_ for type_ in desk.advance() if type_.startswith(("ORDER.", "EXECUTION."))]
    assert [type_ for type_ in told if type_ != "EXECUTION.SETTLED"] == [
        "ORDER.PROCESSING",
        "EXECUTION.FILLED",
        "EXECUTION.FILLED",
        "EXECUTION.FILLED",
        "ORDER.FILLED",
    ]
    assert told.count("EXECUTION.SETTLED") == 3
    assert [len(each["executions"]) for each in desk.told("ORDER.FILLED")] == [3]
    assert len({each.id for each in order_of(desk, order.id).executions}) == 3


def test_between_partial_fills_the_rest_stays_locked(desk: Desk) -> None:
    order = desk.place("BUY", IN_PARTS, amount="300")
    desk.advance("200ms")
    assert (status(desk, order.id), desk.cash()["balance"]) == ("PROCESSING", "9900")
    assert desk.cash()["locked_for_trading"] == "200"
    assert len(order_of(desk, order.id).executions) == 1


def test_the_other_partial_instrument_is_cancelled_before_the_last(desk: Desk) -> None:
    order = desk.place("BUY", PARTS_ONLY, amount="1000")
    told = desk.advance()
    done = order_of(desk, order.id)
    assert (done.status, done.cancellation_reason) == ("CANCELLED", "CANCELLED_BY_TRADING_PARTNER")
    assert [(each.cash_amount, each.status) for each in done.executions] == [("200", "SETTLED")] * 4
    assert told.count("EXECUTION.FILLED") == 4
    assert "ORDER.FILLED" not in told
    assert desk.cash()["balance"] == desk.cash()["available_for_trading"] == "9200"


def test_a_partial_sell_that_is_cancelled_gives_the_rest_back(desk: Desk) -> None:
    desk.hold(PARTS_ONLY, "10")
    desk.place("SELL", PARTS_ONLY, quantity="10")
    desk.advance()
    position = desk.position(PARTS_ONLY)
    assert Decimal(position["quantity"]) == Decimal(position["available_for_trading"]) == 2
    assert desk.cash()["balance"] == "10800"


def test_an_amount_too_small_for_parts_ends_all_the_same(desk: Desk) -> None:
    order = desk.place("BUY", PARTS_ONLY, amount="0.01")
    desk.advance()
    # The one cent is in the first part; there is nothing in the others, and the last is cancelled.
    assert (status(desk, order.id), executed(desk, order.id)) == ("CANCELLED", ["0.01"])
    assert desk.cash()["available_for_trading"] == "9999.99"


# --- Other stories ---


def test_an_instrument_may_have_its_orders_cancelled(desk: Desk) -> None:
    desk.instrument(OWN, "100", story="cancelled")
    order = desk.place("BUY", OWN, amount="100")
    assert desk.advance() == ["ORDER.PROCESSING", "ORDER.CANCELLED", "CASH_BALANCE.UPDATED"]
    assert order_of(desk, order.id).cancellation_reason == "CANCELLED_BY_TRADING_PARTNER"
    assert desk.cash()["available_for_trading"] == "10000"


def test_a_profile_may_have_orders_cancelled(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"stages": {"order.execute": {"outcomes": {"CANCELLED": 1}}}})
    order = desk.place("BUY", AT_85, amount="100")
    desk.advance()
    assert order_of(desk, order.id).cancellation_reason == "CANCELLED_BY_TRADING_PARTNER"


def test_a_profile_may_have_the_orders_of_one_instrument_cancelled(open_desk: OpenDesk) -> None:
    override = {"match": {"instrument_id": AT_85}, "outcomes": {"CANCELLED": 1}}
    desk = open_desk(overrides={"stages": {"order.execute": {"overrides": [override]}}})
    orders = [desk.place("BUY", isin, amount="100") for isin in (AT_85, AT_100)]
    desk.advance()
    assert [status(desk, order.id) for order in orders] == ["CANCELLED", "FILLED"]


def test_a_swinging_price_is_200_or_300_by_the_hour(desk: Desk) -> None:
    desk.instrument(OWN, story="price-swings")
    prices = []
    for _ in range(3):
        order = desk.place("BUY", OWN, amount="600")
        desk.advance("1h")
        prices.append(order_of(desk, order.id).executions[0].price)
    assert sorted({prices[0], prices[1]}) == ["200", "300"]
    assert prices[0] == prices[2]


def test_a_random_price_is_the_same_in_every_world_of_one_seed(open_desk: OpenDesk) -> None:
    def price(seed: int) -> str:
        desk = open_desk(seed=seed)
        order = desk.place("BUY", RANDOM, amount="100")
        desk.advance()
        found: str = order_of(desk, order.id).executions[0].price
        return found

    assert price(1) == price(1)
    assert len({price(seed) for seed in range(5)}) > 1
