"""Idempotency keys: a repeated request gets the answer of the first one (concepts.md §3). Their time is wall time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from hashlib import blake2b
from typing import Final, NamedTuple

from mockserver.contract import Operation, contract
from mockserver.models import validator
from mockserver.protocol.problems import quoted
from mockserver.protocol.refusals import MALFORMED_KEY, MISSING_KEY, REUSED_KEY

KEPT_FOR: Final = timedelta(hours=24)
"""concepts.md §3 [D]: repeats are recognised for at least 24 hours."""


class Key(NamedTuple):
    """An idempotency key, and the request that came with it."""

    text: str
    operation: Operation
    path: str
    """With its query."""
    body: bytes
    now: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """A successful answer, and of which request it is."""

    operation: str
    path: str
    digest: bytes
    status: int
    body: bytes | None
    until: datetime


class Replies:
    """The successful answers of one world by idempotency key; a part of the world, so that a reset forgets them.

    Failed requests are not kept: repeated, they are executed again (concepts.md §3, inferred).
    """

    def __init__(self) -> None:
        self._sent: dict[str, Sent] = {}

    def find(self, key: Key) -> Sent | None:
        """The answer to repeat; raises a refusal when the key belongs to another request."""
        sent = self._sent.get(key.text)
        if sent is None or sent.until <= key.now:
            return None
        same = sent.operation == key.operation.id and sent.path == key.path
        if same and sent.digest == _digest(key.body):
            return sent
        difference = " with another body" if same else ""
        raise REUSED_KEY.refuse(key=key.text, operation=sent.operation, path=sent.path, difference=difference)

    def keep(self, key: Key, status: int, answer: bytes | None) -> None:
        """Remember a successful answer, and forget those whose time is over."""
        self._sent.pop(key.text, None)  # to the end: the dictionary is in the order of expiry
        until = key.now + KEPT_FOR
        self._sent[key.text] = Sent(key.operation.id, key.path, _digest(key.body), status, answer, until)
        while (oldest := next(iter(self._sent.items())))[1].until <= key.now:
            del self._sent[oldest[0]]

    def snapshot(self) -> dict[str, Sent]:
        return dict(self._sent)

    def restore(self, state: dict[str, Sent]) -> None:
        self._sent = dict(state)


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
    schema = contract().document["components"]["parameters"]["IdempotencyKey"]["schema"]
    return re.compile(schema["pattern"])


def _digest(body: bytes) -> bytes:
    return blake2b(body, digest_size=16).digest()
