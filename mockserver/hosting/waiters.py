"""Who waits for what happens in one world: bounded, woken by its feed, ended when the world is removed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from mockserver.hosting.refusals import TOO_MANY_WAITS

if TYPE_CHECKING:
    from mockserver.kernel.feed import Feed

MOST_WAITS: Final = 100
"""Commands that wait in one world at the same time."""


class Waiters:
    """The commands that wait and the readers of the feed; the feed calls them only while there is one."""

    def __init__(self, feed: Feed) -> None:
        self.removed = False
        """Whether the world is gone."""
        self._feed = feed
        self._woken: set[asyncio.Event] = set()

    def __len__(self) -> int:
        return len(self._woken)

    @contextmanager
    def joined(self) -> Iterator[asyncio.Event]:
        """Wait with the others: the event is set whenever there is something to look at. Too many are refused."""
        if len(self._woken) >= MOST_WAITS:
            raise TOO_MANY_WAITS.refuse(limit=MOST_WAITS)
        woken = asyncio.Event()
        self._woken.add(woken)
        self._feed.heard = self.wake
        try:
            yield woken
        finally:
            self._woken.discard(woken)
            if not self._woken:
                self._feed.heard = None

    def wake(self) -> None:
        """Let all of them look again."""
        for woken in self._woken:
            woken.set()

    def close(self) -> None:
        """The world is removed: nobody waits any longer."""
        self.removed = True
        self.wake()
