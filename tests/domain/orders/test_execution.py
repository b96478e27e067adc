"""trading.md §11, §13: how an order is executed, and what that tells."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson
import pytest

from mockserver.domain import seeding
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_85, AT_100, IN_PARTS, Desk
from tests.domain.support.outcomes import executed, order_of

OWN = "XS0000000709"
"""An instrument of the test's own."""


# --- The sequence of events (§11) ---


def told_by(desk: Desk, members: dict[str, tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Every event with the values of those members of its object that ``members`` names for its type."""
    events = [(event.type, orjson.loads(event.object.wire)) for event in desk.events_since()]
    return [(type_, *(value_at(told, path) for path in members.get(type_, ()))) for type_, told in events]


def value_at(told: Any, path: str) -> Any:
    for step in path.split("."):
        told = told[int(step)] if step.isdigit() else told[step]
    return told


TOLD = {
    "EXECUTION.FILLED": ("share_quantity", "cash_amount", "price", "taxes.0.amount"),
    "CASH_TRANSACTION.EXECUTED": ("delta.amount",),
    "SECURITY_TRANSACTION.EXECUTED": ("delta.amount",),
    "POSITION.UPDATED": ("quantity", "locked_for_trading"),
}


def test_the_published_buy_1000_at_85_22(open_desk: OpenDesk) -> None:
    """The left column of §11, number by number."""
    desk = open_desk(cash="1000")
    order = desk.place("BUY", AT_85, amount="1000")
    desk.advance()
    cash = ("balance", "locked_for_trading")
    # 1000 / 85.22 = 11.73433466323...; published with nine decimals, cut off; here with ten (§13, inferred).
    units = "11.7343346632"
    assert told_by(desk, {**TOLD, "CASH_BALANCE.UPDATED": cash}) == [
        ("ORDER.NEW",),
        ("CASH_BALANCE.UPDATED", "1000", "1000"),
        ("ORDER.PROCESSING",),
        ("EXECUTION.FILLED", units, "1000", "85.22", "0"),
        ("CASH_BALANCE.UPDATED", "0", "0"),
        ("POSITION.UPDATED", units, "0"),
        ("CASH_TRANSACTION.EXECUTED", "-1000"),
        ("SECURITY_TRANSACTION.EXECUTED", units),
        ("ORDER.FILLED",),
        ("EXECUTION.SETTLED",),
        ("POSITION.UPDATED", units, "0"),
    ]
    assert order_of(desk, order.id).executions[0].settlement_date == "2023-01-10"


def test_the_published_sell_of_10_units(open_desk: OpenDesk) -> None:
    """The right column of §11; its price is not the sandbox's bid of today, so the instrument is one's own."""
    desk = open_desk(cash="0")
    desk.instrument(OWN, "85.22", sell_tax=Decimal("23.45") / Decimal("852.20"))
    desk.hold(OWN, "10")
    desk.place("SELL", OWN, quantity="10")
    desk.advance()
    cash = ("balance", "pending_settlement", "available_for_withdrawal")
    assert told_by(desk, {**TOLD, "CASH_BALANCE.UPDATED": cash}) == [
        ("ORDER.NEW",),
        ("POSITION.UPDATED", "10", "10"),
        ("ORDER.PROCESSING",),
        ("EXECUTION.FILLED", "10", "852.20", "85.22", "23.45"),
        ("POSITION.UPDATED", "0", "0"),
        ("CASH_BALANCE.UPDATED", "828.75", "828.75", "0"),
        ("CASH_TRANSACTION.EXECUTED", "828.75"),
        ("SECURITY_TRANSACTION.EXECUTED", "-10"),
        ("ORDER.FILLED",),
        ("EXECUTION.SETTLED",),
        ("POSITION.UPDATED", "0", "0"),
        ("CASH_BALANCE.UPDATED", "828.75", "0", "828.75"),
    ]


def test_the_events_carry_the_order_as_it_is_at_that_moment(desk: Desk) -> None:
    desk.place("BUY", IN_PARTS, amount="200")
    desk.advance()
    assert [len(desk.told(f"ORDER.{each}")[0]["executions"]) for each in ("NEW", "PROCESSING", "FILLED")] == [0, 0, 2]
    stamps = [desk.told(f"ORDER.{each}")[0]["updated_at"] for each in ("NEW", "PROCESSING", "FILLED")]
    # A tenth of a second a step in the sandbox profile: placed, sent, one part, the other.
    assert stamps == [f"2023-01-10T09:00:00{fraction}Z" for fraction in ("", ".100000", ".300000")]


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
