"""``…/deliveries``: what was sent to webhooks, and sending it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from pydantic import AwareDatetime, Field

from mockserver.control.commands import FLAG, TEXT, CommandRequest, LeftOut, RequestBody, command
from mockserver.control.pages import PAGED, after, event_type, page
from mockserver.control.refusals import NO_DELIVERY, NOT_REDELIVERED
from mockserver.control.views import (
    Shown,
    cause_view,
)
from mockserver.hosting.tenants import Tenant
from mockserver.kernel.quoting import quoted
from mockserver.webhooks.delivery import Delivery, DeliveryState, delivery_view
from mockserver.webhooks.edited_events import edited
from mockserver.webhooks.outbox import Outbox
from mockserver.webhooks.redelivery import NotAgainError
from mockserver.webhooks.redelivery import redeliver as make_due

STATE: Final = {"type": "string", "enum": [each.value for each in DeliveryState]}


class EventText(RequestBody):
    """An event as a receiver gets it; what is left out is that of the event in its place."""

    id: str | None = None
    created_at: AwareDatetime | None = None
    type: str | None = None
    object: dict[str, Any] | None = None


class Redelivery(RequestBody):
    """What is sent in place of the events of the delivery; without it they are sent as they are."""

    events: Annotated[tuple[EventText, ...], Field(min_length=1, max_length=1000)] | None = None


@command(
    "POST",
    "/_mock/worlds/{world}/deliveries/{id}/redeliver",
    takes=Redelivery,
    records=LeftOut(
        "a receiver gets the same bundle again and no state changes; the receiver of a replay gets each bundle once"
    ),
)
async def redeliver(request: CommandRequest) -> Any:
    """Send a bundle once more, now; the answer has the delivery with what the receiver said to it.

    What else is ready to be sent goes out with it; no time passes. A delivery that ended is repeated by a new one,
    whose ``redelivery_of`` names it; one that is to be tried again later is tried now. Neither waits for others.

    ``events`` are sent in place of its own, signed as any bundle, by a new delivery: to see how a receiver takes what
    no world would tell.
    """
    tenant, delivery_id = request.tenant, request.path["id"]
    asked = request.read(Redelivery).events or ()
    texts = [each.model_dump(exclude_none=True) for each in asked]
    again = await tenant.driver.send(lambda: _made_due(tenant, delivery_id, texts))
    outbox = tenant.outbox
    return {"delivery": delivery_view((outbox and outbox.delivery(again.id)) or again)}


def _made_due(tenant: Tenant, delivery_id: str, texts: Sequence[Mapping[str, Any]]) -> Delivery:
    """The delivery that is to be sent now, or a refusal."""
    outbox, delivery = found_delivery(tenant, delivery_id)
    with tenant.world.transaction():
        try:
            return make_due(outbox, delivery, edited(delivery, texts))
        except NotAgainError as error:
            raise NOT_REDELIVERED.refuse(id=delivery.id, problem=error) from None


@command(
    "GET",
    "/_mock/worlds/{world}/deliveries",
    query={"webhook_id": TEXT, "state": STATE, "type": TEXT, "payload": FLAG, **PAGED},
)
def deliveries(request: CommandRequest) -> Any:
    """What is sent to webhooks, every attempt and answer; of one subscription with ``webhook_id``.

    ``state`` is that of the delivery, ``type`` an event type or a family of one of its events. The last of them; with
    ``since`` the first after that number, with ``before`` the last before that number.
    """
    outbox, webhook_id = request.tenant.outbox, request.value("webhook_id")
    wanted, state = event_type(request.value("type")), request.value("state")
    everything = [] if outbox is None else outbox.deliveries()
    found = [
        (each.number, each)
        for each in everything
        if each.number > after(request)
        and webhook_id in (None, each.webhook_id)
        and state in (None, each.state)
        and (wanted is None or any(wanted in (event.type, event.family) for event in each.events))
    ]
    payload = request.value("payload", True)
    shown = page(request, found, everything[-1].number if everything else 0)
    views = Shown(shown.entries, lambda each: delivery_view(each[1], payload=payload))
    return {"next": shown.next, "total_count": len(found), "deliveries": views}


@command("GET", "/_mock/worlds/{world}/deliveries/{id}")
def show_delivery(request: CommandRequest) -> Any:
    """One delivery with every attempt; each of the latest has in ``sent`` the headers and the base of its signature.

    They hold the machine's time and a nonce, so that they differ from replay to replay: the lists leave them out.
    """
    outbox, delivery = found_delivery(request.tenant, request.path["id"])
    view = delivery_view(delivery)
    for attempt in view["attempts"]:
        sent = outbox.sent.get(delivery.id, attempt["number"])
        attempt["sent"] = None if sent is None else sent.view()
    for shown, event in zip(view["events"], delivery.events, strict=True):
        shown["caused_by"] = cause_view(event.by)
    return view


def found_delivery(tenant: Tenant, delivery_id: str) -> tuple[Outbox, Delivery]:
    """A delivery of a world with the outbox that it is in, or a refusal."""
    outbox = tenant.outbox
    delivery = None if outbox is None else outbox.delivery(delivery_id)
    if outbox is None or delivery is None:
        raise NO_DELIVERY.refuse(id=quoted(delivery_id), limit=tenant.world.profile.limits.kept)
    return outbox, delivery
