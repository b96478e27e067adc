"""Webhooks to a receiver on this machine: deliveries a second, and a rebalancing of 1,000 accounts to the last one."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import aiohttp

from benchmarks.measure import Figure
from benchmarks.processes import serving
from benchmarks.signing import signature_of
from mockserver.domain import seeding
from mockserver.domain.accounts.accounts import ACCOUNTS
from mockserver.hosting.tenants import Tenant
from mockserver.kernel.events import emit
from mockserver.scenario import shipped
from mockserver.scenario.document import parse
from mockserver.server import RunningServer, ServerSettings, start
from mockserver.webhooks.subscriptions import seed_subscription

SUBSCRIPTIONS = 8
EVENTS = 500
"""For each subscription, each event in a bundle of its own."""
TURNS = 5
SIGNED_WITH = "P-521"
"""The kind of key that webhooks are signed with."""
HOUR = timedelta(hours=1)


def figures() -> Iterator[Figure]:
    with serving("sink") as (host, port, path):
        url = f"http://{host}:{port}{path}"
        turns = [asyncio.run(_throughput(url)) for _ in range(TURNS)]
        mine, theirs = statistics.median(turn[0] for turn in turns), statistics.median(turn[1] for turn in turns)
        yield Figure(
            f"webhooks to {SUBSCRIPTIONS} subscriptions",
            f"{mine:,.0f} deliveries/s",
            f"bare aiohttp client that signs {theirs:,.0f}/s",
            statistics.median(turn[0] / turn[1] for turn in turns),
            0.5,
            least=True,
        )
        found = [asyncio.run(_rebalancing(url)) for _ in range(TURNS)]
        seconds, events = statistics.median(each[0] for each in found), found[0][1]
        yield Figure(
            "POST a rebalancing of 1,000 accounts, to its last webhook",
            f"{seconds * 1e3:,.0f} ms, {events:,} events",
            "2 s",
            seconds,
            2,
            least=False,
            unit="s",
        )


async def _throughput(url: str) -> tuple[float, float]:
    """Deliveries a second of a move of the clock, and of a bare client that signs and posts the same bodies."""
    async with await start(ServerSettings(auth="off", clock="manual", port=0)) as server:
        tenant = _tenant(server)
        world = tenant.world
        for _ in range(SUBSCRIPTIONS):
            seed_subscription(world, url=url, type=["ACCOUNT"], config={"delay": "1s", "max_package_size": 100})
        account = seeding.account(world)
        for _ in range(EVENTS):
            emit(world, "ACCOUNT.UPDATED", account)
        world.undo.clear()
        begin = time.perf_counter()
        happened = await tenant.driver.advance(HOUR)
        mine = len(happened.deliveries) / (time.perf_counter() - begin)
        if len(happened.deliveries) < SUBSCRIPTIONS * EVENTS:
            raise RuntimeError(f"only {len(happened.deliveries)} deliveries")
        body = happened.deliveries[0].body
    return mine, await _posted(url, body)


async def _posted(url: str, body: bytes) -> float:
    async with aiohttp.ClientSession() as session:

        async def post() -> None:
            for _ in range(EVENTS):
                signature_of(SIGNED_WITH, body)
                async with session.post(url, data=body, headers={"content-type": "application/json"}) as answer:
                    await answer.read()

        begin = time.perf_counter()
        await asyncio.gather(*(post() for _ in range(SUBSCRIPTIONS)))
        return SUBSCRIPTIONS * EVENTS / (time.perf_counter() - begin)


async def _rebalancing(url: str) -> tuple[float, int]:
    """Seconds from the request until everything due has happened and is delivered; and how many events that were."""
    scenario = _generated(url)
    async with await start(ServerSettings(scenarios=[scenario], auth="off", clock="manual", port=0)) as server:
        tenant = _tenant(server)
        accounts = [row.id for row in tenant.world.table(ACCOUNTS)]
        async with aiohttp.ClientSession(server.url) as session:
            body = {"accounts": accounts}
            headers = {"idempotency-key": "a7f3d2d0-7d86-4e8e-8f3a-5a0b2a6f4f10"}
            begin = time.perf_counter()
            async with session.post("/portfolios/rebalancings/executions", json=body, headers=headers) as answer:
                if answer.status >= 300:
                    raise RuntimeError(await answer.text())
            happened = await tenant.driver.run_until_idle()
            return time.perf_counter() - begin, len(happened.events)


def _generated(url: str) -> dict[str, Any]:
    """The shipped thousand, and one subscription to everything."""
    path = shipped.files()["generated-1000"]
    data = dict(parse(path.read_bytes(), str(path)).data)
    return {**data, "steps": [], "webhooks": [{"url": url, "type": ["ALL"], "config": {"max_package_size": 1_048_576}}]}


def _tenant(server: RunningServer) -> Tenant:
    tenant = server.worlds.default
    assert tenant is not None
    return tenant
