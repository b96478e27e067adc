"""Orders that are kept: a list is sorted once, and afterwards told what changed, so that a page of it is only cut out.

A change costs next to nothing until somebody reads the order again; then what changed meanwhile is put in its places.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any, Final, Generic, TypeVar

R = TypeVar("R")

FEW: Final = 16
"""Changes that are put in place one by one whatever the length; of a long list one in so many may be."""


class SortedView(Generic[R]):
    """The rows of a table, or of one key of an index, by the attributes ``names``; the last one tells rows apart."""

    __slots__ = ("_key", "_rows", "_stale")

    def __init__(self, rows: Iterable[R], names: tuple[str, ...]) -> None:
        self._key: Callable[[Any], Any] = attrgetter(*names)
        self._rows = sorted(rows, key=self._key)
        self._stale: dict[str, R | None] = {}  # by identity: the version that is in the list, if one is

    def changed(self, identity: str, old: R | None) -> bool:
        """A row is no longer what it was. ``False``: so much has changed that the order is not worth keeping."""
        self._stale.setdefault(identity, old)
        return len(self._stale) <= FEW + len(self._rows) // FEW

    def read(self, now: Callable[[str], R | None]) -> list[R]:
        """The rows in order; ``now``: the version of an identity that belongs here, if one does.

        The list is this order's own. It is for reading, and for as long as nothing changes.
        """
        rows, key = self._rows, self._key
        for identity, old in self._stale.items():
            new = now(identity)
            place = -1 if old is None else self._place(old)
            if place < 0:
                if new is not None:
                    insort(rows, new, key=key)
            elif new is not None and key(new) == key(old):
                rows[place] = new
            else:
                del rows[place]
                if new is not None:
                    insort(rows, new, key=key)
        self._stale.clear()
        return rows

    def _place(self, row: R) -> int:
        """Where exactly this version is; -1 where it is not, since it does not belong here."""
        rows, key = self._rows, self._key
        place = bisect_left(rows, key(row), key=key)
        while place < len(rows) and key(rows[place]) == key(row):
            if rows[place] is row:
                return place
            place += 1
        return -1
