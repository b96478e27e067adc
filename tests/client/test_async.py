"""The asynchronous client is the same client, and says the same."""

from __future__ import annotations

import asyncio
import inspect
import re
from pathlib import Path
from types import ModuleType

import pytest

import mockserver.client as client
from mockserver.client import (
    AsyncMockServer,
    ControlError,
    NotVerifiedError,
    faults_async,
    generate,
    keys_async,
    parts_async,
    requests_async,
    worlds_async,
)
from tests.client.asking import allocate, ask

HERE = Path(client.__file__).parent


@pytest.mark.parametrize("name", generate.GENERATED)
def test_the_synchronous_client_is_up_to_date(name: str) -> None:
    written = (HERE / f"{name}_async.py").read_text("utf-8")
    assert (HERE / f"{name}.py").read_text("utf-8") == generate.synchronous(written), (
        "run python -m mockserver.client.generate"
    )


@pytest.mark.parametrize("module", [faults_async, keys_async, parts_async, requests_async, worlds_async])
def test_nothing_asynchronous_is_left_in_it(module: ModuleType) -> None:
    made = generate.synchronous(inspect.getsource(module))
    assert not re.search(r"\b(async|await|Async\w+)\b", made)


async def test_a_world_is_used_from_an_event_loop(url: str) -> None:
    async with (
        AsyncMockServer(url) as server,
        await server.worlds.create(auth="off", clock="manual") as world,
    ):
        await asyncio.to_thread(allocate, world)
        assert [event.type for event in await world.events.list()] == ["PORTFOLIO_ALLOCATION.CREATED"]
        snapshot = await world.snapshot()
        assert (await world.clock.advance("1d")).counts["failures"] == 0
        await world.restore(snapshot)
        assert (await world.clock.now()).isoformat() == "2023-01-10T08:00:00+00:00"
        await world.requests.verify("POST", "/portfolios/allocations")


async def test_without_a_context_nothing_is_left_open(url: str) -> None:
    server = AsyncMockServer(url)
    assert (await server.health()).status == "ready"
    with pytest.raises(ControlError, match="There is no world"):
        await server.worlds.get("nobody")


def test_one_client_serves_several_event_loops(url: str) -> None:
    server = AsyncMockServer(url)
    assert [asyncio.run(server.health()).status for _ in range(2)] == ["ready", "ready"]


async def test_a_wait_for_a_request_fails_at_once_unless_another_task_may_send_it(url: str) -> None:
    async with AsyncMockServer(url) as server, await server.worlds.create(clock="manual", auth="off") as world:
        with pytest.raises(NotVerifiedError, match="nothing is under way"):
            await world.requests.wait_for("GET", "/users", timeout=600)
        mark = await world.requests.mark()
        other = asyncio.create_task(asyncio.to_thread(ask, world, "GET", "/users"))
        (request,) = await world.requests.wait_for("GET", "/users", since=mark)
        await other
        assert request.status == 200
