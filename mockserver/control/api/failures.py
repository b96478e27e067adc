"""``…/failures``: the rules that failed."""

from __future__ import annotations

from typing import Any

from mockserver.control.commands import DEFAULT_LIMIT, LIMIT, POSITION, CommandRequest, command
from mockserver.control.views import (
    failure_view,
    last,
)


@command("GET", "/_mock/worlds/{world}/failures", query={"since": POSITION, "limit": LIMIT})
def failures(request: CommandRequest) -> Any:
    """Rules that failed while the clock moved."""
    world = request.world
    since = request.value("since", 0)
    found = world.failures.since(since)
    shown = last(found, request.value("limit", DEFAULT_LIMIT), failure_view)
    return {"next": world.failures.end, "total_count": len(found), "failures": shown}
