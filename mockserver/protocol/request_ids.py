"""Request ids: a UUID for every answer (concepts.md §5), the same at every replay, and cheap."""

from __future__ import annotations

from typing import Final

from mockserver.kernel.ids import Ids

_SCATTER: Final = 0x9E3779B1
"""Odd, so that the first 2**32 numbers give as many different beginnings; large, so that neighbours look different."""


class RequestIds:
    """The request ids of one world, a part of it: one id of its stream, with the beginning counted on."""

    def __init__(self, ids: Ids) -> None:
        first = ids.new("request")
        self._start, self._rest = int(first[:8], 16), first[8:]
        self._count = 0

    def new(self) -> str:
        self._count = count = self._count + 1
        return f"{(self._start + count * _SCATTER) & 0xFFFFFFFF:08x}{self._rest}"

    def snapshot(self) -> int:
        return self._count

    def restore(self, state: int) -> None:
        self._count = state
