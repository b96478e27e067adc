"""An event loop in a thread of its own, for servers that a synchronous test talks to."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, Self, TypeVar

T = TypeVar("T")


class Backstage:
    """The thread runs from the first :meth:`call` on until :meth:`stop`. It never keeps the program from ending."""

    def __init__(self, name: str = "mockserver") -> None:
        self._name = name
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: asyncio.Event | None = None

    @property
    def running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine there, and wait for its result."""
        if not self.running:
            self._start()
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def stop(self) -> None:
        """End the loop and wait for the thread; tasks that still run are cancelled."""
        thread, loop, end = self._thread, self._loop, self._end
        self._thread = self._loop = self._end = None
        if thread is not None and loop is not None and end is not None and thread.is_alive():
            loop.call_soon_threadsafe(end.set)
            thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _start(self) -> None:
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), name=self._name, daemon=True)
        self._thread.start()
        ready.wait()

    def _run(self, ready: threading.Event) -> None:
        asyncio.run(self._wait(ready))

    async def _wait(self, ready: threading.Event) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        end = self._end
        ready.set()
        await end.wait()
