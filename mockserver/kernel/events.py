"""What a world tells: one event per change, in the order of the changes."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from mockserver.kernel.frozen import frozen
from mockserver.kernel.moves import Cause, cause_of
from mockserver.kernel.store import Version

if TYPE_CHECKING:
    from mockserver.kernel.world import World


def stamp(moment: datetime) -> str:
    """An instant as the API writes it: UTC with ``Z``, a fraction only when there is one (concepts.md §8)."""
    return moment.isoformat().replace("+00:00", "Z")


@frozen
class Event:
    """An event before delivery; ``webhook_id`` is added for each subscription that gets it."""

    id: str
    created_at: datetime
    type: str
    object: Version
    by: Cause | None = None
    """What made it: most often a move; ``None`` where the world was made with it."""
    number: int = 0
    """The events of a world count from 1; 0 for a test event, which no record has."""

    @property
    def family(self) -> str:
        """What subscriptions choose by: ``ORDER`` of ``ORDER.NEW``."""
        return self.type.partition(".")[0]

    def body(self, webhook_id: str) -> bytes:
        """The event as delivered to one subscription (concepts.md §7.2)."""
        head = f'{{"id":"{self.id}","created_at":"{stamp(self.created_at)}","type":"{self.type}","object":'
        return head.encode() + self.object.wire + f',"webhook_id":"{webhook_id}"}}'.encode()


def emit(world: World, type_: str, subject: Version) -> Event:
    """Record that something happened and pass it to whoever listens (webhook subscriptions)."""
    event = Event(world.ids.new("event"), world.now, type_, subject, cause_of(world), world.events.end + 1)
    world.events.append(event)
    for listener in world.listeners:
        listener(world, event)
    return event
