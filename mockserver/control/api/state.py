"""``…/state``: the resources of a world, and all that is known of one of them."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, Final

from mockserver.control.commands import DEFAULT_LIMIT, FLAG, LIMIT, POSITION, TEXT, CommandRequest, command
from mockserver.control.refusals import QUERY
from mockserver.control.related import related
from mockserver.control.resources import object_of, table_of
from mockserver.control.views import (
    Shown,
    asked_view,
    changed_view,
    due_view,
    move_view,
    named_view,
    object_view,
    possible_view,
    state_view,
)
from mockserver.control.wait_reasons import Waits, explain, explain_any, tasks_about
from mockserver.kernel.events import Event, stamp
from mockserver.kernel.lifecycle import CYCLES
from mockserver.kernel.money import ZERO, wire_amount
from mockserver.kernel.spelling import did_you_mean
from mockserver.kernel.world import World

_NUMBER: Final = re.compile(r"-?[0-9]{1,60}(\.[0-9]{1,60})?", re.ASCII)


@command("GET", "/_mock/worlds/{world}/state")
def state(request: CommandRequest) -> Any:
    """How many objects there are of each resource."""
    tenant = request.tenant
    world = tenant.world
    resources = {name: len(table) for name in world.store.names() if (table := world.store.named(name)) is not None}
    return {"now": stamp(world.now), "resources": resources}


@command(
    "GET",
    "/_mock/worlds/{world}/state/{resource}",
    query={"offset": POSITION, "limit": LIMIT, "state": TEXT, "text": TEXT, "newest": FLAG, "sort": TEXT},
)
def state_of_resource(request: CommandRequest) -> Any:
    """The objects of one resource in order of creation: ``limit`` of them from ``offset`` on.

    ``state`` chooses those in a state of their life cycle, ``text`` those whose JSON has the text; ``sort`` orders them
    by one of their members, and ``newest`` turns the order round.
    """
    world, resource = request.world, request.path["resource"]
    offset, limit = request.value("offset", 0), request.value("limit", DEFAULT_LIMIT)
    table = table_of(world, resource)
    rows = [] if table is None else list(table)
    cycle = CYCLES.get(resource)
    wanted, text, member = request.value("state"), request.value("text"), request.value("sort")
    if wanted is not None:
        _check_state(resource, wanted)
        rows = [row for row in rows if cycle is not None and cycle.state_of(row) == wanted]
    if text is not None:
        rows = [row for row in rows if text.encode() in _inside(row)]
    if member is not None:
        rows.sort(key=lambda row: _ordered(getattr(row, member, None)))
    if request.value("newest"):
        rows.reverse()

    def shown(row: Any) -> dict[str, Any]:
        state = None if cycle is None else cycle.state_of(row)
        assert table is not None
        return {"id": table.kind.identify(row), "state": state, "object": state_view(row)}

    return {"resource": resource, "total_count": len(rows), "data": Shown(rows[offset : offset + limit], shown)}


def _check_state(resource: str, state: str) -> None:
    """Refuse a state that no resource of the kind can have."""
    cycle = CYCLES.get(resource)
    states = [] if cycle is None else list(dict.fromkeys(to for _, to in cycle.rows))
    if state not in states:
        known = ", ".join(states) or "it has no life cycle"
        raise QUERY.refuse(name="state", problem=f"is no state of {resource}{did_you_mean(state, states)}: {known}")


def _inside(row: Any) -> bytes:
    found: bytes = getattr(row, "inside", row.wire)
    return found


def _ordered(value: Any) -> tuple[int, Decimal, str]:
    """What orders mixed values: numbers by size, then times and texts as they are written, then those without any."""
    if value is None:
        return 2, ZERO, ""
    text = stamp(value) if isinstance(value, datetime) else str(value)
    return (0, Decimal(text), "") if _NUMBER.fullmatch(text) else (1, ZERO, text)


@command("GET", "/_mock/worlds/{world}/state/{resource}/{id}")
def state_of_object(request: CommandRequest) -> Any:
    """One object: how it is, how it came to be so, what it waits for, what can happen next and what is due.

    Beside the moves of its life cycle its history has the events that tell of it, and the requests of the client that
    name it or were answered with it: what has no life cycle changes only by these. ``settings`` has those that its next
    step reads and that were changed since the world was made. ``versions`` has the object as each of its events told
    it, and ``related`` the objects that it names by their ids.
    """
    tenant = request.tenant
    world, resource, identity = tenant.world, request.path["resource"], request.path["id"]
    row = object_of(world, resource, identity)
    cycle = CYCLES.get(resource)
    current = None if cycle is None else cycle.state_of(row)
    explained = explain_any(world, resource, row) if cycle is None else explain(world, cycle, row)
    waits = None if explained is None else explained.waits
    return {
        "resource": resource,
        "id": identity,
        "state": current,
        "object": state_view(row),
        "history": Shown(list(world.moves), move_view, lambda each: each.id == identity and each.resource == resource),
        "waits": None if waits is None else _waits(world, resource, identity, waits),
        "explanation": None if explained is None else explained.sentence,
        "events": Shown(list(world.events), named_view, partial(_is_about, identity)),
        "versions": Shown(list(world.events), _version, partial(_is_about, identity)),
        "related": related(world, resource, identity, _inside(row)),
        "requests": [asked_view(each) for each in tenant.journal.naming(identity)],
        "possible": [] if cycle is None or current is None else possible_view(cycle, row),
        "upcoming": [
            due_view(world, task)
            for task in tasks_about(world, identity, frozenset() if explained is None else explained.actions)
        ],
        "settings": [] if explained is None else [changed_view(each, world.changes) for each in explained.settings],
    }


def _waits(world: World, resource: str, identity: str, waits: Waits) -> dict[str, Any]:
    """What keeps an object in its state; ``wanted`` and ``free`` where it waits for an amount."""
    shown: dict[str, Any] = {"stage": waits.stage, "reason": waits.reason, "for": waits.topic}
    held = world.holds.get(resource, identity)
    if held is not None and held.wanted is not None and held.free is not None:
        shown |= {"wanted": wire_amount(held.wanted), "free": wire_amount(held.free)}
    return shown


def _version(event: Event) -> dict[str, Any]:
    """The object as an event told it."""
    return {"event": event.number, "at": stamp(event.created_at), "object": object_view(event.object)}


def _is_about(identity: str, event: Event) -> bool:
    return getattr(event.object, "id", None) == identity
