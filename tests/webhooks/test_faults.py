"""Faults of deliveries: what becomes of bundles on their way, in the world's time."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from mockserver.webhooks.active_faults import shadowing
from mockserver.webhooks.delivery import DeliveryState
from mockserver.webhooks.faults import WebhookFault, mistakes
from mockserver.webhooks.subscription import WEBHOOKS
from tests.webhooks.tenants import Tenant, down, ok

OTHER = "504b170a-9042-41ed-9a51-2eabd0c03f8b"


def rule(**members: Any) -> WebhookFault:
    return WebhookFault.model_validate({"webhook": {}, **members})


def set_fault(tenant: Tenant, **members: Any) -> None:
    tenant.outbox.faults.add(rule(**members))


def tell_one_by_one(tenant: Tenant, names: str, type_: str = "ORDER.NEW") -> None:
    """Each event in a bundle of its own, a second after the other; the clock stands when the last is closed."""
    for name in names:
        tenant.tell(name, type_=type_)
        tenant.advance("1s")


def seen(tenant: Tenant) -> list[str]:
    """The names of the events in each bundle that was sent, in the order of sending."""
    return ["".join(sent.names) for sent in tenant.sent]


# --- What becomes of them ---


def test_the_second_delivery_is_dropped(tenant: Tenant) -> None:
    tenant.subscribe()
    set_fault(tenant, webhook={"nth": 2}, drop=True)
    tell_one_by_one(tenant, "abc")
    assert seen(tenant) == ["a", "c"]
    dropped = tenant.outbox.deliveries()[1]
    assert (dropped.state, dropped.reason, dropped.faults) == (
        DeliveryState.DISCARDED,
        "dropped by the fault w1",
        ("w1",),
    )


def test_one_is_delayed_and_the_later_ones_wait_behind_it(tenant: Tenant) -> None:
    tenant.subscribe()
    set_fault(tenant, webhook={"nth": 1}, delay="1h")
    tell_one_by_one(tenant, "ab")
    assert seen(tenant) == []
    held, waiting = tenant.outbox.deliveries()
    assert (held.state, held.reason) == (DeliveryState.HELD, "held back by the fault w1")
    assert waiting.state is DeliveryState.WAITING
    tenant.run_until_idle()
    assert seen(tenant) == ["a", "b"]
    assert tenant.sent[0].at == held.retry_at
    assert held.retry_at is not None
    assert (held.retry_at - held.created_at).total_seconds() == 3600


def test_one_comes_three_times(tenant: Tenant) -> None:
    tenant.subscribe()
    set_fault(tenant, webhook={"nth": 1}, duplicate=2)
    tell_one_by_one(tenant, "ab")
    assert seen(tenant) == ["a", "a", "a", "b"]
    assert len({sent.body for sent in tenant.sent}) == 2
    assert len({each.id for each in tenant.outbox.deliveries()}) == 4


def test_one_is_overtaken_by_the_next(tenant: Tenant) -> None:
    tenant.subscribe()
    set_fault(tenant, webhook={"nth": 1}, reorder="deliveries")
    tell_one_by_one(tenant, "abc")
    assert seen(tenant) == ["b", "a", "c"]


def test_one_that_nothing_overtakes_goes_after_a_minute(tenant: Tenant) -> None:
    tenant.subscribe()
    set_fault(tenant, reorder="deliveries")
    tell_one_by_one(tenant, "a")
    assert seen(tenant) == []
    tenant.run_until_idle()
    assert seen(tenant) == ["a"]
    (sent,) = tenant.sent
    assert (sent.at - tenant.outbox.deliveries()[0].created_at).total_seconds() == 60


def test_another_subscription_overtakes_nothing(tenant: Tenant) -> None:
    first = tenant.subscribe(type=["ORDER"])
    tenant.subscribe(type=["POSITION"])
    set_fault(tenant, webhook={"webhook_id": first.id}, reorder="deliveries")
    tell_one_by_one(tenant, "a")
    tell_one_by_one(tenant, "b", "POSITION.UPDATED")
    assert seen(tenant) == ["b"]


def test_the_events_of_one_come_last_first(tenant: Tenant) -> None:
    tenant.subscribe()
    set_fault(tenant, reorder="events")
    tenant.tell("a", "b", "c")
    tenant.advance("1s")
    assert seen(tenant) == ["cba"]


def test_one_is_split(tenant: Tenant) -> None:
    tenant.subscribe()
    set_fault(tenant, split=2)
    tenant.tell("a", "b", "c", "d", "e")
    tenant.advance("1s")
    assert seen(tenant) == ["ab", "cd", "e"]


# --- Which ---


@pytest.mark.parametrize(
    ("match", "sent"),
    [
        ({}, []),
        ({"type": "ORDER.NEW"}, ["p"]),
        ({"type": "ORDER"}, ["p"]),
        ({"type": "ORDER.FILLED"}, ["o", "p"]),
        ({"type": "POSITION", "nth": 1}, ["o"]),
        ({"type": "POSITION", "nth": 2}, ["o", "p"]),
        ({"webhook_id": OTHER}, ["o", "p"]),
        ({"times": 1}, ["p"]),
    ],
)
def test_which_bundles_are_met(tenant: Tenant, match: Any, sent: list[str]) -> None:
    tenant.subscribe()
    set_fault(tenant, webhook=match, drop=True)
    tell_one_by_one(tenant, "o")
    tell_one_by_one(tenant, "p", "POSITION.UPDATED")
    assert seen(tenant) == sent


def test_a_bundle_that_is_tried_again_does_not_count_again(tenant: Tenant) -> None:
    tenant.subscribe()
    set_fault(tenant, webhook={"nth": 2}, drop=True)
    answers = iter([False, True, True])
    tenant.answer = lambda delivery: ok(delivery) if next(answers) else down(delivery)
    tell_one_by_one(tenant, "abc")
    tenant.run_until_idle()
    tenant.advance("1m")
    assert [(each.tally.seen, each.tally.acted) for each in tenant.outbox.faults] == [(3, 1)]
    assert seen(tenant) == ["a", "a", "c"]


def test_of_several_the_first_that_acts_wins(tenant: Tenant) -> None:
    tenant.subscribe()
    set_fault(tenant, webhook={"times": 1}, drop=True)
    set_fault(tenant, duplicate=1)
    tell_one_by_one(tenant, "ab")
    assert seen(tenant) == ["b", "b"]
    assert [(each.tally.seen, each.tally.acted) for each in tenant.outbox.faults] == [(2, 1), (2, 1)]


# --- A part of the world ---


def test_a_snapshot_covers_faults_counts_and_what_is_held(tenant: Tenant) -> None:
    tenant.subscribe()
    set_fault(tenant, webhook={"nth": 2}, delay="1h")
    tell_one_by_one(tenant, "ab")
    snapshot = tenant.world.snapshot()
    for _ in range(2):
        tenant.sent.clear()
        tenant.run_until_idle()
        assert seen(tenant) == ["b"]
        tenant.outbox.faults.remove()
        tenant.world.restore(snapshot)
    assert [each.tally.acted for each in tenant.outbox.faults] == [1]


def test_a_rule_that_fails_takes_back_what_was_counted(tenant: Tenant) -> None:
    tenant.subscribe(config={"delay": "1s", "max_package_size": 100})
    set_fault(tenant, drop=True)
    tenant.world.undo.clear()
    tenant.tell("too large for its bundle", size=200)
    assert [each.tally.seen for each in tenant.outbox.faults] == [1]
    tenant.world.undo.roll_back()
    assert [each.tally.seen for each in tenant.outbox.faults] == [0]
    assert tenant.outbox.deliveries() == []


def test_chance_is_replayed(tenant: Tenant) -> None:
    tenant.subscribe()
    set_fault(tenant, webhook={"probability": 0.5}, drop=True)
    snapshot = tenant.world.snapshot()
    runs = []
    for _ in range(2):
        tenant.sent.clear()
        tell_one_by_one(tenant, "abcdefghij")
        runs.append(seen(tenant))
        tenant.world.restore(snapshot)
    assert runs[0] == runs[1]
    assert 0 < len(runs[0]) < 10


def test_what_is_held_is_discarded_with_its_subscription(tenant: Tenant) -> None:
    webhook = tenant.subscribe()
    set_fault(tenant, delay="1h")
    tell_one_by_one(tenant, "a")
    tenant.outbox.remove(webhook.id)
    tenant.run_until_idle()
    (delivery,) = tenant.outbox.deliveries()
    assert (delivery.state, seen(tenant)) == (DeliveryState.DISCARDED, [])
    assert tenant.world.clock.idle


def test_a_subscription_that_is_disabled_holds_nothing(tenant: Tenant) -> None:
    webhook = tenant.subscribe()
    set_fault(tenant, delay="1h")
    tell_one_by_one(tenant, "a")
    tenant.outbox.follow(tenant.world.table(WEBHOOKS).put(webhook.evolve(enabled=False)))
    (delivery,) = tenant.outbox.deliveries()
    assert (delivery.state, tenant.world.clock.idle) == (DeliveryState.WAITING, True)
    tenant.outbox.follow(tenant.world.table(WEBHOOKS).put(webhook.evolve(enabled=True)))
    tenant.run_until_idle()
    assert seen(tenant) == ["a"]


# --- What contradicts itself ---


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({}, "does nothing: give one of reorder, split, drop, json, duplicate, delay, overtaken_by, fail, signature"),
        ({"drop": True, "delay": "1s"}, "drop and delay contradict each other: what is never sent has nothing else"),
        ({"drop": True, "reorder": "events"}, "drop and reorder contradict each other"),
        ({"drop": True, "fail": 500}, "drop and fail contradict each other"),
        ({"drop": True, "split": 1}, "give one of the two, or leave split out"),
        ({"drop": True, "split": 1, "delay": "1s", "webhook": {"type": "ORDER"}}, "drop and delay contradict"),
        ({"reorder": "deliveries", "overtaken_by": "next"}, "the same as overtaken_by: {within: 1m}: leave one"),
        ({"fail": 500, "signature": "wrong_signature"}, "fail and signature contradict each other: .* Make it two"),
        ({"drop": True, "attempts": 2}, "attempts goes with fail or signature: drop happens before any"),
        ({"delay": "0s"}, "more than nothing and at most 400d"),
        ({"delay": "2y"}, "is not a duration"),
        ({"duplicate": 0}, "greater than or equal to 1"),
        ({"split": 0}, "greater than or equal to 1"),
        ({"reorder": "randomly"}, "'events' or 'deliveries'"),
        ({"overtaken_by": "later"}, "'later': expected next, an event such as ORDER.FILLED, a family, or an object"),
        ({"overtaken_by": {"deliveries": 0}}, "greater than or equal to 1"),
        ({"overtaken_by": {"within": "0s"}}, "more than nothing and at most 400d"),
        ({"overtaken_by": {"typ": "ORDER"}}, "Extra inputs are not permitted"),
        ({"json": "pretty"}, "'compact', 'spaced', 'escaped' or 'reordered'"),
        ({"fail": 200}, "greater than or equal to 300"),
        ({"fail": "later"}, "refused"),
        ({"fail": {}}, "by a status or by an error"),
        ({"fail": {"status": 500, "error": "refused"}}, "by a status or by an error"),
        ({"fail": True}, "dictionary or instance"),
        ({"signature": "upside down"}, "wrong_signature"),
        ({"drop": True, "webhook": {"type": "order"}}, "should match pattern"),
        ({"drop": True, "webhook": {"nth": 0}}, "at least 1 and at most 1000000, not 0"),
    ],
)
def test_contradictions_are_refused(members: Any, text: str) -> None:
    with pytest.raises(ValidationError, match=text):
        rule(**members)


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        ("ORDR.NEW", "'ORDR.NEW' is no event of the API (did you mean ORDER.NEW"),
        ("ALL", "'ALL' is no event of the API"),
        ("ZZZZZZZZ", "'ZZZZZZZZ' is no event of the API (a type such as ORDER.NEW"),
    ],
)
def test_events_that_there_are_not_are_refused(type_: str, text: str) -> None:
    ((place, told),) = mistakes(rule(webhook={"type": type_}, drop=True))
    assert place == ("webhook", "type")
    assert told.startswith(text)


@pytest.mark.parametrize("type_", ["ORDER", "ORDER.NEW", "POSITION"])
def test_events_and_families_that_there_are_pass(type_: str) -> None:
    assert list(mistakes(rule(webhook={"type": type_}, drop=True))) == []


@pytest.mark.parametrize(
    ("first", "second", "never"),
    [
        ({"drop": True}, {"webhook": {"type": "ORDER"}, "delay": "1s"}, True),
        ({"webhook": {"type": "ORDER"}, "drop": True}, {"webhook": {"type": "ORDER.NEW"}, "delay": "1s"}, True),
        ({"webhook": {"type": "ORDER.NEW"}, "drop": True}, {"webhook": {"type": "ORDER"}, "delay": "1s"}, False),
        ({"webhook": {"nth": 2}, "drop": True}, {"webhook": {"nth": 2}, "delay": "1s"}, True),
        ({"webhook": {"nth": 2}, "drop": True}, {"webhook": {"nth": 2}, "split": 1}, False),
        ({"drop": True}, {"split": 1}, True),
        ({"webhook": {"type": "ORDER"}, "drop": True}, {"split": 1}, False),
        ({"split": 1}, {"reorder": "deliveries"}, False),
        ({"split": 1}, {"split": 2, "duplicate": 1}, False),
        ({"reorder": "deliveries"}, {"overtaken_by": "next"}, True),
        ({"reorder": "events"}, {"overtaken_by": "next"}, False),
        ({"delay": "1h", "duplicate": 1}, {"duplicate": 2, "delay": "1s"}, True),
        ({"webhook": {"account": OTHER}, "delay": "1h"}, {"delay": "1s"}, False),
        ({"delay": "1h"}, {"webhook": {"account": OTHER}, "delay": "1s"}, True),
        ({"webhook": {"nth": 2}, "drop": True}, {"split": 1}, False),
        ({"delay": "1s"}, {"fail": 500}, False),
        ({"fail": 500}, {"signature": "expired_key"}, True),
    ],
)
def test_a_fault_that_another_keeps_from_acting_is_seen(tenant: Tenant, first: Any, second: Any, never: bool) -> None:
    set_fault(tenant, **first)
    assert (shadowing(tenant.outbox.faults, rule(**second)) is not None) is never
