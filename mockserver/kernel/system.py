"""The only place that asks the machine for the time or for randomness.

Everything else gets its time from a world's clock and its randomness from a world's seed, so that a replay is
byte-equal on any machine (a test greps that no other module reads either).
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from typing import Final


class Wall:
    """The functions of the machine's clock."""

    __slots__ = ("now", "time")

    def __init__(self) -> None:
        self.now: Callable[[tzinfo], datetime] = datetime.now
        self.time: Callable[[], float] = time.time


MACHINE: Final = Wall()
"""Those that were there at the import of this module."""

monotonic: Final = time.monotonic
"""Seconds since some moment, for event loops; kept, so that it goes on while a test has frozen ``time``."""

_wall = Wall()


def read_wall_with(now: Callable[[tzinfo], datetime], seconds: Callable[[], float]) -> None:
    """Read the wall clock with these functions from now on: in a process whose own may be made to lie.

    For tests that travel in time beside a server in their process. ``now`` takes a time zone; ``seconds`` since 1970.
    """
    _wall.now, _wall.time = now, seconds


def wall_now() -> datetime:
    """The machine's time, aware, in UTC: for protocol time (tokens, signatures) and worlds in real time."""
    return _wall.now(UTC)


def wall_seconds() -> int:
    """The same in whole seconds since 1970: the date of an answer."""
    return int(_wall.time())


def unique_id() -> str:
    """An id that no other world on any server has: the client id of a world created without one."""
    return str(uuid.uuid4())


def stopwatch() -> float:
    """Seconds since some moment: to say how long something took, never what time it is."""
    return time.perf_counter()
