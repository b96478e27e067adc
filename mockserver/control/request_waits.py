"""Waiting for requests of a client: until they are in the journal, or nothing is under way that could bring them.

Under way is whatever may still make the client under test send a request without another command:

* a running clock, a command that moves a frozen one, a delivery that is not answered yet;
* a request of the client that is not answered yet;
* a delivery that was sent since the mark: its receiver may have acknowledged it at once, and work on.

Nobody looks again and again: the feed, the end of a move and the end of the world wake who waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from mockserver.control.feed import waiters_of
from mockserver.control.refusals import WORLD_REMOVED
from mockserver.control.verification import Miss, Pattern, misses, nearest
from mockserver.protocol.journal import Entry

if TYPE_CHECKING:
    from mockserver.hosting.tenants import Tenant


TEST: Final = "test_webhook"
"""The operation that sends a webhook at once."""


class Found(NamedTuple):
    """What a wait came to."""

    matched: list[Entry]
    looked_at: int
    """Requests that were compared."""
    nearest: list[Miss]
    reason: str | None
    """Why it ended with too few; ``None``: there are enough."""


async def wait(
    tenant: Tenant, asked: Pattern, count: int, seconds: float, left: asyncio.Future[None], *, patient: bool
) -> Found:
    """Wait until ``count`` requests fit, at most for ``seconds`` of the machine's time.

    ``patient``: also where nothing is under way. ``left`` is done when nobody is there any more to be answered: that is
    a ``ConnectionResetError``. A world that is removed meanwhile is a refusal.
    """
    look, waiters = _Look(tenant, asked), waiters_of(tenant)
    try:
        with waiters.joined() as woken, _end_of_moves(tenant, woken) as look_out:
            left.add_done_callback(lambda _: woken.set())
            async with asyncio.timeout(seconds):
                while not look.enough(count):
                    if waiters.ended is not None:
                        raise WORLD_REMOVED.refuse(world=tenant.client_id)
                    if left.done():
                        raise ConnectionResetError("the client left before what it waits for had come")
                    patient = patient or look.tested or _delivered_since(tenant, asked.since)
                    if not patient and (reason := _nothing_under_way(tenant, asked.since)) is not None:
                        return look.found(reason)
                    look_out()
                    await woken.wait()
                    woken.clear()
    except TimeoutError:
        return look.found(f"none more came within {seconds:g} s")
    return look.found(None)


class _Look:
    """The requests of the journal so far against a pattern, each looked at once."""

    def __init__(self, tenant: Tenant, asked: Pattern) -> None:
        self._journal, self._asked = tenant.journal, asked
        self._seen = asked.since
        self._matched: list[Entry] = []
        self._missed = 0
        self._nearest: list[Miss] = []
        self.tested = False
        """Whether the client had a test event sent to a webhook, which no delivery tells of."""

    def enough(self, count: int) -> bool:
        """Whether ``count`` fit, once the new ones are looked at."""
        for entry in self._journal.since(self._seen):
            self.tested = self.tested or (entry.operation == TEST and entry.status < 400)
            miss = misses(self._asked, entry)
            if miss is None:
                self._matched.append(entry)
            else:
                self._missed += 1
                self._nearest = nearest([*self._nearest, miss])
        self._seen = max(self._seen, self._journal.end)
        return len(self._matched) >= count

    def found(self, reason: str | None) -> Found:
        return Found(self._matched, len(self._matched) + self._missed, self._nearest, reason)


@contextmanager
def _end_of_moves(tenant: Tenant, woken: asyncio.Event) -> Iterator[Callable[[], None]]:
    """Gives a function that lets the end of a move of the clock, if one is under way, wake who waits."""
    task: asyncio.Task[None] | None = None

    def look_out() -> None:
        nonlocal task
        if tenant.driver.busy and (task is None or task.done()):
            task = asyncio.create_task(tenant.driver.quiet())
            task.add_done_callback(lambda _: woken.set())

    try:
        yield look_out
    finally:
        if task is not None:
            task.cancel()


def _nothing_under_way(tenant: Tenant, since: int) -> str | None:
    """Why no request can come where no webhook was delivered since; ``None``: one may."""
    driver = tenant.driver
    if not driver.mode.manual or driver.under_way or tenant.halted:
        return None
    mark = f"since the request #{since}" if since else "so far"
    return (
        "nothing is under way that could bring it: the clock is frozen and no command moves it, no request is waiting "
        f"for its answer, and no webhook was delivered {mark}. An application that works by itself, without a webhook, "
        "is waited for with patient: true"
    )


def _delivered_since(tenant: Tenant, number: int) -> bool:
    """Whether a delivery was sent at or after the world's time of the request ``number``."""
    outbox = tenant.outbox
    if outbox is None:
        return False
    begin = _time_of(tenant, number)
    last = (delivery.attempts[-1] for delivery in outbox.deliveries() if delivery.attempts)
    return any(begin is None or attempt.at >= begin for attempt in last)


def _time_of(tenant: Tenant, number: int) -> datetime | None:
    """The world's time of a request; ``None``: before all others, or forgotten."""
    if number > tenant.journal.end:
        return tenant.world.now
    kept = tenant.journal.kept_since(number - 1) if number else []
    return kept[0][1][0] if kept and kept[0][0] == number else None
