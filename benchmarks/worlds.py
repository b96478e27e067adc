"""Making, resetting and copying worlds."""

from __future__ import annotations

import asyncio
import copy
import statistics
import time
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
from mockserver.server import ServerSettings, start

START = datetime(2023, 1, 10, 9, tzinfo=UTC)


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
    yield Figure("restore of it", milliseconds(back), "1 ms", back * 1000, 1, least=False, unit="ms")

    again = asyncio.run(_reset())
    yield Figure(
        "reset of it, as a command does it", milliseconds(again), "1 ms", again * 1000, 1, least=False, unit="ms"
    )


async def _reset() -> float:
    """Seconds of putting all of a client back: world, clock, journal, recording."""
    found = []
    async with await start(ServerSettings(scenarios=["generated-1000"], clock="manual", port=0)) as server:
        tenant = server.worlds.get("default")
        for _ in range(20):
            await tenant.driver.advance(timedelta(hours=1))
            begin = time.perf_counter()
            tenant.reset()
            found.append(time.perf_counter() - begin)
    return statistics.median(found)


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
