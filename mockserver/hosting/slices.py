"""Long work in slices: the event loop turns between two of them, so that everybody else is served meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, TypeVar

from mockserver.kernel import system
from mockserver.kernel.garbage import gc_paused

if TYPE_CHECKING:
    from mockserver.kernel.moves import Cause
    from mockserver.kernel.world import World

ENDED: Final = object()

T = TypeVar("T")
V = TypeVar("V")

SLICE: Final = 0.004
"""Seconds of work between two pauses."""

PASSED_OVER: Final = 100
"""Items that are not shown, after which a pause may be made."""

TURNS: Final = 3
"""Turns of the event loop in a pause: a request takes one to be read, one to be handled and one to be written."""


class Slices:
    """Tells when a slice of work is over, and lets the event loop turn."""

    def __init__(self, length: float = SLICE) -> None:
        self.length = length
        """Seconds; 0: pause wherever the work may pause."""
        self._end = 0.0

    def begin(self) -> None:
        """A slice begins: the event loop has just turned."""
        self._end = system.stopwatch() + self.length

    @property
    def over(self) -> bool:
        return system.stopwatch() >= self._end

    async def pause(self) -> None:
        """Let the event loop turn; the next slice begins after it."""
        for _ in range(TURNS):
            await asyncio.sleep(0)
        self.begin()


async def in_slices(work: Generator[Any, None, T], slices: Slices | None = None) -> T:
    """The result of a generator that yields wherever it may pause; whoever goes away ends it."""
    slices = slices or Slices()
    slices.begin()
    try:
        while True:
            with gc_paused():
                while True:
                    try:
                        next(work)
                    except StopIteration as end:
                        result: T = end.value
                        return result
                    if slices.over:
                        break
            await slices.pause()
    finally:
        work.close()


async def mapped(view: Callable[[T], V], items: Iterable[T], where: Callable[[T], bool]) -> list[V]:
    """The views of those items, made in slices. Of versions, which nobody changes, they are one answer all the same."""

    def made() -> Generator[None, None, list[V]]:
        views: list[V] = []
        for number, item in enumerate(items):
            if where(item):
                views.append(view(item))
                yield
            elif number % PASSED_OVER == 0:
                yield
        return views

    return await in_slices(made())


def kept_parts(world: World, parts: Iterator[None], by: Cause | None) -> Generator[None, None, None]:
    """Each part is a transaction of its own: it stays once it is done."""
    while True:
        outer, world.under_way = world.under_way, by
        try:
            with world.transaction():
                if next(parts, ENDED) is ENDED:
                    return
        finally:
            world.under_way = outer
        yield
