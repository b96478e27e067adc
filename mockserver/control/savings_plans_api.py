"""Savings plans on command: another date for one execution."""

from __future__ import annotations

from datetime import date
from typing import Any

from mockserver.control.asking import SHOWN, Ask, Asked, command
from mockserver.control.happened import mark
from mockserver.control.looking import object_of
from mockserver.control.recording import Recorded
from mockserver.control.refusals import BAD_DATE
from mockserver.control.views import happened_view, state_view
from mockserver.domain.savings_plans.date_changes import DateError, change_date
from mockserver.kernel.quoting import shortened


class ExecutionDate(Asked):
    """The date that an execution of a savings plan is to have."""

    savings_plan_execution_id: str
    execution_date: date


def changed_again(ask: Ask, _: Any) -> Recorded:
    """The step that gives it the same date."""
    return Recorded(({"execution_date": ask.data},))


@command("POST", "/_mock/worlds/{world}/execution_dates", takes=ExecutionDate, query=SHOWN, records=changed_again)
def change_execution_date(ask: Ask) -> Any:
    """Give a NEW execution of a savings plan another date: a trading day from today on, after the execution before.

    Its client is told by ``SAVINGS_PLAN_EXECUTION.DATA_CHANGED``; the later dates of the plan stay as they are.
    """
    asked, world = ask.read(ExecutionDate), ask.world
    execution = object_of(world, "savings_plan_executions", asked.savings_plan_execution_id)
    start = mark(world)
    try:
        changed = change_date(world, execution, asked.execution_date)
    except DateError as error:
        raise BAD_DATE.refuse(problem=shortened(str(error), 500)) from None
    return {"object": state_view(changed), **happened_view(start.happened(world), ask.value("limit", 1000))}
