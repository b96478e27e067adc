"""The shell around one world's clock: moves it, sends what falls due on the way, and says what happened.

In manual mode nothing runs by itself, not even what is due at once: only a move of the clock runs tasks. In the other
modes every request first brings the world to the present, and a timer does so when the next task is due; deliveries
are sent beside it, without holding the world up.

A long move gives way to other worlds: it pauses where counts say that it may, and where it has run for some
milliseconds since the last time. Whoever wants the same world then waits until the running instant is over, so that
nobody sees one half done (:meth:`Driver.sync`). While a move waits for the answers to its deliveries nobody waits: a
client may call the API from its webhook handler. So requests take no lock: the lock is for moves of the clock and
whatever replaces the world's state.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import asynccontextmanager, closing
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeVar

from mockserver.hosting.instants import Instant
from mockserver.hosting.modes import MANUAL, Mode, Pace
from mockserver.hosting.outcome import Happened, mark
from mockserver.hosting.progress import ClockSet, Progress
from mockserver.hosting.refusals import UNANSWERED
from mockserver.hosting.slices import Slices, kept_parts
from mockserver.kernel import system
from mockserver.kernel.clock import LATEST, ClockError
from mockserver.kernel.failures import Failure, FailureRecord
from mockserver.kernel.garbage import gc_paused
from mockserver.kernel.moves import Cause
from mockserver.kernel.world import Pause, World
from mockserver.webhooks.sender import Sender, Turn

GRACE: Final = 0.1
"""Seconds that a command waits for receivers that were called before it came: one of them may have sent it."""

IDLE_WITHIN: Final = timedelta(days=400)
"""A world that is not idle after so much time is taken for one that never will be."""

P = TypeVar("P")
T = TypeVar("T")

logger = logging.getLogger(__name__)


class Driver:
    """Moves one world. Commands come one after the other; each raises ``ClockError`` when it cannot be done.

    A command that would wait for the answer of a receiver is refused: the receiver may be waiting for the command.
    """

    def __init__(self, world: World, sender: Sender, mode: Mode = MANUAL, failed: FailureRecord | None = None) -> None:
        self.world = world
        self.mode = mode
        self.failed = failed or FailureRecord()
        self._sender = sender
        self._lock = asyncio.Lock()
        self.slices = Slices()
        """How long a move runs before others get their turn."""
        self.progress = Progress(world)
        """The move of the clock that is under way."""
        self._instant = Instant()
        self._pace: Pace | None = None  # None: the clock stands, or is moved
        self._catching_up: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timed: datetime | None = None  # what the timer waits for
        self._started = False

    @property
    def busy(self) -> bool:
        """Whether a command moves the clock, or waits to."""
        return self._lock.locked()

    @property
    def under_way(self) -> bool:
        """Whether something may still be sent without another command: by a move, or since an answer is awaited."""
        return self.busy or self._catching_up is not None or bool(self._sender.unanswered(self.world))

    # --- Commands ---

    async def advance(self, by: timedelta) -> Happened:
        """Move the clock on by a span; what falls due on the way happens, each at its own instant."""
        async with self._move() as turn:
            try:
                target = self.world.now + by
            except OverflowError:
                raise ClockError(f"{by} from {self.world.now.isoformat()} is past the year 2200") from None
            return await self._reach(target, turn)

    async def advance_to(self, target: datetime) -> Happened:
        """Move the clock to an instant; it does not go back."""
        async with self._move() as turn:
            return await self._reach(target, turn)

    async def advance_next(self) -> Happened:
        """Move the clock to what is due next; where nothing is due, nothing happens."""
        async with self._move() as turn:
            return await self._reach(self.world.clock.next_due or self.world.now, turn)

    async def run_until_idle(self, within: timedelta = IDLE_WITHIN) -> Happened:
        """Move the clock until nothing is due but standing runs and retries of deliveries."""
        async with self._move() as turn:
            return await self._until_idle(within, turn)

    async def send(self, prepare: Callable[[], T]) -> T:
        """Send what is ready once ``prepare`` has been called, wait for the answers, and return what it returned.

        No time passes, and nothing else that is due happens.
        """
        async with self._move() as turn:
            prepared = prepare()
            await turn.deliver_ready()
            return prepared

    async def change(self, mode: Mode) -> None:
        """Go on in another mode, from where the clock stands."""
        async with self.still():
            self.mode = mode
            self.world.feed.append(ClockSet(self.world.now, str(mode), None, under_way=False))

    async def quiet(self) -> None:
        """Wait until the commands are over that move the clock or wait to."""
        async with self._lock:
            pass

    @asynccontextmanager
    async def still(self) -> AsyncIterator[None]:
        """Nothing moves the clock inside: for whatever replaces the world's state."""
        if self._lock.locked():
            await self._check_answered()
        async with self._lock:
            await self.present()
            self._stand()
            try:
                yield
            finally:
                self._set_pace()

    async def carry_out(self, parts: Iterator[None], by: Cause | None = None) -> None:
        """Do something long to the world, part by part; what it did up to a part that fails stays. ``by``: its cause.

        Nobody sees it half done. From a webhook's handler, in the middle of a move, it is done at once.
        """
        await self.present()
        if self._lock.locked():
            for _ in kept_parts(self.world, parts, by):
                pass
            self.wake()
            return
        async with self.still():
            self.slices.begin()
            try:
                with closing(self._sliced(kept_parts(self.world, parts, by))) as pauses:
                    for _ in pauses:
                        self._instant.close()
                        await self.slices.pause()
            finally:
                self._instant.open()

    async def present(self) -> None:
        """Bring a running world to the present, and wait until nothing in it is half done."""
        wall = system.wall_now()
        while (busy := self.sync(wall)) is not None:
            await busy.wait()

    # --- Real time ---

    def start(self) -> None:
        """Let the clock run, if its mode says so; needs a running event loop."""
        self._started = True
        self._set_pace()

    def stop(self) -> None:
        """Let the clock stand: nothing runs by itself any more."""
        self._started = False
        self._cancel()
        if self._catching_up is not None:
            self._catching_up.cancel()

    def sync(self, wall: datetime | None = None) -> asyncio.Event | None:
        """Bring a running world to the present. One whose rules run in circles is stopped, and its failure recorded.

        Where that takes longer than a slice, and in the middle of an instant, the answer is what to wait for before
        calling this again; ``None``: the world may be used now, until the event loop turns.
        """
        pace = self._pace
        if pace is None:
            return self._instant.busy()
        clock, now = self.world.clock, min(pace.at(wall or system.wall_now()), LATEST)
        due = clock.next_due
        if due is not None and due <= now:
            return self._catch_up(now, pace)
        clock.reach(now)
        return None

    def _catch_up(self, now: datetime, pace: Pace) -> asyncio.Event | None:
        """Run what is due: at once what a slice holds, and the rest beside other worlds."""
        self.slices.begin()
        work = self._due_until(now)
        for _ in work:
            self._stand()
            self._instant.close()
            self._catching_up = asyncio.get_running_loop().create_task(self._go_on(work))
            self._catching_up.add_done_callback(partial(self._caught_up, work, pace))
            return self._instant.busy()
        self.wake()
        return None

    async def _go_on(self, work: Iterator[None]) -> None:
        await self.slices.pause()
        for _ in work:
            await self.slices.pause()

    def _caught_up(self, work: Generator[None, None, None], pace: Pace, task: asyncio.Task[None]) -> None:
        """The world is at the present, or was stopped on the way there."""
        work.close()
        self._catching_up = None
        if not self.mode.manual:
            self._pace = pace
        self._instant.open()
        if not task.cancelled():
            self._set_timer()
            self.wake()

    def _due_until(self, now: datetime) -> Generator[None, None, None]:
        """Run what is due in slices, and send what is ready without waiting for it."""
        world, known = self.world, self.world.failures.end
        try:
            with closing(self._sliced(world.steps(now))) as pauses:
                for pause in pauses:
                    if pause is Pause.SENDING:
                        self._sender.dispatch(world, self._instant.over)
                    else:
                        yield
            world.clock.reach(now)
        except ClockError as error:
            logger.error("the clock of a world was stopped: %s", error)
            world.failures.append(Failure(world.now, "clock", (), "time passed", repr(error), ""))
            self.mode = MANUAL
            self._set_pace()
        finally:
            self._record_failures(known)

    def _record_failures(self, known: int) -> None:
        """Log the rules that failed since the log of failures ended at ``known``, and remember them for good."""
        for failure in self.world.failures.since(known):
            self.failed.note(failure)
            _log(failure)

    def wake(self) -> None:
        """Something may have become due, or ready to send."""
        if self._pace is None:
            return
        if self.world.interrupted():
            self._sender.dispatch(self.world, self._instant.over)
        if self.world.clock.next_due != self._timed:
            self._set_timer()

    def _stand(self) -> None:
        """Let nothing but a command, or what is under way, move the clock."""
        self._pace = None
        self._cancel()

    def _set_pace(self) -> None:
        running = self._started and not self.mode.manual
        self._pace = Pace(self.world.now, system.wall_now(), self.mode.speed) if running else None
        self._set_timer()

    def _set_timer(self) -> None:
        self._cancel()
        self._timed = due = self.world.clock.next_due
        if self._pace is not None and due is not None:
            seconds = self._pace.until(due, system.wall_now())
            self._timer = asyncio.get_running_loop().call_later(seconds, self._on_time)

    def _on_time(self) -> None:
        if self.sync() is None:
            self._set_timer()

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # --- Moving ---

    @asynccontextmanager
    async def _move(self) -> AsyncIterator[Turn]:
        async with self.still():
            await self._check_answered()  # what a running world had begun to send
            await self._sender.settle(self.world)
            self.slices.begin()
            with Turn(self._sender, self.world) as turn:
                yield turn

    async def _check_answered(self) -> None:
        """Refuse a command if a receiver that is called already does not answer: its handler may have sent it."""
        unanswered = self._sender.unanswered(self.world)
        if not unanswered:
            return
        await asyncio.wait(unanswered, timeout=GRACE)
        await Slices().pause()  # where the event loop was held up, an answer may have come that it has not seen yet
        for answered, delivery in unanswered.items():
            if not answered.done():
                raise UNANSWERED.refuse(id=delivery.id)

    async def _reach(self, target: datetime, turn: Turn) -> Happened:
        target = self.world.clock.check_forward(target)
        start = mark(self.world)
        turn.ends(target)
        with self.progress.moving(self.mode, target):
            await self._run(target, turn)
        return start.happened(self.world, turn)

    async def _until_idle(self, within: timedelta, turn: Turn) -> Happened:
        world = self.world
        start, last = mark(world), world.now + within
        with self.progress.moving(self.mode, None):
            await self._run(world.now, turn)
            while not self.progress.stopped and (not world.clock.idle or turn.try_skipped()):
                due = world.now if world.interrupted() else world.clock.next_due
                if due is None or due > last:
                    raise ClockError(
                        f"{world.now.isoformat()}: not idle within {within.days} days; next due: "
                        f"{', '.join(task.reason for task in world.clock.upcoming(3)) or 'nothing'}"
                    )
                await self._run(due, turn)
                if self.slices.over:
                    await self.slices.pause()
        return start.happened(world, turn)

    async def _run(self, until: datetime, turn: Turn) -> None:
        """Run what is due up to ``until``, sending at every instant what is ready then."""
        world, known = self.world, self.world.failures.end
        try:
            with closing(self._sliced(world.steps(until))) as pauses:
                for pause in pauses:
                    if pause is Pause.WITHIN:
                        self._instant.close()
                        await self.slices.pause()
                        continue
                    await self._open()
                    if pause is Pause.SENDING:
                        await turn.deliver_ready()
                        self.slices.begin()
                    elif self.slices.over:
                        await self.slices.pause()
                    if self.progress.stopped:
                        return
            if not self.progress.stopped:
                world.clock.reach(until)
            await self._open()
        finally:
            self._record_failures(known)
            self._instant.open()

    async def _open(self) -> None:
        """The instant is over: those who waited get their turn before the next one begins."""
        if self._instant.open():
            await self.slices.pause()

    def _sliced(self, steps: Generator[P, None, None]) -> Generator[P, None, None]:
        """The pauses of ``steps`` where the shell acts: to send, at the end of a slice, to let those in who wait."""
        with closing(steps):
            while True:
                with gc_paused():
                    for pause in steps:
                        if (
                            pause is Pause.SENDING
                            or self.slices.over
                            or (pause is Pause.BETWEEN and self._instant.awaited)
                        ):
                            break
                    else:
                        return
                yield pause


def _log(failure: Failure) -> None:
    """A rule that failed stops nothing, but is not kept quiet either."""
    logger.error(
        "%s: %s failed and was taken back (%s): %s\n%s",
        failure.at.isoformat(),
        " ".join((failure.action, *failure.args)),
        failure.reason,
        failure.error,
        failure.trace,
    )
