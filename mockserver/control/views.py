"""How the control API shows things; the JSON of resources is the bytes they have already."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

import orjson

from mockserver.control.move_options import names
from mockserver.hosting.outcome import Happened
from mockserver.kernel.clock import Task
from mockserver.kernel.events import Event, stamp
from mockserver.kernel.failures import Failure
from mockserver.kernel.lifecycle import CYCLES, LifeCycle, Row
from mockserver.kernel.money import wire_amount
from mockserver.kernel.moves import Cause, Moved
from mockserver.kernel.profile_changes import Change, Changed, ProfileChanges
from mockserver.kernel.stages import STAGES
from mockserver.kernel.store import Version
from mockserver.kernel.world import World
from mockserver.protocol.journal import Entry
from mockserver.protocol.signing.explanation import Explanation
from mockserver.webhooks.attempts import skipped_view
from mockserver.webhooks.delivery import answer_view

T = TypeVar("T")


def _all(_: Any) -> bool:
    return True


class Shown(NamedTuple):
    """Items as they are shown. Nobody changes them any more, so their views may be made later, and in slices."""

    items: Sequence[Any]
    view: Callable[[Any], Any]
    where: Callable[[Any], bool] = _all
    """Which of them are shown."""

    @property
    def views(self) -> list[Any]:
        return [self.view(item) for item in self.items if self.where(item)]


def object_view(version: Version) -> orjson.Fragment:
    """A resource as the API sends it."""
    return orjson.Fragment(version.wire)


def state_view(version: Version) -> orjson.Fragment:
    """A resource as the API sends it, with what it keeps to itself where the version knows that (``inside``)."""
    return orjson.Fragment(getattr(version, "inside", version.wire))


def move_view(moved: Moved) -> dict[str, Any]:
    return {
        "number": moved.number,
        "at": stamp(moved.at),
        "resource": moved.resource,
        "id": moved.id,
        "from": moved.source,
        "to": moved.to,
        "cause": moved.cause,
        "caused_by": cause_view(moved.by),
    }


def cause_view(cause: Cause | None) -> dict[str, Any] | None:
    """What made something happen; ``None``: the world was made with it."""
    return None if cause is None else {"kind": cause.kind, "number": cause.number, "name": cause.name or None}


def event_view(event: Event) -> dict[str, Any]:
    return {
        "number": event.number,
        "id": event.id,
        "created_at": stamp(event.created_at),
        "type": event.type,
        "object": object_view(event.object),
        "caused_by": cause_view(event.by),
    }


def named_view(event: Event) -> dict[str, Any]:
    """An event without its object."""
    return {
        "number": event.number,
        "id": event.id,
        "at": stamp(event.created_at),
        "type": event.type,
        "caused_by": cause_view(event.by),
    }


def failure_view(failure: Failure) -> dict[str, Any]:
    return {
        "at": stamp(failure.at),
        "action": failure.action,
        "args": failure.args,
        "reason": failure.reason,
        "error": failure.error,
        "trace": failure.trace,
    }


def task_view(task: Task) -> dict[str, Any]:
    return {
        "due": stamp(task.due),
        "action": task.action,
        "args": task.args,
        "reason": task.reason,
        "background": task.background,
    }


def due_view(world: World, task: Task) -> dict[str, Any]:
    """What is due, with the settings that were changed before it was scheduled, and that decided when."""
    stage = STAGES.get(task.args[0]) if task.action == "stage" else None
    changed = [] if stage is None else changed_settings(world, stage.reads)
    under = [each for each in changed if task.number > each.change.position]
    about: dict[str, Any] = dict.fromkeys(("stage", "resource", "id", "to", "event"))
    if stage is not None:
        row = stage.cycle.rows.get((stage.state, stage.branches.get(stage.to, stage.to)))
        about = {
            "stage": stage.name,
            "resource": stage.cycle.kind.name,
            "id": task.args[1],
            "to": stage.to,
            "event": None if row is None else row.event,
        }
    return {**task_view(task), **about, "settings": [changed_view(each, world.changes) for each in under]}


def waiting_view(world: World, kind: str, identity: str) -> dict[str, Any]:
    """A resource that waits: for what, and where it waits for an amount, how much is wanted and how much is free."""
    held, cycle = world.holds.get(kind, identity), CYCLES[kind]
    assert held is not None
    resource = world.table(cycle.kind).get(identity)
    return {
        "resource": kind,
        "id": identity,
        "state": None if resource is None else cycle.state_of(resource),
        "stage": held.stage,
        "reason": held.reason,
        "for": held.topic or None,
        "or": held.also or None,
        "again_at": None if held.retry is None else stamp(held.retry.due),
        "wanted": None if held.wanted is None else wire_amount(held.wanted),
        "free": None if held.free is None else wire_amount(held.free),
    }


def changed_settings(world: World, names: Sequence[str]) -> list[Changed]:
    """The settings under one of these names that are not as the world was made."""
    if not world.changes.in_force:
        return []
    return [each for each in world.changes.changed() if any(f"{each.name}.".startswith(f"{name}.") for name in names)]


def changed_view(changed: Changed, changes: ProfileChanges) -> dict[str, Any]:
    """A setting that is not as the world was made: what it is, what it was, since when and by what."""
    change = changed.change
    return {
        "setting": changed.name,
        "value": changed.value,
        "was": changes.first(changed.path),
        "since": stamp(change.begins),
        "until": None if change.ends is None else stamp(change.ends),
        "by": change.by,
        "change": change.id,
    }


def change_view(change: Change, state: str) -> dict[str, Any]:
    return {
        "id": change.id,
        "state": state,
        "from": stamp(change.begins),
        "until": None if change.ends is None else stamp(change.ends),
        "by": change.by,
        "settings": change.settings,
    }


def possible_view(cycle: LifeCycle[Any], resource: Any) -> list[dict[str, Any]]:
    """The legal next moves: what makes each happen, where the rule comes from, and what ``with`` may hold."""
    version = type(resource)
    return [_row(row, names(cycle, version, row)) for row in cycle.possible(cycle.state_of(resource))]


def _row(row: Row, options: list[str]) -> dict[str, Any]:
    return {"to": row.to, "event": row.event, "when": row.when, "source": row.basis, "with": options}


def happened_view(happened: Happened, limit: int) -> dict[str, Any]:
    """What happened: how much of each, and the last ``limit`` of each.

    ``deliveries`` has an entry for each attempt, with this attempt alone: several attempts of one delivery do not
    repeat those before them.
    """
    return {
        "from": stamp(happened.since),
        "now": stamp(happened.now),
        "counts": happened.counts._asdict(),
        "moves": last(happened.moves, limit, move_view),
        "events": last(happened.events, limit, event_view),
        "deliveries": last(happened.deliveries, limit, answer_view),
        "skipped": last(happened.skipped, limit, skipped_view),
        "failures": last(happened.failures, limit, failure_view),
    }


def last(items: Sequence[T], limit: int, view: Callable[[T], Any]) -> Shown:
    """The views of the last ``limit`` items, in their order."""
    return Shown(items[max(0, len(items) - limit) :], view)


def entry_view(entry: Entry, explanation: Explanation | None = None) -> dict[str, Any]:
    """A request and its answer; bodies as JSON where they are, else as text."""
    view = {
        "number": entry.number,
        "at": stamp(entry.at),
        "method": entry.method,
        "path": entry.path,
        "query": entry.query,
        "operation": entry.operation,
        "headers": {name.lower(): _clean(value) for name, value in entry.headers.items()},
        "body": _content(entry.body),
        "status": entry.status,
        "request_id": entry.request_id,
        "answer": _content(entry.answer),
        "refusal": entry.refusal,
    }
    if explanation is not None and explanation.check == entry.refusal:
        view["explanation"] = explanation.view()
    return view


def _content(body: bytes) -> Any:
    if not body:
        return None
    try:
        return orjson.loads(body)
    except ValueError:
        return _clean(body.decode("utf-8", "replace"))


def _clean(text: str) -> str:
    """Without the halves of characters that headers in another encoding come as."""
    return text.encode("utf-8", "replace").decode()


def asked_view(entry: Entry) -> dict[str, Any]:
    """A request without its bodies."""
    return {
        "number": entry.number,
        "at": stamp(entry.at),
        "method": entry.method,
        "path": entry.path,
        "operation": entry.operation,
        "status": entry.status,
    }
