"""``…/upcoming``: what is due next."""

from __future__ import annotations

from typing import Any

from mockserver.control.commands import SHOWN, CommandRequest, command
from mockserver.control.views import due_view, waiting_view
from mockserver.kernel.events import stamp
from mockserver.webhooks.delivery import delivery_view


@command("GET", "/_mock/worlds/{world}/upcoming", query=SHOWN)
def upcoming(request: CommandRequest) -> Any:
    """What is due next, when and why; what waits, in the order in which it began to; and the deliveries that are held.

    Of what a stage makes due ``resource``, ``id``, the state ``to`` that it ordinarily comes to and the ``event`` are
    members. What waits for an amount has how much is ``wanted`` and how much was ``free`` when it looked last.
    """
    tenant, limit = request.tenant, request.value("limit", 100)
    world = tenant.world
    tasks, waiting = world.clock.upcoming(limit), world.holds.all()
    held = [] if tenant.outbox is None else tenant.outbox.held()[:limit]
    return {
        "now": stamp(tenant.world.now),
        "upcoming": [due_view(tenant.world, task) for task in tasks],
        "waiting": [waiting_view(world, *each) for each in waiting[:limit]],
        "waiting_count": len(waiting),
        "held": [delivery_view(delivery, payload=False) for delivery in held],
    }
