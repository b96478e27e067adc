"""An append-only, bounded record that a snapshot shares instead of copying."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

from mockserver.kernel.feed import Feed
from mockserver.kernel.frozen import frozen
from mockserver.kernel.undo import Undo

T = TypeVar("T")

CHUNK = 1024


@frozen
class LogState(Generic[T]):
    """A log at a moment: immutable chunks, and the position of the first and the next entry."""

    chunks: tuple[tuple[T, ...], ...]
    first: int
    end: int


class Log(Generic[T]):
    """Entries in order, each with a position that never changes; beyond ``limit`` the oldest are dropped.

    Each is an entry of the ``feed``, too.
    """

    def __init__(self, undo: Undo, limit: int = 100_000, feed: Feed | None = None) -> None:
        self._undo = undo
        self._feed = feed
        self._limit = max(limit, CHUNK)
        self._chunks: tuple[tuple[T, ...], ...] = ()
        self._tail: list[T] = []
        self._first = 0
        self.end = 0
        """The position that the next entry will get."""

    def append(self, entry: T) -> None:
        self._tail.append(entry)
        self.end += 1
        self._undo.note(self._take_back)
        if self._feed is not None:
            self._feed.append(entry)
        if len(self._tail) >= CHUNK:
            self._close_chunk()

    def __len__(self) -> int:
        return self.end - self._first

    def __iter__(self) -> Iterator[T]:
        for chunk in self._chunks:
            yield from chunk
        yield from tuple(self._tail)

    def since(self, position: int) -> list[T]:
        """The entries from ``position`` on that are still kept."""
        start = self.end - len(self._tail)
        if position >= start:
            return self._tail[position - start :]
        entries: list[T] = []
        at = self._first
        for chunk in self._chunks:
            if at + len(chunk) > position:
                entries.extend(chunk[max(position - at, 0) :])
            at += len(chunk)
        entries.extend(self._tail)
        return entries

    def snapshot(self) -> LogState[T]:
        self._close_chunk()
        return LogState(self._chunks, self._first, self.end)

    def restore(self, state: LogState[T]) -> None:
        self._chunks, self._first, self.end = state.chunks, state.first, state.end
        self._tail = []

    def _close_chunk(self) -> None:
        if not self._tail:
            return
        self._chunks += (tuple(self._tail),)
        self._tail = []
        if self._feed is not None:
            self._feed.trim()
        while len(self._chunks) > 1 and len(self) - len(self._chunks[0]) >= self._limit:
            self._undo.note(self._regain, self._chunks[0])
            self._first += len(self._chunks[0])
            self._chunks = self._chunks[1:]

    def _regain(self, chunk: tuple[T, ...]) -> None:
        self._chunks = (chunk, *self._chunks)
        self._first -= len(chunk)

    def _take_back(self) -> None:
        if not self._tail:
            self._tail = list(self._chunks[-1])
            self._chunks = self._chunks[:-1]
        taken = self._tail.pop()
        self.end -= 1
        if self._feed is not None:
            self._feed.take_back(taken)
