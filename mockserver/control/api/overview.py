"""``/_mock/overview``: the server and all of its worlds at a glance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from mockserver.control.commands import CommandRequest, command
from mockserver.control.versions import versions
from mockserver.hosting.registry import DEFAULT
from mockserver.hosting.tenants import Tenant
from mockserver.kernel import system
from mockserver.kernel.events import stamp
from mockserver.kernel.rules import Rule
from mockserver.protocol.journal import Recorded
from mockserver.webhooks.delivery import DeliveryState

LATEST: Final = 100
"""Requests that are looked through for what was refused."""


@command("GET", "/_mock/overview")
def overview(request: CommandRequest) -> Any:
    """The server's version, how long it has run, the scenarios that it has by name, and each world in a few numbers.

    `counts` has what there is now, `feed` the number of the last entry of the feed, `latest_request` when and what the
    client asked last. `needs_a_look` says what went wrong by itself, or waits for a command: `failures` (rules that
    failed), `retrying` (deliveries that fail), `refused` (of the last 100 requests those that no fault refused),
    `waiting` (resources that wait).
    """
    host = request.host
    return {
        "version": versions()["mockserver"],
        "uptime_seconds": round(system.monotonic() - host.started, 1),
        "scenarios": host.library.names(),
        "worlds": [_world(tenant, default=tenant is host.worlds.default) for tenant in host.worlds],
    }


def _world(tenant: Tenant, *, default: bool) -> dict[str, Any]:
    world, outbox, journal = tenant.world, tenant.outbox, tenant.journal
    clock, due = world.clock, world.clock.next_due
    kept = journal.kept_since(max(0, journal.end - LATEST))
    retrying = sum(each.state is DeliveryState.RETRYING for each in ([] if outbox is None else outbox.still_open))
    tables = (world.store.named(name) for name in world.store.names())
    return {
        "world": DEFAULT if default else tenant.client_id,
        "client_id": tenant.client_id,
        "scenario": tenant.scenario,
        "profile": world.profile.name,
        "now": stamp(world.now),
        "mode": str(tenant.driver.mode),
        "idle": clock.idle,
        "next_due": None if due is None else stamp(due),
        "under_way": tenant.driver.under_way,
        "feed": world.feed.end,
        "counts": {
            "objects": sum(len(table) for table in tables if table is not None),
            "moves": world.moves.end,
            "events": world.events.end,
            "requests": journal.end,
            "faults": len(list(tenant.faults)) + (0 if outbox is None else len(list(outbox.faults))),
        },
        "latest_request": None if not kept else _latest(tenant, *kept[-1]),
        "needs_a_look": {
            "failures": tenant.failed.total,
            "retrying": retrying,
            "refused": sum(1 for _ in _refused(kept)),
            "waiting": len(world.holds),
        },
    }


def _latest(tenant: Tenant, number: int, recorded: Recorded) -> dict[str, Any]:
    entry = tenant.journal.entry(number, recorded)
    return {
        "number": number,
        "at": stamp(entry.at),
        "method": entry.method,
        "path": entry.path,
        "status": entry.status,
        "machine": None if entry.ended is None else stamp(entry.ended),
    }


def _refused(kept: list[tuple[int, Recorded]]) -> Iterator[int]:
    for number, (*_, how) in kept:
        if isinstance(how[0], Rule):
            yield number
