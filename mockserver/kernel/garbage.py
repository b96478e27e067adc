"""What the garbage collector need not look through: large amounts of new objects, and cycles through exceptions."""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

E = TypeVar("E", bound=BaseException)
T = TypeVar("T")

MUCH: Final = 2_000
"""Objects from which on what was made counts as old at once."""
MOST_UNSEEN: Final = 1_000_000
"""Objects, about 150 MB, that may count as old before the next large world has them looked through."""


def without_frames(error: E) -> E:
    """The same exception without its traceback, causes and contexts: for one that outlives its handler.

    An exception refers to the frames it went through, and each frame to its caller. Kept by anything that one of these
    refers to, it closes a reference cycle: all that the frames hold, the body of a request too, then stays until the
    garbage collector comes by, which counts objects and not bytes.
    """
    linked: list[BaseException | None] = [error]
    while linked:
        each = linked.pop()
        if each is not None:
            linked += each.__context__, each.__cause__
            each.__traceback__ = each.__context__ = each.__cause__ = None
    return error


class Unseen:
    """How many objects count as old though no collection has looked at them yet.

    One for the process, as its garbage collector is: that knows nothing of them, and would put a full collection off.
    """

    def __init__(self) -> None:
        self.count = 0
        self.seen = 0
        """How many were alive when everything was looked through last."""

    def age(self) -> None:
        """Make all that is young count as old, and look at none of it: a few microseconds."""
        self.count += gc.get_count()[0]
        gc.freeze()
        gc.unfreeze()

    def look_through(self) -> None:
        """Collect everything, if as much came unseen as was seen last: worlds that nobody uses any more are there."""
        if self.count <= max(MOST_UNSEEN, self.seen):
            return
        gc.collect()
        gc.freeze()
        self.count, self.seen = 0, gc.get_freeze_count()
        gc.unfreeze()


UNSEEN: Final = Unseen()


@contextmanager
def gc_paused() -> Iterator[None]:
    """Nothing is collected meanwhile: for work that makes much that stays, and no garbage.

    Of making a world of 4,000 accounts collecting is 60 % of the time, and more of larger ones; of a hundred nights of
    valuations it is half. Much that was made counts as old at its end, so that no collection of what is young looks
    through it then: after a night of 2,000 accounts that takes 25 ms.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            if gc.get_count()[0] > MUCH:
                UNSEEN.age()
            gc.enable()


def at_once(work: Generator[object, None, T]) -> T:
    """The result of a generator that may pause but does not, with nothing collected meanwhile."""
    with gc_paused():
        while True:
            try:
                next(work)
            except StopIteration as end:
                result: T = end.value
                return result
