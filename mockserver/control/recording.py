"""What was done to a world beside its client's requests, in order: the other half of a recorded scenario."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from mockserver.control.asking import Ask
    from mockserver.control.modes import Mode
    from mockserver.control.tenants import Tenant

MOST_COMMANDS: Final = 10_000
MOST_BYTES: Final = 32_000_000
"""Commands of one world that are remembered, and the bytes of their bodies; with more, its recording is given up."""

Steps = Callable[["Ask", Any], "Recorded"]
"""What a scenario has in place of a command, from what was asked and what was told."""


class Recorded(NamedTuple):
    """A command as a scenario has it."""

    steps: tuple[dict[str, Any], ...] = ()


NOTHING: Final = Recorded()


def changes_nothing(_: Ask, __: Any) -> Recorded:
    """Of a command that looks."""
    return NOTHING


class LeftOut:
    """Of a command that changes something and is no part of a recording, with the reason."""

    def __init__(self, why: str) -> None:
        self.why = why

    def __call__(self, _: Ask, __: Any) -> Recorded:
        return NOTHING


class Done(NamedTuple):
    """A command that was carried out."""

    number: int
    """Of the last request before its end."""
    before: datetime
    at: datetime
    """The world's time at its beginning and its end."""
    command: str
    recorded: Recorded


class Recording:
    """The commands about one world since it was made, or last reset."""

    def __init__(self, tenant: Tenant, source: Mapping[str, Any] | None, receiver: str | None = None) -> None:
        self._tenant = tenant
        self.source = source
        """The scenario that the world was made from, as data; ``None``: it was put together by a program."""
        self.receiver = receiver
        """What ``${receiver}`` stood for in it."""
        self.begin()

    def begin(self) -> None:
        """The world is as it was made: what was done before is no part of it."""
        self.first = self._tenant.journal.end + 1
        """The number of the first request."""
        self.began = self._tenant.world.now
        self.ran = not self._tenant.driver.mode.manual
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
        tenant = self._tenant
        self.done.append(Done(tenant.journal.end, before, tenant.world.now, command, recorded))
