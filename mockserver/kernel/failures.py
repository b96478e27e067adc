"""The rules that failed in a world since it was made, whatever was restored or reset meanwhile."""

from __future__ import annotations

from collections import deque
from datetime import datetime
from typing import Final

from mockserver.kernel.frozen import frozen

KEPT: Final = 100


@frozen
class Failure:
    """A rule that failed: what was due or requested, and why it could not be done."""

    at: datetime
    action: str
    args: tuple[str, ...]
    reason: str
    error: str
    trace: str


class FailureRecord:
    """Counts every failure, and keeps the last of them. No part of a snapshot: going back makes no failure undone."""

    def __init__(self) -> None:
        self.total = 0
        self.kept: deque[Failure] = deque(maxlen=KEPT)

    def note(self, failure: Failure) -> None:
        self.total += 1
        self.kept.append(failure)
