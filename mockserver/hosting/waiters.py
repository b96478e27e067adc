"""Who waits for what happens in one world: bounded, woken by its feed, ended when the world is removed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from mockserver.hosting.refusals import TOO_MANY_READERS, TOO_MANY_WAITS

if TYPE_CHECKING:
    from mockserver.kernel.feed import Feed

MOST_WAITS: Final = 100
"""Commands that wait in one world at the same time."""
MOST_READERS: Final = 200
"""Readers of the feed of one world at the same time."""


class Waiters:
    """The commands that wait and the readers of the feed; the feed calls them only while there is one."""

    def __init__(self, feed: Feed) -> None:
        self.ended: str | None = None
        """Why nothing more comes: the world was removed, or its server stops."""
        self.rendered: dict[Any, bytes] = {}
        """Entries of the feed as they are sent: made once, whatever the number of readers; empty without any."""
        self._feed = feed
        self._waits: set[asyncio.Event] = set()
        self._readers: set[asyncio.Event] = set()
        self._woken = False

    def __len__(self) -> int:
        return len(self._waits) + len(self._readers)

    @contextmanager
    def joined(self) -> Iterator[asyncio.Event]:
        """Wait with the others: the event is set whenever there is something to look at. Too many are refused."""
        if len(self._waits) >= MOST_WAITS:
            raise TOO_MANY_WAITS.refuse(limit=MOST_WAITS)
        with self._among(self._waits) as woken:
            yield woken

    @contextmanager
    def reading(self) -> Iterator[asyncio.Event]:
        """Read the feed with the others; the same."""
        if len(self._readers) >= MOST_READERS:
            raise TOO_MANY_READERS.refuse(limit=MOST_READERS)
        try:
            with self._among(self._readers) as woken:
                yield woken
        finally:
            if not self._readers:
                self.rendered.clear()

    @contextmanager
    def _among(self, events: set[asyncio.Event]) -> Iterator[asyncio.Event]:
        woken, loop = asyncio.Event(), asyncio.get_running_loop()

        def heard() -> None:
            if not self._woken:  # once a turn of the event loop, whatever happens in it
                self._woken = True
                loop.call_soon(self.wake)

        events.add(woken)
        self._feed.heard = heard
        try:
            yield woken
        finally:
            events.discard(woken)
            if not len(self):
                self._feed.heard = None

    def wake(self) -> None:
        """Let all of them look again."""
        self._woken = False
        for woken in (*self._waits, *self._readers):
            woken.set()

    def close(self, reason: str) -> None:
        """Nothing more comes: nobody waits any longer."""
        self.ended = reason
        self.wake()
