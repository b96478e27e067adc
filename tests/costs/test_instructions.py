"""What ordinary things cost, in instructions: a doubling is caught, and no noise is.

The bounds are what was counted when they were set (CPython 3.11) and a fourth more. Whoever makes something cheaper
sets its bound anew; whoever makes it dearer says in the commit what for.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from benchmarks.growth import CURVES, DAY, ONE_ACCOUNT, ORDER, holding
from benchmarks.signing import public_pem, signed
from mockserver.domain import seeding
from mockserver.domain.accounts.accounts import ACCOUNTS
from mockserver.domain.accounts.holders import first_holder
from mockserver.hosting.creation import Defaults
from mockserver.hosting.host import Host
from mockserver.hosting.modes import MANUAL
from mockserver.hosting.registry import DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, Worlds
from mockserver.hosting.tenants import Tenant
from mockserver.kernel import system
from mockserver.kernel.events import emit
from mockserver.kernel.world import World
from mockserver.protocol.clients import Auth
from mockserver.protocol.tokens import all_scopes
from mockserver.scenario.build import build_world
from mockserver.scenario.load import load
from mockserver.server import connections
from mockserver.webhooks.attempts import Outcome
from mockserver.webhooks.sender import Sender
from mockserver.webhooks.subscriptions import seed_subscription
from tests.costs.instructions import counted
from tests.costs.wire import Wire

MARGIN = 1.25
ROOT = Path(__file__).parents[2]

READ = 775
READ_STRICT = 2_025
PAGE = 1_720
PLACE = 3_930
PLACE_AND_DEAL = 15_880
VALUATION = 3_015
"""Of one account with 5 positions and one day, with its return and both events."""
EVENT = 274
"""To one subscription."""
SNAPSHOT = 1_750
"""And back."""
MODULES = 140
"""Loaded at a start, besides those of the domain and the models, which have to be there."""
START = 840_000
"""Importing the server: what the package and pydantic do, class by class. Every module of the domain adds to it."""

KEY = "P-256"

CURVES_BY_NAME = {make.__name__.replace("_", " "): make for make, _ in CURVES}
SIZES = {"accounts": 10, "positions": 2, "days": 4, "subscriptions": 4, "rebalanced accounts": 10, "orders": 10}


def served(world: World, auth: Auth = Auth.OFF) -> tuple[Wire, Tenant]:
    """A connection to a server whose default world it is."""
    sender = Sender()
    tenant = Tenant(
        DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, world, sender, scopes=all_scopes(), auth=auth, mode=MANUAL
    )
    worlds = Worlds()
    worlds.add(tenant, default=True)
    return Wire(connections(Host(worlds, sender, Defaults(clock="manual", auth=auth, seed=1)))), tenant


def written(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "host: a", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode() + body


async def asking(wire: Wire, requests: list[bytes]) -> float:
    """Instructions for each of the requests but the first, which makes what is made once."""
    answer = await wire.ask(requests[0])
    with counted() as count:
        for request in requests[1:]:
            answer = await wire.ask(request)
    wire.close()
    assert answer.startswith(b"HTTP/1.1 20"), answer[:500]
    return count.instructions / (len(requests) - 1)


def within(count: float, set_: int) -> None:
    assert count <= set_ * MARGIN, f"{count:.0f} instructions: {count / set_:.1f} times what it was"


async def test_reading_by_id(world: World) -> None:
    account = seeding.account(world)
    wire, _ = served(world)
    within(await asking(wire, 5 * [written("GET", f"/accounts/{account.id}", {"accept": "application/json"})]), READ)


async def test_reading_by_id_with_token_and_signature(world: World) -> None:
    account = seeding.account(world)
    wire, tenant = served(world, Auth.STRICT)
    tenant.keys.put(KEY, public_pem(KEY))
    lifetime = timedelta(hours=1)
    token = tenant.tokens.issue(world.ids, tenant.client_id, ("accounts:read",), system.wall_now(), lifetime)
    path = f"/accounts/{account.id}"
    requests = [written("GET", path, signed(KEY, tenant.client_id, token, path, number)) for number in range(5)]
    within(await asking(wire, requests), READ_STRICT)


@pytest.mark.parametrize("accounts", [200, 800])
async def test_reading_a_page_of_100_whatever_there_is(world: World, accounts: int) -> None:
    first = seeding.account(world)
    for number in range(accounts):
        world.table(ACCOUNTS).put(first.evolve(id=f"{number:08x}-4c0e-4ab5-9d5a-5ad26b8d2d0f"))
    wire, _ = served(world)
    within(await asking(wire, 5 * [written("GET", "/accounts?limit=100", {})]), PAGE)


async def test_placing_an_order() -> None:
    world = build_world(load(ONE_ACCOUNT))
    (account,) = world.table(ACCOUNTS)
    body = orjson.dumps({"account_id": account.id, "user_id": first_holder(account), **ORDER})
    headers = {"content-type": "application/json", "content-length": str(len(body))}
    wire, _ = served(world)
    keys = [{"idempotency-key": f"{number:08x}-4c0e-4ab5-9d5a-5ad26b8d2d0f"} for number in range(5)]
    within(await asking(wire, [written("POST", "/orders", headers | key, body) for key in keys]), PLACE)


def test_dealing_an_order() -> None:
    ten, twenty = (CURVES_BY_NAME["orders"](count) for count in (10, 20))
    ten()  # makes the models
    within((instructions(twenty) - instructions(ten)) / 10, PLACE_AND_DEAL)


def test_a_days_valuation_and_return_of_an_account() -> None:
    world = holding(accounts=20, positions=5)
    world.run(world.now + DAY)
    within(instructions(lambda: world.run(world.now + 2 * DAY)) / 40, VALUATION)


async def test_an_event_to_a_subscription(world: World) -> None:
    tenant = served(world)[1]
    account = seeding.account(world)
    for _ in range(20):
        seed_subscription(world, url="http://localhost/hooks", type=["ACCOUNT"], config={"max_package_size": 1_048_576})

    def tell() -> None:
        for _ in range(20):
            emit(world, "ACCOUNT.UPDATED", account)
        world.undo.clear()
        world.run(world.now + timedelta(minutes=1))

    tell()  # classes are finished at their first use
    assert tenant.outbox is not None
    first = tenant.outbox.take()
    for each in first:
        tenant.outbox.answered(each.id, Outcome("http://localhost/hooks", 200))
    count = instructions(tell)
    assert len(first) == len(tenant.outbox.take()) == 20
    within(count / 400, EVENT)


def test_a_snapshot_and_back_whatever_there_is() -> None:
    for accounts in (10, 40):
        world = holding(accounts=accounts, positions=2)
        within(instructions(lambda world=world: world.restore(world.snapshot())), SNAPSHOT)  # type: ignore[misc]


@pytest.mark.parametrize("name", ["accounts", "positions", "days", "subscriptions", "rebalanced accounts", "orders"])
def test_twice_as_much_costs_no_more_than_twice(name: str) -> None:
    """Counted instead of timed, the growth that the benchmarks fit; a fifth above it is for what is made once more."""
    make, size = CURVES_BY_NAME[name], SIZES[name]
    make(size)()  # makes the models, which would count as part of the smaller one
    one, two = (instructions(make(count)) for count in (size, 2 * size))
    assert two <= 2.2 * one, f"{name}: {one:,} instructions, and {two:,} for twice as much"


def test_removing_costs_the_same_however_many_there_are() -> None:
    few, many = (instructions(CURVES_BY_NAME["removals"](count)) / count for count in (100, 800))
    assert many <= 1.2 * few


def test_starting_loads_no_more_than_it_has_to() -> None:
    program = "import sys, mockserver.server; print(*(name for name in sys.modules if name.startswith('mockserver')))"
    run = subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.PIPE, text=True)
    needed = ("mockserver.domain", "mockserver.models")
    assert sum(not name.startswith(needed) for name in run.stdout.split()) <= MODULES * 1.05


def test_starting_costs_what_it_did() -> None:
    program = """
from tests.costs.instructions import counted

with counted() as count:
    import mockserver.server
print(count.instructions)
"""
    run = subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert int(run.stdout) <= START * 1.15


def test_counting_counts_the_package_alone_and_always_alike() -> None:
    world = holding(accounts=2, positions=2)
    base = world.snapshot()

    def work() -> None:
        world.restore(base)
        world.run(world.now + DAY)

    work()
    assert instructions(work) == instructions(work) > 0
    assert instructions(lambda: sorted(range(1000), key=lambda number: -number)) == 0


def instructions(work: Callable[[], Any]) -> int:
    with counted() as count:
        work()
    return count.instructions
