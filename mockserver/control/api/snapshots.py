"""``…/snapshots``: keeping a world as it is, and taking it back there."""

from __future__ import annotations

from functools import partial
from typing import Any

from mockserver.control.commands import (
    CommandRequest,
    CommandResponse,
    LeftOut,
    command,
)
from mockserver.hosting.command_log import Recorded
from mockserver.kernel.events import stamp
from mockserver.kernel.world import Snapshot


@command("GET", "/_mock/worlds/{world}/snapshots")
def list_snapshots(request: CommandRequest) -> Any:
    """The snapshots that are kept."""
    return {"snapshots": [_snapshot(name, taken) for name, taken in request.tenant.snapshots.items()]}


def taken(_: CommandRequest, told: CommandResponse) -> Recorded:
    """The step that takes a snapshot of the same name."""
    return Recorded(({"snapshot": told.content["id"]},))


def restored(request: CommandRequest, _: Any) -> Recorded:
    """The step that goes back to it."""
    return Recorded(({"restore": request.path["id"]},))


@command("POST", "/_mock/worlds/{world}/snapshots", status=201, records=taken, still=True)
def take_snapshot(request: CommandRequest) -> CommandResponse:
    """Keep the world as it is now; the answer has the id to restore it by."""
    name, snapshot = request.tenant.take_snapshot()
    return CommandResponse(201, _snapshot(name, snapshot))


@command("POST", "/_mock/worlds/{world}/snapshots/{id}/restore", records=restored, still=True)
def restore(request: CommandRequest) -> CommandResponse:
    """Take the world back (or forth) to a snapshot, time included."""
    tenant, name = request.tenant, request.path["id"]
    return CommandResponse(200, _snapshot(name, tenant.restore(name)), then=partial(tenant.taken_back, name))


@command(
    "DELETE",
    "/_mock/worlds/{world}/snapshots/{id}",
    status=204,
    records=LeftOut("a snapshot that is not restored changes nothing"),
)
def remove_snapshot(request: CommandRequest) -> CommandResponse:
    """Forget a snapshot."""
    request.tenant.remove_snapshot(request.path["id"])
    return CommandResponse(204)


def _snapshot(name: str, snapshot: Snapshot) -> dict[str, Any]:
    return {"id": name, "taken_at": stamp(snapshot.taken_at)}
