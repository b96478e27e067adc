"""Faults that spoil attempts, and deliveries that are repeated on command, with a receiver that really listens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from aiohttp import web

from mockserver.kernel.events import emit
from mockserver.kernel.world import World
from mockserver.webhooks.keys import keys_of
from mockserver.webhooks.signature_faults import SOUND, faults_of
from mockserver.webhooks.subscription import WEBHOOKS
from mockserver.webhooks.subscriptions import seed_subscription
from tests.conftest import Api
from tests.webhooks.targets import Target, answering, no_content, target
from tests.webhooks.tenants import Thing

DEFAULT = "/_mock/worlds/default"
NOBODY = "404b170a-9042-41ed-9a51-2eabd0c03f8a"


@pytest.fixture
async def receiver(world: World) -> AsyncIterator[Target]:
    async with target() as receiver:
        seed_subscription(world, url=receiver.url, config={"delay": "1s"})
        yield receiver


async def set_fault(client: Api, **members: Any) -> None:
    answer = await client.post(f"{DEFAULT}/faults", json={"webhook": {}, **members})
    assert answer.status == 201, answer.body


async def tell(client: Api, *names: str) -> None:
    """Each event in a bundle of its own."""
    for name in names:
        emit(client.world, "ORDER.NEW", Thing(name))
        await advance(client, "1s")


async def advance(client: Api, by: str) -> Any:
    return (await client.post(f"{DEFAULT}/clock/advance", json={"by": by})).json


async def deliveries(client: Api) -> list[Any]:
    return list((await client.get(f"{DEFAULT}/deliveries")).json["deliveries"])


async def test_the_second_delivery_fails_once_and_comes_a_second_later(client: Api, receiver: Target) -> None:
    await set_fault(client, webhook={"nth": 2}, fail=500)
    await tell(client, "a", "b")
    assert receiver.names == [["a"]]
    (_, failed) = await deliveries(client)
    (attempt,) = failed["attempts"]
    assert (failed["state"], attempt["status"], attempt["fault"], attempt["delivered"]) == (
        "RETRYING",
        500,
        "w1",
        False,
    )
    await advance(client, "1s")
    assert receiver.names == [["a"], ["b"]]
    (_, delivered) = await deliveries(client)
    assert [each["fault"] for each in delivered["attempts"]] == ["w1", None]


@pytest.mark.parametrize(
    ("fail", "problem"),
    [
        ("refused", "nothing listens at {origin}: connection refused"),
        ("timeout", "{origin} did not answer within 2s"),
        (302, "it answered 302, and redirects are not followed"),
    ],
)
async def test_what_is_pretended_reads_as_the_real_thing(
    client: Api, receiver: Target, fail: Any, problem: str
) -> None:
    await set_fault(client, fail=fail)
    await tell(client, "a")
    ((attempt,),) = [each["attempts"] for each in await deliveries(client)]
    assert attempt["problem"] == problem.format(origin=receiver.url.removesuffix("/hooks"))
    assert receiver.names == []


async def test_several_attempts_may_fail(client: Api, receiver: Target) -> None:
    await set_fault(client, fail=503, attempts=3)
    await tell(client, "a")
    await advance(client, "1m")
    ((*failed, last),) = [each["attempts"] for each in await deliveries(client)]
    assert [each["status"] for each in failed] == [503] * 3
    assert (last["status"], receiver.names) == (204, [["a"]])


async def test_a_receiver_may_get_it_all_the_same_and_get_it_again(client: Api, receiver: Target) -> None:
    await set_fault(client, fail={"error": "timeout", "received": True})
    await tell(client, "a")
    await advance(client, "1s")
    assert receiver.names == [["a"], ["a"]]
    assert receiver.bodies[0] == receiver.bodies[1]


async def test_the_signature_of_one_delivery_is_wrong(client: Api, receiver: Target) -> None:
    await set_fault(client, webhook={"nth": 1}, signature="wrong_signature")
    receiver.answer = answering(401)
    await tell(client, "a")
    receiver.answer = answering(204)
    await advance(client, "1s")
    await tell(client, "b")
    first, second = await deliveries(client)
    assert [each["signature"]["fault"] for each in first["attempts"]] == ["wrong_signature", None]
    assert [each["signature"]["fault"] for each in second["attempts"]] == [None]
    assert faults_of(client.world).plan == SOUND


async def test_the_key_of_one_delivery_is_expired(client: Api, receiver: Target) -> None:
    await set_fault(client, signature="expired_key")
    await tell(client, "a")
    ((attempt,),) = [each["attempts"] for each in await deliveries(client)]
    assert attempt["signature"]["kid"] not in {key.kid for key in keys_of(client.world).published}


# --- Again ---


async def unavailable(_: web.Request) -> web.StreamResponse:
    return web.Response(status=503)


async def redeliver(client: Api, delivery: Any) -> Any:
    return await client.post(f"{DEFAULT}/deliveries/{delivery['id']}/redeliver")


async def test_what_was_delivered_comes_again_now(client: Api, receiver: Target) -> None:
    await tell(client, "a")
    (first,) = await deliveries(client)
    before = client.world.now
    answer = await redeliver(client, first)
    assert answer.status == 200
    again = answer.json["delivery"]
    assert (again["state"], again["redelivery_of"], again["attempts"][0]["status"]) == ("DELIVERED", first["id"], 204)
    assert again["payload"] == first["payload"]
    assert receiver.bodies[0] == receiver.bodies[1]
    assert client.world.now == before


async def test_it_comes_again_with_other_events_signed_as_any(client: Api, receiver: Target) -> None:
    await tell(client, "a", "b")
    delivery = (await deliveries(client))[0]
    own = delivery["events"][0]
    events = [{"object": {"name": "c"}}, {"id": "x", "type": "NO.SUCH", "object": {"name": "d"}}]
    answer = await client.post(f"{DEFAULT}/deliveries/{delivery['id']}/redeliver", json={"events": events})
    again = answer.json["delivery"]
    assert (again["state"], again["redelivery_of"]) == ("DELIVERED", delivery["id"])
    first, second = orjson.loads(receiver.bodies[-1])["payload"]
    assert (first["id"], first["type"], first["object"]) == (own["id"], own["type"], {"name": "c"})
    assert (second["id"], second["type"], second["object"]) == ("x", "NO.SUCH", {"name": "d"})
    assert "signature" in receiver.requests[-1].headers
    assert (await client.get(f"{DEFAULT}/deliveries/{delivery['id']}")).json["payload"] == delivery["payload"]


@pytest.mark.parametrize(
    "body", [{"events": []}, {"events": [{"object": 1}]}, {"event": []}, {"events": [{"at": "x"}]}]
)
async def test_what_is_no_event_is_refused(client: Api, receiver: Target, body: Any) -> None:
    await tell(client, "a")
    (delivery,) = await deliveries(client)
    answer = await client.post(f"{DEFAULT}/deliveries/{delivery['id']}/redeliver", json=body)
    assert (answer.status, len(receiver.bodies)) == (400, 1)


async def test_what_was_dropped_comes_after_all(client: Api, receiver: Target) -> None:
    await set_fault(client, drop=True)
    await tell(client, "a")
    (dropped,) = await deliveries(client)
    await redeliver(client, dropped)
    assert receiver.names == [["a"]]


async def test_what_waits_for_its_next_try_is_tried_now(client: Api, receiver: Target) -> None:
    await set_fault(client, fail=500)
    await tell(client, "a")
    (failed,) = await deliveries(client)
    again = (await redeliver(client, failed)).json["delivery"]
    assert (again["id"], again["state"], len(again["attempts"])) == (failed["id"], "DELIVERED", 2)
    await advance(client, "1m")
    assert receiver.names == [["a"]]


async def test_it_goes_past_a_queue_that_is_blocked(client: Api, receiver: Target) -> None:
    await tell(client, "a")
    await set_fault(client, webhook={"nth": 1}, fail=500, attempts=2)
    await tell(client, "b", "c")
    first, blocked, _ = await deliveries(client)
    again = (await redeliver(client, first)).json["delivery"]
    assert (again["state"], again["redelivery_of"]) == ("DELIVERED", first["id"])
    assert receiver.names == [["a"], ["a"]]
    assert (await deliveries(client))[1] == blocked, "it keeps its next try"
    await advance(client, "1m")
    assert receiver.names == [["a"], ["a"], ["b"], ["c"]]


async def test_one_that_fails_past_a_blocked_queue_loses_nothing(client: Api, receiver: Target) -> None:
    await tell(client, "a")
    await set_fault(client, webhook={"nth": 1}, fail=500, attempts=3)
    await tell(client, "b", "c")
    first, blocked, _ = await deliveries(client)
    receiver.answer = unavailable
    again = (await redeliver(client, first)).json["delivery"]
    assert (again["state"], again["attempts"][0]["status"]) == ("RETRYING", 503)
    assert (await redeliver(client, blocked)).json["delivery"]["state"] == "RETRYING"
    receiver.answer = no_content
    await advance(client, "1h")
    assert {each["state"] for each in await deliveries(client)} == {"DELIVERED"}
    taken = [name for (name,) in receiver.names]
    assert (taken.count("b"), taken.count("c"), taken[-1]) == (1, 1, "c")


async def test_what_is_held_is_let_go(client: Api, receiver: Target) -> None:
    await set_fault(client, delay="1d")
    await tell(client, "a")
    (held,) = await deliveries(client)
    assert (await redeliver(client, held)).json["delivery"]["state"] == "DELIVERED"
    assert client.world.clock.idle


async def test_what_waits_behind_another_is_not_hastened(client: Api, receiver: Target) -> None:
    await set_fault(client, webhook={"nth": 1}, fail=500, attempts=5)
    await tell(client, "a", "b")
    _, waiting = await deliveries(client)
    answer = await redeliver(client, waiting)
    assert answer.status == 409
    assert "it was not sent yet: it waits behind an earlier one" in answer.detail
    assert receiver.names == []


async def test_to_a_disabled_subscription_nothing_is_sent(client: Api, receiver: Target, world: World) -> None:
    await tell(client, "a")
    (webhook,) = world.table(WEBHOOKS)
    await client.patch(f"/webhooks/{webhook.id}", json={"enabled": False})
    answer = await redeliver(client, (await deliveries(client))[0])
    assert (answer.status, receiver.names) == (409, [["a"]])
    assert f"PATCH /webhooks/{webhook.id} with enabled true first" in answer.detail


async def test_to_a_deleted_subscription_nothing_is_sent(client: Api, receiver: Target, world: World) -> None:
    await tell(client, "a")
    (webhook,) = world.table(WEBHOOKS)
    await client.delete(f"/webhooks/{webhook.id}")
    answer = await redeliver(client, (await deliveries(client))[0])
    assert (answer.status, receiver.names) == (409, [["a"]])
    assert "its subscription was deleted" in answer.detail


async def test_an_unknown_delivery(client: Api) -> None:
    answer = await redeliver(client, {"id": NOBODY})
    assert (answer.status, answer.detail[:50]) == (404, f"There is no delivery '{NOBODY}'; the last"[:50])
