"""When the fees that Upvest calculates are collected: right after the valuations of a period's last day."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Final

from mockserver.kernel.actions import action
from mockserver.kernel.world import World

RUN: Final = "run.fees"
COLLECT: Final = "fees.collect"
"""What a due run makes due in turn, so that it comes after the valuations of the same instant."""
WITHOUT_VALUATIONS: Final = time(0, 15)
"""UTC time of the run where the profile has no daily valuations (portfolios.md §6, read off the published event)."""


def next_run(world: World) -> datetime | None:
    """The first instant after now at which fees are collected by themselves; ``None``: only by command.

    On the 1st, with the valuations of the day before, whose UTC time of day they share (payments.md §10, inferred).
    """
    chosen, now = world.profile.fees.schedule, world.now
    if chosen == "never":
        return None
    valuations = world.profile.runs.valuations
    at = WITHOUT_VALUATIONS if valuations is None else valuations.at
    due = datetime.combine(now.date().replace(day=1), at, UTC)
    if chosen == "yearly":
        due = due.replace(month=1)
    if due > now:
        return due
    if chosen == "yearly" or due.month == 12:
        return due.replace(year=due.year + 1, month=1)
    return due.replace(month=due.month + 1)


def plan(world: World) -> None:
    """Make the next run due."""
    due = next_run(world)
    if due is not None:
        world.clock.at(due, RUN, reason=f"{world.profile.fees.schedule} collection of accrued fees", background=True)


@action(RUN)
def _behind_the_valuations(world: World) -> None:
    """Go behind what is due at the same instant; the next run stays due whatever fails in this one."""
    plan(world)
    world.clock.at(world.now, COLLECT, reason="accrued fees are collected", background=True)
