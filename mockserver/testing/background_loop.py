"""An event loop in a thread of its own, for servers that a synchronous test talks to."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Coroutine
from concurrent.futures import CancelledError, Future, InvalidStateError
from contextlib import suppress
from typing import Any, Self, TypeVar

from mockserver.kernel import system
from mockserver.testing.sockets import advice

T = TypeVar("T")


class BackgroundLoopError(RuntimeError):
    """The thread could not start, or ended on its own; the text says why."""


class BackgroundLoop:
    """The thread runs from the first :meth:`call` on until :meth:`stop`. It never keeps the program from ending.

    An exception that keeps the thread from starting, or ends it later, is raised as :class:`BackgroundLoopError` by
    the call that waits for it and by every later one. The loop's time is the machine's,
    also while a test has frozen its own.
    """

    def __init__(self, name: str = "mockserver") -> None:
        self._name = name
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: asyncio.Event | None = None
        self._failure: BaseException | None = None
        self._lock = threading.Lock()
        self._pending: set[Future[Any]] = set()

    @property
    def running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine there, and wait for its result."""
        try:
            if self._thread is None:
                self._start()
            future = self._submit(work)
        except BaseException:
            work.close()
            raise
        try:
            return future.result()
        except CancelledError:
            if self._failure is None:
                raise
            raise self._ended() from self._failure  # an ending loop cancels what runs in it
        finally:
            self._pending.discard(future)

    def stop(self) -> None:
        """End the loop and wait for the thread; tasks that still run are cancelled."""
        thread, loop, end = self._thread, self._loop, self._end
        self._thread = self._loop = self._end = None
        if thread is not None and loop is not None and end is not None and thread.is_alive():
            with suppress(RuntimeError):  # it has ended by itself meanwhile
                loop.call_soon_threadsafe(end.set)
            thread.join()
        self._failure = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _start(self) -> None:
        try:
            socket.socket().close()  # where none can be had, a loop would be left half made: it is refused before
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            raise self._unstartable(error) from error
        ready = threading.Event()
        thread = threading.Thread(target=self._run, args=(ready,), name=self._name, daemon=True)
        thread.start()
        ready.wait()
        failure = self._failure
        if failure is None:
            self._thread = thread
            return
        thread.join()
        self._failure = self._loop = self._end = None  # the next call tries again
        raise self._unstartable(failure) from failure

    def _submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        with self._lock:
            if self._failure is not None or self._loop is None:
                raise self._ended() from self._failure
            future = asyncio.run_coroutine_threadsafe(work, self._loop)
            self._pending.add(future)
            return future

    def _unstartable(self, error: BaseException) -> BackgroundLoopError:
        return BackgroundLoopError(f"the thread {self._name!r} could not start: {_described(error)}")

    def _ended(self) -> BackgroundLoopError:
        reason = "it was stopped" if self._failure is None else _described(self._failure)
        return BackgroundLoopError(f"the thread {self._name!r} has ended, and its servers with it: {reason}")

    def _run(self, ready: threading.Event) -> None:
        try:
            with asyncio.Runner() as runner:
                loop = runner.get_loop()
                with suppress(AttributeError):  # uvloop's has a clock of its own
                    loop.time = system.monotonic  # type: ignore[method-assign]
                try:
                    runner.run(self._wait(loop, ready))
                except BaseException as error:
                    self._fail(error)  # before the runner cancels what waits
                    raise
        except BaseException as error:  # raised in the caller's thread, not reported in this one
            self._fail(error)
        finally:
            ready.set()
            self._give_up()

    async def _wait(self, loop: asyncio.AbstractEventLoop, ready: threading.Event) -> None:
        self._loop, self._end = loop, asyncio.Event()
        end = self._end
        ready.set()
        await end.wait()

    def _fail(self, error: BaseException) -> None:
        with self._lock:
            self._failure = self._failure or error

    def _give_up(self) -> None:
        """Wake the callers that nothing will answer any more."""
        with self._lock:
            left, failure = list(self._pending), self._failure
        for future in left:
            with suppress(InvalidStateError):  # answered
                error = self._ended()
                error.__cause__ = failure
                future.set_exception(error)


def _described(error: BaseException) -> str:
    text = f"{type(error).__name__}: {error}"
    hint = advice(error)
    return text if hint is None else f"{text}\n{hint}"
