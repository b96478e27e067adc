"""A bundle on its way to a subscription: its events, its attempts and their answers (concepts.md §7.2, §7.3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from itertools import takewhile
from typing import Any, Final, NamedTuple

import orjson

from mockserver.kernel.events import Event, stamp
from mockserver.kernel.frozen import frozen
from mockserver.kernel.settings import JsonFormat
from mockserver.webhooks.attempts import Attempts, Outcome, Skipped, attempt_view, skipped_view
from mockserver.webhooks.faults import Spoiled

_HEAD: Final = b'{"payload":['
_TAIL: Final = b"]}"

EMPTY_BUNDLE: Final = len(_HEAD) + len(_TAIL)
"""The bytes of a delivered body without any event."""

SEPARATOR: Final = 1
"""The bytes between two events of a bundle."""

NO_ATTEMPTS: Final = Attempts()
"""Those of a delivery that was not sent yet; its first attempt begins a list of its own."""


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    WAITING = "WAITING"
    """Behind another that was not delivered yet, or its subscription is disabled."""
    DUE = "DUE"
    """To be sent now, or being sent."""
    HELD = "HELD"
    """Held back by a fault: until ``retry_at`` at the latest, or until others have overtaken it."""
    RETRYING = "RETRYING"
    """Failed, and to be sent again at ``retry_at``."""
    DELIVERED = "DELIVERED"
    DISCARDED = "DISCARDED"
    """Given up: its subscription was deleted, or a fault dropped it."""


@frozen
class Delivery:
    """One version of a delivery: never changed, only replaced."""

    id: str
    number: int
    """The order in which the deliveries of a world were bundled."""
    webhook_id: str
    created_at: datetime
    events: tuple[Event, ...]
    state: DeliveryState = DeliveryState.WAITING
    reason: str | None = None
    """Why it waits, or why it was discarded."""
    attempts: Attempts = NO_ATTEMPTS
    skipped: tuple[Skipped, ...] = ()
    """What moves of the clock skipped, in order: no attempts."""
    retry_at: datetime | None = None
    json_format: JsonFormat = "compact"
    faults: tuple[str, ...] = ()
    """The faults that changed how it travels, in the order of application."""
    spoiled: Spoiled | None = None
    redelivery_of: str | None = None
    """The delivery that it repeats on command."""

    @property
    def spoiled_now(self) -> Spoiled | None:
        """What is wrong with the next attempt on purpose."""
        spoiled = self.spoiled
        return spoiled if spoiled is not None and len(self.attempts) < spoiled.attempts else None

    @property
    def body(self) -> bytes:
        """What is sent: the same bytes at every attempt."""
        return bundle(self.webhook_id, self.events, self.json_format)

    @property
    def url(self) -> str | None:
        """Where it was sent last; ``None`` before the first attempt."""
        return self.attempts[-1].outcome.url if self.attempts else None

    def to(self, state: DeliveryState, reason: str | None = None, retry_at: datetime | None = None) -> Delivery:
        """The next version, in ``state``."""
        return replace(self, state=state, reason=reason, retry_at=retry_at)

    def tried(self, at: datetime, outcome: Outcome) -> Delivery:
        """The next version, with one more attempt."""
        return replace(self, attempts=self.attempts.followed_by(at, outcome))

    def passed_over(self, skipped: Skipped) -> Delivery:
        """The next version, with skipped attempts; they replace the record of the first of them."""
        before = self.skipped
        if before and before[-1].first == skipped.first:
            before = before[:-1]
        return replace(self, skipped=(*before, skipped))


class Attempted(NamedTuple):
    """An attempt as the feed has it: the delivery as it was right after."""

    delivery: Delivery

    def view(self) -> dict[str, Any]:
        """The attempt, and which delivery it is of."""
        delivery, number = self.delivery, len(self.delivery.attempts)
        return {
            "delivery": delivery.number,
            "delivery_id": delivery.id,
            "webhook_id": delivery.webhook_id,
            **attempt_view(number, delivery.attempts[-1]),
        }


def bundle(webhook_id: str, events: Iterable[Event], json_format: JsonFormat = "compact") -> bytes:
    """The delivered body (concepts.md §7.2 [E])."""
    body = _HEAD + b",".join(event.body(webhook_id) for event in events) + _TAIL
    if json_format == "compact":
        return body
    # lazy: 14 ms of patterns at start-up, and few worlds need another format
    from mockserver.webhooks.json_format import formatted

    return formatted(body, json_format)


def delivery_view(delivery: Delivery, *, payload: bool = True, since: int = 0) -> dict[str, Any]:
    """A delivery as people look at it, with its attempts and answers from the one at ``since`` on.

    Without ``payload`` its events are only named.
    """
    body = delivery.body
    view: dict[str, Any] = {
        "number": delivery.number,
        "id": delivery.id,
        "webhook_id": delivery.webhook_id,
        "state": delivery.state.value,
        "reason": delivery.reason,
        "created_at": stamp(delivery.created_at),
        "url": delivery.url,
        "size": len(body),
        "retry_at": stamp(delivery.retry_at) if delivery.retry_at else None,
        "json": delivery.json_format,
        "faults": list(delivery.faults),
        "redelivery_of": delivery.redelivery_of,
        "attempts_made": len(delivery.attempts),
        "attempts": [attempt_view(number, each) for number, each in enumerate(delivery.attempts[since:], since + 1)],
        "skipped": [skipped_view(each) for each in _skipped_since(delivery, since)],
        "events": [
            {"number": event.number, "id": event.id, "created_at": stamp(event.created_at), "type": event.type}
            for event in delivery.events
        ],
    }
    if payload:
        view["payload"] = orjson.Fragment(body[body.index(b"[") : body.rindex(b"]") + 1])  # the list, as it is sent
    return view


def answer_view(delivery: Delivery) -> dict[str, Any]:
    """A delivery as one answer left it: of its attempts only the last, and what was skipped just before."""
    return delivery_view(delivery, payload=False, since=max(0, len(delivery.attempts) - 1))


def _skipped_since(delivery: Delivery, attempts: int) -> list[Skipped]:
    """What was skipped once so many attempts had been made."""
    return list(takewhile(lambda each: each.after >= attempts, reversed(delivery.skipped)))[::-1]
