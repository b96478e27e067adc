"""Events of a delivery as somebody wrote them, to see how a receiver takes what no world would tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import orjson

from mockserver.kernel.events import Event
from mockserver.kernel.frozen import frozen
from mockserver.kernel.record import Record
from mockserver.webhooks.delivery import Delivery


@frozen(slots=False)
class EditedObject(Record):
    """The object of an event, as it was written."""

    members: Mapping[str, Any]

    @property
    def id(self) -> str | None:
        """Its id, where it has one."""
        found = self.members.get("id")
        return found if isinstance(found, str) else None

    @cached_property
    def wire(self) -> bytes:
        return orjson.dumps(self.members)


def edited(delivery: Delivery, events: Iterable[Mapping[str, Any]]) -> tuple[Event, ...]:
    """Events in place of those of a delivery; what one lacks is that of the event in its place, or of the last."""
    made = []
    for place, given in enumerate(events):
        original = delivery.events[min(place, len(delivery.events) - 1)]
        made.append(
            Event(
                given.get("id", original.id),
                given.get("created_at", original.created_at),
                given.get("type", original.type),
                original.object if "object" not in given else EditedObject(given["object"]),
                original.by,
                original.number if place < len(delivery.events) else 0,
            )
        )
    return tuple(made)
