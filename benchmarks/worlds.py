"""Making, resetting and copying worlds; a run of daily valuations (DESIGN §7)."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from benchmarks.measure import Figure, beside, median, milliseconds
from mockserver.kernel.profile import profile
from mockserver.kernel.world import World
from mockserver.scenario import shipped
from mockserver.scenario.build import build_world
from mockserver.scenario.document import parse
from mockserver.scenario.load import load
from mockserver.scenario.schema import Scenario

START = datetime(2023, 1, 10, 9, tzinfo=UTC)
DAYS = 20


def figures() -> Iterator[Figure]:
    empty = median(lambda: World(profile("sandbox"), START), runs=50)
    yield Figure("an empty world", milliseconds(empty), "1 ms", empty * 1000, 1, least=False, unit="ms")

    scenario = load("generated-1000")
    build_world(scenario)  # warm: models built, names drawn
    made = median(lambda: build_world(scenario), runs=3)
    yield Figure("a world of 1,000 accounts", milliseconds(made), "1 s", made, 1, least=False, unit="s")

    yield _larger(made)

    world = build_world(scenario)
    tables = {name: list(world.store.named(name) or ()) for name in world.store.names()}
    taken, copied = beside(world.snapshot, lambda: {name: copy.copy(rows) for name, rows in tables.items()}, runs=20)
    rows = sum(map(len, tables.values()))
    yield Figure(
        f"snapshot of it ({rows:,} resources)",
        milliseconds(taken),
        f"1 ms (copying the lists: {milliseconds(copied)})",
        taken * 1000,
        1,
        least=False,
        unit="ms",
    )
    base = world.snapshot()
    world.run(world.now + timedelta(days=1))
    back = median(lambda: world.restore(base), runs=20)
    yield Figure("restore (and so reset) of it", milliseconds(back), "1 ms", back * 1000, 1, least=False, unit="ms")

    yield _daily_runs(world, base)


def _larger(thousand: float) -> Figure:
    """Ten times the accounts should cost ten times the time."""
    scenario = scenario_of(10_000)
    made = median(lambda: build_world(scenario), runs=3)
    return Figure(
        "a world of 10,000 accounts",
        milliseconds(made),
        f"10 x that of 1,000: {milliseconds(10 * thousand)}",
        made / (10 * thousand),
        1.3,
        least=False,
    )


def scenario_of(accounts: int) -> Scenario:
    """The shipped thousand, but so many."""
    path = shipped.files()["generated-1000"]
    data = parse(path.read_bytes(), str(path)).data
    crowd = {**data["accounts"], "generate": accounts}
    return load({**data, "accounts": crowd, "steps": []})


def _daily_runs(world: World, base: object) -> Figure:
    """Twice the days should cost twice the time: the ratio of the time per day, late over early."""

    def days(count: int) -> float:
        def work() -> None:
            world.restore(base)  # type: ignore[arg-type] # a snapshot of this very world
            world.run(world.now + timedelta(days=count))

        return median(work, runs=3)

    short, long = days(DAYS), days(2 * DAYS)
    growth = (long / (2 * DAYS)) / (short / DAYS)
    return Figure(
        f"daily runs: time a day over {2 * DAYS} days",
        milliseconds(long / (2 * DAYS)),
        f"over {DAYS} days {milliseconds(short / DAYS)}",
        growth,
        1.3,
        least=False,
    )
