"""A webhook receiver for tests: an HTTP server on loopback that checks signatures and keeps what came.

It can misbehave as receivers do (fail, be slow, close the connection), and it can be waited for without polling.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Final, NamedTuple, Self

from aiohttp import web

from mockserver.protocol.known_names import unknown_event
from mockserver.testing.background_loop import BackgroundLoop
from mockserver.testing.bad_delivery import BadDelivery, Check
from mockserver.testing.behaviour import Answer, Behaviour
from mockserver.testing.deliveries import Verified, verify_delivery
from mockserver.testing.reachability import ReceiverAddress
from mockserver.testing.received import Event, Received, is_of

LARGEST_BODY: Final = 64 * 1024 * 1024
PATIENCE: Final = 5.0
"""Seconds that ``wait_for`` waits, unless told otherwise."""
LOOK_AGAIN: Final = 0.5
"""Seconds after which it is asked again whether anything can still come."""

VerifyKeys = Mapping[str, Any]
"""The JSON of ``GET /auth/verify_keys``."""
Keys = VerifyKeys | Callable[[], Awaitable[VerifyKeys | None]]
"""The keys, or what fetches them: asked again for a key that is not among them. ``None``: nothing is signed."""


class NotReceivedError(AssertionError):
    """What was waited for did not come; the text says what did."""


class Outlook(NamedTuple):
    """Whether the world will send anything by itself, and a line or more for people who wait."""

    hopeless: bool
    """Nothing is under way, and nothing will be without another command."""
    text: str


class Inbox:
    """What a receiver got and how it answers; all of it may be asked from any thread.

    ``keys``: what signatures are checked with; without them they are not. ``address``: the host by which the sender
    reaches this machine, and the address that is listened on; by default loopback. ``outlook``: asked, with the event
    type that is waited for, whether anything can come at all.
    """

    def __init__(
        self,
        keys: Keys | None = None,
        *,
        address: ReceiverAddress | None = None,
        outlook: Callable[[str], Outlook] | None = None,
    ) -> None:
        self.url = ""
        """Where it listens; any path below will do."""
        self.webhook_id = ""
        """Of the subscription that was made for it, if one was."""
        self._keys = keys
        self._fetched: VerifyKeys | None = None
        self._address = address or ReceiverAddress()
        self._outlook = outlook
        self._runner: web.AppRunner | None = None
        self._closing = asyncio.Event()
        self._lock = threading.Lock()
        self._received: list[Received] = []
        self._manners = Behaviour()
        self._waiting: list[tuple[str, int, Future[list[Event]]]] = []

    # --- What came ---

    @property
    def received(self) -> list[Received]:
        """Every request in order of arrival, refused ones too."""
        with self._lock:
            return list(self._received)

    @property
    def events(self) -> list[Event]:
        """The events of the bundles that were accepted, in order of arrival."""
        with self._lock:
            return self._events()

    def clear(self) -> None:
        """Forget what came."""
        with self._lock:
            self._received.clear()

    # --- How it answers ---

    def fail(self, status: int = 500, *, nth: int | None = None, times: int | None = None) -> None:
        """Answer with a status: the ``nth`` call from now on, or ``times`` calls, or all until :meth:`recover`."""
        with self._lock:
            self._manners.tell(Answer(status=status), nth, times)

    def delay(self, seconds: float, *, nth: int | None = None, times: int | None = None) -> None:
        """Let the sender wait for the answer."""
        with self._lock:
            self._manners.tell(Answer(delay=seconds), nth, times)

    def refuse(self, *, nth: int | None = None, times: int | None = None) -> None:
        """Close the connection without an answer."""
        with self._lock:
            self._manners.tell(Answer(close=True), nth, times)

    def recover(self) -> None:
        """Answer well again."""
        with self._lock:
            self._manners.forget()

    # --- Listening ---

    async def open(self) -> None:
        """Listen, in the running event loop, at a free port.

        Raises :class:`OSError` where the address to listen on is not one of this machine.
        """
        application = web.Application(client_max_size=LARGEST_BODY)
        application.router.add_route("*", "/{path:.*}", self._take)
        self._closing = asyncio.Event()
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._address.bind, 0).start()
        except OSError:
            await self.close()
            raise
        self.url = self._address.url(self._runner.addresses[0][1])

    async def close(self) -> None:
        """Stop listening; in the loop of :meth:`open`."""
        runner, self._runner = self._runner, None
        if runner is not None:
            self._closing.set()  # nobody waits for an answer that is late on purpose
            await runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        with self._lock:
            answer = self._manners.next()
        verified, problem = await self._verified(request, body)
        status = answer.status or (200 if problem is None else 401)
        url = request.rel_url
        self.keep(
            Received(
                url.raw_path,
                body,
                url.raw_query_string,
                request.headers.copy(),
                0 if answer.close else status,
                verified,
                problem,
            )
        )
        if answer.delay:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), answer.delay)
        if answer.close and request.transport is not None:
            request.transport.abort()
        return web.Response(status=status, text=None if problem is None else str(problem))

    async def _verified(self, request: web.Request, body: bytes) -> tuple[Verified | None, BadDelivery | None]:
        keys = await self._current()
        try:
            return (None if keys is None else _check(request, body, keys)), None
        except BadDelivery as problem:
            if problem.check is not Check.KEY:
                return None, problem
        keys = await self._current(again=True)  # keys rotate
        try:
            return (None if keys is None else _check(request, body, keys)), None
        except BadDelivery as problem:
            return None, problem

    async def _current(self, *, again: bool = False) -> VerifyKeys | None:
        if not callable(self._keys):
            return self._keys
        if self._fetched is None or again:
            self._fetched = await self._keys()
        return self._fetched

    # --- Waiting ---

    def keep(self, received: Received) -> None:
        """Take a request in, and tell those who wait for it."""
        with self._lock:
            self._received.append(received)
            for waiting in list(self._waiting):
                type, count, future = waiting
                found = self._found(type)
                if len(found) >= count:
                    self._waiting.remove(waiting)
                    future.set_result(found[:count])

    def _awaited(self, type: str, count: int) -> Future[list[Event]]:
        wrong = unknown_event(type)
        if wrong is not None:
            raise ValueError(wrong)
        future: Future[list[Event]] = Future()
        future.set_running_or_notify_cancel()  # so that giving up does not cancel it under the hands of the sender
        with self._lock:
            found = self._found(type)
            if len(found) >= count:
                future.set_result(found[:count])
            else:
                self._waiting.append((type, count, future))
        return future

    def _look(self, type: str, future: Future[list[Event]]) -> Outlook | None:
        """What the world says to an event that has not come, where that ends the wait; ``None``: go on waiting."""
        if self._outlook is None or future.done():
            return None
        found = self._outlook(type)
        return found if found.hopeless and not future.done() else None

    def _in_vain(
        self, type: str, count: int, timeout: float, future: Future[list[Event]], outlook: Outlook | None = None
    ) -> NotReceivedError:
        with self._lock:
            self._waiting = [waiting for waiting in self._waiting if waiting[2] is not future]
            came, received = len(self._found(type)), list(self._received)
        what = (
            f"no {type} came"
            if count == 1
            else f"only {came} of {count} {type} came"
            if came
            else f"none of {count} {type} came"
        )
        why = f"within {timeout:g} s" if outlook is None else "and nothing is under way that could bring it"
        lines = [f"{what}{' ' if outlook is None else ', '}{why}", *_summary(received)]
        if outlook is None and self._outlook is not None:
            outlook = self._outlook(type)
        if outlook is not None:
            lines.append(outlook.text)
        return NotReceivedError("\n".join(lines))

    def _found(self, type: str) -> list[Event]:
        return [event for event in self._events() if is_of(event, type)]

    def _events(self) -> list[Event]:
        return [event for received in self._received if received.accepted for event in received.events]


class Receiver(Inbox):
    """A receiver in a thread of its own, as a context: for synchronous tests."""

    _thread: BackgroundLoop | None = None

    def wait_for(self, type: str, count: int = 1, timeout: float = PATIENCE, *, patient: bool = False) -> list[Event]:
        """The first ``count`` events of a type or family, as soon as they are there.

        Raises :class:`NotReceivedError` after ``timeout`` seconds of the machine's time, and at once where nothing can
        come: the receiver belongs to a world whose clock is frozen, no command moves it, and no delivery is
        unanswered. In any thread but the main one it waits, since that one may move the clock. ``patient``: wait the
        whole ``timeout`` in any case, for a thread or a process that moves the clock later. Events of bundles that
        were not accepted do not count. A type that the API does not have is a ``ValueError``.
        """
        __tracebackhide__ = True
        future, left = self._awaited(type, count), timeout
        patient = patient or threading.current_thread() is not threading.main_thread()
        while True:
            hopeless = None if patient else self._look(type, future)
            if hopeless is not None:
                raise self._in_vain(type, count, timeout, future, hopeless)
            try:
                return future.result(min(left, LOOK_AGAIN))
            except TimeoutError:
                left -= LOOK_AGAIN
                if left <= 0:
                    raise self._in_vain(type, count, timeout, future) from None

    def __enter__(self) -> Self:
        self._thread = BackgroundLoop("mockserver receiver")
        self._thread.call(self.open())
        return self

    def __exit__(self, *_: object) -> None:
        if self._thread is not None:
            self._thread.call(self.close())
            self._thread.stop()


class AsyncReceiver(Inbox):
    """A receiver in the running event loop, as an asynchronous context."""

    async def wait_for(
        self,
        type: str,
        count: int = 1,
        timeout: float = PATIENCE,  # noqa: ASYNC109
        *,
        patient: bool = False,
    ) -> list[Event]:
        """The first ``count`` events of a type or family, as soon as they are there; see :meth:`Receiver.wait_for`.

        While the event loop has other tasks it waits: one of them may move the clock.
        """
        __tracebackhide__ = True
        future, left = self._awaited(type, count), timeout
        while True:
            alone = asyncio.all_tasks() == {asyncio.current_task()}
            hopeless = await asyncio.to_thread(self._look, type, future) if alone and not patient else None
            if hopeless is not None:
                raise self._in_vain(type, count, timeout, future, hopeless)
            try:
                return await asyncio.wait_for(asyncio.wrap_future(future), min(left, LOOK_AGAIN))
            except TimeoutError:
                left -= LOOK_AGAIN
                if left <= 0:
                    raise await asyncio.to_thread(self._in_vain, type, count, timeout, future) from None

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def _check(request: web.Request, body: bytes, keys: VerifyKeys) -> Verified:
    url = request.rel_url
    return verify_delivery(
        request.headers, body, keys, path=url.raw_path, query=url.raw_query_string, method=request.method
    )


def _summary(received: Sequence[Received]) -> list[str]:
    """What came, in a few lines."""
    if not received:
        return ["  nothing came at all"]
    accepted = Counter(event["type"] for each in received if each.accepted for event in each.events)
    lines = [f"  {count} × {type} came" for type, count in accepted.items()]
    empty = sum(each.accepted and not each.events for each in received)
    if empty:
        lines.append(f"  {empty} × a body that is no bundle came")
    refused = Counter(
        f"was refused ({each.problem})" if each.problem else f"was answered {each.status or 'not at all'}"
        for each in received
        if not each.accepted
    )
    return [*lines, *(f"  {count} × a bundle {why}" for why, count in refused.items())]
