"""What a world was asked and what it answered: a bounded record, for looking at and for assertions."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import chain, islice
from typing import Final, NamedTuple

from multidict import CIMultiDict

from mockserver.protocol.masking import masked
from mockserver.protocol.redaction import Secrets

MOST_ENTRIES: Final = 10_000
MOST_BYTES: Final = 32_000_000
"""All entries together: path, query, headers, body, answer, and the objects around them. Beyond either bound the
oldest entries are dropped."""
ENTRY_BYTES: Final = 500
"""The memory of an entry beside its texts: a tuple of eleven, the heads of seven objects and the time, measured."""


class Entry(NamedTuple):
    """One request and its answer, secrets masked."""

    number: int
    """Counts from 1; never used twice, not even after a reset."""
    at: datetime
    """The world's time."""
    method: str
    path: str
    query: str
    operation: str | None
    """The operation of the contract, ``None`` for an unknown path or a wrong method."""
    headers: Mapping[str, str]
    body: bytes
    status: int
    request_id: str
    answer: bytes
    refusal: str | None
    """The name of the rule that refused the request."""


RawHeaders = tuple[tuple[bytes, bytes], ...]

Recorded = tuple[datetime, str, str, str, str | None, bytes, bytes, int, str, bytes, str | None]  # 6: body, 9: answer
"""An :class:`Entry` without its number: what is kept, since most entries are never looked at.

The headers are one piece, names and values in turn, each in a line: two dozen small objects that came with the request
can go with it, and the next one finds their place still in the processor's cache.
"""


def headers_of(raw: RawHeaders) -> bytes:
    """The headers of a request as they are kept; HTTP lets no line break into any."""
    return b"\n".join(chain.from_iterable(raw))


class Journal:
    """The last requests of one client; ``secrets`` are shown in none of them."""

    def __init__(self, secrets: Secrets | None = None) -> None:
        self._secrets = secrets or Secrets()
        self._kept: deque[Recorded] = deque()
        self._bytes = 0
        self._number = 0
        self.heard: Callable[[], object] | None = None
        """Told of each request once it is kept; ``None`` where nobody waits for any."""

    def add(self, recorded: Recorded) -> None:
        """Keep a request and its answer."""
        kept = self._kept
        self._number += 1
        kept.append(recorded)
        self._bytes += _size(recorded)
        while len(kept) > MOST_ENTRIES or self._bytes > MOST_BYTES:
            self._bytes -= _size(kept.popleft())
        if self.heard is not None:
            self.heard()

    @property
    def end(self) -> int:
        """The number of the last entry, kept or not; 0 before the first."""
        return self._number

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.since(0))

    def since(self, number: int) -> list[Entry]:
        """The entries after the entry ``number``."""
        return [self.entry(*kept) for kept in self.kept_since(number)]

    def kept_since(self, number: int) -> list[tuple[int, Recorded]]:
        """The same as they are kept, with their numbers: nothing is read out of them yet."""
        first = self._number - len(self._kept) + 1
        skipped = max(0, number + 1 - first)
        return list(enumerate(islice(self._kept, skipped, None), first + skipped))

    def entry(self, number: int, recorded: Recorded) -> Entry:
        """An entry from what is kept of it."""
        return masked(_entry(number, recorded), self._secrets)

    def naming(self, identity: str, limit: int = 100) -> list[Entry]:
        """The last entries with a text in the path, the query, the body or the answer."""
        text = identity.encode()
        first = self._number - len(self._kept) + 1
        found: deque[Entry] = deque(maxlen=limit)
        for number, recorded in enumerate(self._kept, first):
            _, _, path, query, _, _, body, _, _, answer, _ = recorded
            if identity in path or identity in query or text in body or text in answer:
                found.append(_entry(number, recorded))
        return [masked(entry, self._secrets) for entry in found]

    def clear(self) -> None:
        self._kept.clear()
        self._bytes = 0


def _size(recorded: Recorded) -> int:
    _, _, path, query, _, headers, body, _, _, answer, _ = recorded
    return ENTRY_BYTES + len(path) + len(query) + len(headers) + len(body) + len(answer)


def _entry(number: int, recorded: Recorded) -> Entry:
    at, method, path, query, operation, raw, body, status, request_id, answer, refusal = recorded
    lines = iter(_text(raw).split("\n") if raw else ())
    headers = CIMultiDict(zip(lines, lines, strict=True))
    return Entry(number, at, method, path, query, operation, headers, body, status, request_id, answer, refusal)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
