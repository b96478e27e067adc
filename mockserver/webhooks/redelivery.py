"""Sending a bundle again on command, as the vendor's support may do; the receiver gets the same events once more."""

from __future__ import annotations

from mockserver.kernel.events import Event
from mockserver.webhooks.delivery import Delivery, DeliveryState
from mockserver.webhooks.outbox import Outbox
from mockserver.webhooks.subscription import WEBHOOKS


class NotAgainError(ValueError):
    """A delivery that cannot be sent again; the text says why and what would pass."""


def redeliver(outbox: Outbox, delivery: Delivery, events: tuple[Event, ...] = ()) -> Delivery:
    """Make a bundle due once more; returns what is to be sent now. ``events``: others, in place of its own.

    One that ended (delivered, discarded) goes out as a new delivery with the same events, past those that its
    subscription still gets; one that waits for its next try, or is held by a fault, is tried now.
    """
    webhook = outbox.world.table(WEBHOOKS).get(delivery.webhook_id)
    if webhook is None:
        raise NotAgainError("its subscription was deleted, so there is nobody to send it to.")
    if not webhook.enabled:
        raise NotAgainError(f"its subscription is disabled: PATCH /webhooks/{webhook.id} with enabled true first.")
    if events or delivery.state in (DeliveryState.DELIVERED, DeliveryState.DISCARDED):
        return outbox.enqueue(webhook.id, events or delivery.events, redelivery_of=delivery)
    if delivery.state in (DeliveryState.RETRYING, DeliveryState.HELD):
        outbox.hasten(delivery)
        return outbox.delivery(delivery.id) or delivery
    raise NotAgainError(
        "it was not sent yet: it waits behind an earlier one of its subscription, or goes out when the clock is moved."
    )
