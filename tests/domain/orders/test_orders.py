"""trading.md §10.3 (buffers and locks), §12, §17: single orders, what they keep for themselves, and reading them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest

from mockserver.domain import seeding
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_85, AT_100, NOBODY, Desk


def told_after_new(desk: Desk) -> list[str]:
    return desk.types_since()[1:]


# --- What an order answers ---


def test_a_unit_order_shows_its_quantity_and_no_amount(desk: Desk) -> None:
    order = desk.place("BUY", AT_85, quantity="10")
    assert (order.quantity, order.cash_amount, order.nominal) == ("10", "0", False)
    assert desk.told("ORDER.NEW")[0]["quantity"] == "10"


def test_a_nominal_order_shows_its_amount_and_no_quantity(desk: Desk) -> None:
    order = desk.place("BUY", AT_85, amount="10.50")
    assert (order.quantity, order.cash_amount, order.nominal) == ("0", "10.50", True)


def test_quantity_and_amount_stay_as_they_were_placed(desk: Desk) -> None:
    order = desk.place("BUY", AT_85, amount="1000")
    desk.advance()
    done = desk.call("retrieve_order", {"order_id": order.id})
    assert (done.status, done.quantity, done.cash_amount) == ("FILLED", "0", "1000")
    assert [each.cash_amount for each in done.executions] == ["1000"]


# --- Buffers (§10.3) ---


def test_a_nominal_buy_needs_and_locks_its_amount(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="1000")
    desk.place("BUY", AT_85, amount="1000")
    assert told_after_new(desk) == ["CASH_BALANCE.UPDATED"]
    assert desk.cash()["locked_for_trading"] == "1000"


def test_a_nominal_buy_of_a_cent_more_than_there_is_locks_nothing(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="1000")
    order = desk.place("BUY", AT_85, amount="1000.01")
    assert told_after_new(desk) == []
    assert desk.cash()["locked_for_trading"] == "0"
    assert desk.advance("1d") == []
    assert desk.call("retrieve_order", {"order_id": order.id}).status == "NEW"


def test_a_unit_buy_needs_and_locks_110_percent_of_its_estimate(open_desk: OpenDesk) -> None:
    # 10 at the offer of 85.22 are 852.20; with 10 % more 937.42.
    desk = open_desk(cash="937.42")
    desk.place("BUY", AT_85, quantity="10")
    assert desk.cash()["locked_for_trading"] == "937.42"
    assert desk.cash()["available_for_trading"] == "0"


def test_what_a_unit_buy_locked_beyond_need_is_released_after_the_fill(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="937.42")
    desk.place("BUY", AT_85, quantity="10")
    told = desk.advance()
    assert desk.cash()["balance"] == "85.22"
    assert desk.cash()["available_for_trading"] == "85.22"
    # One update for the trade, one more for what was locked beyond need.
    assert told.count("CASH_BALANCE.UPDATED") == 2
    assert desk.told("CASH_BALANCE.UPDATED")[-2]["locked_for_trading"] == "85.22"
    assert desk.told("CASH_BALANCE.UPDATED")[-1]["locked_for_trading"] == "0"


def test_a_unit_buy_without_its_buffer_waits(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="937.41")
    order = desk.place("BUY", AT_85, quantity="10")
    assert desk.advance("1d") == []
    desk.fund("0.01")
    desk.advance()
    assert desk.call("retrieve_order", {"order_id": order.id}).status == "FILLED"


def test_a_unit_buy_that_waits_for_cash_goes_when_the_price_falls_to_what_there_is(open_desk: OpenDesk) -> None:
    # 10 at 85.22 need 937.42; at 80 they need 880.
    desk = open_desk(cash="900")
    order = desk.place("BUY", AT_85, quantity="10")
    assert desk.advance("1d") == []
    seeding.price(desk.world, instrument=AT_85, bid=Decimal(80))
    desk.advance()
    assert desk.call("retrieve_order", {"order_id": order.id}).status == "FILLED"


def test_a_nominal_sell_that_waits_for_units_goes_when_the_price_rises(desk: Desk) -> None:
    # At 100, 901 take 9.01 of 10 units, more than 90 %; at 101 they take 8.92...
    desk.hold(AT_100, "10")
    order = desk.place("SELL", AT_100, amount="901")
    assert desk.advance("1d") == []
    seeding.price(desk.world, instrument=AT_100, bid=Decimal(101))
    desk.advance()
    assert desk.call("retrieve_order", {"order_id": order.id}).status == "FILLED"


def test_a_buy_that_waits_for_cash_looks_every_hour_where_the_price_moves_by_itself(open_desk: OpenDesk) -> None:
    # 110 % of 200 are 220, of 300 are 330.
    desk = open_desk(cash="250")
    isin = desk.instrument("XS0000000709", story="price-swings")
    orders = [desk.place("BUY", isin, quantity="1")]
    desk.advance("2h")
    assert [each.price for each in desk.call("retrieve_order", {"order_id": orders[0].id}).executions] == ["200"]
    assert desk.world.clock.idle


def test_a_unit_sell_needs_and_locks_its_quantity(desk: Desk) -> None:
    desk.hold(AT_85, "10")
    desk.place("SELL", AT_85, quantity="10")
    assert told_after_new(desk) == ["POSITION.UPDATED"]
    position = desk.position(AT_85)
    assert (position["locked_for_trading"], position["available_for_trading"]) == ("10", "0")


def test_a_unit_sell_of_more_than_is_there_waits_for_units(desk: Desk) -> None:
    desk.hold(AT_85, "10")
    order = desk.place("SELL", AT_85, quantity="10.5")
    assert desk.advance("1d") == []
    assert desk.position(AT_85)["locked_for_trading"] == "0"
    desk.place("BUY", AT_85, quantity="1")
    desk.advance()
    assert desk.call("retrieve_order", {"order_id": order.id}).status == "FILLED"
    assert Decimal(desk.position(AT_85)["quantity"]) == Decimal("0.5")


def test_a_nominal_sell_of_90_percent_of_the_position_passes_and_a_cent_more_waits(desk: Desk) -> None:
    desk.hold(AT_100, "10")
    waits = desk.place("SELL", AT_100, amount="900.01")
    assert desk.advance("1d") == []
    passes = desk.place("SELL", AT_100, amount="900")
    desk.advance()
    assert desk.call("retrieve_order", {"order_id": passes.id}).status == "FILLED"
    assert desk.call("retrieve_order", {"order_id": waits.id}).status == "NEW"


def test_a_nominal_sell_is_estimated_at_the_bid(desk: Desk) -> None:
    # 10 at the bid of 81.77 are worth 817.70, 90 % of which is 735.93.
    desk.hold(AT_85, "10")
    desk.place("SELL", AT_85, amount="735.94")
    assert told_after_new(desk) == []
    desk.place("SELL", AT_85, amount="735.93")
    # 110 % of 9 units are 9.9.
    assert Decimal(desk.position(AT_85)["locked_for_trading"]) == Decimal("9.9")


def test_a_nominal_sell_takes_all_that_is_not_locked_if_that_is_90_percent(desk: Desk) -> None:
    # Of 10 units 1 is locked; the other 9 are 90 % of the position.
    desk.hold(AT_100, "10")
    desk.place("SELL", AT_100, quantity="1")
    desk.place("SELL", AT_100, amount="900")
    assert desk.position(AT_100)["available_for_trading"] == "0"


def test_everything_is_sold_only_by_units(desk: Desk) -> None:
    desk.hold(AT_100, "10")
    by_amount = desk.place("SELL", AT_100, amount="1000")
    by_units = desk.place("SELL", AT_100, quantity="10")
    desk.advance()
    assert desk.call("retrieve_order", {"order_id": by_amount.id}).status == "NEW"
    assert desk.call("retrieve_order", {"order_id": by_units.id}).status == "FILLED"
    assert desk.position(AT_100)["quantity"] == "0"


def test_a_switch_cancels_orders_without_cash_or_units(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"behaviour": {"funding": "cancel"}}, cash="100")
    desk.hold(AT_100, "1")
    orders = [
        desk.place("BUY", AT_100, amount="100.01"),
        desk.place("BUY", AT_100, quantity="1"),
        desk.place("SELL", AT_100, quantity="1.1"),
        desk.place("SELL", AT_100, amount="90.01"),
    ]
    assert desk.advance() == ["ORDER.CANCELLED"] * 4
    found = [desk.call("retrieve_order", {"order_id": order.id}) for order in orders]
    assert {order.cancellation_reason for order in found} == {"CANCELLED_BY_UPVEST_PLATFORM"}
    desk.fund("1000")
    assert desk.advance("1d") == []


def test_unsettled_proceeds_buy(open_desk: OpenDesk) -> None:
    desk = open_desk("live", cash="0")
    desk.hold(AT_100, "10")
    desk.place("SELL", AT_100, quantity="10")
    desk.advance("1m")
    assert (desk.cash()["pending_settlement"], desk.cash()["available_for_withdrawal"]) == ("1000", "0")
    order = desk.place("BUY", AT_85, amount="1000")
    desk.advance("1m")
    assert desk.call("retrieve_order", {"order_id": order.id}).status == "FILLED"
    assert desk.cash()["available_for_withdrawal"] == "-1000"


@pytest.mark.parametrize(
    ("setting", "value", "side", "size", "locked"),
    [
        # 10 at 85.22 are 852.20, times 1.2; 9.0 units at 81.77 are 735.93, times 1.0.
        ("unit_buy_lock", "1.20", "BUY", {"quantity": "10"}, "1022.64"),
        ("nominal_sell_lock", "1.00", "SELL", {"amount": "735.93"}, "9"),
    ],
)
def test_each_buffer_is_one_setting(
    open_desk: OpenDesk, setting: str, value: str, side: str, size: dict[str, str], locked: str
) -> None:
    desk = open_desk(overrides={"behaviour": {setting: value}})
    desk.hold(AT_85, "10")
    desk.place(side, AT_85, **size)
    books = desk.cash() if side == "BUY" else desk.position(AT_85)
    assert Decimal(books["locked_for_trading"]) == Decimal(locked)


# --- Cancelling by command ---


@pytest.mark.parametrize("state", ["NEW", "PROCESSING"])
@pytest.mark.parametrize(
    "reason",
    [
        "CANCELLED_BY_CLIENT",
        "CANCELLED_BY_TRADING_PARTNER",
        "CANCELLED_BY_UPVEST_PLATFORM",
        "CANCELLED_BY_UPVEST_OPERATIONS",
    ],
)
def test_a_cancelled_order_says_why_and_gives_its_cash_back(open_desk: OpenDesk, state: str, reason: str) -> None:
    desk = open_desk("manual")
    order = desk.place("BUY", AT_85, amount="1000")
    if state == "PROCESSING":
        desk.move("orders", order.id, "PROCESSING")
    told = desk.move("orders", order.id, "CANCELLED", reason=reason)
    assert told == ["ORDER.CANCELLED", "CASH_BALANCE.UPDATED"]
    assert desk.told("ORDER.CANCELLED")[0]["cancellation_reason"] == reason
    assert desk.cash()["available_for_trading"] == "10000"


def test_a_cancelled_sell_gives_its_units_back(open_desk: OpenDesk) -> None:
    desk = open_desk("manual")
    desk.hold(AT_85, "10")
    order = desk.place("SELL", AT_85, quantity="10")
    assert desk.move("orders", order.id, "CANCELLED") == ["ORDER.CANCELLED", "POSITION.UPDATED"]
    assert desk.position(AT_85)["available_for_trading"] == "10"


def test_an_order_that_locked_nothing_gives_nothing_back(open_desk: OpenDesk) -> None:
    desk = open_desk("manual", cash="0")
    order = desk.place("BUY", AT_85, amount="1000")
    assert desk.move("orders", order.id, "CANCELLED") == ["ORDER.CANCELLED"]


# --- Reading ---


@pytest.fixture
def listed(open_desk: OpenDesk) -> tuple[Desk, dict[str, str]]:
    """One order in each status, and their ids."""
    desk = open_desk("manual")
    ids = {status: desk.place("BUY", AT_100, amount="1").id for status in ("FILLED", "CANCELLED", "PROCESSING", "NEW")}
    desk.move("orders", ids["FILLED"], "PROCESSING")
    desk.move("orders", ids["FILLED"], "FILLED")
    desk.move("orders", ids["CANCELLED"], "CANCELLED")
    desk.move("orders", ids["PROCESSING"], "PROCESSING")
    return desk, ids


def found(desk: Desk, **query: str) -> list[str]:
    return [row.id for row in desk.rows("list_account_orders", {"account_id": desk.account_id}, **query)]


def test_the_list_shows_filled_orders_unless_asked_for_others(listed: tuple[Desk, dict[str, str]]) -> None:
    desk, ids = listed
    assert found(desk) == [ids["FILLED"]]
    for status, order_id in ids.items():
        assert found(desk, status=status) == [order_id]


def test_a_switch_lists_all_orders_by_creation(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"behaviour": {"order_list_status": "ALL"}})
    first = [desk.place("BUY", AT_100, amount="1").id for _ in range(5)]
    desk.advance()
    second = [desk.place("BUY", AT_100, amount="1").id for _ in range(3)]
    assert found(desk) == [*first, *second]
    assert found(desk, status="FILLED") == first
    assert found(desk, status="NEW") == second


def test_the_list_says_that_it_is_sorted_by_id(desk: Desk) -> None:
    assert desk.call("list_account_orders", {"account_id": desk.account_id}).sort == "id"


def test_the_list_filters_by_user_group_and_account(listed: tuple[Desk, dict[str, str]]) -> None:
    desk, ids = listed
    assert found(desk, user_id=desk.user_id) == [ids["FILLED"]]
    assert found(desk, user_id=NOBODY) == []
    assert found(desk, account_group_id=desk.group_id.upper()) == [ids["FILLED"]]
    assert found(desk, account_group_id=NOBODY) == []
    other = seeding.account(desk.world, user_id=desk.user_id)
    assert desk.rows("list_account_orders", {"account_id": other.id}) == []


def test_the_list_filters_by_creation(open_desk: OpenDesk) -> None:
    desk = open_desk(now=datetime(2023, 1, 10, 23, 59, 59, tzinfo=UTC))
    first = desk.place("BUY", AT_100, amount="1").id
    desk.advance("1s")
    second = desk.place("BUY", AT_100, amount="1").id
    desk.advance("1s")
    assert found(desk, date_created_from="2023-01-11") == [second]
    assert found(desk, date_created_to="2023-01-10") == [first]
    assert found(desk, date_created_from="2023-01-10", date_created_to="2023-01-11") == [first, second]
    assert found(desk, date_created_from="2023-01-10T23:59:59Z", date_created_to="2023-01-10T23:59:59Z") == [first]
    assert found(desk, date_created_to="2023-01-10T23:59:58Z") == []


def test_orders_that_are_not_there_are_404(desk: Desk) -> None:
    assert desk.refused("retrieve_order", {"order_id": NOBODY}).rule.status == 404
    assert desk.refused("list_account_orders", {"account_id": NOBODY}).rule.status == 404


def test_the_order_read_is_the_order_told(desk: Desk) -> None:
    order = desk.place("BUY", AT_85, amount="1000")
    desk.advance("300ms")
    read: dict[str, Any] = orjson.loads(desk.call("retrieve_order", {"order_id": order.id}).wire)
    (told,) = desk.told("ORDER.FILLED")
    # Only the execution has gone on since: it is settled.
    settled = {"status": "SETTLED", "settlement_date": "2023-01-10"}
    assert read == told | {"executions": [told["executions"][0] | settled]}
