"""What the control API answers about the requests of a client, as objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any, TypedDict

from mockserver.client.names import OperationName
from mockserver.client.reading import SOMETIMES, Answer
from mockserver.kernel.frozen import frozen


class Cause(TypedDict):
    """A reading of a request under which its signature fits, or a likely one."""

    trap: str
    """Its name, for programs."""
    text: str
    """What probably happened, and what to do."""
    proven: bool
    """Whether the signature fits when the request is read that way."""
    base: str | None
    """The signature base that fits; ``None``: it is the server's own, or none was tried."""


class Explanation(TypedDict):
    """Why the signature of a request was refused."""

    check: str
    """The name of the rule."""
    problem: str
    method: str
    path: str
    signature_version: int | None
    key_id: str | None
    covered: list[str]
    """The components that were signed."""
    signature_base: str | None
    """As the server computed it; ``None``: it did not come so far."""
    received: Mapping[str, str]
    """The headers of the signature as they came."""
    causes: list[Cause]


class ExplainedRequest(Explanation):
    request_id: str


@frozen(kw_only=True)
class Requested(Answer):
    """A request of the client and its answer, secrets masked."""

    number: int
    at: datetime
    method: str
    path: str
    query: str
    operation: OperationName | None
    headers: Mapping[str, str]
    body: Any
    status: int
    request_id: str
    answer: Any
    refusal: str | None
    """The name of the rule that refused it."""
    explanation: Explanation | None = field(default=None, metadata=SOMETIMES)
    """Why its signature was refused."""


@frozen(kw_only=True)
class RequestInFull(Requested):
    """One request with all that is known of it."""

    answer_headers: Mapping[str, str]
    machine: Mapping[str, Any]
    """The machine's time at which it was carried out (``began``), and how many ``milliseconds`` it took."""
    rule: Mapping[str, Any] | None
    """The rule that refused it: ``name``, ``status``, ``source``."""
    violations: list[Mapping[str, Any]]
    """Each place that is wrong: ``in``, ``place``, ``value``, ``problem``, ``allowed``."""
    curl: str = ""
    """The command that sends it again; secrets are masked."""
    step: Mapping[str, Any] | None = None
    """The step of a scenario that sends it and expects its answer."""
    no_step: str | None = None
    """Why no scenario can have it."""
    led_to: Mapping[str, Any]
    """``moves``, ``events`` and the ids of ``deliveries``."""


@frozen(kw_only=True)
class Match(Answer):
    """A request that fits a check, or comes near to it."""

    number: int
    method: str
    path: str
    query: str
    operation: OperationName | None
    status: int
    refusal: str | None
    missed: list[str] = field(default_factory=list, metadata=SOMETIMES)
    """Why it does not fit; empty where it does."""


@frozen(kw_only=True)
class Check(Answer):
    """Whether the client asked what it should have."""

    verified: bool
    matched: int
    expected: str
    """How many should fit, in words."""
    requests: list[Match]
    nearest: list[Match]
    looked_at: int
    forgotten: int
    """Requests that the journal holds no more."""


@frozen(kw_only=True)
class Awaited(Answer):
    """What waiting for requests came to."""

    verified: bool
    """Whether enough of them are there."""
    matched: int
    expected: str
    """How many were waited for, in words."""
    requests: list[Requested]
    """The first of those that fit, as many as were waited for."""
    nearest: list[Match]
    looked_at: int
    forgotten: int
    """Requests that the journal holds no more."""
    reason: str | None
    """Why the wait ended; ``None``: they are there."""
