"""Idempotency keys: a repeated request gets the answer of the first one (concepts.md §3). Their time is wall time."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from hashlib import blake2b
from typing import Final, NamedTuple

from mockserver.contract import Operation, contract
from mockserver.kernel.frozen import frozen
from mockserver.kernel.quoting import quoted
from mockserver.models import validator
from mockserver.protocol.refusals import MALFORMED_KEY, MISSING_KEY, REUSED_KEY

KEPT_FOR: Final = timedelta(hours=24)
"""concepts.md §3 [D]: repeats are recognised for at least 24 hours."""

MOST_REPLIES: Final = 100_000
MOST_BYTES: Final = 64_000_000
"""Answers of one client that are kept, and their bytes with those of their paths; beyond either bound the oldest are
dropped within the 24 hours, and a repeat of such a request is carried out again (the mock's own limits)."""
REPLY_BYTES: Final = 500
"""The memory of an answer beside its texts: key, digest, time, the place in the dictionary."""


class Key(NamedTuple):
    """An idempotency key, and the request that came with it."""

    text: str
    operation: Operation
    path: str
    """With its query."""
    body: bytes
    now: datetime


@frozen
class Sent:
    """A successful answer, and of which request it is."""

    operation: str
    path: str
    digest: bytes
    status: int
    body: bytes | None
    until: datetime

    @property
    def size(self) -> int:
        """Bytes of memory, about."""
        return REPLY_BYTES + len(self.path) + len(self.body or b"")


class Kept(NamedTuple):
    """The answers of a snapshot, and their bytes."""

    sent: OrderedDict[str, Sent]
    size: int


class Running:
    """A request that is not answered yet, because it waits for somebody else."""

    __slots__ = ("digest", "key", "operation", "over", "path")

    def __init__(self, key: Key) -> None:
        self.key = key.text
        self.operation = key.operation.id
        self.path = key.path
        self.digest = _digest(key.body)
        self.over = asyncio.Event()


class Replies:
    """The successful answers of one world by idempotency key; a part of the world, so that a reset forgets them.

    Failed requests are not kept: repeated, they are executed again (concepts.md §3, inferred). One that is repeated
    before it is answered waits for that answer (unpublished, inferred). A world that is restored meanwhile knows
    nothing of it: what it did is gone.
    """

    def __init__(self) -> None:
        self._sent: OrderedDict[str, Sent] = OrderedDict()  # a dict is slow where its first is dropped ever again
        self._bytes = 0
        self._shared = False  # with a snapshot: to be copied before it is changed
        self._running: dict[str, Running] = {}

    def find(self, key: Key) -> Sent | Running | None:
        """The answer to repeat, or who will have it; raises a refusal when the key belongs to another request."""
        first: Sent | Running | None = self._running.get(key.text)
        if first is None:
            first = sent = self._sent.get(key.text)
            if sent is None or sent.until <= key.now:
                return None
        assert first is not None
        same = first.operation == key.operation.id and first.path == key.path
        if same and first.digest == _digest(key.body):
            return first
        difference = " with another body" if same else ""
        raise REUSED_KEY.refuse(key=key.text, operation=first.operation, path=first.path, difference=difference)

    def begin(self, key: Key) -> Running:
        """Note that the answer takes some time; :meth:`end` has to follow."""
        running = self._running[key.text] = Running(key)
        return running

    def running(self, running: Running) -> bool:
        """Whether a request that began still belongs to this world: not when the world was restored since."""
        return self._running.get(running.key) is running

    def end(self, running: Running) -> None:
        """Let go on who waits, whether an answer was kept or not."""
        if self.running(running):
            del self._running[running.key]
        running.over.set()

    def keep(self, key: Key, status: int, answer: bytes | None) -> None:
        """Remember a successful answer, and forget those whose time is over."""
        self._own()
        kept = self._sent
        before = kept.pop(key.text, None)  # to the end: the dictionary is in the order of expiry
        until = key.now + KEPT_FOR
        kept[key.text] = sent = Sent(key.operation.id, key.path, _digest(key.body), status, answer, until)
        self._bytes += sent.size - (0 if before is None else before.size)
        while (oldest := next(iter(kept.values()))).until <= key.now or self._too_much(len(kept)):
            kept.popitem(last=False)
            self._bytes -= oldest.size

    def __iter__(self) -> Iterator[tuple[str, Sent]]:
        """Every key with its answer, in the order of their requests."""
        return iter(self._sent.items())

    def __len__(self) -> int:
        return len(self._sent)

    def expire(self, key: str) -> None:
        """Forget an answer before its time is over; ``KeyError`` where there is none of that key."""
        self._own()
        self._bytes -= self._sent.pop(key).size

    def _own(self) -> None:
        """Copy what is shared with a snapshot, before it is changed."""
        if self._shared:
            self._sent, self._shared = self._sent.copy(), False

    def _too_much(self, count: int) -> bool:
        return count > 1 and (count > MOST_REPLIES or self._bytes > MOST_BYTES)

    def snapshot(self) -> Kept:
        self._shared = True
        return Kept(self._sent, self._bytes)

    def restore(self, state: Kept) -> None:
        (self._sent, self._bytes), self._shared = state, True
        self._running = {}


def key_of(header: str | None) -> str:
    """The idempotency key in its normal form; raises a refusal when it is missing or malformed."""
    if header is None or not header.strip():
        raise MISSING_KEY.refuse()
    key = header.strip()
    if _pattern().fullmatch(key) is None:
        raise MALFORMED_KEY.refuse(key=quoted(key))
    return str(validator("Uuid").validate_python(key))


@cache
def _pattern() -> re.Pattern[str]:
    """UUIDs of the versions 0 to 5 (concepts.md §3 [S])."""
    return re.compile(contract().idempotency_key)


def _digest(body: bytes) -> bytes:
    return blake2b(body, digest_size=16).digest()
