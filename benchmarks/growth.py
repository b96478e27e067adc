"""How cost grows: time against accounts, positions, days, subscriptions and worlds, with the exponent fitted.

The exponent is the slope of a line through the logarithms, by least squares: 1 is linear, less is better. Anything
above :data:`MOST` is a defect: a logarithm's factor and noise stay below it.
"""

from __future__ import annotations

import asyncio
import gc
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from benchmarks.measure import Figure
from benchmarks.worlds import scenario_of
from mockserver.domain import seeding
from mockserver.kernel.events import emit
from mockserver.kernel.profile import profile
from mockserver.kernel.world import World
from mockserver.scenario.build import build_world
from mockserver.scenario.load import load
from mockserver.server import ServerSettings, start
from mockserver.webhooks import outbox
from mockserver.webhooks.subscriptions import seed_subscription

MOST: Final = 1.15
RUNS: Final = 3
DAY: Final = timedelta(days=1)
START: Final = datetime(2023, 1, 10, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Curve:
    """Seconds of processor time for each size."""

    name: str
    what: str
    sizes: tuple[int, ...]
    seconds: tuple[float, ...]

    @property
    def exponent(self) -> float:
        return slope([math.log(size) for size in self.sizes], [math.log(each) for each in self.seconds])


def slope(places: Sequence[float], values: Sequence[float]) -> float:
    """Of the line with the least squares."""
    middle, level = sum(places) / len(places), sum(values) / len(values)
    spread = sum((place - middle) ** 2 for place in places)
    return sum((place - middle) * (value - level) for place, value in zip(places, values, strict=True)) / spread


def accounts(count: int) -> Callable[[], object]:
    """Make the world, and value its accounts once."""
    scenario = scenario_of(count)

    def work() -> None:
        world = build_world(scenario)
        world.run(world.now + DAY)

    return work


def positions(count: int) -> Callable[[], object]:
    """Value 100 accounts of so many positions for two days."""
    world = _holding(accounts=100, positions=count)
    base = world.snapshot()

    def work() -> None:
        world.restore(base)
        world.run(world.now + 2 * DAY)

    return work


def days(count: int) -> Callable[[], object]:
    """Value 50 accounts of 5 positions for so many days."""
    world = _holding(accounts=50, positions=5)
    base = world.snapshot()

    def work() -> None:
        world.restore(base)
        world.run(world.now + count * DAY)

    return work


def subscriptions(count: int) -> Callable[[], object]:
    """Tell each of so many subscriptions 50 events, in bundles that are then taken for sending."""
    world = World(profile("sandbox"), START)
    outbox.attach(world)
    account = seeding.account(world)
    for _ in range(count):
        seed_subscription(world, url="http://localhost/hooks", type=["ACCOUNT"])
    base = world.snapshot()

    def work() -> None:
        world.restore(base)
        for _ in range(50):
            emit(world, "ACCOUNT.UPDATED", account)
        world.undo.clear()
        world.run(world.now + timedelta(minutes=1))
        found = outbox.outbox_of(world)
        assert found is not None
        if len(found.take()) != count:
            raise RuntimeError("not every subscription has a delivery")

    return work


def worlds(count: int) -> Callable[[], object]:
    """Start a server with so many worlds, look each up, and stop it."""
    sources = [{"name": "one", "accounts": [{}]}] * count

    async def served() -> None:
        async with await start(ServerSettings(scenarios=sources, auth="off", clock="manual", port=0)) as server:
            for tenant in list(server.worlds):
                server.worlds.named(tenant.client_id)

    return lambda: asyncio.run(served())


CURVES: Final[tuple[tuple[Callable[[int], Callable[[], object]], tuple[int, ...]], ...]] = (
    (accounts, (125, 250, 500, 1000, 2000)),
    (positions, (2, 4, 8, 16, 32)),
    (days, (15, 30, 60, 120, 240)),
    (subscriptions, (10, 20, 40, 80, 160)),
    (worlds, (10, 20, 40, 80, 160)),
)


def curves() -> Iterator[Curve]:
    for make, sizes in CURVES:
        what = (make.__doc__ or "").strip().rstrip(".")
        yield Curve(make.__name__, what, sizes, tuple(_seconds(make(size)) for size in sizes))


def figures() -> Iterator[Figure]:
    for curve in curves():
        yield figure_of(curve)


def figure_of(curve: Curve) -> Figure:
    first, last = curve.seconds[0], curve.seconds[-1]
    return Figure(
        f"growth with {curve.name}, {curve.sizes[0]:,} to {curve.sizes[-1]:,}",
        f"{first * 1e3:.1f} to {last * 1e3:.1f} ms",
        "exponent; 1 is linear",
        curve.exponent,
        MOST,
        least=False,
        unit="",
    )


def _seconds(work: Callable[[], object]) -> float:
    """The least processor time of several runs; the first warms up."""
    work()
    found = []
    for _ in range(RUNS):
        gc.collect()
        begin = time.process_time()
        work()
        found.append(time.process_time() - begin)
    return min(found)


def _holding(accounts: int, positions: int) -> World:
    """A world in which each account holds each instrument; it is valued every day."""
    isins = [f"IE00B{number:06d}0" for number in range(positions)]
    data: dict[str, Any] = {
        "name": "holding",
        "clock": "2023-01-10T08:00:00Z",
        "profile": {"base": "sandbox", "instruments": "none"},
        "instruments": [{"isin": isin, "name": isin, "bid": "10.00", "ask": "10.00"} for isin in isins],
        "accounts": [{"as": f"a{number}"} for number in range(accounts)],
        "positions": [
            {"account_id": f"a{number}", "instrument": isin, "quantity": "3"}
            for number in range(accounts)
            for isin in isins
        ],
    }
    return build_world(load(data))
