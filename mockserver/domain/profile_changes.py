"""Changing a world's profile in its life, and what becomes of what is under way.

* What is on the clock keeps its instant: a trade settles as on the day it was made.
* What happens from now on follows the new settings: delays and outcomes of stages, settlement days, refusals.
* Standing runs, and the purchases of savings plans, are due anew where their times or the calendar changed.
* What waits (a closed market, cash, a block) looks again at once, by the new settings.
* What waited for a command, since its stage said ``never``, goes on by itself once the stage has a delay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from mockserver.domain import daily_runs
from mockserver.domain.savings_plans import executions
from mockserver.kernel.actions import action
from mockserver.kernel.moves import Moved, cause_of
from mockserver.kernel.profile import Profile
from mockserver.kernel.profile_changes import BEGIN, END, PART, Change, names
from mockserver.kernel.quoting import shortened
from mockserver.kernel.stages import STAGES, stir_all
from mockserver.kernel.world import World

PLANNED: Final = "planned"
IN_FORCE: Final = "in force"
OVER: Final = "over"


def change(
    world: World,
    settings: Mapping[str, Any],
    by: str,
    *,
    begins: datetime | None = None,
    ends: datetime | None = None,
    of_scenario: bool = False,
) -> Change:
    """Lay settings over those that hold: now, or when ``begins`` comes; until ``ends``, else for good.

    ``settings`` are checked already (:mod:`mockserver.scenario.profile_changes`). Each change is recorded among the
    moves, as the resource ``profile``.
    """
    changes, now = world.changes, world.now
    made = Change(changes.new_id(), settings, by, max(begins or now, now), ends, of_scenario)
    if ends is not None:
        due = world.clock.first(ends, END, made.id, reason=f"{_words(made)} no longer hold: {by}")
        made = replace(made, tasks=(due,))
    if begins is not None and begins > now:
        due = world.clock.first(begins, BEGIN, made.id, reason=f"{_words(made)}: {by}")
        made = replace(made, tasks=(due, *made.tasks))
        changes.plan(made)
        _record(world, made, None, PLANNED, by)
        return made
    before = world.profile
    made = changes.begin(made)
    _record(world, made, None, IN_FORCE, f"{_words(made)}: {by}")
    if not of_scenario:  # in a world that is being made nothing is under way
        _settle_in(world, before)
    return made


def take_back(world: World) -> list[Change]:
    """Take back every change that the world was not made with, planned ones too; returns them."""
    changes, before = world.changes, world.profile
    gone = [each for each in (*changes.in_force, *changes.planned) if not each.of_scenario]
    changes.remove(gone)
    for each in gone:
        _record(world, each, PLANNED if each.begins > world.now else IN_FORCE, OVER, "taken back")
    _settle_in(world, before)
    return gone


@action(BEGIN)
def _begin(world: World, change_id: str) -> None:
    planned, before = world.changes.get(change_id), world.profile
    if planned is not None:
        begun = world.changes.begin(planned)
        _record(world, begun, PLANNED, IN_FORCE, f"{_words(begun)}: {begun.by}")
        _settle_in(world, before)


@action(END)
def _end(world: World, change_id: str) -> None:
    over, before = world.changes.get(change_id), world.profile
    if over is not None:
        world.changes.remove([over])
        _record(world, over, IN_FORCE, OVER, f"{_words(over)} no longer hold: {over.by}")
        _settle_in(world, before)


def _settle_in(world: World, before: Profile) -> None:
    """Let what is under way go on by the new settings, as the module says."""
    if world.profile == before:
        return
    daily_runs.reschedule(world, before)
    executions.reschedule(world, before)
    scheduled = {task.args for task in world.clock.pending("stage")}
    for stage in STAGES.values():
        for resource in stage.released(world, before):
            identity = stage.cycle.kind.identify(resource)
            if (stage.name, identity) not in scheduled and world.holds.get(stage.cycle.kind.name, identity) is None:
                stage.schedule(world, resource)
    stir_all(world)


def _record(world: World, made: Change, source: str | None, to: str, cause: str) -> None:
    number = world.moves.end + 1
    world.moves.append(Moved(world.now, PART, made.id, source, to, cause, cause_of(world), number))


def _words(made: Change) -> str:
    return f"profile: {shortened(names(made.settings), 300)}"
