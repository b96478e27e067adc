"""When the fees that Upvest calculates are collected: right after the valuations of a period's last day."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Final

from mockserver.kernel.actions import action
from mockserver.kernel.profile import Profile
from mockserver.kernel.world import World

RUN: Final = "run.fees"
COLLECT: Final = "fees.collect"
"""What a due run makes due in turn, so that it comes after the valuations of the same instant."""
WITHOUT_VALUATIONS: Final = time(0, 15)
"""UTC time of the run where the profile has no daily valuations (portfolios.md §6, read off the published event)."""


def time_of_day(profile: Profile) -> time:
    """The UTC time of day of the valuations."""
    return WITHOUT_VALUATIONS if profile.runs.valuations is None else profile.runs.valuations.at


def next_run(world: World) -> datetime | None:
    """The first instant after now at which fees are collected by themselves; ``None``: only by command.

    On the 1st, with the valuations of the day before, whose UTC time of day they share (payments.md §10.3, inferred).
    """
    chosen, now = world.profile.fees.schedule, world.now
    if chosen == "never":
        return None
    due = datetime.combine(now.date().replace(day=1), time_of_day(world.profile), UTC)
    if chosen == "yearly":
        due = due.replace(month=1)
    if due > now:
        return due
    if chosen == "yearly" or due.month == 12:
        return due.replace(year=due.year + 1, month=1)
    return due.replace(month=due.month + 1)


def reschedule(world: World, before: Profile) -> None:
    """Make the next run due by the settings of now, where those of ``before`` said something else.

    A run keeps its day where only the time of day is another: it comes at once where that is past. None is left out.
    """
    pending = world.clock.pending(RUN)
    same_days = world.profile.fees.schedule == before.fees.schedule
    if same_days and time_of_day(world.profile) == time_of_day(before):
        return
    for task in pending:
        world.clock.drop(task)
    if same_days and pending:
        _make_due(world, datetime.combine(pending[0].due.date(), time_of_day(world.profile), UTC))
    else:
        plan(world)


def plan(world: World) -> None:
    """Make the next run due."""
    due = next_run(world)
    if due is not None:
        _make_due(world, due)


def _make_due(world: World, due: datetime) -> None:
    world.clock.at(due, RUN, reason=f"{world.profile.fees.schedule} collection of accrued fees", background=True)


@action(RUN)
def _behind_the_valuations(world: World) -> None:
    """Go behind what is due at the same instant; the next run stays due whatever fails in this one."""
    plan(world)
    world.clock.at(world.now, COLLECT, reason="accrued fees are collected", background=True)
