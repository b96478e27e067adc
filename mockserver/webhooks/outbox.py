"""What a world has to send to its subscribers: a queue of deliveries for each, in the world's time (concepts.md §7.3).

The deliveries of one subscription leave strictly one after the other: one that fails holds back all later ones, and is
tried again unchanged until it succeeds. Nothing here sends: the shell asks :meth:`Outbox.take` what must be sent now,
and tells :meth:`Outbox.answered` what came of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, TypeVar, cast

from mockserver.kernel.frozen import frozen
from mockserver.kernel.undoable import Entries
from mockserver.webhooks.active_faults import SOUND, Faults, Travel
from mockserver.webhooks.attempts import Courier, Outcome, SentRecords
from mockserver.webhooks.bundling import Bundles, Bundling
from mockserver.webhooks.delivery import Attempted, Delivery, DeliveryState
from mockserver.webhooks.held_deliveries import Hold, Holding
from mockserver.webhooks.kept_deliveries import KeptDeliveries, KeptState
from mockserver.webhooks.queues import Queues
from mockserver.webhooks.retrying import Retries, Streak
from mockserver.webhooks.skipping import Skipping
from mockserver.webhooks.subscription import WEBHOOKS, by_creation, json_format_of, wants

if TYPE_CHECKING:
    from mockserver.kernel.events import Event
    from mockserver.kernel.world import World
    from mockserver.models.webhooks import Webhook

T = TypeVar("T")

PART: Final = "outbox"
"""The name of the outbox among the parts of a world."""

BEHIND: Final = "another delivery of its subscription goes first"
DISABLED: Final = "its subscription is disabled"
DELETED: Final = "its subscription was deleted"


@frozen
class OutboxState:
    """An outbox at a moment."""

    bundles: Bundles
    queues: dict[str, tuple[str, ...]]
    kept: KeptState
    due: dict[str, str]
    streaks: dict[str, Streak]
    holds: dict[str, Hold]


class Outbox:
    """The bundles and queues of one world's subscriptions."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sender: Courier | None = None
        """What sends a test event; set by the server."""
        self.faults = Faults(world)
        """What happens to bundles on purpose; a part of the world of its own."""
        self.skipping: Skipping | None = None
        """What the move of the clock that is under way skips; set by the server for as long as it lasts."""
        self._bundling = Bundling(world, self._close)
        self._holding = Holding(world)
        self._kept = KeptDeliveries(world)
        self.finished = self._kept.finished
        """Deliveries that were delivered or discarded, in that order; bounded."""
        self.sent = SentRecords()
        """Headers and signature base of the latest attempts; no part of a snapshot."""
        self._queues = Queues(world)
        self._due: Entries[str] = Entries(world.undo)  # by subscription: the delivery that must be sent now
        self._retries = Retries(world)
        self._taken: dict[str, str] = {}  # delivery -> subscription, while the shell sends it

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
        return [self._kept[due[webhook.id]] for webhook in by_creation(self.world) if webhook.id in due]

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
        if webhook_id is not None and delivery_id in self._kept:
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
        delivery = self._kept.get(delivery_id)
        if delivery is None or delivery.state is not DeliveryState.DUE:
            return None
        self._due.pop(delivery.webhook_id)
        delivery = delivery.tried(self.world.now, outcome)
        self._tell(Attempted(delivery))
        if self.skipping is not None:
            self.skipping.answered(delivery.webhook_id, outcome)
        return self._succeed(delivery) if outcome.delivered else self._fail(delivery)

    # --- What subscriptions and the clock do ---

    def flush(self, webhook_id: str) -> None:
        """The delay of a bundle is over."""
        self._bundling.close(webhook_id)

    def retry(self, webhook_id: str, delivery_id: str) -> None:
        """The pause after a failure is over: send the delivery again, if the move under way does not skip it."""
        delivery, skipping = self._kept[delivery_id], self.skipping
        if skipping is None or not skipping.skips(
            webhook_id, self.address(delivery), self._retries.following(webhook_id)
        ):
            self._send_again(delivery)
            return
        skipped = skipping.skip(delivery, self.world.now)
        due = self._retries.skip(webhook_id, delivery_id)
        self._kept.keep(delivery.passed_over(skipped).to(DeliveryState.RETRYING, retry_at=due))

    def try_skipped(self) -> bool:
        """Send now what waits because its latest attempt was skipped: the move has come to its last instant.

        ``False``: there is no such delivery.
        """
        waiting = {} if self.skipping is None else self.skipping.waiting
        found = [self._kept[delivery_id] for delivery_id in waiting.values() if delivery_id in self._kept]
        retrying = [delivery for delivery in found if delivery.state is DeliveryState.RETRYING]
        for delivery in retrying:
            self.hasten(delivery)
        return bool(retrying)

    def elapse(self, delivery_id: str) -> None:
        """The time is over for which a delivery is held: it goes, if it needs not be overtaken still."""
        delivery = self._kept[delivery_id]
        hold = self._holding.elapsed(delivery)
        if hold is None:
            self._release([delivery_id])
        else:
            self._kept.keep(delivery.to(DeliveryState.HELD, hold.reason, hold.latest))

    def remove_faults(self, fault_id: str | None = None) -> bool:
        """Take a fault away, or all, and hold back no more what no other holds; ``False``: there is no such fault."""
        gone = self.faults.remove(fault_id)
        there = {each.id for each in self.faults}
        self._release([delivery_id for delivery_id, hold in self._holding if there.isdisjoint(hold.faults)])
        return gone

    def hasten(self, delivery: Delivery) -> None:
        """Send a delivery now that waits for its next try, or is held back."""
        self._release([delivery.id])
        if delivery.state is DeliveryState.RETRYING:
            if self._queues.head(delivery.webhook_id) == delivery.id:
                self._retries.hasten(delivery.webhook_id)
            else:  # another was sent past it, and failed too
                self._queues.remove(delivery.webhook_id, delivery.id)
                self._put_first(delivery.webhook_id, delivery.id)
            self._send_again(delivery)

    def follow(self, webhook: Webhook) -> None:
        """A subscription was changed. Disabled, its queue stops; enabled again, it goes on at once.

        Stopping ends the streak of failures, since nothing is tried any more (concepts.md §7.3 [U], all chosen).
        """
        if not webhook.enabled:
            self._release([delivery_id for delivery_id, hold in self._holding if hold.webhook_id == webhook.id])
        head = self._head(webhook.id)
        if head is not None and not webhook.enabled and head.id not in self._taken:
            self._retries.end(webhook.id)
            self._due.pop(webhook.id)
            self._kept.keep(head.to(DeliveryState.WAITING))
        self._offer(webhook.id)

    def remove(self, webhook_id: str, reason: str = DELETED) -> list[Delivery]:
        """Delete a subscription. What it was still to get is discarded and recorded so; returns that, oldest first."""
        self.world.table(WEBHOOKS).remove(webhook_id)
        self._retries.end(webhook_id)
        self._bundling.close(webhook_id)
        self._due.pop(webhook_id)
        held = [delivery_id for delivery_id, hold in self._holding if hold.webhook_id == webhook_id]
        still_open = dict.fromkeys((*self._queues.pop(webhook_id), *held))
        for delivery_id in still_open:
            self._holding.let_go(delivery_id)
            self._holding.discarded(delivery_id)
        ended = [self._kept[each].to(DeliveryState.DISCARDED, reason) for each in still_open]
        return [self._tell(self._kept.finish(each)) for each in ended]

    # --- Looking at it ---

    def deliveries(self, webhook_id: str | None = None) -> list[Delivery]:
        """The deliveries that are kept, in the order of bundling; of one subscription, or of all."""
        return self._kept.of(webhook_id)

    @property
    def still_open(self) -> list[Delivery]:
        """Those that are not delivered and not discarded."""
        return self._kept.still_open

    def delivery(self, delivery_id: str) -> Delivery | None:
        """One delivery, if it is kept."""
        return self._kept.find(delivery_id)

    def held(self) -> list[Delivery]:
        """The deliveries that faults hold back, in the order of bundling."""
        return [self._kept[delivery_id] for delivery_id, _ in self._holding]

    # --- A part of the world ---

    def snapshot(self) -> OutboxState:
        return OutboxState(
            bundles=self._bundling.snapshot(),
            queues=self._queues.snapshot(),
            kept=self._kept.snapshot(),
            # What is being sent now was not sent yet: in the restored world it is to be sent.
            due=self._due.snapshot() | {webhook_id: delivery_id for delivery_id, webhook_id in self._taken.items()},
            streaks=self._retries.snapshot(),
            holds=self._holding.snapshot(),
        )

    def restore(self, state: OutboxState) -> None:
        self._bundling.restore(state.bundles)
        self._queues.restore(state.queues)
        self._kept.restore(state.kept)
        self._due.restore(state.due)
        self._retries.restore(state.streaks)
        self._holding.restore(state.holds)
        self._taken = {}
        self.skipping = None

    # --- Queues ---

    def _close(self, webhook_id: str, events: tuple[Event, ...]) -> None:
        """A bundle is complete: it goes its way, or those that its faults give it."""
        if not self.faults:
            self.enqueue(webhook_id, events)
            return
        divided = self.faults.divide(webhook_id, events)
        for part in divided.parts:
            overtakes = self._holding.awaits(webhook_id, part)
            self._send_off(webhook_id, part, self.faults.meet(webhook_id, part, divided, overtakes=overtakes))

    def _send_off(self, webhook_id: str, events: tuple[Event, ...], travel: Travel) -> None:
        first = self.enqueue(webhook_id, events, travel=travel)
        for _ in range(travel.copies):
            self.enqueue(webhook_id, events, travel=travel, copy_of=first)

    def enqueue(
        self,
        webhook_id: str,
        events: tuple[Event, ...],
        *,
        travel: Travel = SOUND,
        copy_of: Delivery | None = None,
        redelivery_of: Delivery | None = None,
    ) -> Delivery:
        """Make a delivery, the last of its subscription; or one that is dropped at once, or held back.

        A redelivery goes before all that is not being sent, also before one that waits for its next try.
        Where there are copies, these are held and not the first, and the first alone is spoiled.
        """
        repeated = redelivery_of or copy_of
        delivery = Delivery(
            id=self.world.ids.new("delivery"),
            number=self._kept.next_number(),
            webhook_id=webhook_id,
            created_at=self.world.now,
            events=events,
            json_format=repeated.json_format if repeated else travel.json_format or json_format_of(self.world),
            faults=travel.faults,
            spoiled=None if copy_of else travel.spoiled,
            redelivery_of=redelivery_of.id if redelivery_of else None,
        )
        if travel.dropped is not None:
            dropped = delivery.to(DeliveryState.DISCARDED, f"dropped by the fault {travel.dropped}")
            self.finished.append(self._tell(dropped))
            return delivery
        original, hold = copy_of or delivery, None
        if travel.acting and travel.held_by and (copy_of or not travel.copies):
            hold = self._holding.hold(delivery, travel, original.id, self._kept.still_open)
        behind = False
        if redelivery_of is not None:
            behind = self._put_first(webhook_id, delivery.id)
        elif hold is None or hold.overtaking is None:
            behind = self._queues.append(webhook_id, delivery.id)
        if hold is not None:
            self._kept.keep(delivery.to(DeliveryState.HELD, hold.reason, hold.latest))
        else:
            self._kept.keep(delivery.to(DeliveryState.WAITING, BEHIND if behind else None))
        self._holding.choose(delivery, original.id)
        self._offer(webhook_id)
        return self._tell(self._kept[delivery.id])

    def _put_first(self, webhook_id: str, delivery_id: str) -> bool:
        """Put a delivery before all others, but for one that is being sent; returns whether there is one."""
        head = self._head(webhook_id)
        sending = head is not None and head.state is DeliveryState.DUE
        self._queues.insert(webhook_id, [delivery_id], after_head=sending)
        return sending

    def _release(self, delivery_ids: Iterable[str]) -> None:
        """Hold deliveries back no more; those that left their queue go before all that is not under way there."""
        released: dict[str, list[str]] = {}
        for delivery_id in delivery_ids:
            hold = self._holding.let_go(delivery_id)
            if hold is None:  # it was let go already
                continue
            self._kept.keep(self._kept[delivery_id].to(DeliveryState.WAITING, BEHIND))
            released.setdefault(hold.webhook_id, []).extend([delivery_id] if hold.overtaking is not None else [])
        for webhook_id, back in released.items():
            head = self._head(webhook_id)
            under_way = head is not None and head.state in (DeliveryState.DUE, DeliveryState.RETRYING)
            self._queues.insert(webhook_id, back, after_head=under_way)
            self._offer(webhook_id)

    def _offer(self, webhook_id: str) -> None:
        """Make the oldest delivery of a subscription due, if nothing holds it back."""
        head = self._head(webhook_id)
        webhook = self.world.table(WEBHOOKS).get(webhook_id)
        if head is None or webhook is None or head.state is not DeliveryState.WAITING:
            return
        if webhook.enabled:
            self._kept.keep(head.to(DeliveryState.DUE))
            self._due.put(webhook_id, head.id)
        else:
            self._kept.keep(head.to(DeliveryState.WAITING, DISABLED))

    def _succeed(self, delivery: Delivery) -> Delivery:
        self._queues.shift(delivery.webhook_id)
        head = self._head(delivery.webhook_id)
        if head is None or head.state is not DeliveryState.RETRYING:  # else a redelivery went past it
            self._retries.end(delivery.webhook_id)
        delivery = self._tell(self._kept.finish(delivery.to(DeliveryState.DELIVERED)))
        overtaken = self._holding.delivered(delivery.id)
        if overtaken:
            self._release(overtaken)
        self._offer(delivery.webhook_id)
        return delivery

    def _fail(self, delivery: Delivery) -> Delivery:
        webhook = self.world.table(WEBHOOKS)[delivery.webhook_id]
        if not webhook.enabled:  # disabled while it was being sent
            self._retries.end(webhook.id)
            return self._tell(self._kept.keep(delivery.to(DeliveryState.WAITING, DISABLED)))
        too_long = self._retries.too_long(webhook.id)
        if too_long is not None:
            self._kept.keep(delivery)
            return self.remove(webhook.id, f"{DELETED}: {too_long}")[0]
        due = self._retries.fail(webhook.id, delivery.id)
        return self._tell(self._kept.keep(delivery.to(DeliveryState.RETRYING, retry_at=due)))

    def _send_again(self, delivery: Delivery) -> None:
        self._kept.keep(delivery.to(DeliveryState.WAITING))
        self._offer(delivery.webhook_id)

    def _tell(self, happened: T) -> T:
        """A delivery was made, tried or ended: an entry of the feed."""
        self.world.feed.append(happened)
        self.world.feed.trim()
        self.world.undo.note(self.world.feed.take_back, happened)
        return happened

    def _head(self, webhook_id: str) -> Delivery | None:
        head = self._queues.head(webhook_id)
        return None if head is None else self._kept[head]


def outbox_of(world: World) -> Outbox | None:
    """The outbox of a world; ``None`` where none was attached."""
    return cast("Outbox | None", world.parts.get(PART))
