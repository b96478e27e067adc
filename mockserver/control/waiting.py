"""What a resource waits for: another object, a topic, an instant, a command, or nothing at all."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from mockserver.kernel.clock import Task
from mockserver.kernel.events import stamp
from mockserver.kernel.lifecycle import LifeCycle, Row
from mockserver.kernel.stages import Stage
from mockserver.kernel.world import World

SEARCHED: Final = 10_000
"""Of what is due, this much is searched for tasks about one object."""
COMMAND: Final = "command"
"""The topic of what only a command moves on."""


class Waits(NamedTuple):
    """Why a resource does not go on: the stage that waits, if one does, the reason in words, and the topic."""

    stage: str | None
    reason: str
    topic: str


class Explained(NamedTuple):
    """A resource in its state: what it waits for, if it does, and one sentence that is there in every state."""

    waits: Waits | None
    sentence: str


def tasks_about(world: World, identity: str) -> list[Task]:
    """What is due for one object, in the order in which it will run."""
    return [task for task in world.clock.upcoming(SEARCHED) if identity in task.args]


def explain(world: World, cycle: LifeCycle[Any], resource: Any) -> Explained:
    """Why the resource is in its state, and what would move it on."""
    state, identity = cycle.state_of(resource), cycle.kind.identify(resource)
    possible = cycle.possible(state)
    if not possible:
        return Explained(None, f"{state} {cycle.final(resource)}")
    held = world.holds.get(cycle.kind.name, identity)
    if held is not None:
        again = "" if held.retry is None else f"; it is looked at again at {stamp(held.retry.due)}"
        topic = held.topic or ("" if held.retry is None else f"time/{stamp(held.retry.due)}")
        return _waiting(Waits(held.stage, held.reason, topic), f"{held.reason}{again}")
    awaited = cycle.awaited(world, resource)
    if awaited is not None:
        return _waiting(Waits(None, awaited.reason, awaited.topic), awaited.reason)
    stages = [stage for stage in cycle.stages.get(state, []) if not stage.exceptional]
    due = next((task for task in tasks_about(world, identity) if not task.background or task.action == "stage"), None)
    if due is not None:
        return Explained(None, f"{state}: due at {stamp(due.due)}: {due.reason}")
    if stages:
        reason = _by_command(world, stages[0], resource, possible)
        return _waiting(Waits(stages[0].name, reason, COMMAND), reason)
    ways = "; ".join(f"{row.to}: {row.when}" for row in possible)
    return Explained(None, f"{state}: it stays so until it is moved on ({ways})")


def _by_command(world: World, stage: Stage[Any], resource: Any, possible: list[Row]) -> str:
    """Why nothing is due for a stage, and which command would move the resource on."""
    never = stage.by_command(world, resource)
    why = f"the profile says {stage.name}: {{delay: never}}" if never else f"nothing is due for {stage.name}"
    kind = stage.cycle.kind
    to = " or ".join(row.to for row in possible)
    return f"{why}, so it waits for a command: move {kind.name}/{kind.identify(resource)} to {to}"


def _waiting(waits: Waits, reason: str) -> Explained:
    return Explained(waits, f"waits: {reason}")
