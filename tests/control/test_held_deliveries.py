"""Deliveries that wait to be overtaken, with a receiver that really listens: shown, released, recorded, replayed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from mockserver.kernel.events import emit
from mockserver.kernel.world import World
from mockserver.webhooks.subscriptions import seed_subscription
from tests.conftest import Api
from tests.webhooks.targets import Target, target
from tests.webhooks.tenants import Thing

DEFAULT = "/_mock/worlds/default"


@pytest.fixture
async def receiver(world: World) -> AsyncIterator[Target]:
    async with target() as receiver:
        seed_subscription(world, url=receiver.url, config={"delay": "1s"})
        yield receiver


async def set_fault(client: Api, **members: Any) -> None:
    answer = await client.post(f"{DEFAULT}/faults", json={"webhook": {}, **members})
    assert answer.status == 201, answer.body


async def advance(client: Api, **how: Any) -> Any:
    return (await client.post(f"{DEFAULT}/clock/advance", json=how or {"by": "1s"})).json


async def tell(client: Api, *names: str) -> None:
    for name in names:
        emit(client.world, "ORDER.NEW", Thing(name))
        await advance(client)


async def held(client: Api) -> list[Any]:
    return list((await client.get(f"{DEFAULT}/upcoming")).json["held"])


async def test_what_waits_to_be_overtaken_is_shown_with_its_reason(client: Api, receiver: Target) -> None:
    await set_fault(client, webhook={"nth": 1}, overtaken_by="next")
    assert await held(client) == []
    await tell(client, "a")
    await advance(client, until="idle")
    (delivery,) = await held(client)
    assert (delivery["state"], delivery["reason"], delivery["retry_at"], delivery["faults"]) == (
        "HELD",
        "held back by the fault w1 until another delivery of its subscription was delivered",
        None,
        ["w1"],
    )
    assert (await client.get(f"{DEFAULT}/deliveries")).json["deliveries"][0]["state"] == "HELD"
    assert receiver.names == []
    await tell(client, "b")
    assert receiver.names == [["b"], ["a"]]
    assert await held(client) == []


async def test_one_that_is_delayed_is_shown_too_and_says_when_it_goes(client: Api, receiver: Target) -> None:
    await set_fault(client, delay="1h")
    await tell(client, "a")
    assert [each["retry_at"] for each in await held(client)] == ["2023-01-10T10:00:01Z"]
    assert receiver.names == []


async def test_redeliver_releases_it_now(client: Api, receiver: Target) -> None:
    await set_fault(client, webhook={"nth": 1}, overtaken_by="next")
    await tell(client, "a")
    ((delivery,), path) = (await held(client), f"{DEFAULT}/deliveries")
    answer = (await client.post(f"{path}/{delivery['id']}/redeliver")).json["delivery"]
    assert (answer["state"], receiver.names) == ("DELIVERED", [["a"]])


@pytest.mark.parametrize("which", ["", "/w1"])
async def test_taking_its_fault_away_releases_it(client: Api, receiver: Target, which: str) -> None:
    await set_fault(client, webhook={"nth": 1}, overtaken_by="next")
    await tell(client, "a")
    assert (await client.delete(f"{DEFAULT}/faults{which}")).status == 204
    assert await held(client) == []
    await advance(client)
    assert receiver.names == [["a"]]


async def test_a_snapshot_and_a_reset(client: Api, receiver: Target) -> None:
    await set_fault(client, webhook={"nth": 1}, overtaken_by="next")
    await tell(client, "a")
    taken = (await client.post(f"{DEFAULT}/snapshots")).json["id"]
    await tell(client, "b")
    await client.post(f"{DEFAULT}/snapshots/{taken}/restore")
    assert len(await held(client)) == 1
    await tell(client, "c")
    assert receiver.names == [["b"], ["a"], ["c"], ["a"]]
