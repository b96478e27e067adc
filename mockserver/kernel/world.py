"""A world: one tenant's whole state. Worlds share nothing.

A world is made of parts that each know how to be copied and put back: tables, clock, ids, records. Rules run on it
synchronously; the shell moves its clock and sends what it wants sent.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from enum import Enum
from typing import Any, Final, Protocol, TypeVar

from mockserver.kernel.actions import ACTIONS
from mockserver.kernel.calendar import CalendarSettings, TradingCalendar
from mockserver.kernel.clock import Clock, ClockError, Task
from mockserver.kernel.events import Event
from mockserver.kernel.failures import Failure
from mockserver.kernel.feed import Feed
from mockserver.kernel.frozen import frozen
from mockserver.kernel.garbage import gc_paused
from mockserver.kernel.holds import Holds
from mockserver.kernel.ids import Ids
from mockserver.kernel.log import Log
from mockserver.kernel.moves import Moved, UnderWay
from mockserver.kernel.profile import CalendarSection, Profile
from mockserver.kernel.profile_changes import PART as PROFILE
from mockserver.kernel.profile_changes import ProfileChanges
from mockserver.kernel.store import Kind, Store, Table, Version
from mockserver.kernel.undo import Undo

R = TypeVar("R", bound=Version)


TASKS_BETWEEN_PAUSES: Final = 8
"""Tasks after which a world that runs may pause. A count and not a time, so that the same world pauses everywhere."""


ENDED: Final = object()


class Pause(Enum):
    """Where a world that runs hands back to its shell."""

    SENDING = "at the end of an instant, before which the shell has something to send"
    BETWEEN = "between two instants"
    WITHIN = "in the middle of an instant: what is seen now may be half done"


class Part(Protocol):
    """A part of a world that a snapshot covers."""

    def snapshot(self) -> Any: ...

    def restore(self, state: Any) -> None: ...


@frozen
class Snapshot:
    """A world at a moment."""

    taken_at: datetime
    parts: dict[str, Any]


class World:
    """State, clock, ids, records of one client."""

    def __init__(self, profile: Profile, now: datetime, seed: int = 0) -> None:
        self.profile = profile
        """The settings that hold now; :attr:`changes` replaces it."""
        self.seed = seed
        self.undo = Undo()
        self.clock = Clock(now, self.undo)
        self.ids = Ids(seed, self.undo)
        self.store = Store(self.undo)
        self.holds = Holds(self.undo, self.clock)
        kept = profile.limits.kept
        self.feed = Feed()
        """All that happens, in one order; no part of a snapshot."""
        self.events: Log[Event] = Log(self.undo, kept, self.feed)
        self.moves: Log[Moved] = Log(self.undo, kept, self.feed)
        self.failures: Log[Failure] = Log(self.undo, kept, self.feed)
        self.under_way: UnderWay = None
        """What it is doing now: :func:`~mockserver.kernel.moves.cause_of` reads it."""
        self.answering: Callable[[], int] | None = None
        """Gives the number of the request that is answered now; ``None``: this world has no client yet."""
        self.calendar = TradingCalendar(calendar_settings(profile.calendar))
        self.changes = ProfileChanges(self)
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
            PROFILE: self.changes,
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

    def keep(self) -> None:
        """What was done so far stays, whatever fails later in what is under way."""
        self.undo.clear()

    def run(self, until: datetime) -> bool:
        """Run what is due up to ``until``, each at its own instant. ``False``: the shell acts first, then calls again.

        A rule that fails is recorded and taken back whole; the others still run. Raises :class:`ClockError` when one
        instant has more tasks than the profile allows: a rule that makes itself due again and again.
        """
        with gc_paused():
            return all(pause is not Pause.SENDING for pause in self.steps(until))

    def steps(self, until: datetime) -> Generator[Pause, None, None]:
        """Run the same step by step; where it pauses depends on what is due and nothing else.

        It pauses after every ``TASKS_BETWEEN_PAUSES`` tasks, after each part of a long task, at the end of an instant
        in which it paused, and where the shell has to send something. Closed at a pause, it ends the task under way.
        """
        clock, cap = self.clock, self.profile.limits.tasks_at_one_instant
        instant, count, since, split = clock.now, 0, 0, False
        while True:
            if self.interrupted() and self._whole():
                yield Pause.SENDING
                instant, count, since, split = clock.now, 0, 0, False
                continue
            if split or since >= TASKS_BETWEEN_PAUSES:
                whole = self._whole()
                if whole or since >= TASKS_BETWEEN_PAUSES:
                    since, split = 0, not whole
                    yield Pause.BETWEEN if whole else Pause.WITHIN
            task = clock.take(until)
            if task is None:
                return
            if clock.now != instant:
                instant, count = clock.now, 0
            count += 1
            since += 1
            parts = self.perform(task)
            if parts is not None:
                split = True
                try:
                    for _ in parts:
                        yield Pause.WITHIN
                finally:
                    for _ in parts:  # nobody goes on with it later
                        pass
            if count > cap:
                raise ClockError(
                    f"more than {cap} tasks were due at {instant.isoformat()}; the last was {task.action} "
                    f"({task.reason}): a rule makes itself due again without time passing"
                )

    def _whole(self) -> bool:
        """Nothing more is due at this instant."""
        due = self.clock.next_due
        return due is None or due > self.clock.now

    def perform(self, task: Task) -> Iterator[None] | None:
        """Run one task; if it fails the world is as before it, and the failure is recorded. Either way it is done.

        A long task gives the parts that are still to be run: each is kept once it is done, or taken back if it fails.
        """
        undo, self.under_way = self.undo, task
        undo.clear()  # a transaction, without the tenth of a task's time that the context manager takes
        try:
            parts = ACTIONS[task.action](self, *task.args)
        except BaseException as error:
            self.under_way = None
            undo.roll_back()
            if not isinstance(error, Exception):
                raise
            self._record_failure(task, error)  # any failing rule is recorded, none stops the clock
            return None
        self.under_way = None
        undo.clear()
        return None if parts is None else self._perform_parts(task, parts)

    def _perform_parts(self, task: Task, parts: Iterator[None]) -> Iterator[None]:
        while True:
            self.under_way = task
            try:
                with self.transaction():
                    if next(parts, ENDED) is ENDED:
                        return
            except Exception as error:
                self._record_failure(task, error)
                return
            finally:
                self.under_way = None
            yield

    def _record_failure(self, task: Task, error: Exception) -> None:
        self.failures.append(
            Failure(self.now, task.action, task.args, task.reason, repr(error), traceback.format_exc())
        )
        self.undo.clear()  # no request that waits meanwhile (a webhook's test call) and then fails takes it back

    def snapshot(self) -> Snapshot:
        return Snapshot(self.now, {name: part.snapshot() for name, part in self.parts.items()})

    def restore(self, snapshot: Snapshot) -> None:
        """Be as at the snapshot: state, clock, ids and records."""
        for name, state in snapshot.parts.items():
            self.parts[name].restore(state)
        self.undo.clear()

    def take_profile(self, profile: Profile) -> None:
        """Go on under other settings. Only :attr:`changes` calls it, which keeps what is laid over what."""
        if profile.calendar != self.profile.calendar:
            self.calendar = TradingCalendar(calendar_settings(profile.calendar))
        self.profile = profile


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
