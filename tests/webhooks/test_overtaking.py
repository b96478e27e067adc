"""Deliveries that are held until others have overtaken them, however late these come."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.webhooks.delivery import Delivery, DeliveryState
from mockserver.webhooks.faults import WebhookFault, mistakes
from mockserver.webhooks.redelivery import redeliver
from mockserver.webhooks.subscription import WEBHOOKS
from tests.webhooks.tenants import Tenant, down, ok

ACCOUNT = "504b170a-9042-41ed-9a51-2eabd0c03f8b"


def hold(tenant: Tenant, by: Any = "next", **members: Any) -> None:
    fault = {"webhook": {"nth": 1}, **({} if by is None else {"overtaken_by": by}), **members}
    tenant.outbox.faults.add(WebhookFault.model_validate(fault))


def tell(tenant: Tenant, name: str, type_: str = "ORDER.NEW") -> None:
    """An event in a bundle of its own, which is closed a second later."""
    tenant.tell(name, type_=type_, size=max(40, len(name) + 30))
    tenant.advance("1s")


def seen(tenant: Tenant) -> list[str]:
    return ["".join(sent.names) for sent in tenant.sent]


def held(tenant: Tenant) -> Delivery:
    (delivery,) = [each for each in tenant.outbox.deliveries() if each.state is DeliveryState.HELD]
    return delivery


# --- Whenever it comes ---


@pytest.mark.parametrize("pause", ["1s", "2m", "90d"])
def test_the_next_one_overtakes_it_however_late_it_comes(tenant: Tenant, pause: str) -> None:
    tenant.subscribe()
    hold(tenant)
    tell(tenant, "a")
    tenant.advance(pause)
    assert seen(tenant) == []
    tell(tenant, "b")
    tell(tenant, "c")
    assert seen(tenant) == ["b", "a", "c"]
    assert tenant.sent[0].at == tenant.sent[1].at


def test_where_none_comes_it_stays_held_and_nothing_is_due(tenant: Tenant) -> None:
    tenant.subscribe()
    hold(tenant)
    tell(tenant, "a")
    tenant.run_until_idle()
    assert tenant.world.clock.idle
    assert (held(tenant).reason, held(tenant).retry_at) == (
        "held back by the fault w1 until another delivery of its subscription was delivered",
        None,
    )


def test_one_that_fails_overtakes_when_it_is_delivered(tenant: Tenant) -> None:
    tenant.subscribe()
    hold(tenant)
    tell(tenant, "a")
    tenant.answer = down
    tell(tenant, "b")
    assert held(tenant).events[0].object.wire.startswith(b'{"name":"a"')
    tenant.answer = ok
    tenant.advance("1m")
    assert seen(tenant) == ["b", "b", "a"]


def test_it_goes_before_all_that_waits_behind_what_overtook_it(tenant: Tenant) -> None:
    tenant.subscribe()
    hold(tenant)
    tell(tenant, "a")
    tenant.answer = down
    for name in "bcd":
        tell(tenant, name)
    tenant.answer = ok
    tenant.sent.clear()
    tenant.advance("1m")
    assert seen(tenant) == ["b", "a", "c", "d"]


def test_several_that_one_overtakes_keep_their_order(tenant: Tenant) -> None:
    tenant.subscribe()
    hold(tenant, "ORDER.FILLED", webhook={"type": "ORDER.NEW"})
    for name in "abc":
        tell(tenant, name)
    tell(tenant, "x", "ORDER.FILLED")
    assert seen(tenant) == ["x", "a", "b", "c"]


def test_one_that_overtakes_is_not_held_itself_so_that_each_two_swap_places(tenant: Tenant) -> None:
    tenant.subscribe()
    hold(tenant, webhook={})
    for name in "abcde":
        tell(tenant, name)
    assert seen(tenant) == ["b", "a", "d", "c"]
    assert held(tenant).number == 5


def test_one_that_is_dropped_overtakes_nothing(tenant: Tenant) -> None:
    tenant.subscribe()
    hold(tenant)
    hold(tenant, None, webhook={"nth": 2}, drop=True)
    for name in "abc":
        tell(tenant, name)
    assert seen(tenant) == ["c", "a"]


# --- Which one ---


@pytest.mark.parametrize(
    ("by", "sent"),
    [
        ("next", ["new", "a", "filled", ACCOUNT]),
        ("ORDER", ["new", "a", "filled", ACCOUNT]),
        ("ORDER.FILLED", ["new", "filled", "a", ACCOUNT]),
        ({"type": "POSITION"}, ["new", "filled", ACCOUNT, "a"]),
        ({"account": ACCOUNT}, ["new", "filled", ACCOUNT, "a"]),
        ({"type": "ORDER", "account": ACCOUNT}, ["new", "filled", ACCOUNT]),
        ({"deliveries": 2}, ["new", "filled", "a", ACCOUNT]),
        ({"type": "ORDER", "deliveries": 2}, ["new", "filled", "a", ACCOUNT]),
    ],
)
def test_which_deliveries_overtake_it(tenant: Tenant, by: Any, sent: list[str]) -> None:
    tenant.subscribe()
    hold(tenant, by)
    tell(tenant, "a", "EXECUTION.FILLED")
    for name, type_ in (("new", "ORDER.NEW"), ("filled", "ORDER.FILLED"), (ACCOUNT, "POSITION.UPDATED")):
        tell(tenant, name, type_)
    assert seen(tenant) == sent


def test_those_of_another_subscription_overtake_it_where_its_own_does_not_take_such_events(tenant: Tenant) -> None:
    tenant.subscribe(type=["EXECUTION"])
    tenant.subscribe(type=["ORDER"])
    hold(tenant, "ORDER.FILLED")
    tell(tenant, "execution", "EXECUTION.FILLED")
    assert held(tenant).reason == (
        "held back by the fault w1 until another delivery with ORDER.FILLED of any subscription was delivered"
    )
    tell(tenant, "new")
    tell(tenant, "filled", "ORDER.FILLED")
    assert seen(tenant) == ["new", "filled", "execution"]


def test_one_of_another_subscription_that_waits_already_overtakes_it(tenant: Tenant) -> None:
    tenant.subscribe(type=["ORDER"])
    tenant.subscribe(type=["EXECUTION"])
    hold(tenant, "ORDER", webhook={"type": "EXECUTION"})
    tenant.answer = down
    tell(tenant, "order")
    tell(tenant, "execution", "EXECUTION.FILLED")
    assert held(tenant).number == 2
    tenant.answer = ok
    tenant.sent.clear()
    tenant.advance("1m")
    assert seen(tenant) == ["order", "execution"]


@pytest.mark.parametrize(("webhook", "overtakes"), [("own", False), ("other", True), ("any", True), (None, False)])
def test_whose_deliveries_overtake_it_can_be_said(tenant: Tenant, webhook: str | None, overtakes: bool) -> None:
    own, other = tenant.subscribe(type=["EXECUTION"]), tenant.subscribe(type=["ORDER"])
    ids = {"own": own.id, "other": other.id}
    hold(tenant, {} if webhook is None else {"webhook_id": ids.get(webhook, webhook)})
    tell(tenant, "execution", "EXECUTION.FILLED")
    tell(tenant, "order")
    assert seen(tenant) == (["order", "execution"] if overtakes else ["order"])


def test_another_one_overtakes_it_when_the_chosen_one_is_discarded(tenant: Tenant) -> None:
    tenant.subscribe(type=["EXECUTION"])
    first, _ = tenant.subscribe(type=["ORDER"]), tenant.subscribe(type=["ORDER"], enabled=False)
    hold(tenant, "ORDER")
    tell(tenant, "execution", "EXECUTION.FILLED")
    tenant.answer = down
    tell(tenant, "order")
    tenant.outbox.remove(first.id)
    tenant.answer = ok
    assert held(tenant).number == 1
    tenant.subscribe(type=["ORDER"])
    tenant.sent.clear()
    tell(tenant, "again")
    assert seen(tenant) == ["again", "execution"]


# --- With times ---


def test_within_a_time_else_it_goes_all_the_same(tenant: Tenant) -> None:
    tenant.subscribe()
    hold(tenant, {"within": "10m"})
    tell(tenant, "a")
    due = held(tenant).retry_at
    tenant.run_until_idle()
    assert (seen(tenant), [sent.at for sent in tenant.sent], tenant.seconds()) == (["a"], [due], [601])


def test_a_delay_beside_it_is_the_least_time_and_others_pass_meanwhile(tenant: Tenant) -> None:
    tenant.subscribe()
    hold(tenant, delay="1h")
    tell(tenant, "a")
    assert held(tenant).reason == (
        "held back by the fault w1 until another delivery of its subscription was delivered, "
        "not before 2023-01-10T09:00:01Z"
    )
    tell(tenant, "b")
    tell(tenant, "c")
    tenant.run_until_idle()
    assert list(zip(seen(tenant), tenant.seconds(), strict=True)) == [("b", 2), ("c", 3), ("a", 3601)]


def test_after_a_delay_it_waits_still_to_be_overtaken(tenant: Tenant) -> None:
    tenant.subscribe()
    hold(tenant, delay="1h")
    tell(tenant, "a")
    tenant.advance("2h")
    assert (seen(tenant), held(tenant).retry_at) == ([], None)
    tell(tenant, "b")
    assert seen(tenant) == ["b", "a"]


def test_the_time_to_be_overtaken_in_begins_with_the_end_of_the_delay(tenant: Tenant) -> None:
    tenant.subscribe()
    hold(tenant, {"within": "10m"}, delay="1h")
    tell(tenant, "a")
    tenant.run_until_idle()
    assert tenant.seconds() == [1 + 3600 + 600]


# --- Let go ---


def test_it_is_released_by_command(tenant: Tenant) -> None:
    tenant.subscribe()
    hold(tenant)
    tell(tenant, "a")
    redeliver(tenant.outbox, held(tenant))
    tenant.deliver()
    tell(tenant, "b")
    assert seen(tenant) == ["a", "b"]


def test_it_is_released_with_its_fault(tenant: Tenant) -> None:
    tenant.subscribe()
    hold(tenant)
    tell(tenant, "a")
    assert not tenant.outbox.remove_faults("w2")
    assert held(tenant).number == 1
    assert tenant.outbox.remove_faults("w1")
    tenant.deliver()
    assert seen(tenant) == ["a"]


def test_one_that_two_faults_hold_is_released_with_the_second(tenant: Tenant) -> None:
    tenant.subscribe()
    hold(tenant)
    hold(tenant, None, delay="1h")
    tell(tenant, "a")
    assert str(held(tenant).reason).startswith("held back by the faults w2 and w1 until")
    tenant.outbox.remove_faults("w1")
    assert held(tenant).number == 1
    tenant.outbox.remove_faults("w2")
    tenant.deliver()
    assert seen(tenant) == ["a"]


def test_a_subscription_that_is_disabled_holds_nothing_and_one_that_is_deleted_discards_it(tenant: Tenant) -> None:
    webhook = tenant.subscribe()
    hold(tenant)
    tell(tenant, "a")
    snapshot = tenant.world.snapshot()
    tenant.outbox.follow(tenant.world.table(WEBHOOKS).put(webhook.evolve(enabled=False)))
    assert [each.state for each in tenant.outbox.deliveries()] == [DeliveryState.WAITING]
    tenant.outbox.follow(tenant.world.table(WEBHOOKS).put(webhook.evolve(enabled=True)))
    tenant.deliver()
    assert seen(tenant) == ["a"]
    tenant.world.restore(snapshot)
    (discarded,) = tenant.outbox.remove(webhook.id)
    assert (discarded.state, tenant.outbox.pending) == (DeliveryState.DISCARDED, False)


# --- A part of the world ---


def test_a_snapshot_covers_what_is_held_and_what_was_chosen_to_overtake_it(tenant: Tenant) -> None:
    tenant.subscribe()
    hold(tenant, {"deliveries": 2})
    tell(tenant, "a")
    tenant.answer = down
    tell(tenant, "b")
    snapshot = tenant.world.snapshot()
    for _ in range(2):
        tenant.answer = ok
        tenant.sent.clear()
        tell(tenant, "c")
        tenant.advance("1m")
        assert seen(tenant) == ["b", "c", "a"]
        tenant.world.restore(snapshot)


def test_a_rule_that_fails_takes_back_what_was_held_and_chosen(tenant: Tenant) -> None:
    tenant.subscribe(config={"delay": "1s", "max_package_size": 100})
    hold(tenant)
    tenant.world.undo.clear()
    tenant.tell("too large for its bundle", size=200)
    tenant.world.undo.clear()
    tenant.tell("the next", size=200)
    tenant.world.undo.roll_back()
    assert [each.state for each in tenant.outbox.deliveries()] == [DeliveryState.HELD]
    tenant.tell("another", size=200)
    tenant.deliver()
    tenant.deliver()
    assert seen(tenant) == ["another", "too large for its bundle"]


@pytest.mark.parametrize("type_", ["ORDR.NEW", "ALL"])
def test_events_that_do_not_exist_are_refused(type_: str) -> None:
    fault = WebhookFault.model_validate({"webhook": {}, "overtaken_by": type_})
    ((place, _),) = mistakes(fault)
    assert place == ("overtaken_by", "type")
