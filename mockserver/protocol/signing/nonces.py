"""Nonces that were used: within a window each counts once (concepts.md §2.2: that it is checked is inferred)."""

from __future__ import annotations

from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from typing import Final

MOST_NONCES: Final = 100_000
"""Remembered of one client: 300 requests a second for five minutes; beyond, the oldest are forgotten early."""
LONGEST_NONCE: Final = 256
LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Nonces:
    """The nonces of one client, by key. No part of a world: their time is wall time."""

    def __init__(self, most: int = MOST_NONCES) -> None:
        self._most = most
        self._used: OrderedDict[str, datetime] = OrderedDict()  # a dict is slow where its first is dropped ever again
        self._oldest = LONG_AGO  # of those used; perhaps of one that was used again since

    def __len__(self) -> int:
        return len(self._used)

    def use(self, key_id: str, nonce: str, now: datetime, window: timedelta) -> bool:
        """Use a nonce; ``False`` when it was used within ``window`` already."""
        used, place = self._used, f"{key_id}\n{nonce}"  # no line break in either, and no tuple to collect
        before = used.pop(place, None)
        if before is not None and now - before < window:
            used[place] = before
            return False
        used[place] = now
        if len(used) > self._most or now - self._oldest >= window:
            self._forget(now, window)
        return True

    def expire(self) -> int:
        """Forget every nonce, so that each may be used again; returns how many there were."""
        count = len(self._used)
        self._used.clear()
        return count

    def _forget(self, now: datetime, window: timedelta) -> None:
        """Forget those that are too old, and too many."""
        used = self._used
        while len(used) > self._most or now - used[next(iter(used))] >= window:
            used.popitem(last=False)
        self._oldest = used[next(iter(used))]
