"""``…/upcoming``: what is due next."""

from __future__ import annotations

from typing import Any

from mockserver.control.commands import SHOWN, CommandRequest, command
from mockserver.control.views import due_view
from mockserver.kernel.events import stamp
from mockserver.webhooks.delivery import delivery_view


@command("GET", "/_mock/worlds/{world}/upcoming", query=SHOWN)
def upcoming(request: CommandRequest) -> Any:
    """What is due next, when and why; and the deliveries that are held, of which some wait for no time."""
    tenant, limit = request.tenant, request.value("limit", 100)
    tasks = tenant.world.clock.upcoming(limit)
    held = [] if tenant.outbox is None else tenant.outbox.held()[:limit]
    return {
        "now": stamp(tenant.world.now),
        "upcoming": [due_view(tenant.world, task) for task in tasks],
        "held": [delivery_view(delivery, payload=False) for delivery in held],
    }
