"""Which resources wait, in the order in which they began to, and for what."""

from __future__ import annotations

from decimal import Decimal
from itertools import chain
from typing import NamedTuple

from mockserver.kernel.clock import Clock, Task
from mockserver.kernel.undo import Undo


class Held(NamedTuple):
    """A resource that waits: why, and what would make it look again."""

    stage: str
    reason: str
    topic: str
    retry: Task | None = None
    """When it looks again by itself."""
    also: str = ""
    """A second topic that would make it look, if there is one."""
    looks: bool = False
    """It was stirred and looks again now, at ``retry``: nothing needs to stir it once more."""
    wanted: Decimal | None = None
    free: Decimal | None = None
    """How much it waits for, and how much of it there was when it looked last; ``None``: it waits for no amount."""

    @property
    def topics(self) -> tuple[str, ...]:
        """What would make it look."""
        if self.looks:
            return ()
        return (self.topic, self.also) if self.also else (self.topic,)


class Holds:
    """Which resources wait, and for what: ``(kind, id) -> Held``."""

    def __init__(self, undo: Undo, clock: Clock) -> None:
        self._undo = undo
        self._clock = clock
        self._number = 0
        self._held: dict[tuple[str, str], tuple[int, Held]] = {}
        self._topics: dict[str, dict[tuple[str, str], int]] = {}

    def __len__(self) -> int:
        return len(self._held)

    def get(self, kind: str, identity: str) -> Held | None:
        entry = self._held.get((kind, identity))
        return entry[1] if entry is not None else None

    def set(self, kind: str, identity: str, held: Held) -> None:
        """Begin a wait, or go on with one: who waits on for the same topic keeps its place among those who do."""
        key = (kind, identity)
        number, before = self._held.get(key, (0, None))
        self.pop(kind, identity)
        if before is None or before.topic != held.topic:
            self._number = number = self._number + 1
        self._add(key, number, held)
        self._undo.note(self.pop, kind, identity)

    def pop(self, kind: str, identity: str) -> Held | None:
        """End a wait; what was to make it look again by itself is dropped."""
        key = (kind, identity)
        entry = self._held.pop(key, None)
        if entry is None:
            return None
        number, held = entry
        for topic in held.topics:
            waiting = self._topics[topic]
            del waiting[key]
            if not waiting:
                del self._topics[topic]
        self._undo.note(self._add, key, number, held)
        if held.retry is not None:
            self._clock.drop(held.retry)
        return held

    def about(self, *topics: str) -> list[tuple[str, str]]:
        """Who waits for any of ``topics``, in the order in which they began to."""
        found = [waiting for topic in topics if (waiting := self._topics.get(topic))]
        if len(found) < 2:
            return sorted(found[0], key=found[0].__getitem__) if found else []
        places = dict(chain.from_iterable(waiting.items() for waiting in found))
        return sorted(places, key=places.__getitem__)

    def all(self) -> list[tuple[str, str]]:
        """Whoever waits, in the order in which they began to."""
        return sorted(self._held, key=lambda key: self._held[key][0])

    def snapshot(self) -> dict[tuple[str, str], tuple[int, Held]]:
        return dict(self._held)

    def restore(self, state: dict[tuple[str, str], tuple[int, Held]]) -> None:
        self._held, self._topics = {}, {}
        self._number = max((number for number, _ in state.values()), default=0)
        for key, (number, held) in state.items():
            self._add(key, number, held)

    def _add(self, key: tuple[str, str], number: int, held: Held) -> None:
        self._held[key] = (number, held)
        for topic in held.topics:
            self._topics.setdefault(topic, {})[key] = number
