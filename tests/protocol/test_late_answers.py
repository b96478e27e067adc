"""Delays of the machine's time: before a request is looked at, or after it is carried out."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mockserver.kernel.world import World
from mockserver.protocol.faults import RequestFault
from tests.conftest import Api
from tests.protocol.allocations import BODY, HANDLERS, KIND, PATH
from tests.protocol.conftest import Serve

KEY = "404b170a-9042-41ed-9a51-2eabd0c03f8a"


@pytest.fixture
async def api(serve: Serve) -> Api:
    return await serve(HANDLERS)


def set_fault(api: Api, **members: Any) -> None:
    api.tenant.faults.add(RequestFault.model_validate({"request": {}, **members}))


async def test_a_delay_is_of_the_machines_time(api: Api, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("mockserver.protocol.faulty_answers.asyncio.sleep", sleep)
    before = world.now
    set_fault(api, delay="2s")
    set_fault(api, request={"nth": 2}, status=503, delay="250ms")
    assert [(await api.get(PATH)).status for _ in range(2)] == [200, 503]
    assert (slept, world.now) == ([2.0, 2.25], before)


@pytest.mark.parametrize("effect", [{}, {"status": 504}])
async def test_an_answer_may_be_late_after_the_request_is_carried_out(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch, effect: Any
) -> None:
    """The client that gave up looks meanwhile, and repeats itself: it finds what it did, and gets that answer."""
    asleep, awake = asyncio.Event(), asyncio.Event()
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        asleep.set()
        await awake.wait()

    monkeypatch.setattr("mockserver.protocol.faulty_answers.asyncio.sleep", sleep)
    set_fault(api, request={"method": "POST", "times": 1}, delay="600ms", carried_out=True, **effect)
    key = {"idempotency-key": KEY, "content-type": "application/json"}
    first = asyncio.ensure_future(api.post(PATH, json=BODY, headers=key))
    await asleep.wait()
    (made,) = world.table(KIND)
    (entry,) = api.tenant.journal
    assert entry.status == effect.get("status", 200), "the journal has it before the client has"
    again = await api.post(PATH, json=BODY, headers=key)
    assert (again.status, again.body) == (200, made.wire)
    assert not first.done()
    awake.set()
    answer = await first
    assert answer.status == effect.get("status", 200)
    assert effect or answer.body == made.wire
    assert (slept, len(world.table(KIND))) == ([0.6], 1)


async def test_delays_before_and_after_add_up_apart(api: Api, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[tuple[float, int]] = []

    async def sleep(seconds: float) -> None:
        slept.append((seconds, len(world.table(KIND))))

    monkeypatch.setattr("mockserver.protocol.faulty_answers.asyncio.sleep", sleep)
    for delay, carried_out in (("1s", None), ("2s", True), ("4s", None), ("8s", True)):
        set_fault(api, delay=delay, carried_out=carried_out)
    await api.post(PATH, json=BODY)
    assert slept == [(5.0, 0), (10.0, 1)]
