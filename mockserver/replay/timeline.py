"""What a replay saw: its steps with what came of them, and the record by which two replays are compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Protocol

from mockserver.kernel.frozen import frozen
from mockserver.scenario.steps import Step


@frozen
class Entry:
    """One step that was played."""

    number: int
    """From 1."""
    line: int
    """In the file; 0 where the scenario has no lines."""
    at: str
    """The time of the world after the step."""
    action: str
    title: str
    caption: str = ""
    """What the step does, the same in every run."""
    seconds: float = 0.0
    """How long it took on this machine; no part of the record."""
    note: str | None = None
    events: Sequence[str] = ()
    """The types of the events that the step caused, in order."""
    problems: Sequence[str] = ()
    """What was not as expected; empty: it was."""
    diff: Sequence[str] = ()
    """What was expected (``-``) beside what came (``+``), line by line."""
    deliveries: Sequence[str] = ()
    """Where webhooks did not come: the last attempts of the world's deliveries, line by line."""

    @property
    def passed(self) -> bool:
        return not self.problems

    @property
    def event_counts(self) -> list[str]:
        """``ORDER.NEW``, ``POSITION.UPDATED ×2``: each type once, in order of first appearance."""
        return [name if count == 1 else f"{name} ×{count}" for name, count in Counter(self.events).items()]


@dataclass(slots=True)
class Replay:
    """A scenario that was played."""

    scenario: str
    file: str
    entries: list[Entry] = field(default_factory=list)
    record: list[bytes] = field(default_factory=list)
    """Every answer, event and delivered bundle, byte by byte; what differs by machine (a port) is masked."""
    kept: str | None = None
    """The client id of its world, where that was left on the server."""

    @property
    def passed(self) -> bool:
        return all(entry.passed for entry in self.entries)

    @property
    def failures(self) -> list[Entry]:
        return [entry for entry in self.entries if not entry.passed]

    @property
    def bytes(self) -> bytes:
        """The whole record."""
        return b"\n".join(self.record)

    @property
    def digest(self) -> str:
        """Tells whether two replays gave the same bytes."""
        return blake2b(self.bytes, digest_size=16).hexdigest()


class Watcher(Protocol):
    """Is told how a replay goes on."""

    def begins(self, number: int, of: int, step: Step) -> None: ...

    def ended(self, entry: Entry) -> None: ...
