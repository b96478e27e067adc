"""The open deliveries of each subscription, in the order in which they are sent."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING

from mockserver.kernel.undoable import Entries

if TYPE_CHECKING:
    from mockserver.kernel.world import World


class Queues:
    """One queue of delivery ids for each subscription. What is changed a failing rule takes back."""

    def __init__(self, world: World) -> None:
        self._undo = world.undo
        self._queues: Entries[deque[str]] = Entries(world.undo)

    def head(self, webhook_id: str) -> str | None:
        """The delivery that is sent first."""
        queue = self._queues.get(webhook_id)
        return queue[0] if queue else None

    def holds(self, webhook_id: str, delivery_id: str) -> bool:
        """Whether a delivery is in the queue of its subscription."""
        queue = self._queues.get(webhook_id)
        return queue is not None and delivery_id in queue

    def append(self, webhook_id: str, delivery_id: str) -> bool:
        """Add a delivery, the last one of its subscription; returns whether others are before it."""
        queue = self._of(webhook_id)
        before = len(queue) > 0
        self._insert(queue, len(queue), delivery_id)
        return before

    def insert(self, webhook_id: str, delivery_ids: Iterable[str], *, after_head: bool) -> None:
        """Add deliveries before all others, or before all others but the first."""
        queue = self._of(webhook_id)
        for place, delivery_id in enumerate(delivery_ids, min(len(queue), 1) if after_head else 0):
            self._insert(queue, place, delivery_id)

    def remove(self, webhook_id: str, delivery_id: str) -> None:
        """Take one delivery out of its queue."""
        queue = self._queues[webhook_id]
        place = queue.index(delivery_id)
        del queue[place]
        self._undo.note(queue.insert, place, delivery_id)

    def shift(self, webhook_id: str) -> None:
        """Take the first delivery away."""
        queue = self._queues[webhook_id]
        self._undo.note(queue.appendleft, queue.popleft())

    def pop(self, webhook_id: str) -> tuple[str, ...]:
        """Take a whole queue away."""
        return tuple(self._queues.pop(webhook_id) or ())

    def snapshot(self) -> dict[str, tuple[str, ...]]:
        return {webhook_id: tuple(self._queues[webhook_id]) for webhook_id in self._queues}

    def restore(self, state: dict[str, tuple[str, ...]]) -> None:
        self._queues.restore({webhook_id: deque(queue) for webhook_id, queue in state.items()})

    def _of(self, webhook_id: str) -> deque[str]:
        queue = self._queues.get(webhook_id)
        return self._queues.put(webhook_id, deque()) if queue is None else queue

    def _insert(self, queue: deque[str], place: int, delivery_id: str) -> None:
        queue.insert(place, delivery_id)
        self._undo.note(queue.remove, delivery_id)
