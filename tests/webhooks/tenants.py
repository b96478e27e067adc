"""A world with webhooks and the other side of them, without a server: what is ready is answered by a function."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from mockserver.kernel.durations import duration
from mockserver.kernel.events import Event, emit
from mockserver.kernel.operations import Call, operation
from mockserver.kernel.profile import profile
from mockserver.kernel.world import World
from mockserver.models.webhooks import Webhook
from mockserver.webhooks import keys, test_event  # noqa: F401 - their operations register themselves
from mockserver.webhooks.attempts import Outcome
from mockserver.webhooks.delivery import Delivery
from mockserver.webhooks.outbox import Outbox
from mockserver.webhooks.subscriptions import seed_subscription
from mockserver.webhooks.wiring import attach

MORNING = datetime(2023, 1, 10, 8, tzinfo=UTC)
URL = "http://localhost:8000/hooks"


def ok(delivery: Delivery) -> Outcome:
    return Outcome(URL, 200)


def down(delivery: Delivery) -> Outcome:
    return Outcome(URL, error="nothing listens")


@dataclass(frozen=True)
class Thing:
    """The object of an event: JSON of ``size`` bytes that says its ``name``."""

    name: str
    size: int = 40

    @cached_property
    def wire(self) -> bytes:
        bare = json.dumps({"name": self.name, "filler": ""}, separators=(",", ":"))
        return bare.replace('""', f'"{"x" * (self.size - len(bare))}"').encode()


@dataclass(frozen=True)
class Sent:
    """One attempt as the target saw it."""

    at: datetime
    webhook_id: str
    body: bytes

    @property
    def events(self) -> list[dict[str, Any]]:
        payload: list[dict[str, Any]] = json.loads(self.body)["payload"]
        return payload

    @property
    def names(self) -> list[str]:
        return [event["object"]["name"] for event in self.events]


@dataclass
class Tenant:
    """A world, its outbox, and a target that answers by ``answer``."""

    world: World
    outbox: Outbox
    answer: Callable[[Delivery], Outcome] = ok
    sent: list[Sent] = field(default_factory=list)

    def subscribe(self, **fields: Any) -> Webhook:
        return seed_subscription(self.world, **{"url": URL, "config": {"delay": "1s"}, **fields})

    def tell(self, *names: str, type_: str = "ORDER.NEW", size: int = 40) -> list[Event]:
        return [emit(self.world, type_, Thing(name, size)) for name in names]

    def call(self, operation_id: str, webhook_id: str = "", body: Any = None, **query: Any) -> Any:
        self.world.undo.clear()
        return operation.handlers[operation_id](self.world, Call({"webhook_id": webhook_id}, query, body))

    def deliver(self) -> None:
        """Send what is ready, once."""
        for delivery in self.outbox.take():
            self.sent.append(Sent(self.world.now, delivery.webhook_id, delivery.body))
            self.outbox.answered(delivery.id, self.answer(delivery))

    def advance(self, span: str) -> None:
        """Move the clock, and send whenever it waits for that."""
        until = self.world.now + duration(span)
        while not self.world.run(until):
            self.deliver()
        self.world.clock.reach(until)
        assert not list(self.world.failures)

    def run_until_idle(self) -> None:
        while self.outbox.pending or not self.world.clock.idle:
            due = self.world.clock.next_due
            if not self.world.run(due if due and not self.outbox.pending else self.world.now):
                self.deliver()

    @property
    def names(self) -> list[list[str]]:
        return [sent.names for sent in self.sent]

    def seconds(self) -> list[float]:
        """When each attempt was made, in seconds since the morning."""
        return [(sent.at - MORNING) / timedelta(seconds=1) for sent in self.sent]


def tenant(overrides: dict[str, Any] | None = None, seed: int = 7) -> Tenant:
    world = World(profile("sandbox", overrides), MORNING, seed)
    return Tenant(world, attach(world))
