"""The orders of a rebalancing: first what is too much is sold, then what is missing is bought (portfolios.md §5.3)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from mockserver.domain.accounts.accounts import ACCOUNT_LIFE, ACCOUNTS
from mockserver.domain.portfolios.orders import PORTFOLIO_ORDER_LIFE, PORTFOLIO_ORDERS
from mockserver.domain.portfolios.rebalancing import EXECUTION_ORDER_LIFE, EXECUTION_ORDERS, ExecutionOrder
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import PARTS_ONLY, Desk
from tests.domain.support.holdings import (
    A,
    B,
    C,
    aim,
    execution_orders,
    families,
    list_instruments,
    portfolio,
    quote,
    rebalance,
    rebalanced,
    trades,
)

HALVES = {A: "0.5", B: "0.5"}
ORDERS = ("REBALANCING_EXECUTION_ORDER", "PORTFOLIO_ORDER", "ORDER")


def portfolio_order(desk: Desk, order: ExecutionOrder) -> Any:
    assert order.portfolio_order_id is not None
    return desk.portfolio_order(order.portfolio_order_id)


def now(desk: Desk, order: ExecutionOrder) -> ExecutionOrder:
    return desk.world.table(EXECUTION_ORDERS)[order.id]


def under_way(desk: Desk, span: str) -> ExecutionOrder:
    """The execution order of a rebalancing that had ``span`` time; each step takes 100 ms in the sandbox."""
    execution_id = rebalance(desk)
    desk.advance(span)
    (order,) = execution_orders(desk, execution_id)
    return order


# --- The documented sequence ---


def test_the_events_come_in_the_documented_order(desk: Desk) -> None:
    portfolio(desk, {A: "60", B: "40"}, HALVES)
    position = desk.world.events.end
    rebalanced(desk)
    assert families(desk.types_since(position), *ORDERS) == [
        "REBALANCING_EXECUTION_ORDER.NEW",
        "PORTFOLIO_ORDER.NEW",
        "ORDER.NEW",  # the sell
        "PORTFOLIO_ORDER.PROCESSING",
        "REBALANCING_EXECUTION_ORDER.PROCESSING",
        "ORDER.PROCESSING",
        "ORDER.FILLED",
        "ORDER.NEW",  # the buy
        "PORTFOLIO_ORDER.PROCESSING",  # the list has grown
        "ORDER.PROCESSING",
        "ORDER.FILLED",
        "PORTFOLIO_ORDER.FILLED",
        "REBALANCING_EXECUTION_ORDER.FILLED",
        "PORTFOLIO_ORDER.SETTLED",
    ]


def test_the_list_of_orders_grows_when_the_sells_have_freed_the_money(desk: Desk) -> None:
    portfolio(desk, {A: "60", B: "40"}, HALVES)
    rebalanced(desk)
    shown = [
        [(item["side"], item["status"]) for item in row["orders"]] for row in desk.told("PORTFOLIO_ORDER.PROCESSING")
    ]
    assert shown == [[("SELL", "NEW")], [("SELL", "FILLED"), ("BUY", "NEW")]]


def test_the_portfolio_order_carries_the_references_and_no_amount(desk: Desk) -> None:
    portfolio(desk, {A: "60", B: "40"}, HALVES)
    order = rebalanced(desk)
    parent = portfolio_order(desk, order)
    assert (parent.type, parent.cash_amount, parent.currency, parent.post_tax) == ("REBALANCING", "0", "EUR", False)
    assert parent.client_reference == order.execution_id
    assert b"user_id" not in parent.wire  # as in the published example
    for single in desk.single_orders(parent.id):
        assert (single.client_reference, single.initiation_flow) == (parent.id, "PORTFOLIO_REBALANCING")


def test_in_the_end_the_execution_order_is_filled_and_the_portfolio_order_settled(desk: Desk) -> None:
    portfolio(desk, {A: "60", B: "40"}, HALVES)
    order = rebalanced(desk)
    assert (order.status, portfolio_order(desk, order).status) == ("FILLED", "SETTLED")


# --- The trades ---


def test_too_much_is_sold_by_amount_and_the_proceeds_buy_what_is_missing(desk: Desk) -> None:
    portfolio(desk, {A: "60", B: "40"}, HALVES)
    order = rebalanced(desk)
    assert trades(desk, order) == [("SELL", A, "1000", "0"), ("BUY", B, "1000", "0")]
    assert [Decimal(desk.position(isin)["quantity"]) for isin in (A, B)] == [50, 50]


def test_idle_cash_is_not_used_and_no_money_enters_or_leaves(desk: Desk) -> None:
    portfolio(desk, {A: "60", B: "40"}, HALVES)
    before = desk.cash()["balance"]
    rebalanced(desk)
    assert desk.cash()["balance"] == before


def test_an_instrument_outside_the_allocation_is_sold_in_full_by_units(desk: Desk) -> None:
    portfolio(desk, {C: "7.0123456789", A: "10"}, HALVES)
    order = rebalanced(desk)
    assert trades(desk, order)[:2] == [("SELL", A, "149.38", "0"), ("SELL", C, "0", "7.0123456789")]
    # 1701.23456789 in all: A is 1000 against 850.617283945, so 149.382716055 too much
    assert Decimal(desk.position(C)["quantity"]) == 0


@pytest.mark.parametrize(
    ("weight", "sale"),
    [
        ("0.1", ("SELL", A, "9000", "0")),  # 90 of 100 units: as much as a nominal sell may take
        ("0.09", ("SELL", A, "0", "91")),
        ("0.00001", ("SELL", A, "0", "99.999")),
    ],
)
def test_more_than_nine_tenths_of_a_position_are_sold_by_units(
    desk: Desk, weight: str, sale: tuple[str, str, str, str]
) -> None:
    portfolio(desk, {A: "100"}, {A: weight, B: str(1 - Decimal(weight))})
    order = rebalanced(desk)
    assert trades(desk, order)[0] == sale
    assert order.status == "FILLED"


def test_the_buys_share_the_proceeds_in_proportion_to_the_cent(desk: Desk) -> None:
    """0.03 over two thirds and one third of what is missing: 0.02 and 0.01."""
    d = "DE0000000D04"
    portfolio(desk, {A: "0.001"}, {A: "0.7", B: "0.2", d: "0.1"})  # 0.10 in all, 0.03 of it too much
    order = rebalanced(desk)
    assert trades(desk, order) == [("SELL", A, "0.03", "0"), ("BUY", B, "0.02", "0"), ("BUY", d, "0.01", "0")]


def test_the_buys_sum_to_the_proceeds_whatever_the_weights(desk: Desk) -> None:
    others = [f"DE0000000E0{number}" for number in range(7)]
    weights = {A: "0.30001", **dict.fromkeys(others, "0.1"), others[0]: "0.09999"}
    portfolio(desk, {A: "33.3333"}, weights)
    before = desk.cash()["balance"]
    order = rebalanced(desk)
    sums = {side: sum(Decimal(row[2]) for row in trades(desk, order) if row[0] == side) for side in ("BUY", "SELL")}
    assert sums["BUY"] == sums["SELL"] > 0
    assert desk.cash()["balance"] == before


def test_the_proceeds_are_what_the_sells_brought_and_not_what_was_planned(desk: Desk) -> None:
    """Valued at the middle, 100, and sold at the bid, 90: a unit order of 10 brings 900."""
    portfolio(desk, {C: "10"}, {A: "1"})
    list_instruments(desk, C, price=None)
    quote(desk, C, "90", "110")
    order = rebalanced(desk)
    assert trades(desk, order) == [("SELL", C, "0", "10"), ("BUY", A, "900", "0")]


def test_an_unpriced_position_is_left_alone(desk: Desk) -> None:
    portfolio(desk, {A: "60", B: "40", C: "5"}, HALVES)
    list_instruments(desk, C, price=None)
    order = rebalanced(desk)
    assert trades(desk, order) == [("SELL", A, "1000", "0"), ("BUY", B, "1000", "0")]
    assert desk.position(C)["quantity"] == "5"


def test_a_second_rebalancing_finds_the_portfolio_balanced(desk: Desk) -> None:
    portfolio(desk, {A: "61.7", B: "38.3"}, HALVES)
    assert rebalanced(desk).status == "FILLED"
    assert rebalanced(desk).cancellation_reason == "PORTFOLIO_IS_BALANCED"


def test_the_sandbox_recipe_can_be_repeated_for_ever(desk: Desk) -> None:
    """Buy, switch, rebalance, switch back, rebalance, ... (portfolios.md §5.3)."""
    list_instruments(desk, A, B, C)
    first = aim(desk, {A: "0.6", B: "0.4"})
    second = aim(desk, {B: "0.3", C: "0.7"})
    path, body = {"account_id": desk.account_id}, {"allocation_id": first}
    desk.call("update_portfolios_configuration", path, body=body)
    desk.order("BUY", "1000")
    desk.advance("1m")
    for allocation_id, wanted in [(second, {B: 3, C: 7}), (first, {A: 6, B: 4})] * 3:
        desk.call("update_portfolios_configuration", path, body={"allocation_id": allocation_id})
        assert rebalanced(desk).status == "FILLED"
        held = {row.isin: row.quantity for row in desk.rows("list_positions", path)}
        assert held == wanted


# --- Sells that fail ---


def test_with_every_sell_cancelled_there_is_nothing_to_buy_with(desk: Desk) -> None:
    list_instruments(desk, C, story="cancelled")
    desk.hold(C, "10")
    list_instruments(desk, A)
    aim(desk, {A: "1"})
    order = rebalanced(desk)
    assert (order.status, order.cancellation_reason) == ("CANCELLED", "CANCELLED_BY_UPVEST")
    assert portfolio_order(desk, order).status == "CANCELLED"
    assert [row[0] for row in trades(desk, order)] == ["SELL"]
    assert desk.position(C)["available_for_trading"] == "10"


def test_with_a_sell_cancelled_the_buys_use_what_the_others_brought(desk: Desk) -> None:
    portfolio(desk, {B: "6"}, {A: "1"})
    list_instruments(desk, C, story="cancelled")
    desk.hold(C, "4")
    order = rebalanced(desk)
    assert sorted(trades(desk, order)) == [("BUY", A, "600", "0"), ("SELL", B, "0", "6"), ("SELL", C, "0", "4")]
    assert order.status == "FILLED"


def test_a_sell_cancelled_after_parts_leaves_the_proceeds_of_its_parts(desk: Desk) -> None:
    """Four of five equal parts are executed, then the partner cancels (concepts.md §9.2)."""
    desk.hold(PARTS_ONLY, "10")
    list_instruments(desk, A)
    aim(desk, {A: "1"})
    order = rebalanced(desk)
    assert trades(desk, order)[1:] == [("BUY", A, "800", "0")]
    assert order.status == "FILLED"


# --- Cancelling ---


def test_cancelling_the_portfolio_order_while_new_cancels_the_execution_order(desk: Desk) -> None:
    portfolio(desk, {A: "60", B: "40"}, HALVES)
    order = under_way(desk, "150ms")
    assert (order.status, portfolio_order(desk, order).status) == ("NEW", "NEW")
    desk.call("cancel_portfolios_order", {"portfolio_order_id": order.portfolio_order_id})
    told = desk.advance()
    assert told == ["PORTFOLIO_ORDER.CANCELLED", "REBALANCING_EXECUTION_ORDER.CANCELLED"]
    after = now(desk, order)
    assert (after.cancellation_reason, after.cancellation_details) == ("CANCELLED_BY_CLIENT", "Cancelled by client.")


def test_cancelling_while_its_sells_are_still_new_shows_them_cancelled(desk: Desk) -> None:
    portfolio(desk, {A: "60", B: "40"}, HALVES)
    order = under_way(desk, "250ms")  # check and divide: the sell is placed
    desk.call("cancel_portfolios_order", {"portfolio_order_id": order.portfolio_order_id})
    desk.advance("1m")
    assert (now(desk, order).status, now(desk, order).cancellation_reason) == ("CANCELLED", "CANCELLED_BY_CLIENT")
    assert [item.status for item in portfolio_order(desk, order).orders] == ["CANCELLED"]
    assert desk.position(A)["available_for_trading"] == "60"


def test_cancelling_while_the_sells_are_under_way_cancels_them_and_buys_nothing(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"behaviour": {"portfolio_cancel": "best_effort"}})
    portfolio(desk, {A: "60", B: "40"}, HALVES)
    order = under_way(desk, "350ms")  # check, divide, start: the sell is with the partner
    assert [row.status for row in desk.single_orders(order.portfolio_order_id or "")] == ["PROCESSING"]
    desk.call("cancel_portfolios_order", {"portfolio_order_id": order.portfolio_order_id})
    desk.advance("1m")
    assert (now(desk, order).status, now(desk, order).cancellation_reason) == ("CANCELLED", "CANCELLED_BY_CLIENT")
    assert trades(desk, order) == [("SELL", A, "1000", "0")]
    assert desk.position(A)["available_for_trading"] == "60"


def test_cancelling_while_the_buys_are_under_way_keeps_what_is_sold(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"behaviour": {"portfolio_cancel": "best_effort"}})
    portfolio(desk, {A: "60", B: "40"}, HALVES)
    before = Decimal(desk.cash()["balance"])
    order = under_way(desk, "450ms")  # ... and the sell is filled
    desk.call("cancel_portfolios_order", {"portfolio_order_id": order.portfolio_order_id})
    desk.advance("1m")
    placed = desk.single_orders(order.portfolio_order_id or "")
    assert [(row.side, row.status) for row in placed] == [("SELL", "FILLED"), ("BUY", "CANCELLED")]
    assert now(desk, order).status == "FILLED"  # a mix: some filled, some cancelled
    assert Decimal(desk.cash()["balance"]) == before + 1000


def test_deleting_the_configuration_cancels_a_rebalancing_that_is_new(desk: Desk) -> None:
    portfolio(desk, {A: "60", B: "40"}, HALVES)
    order = under_way(desk, "150ms")
    desk.call("delete_portfolios_configuration", {"account_id": desk.account_id})
    desk.advance("1m")
    after = now(desk, order)
    assert (after.status, after.cancellation_reason) == ("CANCELLED", "CANCELLED_BY_UPVEST")
    assert after.cancellation_details == "Portfolio configuration was deleted."


def test_deleting_the_configuration_before_the_check_means_it_is_missing(desk: Desk) -> None:
    portfolio(desk, {A: "60", B: "40"}, HALVES)
    order = under_way(desk, "50ms")
    desk.call("delete_portfolios_configuration", {"account_id": desk.account_id})
    desk.advance("1m")
    assert now(desk, order).cancellation_reason == "CONFIGURATION_IS_MISSING"


def test_closing_the_account_cancels_a_rebalancing_that_is_new(desk: Desk) -> None:
    portfolio(desk, {A: "60", B: "40"}, HALVES)
    order = under_way(desk, "150ms")
    ACCOUNT_LIFE.carry(desk.world, desk.world.table(ACCOUNTS)[desk.account_id], "CLOSING")
    desk.advance("1m")
    assert now(desk, order).cancellation_reason == "CANCELLED_BY_UPVEST"


def test_a_portfolio_that_came_to_its_target_meanwhile_is_cancelled_as_balanced(desk: Desk) -> None:
    """Found after the portfolio order existed (portfolios.md §4.5)."""
    portfolio(desk, {A: "60", B: "40"}, HALVES)
    order = under_way(desk, "150ms")
    desk.hold(A, "50")
    desk.hold(B, "50")
    desk.advance("1m")
    after = now(desk, order)
    assert (after.status, after.cancellation_reason) == ("CANCELLED", "PORTFOLIO_IS_BALANCED")
    assert after.portfolio_order_id is not None


# --- By command ---


@pytest.mark.parametrize("state", ["PROCESSING", "CANCELLED"])
def test_an_execution_order_can_be_moved_by_command(open_desk: OpenDesk, state: str) -> None:
    desk = open_desk("manual")
    portfolio(desk, {A: "60", B: "40"}, HALVES)
    order = under_way(desk, "1m")
    EXECUTION_ORDER_LIFE.carry(desk.world, order, state)
    assert now(desk, order).status == state


@pytest.mark.parametrize("reason", ["CANCELLED_BY_CLIENT", "CANCELLED_BY_UPVEST", "UNKNOWN"])
def test_an_unchecked_execution_order_can_be_cancelled_by_command_for_any_reason(
    open_desk: OpenDesk, reason: str
) -> None:
    desk = open_desk("manual")
    order = under_way(desk, "1m")
    EXECUTION_ORDER_LIFE.carry(desk.world, order, "CANCELLED", reason=reason)
    assert now(desk, order).cancellation_reason == reason
    assert now(desk, order).cancellation_details


def test_cancelled_by_command_it_takes_its_portfolio_order_with_it(open_desk: OpenDesk) -> None:
    desk = open_desk("manual")
    portfolio(desk, {A: "60", B: "40"}, HALVES)
    order = under_way(desk, "1m")
    EXECUTION_ORDER_LIFE.carry(desk.world, order, "PROCESSING")
    EXECUTION_ORDER_LIFE.carry(desk.world, now(desk, order), "CANCELLED", reason="CANCELLED_BY_CLIENT")
    assert portfolio_order(desk, now(desk, order)).cancellation_reason == "CANCELLED_BY_CLIENT"
    assert now(desk, order).cancellation_reason == "CANCELLED_BY_CLIENT"


def test_by_command_a_rebalancing_runs_to_its_end_in_the_same_order_of_events(open_desk: OpenDesk) -> None:
    desk = open_desk("manual")
    portfolio(desk, {A: "60", B: "40"}, HALVES)
    order = under_way(desk, "1m")
    for state in ("PROCESSING", "FILLED"):
        EXECUTION_ORDER_LIFE.carry(desk.world, now(desk, order), state)
    parent = portfolio_order(desk, now(desk, order))
    PORTFOLIO_ORDER_LIFE.carry(desk.world, desk.world.table(PORTFOLIO_ORDERS)[parent.id], "SETTLED")
    told = families(desk.types_since(), "REBALANCING_EXECUTION_ORDER")
    assert [each.partition(".")[2] for each in told] == ["NEW", "PROCESSING", "FILLED"]
    assert [Decimal(desk.position(isin)["quantity"]) for isin in (A, B)] == [50, 50]
    assert {row.status for row in desk.single_orders(parent.id)} == {"FILLED"}
