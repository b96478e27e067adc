"""The only place that asks the machine for the time or for randomness.

Everything else gets its time from a world's clock and its randomness from a world's seed, so that a replay is
byte-equal on any machine (a test greps that no other module reads either).
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, tzinfo
from typing import Any, Final, Protocol


class Hatch(Protocol):
    """The real clock while a test travels in time, as time-machine gives it (its ``escape_hatch``)."""

    datetime: Any
    """The module ``datetime``, with ``datetime.now``."""
    time: Any
    """The module ``time``, with ``time``."""

    def is_travelling(self) -> bool: ...


class _Wall:
    """The functions of the machine's clock."""

    __slots__ = ("now", "time")

    def __init__(self) -> None:
        self.now: Callable[[tzinfo], datetime] = datetime.now
        self.time: Callable[[], float] = time.time


monotonic: Final = time.monotonic
"""Seconds since some moment, for event loops; kept, so that it goes on while a test has frozen ``time``."""

_machine: Final = _Wall()
"""Those that were there at the import of this module."""

_wall: Final = _Wall()


def read_wall_through(hatch: Hatch) -> None:
    """Read the wall clock through this from now on, while a test in this process travels in time."""

    def now(zone: tzinfo) -> datetime:
        if hatch.is_travelling():
            with suppress(ValueError):  # the journey has ended meanwhile
                found: datetime = hatch.datetime.datetime.now(zone)
                return found
        return _machine.now(zone)

    def seconds() -> float:
        if hatch.is_travelling():
            with suppress(ValueError):  # see above
                return float(hatch.time.time())
        return _machine.time()

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
