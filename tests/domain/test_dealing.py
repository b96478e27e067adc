"""trading.md §11, §13: how an order is executed, and what that tells."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mockserver.domain import seeding
from tests.domain.conftest import OpenDesk
from tests.domain.desk import AT_85, AT_100, IN_PARTS, Desk
from tests.domain.outcomes import executed, order_of, status

OWN = "XS0000000709"
"""An instrument of the test's own."""


# --- The sequence of events (§11) ---


def test_the_published_buy_1000_at_85_22(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="1000")
    order = desk.place("BUY", AT_85, amount="1000")
    desk.advance()
    assert desk.types_since() == [
        "ORDER.NEW",
        "CASH_BALANCE.UPDATED",
        "ORDER.PROCESSING",
        "EXECUTION.FILLED",
        "CASH_BALANCE.UPDATED",
        "POSITION.UPDATED",
        "CASH_TRANSACTION.EXECUTED",
        "SECURITY_TRANSACTION.EXECUTED",
        "ORDER.FILLED",
        "EXECUTION.SETTLED",
        "POSITION.UPDATED",
    ]
    (execution,) = order_of(desk, order.id).executions
    # 1000 / 85.22 = 11.73433466323...; published with nine decimals, cut off; here with ten.
    assert (execution.share_quantity, execution.price, execution.cash_amount) == ("11.7343346632", "85.22", "1000")


def test_the_published_sell_of_10_units(desk: Desk) -> None:
    """Published: 852.20; the sandbox's bid of today makes it 817.70."""
    desk.hold(AT_85, "10")
    desk.place("SELL", AT_85, quantity="10")
    desk.advance()
    assert desk.types_since() == [
        "ORDER.NEW",
        "POSITION.UPDATED",
        "ORDER.PROCESSING",
        "EXECUTION.FILLED",
        "POSITION.UPDATED",
        "CASH_BALANCE.UPDATED",
        "CASH_TRANSACTION.EXECUTED",
        "SECURITY_TRANSACTION.EXECUTED",
        "ORDER.FILLED",
        "EXECUTION.SETTLED",
        "POSITION.UPDATED",
        "CASH_BALANCE.UPDATED",
    ]
    assert desk.cash()["balance"] == "10817.70"


@pytest.mark.parametrize(
    ("isin", "buy", "sell"),
    [("DE0005933931", "85.22", "81.77"), ("FR0010524777", "38.955", "38.345"), ("IE00BKBF6H24", "6.23", "7.51")],
)
def test_a_buy_is_dealt_at_the_offer_and_a_sell_at_the_bid(desk: Desk, isin: str, buy: str, sell: str) -> None:
    desk.hold(isin, "100")
    orders = [desk.place("BUY", isin, amount="100"), desk.place("SELL", isin, quantity="1")]
    desk.advance()
    assert [order_of(desk, order.id).executions[0].price for order in orders] == [buy, sell]


def test_a_nominal_order_is_worth_its_amount_exactly(desk: Desk) -> None:
    order = desk.place("BUY", "FR0010524777", amount="99.99")
    desk.advance()
    (execution,) = order_of(desk, order.id).executions
    # 99.99 / 38.955 = 2.56680785521...
    assert (execution.cash_amount, execution.share_quantity) == ("99.99", "2.5668078552")


def test_a_unit_order_is_worth_quantity_times_price_in_cents(desk: Desk) -> None:
    desk.hold("FR0010524777", "10")
    order = desk.place("SELL", "FR0010524777", quantity="1.5")
    desk.advance()
    # 1.5 at 38.345 are 57.5175.
    assert executed(desk, order.id) == ["57.52"]


# --- Whole units ---


def test_whole_units_only_are_bought_and_the_rest_of_the_amount_is_released(desk: Desk) -> None:
    desk.instrument(OWN, "100", fractional_trading=False)
    order = desk.place("BUY", OWN, amount="250")
    desk.advance()
    (execution,) = order_of(desk, order.id).executions
    assert (execution.share_quantity, execution.cash_amount) == ("2", "200")
    assert desk.cash()["available_for_trading"] == "9800"


def test_an_amount_below_one_whole_unit_is_cancelled(desk: Desk) -> None:
    desk.instrument(OWN, "100", fractional_trading=False)
    order = desk.place("BUY", OWN, amount="99.99")
    desk.advance()
    assert order_of(desk, order.id).cancellation_reason == "CANCELLED_BY_TRADING_PARTNER"
    assert desk.cash()["available_for_trading"] == "10000"


# --- Prices that move between placing and dealing ---


def test_a_unit_buy_within_its_buffer_is_dealt_at_the_new_price(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="110")
    order = desk.place("BUY", AT_100, quantity="1")
    desk.advance("150ms")
    seeding.price(desk.world, instrument=AT_100, bid=Decimal(110))
    desk.advance()
    assert executed(desk, order.id) == ["110"]
    assert desk.cash()["balance"] == "0"


def test_a_unit_buy_that_its_cash_no_longer_pays_is_cancelled(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="110")
    order = desk.place("BUY", AT_100, quantity="1")
    desk.advance("150ms")
    seeding.price(desk.world, instrument=AT_100, bid=Decimal("110.01"))
    desk.advance()
    assert order_of(desk, order.id).cancellation_reason == "CANCELLED_BY_UPVEST_PLATFORM"
    assert desk.cash()["available_for_trading"] == "110"


def test_a_nominal_sell_after_a_fall_sells_no_more_than_is_held(desk: Desk) -> None:
    # 9 units would bring 900; at 50 it would take 18, but there are 10, which bring 500.
    desk.hold(AT_100, "10")
    order = desk.place("SELL", AT_100, amount="900")
    desk.advance("150ms")
    seeding.price(desk.world, instrument=AT_100, bid=Decimal(50))
    desk.advance()
    assert executed(desk, order.id) == ["500"]
    assert Decimal(desk.position(AT_100)["quantity"]) == 0


def test_a_nominal_sell_after_a_rise_sells_fewer_units(desk: Desk) -> None:
    desk.hold(AT_100, "10")
    order = desk.place("SELL", AT_100, amount="900")
    desk.advance("150ms")
    seeding.price(desk.world, instrument=AT_100, bid=Decimal(200))
    desk.advance()
    assert executed(desk, order.id) == ["900"]
    assert Decimal(desk.position(AT_100)["available_for_trading"]) == Decimal("5.5")


# --- By command ---


def test_filling_by_command_deals_all_that_is_left_at_once(open_desk: OpenDesk) -> None:
    desk = open_desk("manual")
    order = desk.place("BUY", IN_PARTS, amount="5000")
    desk.move("orders", order.id, "PROCESSING")
    desk.move("orders", order.id, "FILLED")
    assert executed(desk, order.id) == ["5000"]


def test_filling_by_command_after_two_parts_deals_the_rest(desk: Desk) -> None:
    order = desk.place("BUY", IN_PARTS, amount="500")
    desk.advance("300ms")
    assert executed(desk, order.id) == ["100", "100"]
    desk.move("orders", order.id, "FILLED")
    assert executed(desk, order.id) == ["100", "100", "300"]
    assert desk.advance("1d").count("EXECUTION.FILLED") == 0


def test_a_trade_worth_more_than_the_api_can_write_is_not_made(desk: Desk) -> None:
    desk.instrument(OWN, "1000")
    desk.hold(OWN, "1000001")
    order = desk.place("SELL", OWN, quantity="1000001")  # 1,000,001,000: ten digits
    desk.advance()
    assert status(desk, order.id) == "CANCELLED"
    assert desk.position(OWN)["locked_for_trading"] == "0"
