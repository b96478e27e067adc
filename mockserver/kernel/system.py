"""The only place that asks the machine for the time or for randomness.

Everything else gets its time from a world's clock and its randomness from a world's seed, so that a replay is
byte-equal on any machine (a test greps that no other module reads either).
"""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime


def wall_now() -> datetime:
    """The machine's time, aware, in UTC: for protocol time (tokens, signatures) and worlds in real time."""
    return datetime.now(UTC)


def wall_seconds() -> int:
    """The same in whole seconds since 1970: the date of an answer."""
    return int(time.time())


def unique_id() -> str:
    """An id that no other world on any server has: the client id of a world created without one."""
    return str(uuid.uuid4())


def stopwatch() -> float:
    """Seconds since some moment: to say how long something took, never what time it is."""
    return time.perf_counter()
