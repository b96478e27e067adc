"""The commands that wait for requests in one world: bounded, woken by what happens, ended when the world is removed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from mockserver.hosting.refusals import TOO_MANY_WAITS

if TYPE_CHECKING:
    from mockserver.protocol.journal import Journal

MOST_WAITS: Final = 100
"""Commands that wait in one world at the same time."""


class Waiters:
    """Who waits for requests of one world; its journal tells them only while somebody does."""

    def __init__(self, journal: Journal) -> None:
        self.removed = False
        """Whether the world is gone."""
        self._journal = journal
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
        self._journal.heard = self.wake
        try:
            yield woken
        finally:
            self._woken.discard(woken)
            if not self._woken:
                self._journal.heard = None

    def wake(self) -> None:
        """Let all of them look again."""
        for woken in self._woken:
            woken.set()

    def close(self) -> None:
        """The world is removed: nobody waits any longer."""
        self.removed = True
        self.wake()
