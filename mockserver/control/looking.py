"""Commands that look inside: state, events, deliveries, failures, requests. None changes anything."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from mockserver.control.asking import FLAG, LIMIT, POSITION, TEXT, Ask, command
from mockserver.control.refusals import NO_OBJECT, NO_RESOURCE, QUERY
from mockserver.control.views import (
    Shown,
    changed_view,
    due_view,
    entry_view,
    event_view,
    failure_view,
    last,
    move_view,
    possible_view,
    state_view,
)
from mockserver.control.waiting import explain, explain_any, tasks_about
from mockserver.kernel.events import Event, stamp
from mockserver.kernel.lifecycle import CYCLES
from mockserver.kernel.quoting import quoted
from mockserver.kernel.spelling import did_you_mean
from mockserver.kernel.store import NAMES, Table
from mockserver.kernel.world import World
from mockserver.protocol.journal import Entry, Recorded
from mockserver.protocol.known_names import unknown_event
from mockserver.webhooks.delivery import delivery_view

DEFAULT_LIMIT: Final = 100


@command("GET", "/_mock/worlds/{world}/state")
def state(ask: Ask) -> Any:
    """How many objects there are of each resource."""
    tenant = ask.tenant
    world = tenant.world
    resources = {name: len(table) for name in world.store.names() if (table := world.store.named(name)) is not None}
    return {"now": stamp(world.now), "resources": resources}


@command("GET", "/_mock/worlds/{world}/state/{resource}", query={"offset": POSITION, "limit": LIMIT})
def state_of_resource(ask: Ask) -> Any:
    """The objects of one resource in order of creation: ``limit`` of them from ``offset`` on."""
    world, resource = ask.world, ask.path["resource"]
    offset, limit = ask.value("offset", 0), ask.value("limit", DEFAULT_LIMIT)
    table = table_of(world, resource)
    rows = [] if table is None else list(table)
    cycle = CYCLES.get(resource)

    def shown(row: Any) -> dict[str, Any]:
        state = None if cycle is None else cycle.state_of(row)
        assert table is not None
        return {"id": table.kind.identify(row), "state": state, "object": state_view(row)}

    return {"resource": resource, "total_count": len(rows), "data": Shown(rows[offset : offset + limit], shown)}


@command("GET", "/_mock/worlds/{world}/state/{resource}/{id}")
def state_of_object(ask: Ask) -> Any:
    """One object: how it is, how it came to be so, what it waits for, what can happen next and what is due.

    Beside the moves of its life cycle its history has the events that tell of it, and the requests of the client that
    name it or were answered with it: what has no life cycle changes only by these. ``settings`` has those that its next
    step reads and that were changed since the world was made.
    """
    tenant = ask.tenant
    world, resource, identity = tenant.world, ask.path["resource"], ask.path["id"]
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
        "waits": None if waits is None else {"stage": waits.stage, "reason": waits.reason, "for": waits.topic},
        "explanation": None if explained is None else explained.sentence,
        "events": Shown(list(world.events), told_view, partial(_is_about, identity)),
        "requests": [asked_view(each) for each in tenant.journal.naming(identity)],
        "possible": [] if cycle is None or current is None else possible_view(cycle, row),
        "upcoming": [
            due_view(world, task)
            for task in tasks_about(world, identity, frozenset() if explained is None else explained.actions)
        ],
        "settings": [] if explained is None else [changed_view(each, world.changes) for each in explained.settings],
    }


@command("GET", "/_mock/worlds/{world}/moves", query={"id": TEXT, "limit": LIMIT})
def moves(ask: Ask) -> Any:
    """The last moves of all life cycles, in their order, each with its cause; of one object with ``id``."""
    found, wanted = list(ask.world.moves), ask.value("id")
    if wanted is not None:
        found = [move for move in found if move.id == wanted]
    limit = ask.value("limit", DEFAULT_LIMIT)
    return {"total_count": len(found), "moves": last(found, limit, move_view)}


@command("GET", "/_mock/worlds/{world}/events", query={"type": TEXT, "since": POSITION, "limit": LIMIT})
def events(ask: Ask) -> Any:
    """What was emitted; ``type`` is an event type or a family of the API, else the command is refused.

    The last of them, or with ``since`` (the ``next`` of an earlier answer) the first from there on, so that a reader
    who comes back with ``next`` misses none.
    """
    log = ask.world.events
    wanted, since, limit = ask.value("type"), ask.value("since"), ask.value("limit", DEFAULT_LIMIT)
    wrong = None if wanted is None else unknown_event(wanted)
    if wrong is not None:
        raise QUERY.refuse(name="type", problem=wrong)
    entries = log.since(since or 0)
    first = log.end - len(entries)
    found = list(enumerate(entries, start=first))
    if wanted is not None:
        found = [each for each in found if wanted in (each[1].type, each[1].family)]
    shown = found[max(0, len(found) - limit) :] if since is None else found[:limit]
    cut = since is not None and len(shown) < len(found)
    following = (shown[-1][0] + 1 if shown else since) if cut else log.end
    return {"next": following, "total_count": len(found), "events": Shown(shown, lambda each: event_view(each[1]))}


@command("GET", "/_mock/worlds/{world}/deliveries", query={"webhook_id": TEXT, "payload": FLAG, "limit": LIMIT})
def deliveries(ask: Ask) -> Any:
    """What is sent to webhooks, every attempt and answer; of one subscription with ``webhook_id``."""
    outbox = ask.tenant.outbox
    found = [] if outbox is None else outbox.deliveries(ask.value("webhook_id"))
    payload = ask.value("payload", True)
    limit = ask.value("limit", DEFAULT_LIMIT)
    shown = last(found, limit, lambda each: delivery_view(each, payload=payload))
    return {"total_count": len(found), "deliveries": shown}


@command("GET", "/_mock/worlds/{world}/failures", query={"since": POSITION, "limit": LIMIT})
def failures(ask: Ask) -> Any:
    """Rules that failed while the clock moved."""
    world = ask.world
    since = ask.value("since", 0)
    found = world.failures.since(since)
    shown = last(found, ask.value("limit", DEFAULT_LIMIT), failure_view)
    return {"next": world.failures.end, "total_count": len(found), "failures": shown}


@command("GET", "/_mock/worlds/{world}/requests", query={"since": POSITION, "limit": LIMIT})
def requests(ask: Ask) -> Any:
    """The last requests of the client and their answers; those after the number ``since``.

    ``last`` is the number of the last request of all: a mark, since which to look later.
    """
    tenant = ask.tenant
    found = tenant.journal.kept_since(ask.value("since", 0))
    limit = ask.value("limit", DEFAULT_LIMIT)

    def view(kept: tuple[int, Recorded]) -> dict[str, Any]:
        entry = tenant.journal.entry(*kept)
        return entry_view(entry, tenant.explanations.get(entry.request_id))

    shown = last(found, limit, view)
    return {"last": tenant.journal.end, "total_count": len(found), "requests": shown}


def _is_about(identity: str, event: Event) -> bool:
    return getattr(event.object, "id", None) == identity


def told_view(event: Event) -> dict[str, Any]:
    """An event without its object."""
    return {"id": event.id, "at": stamp(event.created_at), "type": event.type}


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


def table_of(world: World, resource: str) -> Table[Any] | None:
    """The table of a resource, ``None`` while it holds nothing; a refusal for a name that nothing has."""
    table = world.store.named(resource)
    if table is None and resource not in NAMES:
        meant = did_you_mean(resource, NAMES)
        raise NO_RESOURCE.refuse(resource=quoted(resource), meant=meant, known=", ".join(sorted(NAMES)))
    return table


def object_of(world: World, resource: str, identity: str) -> Any:
    """One object, or a refusal."""
    table = table_of(world, resource)
    row = None if table is None else table.get(identity)
    if row is None:
        raise NO_OBJECT.refuse(resource=resource, id=quoted(identity))
    return row
