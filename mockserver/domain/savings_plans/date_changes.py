"""Another date for one execution of a savings plan: what its client is told by ``DATA_CHANGED`` (payments.md §9.3)."""

from __future__ import annotations

from datetime import date

from mockserver.domain.savings_plans.executions import (
    PLAN_EXECUTIONS,
    PlanExecution,
    put_off,
)
from mockserver.domain.savings_plans.schedule import LAST_YEAR
from mockserver.kernel.world import World
from mockserver.models.savings_plans import SavingsPlanExecutionStatus


class DateError(ValueError):
    """An execution cannot have this date; the text says why and what would pass."""


def change_date(world: World, of: PlanExecution, day: date) -> PlanExecution:
    """Carry a NEW execution out on ``day``; its reminder and its end move along, and the series does not.

    The day is a trading day from today on, later than the execution before. The same date changes nothing and emits
    nothing. Raises :class:`DateError`.
    """
    if of.status != SavingsPlanExecutionStatus.NEW:
        raise DateError(f"the execution is {of.status}: only one that is NEW can have another date")
    if day == of.execution_date:
        return of
    today, calendar = world.calendar.day_of(world.now), world.calendar
    if day < today:
        raise DateError(f"{day} lies in the past; today ({today}) or a later date would pass")
    if day.year > LAST_YEAR:
        raise DateError(f"{day} lies after {LAST_YEAR}, the last year that dates of savings plans can have")
    traded = calendar.trading_day_on_or_after(day)
    if traded != day:
        raise DateError(f"{day} is not a trading day; {traded} would pass")
    before = _before(world, of)
    if before is not None and day <= before:
        raise DateError(f"{day} is not later than the execution before, on {before}")
    return put_off(world, of, day)


def _before(world: World, of: PlanExecution) -> date | None:
    rows = world.table(PLAN_EXECUTIONS).by("plan", of.savings_plan_id)
    return rows[-2].execution_date if len(rows) > 1 else None
