"""Everything that happens in a world in one numbered order: requests, moves, events, deliveries, commands.

Only references are kept, of the last entries: whoever reads more slowly than things happen misses some and is told so,
and nobody waits for a reader.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Any, Final

MOST: Final = 10_000
"""Entries that are kept; a few more until :meth:`Feed.trim` is called."""


class Feed:
    """The last entries, each with a number that counts from 1 and never goes back, not even with a snapshot.

    An entry is what happened itself; a request, which the journal keeps, is there by its number.
    """

    __slots__ = ("_gone", "_heard", "_kept", "append")

    def __init__(self) -> None:
        self._kept: deque[Any] = deque()
        self._gone = 0
        self._heard: Callable[[], object] | None = None
        self.append: Callable[[Any], None] = self._kept.append
        """Adds an entry. While nobody listens it is the method of the list itself: a read pays for no call."""

    @property
    def end(self) -> int:
        """The number of the last entry."""
        return self._gone + len(self._kept)

    @property
    def first(self) -> int:
        """The number of the first entry that is kept."""
        return self._gone + 1

    @property
    def heard(self) -> Callable[[], object] | None:
        """What is called after each entry, in the middle of what happens; ``None`` while nobody listens."""
        return self._heard

    @heard.setter
    def heard(self, heard: Callable[[], object] | None) -> None:
        self._heard = heard
        self.append = self._kept.append if heard is None else self._append_and_call

    def take_back(self, entry: Any) -> None:
        """Remove the last entry, which a rule that failed had added."""
        if self._kept and self._kept[-1] is entry:
            self._kept.pop()

    def trim(self) -> None:
        """Drop the oldest entries beyond ``MOST``."""
        while len(self._kept) > MOST:
            self._kept.popleft()
            self._gone += 1

    def since(self, number: int, limit: int | None = None) -> list[tuple[int, Any]]:
        """The entries after ``number`` that are kept, at most ``limit`` of them, with their numbers."""
        self.trim()
        skipped = max(0, number - self._gone)
        last = None if limit is None else skipped + limit
        return list(enumerate(islice(self._kept, skipped, last), self.first + skipped))

    def _append_and_call(self, entry: Any) -> None:
        self._kept.append(entry)
        assert self._heard is not None
        self._heard()
