"""A world gets its webhooks: it hears every event, and what falls due for deliveries is passed to the outbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from mockserver.kernel.actions import action
from mockserver.webhooks.active_faults import PART as WEBHOOK_FAULTS
from mockserver.webhooks.held_deliveries import RELEASE
from mockserver.webhooks.keys import PART as KEYS
from mockserver.webhooks.keys import Keys
from mockserver.webhooks.outbox import PART, Outbox
from mockserver.webhooks.retrying import RETRY
from mockserver.webhooks.signature_faults import PART as FAULTS
from mockserver.webhooks.signature_faults import SignatureFaults

if TYPE_CHECKING:
    from mockserver.kernel.world import World


def attach(world: World) -> Outbox:
    """Give a world its outbox: it hears every event, a snapshot covers it, and the clock waits while it must send.

    With it come the keys that sign what it sends.
    """
    outbox = Outbox(world)
    world.listeners += (outbox.accept,)
    world.parts |= {PART: outbox, WEBHOOK_FAULTS: outbox.faults, KEYS: Keys(world), FAULTS: SignatureFaults()}
    world.interrupted = lambda: outbox.pending
    return outbox


@action("webhook.flush")
def flush(world: World, webhook_id: str) -> None:
    cast("Outbox", world.parts[PART]).flush(webhook_id)


@action(RETRY)
def retry(world: World, webhook_id: str, delivery_id: str) -> None:
    cast("Outbox", world.parts[PART]).retry(webhook_id, delivery_id)


@action(RELEASE)
def release(world: World, webhook_id: str, delivery_id: str) -> None:
    del webhook_id
    cast("Outbox", world.parts[PART]).elapse(delivery_id)
