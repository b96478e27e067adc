"""What a resource waits for: another object, a topic, an instant, a command, or nothing at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from mockserver.control.views import changed_settings
from mockserver.kernel.clock import Task
from mockserver.kernel.events import stamp
from mockserver.kernel.lifecycle import EXPLAINED, LifeCycle, Row
from mockserver.kernel.profile_changes import Changed
from mockserver.kernel.stages import STAGES, Stage
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
    settings: Sequence[Changed] = ()
    """Those that decide about it and were changed since the world was made."""
    actions: frozenset[str] = frozenset()
    """Standing runs that concern it."""


def tasks_about(world: World, identity: str, actions: frozenset[str] = frozenset()) -> list[Task]:
    """What is due for one object, or by one of ``actions``, in the order in which it will run."""
    return [task for task in world.clock.upcoming(SEARCHED) if identity in task.args or task.action in actions]


def explain_any(world: World, kind: str, resource: Any) -> Explained | None:
    """Why a resource without a life cycle is as it is, where its family says so."""
    explains = EXPLAINED.get(kind)
    if explains is None:
        return None
    found = explains(world, resource)
    return Explained(None, found.sentence, changed_settings(world, found.settings), found.actions)


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
        settings = changed_settings(world, STAGES[held.stage].reads)
        return _waiting(Waits(held.stage, held.reason, topic), f"{held.reason}{again}", settings)
    awaited = cycle.awaited(world, resource)
    if awaited is not None:
        return _waiting(Waits(None, awaited.reason, awaited.topic), awaited.reason)
    stages = [stage for stage in cycle.stages.get(state, []) if not stage.exceptional]
    due = next((task for task in tasks_about(world, identity) if not task.background or task.action == "stage"), None)
    if due is not None:
        return _due(world, state, due)
    if stages:
        reason = _by_command(world, stages[0], resource, possible)
        settings = changed_settings(world, stages[0].reads)
        return _waiting(Waits(stages[0].name, reason, COMMAND), reason, settings)
    ways = "; ".join(f"{row.to}: {row.when}" for row in possible)
    return Explained(None, f"{state}: it stays so until it is moved on ({ways})")


def _by_command(world: World, stage: Stage[Any], resource: Any, possible: list[Row]) -> str:
    """Why nothing is due for a stage, and which command would move the resource on."""
    never = stage.by_command(world, resource)
    why = f"the profile says {stage.name}: {{delay: never}}" if never else f"nothing is due for {stage.name}"
    kind = stage.cycle.kind
    to = " or ".join(row.to for row in possible)
    return f"{why}, so it waits for a command: move {kind.name}/{kind.identify(resource)} to {to}"


def _waiting(waits: Waits, reason: str, settings: Sequence[Changed] = ()) -> Explained:
    return Explained(waits, f"waits: {reason}{_by(settings)}", settings)


def _due(world: World, state: str, task: Task) -> Explained:
    stage = STAGES.get(task.args[0]) if task.action == "stage" else None
    settings = [] if stage is None else changed_settings(world, stage.reads)
    under = [each for each in settings if task.number > each.change.position]
    later = [each for each in settings if each not in under]
    keeps = f"; it was due before that, and keeps its instant:{_by(later).removeprefix(';')}" if later else ""
    return Explained(None, f"{state}: due at {stamp(task.due)}: {task.reason}{_by(under)}{keeps}", settings)


def _by(settings: Sequence[Changed]) -> str:
    """Which settings were changed, since when and by what."""
    texts = (f"{each.name} {each.text} since {stamp(each.change.begins)} ({each.change.by})" for each in settings)
    return f"; {', '.join(texts)}" if settings else ""
