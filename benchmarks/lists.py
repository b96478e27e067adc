"""A page of 1,000 out of 100,000 resources, beside joining the same bytes: what else a page costs should be little."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import mockserver.domain  # attaches its functions to the operations
from benchmarks.measure import Figure, beside, milliseconds
from mockserver.contract import contract
from mockserver.domain import seeding
from mockserver.domain.accounts.accounts import ACCOUNTS
from mockserver.kernel.operations import Listing, operation
from mockserver.kernel.profile import profile
from mockserver.kernel.world import World
from mockserver.protocol.lists import Lists
from mockserver.protocol.parsing import Parser

__all__ = ["crowded", "figures", "mockserver"]

ALL = 100_000
PAGE = 1_000
START = datetime(2023, 1, 10, 9, tzinfo=UTC)


def crowded(count: int) -> World:
    """A world with so many accounts; all are versions of one, under ids of their own."""
    world = World(profile("sandbox"), START)
    table = world.table(ACCOUNTS)
    first = seeding.account(world)
    for number in range(count - 1):
        table.put(first.evolve(id=f"{number:08x}-4c0e-4ab5-9d5a-5ad26b8d2d0f"))
        world.undo.clear()
    return world


def figures() -> Iterator[Figure]:
    yield page()


def page(count: int = ALL, runs: int = 51) -> Figure:
    """Of a world with ``count`` accounts; made in full, with its bytes."""
    world = crowded(count)
    asked = contract().operations["list_accounts"]
    lists, function = Lists(asked), operation.handlers[asked.id]
    call = Parser(asked).call({}, f"offset={count // 2}&limit={PAGE}", {}, b"")

    def ours() -> bytes:
        listing = function(world, call)
        assert isinstance(listing, Listing)
        return lists.body(listing, call.query)

    rows = list(world.table(ACCOUNTS))[count // 2 : count // 2 + PAGE]

    def bare() -> bytes:
        return b'{"data":[%b]}' % b",".join([row.wire for row in rows])

    for work in (ours, bare):
        work()  # warm: every version has its bytes
    mine, theirs = beside(ours, bare, runs)
    return Figure(
        f"a page of {PAGE:,} of {count:,} resources",
        milliseconds(mine),
        f"joining the same bytes {milliseconds(theirs)}",
        theirs / mine,
        0.5,
        least=True,
    )
