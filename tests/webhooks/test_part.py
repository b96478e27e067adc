"""The outbox as a part of its world: copied, put back, taken back, and the same at every run."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mockserver.kernel.actions import ACTIONS
from mockserver.kernel.operations import Call, operation
from mockserver.models.messages.webhooks import WebhookUpdateRequest
from tests.webhooks.tenants import MORNING, Tenant, down, ok, tenant


def story(tenant: Tenant) -> None:
    """Something of everything: a target that fails and recovers, two subscriptions, sizes and delays."""
    up_at = tenant.world.now + timedelta(seconds=20)
    tenant.answer = lambda delivery: ok(delivery) if tenant.world.now >= up_at else down(delivery)
    tenant.subscribe(config={"delay": "2s", "max_package_size": 600})
    tenant.subscribe(type=["EXECUTION"])
    for step in range(10):
        tenant.tell(f"{step}a", f"{step}b")
        tenant.tell(f"{step}c", type_="EXECUTION.FILLED")
        tenant.advance("3s")


def views(tenant: Tenant) -> list[Any]:
    return [tenant.outbox.snapshot(), tenant.outbox.deliveries()]


def test_two_worlds_of_one_seed_send_the_same_bytes_at_the_same_instants() -> None:
    one, two = tenant(seed=3), tenant(seed=3)
    story(one)
    tenant(seed=4).tell("something else")
    story(two)
    assert one.sent == two.sent
    assert one.outbox.deliveries() == two.outbox.deliveries()


def test_another_seed_makes_other_ids() -> None:
    one, two = tenant(seed=3), tenant(seed=4)
    story(one)
    story(two)
    assert {delivery.id for delivery in one.outbox.deliveries()}.isdisjoint(
        delivery.id for delivery in two.outbox.deliveries()
    )


@pytest.mark.parametrize("pause", ["0s", "500ms", "1s", "2s", "5s", "25s"])
def test_a_restored_world_goes_on_as_the_first_time(tenant: Tenant, pause: str) -> None:
    tenant.answer = lambda delivery: (
        ok(delivery) if tenant.world.now >= MORNING + timedelta(seconds=20) else down(delivery)
    )
    tenant.subscribe(config={"delay": "2s", "max_package_size": 600})
    tenant.tell("a")
    tenant.advance("3s")
    tenant.tell(*"bcdef")
    tenant.advance(pause)
    before = tenant.world.snapshot()

    def go_on() -> list[Any]:
        already = len(tenant.sent)
        tenant.tell("g")
        tenant.advance("1h")
        return [tenant.sent[already:], tenant.outbox.deliveries()]

    first = go_on()
    tenant.world.restore(before)
    assert go_on() == first
    tenant.world.restore(before)
    assert go_on() == first


def test_what_is_being_sent_is_still_to_be_sent_in_a_restored_world(tenant: Tenant) -> None:
    tenant.subscribe(config={"max_package_size": 100})
    tenant.tell("a", "b")
    [taken] = tenant.outbox.take()
    before = tenant.world.snapshot()
    tenant.outbox.answered(taken.id, ok(taken))
    tenant.world.restore(before)
    assert [delivery.id for delivery in tenant.outbox.ready()] == [taken.id]


def test_an_answer_from_before_a_reset_is_passed_over(tenant: Tenant) -> None:
    empty = tenant.world.snapshot()
    tenant.subscribe(config={"max_package_size": 100})
    tenant.tell("a")
    [taken] = tenant.outbox.take()
    tenant.world.restore(empty)
    assert tenant.outbox.answered(taken.id, ok(taken)) is None
    tenant.outbox.give_back(taken.id)
    assert not tenant.outbox.pending
    assert tenant.outbox.deliveries() == []


def test_what_was_being_sent_before_a_restore_is_not_being_sent_after_it(tenant: Tenant) -> None:
    webhook = tenant.subscribe(config={"max_package_size": 100})
    tenant.tell("a")
    before = tenant.world.snapshot()
    tenant.outbox.take()
    tenant.world.restore(before)
    tenant.call("update_webhook", webhook.id, WebhookUpdateRequest(enabled=False))
    assert not tenant.outbox.pending


def test_an_answer_to_an_attempt_that_a_restore_took_back_is_passed_over(tenant: Tenant) -> None:
    tenant.answer = down
    tenant.subscribe()
    tenant.tell("a")
    tenant.advance("1s")
    before = tenant.world.snapshot()
    tenant.world.run(MORNING + timedelta(seconds=2))
    [taken] = tenant.outbox.take()
    tenant.world.restore(before)
    kept = tenant.outbox.deliveries()
    assert tenant.outbox.answered(taken.id, ok(taken)) is None
    assert tenant.outbox.deliveries() == kept


def test_a_snapshot_does_not_change_with_the_world(tenant: Tenant) -> None:
    tenant.subscribe(config={"max_package_size": 600})
    tenant.tell(*"abcdef")
    before = tenant.world.snapshot()
    kept = repr(before.parts["outbox"])
    tenant.advance("1h")
    tenant.tell("g")
    assert repr(before.parts["outbox"]) == kept


@pytest.mark.parametrize("at", ["0s", "500ms", "1s", "2s", "5s", "8s"])
def test_a_rule_that_fails_leaves_no_trace(tenant: Tenant, at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bundles opened and closed, deliveries made, subscriptions changed and deleted: everything is taken back."""
    webhook = tenant.subscribe(config={"delay": "2s", "max_package_size": 600})
    other = tenant.subscribe(config={"max_package_size": 600})
    tenant.answer = lambda delivery: down(delivery) if delivery.webhook_id == webhook.id else ok(delivery)
    tenant.tell("a")
    tenant.advance("3s")
    tenant.tell("b")
    tenant.advance(at)

    def spoil(world: object) -> None:
        tenant.tell(*map(str, range(20)))
        for body in (WebhookUpdateRequest(enabled=False), WebhookUpdateRequest(enabled=True, url="http://localhost/")):
            operation.handlers["update_webhook"](tenant.world, Call({"webhook_id": webhook.id}, {}, body))
        tenant.tell(*"xyz", size=600)
        for delivery in tenant.outbox.ready():
            tenant.outbox.answered(delivery.id, tenant.answer(delivery))
        operation.handlers["delete_webhook"](tenant.world, Call({"webhook_id": webhook.id}, {}, None))
        operation.handlers["delete_webhook"](tenant.world, Call({"webhook_id": other.id}, {}, None))
        raise RuntimeError("spoiled")

    monkeypatch.setitem(ACTIONS, "spoil", spoil)
    before, upcoming, ids = views(tenant), tenant.world.clock.upcoming(), tenant.world.ids.snapshot()
    task = tenant.world.clock.at(tenant.world.now, "spoil", reason="a rule that fails")
    tenant.world.clock.drop(task)
    tenant.world.perform(task)
    assert [failure.error for failure in tenant.world.failures] == ["RuntimeError('spoiled')"]
    assert views(tenant) == before
    assert tenant.world.clock.upcoming() == upcoming
    assert tenant.world.ids.snapshot() == ids
