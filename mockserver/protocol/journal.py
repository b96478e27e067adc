"""What a world was asked and what it answered: a bounded record, for looking at and for assertions."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import chain, islice
from typing import Final, NamedTuple

from multidict import CIMultiDict

from mockserver.kernel.feed import Feed
from mockserver.kernel.rules import Rule
from mockserver.protocol.masking import masked
from mockserver.protocol.redaction import Secrets

MOST_ENTRIES: Final = 10_000
MOST_BYTES: Final = 32_000_000
"""All entries together: path, query, headers, body, answer, and the objects around them. Beyond either bound the
oldest entries are dropped."""
ENTRY_BYTES: Final = 640
"""The memory of an entry beside its texts: a tuple of fifteen, the heads of seven objects and three times, measured."""

NO_HEADERS: Final[Mapping[str, str]] = {}


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
    rule: Rule | None = None
    """The rule itself; ``None`` also for what a fault answered."""
    answer_headers: Mapping[str, str] = NO_HEADERS
    """The headers of the answer, without those of the connection."""
    began: datetime | None = None
    """The machine's time at which it was carried out; ``None``: it did not come so far. No replay repeats it."""
    ended: datetime | None = None
    """The machine's time of its answer."""


RawHeaders = tuple[tuple[bytes, bytes], ...]

How = tuple[Rule | str | None, str | None, Mapping[str, str], datetime | None, datetime | None]
"""How it was answered: by which rule or fault, with which media type and headers, and between which of the machine's
times."""

Recorded = tuple[
    datetime,
    str,
    str,
    str,
    str | None,
    bytes,
    bytes,  # 6: body
    int,
    str,
    bytes,  # 9: answer
    How,
]
"""An :class:`Entry` without its number: what is kept, since most entries are never looked at.

The headers are one piece, names and values in turn, each in a line: two dozen small objects that came with the request
can go with it, and the next one finds their place still in the processor's cache.
"""


def headers_of(raw: RawHeaders) -> bytes:
    """The headers of a request as they are kept; HTTP lets no line break into any."""
    return b"\n".join(chain.from_iterable(raw))


class Journal:
    """The last requests of one client; ``secrets`` are shown in none of them. Each is an entry of the ``feed``, too."""

    def __init__(self, secrets: Secrets | None = None, feed: Feed | None = None) -> None:
        self._secrets = secrets or Secrets()
        self._feed = feed or Feed()
        self._kept: deque[Recorded] = deque()
        self._bytes = 0
        self._number = 0

    def add(self, recorded: Recorded) -> None:
        """Keep a request and its answer."""
        kept = self._kept
        self._number += 1
        kept.append(recorded)
        self._bytes += _size(recorded)
        while len(kept) > MOST_ENTRIES or self._bytes > MOST_BYTES:
            self._bytes -= _size(kept.popleft())
            self._feed.trim()
        self._feed.append(self._number)

    def following(self) -> int:
        """The number of the next entry: of the request that is answered now."""
        return self._number + 1

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
            if _names(recorded, identity, text):
                found.append(_entry(number, recorded))
        return [masked(entry, self._secrets) for entry in found]

    def names(self, number: int, identity: str) -> bool:
        """Whether the entry of that number is kept and has a text in the path, the query, the body or the answer."""
        kept = self.kept_since(number - 1)[:1]
        return bool(kept) and kept[0][0] == number and _names(kept[0][1], identity, identity.encode())

    def clear(self) -> None:
        self._kept.clear()
        self._bytes = 0


def _size(recorded: Recorded) -> int:
    _, _, path, query, _, headers, body, _, _, answer, _ = recorded
    return ENTRY_BYTES + len(path) + len(query) + len(headers) + len(body) + len(answer)


def _names(recorded: Recorded, identity: str, text: bytes) -> bool:
    _, _, path, query, _, _, body, _, _, answer, _ = recorded
    return identity in path or identity in query or text in body or text in answer


def _entry(number: int, recorded: Recorded) -> Entry:
    at, method, path, query, operation, raw, body, status, request_id, answer, how = recorded
    refused, kind, others, began, ended = how
    lines = iter(_text(raw).split("\n") if raw else ())
    headers = CIMultiDict(zip(lines, lines, strict=True))
    rule, refusal = (refused, refused.name) if isinstance(refused, Rule) else (None, refused)
    sent = {"upvest-request-id": request_id, **({} if kind is None else {"content-type": kind}), **others}
    asked = (number, at, method, path, query, operation, headers, body)
    return Entry(*asked, status, request_id, answer, refusal, rule, sent, began, ended)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
