"""A timeout that counts only the time in which the event loop could have seen an answer."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Final, Self

STEPS: Final = 20
"""Ticks that a timeout is counted in. A tick that is late counts as one all the same."""

TURNS: Final = 3
"""Turns of the event loop after the last tick, in which what has arrived meanwhile is read."""


class PatientTimeout:
    """Raises ``TimeoutError`` after so many seconds, as :func:`asyncio.timeout` does.

    Unlike that one it does not count how long the event loop stood still, because some other work took long: what a
    receiver answered meanwhile has arrived, and is looked at first.
    """

    def __init__(self, seconds: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._step = seconds / STEPS
        self._left = STEPS
        self._timeout = asyncio.timeout(None)
        self._handle: asyncio.Handle | None = None

    async def __aenter__(self) -> Self:
        await self._timeout.__aenter__()
        self._handle = self._loop.call_later(self._step, self._tick)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._handle is not None:
            self._handle.cancel()
        await self._timeout.__aexit__(kind, error, trace)  # raises TimeoutError in place of what it cancelled

    def _tick(self) -> None:
        self._left -= 1
        if self._left > 0:
            self._handle = self._loop.call_later(self._step, self._tick)
        elif self._left > -TURNS:
            self._handle = self._loop.call_soon(self._tick)
        else:
            self._timeout.reschedule(self._loop.time())
