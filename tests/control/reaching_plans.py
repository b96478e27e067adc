"""How savings plans and their executions come to each state that is not final: rows of ``reaching``."""

from __future__ import annotations

from tests.control.reaching import reaches
from tests.domain.support import plans
from tests.domain.support.desk import Desk


@reaches("savings_plans", "ACTIVE")
def _active_plan(desk: Desk) -> str:
    return str(plans.create(desk).id)


@reaches("savings_plan_executions", "NEW")
def _new_plan_execution(desk: Desk) -> str:
    return plans.executions(desk, _active_plan(desk))[0].id


@reaches("savings_plan_executions", "PROCESSING")
def _processing_plan_execution(desk: Desk) -> str:
    execution_id = _new_plan_execution(desk)
    desk.move("savings_plan_executions", execution_id, "PROCESSING")
    return execution_id


@reaches("savings_plan_executions", "FILLED")
def _filled_plan_execution(desk: Desk) -> str:
    execution_id = _processing_plan_execution(desk)
    desk.move("savings_plan_executions", execution_id, "FILLED")
    return execution_id
