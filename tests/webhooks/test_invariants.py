"""What holds whatever happens: nothing is lost, doubled or overtaken, and a retry is the same bytes."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from mockserver.kernel.world import Snapshot
from mockserver.models.messages.webhooks import WebhookUpdateRequest
from mockserver.webhooks.attempts import Outcome
from mockserver.webhooks.delivery import Delivery, DeliveryState
from mockserver.webhooks.subscription import WEBHOOKS
from tests.webhooks.tenants import Tenant, down, ok, tenant
from tests.webhooks.test_skipping import Move, hangs


class Life(RuleBasedStateMachine):
    """A tenant whose target comes and goes, and whose subscriptions change at any time."""

    webhooks: Bundle[str] = Bundle("webhooks")

    def __init__(self) -> None:
        super().__init__()
        self.tenant: Tenant = tenant()
        self.told: dict[str, list[str]] = {}
        """By subscription: the names of the events that it was to get, in order."""
        self.count = 0

    @initialize(target=webhooks)
    def begin(self) -> Any:
        return multiple(self.subscribe("1s", 51200), self.subscribe("5s", 600))

    @rule(target=webhooks, delay=st.sampled_from(["1s", "5s"]), size=st.sampled_from([100, 600, 51200]))
    def subscribe(self, delay: str, size: int) -> Any:
        if len(self.told) == 4:
            return multiple()
        webhook = self.tenant.subscribe(config={"delay": delay, "max_package_size": size})
        self.told[webhook.id] = []
        return webhook.id

    @rule(events=st.integers(1, 5), size=st.sampled_from([40, 300, 700]))
    def tell(self, events: int, size: int) -> None:
        for _ in range(events):
            self.count += 1
            self.tenant.tell(str(self.count), size=size)
            for webhook in self.tenant.world.table(WEBHOOKS):
                if webhook.enabled:
                    self.told[webhook.id].append(str(self.count))

    @rule(span=st.sampled_from(["0s", "500ms", "1s", "7s", "10m", "2d", "29d"]))
    def advance(self, span: str) -> None:
        self.tenant.advance(span)

    @rule(span=st.sampled_from(["7s", "10m", "2d"]), silent=st.integers(1, 9), events=st.integers(0, 2))
    def advance_as_the_server_does(self, span: str, silent: int, events: int) -> None:
        """The target does not answer for a while: attempts are skipped, but for the last one that is due."""
        usual, left, before = self.tenant.answer, [None] * silent, len(self.tenant.sent)

        def answer(delivery: Delivery) -> Outcome:
            return hangs(delivery) if left and not left.pop() else usual(delivery)

        self.tell(events, 40)
        self.tenant.answer = answer
        begin, move = self.tenant.world.now, Move(self.tenant).by(span)
        self.tenant.answer = usual
        for each in move.skipping.skipped:
            assert begin <= each.first <= each.last <= self.tenant.world.now
            later = [sent.at for sent in self.tenant.sent[before:] if sent.webhook_id == each.webhook_id]
            assert later[-1] > each.last

    @rule(up=st.booleans())
    def target(self, up: bool) -> None:
        self.tenant.answer = ok if up else down

    @rule(webhook_id=webhooks, enabled=st.booleans())
    def change(self, webhook_id: str, enabled: bool) -> None:
        if webhook_id in self.tenant.world.table(WEBHOOKS):  # it may have been removed after thirty days
            self.tenant.call("update_webhook", webhook_id, WebhookUpdateRequest(enabled=enabled))

    @rule(webhook_id=consumes(webhooks))
    def delete(self, webhook_id: str) -> None:
        if webhook_id in self.tenant.world.table(WEBHOOKS):
            self.tenant.call("delete_webhook", webhook_id)

    @rule()
    def take_and_give_back(self) -> None:
        for delivery in self.tenant.outbox.take():
            self.tenant.outbox.give_back(delivery.id)

    @rule()
    def go_back(self) -> None:
        before: Snapshot = self.tenant.world.snapshot()
        kept = self.tenant.outbox.deliveries()
        self.tenant.tell("lost")
        self.tenant.world.run(self.tenant.world.now)
        self.tenant.world.restore(before)
        assert self.tenant.outbox.deliveries() == kept

    @invariant()
    def every_event_is_bundled_once_and_in_order(self) -> None:
        bundled: dict[str, list[str]] = {webhook_id: [] for webhook_id in self.told}
        for delivery in self.tenant.outbox.deliveries():
            bundled[delivery.webhook_id] += [event.object.name for event in delivery.events]  # type: ignore[attr-defined]
        for webhook_id, names in self.told.items():
            assert bundled[webhook_id] == names[: len(bundled[webhook_id])]
            if self.tenant.world.clock.idle:
                assert bundled[webhook_id] == names

    @invariant()
    def deliveries_of_a_subscription_leave_in_order(self) -> None:
        for webhook_id in self.told:
            states = [delivery.state for delivery in self.tenant.outbox.deliveries(webhook_id)]
            done = states.count(DeliveryState.DELIVERED)
            assert set(states[:done]) <= {DeliveryState.DELIVERED}
            if webhook_id in self.tenant.world.table(WEBHOOKS):
                assert set(states[done + 1 :]) <= {DeliveryState.WAITING}
            else:
                assert set(states[done:]) <= {DeliveryState.DISCARDED}

    @invariant()
    def what_is_ready_belongs_to_enabled_subscriptions(self) -> None:
        ready = [delivery.webhook_id for delivery in self.tenant.outbox.ready()]
        assert len(ready) == len(set(ready))
        assert all(self.tenant.world.table(WEBHOOKS)[webhook_id].enabled for webhook_id in ready)
        assert self.tenant.outbox.pending == bool(ready)

    @invariant()
    def retries_are_the_same_bytes(self) -> None:
        attempts = sum(len(delivery.attempts) for delivery in self.tenant.outbox.deliveries())
        bodies = {delivery.body for delivery in self.tenant.outbox.deliveries()}
        assert {sent.body for sent in self.tenant.sent} <= bodies
        assert len(self.tenant.sent) == attempts

    @invariant()
    def nothing_failed_and_nothing_is_due_for_those_that_are_gone(self) -> None:
        assert not list(self.tenant.world.failures)
        table = self.tenant.world.table(WEBHOOKS)
        assert all(task.args[0] in table for task in self.tenant.world.clock.upcoming())


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
