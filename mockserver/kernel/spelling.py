"""Suggesting the name that was meant: the one place that words *did you mean*."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

LONGEST: Final = 200
"""Characters of a name that are compared; comparing takes time that grows with their square."""


def close(name: str, known: Iterable[str], most: int = 1, likeness: float = 0.6) -> list[str]:
    """The known names that are spelled most like ``name``, upper and lower case alike; the closest first."""
    # lazy: 1 ms and 0.3 MB, only to help with a mistake
    from difflib import get_close_matches

    by_lower = {each.lower(): each for each in sorted(known, reverse=True)}
    return [by_lower[each] for each in get_close_matches(name[:LONGEST].lower(), by_lower, most, likeness)]


def did_you_mean(
    name: str, known: Iterable[str], most: int = 1, likeness: float = 0.6, shown: Callable[[str], str] = str
) -> str:
    """`` (did you mean place_order?)``, with the space before it; empty where nothing is spelled alike."""
    found = close(name, known, most, likeness)
    return f" (did you mean {' or '.join(map(shown, found))}?)" if found else ""
