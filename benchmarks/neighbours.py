"""One world moves without a pause; meanwhile another one is read, and its deliveries are sent.

At the 99th percentile answers come within 50 ms, and each delivery is made at its first attempt.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import aiohttp

from benchmarks.growth import ORDER
from benchmarks.measure import Figure, milliseconds
from benchmarks.processes import serving
from benchmarks.serving import CROWD as ORDERS

WITHIN = 0.05
"""Seconds, at the 99th percentile."""
EVERY = 0.005
"""Seconds between an answer and the next question."""


def figures() -> Iterator[Figure]:
    with serving("sink") as (host, port, hooks), serving("crowded") as (_, served, *names):
        found = asyncio.run(_beside(f"http://127.0.0.1:{served}", f"http://{host}:{port}{hooks}", *names))
    moved, latencies, deliveries = found
    for name, taken in latencies.items():
        note = f"median {milliseconds(statistics.median(taken))}, most {milliseconds(max(taken))}, of {len(taken)}"
        seconds = statistics.quantiles(taken, n=100)[98]
        yield Figure(
            f"{name}, beside a move of {ORDERS:,} orders that takes {moved:.1f} s, p99",
            milliseconds(seconds),
            note,
            seconds,
            WITHIN,
            least=False,
            unit="s",
        )
    attempts = sum(each["attempts_made"] for each in deliveries)
    delivered = sum(each["state"] == "DELIVERED" for each in deliveries)
    yield Figure(
        "attempts of the quiet world's deliveries, meanwhile",
        f"{attempts} attempts",
        f"{delivered} delivered",
        attempts / max(delivered, 1),
        1,
        least=False,
    )


async def _beside(
    server: str, hooks: str, path: str, busy: str, quiet: str, user: str
) -> tuple[float, dict[str, list[float]], list[Any]]:
    """How long the move took, the answers' times meanwhile, and the deliveries of the quiet world."""
    async with aiohttp.ClientSession(server) as session:
        world = f"/_mock/worlds/{quiet}"
        await _post(session, f"{world}/webhooks", {"title": "quiet", "url": hooks, "type": ["ORDER"]})
        moving = asyncio.create_task(_moved(session, busy))
        asked = {"GET /_mock/health": "/_mock/health", "GET an account of another world": path}
        taken = {name: asyncio.create_task(_asked(session, each, quiet, moving)) for name, each in asked.items()}
        while not moving.done():
            order = {"account_id": path.rpartition("/")[2], "user_id": user, **ORDER}
            await _post(session, "/orders", order, {"upvest-client-id": quiet, "idempotency-key": str(uuid4())})
            await _post(session, f"{world}/clock/advance", {"by": "5s"})
            await asyncio.sleep(EVERY)
        latencies = {name: await task for name, task in taken.items()}
        async with session.get(f"{world}/deliveries", params={"limit": "10000", "payload": "false"}) as answer:
            deliveries = (await answer.json())["deliveries"]
        return await moving, latencies, deliveries


async def _moved(session: aiohttp.ClientSession, world: str) -> float:
    begin = time.perf_counter()
    await _post(session, f"/_mock/worlds/{world}/clock/advance?limit=10", {"until": "idle"})
    return time.perf_counter() - begin


async def _asked(session: aiohttp.ClientSession, path: str, client: str, until: asyncio.Task[Any]) -> list[float]:
    taken = []
    while not until.done():
        begin = time.perf_counter()
        async with session.get(path, headers={"upvest-client-id": client}) as answer:
            await answer.read()
            answer.raise_for_status()
        taken.append(time.perf_counter() - begin)
        await asyncio.sleep(EVERY)
    return taken


async def _post(
    session: aiohttp.ClientSession, path: str, body: dict[str, Any], headers: dict[str, str] | None = None
) -> Any:
    async with session.post(path, json=body, headers=headers) as answer:
        answer.raise_for_status()
        return await answer.json()
