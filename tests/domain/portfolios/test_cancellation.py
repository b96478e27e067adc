"""portfolios.md §3 (deleting a configuration), §4.4, §4.5, §13.8: cancelling portfolio orders."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest

from mockserver.domain import seeding
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_85, AT_100, IN_PARTS, Desk
from tests.domain.support.outcomes import reason, statuses

FUND = "XS0000000709"
BEST_EFFORT = {"behaviour": {"portfolio_cancel": "best_effort"}}


def cancel(desk: Desk, order_id: str) -> None:
    desk.call("cancel_portfolios_order", {"portfolio_order_id": order_id})


def in_flight(desk: Desk, side: str = "BUY") -> Any:
    """An order that is PROCESSING for long: half of it is done, half waits for the fund's one hour a day."""
    desk.instrument(FUND, "100", asset_class="FUND")
    desk.target(**{AT_100: "0.5", FUND: "0.5"})
    placed = desk.order(side, "100")
    desk.advance("1s")
    assert statuses(desk, placed.id) == ("PROCESSING", ["FILLED", "PROCESSING"])
    return placed


# --- By the client (§4.4) ---


def test_an_order_is_cancelled_asynchronously(desk: Desk) -> None:
    placed = desk.order("BUY", "1000")
    position = desk.world.events.end
    cancel(desk, placed.id)
    assert desk.portfolio_order(placed.id).status == "NEW"
    assert desk.types_since(position) == []
    assert desk.advance("0s") == ["PORTFOLIO_ORDER.CANCELLED"]
    assert statuses(desk, placed.id) == ("CANCELLED", [])
    assert reason(desk, placed.id) == ("CANCELLED_BY_CLIENT", "Cancelled by client.")
    assert desk.advance("1d") == []


def test_single_orders_that_are_new_are_cancelled_too(desk: Desk) -> None:
    placed = desk.order("BUY", "1000")
    desk.advance("100ms")
    cancel(desk, placed.id)
    told = desk.advance("0s")
    assert sorted(told) == sorted(
        [*["ORDER.CANCELLED", "CASH_BALANCE.UPDATED"] * 2, "PORTFOLIO_ORDER.CANCELLED"],
    )
    assert told[-1] == "PORTFOLIO_ORDER.CANCELLED"
    assert statuses(desk, placed.id) == ("CANCELLED", ["CANCELLED", "CANCELLED"])
    assert {order.cancellation_reason for order in desk.single_orders(placed.id)} == {"CANCELLED_BY_CLIENT"}
    assert reason(desk, placed.id) == ("CANCELLED_BY_CLIENT", "Cancelled by client.")


def test_the_event_tells_the_single_orders_as_they_ended(desk: Desk) -> None:
    placed = desk.order("BUY", "1000")
    desk.advance("100ms")
    cancel(desk, placed.id)
    desk.advance("0s")
    (told,) = desk.told("PORTFOLIO_ORDER.CANCELLED")
    assert [item["status"] for item in told["orders"]] == ["CANCELLED", "CANCELLED"]
    assert told == orjson.loads(desk.portfolio_order(placed.id).wire)


def test_the_cash_of_a_cancelled_order_is_free_again(desk: Desk) -> None:
    placed = desk.order("BUY", "1000")
    desk.advance("100ms")
    cancel(desk, placed.id)
    desk.advance("0s")
    assert desk.cash()["locked_for_trading"] == "0"
    assert desk.cash()["available_for_trading"] == "10000"


def test_the_units_of_a_cancelled_sell_are_free_again(desk: Desk) -> None:
    desk.hold(AT_85, "100")
    desk.hold(AT_100, "100")
    placed = desk.order("SELL", "1000")
    desk.advance("100ms")
    cancel(desk, placed.id)
    desk.advance("0s")
    assert desk.position(AT_100)["locked_for_trading"] == "0"
    assert desk.position(AT_85)["available_for_trading"] == "100"


def test_the_cash_of_a_cancelled_order_goes_to_one_that_waits_for_it(desk: Desk) -> None:
    first, second = desk.order("BUY", "10000"), desk.order("BUY", "10000")
    desk.advance("100ms")
    cancel(desk, first.id)
    desk.advance()
    assert statuses(desk, second.id)[0] == "SETTLED"


def test_an_order_that_waits_can_be_cancelled(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    placed = desk.order("BUY", "1000")
    desk.advance("1d")
    cancel(desk, placed.id)
    assert desk.advance("0s") == ["PORTFOLIO_ORDER.CANCELLED"]
    desk.fund("1000")
    assert desk.advance("1d") == []


def test_in_processing_what_can_be_cancelled_is_and_the_rest_stays(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides=BEST_EFFORT)
    placed = in_flight(desk)
    cancel(desk, placed.id)
    told = desk.advance("1s")
    assert told[:2] == ["ORDER.CANCELLED", "CASH_BALANCE.UPDATED"]
    assert told[2:] == ["PORTFOLIO_ORDER.FILLED", "PORTFOLIO_ORDER.SETTLED"]
    assert statuses(desk, placed.id) == ("SETTLED", ["FILLED", "CANCELLED"])
    assert desk.portfolio_order(placed.id).cancellation_reason is None
    assert desk.cash()["balance"] == "9950"


def test_in_processing_with_nothing_filled_it_is_cancelled_by_the_client(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides=BEST_EFFORT)
    placed = desk.order("BUY", "1000")
    desk.advance("200ms")
    assert statuses(desk, placed.id) == ("PROCESSING", ["PROCESSING", "PROCESSING"])
    cancel(desk, placed.id)
    desk.advance("0s")
    assert statuses(desk, placed.id) == ("CANCELLED", ["CANCELLED", "CANCELLED"])
    assert reason(desk, placed.id) == ("CANCELLED_BY_CLIENT", "Cancelled by client.")
    assert desk.cash()["available_for_trading"] == "10000"


def test_a_partly_executed_single_order_keeps_its_executions(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides=BEST_EFFORT)
    # 500 come in five parts of 100, the first after 300 ms, the second after 400.
    desk.target(**{IN_PARTS: "1"})
    placed = desk.order("BUY", "500")
    desk.advance("400ms")
    cancel(desk, placed.id)
    desk.advance("1s")
    (order,) = desk.single_orders(placed.id)
    assert [(each.cash_amount, each.status) for each in order.executions] == [("100", "SETTLED"), ("100", "SETTLED")]
    assert order.cancellation_reason == "CANCELLED_BY_CLIENT"
    assert desk.cash()["available_for_trading"] == "9800"


def test_a_cancelled_rebalancing_buys_nothing_more(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides=BEST_EFFORT)
    desk.instrument(FUND, "100", asset_class="FUND")
    desk.hold(AT_100, "10")
    desk.hold(FUND, "10")
    desk.target(**{AT_100: "0.25", FUND: "0.25", AT_85: "0.5"})
    desk.call("trigger_portfolio_rebalancing", body={"accounts": [desk.account_id]})
    desk.advance("1s")
    (placed,) = desk.rows("list_portfolios_orders")
    assert statuses(desk, placed.id) == ("PROCESSING", ["FILLED", "PROCESSING"])
    cancel(desk, placed.id)
    desk.advance("1d")
    assert statuses(desk, placed.id) == ("SETTLED", ["FILLED", "CANCELLED"])


@pytest.mark.parametrize("overrides", [{}, BEST_EFFORT])
@pytest.mark.parametrize("status", ["FILLED", "SETTLED", "CANCELLED"])
def test_a_final_order_is_not_cancelled_and_not_told(
    open_desk: OpenDesk, status: str, overrides: dict[str, Any]
) -> None:
    desk = open_desk("manual", overrides)
    placed = desk.order("BUY", "1000")
    if status == "CANCELLED":
        desk.move("portfolio_orders", placed.id, "CANCELLED")
    else:
        for step in ("PROCESSING", "FILLED", "SETTLED"):
            if desk.portfolio_order(placed.id).status != status:
                desk.move("portfolio_orders", placed.id, step)
    before = desk.portfolio_order(placed.id)
    cancel(desk, placed.id)
    assert desk.advance("1d") == []
    assert desk.portfolio_order(placed.id) == before


def test_an_order_in_processing_is_too_late_to_cancel(desk: Desk) -> None:
    placed = desk.order("BUY", "1000")
    desk.advance("200ms")
    assert statuses(desk, placed.id) == ("PROCESSING", ["PROCESSING", "PROCESSING"])
    cancel(desk, placed.id)
    assert not [type_ for type_ in desk.advance("1d") if type_.endswith(".CANCELLED")]
    assert statuses(desk, placed.id) == ("SETTLED", ["FILLED", "FILLED"])


def test_cancelling_twice_is_cancelling_once(desk: Desk) -> None:
    placed = desk.order("BUY", "1000")
    cancel(desk, placed.id)
    cancel(desk, placed.id)
    assert desk.advance("1d") == ["PORTFOLIO_ORDER.CANCELLED"]


# --- With the configuration (seed document) ---


def delete(desk: Desk) -> None:
    desk.call("delete_portfolios_configuration", {"account_id": desk.account_id})


DELETED = ("CANCELLED_BY_UPVEST", "Portfolio configuration was deleted.")


def test_a_deleted_configuration_is_gone_and_can_be_made_anew(desk: Desk) -> None:
    delete(desk)
    path = {"account_id": desk.account_id}
    assert desk.refused("retrieve_portfolios_configuration", path).rule.status == 404
    assert desk.refused("delete_portfolios_configuration", path).rule.status == 404
    body = {"account_id": desk.account_id, "allocation_id": desk.allocation_id}
    desk.call("create_portfolios_configuration", body=body)
    assert desk.call("retrieve_portfolios_configuration", path).allocation_id == desk.allocation_id


def test_deleting_cancels_every_new_order_of_the_account(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    orders = [desk.order("BUY", "100") for _ in range(3)]
    position = desk.world.events.end
    delete(desk)
    assert desk.types_since(position) == ["PORTFOLIO_ORDER.CANCELLED"] * 3
    assert {reason(desk, order.id) for order in orders} == {DELETED}
    desk.fund("1000")
    assert desk.advance("1d") == []


def test_deleting_cancels_the_single_orders_of_new_orders_too(desk: Desk) -> None:
    placed = desk.order("BUY", "1000")
    desk.advance("100ms")
    delete(desk)
    assert statuses(desk, placed.id) == ("CANCELLED", ["CANCELLED", "CANCELLED"])
    assert reason(desk, placed.id) == DELETED
    assert {order.cancellation_reason for order in desk.single_orders(placed.id)} == {"CANCELLED_BY_UPVEST_PLATFORM"}
    assert desk.cash()["available_for_trading"] == "10000"
    assert desk.advance("1d") == []


def test_deleting_leaves_orders_in_processing(desk: Desk) -> None:
    placed = in_flight(desk)
    delete(desk)
    assert statuses(desk, placed.id) == ("PROCESSING", ["FILLED", "PROCESSING"])
    desk.advance("1d")
    assert statuses(desk, placed.id) == ("SETTLED", ["FILLED", "FILLED"])


def test_deleting_leaves_a_rebalancing_in_processing_that_goes_on_buying(desk: Desk) -> None:
    desk.instrument(FUND, "100", asset_class="FUND")
    desk.hold(FUND, "10")
    desk.target(**{AT_100: "1"})
    desk.call("trigger_portfolio_rebalancing", body={"accounts": [desk.account_id]})
    desk.advance("1s")
    delete(desk)
    desk.advance("1d")
    (placed,) = desk.rows("list_portfolios_orders")
    assert statuses(desk, placed.id) == ("SETTLED", ["FILLED", "FILLED"])


def test_deleting_leaves_orders_of_other_accounts_and_positions(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    desk.hold(AT_100, "10")
    other = seeding.account(desk.world, user_id=desk.user_id)
    seeding.configuration(desk.world, account_id=other.id, allocation_id=desk.allocation_id)
    placed = desk.order("BUY", "100", account_id=other.id)
    delete(desk)
    assert desk.portfolio_order(placed.id).status == "NEW"
    assert desk.position(AT_100)["quantity"] == "10"


def test_a_rebalancing_cancelled_with_its_configuration_cancels_its_execution_order(open_desk: OpenDesk) -> None:
    desk = open_desk("live", now=datetime(2023, 1, 10, 20, tzinfo=UTC))  # the market is closed
    desk.hold(AT_100, "10")
    desk.target(**{AT_85: "1"})
    execution = desk.call("trigger_portfolio_rebalancing", body={"accounts": [desk.account_id]})
    desk.advance("1m")
    (placed,) = desk.rows("list_portfolios_orders")
    assert statuses(desk, placed.id) == ("NEW", ["NEW"])
    position = desk.world.events.end
    delete(desk)
    told = [type_ for type_ in desk.types_since(position) if type_ != "POSITION.UPDATED"]
    assert told == ["ORDER.CANCELLED", "PORTFOLIO_ORDER.CANCELLED", "REBALANCING_EXECUTION_ORDER.CANCELLED"]
    (row,) = desk.rows("list_portfolio_rebalancing_execution_orders", {"execution_id": execution.id})
    assert (row.status, row.cancellation_reason, row.cancellation_details) == ("CANCELLED", *DELETED)


# --- With the account (§13.8; trading.md §8) ---


@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_a_closing_account_cancels_its_new_portfolio_orders(desk: Desk, side: str) -> None:
    desk.hold(AT_85, "10")
    desk.hold(AT_100, "10")
    placed = desk.order(side, "100")
    told = desk.move("accounts", desk.account_id, "CLOSING")
    assert told == ["ACCOUNT.CLOSING_INITIATED", "PORTFOLIO_ORDER.CANCELLED"]
    assert reason(desk, placed.id) == ("CANCELLED_BY_UPVEST", "Account is being closed.")


def test_a_closing_account_cancels_new_portfolio_orders_that_are_divided_already(desk: Desk) -> None:
    placed = desk.order("BUY", "100")
    desk.advance("100ms")
    desk.move("accounts", desk.account_id, "CLOSING")
    assert statuses(desk, placed.id) == ("CANCELLED", ["CANCELLED", "CANCELLED"])
    assert reason(desk, placed.id) == ("CANCELLED_BY_UPVEST", "Account is being closed.")


def test_a_closed_account_cancels_single_sells_too(desk: Desk) -> None:
    unpriced = desk.instrument(FUND)
    desk.hold(unpriced, "10")
    order = desk.place("SELL", unpriced, quantity="10")
    desk.move("accounts", desk.account_id, "CLOSING")
    assert desk.call("retrieve_order", {"order_id": order.id}).status == "NEW"
    desk.move("accounts", desk.account_id, "CLOSED")
    assert desk.call("retrieve_order", {"order_id": order.id}).status == "CANCELLED"


def test_a_closing_account_lets_orders_in_processing_go_on(desk: Desk) -> None:
    placed = in_flight(desk)
    desk.move("accounts", desk.account_id, "CLOSING")
    desk.advance("1d")
    assert statuses(desk, placed.id) == ("SETTLED", ["FILLED", "FILLED"])


def test_a_closing_account_cancels_single_buys_that_are_new(desk: Desk) -> None:
    """trading.md §8: buys in NEW are cancelled by the platform, whatever they wait for."""
    unpriced = desk.instrument(FUND)
    desk.target(**{AT_100: "0.5", unpriced: "0.5"})
    placed = desk.order("BUY", "100")
    desk.advance("1s")
    assert statuses(desk, placed.id) == ("PROCESSING", ["FILLED", "NEW"])
    desk.move("accounts", desk.account_id, "CLOSING")
    desk.advance("1s")
    assert statuses(desk, placed.id) == ("SETTLED", ["FILLED", "CANCELLED"])
    assert desk.single_orders(placed.id)[1].cancellation_reason == "CANCELLED_BY_UPVEST_PLATFORM"
    assert desk.cash()["locked_for_trading"] == "0"


def test_a_closing_account_lets_single_sells_go_on(desk: Desk) -> None:
    unpriced = desk.instrument(FUND)
    desk.hold(unpriced, "10")
    order = desk.place("SELL", unpriced, quantity="10")
    desk.advance("1s")
    desk.move("accounts", desk.account_id, "CLOSING")
    seeding.price(desk.world, instrument=unpriced, bid=Decimal(7))
    desk.advance("1s")
    assert desk.call("retrieve_order", {"order_id": order.id}).status == "FILLED"
    assert desk.cash()["balance"] == "10070"


def test_a_closing_account_cancels_a_buy_that_waits_for_cash(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    order = desk.place("BUY", AT_100, amount="10")
    desk.advance("1s")
    told = desk.move("accounts", desk.account_id, "CLOSING")
    assert told == ["ACCOUNT.CLOSING_INITIATED", "ORDER.CANCELLED"]
    assert desk.call("retrieve_order", {"order_id": order.id}).cancellation_reason == "CANCELLED_BY_UPVEST_PLATFORM"


# --- By command ---


def test_a_command_cancels_with_any_reason_of_the_contract(open_desk: OpenDesk) -> None:
    desk = open_desk("manual")
    for why in (
        "ACCOUNT_IS_EMPTY",
        "CANCELLED_BY_CLIENT",
        "CANCELLED_BY_UPVEST",
        "PORTFOLIO_IS_BALANCED",
        "SELL_LIMIT_EXCEEDED",
    ):
        placed = desk.order("BUY", "100")
        desk.move("portfolio_orders", placed.id, "CANCELLED", reason=why)
        assert reason(desk, placed.id)[0] == why


def test_details_given_by_command_stay_when_single_orders_are_cancelled_too(open_desk: OpenDesk) -> None:
    desk = open_desk("manual")
    placed = desk.order("BUY", "100")
    desk.move("portfolio_orders", placed.id, "PROCESSING")
    desk.move("portfolio_orders", placed.id, "CANCELLED", reason="CANCELLED_BY_UPVEST", details="Bank holiday.")
    assert statuses(desk, placed.id) == ("CANCELLED", ["CANCELLED", "CANCELLED"])
    assert reason(desk, placed.id) == ("CANCELLED_BY_UPVEST", "Bank holiday.")


def test_a_reason_that_the_contract_does_not_know_is_refused(open_desk: OpenDesk) -> None:
    desk = open_desk("manual")
    placed = desk.order("BUY", "100")
    with pytest.raises(ValueError, match="is not a valid"):
        desk.move("portfolio_orders", placed.id, "CANCELLED", reason="NO_REASON")
    assert desk.portfolio_order(placed.id).status == "NEW"
