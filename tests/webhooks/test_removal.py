"""Subscriptions that fail for too long: deleted right after an attempt that failed (concepts.md §7.3)."""

from __future__ import annotations

from itertools import accumulate, chain, repeat, takewhile

from mockserver.webhooks.delivery import DeliveryState
from tests.webhooks.tenants import Tenant, down, ok, tenant
from tests.webhooks.test_outbox import PUBLISHED, several, states


def test_a_subscription_is_deleted_right_after_an_attempt_that_fails_thirty_days_after_the_first(
    tenant: Tenant,
) -> None:
    tenant.answer = down
    webhook = tenant.subscribe()
    several(tenant, "a", "b")  # the first failure is at 1 s
    month = 30 * 86400.0
    pauses = chain(PUBLISHED, repeat(600))
    due = list(takewhile(lambda at: at < month + 700, accumulate(pauses, initial=1.0)))
    last = next(at for at in due if at >= month + 1)
    assert last > month + 1  # no attempt is due at the very instant, and time alone deletes nothing
    tenant.advance(f"{last - 2 - 1}s")
    assert tenant.call("retrieve_webhook", webhook.id) == webhook
    tenant.advance("1s")
    assert tenant.seconds() == [at for at in due if at <= last]
    assert list(tenant.call("list_webhooks", sort="created_at").rows) == []
    [discarded, behind] = tenant.outbox.deliveries()
    reason = "its subscription was deleted: every attempt failed, from 2023-01-10T08:00:01Z on for 30d and longer"
    assert (discarded.state, discarded.reason) == (DeliveryState.DISCARDED, reason)
    assert (behind.state, behind.reason) == (DeliveryState.DISCARDED, reason)
    assert [attempt.at for attempt in discarded.attempts][-1] == tenant.world.now  # the last one is on record too
    assert tenant.world.clock.upcoming() == []


def test_an_attempt_that_succeeds_after_thirty_days_keeps_the_subscription(tenant: Tenant) -> None:
    tenant.answer = down
    webhook = tenant.subscribe()
    several(tenant, "a")
    tenant.advance("29d23h59m")
    tenant.answer = ok
    tenant.advance("1h")
    assert tenant.call("retrieve_webhook", webhook.id) == webhook
    assert states(tenant) == ["DELIVERED"]


def test_a_failure_that_removes_its_subscription_may_be_the_first() -> None:
    hasty = tenant({"webhooks": {"removed_after": "0s"}})
    hasty.answer = down
    hasty.subscribe()
    several(hasty, "a")
    assert states(hasty) == ["DISCARDED"]
    assert list(hasty.call("list_webhooks", sort="created_at").rows) == []


def test_one_success_in_thirty_days_is_enough(tenant: Tenant) -> None:
    webhook = tenant.subscribe()
    tenant.answer = down
    several(tenant, "a", "b")
    tenant.advance("20d")
    tenant.answer = lambda delivery: ok(delivery) if tenant.sent[-1].names == ["a"] else down(delivery)
    tenant.advance("20d")
    assert tenant.call("retrieve_webhook", webhook.id) == webhook
    tenant.advance("11d")
    assert list(tenant.call("list_webhooks", sort="created_at").rows) == []


def test_live_removes_no_subscription() -> None:
    live = tenant({"webhooks": {"removed_after": None}})
    live.answer = down
    webhook = live.subscribe()
    several(live, "a")
    live.advance("60d")
    assert live.call("retrieve_webhook", webhook.id) == webhook
    assert states(live) == ["RETRYING"]
