"""What the control API answers, as objects. Times are aware and in UTC; objects of the API are their JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any, ClassVar, Final, Literal

from mockserver.client.members import CausedBy, ClockMove, Happenings, Sent, Signature, Waits
from mockserver.client.names import EventType, ResourceName
from mockserver.client.reading import SOMETIMES, Answer
from mockserver.client.series import WorldAtAGlance
from mockserver.client.settings import ChangedSetting
from mockserver.kernel.frozen import frozen

FROM: Final = {"json": "from"}
WITH: Final = {"json": "with"}
"""What is called ``from`` in JSON, which no attribute can be."""


@frozen(kw_only=True)
class About(Answer):
    """A world, and what a client needs to use it."""

    world: str
    """Its client id, or ``default``."""
    client_id: str
    client_secret: str
    key_id: str
    """Of its test key, that requests may be signed with."""
    auth: str
    scopes: list[str]
    scenario: str | None
    profile: str
    seed: int
    now: datetime
    mode: str
    snapshots: list[str]
    ttl: str | None = None
    """How long it stays without use; ``None``: for ever, or as its lease says."""
    lease: str | None = None
    """How long it stays after its lease was renewed."""
    removed_at: datetime | None = None
    """The machine's time at which it is removed if it is not used, or its lease not renewed, before."""
    private_key: str | None = field(default=None, metadata=SOMETIMES)
    """The private half of the test key in PEM, where the world was just made and checks signatures."""
    versions: Mapping[str, str] | None = field(default=None, metadata=SOMETIMES)
    """Where one world was asked for: of what its data come from (``mockserver``, ``faker``, ``holidays``, ``tzdata``).

    A replay is byte-equal where these are the same.
    """


@frozen(kw_only=True)
class Health(Answer):
    name: str
    """``mockserver``."""
    status: str
    worlds: int
    contract: str = ""
    """The version of the contract."""


@frozen(kw_only=True)
class Overview(Answer):
    """A server and its worlds at a glance."""

    version: str
    uptime_seconds: float
    scenarios: list[str]
    """Those that it has by name."""
    worlds: list[WorldAtAGlance]
    """Each with ``counts``, ``latest_request``, ``next_due`` and what ``needs_a_look``."""


@frozen(kw_only=True)
class Snapshot(Answer):
    id: str
    taken_at: datetime
    """The world's time."""


@frozen(kw_only=True)
class Time(Answer):
    """A world's clock."""

    now: datetime
    mode: str
    idle: bool
    """Nothing is due but standing runs and retries of deliveries."""
    next_due: datetime | None
    under_way: bool
    """A command moves the clock just now, or a delivery is not answered yet."""
    move: ClockMove | None = None
    """The move that is under way: ``from``, ``until``, and how much of it is ``done``; ``None``: there is none."""
    feed: int = 0
    """The number of the last entry of the feed."""


@frozen(kw_only=True)
class Due(Answer):
    """What will happen, when and why."""

    due: datetime
    action: str
    args: list[str]
    reason: str
    background: bool
    """It recurs, tries again or changes settings: it does not keep the world from being idle."""
    settings: list[ChangedSetting] = field(default_factory=list)
    """Those that decided when, and were changed since the world was made."""
    stage: str | None = None
    resource: str | None = None
    id: str | None = None
    to: str | None = None
    event: str | None = None
    """What a stage moves, to which state ordinarily, and the event of that; ``None`` where it is no stage."""


@frozen(kw_only=True)
class Move(Answer):
    """A resource went from one state to another."""

    at: datetime
    resource: ResourceName | Literal["profile"]
    id: str
    source: str | None = field(metadata=FROM)
    to: str
    cause: str
    number: int = 0
    """The moves of a world count from 1."""
    caused_by: CausedBy | None = None
    """``kind`` (``request``, ``command``, ``due``, ``move``), ``number``, ``name``; ``None``: made with the world."""


@frozen(kw_only=True)
class Event(Answer):
    """What was emitted."""

    id: str
    created_at: datetime
    type: EventType
    object: Mapping[str, Any] = field(default_factory=dict)
    """Empty in a feed without payload."""
    number: int = 0
    """The events of a world count from 1."""
    caused_by: CausedBy | None = None
    """As of a move: most often a move."""


@frozen(kw_only=True)
class Failure(Answer):
    """A rule that failed while the clock moved, and was taken back."""

    at: datetime
    action: str
    args: list[str]
    reason: str
    error: str
    trace: str


@frozen(kw_only=True)
class Failed(Answer):
    """The rules that failed in a world since it was made: how many, and the last of them."""

    total_count: int
    failures: list[Failure]


@frozen(kw_only=True)
class Attempt(Answer):
    """One try to deliver."""

    number: int
    at: datetime
    url: str
    delivered: bool
    status: int
    """0: nothing was answered."""
    headers: Mapping[str, str]
    body: str
    problem: str | None
    signature: Signature | None
    fault: str | None = None
    """The id of the fault that made it fail."""
    sent: Sent | None = field(default=None, metadata=SOMETIMES)
    """``headers`` and ``signature_base``, of the latest attempts of one delivery that was asked for."""


@frozen(kw_only=True)
class Skipped(Answer):
    """Attempts in a row that a move of the clock skipped, because the receiver had not answered in time before.

    They are no attempts: they do not count as failures.
    """

    delivery_id: str
    webhook_id: str
    after_attempt: int
    """How many attempts had been made before."""
    since: datetime = field(metadata=FROM)
    to: datetime
    """The world's time at which the first and the last of them were due."""
    count: int
    reason: str


@frozen(kw_only=True)
class EventName(Answer):
    """An event of a bundle, without its object."""

    id: str
    created_at: datetime
    type: str
    """Most often the type of an event; any text in a bundle that was sent with other events."""
    number: int = 0
    caused_by: CausedBy | None = field(default=None, metadata=SOMETIMES)
    """Of one delivery that was asked for."""


@frozen(kw_only=True)
class Delivery(Answer):
    """A bundle on its way to a subscription, with its attempts and their answers.

    In the answer of a move there is one for each attempt, with this attempt alone; in a list of deliveries it has all.
    """

    id: str
    webhook_id: str
    state: str
    reason: str | None
    created_at: datetime
    url: str | None
    size: int
    retry_at: datetime | None
    attempts: list[Attempt]
    events: list[EventName]
    number: int = 0
    """The deliveries of a world count from 1."""
    json_format: str | None = field(default=None, metadata={"json": "json"})
    """How its JSON is written; ``None``: as the API writes it."""
    redelivery_of: str | None = None
    """The id of the delivery that it repeats."""
    attempts_made: int = 0
    """How many attempts there were until then."""
    skipped: list[Skipped] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    """The ids of the faults that changed how it travels."""
    payload: list[Any] | None = field(default=None, metadata=SOMETIMES)
    """The delivered events, where they were asked for."""


@frozen(kw_only=True)
class Happened(Answer):
    """What a command made happen, each in order; of very much only the last, ``counts`` has all."""

    since: datetime = field(metadata=FROM)
    now: datetime
    counts: Happenings
    moves: list[Move]
    events: list[Event]
    deliveries: list[Delivery]
    """As each answer of a receiver left it: one for each attempt."""
    failures: list[Failure]
    skipped: list[Skipped] = field(default_factory=list)
    """Attempts that were due and not made; ``counts`` has how many they are together."""


@frozen(kw_only=True)
class Advanced(Happened):
    """What a move of the clock made happen."""

    stopped: bool = False
    """It was ended early, by command."""


@frozen(kw_only=True)
class Moved(Happened):
    """What a forced move made happen."""

    object: Mapping[str, Any] | None
    """The resource as it is now; ``None``: the move removed it."""


@frozen(kw_only=True)
class Announced(Moved):
    """What announcing a corporate action made happen."""

    id: str
    """Of the corporate action."""


@frozen(kw_only=True)
class Counts(Answer):
    """How many objects there are of each resource."""

    now: datetime
    resources: Mapping[str, int]


@frozen(kw_only=True)
class Held(Answer):
    """One object among others."""

    id: str
    state: str | None
    object: Mapping[str, Any]


@frozen(kw_only=True)
class Possible(Answer):
    """A legal next move, what makes it happen, and where the rule comes from."""

    to: str
    event: str | None
    when: str
    source: str
    options: list[str] = field(metadata=WITH, default_factory=list)
    """What the ``with`` of a forced move may hold."""


@frozen(kw_only=True)
class NamedBy(Answer):
    """A request of the client that names an object, or was answered with it."""

    number: int
    at: datetime
    method: str
    path: str
    operation: str | None
    status: int


@frozen(kw_only=True)
class EventAt(Answer):
    """An event by its id and type, and when it was emitted."""

    id: str
    at: datetime
    type: EventType
    number: int = 0
    caused_by: CausedBy | None = None


@frozen(kw_only=True)
class Explained(Answer):
    """One object: how it is, how it came to be so, what it waits for, what can happen next and what is due."""

    resource: ResourceName
    id: str
    state: str | None
    object: Mapping[str, Any]
    history: list[Move]
    waits: Waits | None
    """What keeps it in its state: ``stage``, ``reason``, and what it waits ``for``; ``None``: nothing does."""
    explanation: str | None
    """One sentence on its state, whatever that is; ``None``: the resource has no life cycle."""
    possible: list[Possible]
    upcoming: list[Due]
    events: list[EventAt] = field(default_factory=list)
    """Those that have it as their object."""
    requests: list[NamedBy] = field(default_factory=list)
    settings: list[ChangedSetting] = field(default_factory=list)
    """Those that its next step reads, and that were changed since the world was made."""
    versions: list[Mapping[str, Any]] = field(default_factory=list)
    """The object as each of its events told it: ``event`` (its number), ``at``, ``object``."""
    related: list[Mapping[str, Any]] = field(default_factory=list)
    """The objects that it names by their ids: ``resource``, ``id``, ``state``, and the ``member`` that does."""


@frozen(kw_only=True)
class Listed(Happened):
    """What listing instruments made happen."""

    objects: list[Mapping[str, Any]]
    """The instruments as they are now."""


@frozen(kw_only=True)
class Fault(Answer):
    """Something that goes wrong on purpose; ``json`` has it as it was written."""

    OPEN: ClassVar = True

    id: str
    matched: int
    """How many requests or bundles it was meant for."""
    acted: int
    """To how many of them it happened."""
    name: str | None = field(default=None, metadata={"json": "as", **SOMETIMES})
