"""Keys and wrong signatures by command, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.kernel.events import emit
from mockserver.kernel.world import World
from mockserver.testing import BadDelivery, verify_delivery
from mockserver.webhooks.subscriptions import seed_subscription
from tests.conftest import Api
from tests.webhooks.targets import Target, target
from tests.webhooks.tenants import Thing

KEYS = "/_mock/worlds/default/webhook_keys"


async def shown(client: Api) -> dict[str, Any]:
    told: dict[str, Any] = (await client.get(KEYS)).json
    return told


async def published(client: Api) -> dict[str, Any]:
    keys: dict[str, Any] = (await client.get("/auth/verify_keys")).json
    return keys


async def verified(client: Api, receiver: Target, number: int = -1) -> str:
    request = receiver.requests[number]
    return verify_delivery(request.headers, receiver.bodies[number], await published(client), path=request.path).kid


async def test_the_keys_of_a_world(client: Api) -> None:
    told = await shown(client)
    (key,) = told["keys"]
    assert (told["signature"], told["fault"], told["count"]) == ("6", None, None)
    assert (key["created_at"], key["signs"]) == ("2023-01-10T09:00:00Z", True)
    assert [key["jwk"]] == (await published(client))["keys"]
    assert key["kid"] == key["jwk"]["kid"]


async def test_a_rotation_publishes_both_keys(client: Api) -> None:
    (old,) = (await shown(client))["keys"]
    await client.post("/_mock/worlds/default/clock/advance", json={"by": "1d"})
    answer = await client.post(f"{KEYS}/rotate")
    assert answer.status == 201
    assert [(key["created_at"], key["signs"]) for key in answer.json["keys"]] == [
        ("2023-01-10T09:00:00Z", False),
        ("2023-01-11T09:00:00Z", True),
    ]
    assert answer.json == await shown(client)
    assert [key["jwk"] for key in answer.json["keys"]] == (await published(client))["keys"]
    assert answer.json["keys"][0]["kid"] == old["kid"]


async def test_an_old_key_is_retired(client: Api) -> None:
    old, new = (await client.post(f"{KEYS}/rotate")).json["keys"]
    assert (await client.delete(f"{KEYS}/{old['kid']}")).status == 204
    assert (await published(client))["keys"] == [new["jwk"]]
    assert (await client.delete(f"{KEYS}/{old['kid']}")).status == 404


async def test_the_key_that_signs_stays(client: Api) -> None:
    (key,) = (await shown(client))["keys"]
    answer = await client.delete(f"{KEYS}/{key['kid']}")
    assert (answer.status, "rotate first" in answer.detail) == (409, True)


async def test_reset_and_restore_bring_the_keys_back(client: Api) -> None:
    first = await shown(client)
    rotated = (await client.post(f"{KEYS}/rotate")).json
    await client.post("/_mock/worlds/default/snapshots")
    await client.put(f"{KEYS}/fault", json={"fault": "expired_key"})
    await client.delete(f"{KEYS}/{first['keys'][0]['kid']}")
    await client.post("/_mock/worlds/default/snapshots/s1/restore")
    assert await shown(client) == rotated
    await client.post("/_mock/worlds/default/reset")
    assert await shown(client) == first


async def test_a_fault_is_planned_and_taken_away(client: Api) -> None:
    told = (await client.put(f"{KEYS}/fault", json={"fault": "wrong_signature", "count": 2})).json
    assert (told["fault"], told["count"]) == ("wrong_signature", 2)
    assert told == await shown(client)
    told = (await client.put(f"{KEYS}/fault", json={"fault": None})).json
    assert (told["fault"], told["count"]) == (None, None)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "fault"),
        ({"fault": "late"}, "wrong_signature"),
        ({"fault": "wrong_signature", "count": 0}, "count"),
        ({"fault": "wrong_signature", "count": "1"}, "count"),
        ({"fault": None, "count": 1}, "a count needs a fault"),
        ({"fault": "expired_key", "kid": "x"}, "kid"),
    ],
)
async def test_a_plan_that_is_none_is_refused(client: Api, body: dict[str, Any], text: str) -> None:
    answer = await client.put(f"{KEYS}/fault", json=body)
    assert answer.status == 400
    assert text in answer.detail
    assert (await shown(client))["fault"] is None


@pytest.mark.parametrize(("fault", "text"), [("wrong_signature", "does not fit"), ("expired_key", "is not published")])
async def test_a_fault_shows_at_the_receiver_and_in_the_deliveries(
    client: Api, world: World, fault: str, text: str
) -> None:
    await client.put(f"{KEYS}/fault", json={"fault": fault, "count": 1})
    async with target() as receiver:
        webhook = seed_subscription(world, url=receiver.url)
        for _ in range(2):
            emit(world, "ORDER.NEW", Thing("a"))
            await client.post("/_mock/worlds/default/clock/advance", json={"by": "1m"})
        await client.post(f"/webhooks/{webhook.id}/test")
    with pytest.raises(BadDelivery, match=text):
        await verified(client, receiver, 0)
    (key,) = (await shown(client))["keys"]
    assert [await verified(client, receiver, number) for number in (1, 2)] == 2 * [key["kid"]]
    told = (await client.get("/_mock/worlds/default/deliveries")).json["deliveries"]
    assert [attempt["signature"]["fault"] for each in told for attempt in each["attempts"]] == [fault, None]
