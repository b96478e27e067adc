"""``…/deliveries``: what was sent to webhooks, and sending it again."""

from __future__ import annotations

from typing import Any

from mockserver.control.commands import DEFAULT_LIMIT, FLAG, LIMIT, TEXT, CommandRequest, LeftOut, command
from mockserver.control.refusals import NO_DELIVERY, NOT_REDELIVERED
from mockserver.control.views import (
    last,
)
from mockserver.hosting.tenants import Tenant
from mockserver.kernel.quoting import quoted
from mockserver.webhooks.delivery import Delivery, delivery_view
from mockserver.webhooks.redelivery import NotAgainError
from mockserver.webhooks.redelivery import redeliver as make_due


@command(
    "POST",
    "/_mock/worlds/{world}/deliveries/{id}/redeliver",
    records=LeftOut(
        "a receiver gets the same bundle again and no state changes; the receiver of a replay gets each bundle once"
    ),
)
async def redeliver(request: CommandRequest) -> Any:
    """Send a bundle once more, now; the answer has the delivery with what the receiver said to it.

    What else is ready to be sent goes out with it; no time passes. A delivery that ended is repeated by a new one,
    whose ``redelivery_of`` names it; one that is to be tried again later is tried now.
    """
    tenant, delivery_id = request.tenant, request.path["id"]
    again = await tenant.driver.send(lambda: _made_due(tenant, delivery_id))
    outbox = tenant.outbox
    return {"delivery": delivery_view((outbox and outbox.delivery(again.id)) or again)}


def _made_due(tenant: Tenant, delivery_id: str) -> Delivery:
    """The delivery that is to be sent now, or a refusal."""
    outbox = tenant.outbox
    delivery = None if outbox is None else outbox.delivery(delivery_id)
    if outbox is None or delivery is None:
        limit = tenant.world.profile.limits.kept
        raise NO_DELIVERY.refuse(id=quoted(delivery_id), limit=limit)
    with tenant.world.transaction():
        try:
            return make_due(outbox, delivery)
        except NotAgainError as error:
            raise NOT_REDELIVERED.refuse(id=delivery.id, problem=error) from None


@command("GET", "/_mock/worlds/{world}/deliveries", query={"webhook_id": TEXT, "payload": FLAG, "limit": LIMIT})
def deliveries(request: CommandRequest) -> Any:
    """What is sent to webhooks, every attempt and answer; of one subscription with ``webhook_id``."""
    outbox = request.tenant.outbox
    found = [] if outbox is None else outbox.deliveries(request.value("webhook_id"))
    payload = request.value("payload", True)
    limit = request.value("limit", DEFAULT_LIMIT)
    shown = last(found, limit, lambda each: delivery_view(each, payload=payload))
    return {"total_count": len(found), "deliveries": shown}
