"""Moving the clock beside a bare heap that pops as many tasks (target: at least 0.3 of it); taking tasks back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush

from benchmarks.measure import Figure, beside, milliseconds
from mockserver.kernel.actions import action
from mockserver.kernel.profile import profile
from mockserver.kernel.world import World

TASKS = 50_000
START = datetime(2023, 1, 10, 9, tzinfo=UTC)


@action("benchmark.nothing")
def nothing(world: World) -> None:
    """A task that does nothing, so that only the clock is measured."""


def figures() -> Iterator[Figure]:
    yield run()
    yield cancel()


def run(tasks: int = TASKS) -> Figure:
    dues = [START + timedelta(seconds=(index * 7919) % tasks) for index in range(tasks)]
    end = START + timedelta(days=1)

    def ours() -> None:
        world = World(profile("sandbox"), START)
        for due in dues:
            world.clock.at(due, "benchmark.nothing", reason="benchmark")
        world.undo.clear()
        world.run(end)

    def bare() -> None:
        heap: list[tuple[datetime, int]] = []
        for number, due in enumerate(dues):
            heappush(heap, (due, number))
        while heap:
            heappop(heap)

    mine, theirs = beside(ours, bare)
    return Figure(
        f"schedule and run {tasks:,} tasks",
        milliseconds(mine),
        f"bare heapq {milliseconds(theirs)}",
        theirs / mine,
        0.3,
        least=True,
    )


def cancel(tasks: int = TASKS) -> Figure:
    """A task that is taken back stays in the heap, dead, until its time comes: that is what the bare one does too."""
    dues = [START + timedelta(seconds=(index * 7919) % tasks) for index in range(tasks)]

    def ours() -> None:
        world = World(profile("sandbox"), START)
        scheduled = [world.clock.at(due, "benchmark.nothing", reason="benchmark") for due in dues]
        for task in scheduled:
            world.clock.drop(task)

    def bare() -> None:
        heap: list[tuple[datetime, int]] = []
        live = set()
        for number, due in enumerate(dues):
            heappush(heap, (due, number))
            live.add(number)
        for number in range(len(dues)):
            live.discard(number)

    mine, theirs = beside(ours, bare)
    return Figure(
        f"schedule and cancel {tasks:,} tasks",
        milliseconds(mine),
        f"bare heapq and a set {milliseconds(theirs)}",
        theirs / mine,
        0.15,
        least=True,
    )
