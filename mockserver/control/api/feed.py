"""``…/feed``: everything that happens in a world, as it happens."""

from __future__ import annotations

from typing import Any, Final

from mockserver.control.commands import FLAG, POSITION, TEXT, CommandRequest, StreamResponse, command
from mockserver.control.feed import KINDS, MEDIA_TYPE, Chosen, chunks
from mockserver.control.refusals import QUERY
from mockserver.control.resources import table_of
from mockserver.kernel.quoting import quoted
from mockserver.kernel.spelling import did_you_mean

LAST_EVENT_ID: Final = "last-event-id"

ENTRY: Final[dict[str, Any]] = {
    "type": "object",
    "description": "The data of one entry; its number is the id of the server-sent event, its kind the event's name.",
    "required": ["kind"],
    "properties": {
        "number": {"type": "integer", "description": "Counts from 1, and never goes back."},
        "kind": {"type": "string", "enum": [*KINDS.values(), "gap", "end"]},
        "request": {"type": "object", "description": "As `GET …/requests` shows it."},
        "move": {"type": "object", "description": "As `GET …/moves` shows it."},
        "event": {"type": "object", "description": "As `GET …/events` shows it."},
        "delivery": {"type": "object", "description": "As `GET …/deliveries` shows it, without attempts and payload."},
        "attempt": {"type": "object", "description": "As in `attempts` of a delivery, with the `delivery` it is of."},
        "failure": {"type": "object", "description": "As `GET …/failures` shows it."},
        "clock": {
            "type": "object",
            "properties": {
                "at": {"type": "string", "format": "date-time"},
                "mode": {"type": "string"},
                "under_way": {"type": "boolean", "description": "A move begins; else it is over, or the mode changed."},
                "until": {"type": ["string", "null"], "description": "Where the move ends, where that is known."},
            },
        },
        "command": {
            "type": "object",
            "properties": {
                "number": {"type": "integer"},
                "at": {"type": "string", "format": "date-time"},
                "method": {"type": "string"},
                "path": {"type": "string"},
                "steps": {"type": "array", "description": "What a scenario has in its place."},
            },
        },
        "reset": {"type": "object", "properties": {"at": {"type": "string"}, "snapshot": {"type": ["string", "null"]}}},
        "after": {"type": "integer", "description": "Of a gap: the number of the last entry before it."},
        "missed": {"type": ["integer", "null"], "description": "Of a gap: how many entries; `null`: not known."},
        "reason": {"type": "string", "description": "Of the end: why nothing more comes."},
    },
}


@command(
    "GET",
    "/_mock/worlds/{world}/feed",
    query={"since": POSITION, "kind": TEXT, "resource": TEXT, "id": TEXT, "payload": FLAG},
    answers=(MEDIA_TYPE,),
    shows=ENTRY,
)
def feed(request: CommandRequest) -> StreamResponse:
    """Everything that happens, as server-sent events: each has its number as id, its kind as name, and JSON as data.

    Requests, moves, events, deliveries, attempts, moves of the clock, rules that failed, commands and resets, in one
    numbered order: what is to come, or with ``since`` all that is kept after that number; a reader that comes back with
    ``Last-Event-ID`` goes on where it was. Where entries in between are kept no more (the last 10,000 are), an entry
    ``gap`` says so. A request and a command come when they are answered, after what they caused. ``end`` is the last
    one: the world was removed, or the server stops.

    ``kind`` has the kinds that are wanted, with commas between; ``resource`` and ``id`` choose what is about a resource
    or one object: moves, events, deliveries and attempts with such events, and by ``id`` requests that name it.
    Without ``payload`` requests come without headers and bodies, and events without their objects.
    """
    tenant = request.tenant
    resource = request.value("resource")
    if resource is not None:
        table_of(tenant.world, resource)
    chosen = Chosen(
        _kinds(request.value("kind")), resource, request.value("id"), payload=request.value("payload", True)
    )
    after = _number(request.headers.get(LAST_EVENT_ID), request.value("since", tenant.world.feed.end))
    return StreamResponse(chunks(tenant, chosen, after, request.departure()), MEDIA_TYPE)


def _kinds(text: str | None) -> frozenset[str]:
    known = tuple(KINDS.values())
    if text is None:
        return frozenset(known)
    wanted = [each.strip() for each in text.split(",")]
    for each in wanted:
        if each not in known:
            problem = f"{quoted(each)} is no kind of entry{did_you_mean(each, known)}: {', '.join(known)}"
            raise QUERY.refuse(name="kind", problem=problem)
    return frozenset(wanted)


def _number(text: str | None, otherwise: int) -> int:
    """The number in ``Last-Event-ID``; whatever else it holds, nobody wrote here."""
    return int(text) if text is not None and text.isdecimal() and len(text) < 19 else otherwise
