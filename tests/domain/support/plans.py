"""A client with savings plans: plans of the desk's user, and their executions as they are now."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from mockserver.domain import seeding
from mockserver.domain.accounts.accounts import ACCOUNTS
from mockserver.domain.savings_plans.executions import PLAN_EXECUTIONS, PlanExecution
from mockserver.domain.savings_plans.plans import PLANS, SavingsPlan
from tests.domain.support.desk import AT_100, Desk

FROM_NEW = ["SAVINGS_PLAN.CREATED", "SAVINGS_PLAN_EXECUTION.NEW"]
PLACED = ["SAVINGS_PLAN_EXECUTION.PROCESSING", "ORDER.NEW", "CASH_BALANCE.UPDATED"]


def trading_account(desk: Desk) -> str:
    """An account for single instruments, in the group of the desk: the first that it has, or a new one."""
    for row in desk.world.table(ACCOUNTS).by("group", desk.group_id):
        if row.type == "TRADING":
            return str(row.id)
    return str(seeding.account(desk.world, account_group_id=desk.group_id, type="TRADING").id)


def body(desk: Desk, **others: Any) -> dict[str, Any]:
    """100 EUR of an instrument at 100, monthly from Monday, 16 January 2023, six days after the desk's morning."""
    given = {
        "user_id": desk.user_id,
        "type": "INSTRUMENT",
        "instrument_id": AT_100,
        "cash_amount": "100.00",
        "currency": "EUR",
        "start_date": "2023-01-16",
        "period": "MONTH",
        "interval": 1,
        **others,
    }
    if given["type"] == "PORTFOLIO":
        given.pop("instrument_id")
    given.setdefault("account_id", desk.account_id if given["type"] == "PORTFOLIO" else trading_account(desk))
    return {name: value for name, value in given.items() if value is not None}


def create(desk: Desk, **others: Any) -> Any:
    """Create a plan; the answer. ``others``: of :func:`body`."""
    return desk.call("create_savings_plan", body=body(desk, **others))


def delete(desk: Desk, plan_id: str) -> None:
    desk.call("delete_savings_plan", {"savings_plan_id": plan_id})


def delete_execution(desk: Desk, of: PlanExecution) -> None:
    path = {"savings_plan_id": of.savings_plan_id, "savings_plan_execution_id": of.id}
    desk.call("delete_savings_plan_execution", path)


def now(desk: Desk, plan_id: str) -> SavingsPlan:
    return desk.world.table(PLANS)[plan_id]


def executions(desk: Desk, plan_id: str) -> list[PlanExecution]:
    """The executions of a plan, in the order in which they were made."""
    return desk.world.table(PLAN_EXECUTIONS).by("plan", plan_id)


def story(desk: Desk, plan_id: str) -> list[tuple[str, str]]:
    """The date and the state of each execution."""
    return [(str(row.execution_date), str(row.status)) for row in executions(desk, plan_id)]


def why(of: PlanExecution | SavingsPlan) -> tuple[str, str | None]:
    """Reason and details of a cancellation."""
    return str(of.cancellation_reason), of.cancellation_details


def waits(desk: Desk, of: PlanExecution) -> str | None:
    held = desk.world.holds.get(PLAN_EXECUTIONS.name, of.id)
    return None if held is None else held.reason


def to(desk: Desk, text: str) -> list[str]:
    """Move the clock to an instant such as ``2023-01-16 08:00`` (UTC; 09:00 in Frankfurt); the types emitted."""
    until, position = datetime.fromisoformat(text).replace(tzinfo=UTC), desk.world.events.end
    desk.world.run(until)
    desk.world.clock.reach(until)
    return desk.types_since(position)
