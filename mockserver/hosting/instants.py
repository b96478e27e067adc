"""Whether the running instant of a world is over: in the middle of one nobody looks at it."""

from __future__ import annotations

import asyncio


class Instant:
    """A door that a move closes before the event loop turns in the middle of an instant."""

    def __init__(self) -> None:
        self.closed: asyncio.Event | None = None
        """Set when the instant is over; ``None``: it is."""
        self.awaited = False
        """Somebody waits for that."""

    def close(self) -> None:
        """The event loop is about to turn in the middle of the instant."""
        if self.closed is None:
            self.closed = asyncio.Event()

    def open(self) -> bool:
        """The instant is over; whether somebody waited for that, who goes on when the event loop turns."""
        closed, self.closed = self.closed, None
        awaited, self.awaited = self.awaited, False
        if closed is not None:
            closed.set()
        return awaited

    def busy(self) -> asyncio.Event | None:
        """What to wait for before looking at the world; ``None``: nothing."""
        if self.closed is not None:
            self.awaited = True
        return self.closed

    async def over(self) -> None:
        """Wait until the instant is over."""
        while (busy := self.busy()) is not None:
            await busy.wait()
