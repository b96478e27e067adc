"""What was done to a world beside its client's requests, in order: the other half of a recorded scenario."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from mockserver.hosting.modes import Mode
from mockserver.kernel.world import World
from mockserver.protocol.journal import Journal

MOST_COMMANDS: Final = 10_000
MOST_BYTES: Final = 32_000_000
"""Commands of one world that are remembered, and the bytes of their bodies; with more, its recording is given up."""


class Recorded(NamedTuple):
    """A command as a scenario has it."""

    steps: tuple[dict[str, Any], ...] = ()


NOTHING: Final = Recorded()


class Done(NamedTuple):
    """A command that was carried out."""

    number: int
    """Of the last request before its end."""
    before: datetime
    at: datetime
    """The world's time at its beginning and its end."""
    command: str
    recorded: Recorded


class Commanded(NamedTuple):
    """A command that was carried out, and may have changed the world."""

    number: int
    at: datetime
    method: str
    path: str
    steps: Sequence[Mapping[str, Any]]
    """What a recorded scenario has in its place."""


class TakenBack(NamedTuple):
    """The world was reset, or restored to a snapshot."""

    at: datetime
    snapshot: str | None
    """The snapshot; ``None``: it is as when it was made."""


class CommandLog:
    """The commands about one world since it was made, or last reset."""

    def __init__(
        self,
        world: World,
        journal: Journal,
        mode: Mode,
        source: Mapping[str, Any] | None,
        receiver: str | None = None,
    ) -> None:
        self._world = world
        self._journal = journal
        self.source = source
        """The scenario that the world was made from, as data; ``None``: it was put together by a program."""
        self.receiver = receiver
        """What ``${receiver}`` stood for in it."""
        self.begin(mode)

    def begin(self, mode: Mode) -> None:
        """Start over with the world as it was made, and its clock in ``mode``."""
        self.first = self._journal.end + 1
        """The number of the first request."""
        self.began = self._world.now
        self.ran = not mode.manual
        """Whether the clock went by itself, so that what was due happened before each request."""
        self.done: list[Done] = []
        self._bytes = 0
        self.overflowed = False

    def changed(self, mode: Mode) -> None:
        """The clock goes in another mode from now on."""
        self.ran = self.ran or not mode.manual

    def note(self, command: str, before: datetime, recorded: Recorded, size: int = 0) -> None:
        """A command was carried out; its body had ``size`` bytes."""
        if recorded is NOTHING:
            return
        self._bytes += size
        if len(self.done) >= MOST_COMMANDS or self._bytes > MOST_BYTES:
            self.overflowed = True
            return
        self.done.append(Done(self._journal.end, before, self._world.now, command, recorded))
