"""Moves that were made: what a world remembers of them."""

from __future__ import annotations

from datetime import datetime

from mockserver.kernel.frozen import frozen


@frozen
class Moved:
    """A move that was made."""

    at: datetime
    resource: str
    id: str
    source: str | None
    to: str
    cause: str
