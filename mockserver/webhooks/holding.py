"""Deliveries that a fault holds back: until a time, or until another of their subscription has overtaken them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from mockserver.webhooks.entries import Entries

if TYPE_CHECKING:
    from mockserver.kernel.clock import Task
    from mockserver.kernel.world import World

RELEASE = "webhook.release"


class Hold(NamedTuple):
    """A delivery that is held: what is due because of it, and whether the next one is to overtake it."""

    webhook_id: str
    release: Task
    overtaken: bool


class Holding:
    """What is held of one world's deliveries."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._holds: Entries[Hold] = Entries(world.undo)  # by delivery

    def hold(self, webhook_id: str, delivery_id: str, span: timedelta, reason: str, *, overtaken: bool) -> Task:
        """Hold a delivery for ``span`` of the world's time; the clock is not idle before it is let go."""
        task = self._world.clock.after(span, RELEASE, webhook_id, delivery_id, reason=reason)
        self._holds.put(delivery_id, Hold(webhook_id, task, overtaken))
        return task

    def let_go(self, delivery_id: str) -> bool:
        """Hold a delivery no more; ``False`` when it was not held."""
        hold = self._holds.pop(delivery_id)
        if hold is None:
            return False
        self._world.clock.drop(hold.release)
        return True

    def overtaken(self, webhook_id: str) -> str | None:
        """The delivery of a subscription that waits to be overtaken."""
        for delivery_id in self._holds:
            hold = self._holds[delivery_id]
            if hold.overtaken and hold.webhook_id == webhook_id:
                return delivery_id
        return None

    def snapshot(self) -> dict[str, Hold]:
        return self._holds.snapshot()

    def restore(self, state: dict[str, Hold]) -> None:
        self._holds.restore(state)
