"""One delivery after the other, failures and retries, subscriptions that stop or go (concepts.md §7.3)."""

from __future__ import annotations

from datetime import timedelta
from itertools import accumulate

import pytest

from mockserver.models.messages.webhooks import WebhookUpdateRequest
from mockserver.webhooks.attempts import Outcome
from mockserver.webhooks.delivery import Delivery, DeliveryState
from mockserver.webhooks.retrying import retry_delay
from tests.webhooks.tenants import MORNING, URL, Tenant, down, ok, tenant

PUBLISHED = [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 600, 600, 600]
"""The pauses in seconds: Fibonacci, capped at 600 (concepts.md §7.3)."""

ENABLED = WebhookUpdateRequest(enabled=True)
DISABLED = WebhookUpdateRequest(enabled=False)


def states(tenant: Tenant) -> list[str]:
    return [delivery.state.value for delivery in tenant.outbox.deliveries()]


def several(tenant: Tenant, *names: str) -> None:
    """One delivery for each name: every bundle has its own second."""
    for name in names:
        tenant.tell(name)
        tenant.advance("1s")


def test_the_pauses_are_the_published_ones() -> None:
    cap = timedelta(seconds=600)
    assert [retry_delay(failures, cap) / timedelta(seconds=1) for failures in range(1, 17)] == PUBLISHED


@pytest.mark.parametrize(("cap", "pauses"), [(4, [1, 2, 3, 4, 4]), (1, [1, 1, 1, 1, 1]), (0.5, [0.5] * 5)])
def test_the_cap_of_the_pauses_is_a_setting(cap: float, pauses: list[float]) -> None:
    given = timedelta(seconds=cap)
    assert [retry_delay(failures, given) / timedelta(seconds=1) for failures in range(1, 6)] == pauses


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_a_success(tenant: Tenant, status: int) -> None:
    tenant.answer = lambda _: Outcome(URL, status)
    tenant.subscribe()
    several(tenant, "a")
    assert states(tenant) == ["DELIVERED"]


@pytest.mark.parametrize("status", [100, 199, 300, 301, 302, 307, 400, 404, 410, 429, 500, 503])
def test_any_other_status_is_a_failure(tenant: Tenant, status: int) -> None:
    tenant.answer = lambda _: Outcome(URL, status)
    tenant.subscribe()
    several(tenant, "a")
    assert states(tenant) == ["RETRYING"]


def test_a_failing_delivery_is_sent_again_at_exactly_the_published_instants(tenant: Tenant) -> None:
    tenant.answer = down
    tenant.subscribe()
    tenant.tell("a")
    tenant.advance("1h")
    first = 1.0  # the bundle's delay
    assert tenant.seconds() == [at for at in accumulate([first, *PUBLISHED, 600, 600]) if at <= 3600]


def test_the_whole_bundle_is_sent_again_unchanged(tenant: Tenant) -> None:
    tenant.answer = down
    tenant.subscribe()
    tenant.tell("a", "b")
    tenant.advance("1m")
    assert len(tenant.sent) > 5
    assert len({sent.body for sent in tenant.sent}) == 1
    assert tenant.sent[0].names == ["a", "b"]


def test_a_failing_delivery_holds_back_all_later_ones_and_a_success_releases_them(tenant: Tenant) -> None:
    up_at = MORNING + timedelta(seconds=10)
    tenant.answer = lambda delivery: ok(delivery) if tenant.world.now >= up_at else down(delivery)
    tenant.subscribe()
    several(tenant, "a", "b", "c")
    assert states(tenant) == ["RETRYING", "WAITING", "WAITING"]
    tenant.advance("1m")
    # Sent at 1 s and after pauses of 1, 2, 3 and 5 s; the others follow at once.
    assert list(zip(tenant.seconds(), tenant.names, strict=True)) == [
        (1, ["a"]),
        (2, ["a"]),
        (4, ["a"]),
        (7, ["a"]),
        (12, ["a"]),
        (12, ["b"]),
        (12, ["c"]),
    ]


def test_after_a_success_the_pauses_begin_anew(tenant: Tenant) -> None:
    answers = iter([down, down, ok, down, down, ok])

    def answer(delivery: Delivery) -> Outcome:
        return next(answers)(delivery)

    tenant.answer = answer
    tenant.subscribe()
    several(tenant, "a", "b")
    tenant.advance("1m")
    assert tenant.names == [["a"], ["a"], ["a"], ["b"], ["b"], ["b"]]
    assert tenant.seconds() == [1, 2, 4, 4, 5, 7]


def test_one_failing_subscription_does_not_hold_up_another(tenant: Tenant) -> None:
    failing, other = tenant.subscribe(), tenant.subscribe()
    tenant.answer = lambda delivery: down(delivery) if delivery.webhook_id == failing.id else ok(delivery)
    several(tenant, "a", "b")
    assert [sent.names for sent in tenant.sent if sent.webhook_id == other.id] == [["a"], ["b"]]


def test_what_is_ready_is_one_delivery_a_subscription_oldest_subscription_first(tenant: Tenant) -> None:
    ages = [3, 1, 2, 4]
    subscriptions = {
        age: tenant.subscribe(created_at=MORNING - timedelta(days=age), config={"max_package_size": 100})
        for age in ages
    }
    tenant.tell("a", "b")
    ready = [delivery.webhook_id for delivery in tenant.outbox.ready()]
    assert ready == [subscriptions[age].id for age in (4, 3, 2, 1)]


def test_what_was_taken_is_not_given_out_again_until_it_is_given_back(tenant: Tenant) -> None:
    tenant.subscribe(config={"max_package_size": 100})
    tenant.tell("a", "b")
    [taken] = tenant.outbox.take()
    assert not tenant.outbox.pending
    assert tenant.outbox.take() == []
    tenant.outbox.give_back(taken.id)
    assert tenant.outbox.ready() == [taken]


def test_a_subscription_that_fails_does_not_keep_its_world_from_being_idle(tenant: Tenant) -> None:
    tenant.answer = down
    tenant.subscribe()
    tenant.tell("a")
    tenant.run_until_idle()
    assert tenant.seconds() == [1]


def test_what_is_due_says_why(tenant: Tenant) -> None:
    tenant.answer = down
    tenant.subscribe(title="Orders")
    several(tenant, "a")
    tenant.tell("b")
    assert [task.reason for task in tenant.world.clock.upcoming()] == [
        "webhook 'Orders': sent again after failure 1, and deleted if it fails at 2023-02-09T08:00:01Z or later",
        "webhook 'Orders': its bundle goes out 1s after the first event",
    ]


# --- Subscriptions that change ---


def test_a_disabled_subscription_gets_no_new_events(tenant: Tenant) -> None:
    webhook = tenant.subscribe(enabled=False)
    several(tenant, "a")
    tenant.call("update_webhook", webhook.id, ENABLED)
    several(tenant, "b")
    tenant.call("update_webhook", webhook.id, DISABLED)
    several(tenant, "c")
    assert tenant.names == [["b"]]


def test_what_is_queued_stops_while_disabled_and_goes_on_when_enabled(tenant: Tenant) -> None:
    tenant.answer = down
    webhook = tenant.subscribe()
    several(tenant, "a", "b")
    tenant.call("update_webhook", webhook.id, DISABLED)
    tried = len(tenant.sent)
    tenant.advance("40d")
    assert len(tenant.sent) == tried
    assert [(each.state, each.reason) for each in tenant.outbox.deliveries()] == [
        (DeliveryState.WAITING, "its subscription is disabled"),
        (DeliveryState.WAITING, "another delivery of its subscription goes first"),
    ]
    tenant.answer = ok
    tenant.call("update_webhook", webhook.id, ENABLED)
    tenant.advance("0s")
    assert tenant.names[tried:] == [["a"], ["b"]]


def test_a_bundle_that_collects_while_its_subscription_is_disabled_waits_too(tenant: Tenant) -> None:
    webhook = tenant.subscribe()
    tenant.tell("a")
    tenant.call("update_webhook", webhook.id, DISABLED)
    tenant.advance("1h")
    assert states(tenant) == ["WAITING"]
    tenant.call("update_webhook", webhook.id, ENABLED)
    tenant.advance("0s")
    assert tenant.names == [["a"]]


@pytest.mark.parametrize(("answer", "state"), [(ok, "DELIVERED"), (down, "WAITING")])
def test_a_subscription_disabled_while_sending_hears_the_answer_and_then_stops(
    tenant: Tenant, answer: object, state: str
) -> None:
    webhook = tenant.subscribe(config={"max_package_size": 100})
    tenant.tell("a", "b")
    [taken] = tenant.outbox.take()
    tenant.call("update_webhook", webhook.id, DISABLED)
    tenant.outbox.answered(taken.id, ok(taken) if answer is ok else down(taken))
    assert states(tenant) == [state, "WAITING"]
    assert not tenant.outbox.pending
    assert tenant.world.clock.upcoming() == []


def test_a_subscription_disabled_while_it_is_tried_again_is_no_longer_counted_as_failing(tenant: Tenant) -> None:
    tenant.answer = down
    webhook = tenant.subscribe()
    several(tenant, "a")
    tenant.world.run(MORNING + timedelta(seconds=2))
    [taken] = tenant.outbox.take()
    tenant.call("update_webhook", webhook.id, DISABLED)
    tenant.outbox.answered(taken.id, down(taken))
    assert tenant.world.clock.upcoming() == []


def test_a_delivery_given_back_after_the_deletion_is_not_sent(tenant: Tenant) -> None:
    webhook = tenant.subscribe(config={"max_package_size": 100})
    tenant.tell("a")
    [taken] = tenant.outbox.take()
    tenant.call("delete_webhook", webhook.id)
    tenant.outbox.give_back(taken.id)
    assert not tenant.outbox.pending


def test_an_unrelated_change_does_not_hurry_a_retry(tenant: Tenant) -> None:
    tenant.answer = down
    webhook = tenant.subscribe()
    several(tenant, "a")
    tenant.call("update_webhook", webhook.id, WebhookUpdateRequest(title="Another"))
    assert not tenant.outbox.pending


def test_a_new_url_counts_for_retries(tenant: Tenant) -> None:
    tenant.answer = down
    webhook = tenant.subscribe()
    several(tenant, "a")
    tenant.call("update_webhook", webhook.id, WebhookUpdateRequest(url="http://localhost:9000/new"))
    tenant.world.run(MORNING + timedelta(seconds=2))
    [delivery] = tenant.outbox.ready()
    assert tenant.outbox.address(delivery) == "http://localhost:9000/new"


def test_deleting_a_subscription_discards_what_it_was_to_get(tenant: Tenant) -> None:
    tenant.answer = down
    webhook = tenant.subscribe()
    several(tenant, "a", "b")
    tenant.tell("c")
    tenant.call("delete_webhook", webhook.id)
    tried = len(tenant.sent)
    tenant.advance("1h")
    assert len(tenant.sent) == tried
    assert tenant.world.clock.upcoming() == []
    assert [(each.state, each.reason) for each in tenant.outbox.deliveries()] == [
        (DeliveryState.DISCARDED, "its subscription was deleted")
    ] * 3


def test_an_answer_that_comes_after_the_deletion_is_passed_over(tenant: Tenant) -> None:
    webhook = tenant.subscribe()
    tenant.tell("a")
    tenant.world.run(MORNING + timedelta(seconds=1))
    [taken] = tenant.outbox.take()
    tenant.call("delete_webhook", webhook.id)
    assert tenant.outbox.answered(taken.id, ok(taken)) is None
    assert states(tenant) == ["DISCARDED"]


# --- The record ---


def test_a_delivery_keeps_every_attempt_and_answer(tenant: Tenant) -> None:
    answers = iter([Outcome(URL, 500), Outcome(URL, error="nothing listens"), Outcome(URL, 204)])
    tenant.answer = lambda _: next(answers)
    tenant.subscribe()
    several(tenant, "a")
    tenant.advance("1m")
    [delivery] = tenant.outbox.deliveries()
    assert [(each.at, each.outcome.status, each.outcome.error) for each in delivery.attempts] == [
        (MORNING + timedelta(seconds=1), 500, None),
        (MORNING + timedelta(seconds=2), 0, "nothing listens"),
        (MORNING + timedelta(seconds=4), 204, None),
    ]
    assert tenant.outbox.delivery(delivery.id) == delivery
    assert delivery.url == URL


def test_deliveries_stand_in_the_order_of_bundling_and_can_be_asked_for_by_subscription(tenant: Tenant) -> None:
    failing, _ = tenant.subscribe(), tenant.subscribe()

    def answer(delivery: Delivery) -> Outcome:
        return down(delivery) if delivery.webhook_id == failing.id else ok(delivery)

    tenant.answer = answer
    several(tenant, "a", "b")
    everything = tenant.outbox.deliveries()
    assert [delivery.number for delivery in everything] == [1, 2, 3, 4]
    of_one = tenant.outbox.deliveries(failing.id)
    assert of_one == [delivery for delivery in everything if delivery.webhook_id == failing.id]
    assert tenant.outbox.delivery(of_one[1].id) == of_one[1]
    assert tenant.outbox.delivery("nothing") is None


def test_the_record_is_bounded() -> None:
    small = tenant({"limits": {"kept": 1024}})
    small.subscribe(config={"max_package_size": 100})
    for _ in range(3):
        small.tell(*map(str, range(1024)))
        small.advance("0s")
    kept = small.outbox.deliveries()
    assert len(small.sent) == 3 * 1024
    assert 1024 <= len(kept) < 2 * 1024 + 1
    assert kept[-1].number == 3 * 1024


def test_a_long_queue_drains_in_order(tenant: Tenant) -> None:
    tenant.answer = down
    tenant.subscribe(config={"max_package_size": 100})
    tenant.tell(*map(str, range(2000)))
    tenant.advance("0s")
    tenant.answer = ok
    tenant.advance("1s")
    assert [name for [name] in tenant.names[1:]] == [str(number) for number in range(2000)]
