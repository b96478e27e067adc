"""The test call (concepts.md §7.1).

The guide: https://docs.upvest.co/documentation/getting_started/implementing_webhooks/webhooks_testing
"""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from mockserver.contract import contract
from mockserver.kernel.operations import Content
from mockserver.kernel.rules import Refusal
from mockserver.models.webhooks import WebhookEventFamily
from mockserver.webhooks.sender import Sender
from mockserver.webhooks.test_event import trial_event
from tests.conformance import assert_valid, component_validator
from tests.webhooks.targets import answering, target
from tests.webhooks.tenants import Tenant


@pytest.fixture(autouse=True)
async def sender(tenant: Tenant) -> AsyncIterator[Sender]:
    sender = tenant.outbox.sender = Sender()
    yield sender
    await sender.close()


async def shown(tenant: Tenant, webhook_id: str) -> dict[str, Any]:
    """The answer's JSON, which must fit the contract."""
    answer: dict[str, Any] = orjson.loads((await tenant.call("test_webhook", webhook_id)).wire)
    component_validator("WebhookTestResponse").validate(answer)
    return answer


@pytest.mark.parametrize("enabled", [True, False])
async def test_a_test_event_is_sent_at_once_enabled_or_not(tenant: Tenant, enabled: bool) -> None:
    async with target(answering(201, text="thanks", headers={"x-colour": "red"})) as receiver:
        webhook = tenant.subscribe(url=receiver.url, type=["EXECUTION", "ORDER"], enabled=enabled)
        answer = await shown(tenant, webhook.id)
    assert answer["url"] == receiver.url
    assert (answer["response"]["status"], answer["response"]["body"]) == (201, "thanks")
    assert {name.lower(): value for name, value in answer["response"]["headers"].items()}["x-colour"] == "red"
    assert "error" not in answer["response"]
    [event] = orjson.loads(receiver.bodies[0])["payload"]
    assert event.keys() == {"id", "created_at", "type", "object", "webhook_id"}
    assert (event["type"], event["created_at"]) == ("EXECUTION.FILLED", "2023-01-10T08:00:00Z")
    assert event["webhook_id"] == webhook.id
    assert event["object"]["status"] == "FILLED"
    assert_valid("ExecutionEvent", orjson.dumps(event))


async def test_a_target_that_fails_is_shown_as_it_answered(tenant: Tenant) -> None:
    async with target(answering(302, headers={"location": "http://localhost/"})) as receiver:
        answer = await shown(tenant, tenant.subscribe(url=receiver.url).id)
    assert answer["response"]["status"] == 302
    assert "error" not in answer["response"]


@pytest.mark.parametrize(("status", "hinted"), [(401, True), (403, False), (204, False)])
async def test_a_target_that_answers_401_is_hinted_at_the_other_version(
    tenant: Tenant, status: int, hinted: bool
) -> None:
    """In a header: the body is that of the contract, whose ``error`` is for targets that cannot be reached."""
    async with target(answering(status)) as receiver:
        reply = await tenant.call("test_webhook", tenant.subscribe(url=receiver.url).id)
    headers = reply.headers if isinstance(reply, Content) else {}
    assert list(headers) == (["mockserver-hint"] if hinted else [])
    body = orjson.loads(reply.body if isinstance(reply, Content) else reply.wire)
    component_validator("WebhookTestResponse").validate(body)
    assert (body["response"]["status"], "error" in body["response"]) == (status, False)
    if hinted:
        assert headers["mockserver-hint"].startswith(
            "It was signed by version 6; for a receiver that expects version 15"
        )
        assert headers["mockserver-hint"].isascii()


async def test_a_target_that_cannot_be_reached_is_an_error_without_a_status(tenant: Tenant) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    answer = await shown(tenant, tenant.subscribe(url=f"{origin}/hooks").id)
    error = f"nothing listens at {origin}: connection refused"
    assert answer["response"] == {"status": 0, "headers": {}, "body": "", "error": error}


async def test_a_test_leaves_queue_record_and_ids_alone(tenant: Tenant) -> None:
    async with target(answering(500)) as receiver:
        webhook = tenant.subscribe(url=receiver.url)
        before = tenant.world.ids.snapshot()
        await shown(tenant, webhook.id)
    assert tenant.outbox.deliveries() == []
    assert tenant.world.clock.upcoming() == []
    shifted = {stream for stream, count in tenant.world.ids.snapshot().items() if before.get(stream) != count}
    assert shifted == {"test event", "test object"}


def test_without_a_server_nothing_can_be_tested(tenant: Tenant) -> None:
    tenant.outbox.sender = None
    with pytest.raises(Refusal, match="without a server") as refusal:
        tenant.call("test_webhook", tenant.subscribe().id)
    assert refusal.value.rule.status == 503


@pytest.mark.parametrize("family", list(WebhookEventFamily))
def test_every_family_has_an_event_of_the_contract(tenant: Tenant, family: WebhookEventFamily) -> None:
    event = trial_event(tenant.world, tenant.subscribe(type=[family]))
    assert event.type in contract().events
    assert event.family == family or family in ("ALL", "PORTFOLIO")


def test_a_subscription_to_nothing_gets_an_event_too(tenant: Tenant) -> None:
    assert trial_event(tenant.world, tenant.subscribe(type=[])).type == "USER.CREATED"


@pytest.mark.parametrize("family", [each for each in WebhookEventFamily if each in contract().families])
def test_the_test_event_is_of_a_type_that_the_family_has(tenant: Tenant, family: WebhookEventFamily) -> None:
    event = trial_event(tenant.world, tenant.subscribe(type=[family]))
    assert event.type in contract().families[family]
