"""Which events go together, and when (concepts.md §7.2)."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest

from tests.webhooks.tenants import Tenant


def body_of(*sizes: int) -> int:
    """The bytes of a bundle of events of these sizes: derived from the published form of the body."""
    return len('{"payload":[') + sum(sizes) + len(sizes) - 1 + len("]}")


def event_size(tenant: Tenant, size: int = 40) -> int:
    """The bytes of one event in a bundle, with an object of ``size`` bytes."""
    webhook_id = "0" * 36
    members = {"id": "0" * 36, "created_at": "2023-01-10T08:00:00Z", "type": "ORDER.NEW", "webhook_id": webhook_id}
    return len(json.dumps({**members, "object": 0}, separators=(",", ":"))) - 1 + size


def test_a_bundle_goes_out_when_its_delay_has_passed_since_its_first_event(tenant: Tenant) -> None:
    tenant.subscribe(config={"delay": "5s"})
    tenant.tell("a")
    tenant.advance("3s")
    tenant.tell("b")
    tenant.advance("1999ms")
    assert tenant.sent == []
    tenant.advance("1ms")
    assert tenant.names == [["a", "b"]]


def test_the_next_bundle_has_a_delay_of_its_own(tenant: Tenant) -> None:
    tenant.subscribe(config={"delay": "5s"})
    tenant.tell("a")
    tenant.advance("7s")
    tenant.tell("b")
    tenant.advance("5s")
    assert tenant.names == [["a"], ["b"]]
    assert tenant.seconds() == [5, 12]


def test_the_body_is_the_published_one(tenant: Tenant) -> None:
    webhook = tenant.subscribe()
    [event] = tenant.tell("a")
    tenant.advance("1s")
    assert json.loads(tenant.sent[0].body) == {
        "payload": [
            {
                "id": event.id,
                "created_at": "2023-01-10T08:00:00Z",
                "type": "ORDER.NEW",
                "object": json.loads(event.object.wire),
                "webhook_id": webhook.id,
            }
        ]
    }


def test_a_bundle_that_reaches_its_size_goes_out_at_once(tenant: Tenant) -> None:
    one = event_size(tenant)
    tenant.subscribe(config={"max_package_size": body_of(one, one)})
    tenant.tell("a")
    assert tenant.outbox.ready() == []
    tenant.tell("b")
    [delivery] = tenant.outbox.ready()
    assert len(delivery.body) == body_of(one, one)


def test_one_event_that_just_fits_goes_out_at_once(tenant: Tenant) -> None:
    tenant.subscribe(config={"max_package_size": body_of(event_size(tenant, 400))})
    tenant.tell("a", size=400)
    assert len(tenant.outbox.ready()) == 1


def test_an_event_that_would_make_a_bundle_too_large_begins_the_next(tenant: Tenant) -> None:
    one = event_size(tenant)
    tenant.subscribe(config={"delay": "5s", "max_package_size": body_of(one, one) - 1})
    tenant.tell("a")
    tenant.advance("2s")
    tenant.tell("b")
    tenant.advance("5s")
    assert tenant.names == [["a"], ["b"]]
    assert tenant.seconds() == [2, 7]


def test_a_bundle_closed_by_its_size_leaves_no_flush_behind(tenant: Tenant) -> None:
    one = event_size(tenant)
    tenant.subscribe(config={"delay": "5s", "max_package_size": body_of(one, one)})
    tenant.tell("a", "b")
    tenant.advance("1s")
    assert tenant.world.clock.idle
    tenant.tell("c")
    tenant.advance("4s")  # when the first bundle's delay would have passed
    assert tenant.names == [["a", "b"]]


def test_one_event_that_is_too_large_is_sent_alone(tenant: Tenant) -> None:
    tenant.subscribe(config={"delay": "5s", "max_package_size": 1000})
    tenant.tell("small")
    tenant.tell("large", size=5000)
    tenant.tell("last")
    tenant.advance("5s")
    assert tenant.names == [["small"], ["large"], ["last"]]
    assert len(tenant.sent[1].body) > 5000


def test_no_bundle_of_several_events_exceeds_its_size(tenant: Tenant) -> None:
    tenant.subscribe(config={"delay": "30s", "max_package_size": 1000})
    for size in range(30, 830, 10):
        tenant.tell(str(size), size=size)
    tenant.advance("30s")
    assert max(len(sent.body) for sent in tenant.sent if len(sent.events) > 1) <= 1000
    assert [name for names in tenant.names for name in names] == [str(size) for size in range(30, 830, 10)]


def test_bundles_are_filled_as_far_as_they_go(tenant: Tenant) -> None:
    tenant.subscribe(config={"delay": "30s", "max_package_size": 1000})
    tenant.tell(*map(str, range(50)))
    tenant.advance("30s")
    one = event_size(tenant)
    for sent, following in pairwise(tenant.sent):
        assert len(sent.body) + 1 + one > 1000, following


def test_events_stand_in_a_bundle_by_time_and_then_in_the_order_they_were_told(tenant: Tenant) -> None:
    tenant.subscribe(config={"delay": "5s"})
    tenant.tell("c", "a", "b")
    tenant.advance("1s")
    tenant.tell("0")
    tenant.advance("4s")
    assert tenant.names == [["c", "a", "b", "0"]]
    times = [event["created_at"] for event in tenant.sent[0].events]
    assert times == sorted(times)


def test_each_subscription_gets_bundles_of_its_own(tenant: Tenant) -> None:
    slow = tenant.subscribe(config={"delay": "5s"})
    quick = tenant.subscribe(config={"delay": "2s"})
    tenant.tell("a")
    tenant.advance("3s")
    tenant.tell("b")
    tenant.advance("5s")
    assert [(sent.webhook_id, sent.names) for sent in tenant.sent] == [
        (quick.id, ["a"]),
        (slow.id, ["a", "b"]),
        (quick.id, ["b"]),
    ]
    assert {event["webhook_id"] for event in tenant.sent[0].events} == {quick.id}


def test_running_until_idle_waits_for_an_open_bundle(tenant: Tenant) -> None:
    tenant.subscribe(config={"delay": "30s"})
    tenant.tell("a")
    tenant.run_until_idle()
    assert tenant.names == [["a"]]
    assert tenant.seconds() == [30]


def test_a_world_without_subscriptions_sends_nothing(tenant: Tenant) -> None:
    tenant.tell("a")
    assert tenant.world.clock.idle
    tenant.advance("1d")
    assert tenant.outbox.deliveries() == []


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"type": ["ALL"]}, ["ORDER.NEW", "EXECUTION.FILLED", "ORDER_CANCELLATION.REJECTED", "ROLE.CREATED"]),
        ({"type": ["ORDER"]}, ["ORDER.NEW"]),
        ({"type": ["ORDER", "EXECUTION"]}, ["ORDER.NEW", "EXECUTION.FILLED"]),
        ({"type": ["BUSINESS"]}, []),
        ({"type": ["PORTFOLIO"]}, []),
        ({"type": []}, []),
        ({"type": ["ALL"], "exclude_type": ["ORDER", "EXECUTION"]}, ["ORDER_CANCELLATION.REJECTED", "ROLE.CREATED"]),
        ({"type": ["ORDER"], "exclude_type": ["ORDER"]}, ["ORDER.NEW"]),
    ],
)  # fmt: skip
def test_a_subscription_gets_the_families_it_chose(
    tenant: Tenant, fields: dict[str, list[str]], wanted: list[str]
) -> None:
    tenant.subscribe(**fields)
    for type_ in ("ORDER.NEW", "EXECUTION.FILLED", "ORDER_CANCELLATION.REJECTED", "ROLE.CREATED"):
        tenant.tell("a", type_=type_)
    tenant.advance("1s")
    assert [event["type"] for sent in tenant.sent for event in sent.events] == wanted


@pytest.mark.parametrize("type_", ["BUSINESS_CHECK.PASSED", "CASH_BALANCE_TRANSFER.ISSUED"])
def test_families_newer_than_the_published_list_can_be_chosen_and_excluded(tenant: Tenant, type_: str) -> None:
    """A newer guide subscribes to them by name (newer.md §1)."""
    family = type_.partition(".")[0]
    everything, chosen = tenant.subscribe(), tenant.subscribe(type=[family])
    tenant.subscribe(type=["BUSINESS", "CASH_BALANCE"])  # families match by their whole name
    tenant.subscribe(exclude_type=[family])
    tenant.tell("a", type_=type_)
    tenant.advance("1s")
    assert [sent.webhook_id for sent in tenant.sent] == [everything.id, chosen.id]
