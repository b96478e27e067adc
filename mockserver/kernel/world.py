"""A world: one tenant's whole state. Worlds share nothing.

A world is made of parts that each know how to be copied and put back: tables, clock, ids, records. Rules run on it
synchronously; the shell moves its clock and sends what it wants sent.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from mockserver.kernel import actions
from mockserver.kernel.calendar import CalendarSettings, TradingCalendar
from mockserver.kernel.clock import Clock, ClockError, Task
from mockserver.kernel.events import Event
from mockserver.kernel.garbage import uncollected
from mockserver.kernel.ids import Ids
from mockserver.kernel.lifecycle import Moved
from mockserver.kernel.log import Log
from mockserver.kernel.profile import CalendarSection, Profile
from mockserver.kernel.stages import Holds
from mockserver.kernel.store import Kind, Store, Table, Version
from mockserver.kernel.undo import Undo

R = TypeVar("R", bound=Version)


class Part(Protocol):
    """A part of a world that a snapshot covers."""

    def snapshot(self) -> Any: ...

    def restore(self, state: Any) -> None: ...


@dataclass(frozen=True, slots=True)
class Failure:
    """A rule that failed while the clock moved: what was due, and why it could not be done."""

    at: datetime
    action: str
    args: tuple[str, ...]
    reason: str
    error: str
    trace: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A world at a moment."""

    taken_at: datetime
    profile: Profile
    parts: dict[str, Any]


class World:
    """State, clock, ids, records of one client."""

    def __init__(self, profile: Profile, now: datetime, seed: int = 0) -> None:
        self.profile = profile
        self.seed = seed
        self.undo = Undo()
        self.clock = Clock(now, self.undo)
        self.ids = Ids(seed, self.undo)
        self.store = Store(self.undo)
        self.holds = Holds(self.undo, self.clock)
        kept = profile.limits.kept
        self.events: Log[Event] = Log(self.undo, kept)
        self.moves: Log[Moved] = Log(self.undo, kept)
        self.failures: Log[Failure] = Log(self.undo, kept)
        self.calendar = TradingCalendar(calendar_settings(profile.calendar))
        self.listeners: tuple[Callable[[World, Event], None], ...] = ()
        """Told of every event, in order; set once when the world is put together."""
        self.parts: dict[str, Part] = {
            "clock": self.clock,
            "ids": self.ids,
            "store": self.store,
            "holds": self.holds,
            "events": self.events,
            "moves": self.moves,
            "failures": self.failures,
        }
        self.interrupted: Callable[[], bool] = lambda: False
        """Whether the shell has something to do before the clock may pass this instant (a delivery to send)."""

    @property
    def now(self) -> datetime:
        return self.clock.now

    def table(self, kind: Kind[R]) -> Table[R]:
        return self.store.table(kind)

    def transaction(self) -> AbstractContextManager[None]:
        """Context manager: what is done inside is kept at its end, or taken back when an exception leaves it.

        Nothing may be awaited inside.
        """
        return self.undo

    def run(self, until: datetime) -> bool:
        """Run what is due up to ``until``, each at its own instant. ``False``: the shell acts first, then calls again.

        A rule that fails is recorded and taken back whole; the others still run. Raises :class:`ClockError` when one
        instant has more tasks than the profile allows: a rule that makes itself due again and again.
        """
        with uncollected():
            return self._run(until)

    def _run(self, until: datetime) -> bool:
        clock, cap = self.clock, self.profile.limits.tasks_at_one_instant
        instant, count = clock.now, 0
        while True:
            if self.interrupted():
                due = clock.next_due
                if due is None or due > clock.now:
                    return False
            task = clock.take(until)
            if task is None:
                return True
            if clock.now != instant:
                instant, count = clock.now, 0
            count += 1
            self.perform(task)
            if count > cap:
                raise ClockError(
                    f"more than {cap} tasks were due at {instant.isoformat()}; the last was {task.action} "
                    f"({task.reason}): a rule makes itself due again without time passing"
                )

    def perform(self, task: Task) -> None:
        """Run one task; if it fails the world is as before it, and the failure is recorded. Either way it is done."""
        try:
            with self.transaction():
                actions.run(self, task.action, task.args)
        except Exception as error:  # any failing rule is recorded, none stops the clock
            self.failures.append(
                Failure(self.now, task.action, task.args, task.reason, repr(error), traceback.format_exc())
            )
            self.undo.clear()  # no request that waits meanwhile (a webhook's test call) and then fails takes it back

    def snapshot(self) -> Snapshot:
        return Snapshot(self.now, self.profile, {name: part.snapshot() for name, part in self.parts.items()})

    def restore(self, snapshot: Snapshot) -> None:
        """Be as at the snapshot: state, clock, ids and records."""
        self.profile = snapshot.profile
        for name, state in snapshot.parts.items():
            self.parts[name].restore(state)
        self.undo.clear()


def calendar_settings(section: CalendarSection) -> CalendarSettings:
    hours = section.hours
    return CalendarSettings(
        market=section.market,
        settlement=section.settlement,
        closed=section.closed,
        open=hours.open if hours else None,
        close=hours.close if hours else None,
        timezone=section.timezone,
    )
