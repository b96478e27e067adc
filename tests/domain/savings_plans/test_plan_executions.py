"""payments.md §9.3: what happens on the dates of a savings plan that buys an instrument."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from mockserver.domain.orders.orders import ORDERS
from mockserver.domain.savings_plans.executions import PlanExecution
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import IN_PARTS, NOBODY, PARTS_ONLY, Desk
from tests.domain.support.plans import (
    PLACED,
    create,
    delete_execution,
    executions,
    now,
    story,
    to,
    why,
)

REMINDER = "SAVINGS_PLAN_EXECUTION.REMINDER"
BOUGHT = [
    "ORDER.PROCESSING",
    "EXECUTION.FILLED",
    "CASH_BALANCE.UPDATED",
    "POSITION.UPDATED",
    "CASH_TRANSACTION.EXECUTED",
    "SECURITY_TRANSACTION.EXECUTED",
    "ORDER.FILLED",
    "SAVINGS_PLAN_EXECUTION.FILLED",
    "SAVINGS_PLAN_EXECUTION.NEW",
    "EXECUTION.SETTLED",
    "POSITION.UPDATED",
    "SAVINGS_PLAN_EXECUTION.SETTLED",
]


def order_of(desk: Desk, of: PlanExecution) -> Any:
    return desk.world.table(ORDERS)[of.order_id or ""]


def test_a_purchase_emits_its_events_in_the_documented_order(desk: Desk) -> None:
    plan = create(desk)
    assert to(desk, "2023-01-12 08:00") == [REMINDER]
    assert to(desk, "2023-01-16 08:00") == PLACED
    assert desk.advance("1s") == BOUGHT
    assert story(desk, plan.id) == [("2023-01-16", "SETTLED"), ("2023-02-16", "NEW")]
    assert desk.cash()["balance"] == "9900"


def test_its_order_is_a_nominal_market_buy_of_the_plan(desk: Desk) -> None:
    plan = create(desk)
    to(desk, "2023-01-16 08:00")
    (execution,) = executions(desk, plan.id)
    order = order_of(desk, execution)
    assert execution.status == "PROCESSING"
    assert (order.side, order.order_type, order.cash_amount, order.quantity) == ("BUY", "MARKET", "100", "0")
    assert (order.initiation_flow, order.client_reference) == ("SAVINGS_PLAN", execution.id)
    assert (order.user_id, order.account_id) == (plan.user_id, plan.account_id)


def test_a_date_of_today_after_the_opening_is_carried_out_at_once(desk: Desk) -> None:
    """The desk opens at 10:00 in Frankfurt."""
    create(desk, start_date="2023-01-10")
    assert desk.advance("0s") == PLACED


def test_without_hours_of_the_market_it_is_nine_o_clock_there_in_summer_too(desk: Desk) -> None:
    create(desk, start_date="2023-06-12")
    to(desk, "2023-06-12 06:59")
    assert desk.advance("1m")[: len(PLACED)] == PLACED


def test_with_hours_it_is_when_the_market_opens(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"calendar": {"hours": {"open": "08:00", "close": "20:00"}}})
    create(desk)
    to(desk, "2023-01-16 06:59")
    assert desk.advance("1m")[: len(PLACED)] == PLACED


def test_the_order_of_a_plan_cannot_be_cancelled_by_the_client(desk: Desk) -> None:
    plan = create(desk, start_date="2023-01-10")
    desk.advance("0s")
    desk.call("cancel_order", {"order_id": executions(desk, plan.id)[0].order_id})
    assert desk.advance("0s") == ["ORDER_CANCELLATION.REJECTED"]
    desk.advance()
    assert story(desk, plan.id)[0] == ("2023-01-10", "SETTLED")


def test_a_purchase_in_parts_is_filled_with_the_last_of_them(desk: Desk) -> None:
    """150 EUR of this instrument take two executions, which settle each on its own."""
    plan = create(desk, instrument_id=IN_PARTS, cash_amount="150", start_date="2023-01-10")
    told = desk.advance("1s")
    assert told.count("EXECUTION.SETTLED") == 2
    wanted = ["ORDER.FILLED", "SAVINGS_PLAN_EXECUTION.FILLED", "SAVINGS_PLAN_EXECUTION.NEW"]
    position = told.index("ORDER.FILLED")
    assert told[position : position + 3] == wanted
    assert told[-1] == "SAVINGS_PLAN_EXECUTION.SETTLED"
    assert story(desk, plan.id) == [("2023-01-10", "SETTLED"), ("2023-02-10", "NEW")]


def test_an_order_that_ends_after_a_part_fills_the_execution(desk: Desk) -> None:
    """Four fifths of 100 EUR are executed, then the trading partner cancels the order."""
    plan = create(desk, instrument_id=PARTS_ONLY, start_date="2023-01-10")
    desk.advance("2s")
    assert story(desk, plan.id) == [("2023-01-10", "SETTLED"), ("2023-02-10", "NEW")]
    assert order_of(desk, executions(desk, plan.id)[0]).status == "CANCELLED"
    assert desk.cash()["balance"] == "9920"


def test_an_order_that_ends_without_a_part_cancels_the_execution(desk: Desk) -> None:
    isin = desk.instrument("DE000A0D8Q49", "100", story="cancelled")
    plan = create(desk, instrument_id=isin, start_date="2023-01-10")
    told = desk.advance("1s")
    ended = ["ORDER.CANCELLED", "CASH_BALANCE.UPDATED", "SAVINGS_PLAN_EXECUTION.CANCELLED"]
    assert told[-4:] == [*ended, "SAVINGS_PLAN_EXECUTION.NEW"]
    (first, second) = executions(desk, plan.id)
    assert why(first) == ("CANCELLED_BY_UPVEST", str(order_of(desk, first).cancellation_reason))
    assert (first.order_id is None, second.order_id) == (False, None)
    assert now(desk, plan.id).status == "ACTIVE"


def test_a_purchase_settles_with_its_trades(open_desk: OpenDesk) -> None:
    """T+1 in the live profile: bought on Monday, settled on Tuesday at 06:00 UTC."""
    desk = open_desk("live")
    plan = create(desk)
    to(desk, "2023-01-17 05:59")
    assert story(desk, plan.id) == [("2023-01-16", "FILLED"), ("2023-02-16", "NEW")]
    assert to(desk, "2023-01-17 06:00")[-1] == "SAVINGS_PLAN_EXECUTION.SETTLED"


def test_a_mistrade_counts_as_settled(open_desk: OpenDesk) -> None:
    desk = open_desk("live")
    plan = create(desk)
    to(desk, "2023-01-16 08:01")
    trade = order_of(desk, executions(desk, plan.id)[0]).executions[0]
    desk.move("executions", trade.id, "CANCELLED")
    desk.advance("0s")
    assert story(desk, plan.id)[0] == ("2023-01-16", "SETTLED")


def test_a_year_of_dates_ascends_each_on_a_trading_day(desk: Desk) -> None:
    """16 January to December; April, July, September and December shift from a weekend to its Monday."""
    plan = create(desk)
    to(desk, "2023-12-31 00:00")
    dates = [date for date, state in story(desk, plan.id) if state == "SETTLED"]
    shifted = {4: 17, 7: 17, 9: 18, 12: 18}
    assert dates == [f"2023-{month:02}-{shifted.get(month, 16)}" for month in range(1, 13)]
    assert all(earlier < later for earlier, later in pairwise(dates))
    assert desk.cash()["balance"] == str(10000 - 12 * 100)


def test_a_plan_keeps_no_world_from_being_idle(desk: Desk) -> None:
    idle = []
    create(desk)
    for moment in ("2023-01-10 10:00", "2023-01-16 08:00", "2023-01-16 08:01"):
        to(desk, moment)
        idle.append(desk.world.clock.idle)
    assert idle == [True, False, True]


def test_deleting_an_execution_goes_on_with_the_next_date(desk: Desk) -> None:
    plan = create(desk)
    (first,) = executions(desk, plan.id)
    position = desk.world.events.end
    delete_execution(desk, first)
    assert desk.types_since(position) == ["SAVINGS_PLAN_EXECUTION.CANCELLED", "SAVINGS_PLAN_EXECUTION.NEW"]
    assert story(desk, plan.id) == [("2023-01-16", "CANCELLED"), ("2023-02-16", "NEW")]
    assert why(executions(desk, plan.id)[0]) == ("CANCELLED_BY_CLIENT", None)
    assert to(desk, "2023-02-13 00:00") == []


@pytest.mark.parametrize("state", ["PROCESSING", "FILLED", "SETTLED", "CANCELLED"])
def test_only_an_execution_that_is_new_can_be_deleted(open_desk: OpenDesk, state: str) -> None:
    desk = open_desk("manual")
    (execution,) = executions(desk, create(desk).id)
    steps = ["CANCELLED"] if state == "CANCELLED" else ["PROCESSING", "FILLED", "SETTLED"]
    for each in steps[: steps.index(state) + 1]:
        desk.move("savings_plan_executions", execution.id, each)
    path = {"savings_plan_id": execution.savings_plan_id, "savings_plan_execution_id": execution.id}
    refusal = desk.refused("delete_savings_plan_execution", path)
    assert (refusal.rule.status, f"is {state}:" in refusal.detail) == (409, True)


def test_an_execution_is_found_under_its_own_plan_only(desk: Desk) -> None:
    one, other = create(desk), create(desk)
    (execution,) = executions(desk, one.id)
    path = {"savings_plan_id": one.id, "savings_plan_execution_id": execution.id}
    assert desk.call("retrieve_savings_plan_execution", path) == execution
    for wrong in ({"savings_plan_id": other.id}, {"savings_plan_id": NOBODY}, {"savings_plan_execution_id": NOBODY}):
        assert desk.refused("retrieve_savings_plan_execution", {**path, **wrong}).rule.status == 404


def test_lists_filter_by_the_date_of_execution_and_sort_by_it_first(desk: Desk) -> None:
    plan = create(desk, period="WEEK", start_date="2023-01-10")
    to(desk, "2023-02-01 00:00")
    path = {"savings_plan_id": plan.id}

    def listed(**query: Any) -> list[str]:
        return [str(row.execution_date)[5:] for row in desk.rows("list_savings_plan_executions", path, **query)]

    assert listed() == listed(sort="created_at") == ["01-10", "01-17", "01-24", "01-31", "02-07"]
    assert listed(start_date="2023-01-17", end_date="2023-01-31") == ["01-17", "01-24", "01-31"]
    assert listed(start_date="2023-02-07") == ["02-07"]
    assert listed(end_date="2023-01-09") == []
    refusal = desk.refused("list_savings_plan_executions", path, {"start_date": "2023-01-31", "end_date": "2023-01-17"})
    assert refusal.rule.name == "list.dates"


def test_a_series_ends_with_the_dates_that_the_contract_can_write(desk: Desk) -> None:
    """2999 is the last year; the plan stays ACTIVE and buys nothing more."""
    plan = create(desk, start_date="2999-12-30", period="YEAR")
    delete_execution(desk, executions(desk, plan.id)[0])
    assert story(desk, plan.id) == [("2999-12-30", "CANCELLED")]
    assert now(desk, plan.id).status == "ACTIVE"


def test_what_is_due_for_an_execution_goes_with_it(desk: Desk) -> None:
    plan = create(desk)

    def due() -> list[str]:
        return [task.reason for task in desk.world.clock.upcoming() if executions(desk, plan.id)[0].id in task.args]

    assert len(due()) == 3
    delete_execution(desk, executions(desk, plan.id)[0])
    assert due() == []


def test_the_reminder_comes_by_trading_days_before_and_only_if_that_lies_ahead(open_desk: OpenDesk) -> None:
    """Monday 16 January less three trading days is Wednesday 11; at 10:00 on that day it has passed."""
    desk = open_desk(overrides={"savings_plans": {"reminder": 3}})
    create(desk)
    assert to(desk, "2023-01-11 07:59") == []
    assert desk.advance("1m") == [REMINDER]
    create(desk)
    assert to(desk, "2023-01-16 07:59") == []


def test_a_reminder_of_no_days_comes_before_the_purchase(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"savings_plans": {"reminder": 0}})
    create(desk)
    assert to(desk, "2023-01-16 08:00") == [REMINDER, *PLACED]


def test_a_profile_may_want_no_reminders(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"savings_plans": {"reminder": None}})
    create(desk)
    assert to(desk, "2023-01-16 07:59") == []


def test_the_manual_profile_reminds_and_places_nothing(open_desk: OpenDesk) -> None:
    desk = open_desk("manual")
    plan = create(desk)
    assert to(desk, "2023-03-01 00:00") == [REMINDER]
    (execution,) = executions(desk, plan.id)
    assert desk.move("savings_plan_executions", execution.id, "PROCESSING") == PLACED
    assert desk.move("savings_plan_executions", execution.id, "FILLED")[-2:] == [
        "SAVINGS_PLAN_EXECUTION.FILLED",
        "SAVINGS_PLAN_EXECUTION.NEW",
    ]
    assert desk.move("savings_plan_executions", execution.id, "SETTLED")[-1] == "SAVINGS_PLAN_EXECUTION.SETTLED"
    assert story(desk, plan.id) == [("2023-01-16", "SETTLED"), ("2023-03-16", "NEW")]
