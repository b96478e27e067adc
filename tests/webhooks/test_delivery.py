"""How a delivery is shown to people."""

from __future__ import annotations

import orjson
import pytest

from mockserver.webhooks.attempts import Outcome
from mockserver.webhooks.delivery import EMPTY_BUNDLE, bundle, delivery_view
from mockserver.webhooks.signature_faults import Fault
from mockserver.webhooks.signing import Signature
from tests.webhooks.tenants import URL, Tenant, down


def test_a_bundle_without_events_has_the_size_it_is_said_to_have() -> None:
    assert len(bundle("", ())) == EMPTY_BUNDLE


def test_a_view_tells_the_whole_story(tenant: Tenant) -> None:
    spoiled = Signature(6, "k", Fault.WRONG_SIGNATURE)
    answers = iter(
        [
            Outcome(URL, 503, (("retry-after", "9"),), "busy"),
            Outcome(URL, error="nothing listens", signature=spoiled),
        ]
    )
    tenant.answer = lambda _: next(answers)
    webhook = tenant.subscribe()
    [event] = tenant.tell("a")
    tenant.advance("2s")
    [delivery] = tenant.outbox.deliveries()
    view = orjson.loads(orjson.dumps(delivery_view(delivery)))
    assert view == {
        "number": 1,
        "id": delivery.id,
        "webhook_id": webhook.id,
        "state": "RETRYING",
        "reason": None,
        "created_at": "2023-01-10T08:00:01Z",
        "url": URL,
        "size": len(delivery.body),
        "retry_at": "2023-01-10T08:00:04Z",
        "json": "compact",
        "faults": [],
        "redelivery_of": None,
        "attempts_made": 2,
        "skipped": [],
        "attempts": [
            {
                "number": 1,
                "at": "2023-01-10T08:00:01Z",
                "url": URL,
                "delivered": False,
                "status": 503,
                "headers": {"retry-after": "9"},
                "body": "busy",
                "problem": "it answered 503, and only 2xx is a success",
                "signature": None,
                "fault": None,
            },
            {
                "number": 2,
                "at": "2023-01-10T08:00:02Z",
                "url": URL,
                "delivered": False,
                "status": 0,
                "headers": {},
                "body": "",
                "problem": "nothing listens",
                "signature": {"version": 6, "kid": "k", "fault": "wrong_signature"},
                "fault": None,
            },
        ],
        "events": [{"number": 1, "id": event.id, "created_at": "2023-01-10T08:00:00Z", "type": "ORDER.NEW"}],
        "payload": orjson.loads(delivery.body)["payload"],
    }
    orjson.dumps(view)


def test_a_view_without_the_payload_names_the_events(tenant: Tenant) -> None:
    tenant.subscribe()
    tenant.tell("a")
    tenant.advance("1s")
    [delivery] = tenant.outbox.deliveries()
    view = delivery_view(delivery, payload=False)
    assert "payload" not in view
    assert view["events"][0]["type"] == "ORDER.NEW"


def test_a_delivery_that_waits_says_for_what(tenant: Tenant) -> None:
    tenant.answer = down
    tenant.subscribe()
    for name in "ab":
        tenant.tell(name)
        tenant.advance("1s")
    view = delivery_view(tenant.outbox.deliveries()[1])
    assert (view["state"], view["reason"]) == (
        "WAITING",
        "another delivery of its subscription goes first",
    )
    assert (view["url"], view["attempts"], view["retry_at"]) == (None, [], None)


@pytest.mark.parametrize(
    ("outcome", "problem"),
    [
        (Outcome(URL, 204), None),
        (Outcome(URL, 302), "it answered 302, and redirects are not followed"),
        (Outcome(URL, 400), "it answered 400, and only 2xx is a success"),
        (Outcome(URL, error="it hung"), "it hung"),
        (Outcome(URL, 200, error="it broke off"), "it broke off"),
    ],
)
def test_an_attempt_says_why_it_was_no_success(outcome: Outcome, problem: str | None) -> None:
    assert outcome.problem == problem
    assert outcome.delivered is (problem is None)
