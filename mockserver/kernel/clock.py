"""A world's time: a queue of what is due, and a hand that only moves forward.

Prior art: trio's MockClock, Temporal's time skipping, Stripe's test clocks. The clock never reads the machine's time;
in the modes ``real`` and ``xN`` the shell tells it what time it is.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush, nsmallest
from typing import NamedTuple

from mockserver.kernel.frozen import frozen
from mockserver.kernel.undo import Undo

AHEAD = 10**15
"""Subtracted from the number of a task that comes first at its instant: no world schedules so many."""
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


class Task(NamedTuple):
    """Something due: plain data, so that it can be shown, copied and replayed."""

    due: datetime
    number: int
    """Order of scheduling: of two tasks due at one instant the lower runs first."""
    action: str
    """The name of the function to run, see :mod:`mockserver.kernel.actions`."""
    args: tuple[str, ...]
    reason: str
    """Why this is due, for people."""
    background: bool
    """A standing run (end of day), or a date of a series without an end: does not keep a world from being idle."""


class ClockError(ValueError):
    """A move of the clock that cannot be made; the text says why and what would pass."""


@frozen
class ClockState:
    now: datetime
    queue: tuple[Task, ...]
    live: frozenset[int]
    number: int
    before: int
    foreground: int


class Clock:
    """The time of one world, in UTC."""

    def __init__(self, now: datetime, undo: Undo) -> None:
        self._undo = undo
        self.now = _bounded(now)
        self._queue: list[Task] = []
        self._live: set[int] = set()  # numbers of the tasks that are neither run nor dropped
        self._number = 0
        self._before = 0  # tasks that were scheduled ahead of the others of their instant
        self._foreground = 0

    def at(self, due: datetime, action: str, *args: str, reason: str, background: bool = False) -> Task:
        """Make ``action`` due at an instant; one in the past is due at once."""
        if due.tzinfo is not UTC:
            due = _zoned(due).astimezone(UTC)
        if due < self.now:
            due = self.now
        self._number = number = self._number + 1
        # What Task(...) does, in half the time: scheduling is most of what a task costs.
        task = tuple.__new__(Task, (due, number, action, args, reason, background))
        heappush(self._queue, task)
        self._live.add(number)
        self._foreground += not background
        self._undo.note(self.drop, task)
        return task

    def first(self, due: datetime, action: str, *args: str, reason: str) -> Task:
        """Make ``action`` due at an instant before all that :meth:`at` makes due then; it is a background task."""
        self._undo.note(setattr, self, "_before", self._before)
        self._before += 1
        task = Task(_bounded(due), self._before - AHEAD, action, args, reason, background=True)
        heappush(self._queue, task)
        self._live.add(task.number)
        self._undo.note(self.drop, task)
        return task

    def after(self, delay: timedelta, action: str, *args: str, reason: str, background: bool = False) -> Task:
        return self.at(self.now + delay, action, *args, reason=reason, background=background)

    def drop(self, task: Task) -> None:
        """Take a task back. One that has run already, or was dropped before, is left as it is."""
        if task.number in self._live:
            self._live.remove(task.number)
            self._foreground -= not task.background
            self._undo.note(self._readmit, task)

    def take(self, until: datetime) -> Task | None:
        """Take the next task due at or before ``until`` and move the hand to it; ``None`` when there is none."""
        queue, live = self._queue, self._live
        while queue and queue[0].due <= until:
            task = heappop(queue)
            if task.number not in live:
                continue
            live.remove(task.number)
            if task.due > self.now:
                self.now = task.due
            self._foreground -= not task.background
            return task
        return None

    def reach(self, until: datetime) -> None:
        """Move the hand to ``until`` once nothing before it is due any more."""
        if until > self.now:
            self.now = until

    @property
    def idle(self) -> bool:
        """Nothing is due but standing runs."""
        return self._foreground == 0

    @property
    def next_due(self) -> datetime | None:
        """When the next task is due."""
        queue = self._queue
        while queue and queue[0].number not in self._live:
            heappop(queue)
        return queue[0].due if queue else None

    def upcoming(self, limit: int = 100) -> list[Task]:
        """What is due next, in the order in which it will run."""
        return nsmallest(limit, {task for task in self._queue if task.number in self._live})

    def pending(self, action: str) -> list[Task]:
        """All that is due for an action, in no order."""
        return list({task for task in self._queue if task.action == action and task.number in self._live})

    @property
    def scheduled(self) -> int:
        """The number of the last task that :meth:`at` made due."""
        return self._number

    def check_forward(self, target: datetime) -> datetime:
        """``target`` if the clock may go there: not back, and not past the year 2200."""
        target = _bounded(target)
        if target < self.now:
            raise ClockError(
                f"the clock stands at {self.now.isoformat()} and does not go back to {target.isoformat()}: "
                "restore a snapshot, or reset the world"
            )
        return target

    def snapshot(self) -> ClockState:
        return ClockState(
            self.now, tuple(self._queue), frozenset(self._live), self._number, self._before, self._foreground
        )

    def restore(self, state: ClockState) -> None:
        self.now = state.now
        self._queue = list(state.queue)
        self._live = set(state.live)
        self._number = state.number
        self._before = state.before
        self._foreground = state.foreground

    def _readmit(self, task: Task) -> None:
        self._live.add(task.number)
        self._foreground += not task.background
        heappush(self._queue, task)  # it may still be there: the second one of them counts as dropped


def _bounded(moment: datetime) -> datetime:
    if not EARLIEST <= _zoned(moment) <= LATEST:
        raise ClockError(f"{moment.isoformat()} lies outside 1900 to 2200, where a world's time can stand")
    return moment.astimezone(UTC)


def _zoned(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ClockError(f"{moment.isoformat()} has no time zone: write for example 2023-01-10T08:00:00Z")
    return moment
