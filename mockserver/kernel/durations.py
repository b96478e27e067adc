"""Durations as people write them: ``250ms``, ``5s``, ``1h30m``, ``2d``, ``1w``."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d|w)")
_UNITS = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}


def duration(text: str) -> timedelta:
    """Read a duration; ``ValueError`` says what would pass."""
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text.strip():
        raise ValueError(f"{text!r} is not a duration: write for example 250ms, 5s, 1h30m, 2d or 1w")
    try:
        return sum((float(number) * _UNITS[unit] for number, unit in parts), timedelta())
    except OverflowError:
        raise ValueError(f"{text!r} is too long a duration") from None


def written(span: timedelta) -> str:
    """The duration as :func:`duration` reads it, largest units first."""
    left = round(span / timedelta(milliseconds=1))
    if left == 0:
        return "0s"
    text = ""
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)):
        count, left = divmod(left, size)
        text += f"{count}{unit}" if count else ""
    return text


def years_before(moment: datetime, years: int) -> datetime:
    """The same moment in an earlier year; the 29th of February has the 28th there."""
    day = 28 if (moment.month, moment.day) == (2, 29) else moment.day
    return moment.replace(year=moment.year - years, day=day)
