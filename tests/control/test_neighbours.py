"""What a world does never shows in another one: not in its bytes, its times, its states or its deliveries."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from benchmarks.growth import ONE_ACCOUNT, ORDER, place
from mockserver.domain.orders.orders import ORDERS
from mockserver.server import RunningServer, ServerSettings, start
from tests.webhooks.targets import Target, target

BUSY = "7c0c7e4c-5a3a-4f0a-9a2e-0c8d6a1f4b01"
QUIET = "7c0c7e4c-5a3a-4f0a-9a2e-0c8d6a1f4b02"
ORDERS_OF_THE_BUSY = 1_500
PLACED = 5


@dataclass
class Story:
    """All that the client of the quiet world gets to see."""

    answers: list[tuple[int, str, bytes]] = field(default_factory=list)
    """Status, request id and body of each answer, control API included."""
    read_by_the_receiver: list[bytes] = field(default_factory=list)
    delivered: list[bytes] = field(default_factory=list)


@pytest.fixture
async def receiver() -> AsyncIterator[Target]:
    async with target() as receiver:
        yield receiver


async def serve() -> RunningServer:
    """Two worlds that pause wherever they may, so that their turns alternate on any machine."""
    scenarios = [{**ONE_ACCOUNT, "client": {"id": each}} for each in (BUSY, QUIET)]
    server = await start(ServerSettings(scenarios=scenarios, auth="off", clock="manual", port=0))
    for tenant in server.worlds:
        tenant.driver.slices.length = 0
    return server


async def told(session: aiohttp.ClientSession, receiver: Target) -> Story:
    """The quiet world's story: orders are placed and dealt, and its receiver looks each of them up."""
    story, control = Story(), f"/_mock/worlds/{QUIET}"
    receiver.bodies.clear()
    (account,) = (await _json(session, "/accounts"))["data"]
    listed = f"/accounts/{account['id']}/orders"

    async def look(request: web.Request) -> web.StreamResponse:
        async with session.get(listed, headers={"upvest-client-id": QUIET}) as answer:
            story.read_by_the_receiver.append(await answer.read())
        return web.Response()

    async def ask(method: str, path: str, body: Any = None, **headers: str) -> bytes:
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        async with session.request(method, path, json=body, headers={"upvest-client-id": QUIET, **headers}) as answer:
            # ids of control answers are those of the server, and not of the world
            mark = "" if path.startswith("/_mock/") else answer.headers["upvest-request-id"]
            story.answers.append((answer.status, mark, await answer.read()))
        return story.answers[-1][2]

    receiver.answer = look
    await ask("POST", f"{control}/webhooks", {"title": "quiet", "url": receiver.url, "config": {"delay": "1s"}})
    for number in range(PLACED):
        order = {"account_id": account["id"], "user_id": account["users"][0]["id"], **ORDER}
        await ask("POST", "/orders", order, idempotency_key=f"{number:08x}-5a3a-4f0a-9a2e-0c8d6a1f4b02")
        await ask("POST", f"{control}/clock/advance", {"by": "1d"})
        await ask("GET", listed)
    for looked_at in ("events", "deliveries", "moves", "state/orders", "failures", "clock"):
        await ask("GET", f"{control}/{looked_at}")
    story.delivered = list(receiver.bodies)
    return story


async def _json(session: aiohttp.ClientSession, path: str) -> Any:
    async with session.get(path, headers={"upvest-client-id": QUIET}) as answer:
        return await answer.json()


async def test_beside_a_busy_world_everything_is_as_alone(receiver: Target) -> None:
    async with await serve() as server, aiohttp.ClientSession(server.url) as session:
        alone = await told(session, receiver)
    async with await serve() as server, aiohttp.ClientSession(server.url) as session:
        busy = server.worlds.get(BUSY)
        place(busy.world, ORDERS_OF_THE_BUSY)
        moving = asyncio.create_task(busy.driver.run_until_idle())
        beside = await told(session, receiver)
        assert not moving.done(), "the busy world was done before the story was told: give it more to do"
        await moving
        filled = [row.status for row in busy.world.table(ORDERS)]
    assert beside == alone
    assert len(alone.delivered) == len(alone.read_by_the_receiver) >= PLACED
    assert {status for status, _, _ in alone.answers} == {200, 201, 202}
    assert filled == ["FILLED"] * ORDERS_OF_THE_BUSY


async def test_the_health_check_is_answered_in_the_middle_of_an_instant(receiver: Target) -> None:
    async with await serve() as server, aiohttp.ClientSession(server.url) as session:
        busy = server.worlds.get(BUSY)
        place(busy.world, ORDERS_OF_THE_BUSY)
        moving = asyncio.create_task(busy.driver.run_until_idle())
        await asyncio.sleep(0)
        for path in ("/_mock/health", "/_mock/worlds"):
            async with session.get(path) as answer:
                assert answer.status == 200
        assert not moving.done()
        await moving
