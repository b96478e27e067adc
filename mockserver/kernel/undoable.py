"""Entries by key whose changes a failing rule takes back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

from mockserver.kernel.undo import Undo

V = TypeVar("V")


class Entries(Generic[V]):
    """A dictionary that notes how to undo each of its changes; a snapshot is a copy."""

    __slots__ = ("_undo", "_values")

    def __init__(self, undo: Undo) -> None:
        self._undo = undo
        self._values: dict[str, V] = {}

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def __getitem__(self, key: str) -> V:
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def get(self, key: str) -> V | None:
        return self._values.get(key)

    def put(self, key: str, value: V) -> V:
        """Set an entry; returns it."""
        self._undo.note(self._put_back, key, self._values.get(key))
        self._values[key] = value
        return value

    def pop(self, key: str) -> V | None:
        """Take an entry away; ``None`` when there was none."""
        old = self._values.pop(key, None)
        if old is not None:
            self._undo.note(self._put_back, key, old)
        return old

    def snapshot(self) -> dict[str, V]:
        return dict(self._values)

    def restore(self, state: dict[str, V]) -> None:
        self._values = dict(state)

    def _put_back(self, key: str, old: V | None) -> None:
        if old is None:
            self._values.pop(key, None)
        else:
            self._values[key] = old
