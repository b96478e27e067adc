"""Deliveries whose JSON is formatted in another way: by the profile, or by a fault."""

from __future__ import annotations

from typing import Any, get_args

import orjson
import pytest

from mockserver.kernel.profile import profile
from mockserver.kernel.settings import JsonFormat
from mockserver.kernel.world import World
from mockserver.webhooks.attempts import Outcome
from mockserver.webhooks.delivery import delivery_view
from mockserver.webhooks.faults import WebhookFault
from mockserver.webhooks.json_format import formatted
from mockserver.webhooks.redelivery import redeliver
from tests.webhooks.tenants import Tenant, down, ok, tenant

FORMATS = get_args(JsonFormat)


def in_format(json_format: str) -> Tenant:
    made = tenant({"webhooks": {"json": json_format}})
    made.subscribe()
    return made


def tell(made: Tenant, name: str) -> None:
    made.tell(name)
    made.advance("1s")


def set_fault(made: Tenant, **members: Any) -> None:
    made.outbox.faults.add(WebhookFault.model_validate({"webhook": {}, **members}))


def compact(body: bytes) -> bytes:
    """What a body is in the default format, from a receiver that keeps the order of members."""
    return orjson.dumps(orjson.loads(body))


@pytest.mark.parametrize("json_format", FORMATS)
def test_the_profile_says_how_deliveries_are_formatted(json_format: JsonFormat) -> None:
    made, plain = in_format(json_format), in_format("compact")
    for each in (made, plain):
        tell(each, "ü/b")
    (sent,), (reference,) = made.sent, plain.sent
    assert sent.body == formatted(reference.body, json_format)
    assert orjson.loads(sent.body) == orjson.loads(reference.body)
    assert (sent.body == reference.body) is (json_format == "compact")


@pytest.mark.parametrize("json_format", FORMATS)
def test_every_attempt_copy_and_redelivery_has_the_same_bytes(json_format: JsonFormat) -> None:
    made = in_format(json_format)
    set_fault(made, webhook={"times": 1}, duplicate=1)
    made.answer = down
    tell(made, "ü/b")
    made.world.profile = profile("sandbox")
    made.answer = ok
    made.advance("1m")
    redeliver(made.outbox, made.outbox.deliveries()[0])
    made.deliver()
    assert len(made.sent) >= 4
    assert len({sent.body for sent in made.sent}) == 1


@pytest.mark.parametrize("json_format", FORMATS)
def test_the_view_has_the_format_the_size_and_the_bytes_that_were_sent(json_format: JsonFormat) -> None:
    made = in_format(json_format)
    tell(made, "ü/b")
    view = delivery_view(made.outbox.deliveries()[0])
    (sent,) = made.sent
    assert (view["json"], view["size"]) == (json_format, len(sent.body))
    assert orjson.dumps(view["payload"]) in sent.body
    assert orjson.loads(orjson.dumps(view))["payload"] == sent.events


def test_a_bundle_is_formatted_as_the_profile_says_when_it_is_closed() -> None:
    made = in_format("compact")
    tell(made, "a")
    made.tell("b")
    made.world.profile = profile("sandbox", {"webhooks": {"json": "spaced"}})
    made.advance("1s")
    first, second = (sent.body for sent in made.sent)
    assert (first == compact(first), second == formatted(compact(second), "spaced")) == (True, True)


def test_a_fault_formats_single_deliveries_whatever_the_profile_says() -> None:
    made = in_format("spaced")
    set_fault(made, webhook={"nth": 2}, json="compact")
    for name in "abc":
        tell(made, name)
    assert [sent.body == compact(sent.body) for sent in made.sent] == [False, True, False]
    assert [each.faults for each in made.outbox.deliveries()] == [(), ("w1",), ()]


def test_a_subscription_has_a_format_of_its_own_by_a_fault() -> None:
    made = tenant()
    plain, other = made.subscribe(), made.subscribe()
    set_fault(made, webhook={"webhook_id": other.id}, json="spaced")
    tell(made, "a")
    assert {sent.webhook_id: b'": ' in sent.body for sent in made.sent} == {plain.id: False, other.id: True}


def test_a_snapshot_keeps_the_format_of_what_is_not_sent_yet() -> None:
    made = in_format("spaced")
    made.answer = down
    tell(made, "a")
    snapshot = made.world.snapshot()
    made.world.restore(snapshot)
    made.advance("5s")
    assert len({sent.body for sent in made.sent}) == 1


async def test_a_test_event_is_formatted_too() -> None:
    made = tenant({"webhooks": {"json": "spaced"}})
    bodies: list[bytes] = []

    class Courier:
        async def send(self, world: World, url: str, body: bytes) -> Outcome:
            assert world is made.world
            bodies.append(body)
            return Outcome(url, 200)

    made.outbox.sender = Courier()
    webhook = made.subscribe()
    await made.call("test_webhook", webhook.id)
    assert bodies == [formatted(compact(bodies[0]), "spaced")]
