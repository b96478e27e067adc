"""How a world's clock goes: it stands until it is moved, or follows the machine's time at some speed."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from mockserver.kernel.frozen import frozen

FASTEST: Final = 1_000_000

NOW: Final = "now"
"""What stands in place of a mode for a clock that is frozen at the machine's time when its world is made."""

TAKEN: Final = "manual, real, now (frozen at the time of the machine), or for example x60"
"""What a clock may be when a world is made."""

_MODE: Final = re.compile(r"manual|real|x([0-9]+(?:\.[0-9]+)?)")


@frozen
class Mode:
    """``manual``, ``real``, or ``x60``: a minute of the world's time in a second of the machine's."""

    text: str
    speed: float
    """Seconds of the world for each of the machine; 0: the clock stands."""

    @property
    def manual(self) -> bool:
        return not self.speed

    def __str__(self) -> str:
        return self.text


MANUAL: Final = Mode("manual", 0.0)
REAL: Final = Mode("real", 1.0)


def mode(text: str) -> Mode:
    """The mode that ``text`` names; ``ValueError`` says what would pass."""
    found = _MODE.fullmatch(text)
    if text == NOW:
        raise ValueError(
            "'now' is where a clock starts, and this one has: write manual, real, or for example x60; "
            'POST …/clock/advance {"to": "2023-01-10T08:00:00Z"} moves it to an instant'
        )
    if found is None:
        raise ValueError(f"{text[:100]!r} is no mode of a clock: write manual, real, or for example x60")
    if (digits := found.group(1)) is None:
        return MANUAL if text == "manual" else REAL
    speed = float(digits) if len(digits) < 20 else 0.0
    if not 0 < speed <= FASTEST:
        raise ValueError(f"{text[:100]!r}: a clock runs at more than x0 and at most x{FASTEST}")
    return Mode(text, speed)


def starting(text: str) -> Mode:
    """The mode of a clock that starts as ``text`` says, ``now`` included; ``ValueError`` says what would pass."""
    if text == NOW:
        return MANUAL
    if _MODE.fullmatch(text) is None:
        raise ValueError(f"{text[:100]!r} is no mode of a clock: write {TAKEN}")
    return mode(text)


@frozen
class Pace:
    """Where a running clock stands: at ``world`` when the machine's time was ``wall``."""

    world: datetime
    wall: datetime
    speed: float

    def at(self, wall: datetime) -> datetime:
        """The world's time at a moment of the machine's; one that went back counts as standing still."""
        if wall <= self.wall:
            return self.world
        gone = wall - self.wall
        return self.world + (gone if self.speed == 1 else gone * self.speed)

    def until(self, due: datetime, wall: datetime) -> float:
        """Seconds of the machine's time from ``wall`` until the world's time is ``due``."""
        return max(0.0, (due - self.at(wall)).total_seconds() / self.speed)
