"""A request that is repeated before it is answered is done once (concepts.md §3 [U], inferred)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from mockserver.kernel.operations import Call
from mockserver.kernel.world import World
from tests.conftest import Answer, Api
from tests.protocol.allocations import BODY, HANDLERS, KIND, PATH, UNKNOWN, create
from tests.protocol.conftest import Serve

KEY = "404b170a-9042-41ed-9a51-2eabd0c03f8a"


class Gate:
    """A domain function that waits for somebody else: each call until the test lets it go on."""

    def __init__(self) -> None:
        self.waiting: asyncio.Queue[asyncio.Future[bool]] = asyncio.Queue()
        self.begun = asyncio.Semaphore(0)
        """Taken once for every call that has begun."""
        self.calls = 0

    def __call__(self, world: World, call: Call[Any]) -> Awaitable[Any]:
        self.calls += 1
        return self._answer(world, call)

    async def _answer(self, world: World, call: Call[Any]) -> Any:
        go_on: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.waiting.put_nowait(go_on)
        self.begun.release()
        if not await go_on:
            raise UNKNOWN.refuse(id="x")
        return create(world, call)

    async def open(self, *, succeed: bool = True) -> None:
        """Let the next call that waits, or will, go on."""
        (await self.waiting.get()).set_result(succeed)


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
async def api(serve: Serve, gate: Gate) -> Api:
    return await serve({**HANDLERS, "create_portfolios_allocation": gate})


async def arrived(api: Api, count: int) -> None:
    """Until ``count`` repeats wait for the first: what they wait for is all that can be seen of them."""
    (running,) = api.tenant.replies._running.values()
    while len(running.over._waiters) < count:  # noqa: ASYNC110
        await asyncio.sleep(0)


Start = Callable[[int], list[asyncio.Task[Answer]]]


@pytest.fixture
def start(api: Api) -> Start:
    def begin(count: int) -> list[asyncio.Task[Answer]]:
        return [asyncio.create_task(api.post(PATH, json=BODY, key=KEY)) for _ in range(count)]

    return begin


async def test_repeats_wait_for_the_first_and_get_its_answer(api: Api, world: World, gate: Gate, start: Start) -> None:
    asked = start(5)
    await gate.begun.acquire()
    await arrived(api, 4)
    assert not any(each.done() for each in asked)
    await gate.open()
    answers = [await each for each in asked]
    assert {(answer.status, answer.body) for answer in answers} == {(200, answers[0].body)}
    assert len({answer.headers["upvest-request-id"] for answer in answers}) == 5
    assert (gate.calls, len(world.table(KIND))) == (1, 1)
    assert (await api.post(PATH, json=BODY, key=KEY)).body == answers[0].body
    assert gate.calls == 1


async def test_where_the_first_fails_the_next_is_executed(api: Api, world: World, gate: Gate, start: Start) -> None:
    asked = start(3)
    await gate.begun.acquire()
    await arrived(api, 2)
    await gate.open(succeed=False)
    await gate.open(succeed=False)
    await gate.open()
    assert sorted([(await each).status for each in asked]) == [200, 404, 404]
    assert (gate.calls, len(world.table(KIND))) == (3, 1)


async def test_another_body_under_the_same_key_is_refused_at_once(api: Api, gate: Gate, start: Start) -> None:
    (first,) = start(1)
    await gate.begun.acquire()
    answer = await api.post(PATH, json=BODY | {"name": "other"}, key=KEY)
    assert (answer.status, "with another body: use a new key" in answer.detail) == (400, True)
    await gate.open()
    assert (await first).status == 200


async def test_another_key_does_not_wait(api: Api, gate: Gate, start: Start) -> None:
    (first,) = start(1)
    second = asyncio.create_task(api.post(PATH, json=BODY))
    await gate.begun.acquire()
    await gate.begun.acquire()
    await gate.open()
    await gate.open()
    assert ((await first).status, (await second).status) == (200, 200)


async def test_after_a_restore_the_world_knows_nothing_of_it(api: Api, world: World, gate: Gate, start: Start) -> None:
    snapshot = world.snapshot()
    (first,) = start(1)
    await gate.begun.acquire()
    world.restore(snapshot)
    (second,) = start(1)
    await gate.begun.acquire()
    await gate.open()
    await gate.open()
    assert ((await first).status, (await second).status) == (200, 200)
    assert not api.tenant.replies._running
    assert len(api.tenant.replies.snapshot().sent) == 1


async def test_nothing_is_left_of_a_request_that_failed(api: Api, gate: Gate, start: Start) -> None:
    (first,) = start(1)
    await gate.open(succeed=False)
    assert (await first).status == 404
    assert not api.tenant.replies._running
    assert not api.tenant.replies.snapshot().sent
