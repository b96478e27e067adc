"""``…/execution_dates``: another date for one execution of a savings plan."""

from __future__ import annotations

from datetime import date
from typing import Any

from mockserver.control.commands import SHOWN, CommandRequest, RequestBody, command
from mockserver.control.refusals import BAD_DATE
from mockserver.control.resources import object_of
from mockserver.control.views import happened_view, state_view
from mockserver.domain.savings_plans.date_changes import DateError, change_date
from mockserver.hosting.command_log import Recorded
from mockserver.hosting.outcome import mark
from mockserver.kernel.quoting import shortened


class ExecutionDate(RequestBody):
    """The date that an execution of a savings plan is to have."""

    savings_plan_execution_id: str
    execution_date: date


def changed_again(request: CommandRequest, _: Any) -> Recorded:
    """The step that gives it the same date."""
    return Recorded(({"execution_date": request.data},))


@command("POST", "/_mock/worlds/{world}/execution_dates", takes=ExecutionDate, query=SHOWN, records=changed_again)
def change_execution_date(request: CommandRequest) -> Any:
    """Give a NEW execution of a savings plan another date: a trading day from today on, after the execution before.

    Its client is told by ``SAVINGS_PLAN_EXECUTION.DATA_CHANGED``; the later dates of the plan stay as they are.
    """
    asked, world = request.read(ExecutionDate), request.world
    execution = object_of(world, "savings_plan_executions", asked.savings_plan_execution_id)
    start = mark(world)
    try:
        changed = change_date(world, execution, asked.execution_date)
    except DateError as error:
        raise BAD_DATE.refuse(problem=shortened(str(error), 500)) from None
    return {"object": state_view(changed), **happened_view(start.happened(world), request.value("limit", 1000))}
