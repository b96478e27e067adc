"""A delivery as a receiver saw it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

import orjson

from mockserver.kernel.frozen import frozen
from mockserver.testing.bad_delivery import BadDelivery
from mockserver.testing.deliveries import Verified

Event = Mapping[str, Any]
"""An event as it is delivered: ``id``, ``created_at``, ``type``, ``object``, ``webhook_id``."""


@frozen
class Received:
    """One request to a receiver."""

    path: str
    body: bytes
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    status: int = 200
    """What was answered; 0: the connection was closed without an answer."""
    verified: Verified | None = None
    """What its signature says, where it was checked."""
    problem: BadDelivery | None = None
    """Why it is not to be believed; it was answered 401."""

    @property
    def accepted(self) -> bool:
        return 200 <= self.status < 300

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events inside; empty where the body is no bundle."""
        try:
            payload = orjson.loads(self.body)["payload"]
        except (ValueError, KeyError, TypeError):
            return []
        return payload if isinstance(payload, list) else []

    @property
    def webhook_id(self) -> str:
        return str(self.events[0].get("webhook_id", "")) if self.events else ""


def is_of(event: Event, type: str) -> bool:
    """Whether an event is of a type (``ORDER.FILLED``) or of a family (``ORDER``)."""
    found = str(event.get("type", ""))
    return type in (found, found.partition(".")[0])
