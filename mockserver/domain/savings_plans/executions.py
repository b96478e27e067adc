"""Executions of savings plans: one purchase on one date (payments.md §9.3).

The next one is made when the one before it is filled or cancelled, so that a plan never has two that are NEW. Its dates
are due in the background: a plan goes on for ever, and keeps no world from being idle.
"""

from __future__ import annotations

from datetime import date, datetime
from operator import attrgetter
from typing import Final

from pydantic import Field

from mockserver.domain.refusals import DATES_REVERSED, UNKNOWN
from mockserver.domain.savings_plans.plans import PLANS, SavingsPlan, plan
from mockserver.domain.savings_plans.refusals import EXECUTION_NOT_NEW
from mockserver.domain.savings_plans.schedule import Due, next_due
from mockserver.kernel.actions import action
from mockserver.kernel.clock import Task
from mockserver.kernel.events import emit
from mockserver.kernel.lifecycle import LifeCycle, Row
from mockserver.kernel.money import decimal, wire_amount
from mockserver.kernel.moves import Moved
from mockserver.kernel.operations import Call, Listing, Nothing, operation
from mockserver.kernel.profile import Profile, TradingHours
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models import savings_plans as wire
from mockserver.models.savings_plans import SavingsPlanCancellationReason, SavingsPlanExecutionStatus

BY_CLIENT: Final = SavingsPlanCancellationReason.CANCELLED_BY_CLIENT
BY_UPVEST: Final = SavingsPlanCancellationReason.CANCELLED_BY_UPVEST

REMINDER: Final = "SAVINGS_PLAN_EXECUTION.REMINDER"
DATA_CHANGED: Final = "SAVINGS_PLAN_EXECUTION.DATA_CHANGED"


class PlanExecution(wire.SavingsPlanExecution):
    """One purchase of a plan, with the date of the series that it is for (hidden)."""

    isin: str = Field("", exclude=True)
    series_date: date = Field(date.min, exclude=True)
    """The date that the plan names; ``execution_date`` is the trading day for it, or the day that a command chose."""
    tasks: tuple[Task, ...] = Field((), exclude=True)
    """What is due while it is NEW: its reminder, its placing, and its end if it could not be placed."""


PLAN_EXECUTIONS: Final[Kind[PlanExecution]] = Kind(
    "savings_plan_executions", indexes={"plan": attrgetter("savings_plan_id"), "order": attrgetter("order_id")}
)

_FAMILY = "SAVINGS_PLAN_EXECUTION"

PLAN_EXECUTION_LIFE: Final = LifeCycle(
    PLAN_EXECUTIONS,
    [
        Row(None, "NEW", f"{_FAMILY}.NEW", "the next date of the plan", "payments.md §9.3 [D]"),
        Row("NEW", "PROCESSING", f"{_FAMILY}.PROCESSING", "its day has come", "payments.md §9.3 [D]"),
        Row(
            "NEW", "CANCELLED", f"{_FAMILY}.CANCELLED", "by the client, or for want of cash", "payments.md §9.3 [A, D]"
        ),
        Row("PROCESSING", "FILLED", f"{_FAMILY}.FILLED", "its order is executed", "payments.md §9.3 [D]"),
        Row(
            "PROCESSING",
            "CANCELLED",
            f"{_FAMILY}.CANCELLED",
            "its order ended without an execution",
            "payments.md §9.3, inferred",
        ),
        Row("FILLED", "SETTLED", f"{_FAMILY}.SETTLED", "its order is settled", "payments.md §9.3 [D]"),
    ],
)


# --- Dates ---


def opening(world: World, day: date) -> datetime:
    """When purchases of a day are placed: as the market opens, 09:00 where it has no hours (payments.md §9.3)."""
    return world.calendar.business_hour(day, _hours(world).open)


def closing(world: World, day: date) -> datetime:
    """Until when they wait: the market's close, 17:30 where it has no hours."""
    return world.calendar.business_hour(day, _hours(world).close)


def _hours(world: World) -> TradingHours:
    return world.profile.calendar.hours or TradingHours()


def reminder(world: World, day: date) -> datetime | None:
    """When the client is reminded of an execution on ``day``, if a profile wants it and that lies ahead."""
    lead = world.profile.savings_plans.reminder
    if lead is None:
        return None
    for _ in range(lead):
        day = world.calendar.previous_trading_day(day)
    due = world.calendar.business_hour(day, TradingHours().open)
    return due if due > world.now else None


def scheduled(world: World, of: PlanExecution) -> PlanExecution:
    """A NEW execution with everything due on its dates, in the order in which that happens at one instant."""
    for task in of.tasks:
        world.clock.drop(task)
    tasks = [_reminded(world, of), *(stage.schedule(world, of) for stage in PLAN_EXECUTION_LIFE.stages["NEW"])]
    return of.evolve(tasks=tuple(task for task in tasks if task is not None))


def reschedule(world: World, before: Profile) -> None:
    """Make NEW executions due anew: all where the hours or the reminder changed, else those that a stage releases.

    One whose date is no trading day any more gets the next one (payments.md §9.3 [D]: another calendar).
    """
    now, table = world.profile, world.table(PLAN_EXECUTIONS)
    if (before.calendar, before.savings_plans) != (now.calendar, now.savings_plans):
        found = [of for of in table if of.status == SavingsPlanExecutionStatus.NEW]
    else:
        released = (of for stage in PLAN_EXECUTION_LIFE.stages["NEW"] for of in stage.released(world, before))
        found = list({of.id: of for of in released}.values())
    for of in found:
        day = world.calendar.trading_day_on_or_after(of.execution_date)
        if day == of.execution_date:
            table.put(scheduled(world, of))
        else:
            put_off(world, of, day)


def put_off(world: World, of: PlanExecution, day: date) -> PlanExecution:
    """Give a NEW execution another date: its reminder, its placing and its end move along, and its client is told."""
    world.holds.pop(PLAN_EXECUTIONS.name, of.id)
    changed = scheduled(world, of.evolve(execution_date=day, updated_at=world.now))
    world.table(PLAN_EXECUTIONS).put(changed)
    emit(world, DATA_CHANGED, changed)
    return changed


def _reminded(world: World, of: PlanExecution) -> Task | None:
    due = reminder(world, of.execution_date)
    if due is None:
        return None
    why = f"reminder of the execution on {of.execution_date}"
    return world.clock.at(due, "savings_plan_execution.remind", of.id, reason=why, background=True)


@action("savings_plan_execution.remind")
def remind(world: World, execution_id: str) -> None:
    """Emit the reminder; the state stays (payments.md §9.3 [D])."""
    emit(world, REMINDER, world.table(PLAN_EXECUTIONS)[execution_id])


def forget_dates(world: World, of: PlanExecution, moved: Moved) -> None:
    """An execution is NEW no more: nothing is due for it by its dates. Called with the version before."""
    for task in of.tasks:
        world.clock.drop(task)


# --- From one date to the next ---


def next_of(world: World, of: SavingsPlan, last: PlanExecution | None = None) -> PlanExecution | None:
    """The execution for the date after ``last``, not entered yet; ``None`` where the dates of the contract end."""
    after = None if last is None else Due(last.series_date, last.execution_date)
    due = next_due(of.series, world.calendar, today=world.calendar.day_of(world.now), last=after)
    return None if due is None else made(world, of, due)


def made(world: World, of: SavingsPlan, due: Due, id: str | None = None) -> PlanExecution:
    """An execution of the plan in NEW."""
    optional = {
        name: value
        for name in ("user_id", "business_id", "instrument_id", "instrument_id_type", "fee_configuration")
        if (value := getattr(of, name)) is not None
    }
    return PlanExecution(
        id=id or world.ids.new("savings_plan_execution"),
        created_at=world.now,
        updated_at=world.now,
        account_id=of.account_id,
        savings_plan_id=of.id,
        order_id=None,
        cash_amount=wire_amount(decimal(of.cash_amount)),
        currency=of.currency,
        status=SavingsPlanExecutionStatus.NEW,
        type=of.type,
        execution_date=due.trading_day,
        isin=of.isin,
        series_date=due.day,
        **optional,
    )


def succeed(world: World, last: PlanExecution) -> None:
    """Enter the next execution of an ACTIVE plan, once the last is filled or cancelled (payments.md §9.3 [D])."""
    of = world.table(PLANS)[last.savings_plan_id]
    if of.active:
        enter_next(world, of, last)


def enter_next(world: World, of: SavingsPlan, last: PlanExecution | None = None) -> None:
    """Enter the execution for the next date."""
    new = next_of(world, of, last)
    if new is not None:
        PLAN_EXECUTION_LIFE.enter(world, scheduled(world, new), f"{of.period.lower()}ly date {new.series_date}")


def end(world: World, of: PlanExecution, reason: str, details: str | None = None) -> None:
    """Cancel an execution without a successor."""
    why = SavingsPlanCancellationReason(reason)
    more = {} if details is None else {"cancellation_details": details}
    cause = details or why.value.lower().replace("_", " ")
    PLAN_EXECUTION_LIFE.move(world, of, "CANCELLED", cause, cancellation_reason=why, tasks=(), **more)


@PLAN_EXECUTION_LIFE.does("NEW", "CANCELLED")
def cancel(world: World, of: PlanExecution, reason: str = BY_UPVEST, details: str | None = None) -> None:
    """Cancel an execution; its plan goes on with the next date."""
    end(world, of, reason, details)
    succeed(world, of)


# --- Reading and cancelling ---


@operation("list_savings_plan_executions")
def list_savings_plan_executions(world: World, call: Call[None]) -> Listing:
    """Executions of every state, filtered by ``execution_date``, both ends inclusive (payments.md §9.3 [A, I])."""
    of, query = plan(world, call.path["savings_plan_id"]), call.query
    sort, start, end_ = query["sort"], query.get("start_date"), query.get("end_date")
    if start is not None and end_ is not None and start > end_:
        raise DATES_REVERSED.refuse(start=start, end=end_)
    rows = world.table(PLAN_EXECUTIONS).sorted_under("plan", of.id, sort, "id")
    if start is not None or end_ is not None:
        first, last = start or date.min, end_ or date.max
        rows = [row for row in rows if first <= row.execution_date <= last]
    return Listing(rows, sort)


@operation("retrieve_savings_plan_execution")
def retrieve_savings_plan_execution(world: World, call: Call[None]) -> PlanExecution:
    return _execution(world, call)


@operation("delete_savings_plan_execution")
def delete_savings_plan_execution(world: World, call: Call[None]) -> Nothing:
    """While it is NEW; the plan goes on with the next date."""
    of = _execution(world, call)
    if of.status != SavingsPlanExecutionStatus.NEW:
        raise EXECUTION_NOT_NEW.refuse(id=of.id, status=of.status)
    cancel(world, of, BY_CLIENT)
    return Nothing()


def _execution(world: World, call: Call[None]) -> PlanExecution:
    of, identity = plan(world, call.path["savings_plan_id"]), call.path["savings_plan_execution_id"]
    found = world.table(PLAN_EXECUTIONS).get(identity)
    if found is None or found.savings_plan_id != of.id:
        raise UNKNOWN.refuse(what=f"execution of savings plan {of.id}:", id=identity)
    return found


def new_of(world: World, plan_id: str) -> PlanExecution | None:
    """The execution of a plan that is NEW; there is at most one, and it is the last."""
    rows = world.table(PLAN_EXECUTIONS).by("plan", plan_id)
    return rows[-1] if rows and rows[-1].status == SavingsPlanExecutionStatus.NEW else None
