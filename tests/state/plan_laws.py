"""What holds of savings plans and their executions, whatever was done to a world (payments.md §18, laws 12 and 13)."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from mockserver.domain.orders.orders import ORDERS
from mockserver.domain.portfolios.orders import PORTFOLIO_ORDERS
from mockserver.domain.savings_plans.executions import PLAN_EXECUTIONS, PlanExecution
from mockserver.domain.savings_plans.plans import PLANS, SavingsPlan
from mockserver.kernel.world import World

UNDER_WAY = frozenset({"NEW", "PROCESSING"})
FILLED = frozenset({"FILLED", "SETTLED"})


def check_plans(world: World) -> None:
    for plan in world.table(PLANS):
        rows = world.table(PLAN_EXECUTIONS).by("plan", plan.id)
        _check_dates(world, plan, rows)
        assert (plan.cancellation_reason is not None) == (not plan.active), plan
        open_ones = [row for row in rows if row.status in UNDER_WAY]
        assert len(open_ones) <= 1, f"{plan} has {open_ones}"
        assert not plan.active or open_ones == rows[-1:], f"{plan} has no execution ahead: {rows[-1:]}"
        assert plan.active or all(row.status != "NEW" for row in open_ones), f"{plan} goes on: {open_ones}"
        for row in rows:
            _check_execution(world, plan, row)


def _check_dates(world: World, plan: SavingsPlan, rows: list[PlanExecution]) -> None:
    """Dates ascend, each on a trading day and for another date of the series."""
    assert all(world.calendar.is_trading_day(row.execution_date) for row in rows), rows
    for before, after in pairwise(rows):
        assert before.execution_date < after.execution_date, f"{before} comes before {after}"
        assert before.series_date < after.series_date, f"{before} and {after} are for one date"
    number = 0
    for row in rows:
        while (date := plan.series.nth(number)) is not None and date < row.series_date:
            number += 1
        assert date == row.series_date, f"{row} is for no date of {plan}"


def _check_execution(world: World, plan: SavingsPlan, row: PlanExecution) -> None:
    """`order_id` is null exactly before an order was placed; FILLED means that something was executed."""
    assert (row.user_id, row.account_id) == (plan.user_id, plan.account_id)
    assert (row.cancellation_reason is not None) == (row.status == "CANCELLED"), row
    assert bool(row.tasks) <= (row.status == "NEW"), f"{row} still has dates"
    if row.order_id is None:
        assert row.status in ("NEW", "CANCELLED"), row
        return
    assert row.status != "NEW", row
    kind: Any = PORTFOLIO_ORDERS if row.type == "PORTFOLIO" else ORDERS
    order = world.table(kind)[row.order_id]
    assert (order.initiation_flow, order.client_reference) == ("SAVINGS_PLAN", row.id)
    final = order.status in (*FILLED, "CANCELLED")
    filled = order.status in FILLED if row.type == "PORTFOLIO" else final and bool(order.executions)
    assert (row.status == "PROCESSING") == (not final), f"{row} of {order}"
    assert (row.status in FILLED) == filled, f"{row} of {order}"
