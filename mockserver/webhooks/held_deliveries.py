"""Deliveries that a fault holds back: for a time, or until others have overtaken them, or both.

One that only waits for a time keeps its place, and the later ones of its subscription wait behind it. One that is to be
overtaken has left the queue of its subscription: the next deliveries that fit are chosen to overtake it when they are
bundled, and once they were delivered it goes before all that still waits. Without a limit of time nothing is due
because of it, so a clock may be idle while it is held.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from mockserver.kernel.durations import duration
from mockserver.kernel.events import stamp
from mockserver.kernel.undoable import Entries
from mockserver.webhooks.faults import ANY, Overtaker, carries
from mockserver.webhooks.subscription import WEBHOOKS, wants

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mockserver.kernel.clock import Task
    from mockserver.kernel.events import Event
    from mockserver.kernel.world import World
    from mockserver.webhooks.active_faults import Travel
    from mockserver.webhooks.delivery import Delivery

RELEASE = "webhook.release"


class Overtaking(NamedTuple):
    """What has to overtake a delivery."""

    by: Overtaker
    webhook_id: str | None
    """Whose deliveries; ``None``: of any subscription."""
    original: str
    """The delivery itself, or the one of which it is a copy: no copy overtakes another."""
    left: int
    """How many have to be delivered yet."""
    chosen: tuple[str, ...] = ()
    """Deliveries that will overtake it, not delivered yet."""

    def lacks(self, webhook_id: str, events: Sequence[Event]) -> bool:
        """Whether a delivery that is made now will overtake it."""
        if len(self.chosen) >= self.left or self.webhook_id not in (None, webhook_id):
            return False
        return carries(events, self.by.type, self.by.account)


class Hold(NamedTuple):
    """A delivery that is held, and why."""

    webhook_id: str
    reason: str
    faults: tuple[str, ...]
    task: Task | None
    """What is due because of it: the end of its delay, else of the time that it may be overtaken in."""
    delayed: bool
    """Whether its delay is not over."""
    overtaking: Overtaking | None

    @property
    def latest(self) -> datetime | None:
        """When it goes at the latest, as far as that is known."""
        return None if self.task is None or (self.delayed and self.overtaking is not None) else self.task.due


class Holding:
    """What is held of one world's deliveries, in the order in which they were bundled."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._holds: Entries[Hold] = Entries(world.undo)  # by delivery

    def __iter__(self) -> Iterator[tuple[str, Hold]]:
        return iter([(delivery_id, self._holds[delivery_id]) for delivery_id in self._holds])

    def hold(self, delivery: Delivery, travel: Travel, original: str, still_open: Iterable[Delivery]) -> Hold:
        """Hold a delivery as its faults say; without a delay or a limit of time nothing is due because of it.

        Of ``still_open`` those of other subscriptions may overtake it, too; those of its own go before it anyway.
        """
        by, delay = travel.overtaker, travel.delay
        overtaking = None if by is None else Overtaking(by, self._whose(delivery, by), original, by.deliveries)
        if overtaking is not None:
            overtaking = self._with_open(overtaking, delivery, still_open)
        span = delay or (by and by.within)
        reason = _reason(travel, overtaking, delivery.webhook_id)
        due = None if delay is None else self._world.now + duration(delay)
        if due is not None and overtaking is not None:
            reason += f", not before {stamp(due)}"
        task = None if not span else self._due(delivery, span, reason)
        hold = Hold(delivery.webhook_id, reason, travel.held_by, task, delay is not None, overtaking)
        return self._holds.put(delivery.id, hold)

    def let_go(self, delivery_id: str) -> Hold | None:
        """Hold a delivery no more; returns how it was held."""
        hold = self._holds.pop(delivery_id)
        if hold is not None and hold.task is not None:
            self._world.clock.drop(hold.task)
        return hold

    def elapsed(self, delivery: Delivery) -> Hold | None:
        """A time is over; returns how the delivery is held from now on, ``None`` where nothing holds it any more."""
        hold = self._holds.get(delivery.id)
        if hold is None or not hold.delayed or hold.overtaking is None or not hold.overtaking.left:
            return None
        within = hold.overtaking.by.within
        task = None if within is None else self._due(delivery, within, hold.reason)
        return self._holds.put(delivery.id, hold._replace(delayed=False, task=task))

    def awaits(self, webhook_id: str, events: Sequence[Event]) -> bool:
        """Whether a delivery of these events will overtake one that is held."""
        return any(hold.overtaking is not None and hold.overtaking.lacks(webhook_id, events) for _, hold in self)

    def choose(self, delivery: Delivery, original: str) -> None:
        """Let a delivery that is made now overtake those that are held until such a one comes."""
        if not self._holds:
            return
        for held_id, hold in self:
            of = hold.overtaking
            if of is None or of.original == original or not of.lacks(delivery.webhook_id, delivery.events):
                continue
            self._holds.put(held_id, hold._replace(overtaking=of._replace(chosen=(*of.chosen, delivery.id))))

    def delivered(self, delivery_id: str) -> list[str]:
        """A delivery was delivered; returns those that it was the last one to overtake, to be let go."""
        if not self._holds:
            return []
        return [held_id for held_id, hold in self._overtake(delivery_id, 1) if not hold.delayed and not _left(hold)]

    def discarded(self, delivery_id: str) -> None:
        """A delivery will not be delivered: another one has to overtake what it was chosen for."""
        for _ in self._overtake(delivery_id, 0):
            pass

    def snapshot(self) -> dict[str, Hold]:
        return self._holds.snapshot()

    def restore(self, state: dict[str, Hold]) -> None:
        self._holds.restore(state)

    def _overtake(self, delivery_id: str, count: int) -> Iterator[tuple[str, Hold]]:
        for held_id, hold in self:
            of = hold.overtaking
            if of is not None and delivery_id in of.chosen:
                chosen = tuple(each for each in of.chosen if each != delivery_id)
                now = hold._replace(overtaking=of._replace(left=of.left - count, chosen=chosen))
                yield held_id, self._holds.put(held_id, now)

    def _with_open(self, overtaking: Overtaking, held: Delivery, still_open: Iterable[Delivery]) -> Overtaking:
        for each in still_open:
            elsewhere = each.webhook_id != held.webhook_id and each.id not in self._holds
            if elsewhere and overtaking.lacks(each.webhook_id, each.events):
                overtaking = overtaking._replace(chosen=(*overtaking.chosen, each.id))
        return overtaking

    def _whose(self, delivery: Delivery, by: Overtaker) -> str | None:
        """The subscription whose deliveries count; ``None``: any."""
        if by.webhook_id is not None:
            return None if by.webhook_id == ANY else by.webhook_id
        own = self._world.table(WEBHOOKS)[delivery.webhook_id]
        return own.id if by.type is None or wants(own, by.type.partition(".")[0]) else None

    def _due(self, delivery: Delivery, span: str, reason: str) -> Task:
        text = f"delivery {delivery.number}: {reason}"
        return self._world.clock.after(duration(span), RELEASE, delivery.webhook_id, delivery.id, reason=text)


def _left(hold: Hold) -> int:
    return 0 if hold.overtaking is None else hold.overtaking.left


def _reason(travel: Travel, overtaking: Overtaking | None, webhook_id: str) -> str:
    faults = travel.held_by
    text = f"held back by the fault{'s' if len(faults) > 1 else ''} {' and '.join(faults)}"
    if overtaking is None:
        return text
    whose = {None: "any subscription", webhook_id: "its subscription"}.get(
        overtaking.webhook_id, f"subscription {overtaking.webhook_id}"
    )
    return f"{text} until {overtaking.by} of {whose} {'was' if overtaking.by.deliveries == 1 else 'were'} delivered"
