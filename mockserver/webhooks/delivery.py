"""A bundle on its way to a subscription: what it holds, what was tried, what was answered (concepts.md §7.2, §7.3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import orjson

from mockserver.kernel.events import Event, stamp
from mockserver.webhooks.faults import Spoiled
from mockserver.webhooks.signing import Signature

_HEAD: Final = b'{"payload":['
_TAIL: Final = b"]}"

EMPTY_BUNDLE: Final = len(_HEAD) + len(_TAIL)
"""The bytes of a delivered body without any event."""

SEPARATOR: Final = 1
"""The bytes between two events of a bundle."""


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    WAITING = "WAITING"
    """Behind another that was not delivered yet, or its subscription is disabled."""
    DUE = "DUE"
    """To be sent now, or being sent."""
    HELD = "HELD"
    """Held back by a fault, until ``retry_at`` at the latest."""
    RETRYING = "RETRYING"
    """Failed, and to be sent again at ``retry_at``."""
    DELIVERED = "DELIVERED"
    DISCARDED = "DISCARDED"
    """Given up: its subscription was deleted, or a fault dropped it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt to send. How long it took is left out, so that replays are equal."""

    url: str
    status: int = 0
    """The status answered; 0: nothing was."""
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    error: str | None = None
    """Why nothing was answered."""
    hung: bool = False
    """Nothing was answered within the time for one attempt."""
    signature: Signature | None = None
    """How the request was signed; ``None``: it was not."""
    fault: str | None = None
    """The fault that made it so; what it says of the receiver is pretended then."""

    @property
    def delivered(self) -> bool:
        """Any 2xx: the sources name 200, 204 and the whole range (concepts.md §7.3, inferred)."""
        return self.error is None and 200 <= self.status < 300

    @property
    def problem(self) -> str | None:
        """Why the attempt was no success; ``None`` when it was one."""
        if self.delivered:
            return None
        if self.error is None and 300 <= self.status < 400:
            return f"it answered {self.status}, and redirects are not followed"
        return self.error or f"it answered {self.status}, and only 2xx is a success"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try, at a moment of the world's time."""

    at: datetime
    outcome: Outcome


@dataclass(frozen=True, slots=True)
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
    attempts: tuple[Attempt, ...] = ()
    retry_at: datetime | None = None
    fault: str | None = None
    """The fault that changed how it travels."""
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
        return bundle(self.webhook_id, self.events)

    @property
    def url(self) -> str | None:
        """Where it was sent last; ``None`` before the first attempt."""
        return self.attempts[-1].outcome.url if self.attempts else None

    def to(self, state: DeliveryState, reason: str | None = None, retry_at: datetime | None = None) -> Delivery:
        """The next version, in ``state``."""
        return replace(self, state=state, reason=reason, retry_at=retry_at)

    def tried(self, at: datetime, outcome: Outcome) -> Delivery:
        """The next version, with one more attempt."""
        return replace(self, attempts=(*self.attempts, Attempt(at, outcome)))


def bundle(webhook_id: str, events: Iterable[Event]) -> bytes:
    """The delivered body (concepts.md §7.2 [E])."""
    return _HEAD + b",".join(event.body(webhook_id) for event in events) + _TAIL


def delivery_view(delivery: Delivery, *, payload: bool = True) -> dict[str, Any]:
    """A delivery as people look at it, with every attempt and answer; without ``payload`` its events are only named."""
    body = delivery.body
    view: dict[str, Any] = {
        "id": delivery.id,
        "webhook_id": delivery.webhook_id,
        "state": delivery.state.value,
        "reason": delivery.reason,
        "created_at": stamp(delivery.created_at),
        "url": delivery.url,
        "size": len(body),
        "retry_at": stamp(delivery.retry_at) if delivery.retry_at else None,
        "fault": delivery.fault,
        "redelivery_of": delivery.redelivery_of,
        "attempts": [_attempt_view(number, attempt) for number, attempt in enumerate(delivery.attempts, 1)],
        "events": [
            {"id": event.id, "created_at": stamp(event.created_at), "type": event.type} for event in delivery.events
        ],
    }
    if payload:
        view["payload"] = orjson.loads(body)["payload"]
    return view


def _attempt_view(number: int, attempt: Attempt) -> dict[str, Any]:
    outcome = attempt.outcome
    return {
        "number": number,
        "at": stamp(attempt.at),
        "url": outcome.url,
        "delivered": outcome.delivered,
        "status": outcome.status,
        "headers": dict(outcome.headers),
        "body": outcome.body,
        "problem": outcome.problem,
        "signature": _signature_view(outcome.signature),
        "fault": outcome.fault,
    }


def _signature_view(signature: Signature | None) -> dict[str, Any] | None:
    if signature is None:
        return None
    return {"version": signature.version, "kid": signature.kid, "fault": signature.fault}
