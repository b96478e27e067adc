"""How far a move of a world's clock has come, and the wish that it ends early."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mockserver.hosting.modes import Mode
    from mockserver.kernel.world import World


class ClockSet(NamedTuple):
    """A move of the clock begins or is over, or its mode was changed. A clock that runs by itself has no entries."""

    at: datetime
    mode: str
    until: datetime | None
    """Where the move ends; ``None``: it is over, or runs until the world is idle."""
    under_way: bool


class ClockMove(NamedTuple):
    """A move that is under way."""

    began: datetime
    until: datetime | None
    """``None``: until the world is idle."""


class Progress:
    """The move of one clock that is under way, if there is one."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.move: ClockMove | None = None
        self.stopped = False
        """Whether the move under way ends with the instant that is reached now, or ended so."""

    @contextmanager
    def moving(self, mode: Mode, until: datetime | None) -> Iterator[None]:
        """A move is under way inside; its begin and its end are entries of the feed."""
        world, self.stopped = self._world, False
        self.move = ClockMove(world.now, until)
        world.feed.append(ClockSet(world.now, str(mode), until, under_way=True))
        try:
            yield
        finally:
            self.move = None
            world.feed.append(ClockSet(world.now, str(mode), None, under_way=False))

    def stop(self) -> bool:
        """Let the move under way end with the instant it is in; ``False``: there is none."""
        self.stopped = self.move is not None
        return self.stopped
