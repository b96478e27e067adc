"""Answers that hold a list, or one thing of a world, as objects: what the OpenAPI document of the control API says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any, TypedDict

from mockserver.client.answers import (
    About,
    Delivery,
    Due,
    Event,
    Failure,
    Fault,
    Happened,
    Held,
    Move,
    Snapshot,
    Time,
)
from mockserver.client.credentials import IdempotencyKey, Token
from mockserver.client.names import ResourceName
from mockserver.client.reading import SOMETIMES, Answer
from mockserver.client.request_answers import Requested
from mockserver.kernel.frozen import frozen


@frozen(kw_only=True)
class WorldList(Answer):
    worlds: list[About]


@frozen(kw_only=True)
class SnapshotList(Answer):
    snapshots: list[Snapshot]


@frozen(kw_only=True)
class ResourceList(Answer):
    """The objects of one resource, in order of creation."""

    resource: ResourceName
    total_count: int
    data: list[Held]


@frozen(kw_only=True)
class MoveList(Answer):
    next: int
    """The ``since`` of the next look."""
    total_count: int
    moves: list[Move]


@frozen(kw_only=True)
class EventList(Answer):
    next: int
    """The ``since`` of the next look."""
    total_count: int
    events: list[Event]


@frozen(kw_only=True)
class DeliveryList(Answer):
    next: int
    """The ``since`` of the next look."""
    total_count: int
    deliveries: list[Delivery]


@frozen(kw_only=True)
class FailureList(Answer):
    next: int
    """The ``since`` of the next look."""
    total_count: int
    failures: list[Failure]


@frozen(kw_only=True)
class RequestList(Answer):
    next: int
    """The ``since`` of the next look."""
    last: int
    """The number of the last request of all."""
    total_count: int
    requests: list[Requested]


Waiting = TypedDict(
    "Waiting",
    {
        "resource": ResourceName,
        "id": str,
        "state": str | None,
        "stage": str,
        "reason": str,
        "for": str | None,
        "or": str | None,
        "again_at": datetime | None,
        "wanted": str | None,
        "free": str | None,
    },
)
"""A resource that waits: for a topic or an instant, and where it waits for an amount, how much is wanted and free."""


@frozen(kw_only=True)
class Stopped(Time):
    stopped: bool
    """Whether there was a move."""


@frozen(kw_only=True)
class Upcoming(Answer):
    now: datetime
    upcoming: list[Due]
    waiting: list[Waiting]
    """In the order in which they began to."""
    waiting_count: int
    held: list[Delivery]
    """Deliveries that a fault holds back, without their payload."""


@frozen(kw_only=True)
class FaultList(Answer):
    faults: list[Fault]


@frozen(kw_only=True)
class TokenList(Answer):
    total_count: int
    tokens: list[Token]


@frozen(kw_only=True)
class IdempotencyKeyList(Answer):
    total_count: int
    idempotency_keys: list[IdempotencyKey]


@frozen(kw_only=True)
class Expired(Answer):
    expired: int
    """How many were valid until now."""


@frozen(kw_only=True)
class Emitted(Happened):
    event: Event


@frozen(kw_only=True)
class Redelivered(Answer):
    delivery: Delivery


@frozen(kw_only=True)
class Subscribed(Answer):
    """A subscription as ``GET /webhooks/{id}`` has it."""

    id: str
    created_at: datetime
    updated_at: datetime
    url: str
    title: str
    type: list[str]
    enabled: bool
    config: Mapping[str, Any]
    exclude_type: list[str] = field(default_factory=list, metadata=SOMETIMES)
