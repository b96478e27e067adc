"""How cost grows with what there is: accounts, positions, days, subscriptions, worlds, orders."""

from __future__ import annotations

import asyncio
import gc
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final

from benchmarks.measure import Curve
from benchmarks.worlds import scenario_of
from mockserver.contract import contract
from mockserver.domain import seeding
from mockserver.domain.accounts.accounts import ACCOUNTS, Account
from mockserver.domain.accounts.holders import first_holder
from mockserver.domain.orders.orders import ORDERS
from mockserver.domain.portfolios.rebalancing import execute
from mockserver.kernel.events import emit
from mockserver.kernel.operations import operation
from mockserver.kernel.profile import profile
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.protocol.parsing import Parser
from mockserver.scenario.build import build_world
from mockserver.scenario.load import load
from mockserver.server import ServerSettings, start
from mockserver.webhooks import outbox, wiring
from mockserver.webhooks.subscriptions import seed_subscription

MOST: Final = 1.15
"""An exponent above it is a defect: a logarithm's factor and noise stay below."""
RUNS: Final = 3
DAY: Final = timedelta(days=1)
START: Final = datetime(2023, 1, 10, 9, tzinfo=UTC)
ISIN: Final = "IE00B0000000"
ONE_ACCOUNT: Final[dict[str, Any]] = {
    "name": "one-account",
    "clock": "2023-01-10T09:00:00Z",
    "profile": {"base": "sandbox", "instruments": "none"},
    "instruments": [{"isin": ISIN, "name": "Steady", "bid": "10.00", "ask": "10.00"}],
    "accounts": [{"as": "a"}],
    "cash": [{"account_id": "a", "amount": "9000000.00"}],
}
ORDER: Final = {
    "instrument_id": ISIN,
    "instrument_id_type": "ISIN",
    "side": "BUY",
    "order_type": "MARKET",
    "cash_amount": "10.00",
    "currency": "EUR",
}


def accounts(count: int) -> Callable[[], object]:
    """Make the world, and value its accounts once."""
    scenario = scenario_of(count)

    def work() -> None:
        world = build_world(scenario)
        world.run(world.now + DAY)

    return work


def positions(count: int) -> Callable[[], object]:
    """Value 100 accounts of so many positions for two days."""
    world = holding(accounts=100, positions=count)
    base = world.snapshot()

    def work() -> None:
        world.restore(base)
        world.run(world.now + 2 * DAY)

    return work


def days(count: int) -> Callable[[], object]:
    """Value 50 accounts of 5 positions for so many days."""
    world = holding(accounts=50, positions=5)
    base = world.snapshot()

    def work() -> None:
        world.restore(base)
        world.run(world.now + count * DAY)

    return work


def subscriptions(count: int) -> Callable[[], object]:
    """Tell each of so many subscriptions 50 events, in bundles that are then taken for sending."""
    world = World(profile("sandbox"), START)
    wiring.attach(world)
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


def rebalanced_accounts(count: int) -> Callable[[], object]:
    """Rebalance as many accounts, to the last order."""
    world = build_world(scenario_of(count))
    accounts = tuple(row.id for row in world.table(ACCOUNTS))
    base = world.snapshot()

    def work() -> None:
        world.restore(base)
        execute(world, list(accounts), requested=accounts)
        world.undo.clear()
        world.run(world.now + timedelta(hours=1))

    return work


def place(world: World, count: int) -> None:
    """Place so many orders for the one account of a world; what they make due happens when its clock is moved."""
    (account,) = world.table(ACCOUNTS)
    asked = contract().operations["place_order"]
    parser, handler = Parser(asked), operation.handlers[asked.id]
    members = {"account_id": account.id, "user_id": first_holder(account), **ORDER}
    call = parser.call({}, "", {"content-type": "application/json"}, json.dumps(members).encode())
    for _ in range(count):
        handler(world, call)
        world.undo.clear()


def orders(count: int) -> Callable[[], object]:
    """Place so many orders for one account, and deal them."""
    world = build_world(load(ONE_ACCOUNT))
    base = world.snapshot()

    def work() -> None:
        world.restore(base)
        place(world, count)
        world.run(world.now + timedelta(hours=1))
        if any(row.status != "FILLED" for row in world.table(ORDERS)):
            raise RuntimeError("not every order is filled")

    return work


@cache
def _things() -> Kind[Account]:
    return Kind("benchmarked", indexes={"type": lambda row: row.type})


def removals(count: int) -> Callable[[], object]:
    """Take so many resources away that stand under one key, the oldest first, each in a request of its own."""
    things = _things()
    world = World(profile("sandbox"), START)
    account = seeding.account(world)
    table = world.table(things)
    names = [f"{number:08x}-4c0e-4ab5-9d5a-5ad26b8d2d0f" for number in range(count)]
    for name in names:
        table.put(account.evolve(id=name))
    base = world.snapshot()

    def work() -> None:
        world.restore(base)
        for name in names:
            world.undo.clear()
            world.table(things).remove(name)

    return work


CURVES: Final[tuple[tuple[Callable[[int], Callable[[], object]], tuple[int, ...]], ...]] = (
    (accounts, (125, 250, 500, 1000, 2000)),
    (positions, (32, 64, 128, 256, 512)),
    (days, (15, 30, 60, 120, 240)),
    (subscriptions, (10, 20, 40, 80, 160)),
    (worlds, (10, 20, 40, 80, 160)),
    (rebalanced_accounts, (125, 250, 500, 1000, 2000)),
    (orders, (250, 500, 1000, 2000, 4000)),
    (removals, (1000, 2000, 4000, 8000, 16000)),
)


def figures() -> Iterator[Curve]:
    for make, sizes in CURVES:
        what = (make.__doc__ or "").strip().rstrip(".")
        yield Curve(make.__name__.replace("_", " "), what, sizes, tuple(_seconds(make(size)) for size in sizes), MOST)


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


def holding(accounts: int, positions: int) -> World:
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
