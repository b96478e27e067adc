"""Each read of the API in a world eight times as large: none may take longer for what it does not show.

Each list is read after one of its resources has changed; filters that no order helps are not among them.
"""

from __future__ import annotations

import gc
import math
import statistics
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Final

import mockserver.domain  # attaches its functions to the operations
from benchmarks.measure import Figure, seconds
from benchmarks.worlds import scenario_of
from mockserver.contract import Operation, contract
from mockserver.domain.accounts.accounts import ACCOUNTS
from mockserver.domain.portfolios.rebalancing import execute
from mockserver.kernel.operations import Listing, operation
from mockserver.kernel.rules import Refusal
from mockserver.kernel.store import Table
from mockserver.kernel.world import World
from mockserver.protocol.lists import Lists
from mockserver.protocol.parsing import Parser
from mockserver.scenario.build import build_world

__all__ = ["figures", "mockserver"]

SMALL, LARGE = 500, 4_000
TIMES, TURNS = 20, 7
MOST = 0.25
"""The exponent that noise may give to what is constant."""

TABLES: Final[dict[str, str]] = {
    # Where the resource of a path parameter is, if not in the table of its own name.
    "execution_id": "rebalancing_executions",
    "portfolio_order_id": "portfolio_orders",
}


def figures() -> Iterator[Figure]:
    small, large = _lived(SMALL), _lived(LARGE)
    gc.freeze()  # collecting before each turn is not to go through both worlds
    found: list[tuple[float, str, float]] = []
    for asked in contract().operations.values():
        if asked.method == "GET" and asked.id in operation.handlers:
            works = [_reading(world, asked) for world in (small, large)]
            if None not in works:
                first, last = (_timed(work) for work in works if work is not None)
                found.append((math.log(last / first) / math.log(LARGE / SMALL), asked.id, last))
    gc.unfreeze()
    worst, name, took = max(found)
    yield Figure(
        f"growth of {len(found)} reads, {SMALL:,} to {LARGE:,} accounts",
        f"at most that of {name}, {took * 1e6:.0f} us",
        "exponent; 0 is constant",
        worst,
        MOST,
        least=False,
        unit="",
    )


def _lived(accounts: int) -> World:
    """A world with orders, trades, bookings, valuations and returns for each account."""
    world = build_world(scenario_of(accounts))
    ids = tuple(row.id for row in world.table(ACCOUNTS))
    execute(world, list(ids), requested=ids)
    world.undo.clear()
    world.run(world.now + timedelta(days=2))
    return world


def _reading(world: World, asked: Operation) -> Callable[[], object] | None:
    """Carry the operation out for the first resource there is, after a change; ``None`` where there is none."""
    path: dict[str, str] = {}
    for parameter in asked.path_parameters:
        table = world.store.named(TABLES.get(parameter.name, f"{parameter.name.removesuffix('_id')}s"))
        if table is None or not len(table):
            return None
        path[parameter.name] = next(iter(table)).id
    handler, parser, lists = operation.handlers[asked.id], Parser(asked), Lists(asked)

    def read() -> object:
        call = parser.call(path, "", {}, b"")
        reply: Any = handler(world, call)
        return lists.body(reply, call.query) if isinstance(reply, Listing) else reply.wire

    try:
        reply: Any = handler(world, parser.call(path, "", {}, b""))
    except Refusal:
        return None
    row = reply.rows[0] if isinstance(reply, Listing) and reply.rows else None
    tables = [world.store.named(name) for name in world.store.names()]
    changed = next((table for table in tables if table is not None and _holds(table, row)), None)
    if changed is None:
        return read

    def changing() -> object:
        changed.put(row)
        world.undo.clear()
        return read()

    return changing


def _holds(table: Table[Any], row: Any) -> bool:
    return row is not None and next(iter(table), None).__class__ is row.__class__


def _timed(work: Callable[[], object]) -> float:
    def often() -> None:
        for _ in range(TIMES):
            work()

    return statistics.median(seconds(often) for _ in range(TURNS)) / TIMES
