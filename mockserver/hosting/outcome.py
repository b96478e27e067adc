"""What happened in a world between two moments: the answer of every command that moves it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from mockserver.kernel.events import Event
from mockserver.kernel.failures import Failure
from mockserver.kernel.frozen import frozen
from mockserver.kernel.moves import Moved
from mockserver.kernel.world import World
from mockserver.webhooks.attempts import Skipped
from mockserver.webhooks.delivery import Delivery

if TYPE_CHECKING:
    from mockserver.webhooks.sender import Turn


class Counts(NamedTuple):
    """How much happened, also of what is kept no more: a world keeps the last 100,000 entries of each record."""

    moves: int
    events: int
    deliveries: int
    skipped: int
    failures: int


@frozen
class Happened:
    """Moves, events, answered deliveries, skipped attempts and failed rules, each in order, as far as they are kept."""

    counts: Counts
    since: datetime
    now: datetime
    moves: Sequence[Moved]
    events: Sequence[Event]
    deliveries: Sequence[Delivery]
    """As each answer left it: one entry for each attempt."""
    failures: Sequence[Failure]
    skipped: Sequence[Skipped] = ()


class Mark(NamedTuple):
    """A place in a world's records."""

    now: datetime
    moves: int
    events: int
    failures: int

    def happened(self, world: World, turn: Turn | None = None) -> Happened:
        """What was recorded since, and what the turn of a move sent and skipped, as far as it is still kept."""
        skipped = () if turn is None else turn.skipped
        return Happened(
            Counts(
                moves=world.moves.end - self.moves,
                events=world.events.end - self.events,
                deliveries=0 if turn is None else turn.answers,
                skipped=sum(each.count for each in skipped),
                failures=world.failures.end - self.failures,
            ),
            since=self.now,
            now=world.now,
            moves=world.moves.since(self.moves),
            events=world.events.since(self.events),
            deliveries=() if turn is None else turn.answered,
            failures=world.failures.since(self.failures),
            skipped=skipped,
        )


def mark(world: World) -> Mark:
    """Here."""
    return Mark(world.now, world.moves.end, world.events.end, world.failures.end)
