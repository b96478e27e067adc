"""What a world has to send to its subscribers: a queue of deliveries for each, in the world's time (concepts.md §7.3).

The deliveries of one subscription leave strictly one after the other: one that fails holds back all later ones, and is
tried again unchanged until it succeeds. Nothing here sends: the shell asks :meth:`Outbox.take` what must be sent now,
and tells :meth:`Outbox.answered` what came of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Final, Protocol, cast

from mockserver.kernel.actions import action
from mockserver.kernel.frozen import frozen
from mockserver.kernel.log import Log, LogState
from mockserver.webhooks.attempts import Outcome
from mockserver.webhooks.bundling import Bundles, Bundling
from mockserver.webhooks.delivery import Delivery, DeliveryState
from mockserver.webhooks.entries import Entries
from mockserver.webhooks.faults import PART as WEBHOOK_FAULTS
from mockserver.webhooks.faults import SOUND, Faults, Spoiled, Standing, held_for
from mockserver.webhooks.holding import RELEASE, Hold, Holding
from mockserver.webhooks.keys import PART as KEYS
from mockserver.webhooks.keys import Keys
from mockserver.webhooks.retrying import RETRY, Retries, Streak
from mockserver.webhooks.signature_faults import PART as FAULTS
from mockserver.webhooks.signature_faults import SignatureFaults
from mockserver.webhooks.skipping import Skipping
from mockserver.webhooks.webhook import WEBHOOKS, by_creation, wants

if TYPE_CHECKING:
    from mockserver.kernel.events import Event
    from mockserver.kernel.world import World
    from mockserver.models.webhooks import Webhook

PART: Final = "outbox"
"""The name of the outbox among the parts of a world."""

BEHIND: Final = "an earlier delivery of its subscription is not delivered yet"
DISABLED: Final = "its subscription is disabled"
DELETED: Final = "its subscription was deleted"


class Courier(Protocol):
    """What sends bodies over the network: set by the server."""

    def send(self, world: World, url: str, body: bytes) -> Awaitable[Outcome]: ...


@frozen
class OutboxState:
    """An outbox at a moment."""

    bundles: Bundles
    queues: dict[str, tuple[str, ...]]
    open: dict[str, Delivery]
    due: dict[str, str]
    streaks: dict[str, Streak]
    holds: dict[str, Hold]
    finished: LogState[Delivery]
    number: int


class Outbox:
    """The bundles and queues of one world's subscriptions."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sender: Courier | None = None
        """What sends a test event; set by the server."""
        self.finished: Log[Delivery] = Log(world.undo, world.profile.limits.kept)
        """Deliveries that were delivered or discarded, in that order; bounded."""
        self.faults = Faults(world)
        """What happens to bundles on purpose; a part of the world of its own."""
        self.skipping: Skipping | None = None
        """What the move of the clock that is under way skips; set by the server for as long as it lasts."""
        self._bundling = Bundling(world, self._close)
        self._holding = Holding(world)
        self._open: Entries[Delivery] = Entries(world.undo)
        self._queues: Entries[deque[str]] = Entries(world.undo)  # by subscription: its open deliveries, oldest first
        self._due: Entries[str] = Entries(world.undo)  # by subscription: the delivery that must be sent now
        self._retries = Retries(world)
        self._taken: dict[str, str] = {}  # delivery -> subscription, while the shell sends it
        self._number = 0

    def accept(self, world: World, event: Event) -> None:
        """An event happened: all enabled subscriptions that want it get it."""
        if not len(world.table(WEBHOOKS)):
            return
        family = event.family
        for webhook in by_creation(world):
            if webhook.enabled and wants(webhook, family):
                self._bundling.collect(webhook, event)

    # --- What the shell does ---

    @property
    def pending(self) -> bool:
        """Something must be sent now."""
        return len(self._due) > 0

    def ready(self) -> list[Delivery]:
        """What must be sent now: at most one delivery a subscription, oldest subscription first."""
        due = self._due
        if not due:
            return []
        return [self._open[due[webhook.id]] for webhook in by_creation(self.world) if webhook.id in due]

    def take(self) -> list[Delivery]:
        """:meth:`ready`, for the caller to send: nobody else is given them until they are answered or given back."""
        taken = self.ready()
        for delivery in taken:
            self._due.pop(delivery.webhook_id)
            self._taken[delivery.id] = delivery.webhook_id
        return taken

    def give_back(self, delivery_id: str) -> None:
        """A delivery that was taken will not be sent after all."""
        webhook_id = self._taken.pop(delivery_id, None)
        if webhook_id is not None and delivery_id in self._open:
            self._due.put(webhook_id, delivery_id)
            self.follow(self.world.table(WEBHOOKS)[webhook_id])

    def address(self, delivery: Delivery) -> str:
        """Where it goes: to the present URL of its subscription, at a retry too (concepts.md §7.3 [U], chosen)."""
        return self.world.table(WEBHOOKS)[delivery.webhook_id].url

    def answered(self, delivery_id: str, outcome: Outcome) -> Delivery | None:
        """One attempt was made: the delivery is done and the next one's turn, or it is to be tried again.

        ``None`` when nobody waits for the answer any more: the subscription was deleted meanwhile, or the world reset.
        """
        self._taken.pop(delivery_id, None)
        delivery = self._open.get(delivery_id)
        if delivery is None or delivery.state is not DeliveryState.DUE:
            return None
        self._due.pop(delivery.webhook_id)
        delivery = delivery.tried(self.world.now, outcome)
        if self.skipping is not None:
            self.skipping.answered(delivery.webhook_id, outcome)
        return self._succeed(delivery) if outcome.delivered else self._fail(delivery)

    # --- What subscriptions and the clock do ---

    def flush(self, webhook_id: str) -> None:
        """The delay of a bundle is over."""
        self._bundling.close(webhook_id)

    def retry(self, webhook_id: str, delivery_id: str) -> None:
        """The pause after a failure is over: send the delivery again, if the move under way does not skip it."""
        delivery, skipping = self._open[delivery_id], self.skipping
        if skipping is None or not skipping.skips(
            webhook_id, self.address(delivery), self._retries.following(webhook_id)
        ):
            self._send_again(delivery)
            return
        skipped = skipping.skip(delivery, self.world.now)
        due = self._retries.skip(webhook_id, delivery_id)
        self._keep(delivery.passed_over(skipped).to(DeliveryState.RETRYING, retry_at=due))

    def try_skipped(self) -> bool:
        """Send now what waits because its latest attempt was skipped: the move has come to its last instant.

        ``False``: there is no such delivery.
        """
        waiting = {} if self.skipping is None else self.skipping.waiting
        found = [self._open[delivery_id] for delivery_id in waiting.values() if delivery_id in self._open]
        retrying = [delivery for delivery in found if delivery.state is DeliveryState.RETRYING]
        for delivery in retrying:
            self.hasten(delivery)
        return bool(retrying)

    def release(self, webhook_id: str, delivery_id: str) -> None:
        """A delivery is held back no more; one that was let go already stays as it is."""
        if self._holding.let_go(delivery_id):
            self._keep(self._open[delivery_id].to(DeliveryState.WAITING, BEHIND))
            self._offer(webhook_id)

    def hasten(self, delivery: Delivery) -> None:
        """Send a delivery now that waits for its next try, or is held back."""
        self.release(delivery.webhook_id, delivery.id)
        if delivery.state is DeliveryState.RETRYING:
            self._retries.hasten(delivery.webhook_id)
            self._send_again(delivery)

    def follow(self, webhook: Webhook) -> None:
        """A subscription was changed. Disabled, its queue stops; enabled again, it goes on at once.

        Stopping ends the streak of failures, since nothing is tried any more (concepts.md §7.3 [U], all chosen).
        """
        head = self._head(webhook.id)
        if head is not None and not webhook.enabled and head.id not in self._taken:
            self._retries.end(webhook.id)
            self._due.pop(webhook.id)
            self._holding.let_go(head.id)
            self._keep(head.to(DeliveryState.WAITING))
        self._offer(webhook.id)

    def remove(self, webhook_id: str, reason: str = DELETED) -> list[Delivery]:
        """Delete a subscription. What it was still to get is discarded and recorded so; returns that, oldest first."""
        self.world.table(WEBHOOKS).remove(webhook_id)
        self._retries.end(webhook_id)
        self._bundling.close(webhook_id)
        self._due.pop(webhook_id)
        discarded = []
        for delivery_id in self._queues.pop(webhook_id) or ():
            self._holding.let_go(delivery_id)
            discarded.append(self._finish(self._open[delivery_id].to(DeliveryState.DISCARDED, reason)))
        return discarded

    # --- Looking at it ---

    def deliveries(self, webhook_id: str | None = None) -> list[Delivery]:
        """The deliveries that are kept, in the order of bundling; of one subscription, or of all."""
        everything = [*self.finished, *(self._open[delivery_id] for delivery_id in self._open)]
        chosen = (delivery for delivery in everything if webhook_id in (None, delivery.webhook_id))
        return sorted(chosen, key=lambda delivery: delivery.number)

    def delivery(self, delivery_id: str) -> Delivery | None:
        """One delivery, if it is kept."""
        return self._open.get(delivery_id) or next((done for done in self.finished if done.id == delivery_id), None)

    # --- A part of the world ---

    def snapshot(self) -> OutboxState:
        return OutboxState(
            bundles=self._bundling.snapshot(),
            queues={webhook_id: tuple(self._queues[webhook_id]) for webhook_id in self._queues},
            open=self._open.snapshot(),
            # What is being sent now was not sent yet: in the restored world it is to be sent.
            due=self._due.snapshot() | {webhook_id: delivery_id for delivery_id, webhook_id in self._taken.items()},
            streaks=self._retries.snapshot(),
            holds=self._holding.snapshot(),
            finished=self.finished.snapshot(),
            number=self._number,
        )

    def restore(self, state: OutboxState) -> None:
        self._bundling.restore(state.bundles)
        self._queues.restore({webhook_id: deque(queue) for webhook_id, queue in state.queues.items()})
        self._open.restore(state.open)
        self._due.restore(state.due)
        self._retries.restore(state.streaks)
        self._holding.restore(state.holds)
        self.finished.restore(state.finished)
        self._number = state.number
        self._taken = {}
        self.skipping = None

    # --- Queues ---

    def _close(self, webhook_id: str, events: tuple[Event, ...]) -> None:
        """A bundle is complete: it goes its way, or the one that a fault gives it."""
        fault, spoiled = self.faults.meet(webhook_id, events) if self.faults else SOUND
        for number, part in enumerate([events] if fault is None else fault.rule.sent(events)):
            self.enqueue(webhook_id, part, fault=fault, spoiled=None if number else spoiled)

    def enqueue(
        self,
        webhook_id: str,
        events: tuple[Event, ...],
        *,
        fault: Standing | None = None,
        spoiled: Spoiled | None = None,
        redelivery_of: str | None = None,
    ) -> Delivery:
        """Make a delivery of a bundle, the last of its subscription; or one that is dropped at once, or held back."""
        self._count(self._number + 1)
        delivery = Delivery(
            id=self.world.ids.new("delivery"),
            number=self._number,
            webhook_id=webhook_id,
            created_at=self.world.now,
            events=events,
            fault=None if fault is None else fault.id,
            spoiled=spoiled,
            redelivery_of=redelivery_of,
        )
        if fault is not None and fault.rule.drop:
            self.finished.append(delivery.to(DeliveryState.DISCARDED, f"dropped by the fault {fault.id}"))
            return delivery
        queue = self._queues.get(webhook_id)
        if queue is None:
            queue = self._queues.put(webhook_id, deque())
        self._keep(delivery.to(DeliveryState.WAITING, BEHIND if queue else None))
        behind = self._holding.overtaken(webhook_id)
        queue.insert(len(queue) if behind is None else queue.index(behind), delivery.id)
        self.world.undo.note(queue.remove, delivery.id)
        if fault is not None and held_for(fault) is not None:
            self._hold(delivery, fault)
        self._offer(webhook_id)
        if behind is not None:
            self.release(webhook_id, behind)
        return self._open[delivery.id]

    def _hold(self, delivery: Delivery, fault: Standing) -> None:
        span = held_for(fault)
        assert span is not None
        reason = f"delivery {delivery.number}: held back by the fault {fault.id}"
        overtaken = fault.rule.delay is None
        task = self._holding.hold(delivery.webhook_id, delivery.id, span, reason, overtaken=overtaken)
        self._keep(delivery.to(DeliveryState.HELD, f"held back by the fault {fault.id}", task.due))

    def _offer(self, webhook_id: str) -> None:
        """Make the oldest delivery of a subscription due, if nothing holds it back."""
        head = self._head(webhook_id)
        webhook = self.world.table(WEBHOOKS).get(webhook_id)
        if head is None or webhook is None or head.state is not DeliveryState.WAITING:
            return
        if webhook.enabled:
            self._keep(head.to(DeliveryState.DUE))
            self._due.put(webhook_id, head.id)
        else:
            self._keep(head.to(DeliveryState.WAITING, DISABLED))

    def _succeed(self, delivery: Delivery) -> Delivery:
        self._retries.end(delivery.webhook_id)
        queue = self._queues[delivery.webhook_id]
        self.world.undo.note(queue.appendleft, queue.popleft())
        delivery = self._finish(delivery.to(DeliveryState.DELIVERED))
        self._offer(delivery.webhook_id)
        return delivery

    def _fail(self, delivery: Delivery) -> Delivery:
        webhook = self.world.table(WEBHOOKS)[delivery.webhook_id]
        if not webhook.enabled:  # disabled while it was being sent
            self._retries.end(webhook.id)
            return self._keep(delivery.to(DeliveryState.WAITING, DISABLED))
        too_long = self._retries.too_long(webhook.id)
        if too_long is not None:
            self._keep(delivery)
            return self.remove(webhook.id, f"{DELETED}: {too_long}")[0]
        due = self._retries.fail(webhook.id, delivery.id)
        return self._keep(delivery.to(DeliveryState.RETRYING, retry_at=due))

    def _send_again(self, delivery: Delivery) -> None:
        self._keep(delivery.to(DeliveryState.WAITING))
        self._offer(delivery.webhook_id)

    def _head(self, webhook_id: str) -> Delivery | None:
        queue = self._queues.get(webhook_id)
        return self._open[queue[0]] if queue else None

    def _keep(self, delivery: Delivery) -> Delivery:
        return self._open.put(delivery.id, delivery)

    def _finish(self, delivery: Delivery) -> Delivery:
        self._open.pop(delivery.id)
        self.finished.append(delivery)
        return delivery

    def _count(self, number: int) -> None:
        self.world.undo.note(self._count, self._number)
        self._number = number


def attach(world: World) -> Outbox:
    """Give a world its outbox: it hears every event, a snapshot covers it, and the clock waits while it must send.

    With it come the keys that sign what it sends.
    """
    outbox = Outbox(world)
    world.listeners += (outbox.accept,)
    world.parts |= {PART: outbox, WEBHOOK_FAULTS: outbox.faults, KEYS: Keys(world), FAULTS: SignatureFaults()}
    world.interrupted = lambda: outbox.pending
    return outbox


def outbox_of(world: World) -> Outbox | None:
    """The outbox of a world; ``None`` where none was attached."""
    return cast("Outbox | None", world.parts.get(PART))


@action("webhook.flush")
def flush(world: World, webhook_id: str) -> None:
    cast("Outbox", world.parts[PART]).flush(webhook_id)


@action(RETRY)
def retry(world: World, webhook_id: str, delivery_id: str) -> None:
    cast("Outbox", world.parts[PART]).retry(webhook_id, delivery_id)


@action(RELEASE)
def release(world: World, webhook_id: str, delivery_id: str) -> None:
    cast("Outbox", world.parts[PART]).release(webhook_id, delivery_id)
