"""The feed as its readers get it: server-sent events from the entries that a world keeps.

A reader holds a number and nothing else: it is woken when there is something new, and takes what is kept from its
number on. One that reads too slowly finds that entries are gone, which it is told; the world never waits for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from mockserver.control.views import entry_view, event_view, failure_view, move_view
from mockserver.hosting.command_log import Commanded, TakenBack
from mockserver.hosting.progress import ClockSet
from mockserver.hosting.waiters import Waiters
from mockserver.kernel.events import Event, stamp
from mockserver.kernel.failures import Failure
from mockserver.kernel.moves import MOVE, Moved
from mockserver.webhooks.delivery import Attempted, Delivery, delivery_view

if TYPE_CHECKING:
    from mockserver.hosting.tenants import Tenant

MEDIA_TYPE: Final = "text/event-stream"

AT_ONCE: Final = 200
"""Entries that are written in one piece; others get their turn between two pieces."""
HEARTBEAT: Final = 15.0
"""Seconds without an entry, of the machine's time, after which a comment shows that the server is there."""
RETRY: Final = b"retry: 1000\n\n"
"""Milliseconds after which a browser connects again, with the number of the last entry that it got."""

REQUEST: Final = "request"
KINDS: Final[Mapping[type, str]] = {
    int: REQUEST,
    Moved: "move",
    Event: "event",
    Delivery: "delivery",
    Attempted: "attempt",
    Failure: "failure",
    ClockSet: "clock",
    Commanded: "command",
    TakenBack: "reset",
}
"""What entries are called, in the order of cause and effect."""

LARGE: Final[Mapping[str, tuple[str, ...]]] = {REQUEST: ("headers", "body", "answer"), "event": ("object",)}
"""The members that are left out without ``payload``."""


class Chosen(NamedTuple):
    """Which entries a reader wants."""

    kinds: frozenset[str] = frozenset(KINDS.values())
    resource: str | None = None
    id: str | None = None
    payload: bool = True


async def chunks(tenant: Tenant, chosen: Chosen, after: int, left: asyncio.Future[None]) -> AsyncIterator[bytes]:
    """What a reader is sent: the entries after the number ``after``, and all that come, until it ``left``."""
    waiters, feed, number = waiters_of(tenant), tenant.world.feed, after
    with waiters.reading() as woken:
        left.add_done_callback(lambda _: woken.set())
        yield RETRY
        while not left.done():
            woken.clear()
            feed.trim()
            if number > feed.end:  # of another server, or of a world that has the name no more
                yield _gap(0, number, None)
                number = 0
            if number < feed.first - 1:
                yield _gap(feed.first - 1, number, feed.first - 1 - number)
                number = feed.first - 1
            entries = feed.since(number, AT_ONCE)
            if entries:
                number = entries[-1][0]
                piece = b"".join(_rendered(tenant, waiters, chosen, *each) for each in entries)
                if piece:
                    yield piece
                await asyncio.sleep(0)  # a write that is not held up is no pause
            elif waiters.ended is not None:
                yield _written(None, "end", {"kind": "end", "reason": waiters.ended})
                return
            else:
                try:
                    async with asyncio.timeout(HEARTBEAT):
                        await woken.wait()
                except TimeoutError:
                    yield b": nothing new\n\n"


def waiters_of(tenant: Tenant) -> Waiters:
    """Who waits for what happens in a world; made when the first one does."""
    if tenant.waiters is None:
        tenant.waiters = Waiters(tenant.world.feed)
    return tenant.waiters


def entry(tenant: Tenant, number: int, item: Any) -> dict[str, Any]:
    """One entry as it is shown: its number, its kind, and under the name of the kind what happened."""
    kind = KINDS[type(item)]
    return {"number": number, "kind": kind, kind: VIEWS[kind](tenant, item)}


def _rendered(tenant: Tenant, waiters: Waiters, chosen: Chosen, number: int, item: Any) -> bytes:
    kind = KINDS[type(item)]
    if kind not in chosen.kinds or not _about(tenant, chosen, item):
        return b""
    key = number, chosen.payload
    made = waiters.rendered.get(key)
    if made is None:
        shown = entry(tenant, number, item)
        if not chosen.payload:
            for name in LARGE.get(kind, ()):
                shown[kind].pop(name, None)
        made = waiters.rendered[key] = _written(number, kind, shown)
        if len(waiters.rendered) > 2 * AT_ONCE:
            del waiters.rendered[next(iter(waiters.rendered))]
    return made


def _written(number: int | None, kind: str, data: Mapping[str, Any]) -> bytes:
    head = b"" if number is None else b"id: %d\n" % number
    return b"%bevent: %b\ndata: %b\n\n" % (head, kind.encode(), orjson.dumps(data, default=str))


def _gap(last: int, after: int, missed: int | None) -> bytes:
    """Entries between two numbers are kept no more; ``missed``: how many, where that is known."""
    return _written(last, "gap", {"number": last, "kind": "gap", "after": after, "missed": missed})


# --- What an entry is about ---


def _about(tenant: Tenant, chosen: Chosen, item: Any) -> bool:
    """Whether an entry is about the resource and the object that are chosen."""
    if chosen.resource is None and chosen.id is None:
        return True
    if isinstance(item, Moved):
        return chosen.resource in (None, item.resource) and chosen.id in (None, item.id)
    if isinstance(item, Event):
        return _is_of(tenant, chosen, item)
    if isinstance(item, Delivery):
        return any(_is_of(tenant, chosen, event) for event in item.events)
    if isinstance(item, Attempted):
        return _about(tenant, chosen, item.delivery)
    return isinstance(item, int) and chosen.resource is None and tenant.journal.names(item, chosen.id or "")


def _is_of(tenant: Tenant, chosen: Chosen, event: Event) -> bool:
    """Whether an event tells of the object, and was made by a move of the resource."""
    if chosen.id not in (None, getattr(event.object, "id", None)):
        return False
    if chosen.resource is None:
        return True
    if event.by is None or event.by.kind != MOVE:
        return False
    moves = tenant.world.moves.since(event.by.number - 1)
    return bool(moves) and moves[0].resource == chosen.resource and moves[0].number == event.by.number


# --- Views ---


def _request(tenant: Tenant, number: int) -> dict[str, Any]:
    kept = tenant.journal.kept_since(number - 1)[:1]
    if not kept or kept[0][0] != number:
        return {"number": number, "forgotten": True}
    found = tenant.journal.entry(*kept[0])
    return entry_view(found, tenant.explanations.get(found.request_id))


def _delivery(_: Tenant, delivery: Delivery) -> dict[str, Any]:
    """Without its attempts, which are entries of their own."""
    return {name: value for name, value in delivery_view(delivery, payload=False).items() if name != "attempts"}


def _clock(_: Tenant, clock: ClockSet) -> dict[str, Any]:
    return {
        "at": stamp(clock.at),
        "mode": clock.mode,
        "under_way": clock.under_way,
        "until": None if clock.until is None else stamp(clock.until),
    }


def _command(_: Tenant, done: Commanded) -> dict[str, Any]:
    return {**done._asdict(), "at": stamp(done.at)}


VIEWS: Final[Mapping[str, Callable[[Tenant, Any], dict[str, Any]]]] = {
    REQUEST: _request,
    "move": lambda _, moved: move_view(moved),
    "event": lambda _, event: event_view(event),
    "delivery": _delivery,
    "attempt": lambda _, attempted: attempted.view(),
    "failure": lambda _, failure: failure_view(failure),
    "clock": _clock,
    "command": _command,
    "reset": lambda _, reset: {"at": stamp(reset.at), "snapshot": reset.snapshot},
}
