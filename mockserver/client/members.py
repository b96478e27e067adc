"""Objects inside answers that stay plain JSON, with the types of their members."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NotRequired, TypedDict

ClockMove = TypedDict("ClockMove", {"from": datetime, "until": datetime | None, "done": float | None})
"""A move of the clock that is under way."""


class CausedBy(TypedDict):
    """What made something happen."""

    kind: str
    """``request``, ``command``, ``due`` or ``move``."""
    number: int | None
    name: str | None


class Signature(TypedDict):
    """How a delivery was signed."""

    version: int
    kid: str
    fault: str | None
    """How it was spoiled on purpose."""


class Sent(TypedDict):
    """A delivery as it was sent."""

    headers: Mapping[str, str]
    signature_base: str | None
    """What was signed; ``None``: nothing was."""


class Happenings(TypedDict):
    """How much happened, also what is not listed."""

    moves: int
    events: int
    deliveries: int
    skipped: int
    failures: int


Waits = TypedDict(
    "Waits", {"stage": str | None, "reason": str, "for": str, "wanted": NotRequired[str], "free": NotRequired[str]}
)
"""What keeps a resource in its state: the stage that waits, why, and the topic; of an amount how much is there."""
