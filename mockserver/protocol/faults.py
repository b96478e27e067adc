"""Faults of requests: which requests they meet, and what these get in place of their answer.

A fault stands before all checks, as trouble on the way to the API does: a request may have no token and be answered
with 503 all the same. What each answer looks like is told by :mod:`mockserver.protocol.faulty_answers`. Faults and
what they have counted are a part of the world: a reset brings the scenario's back, a snapshot covers them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NamedTuple, Self
from urllib.parse import unquote

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from mockserver.contract import Operation, contract
from mockserver.kernel.durations import duration
from mockserver.kernel.frozen import frozen
from mockserver.protocol.known_names import OperationId, contradicted, router
from mockserver.protocol.matching_counts import UNMET, Closed, Named, Occurrence, Tally
from mockserver.protocol.routing import Found

if TYPE_CHECKING:
    from mockserver.kernel.world import World

PART: Final = "request_faults"
"""The name of the faults among the parts of a world."""

LONGEST_DELAY: Final = timedelta(minutes=5)
MOST_FAULTS: Final = 1_000

FRAMING: Final = frozenset({"content-length", "transfer-encoding", "connection", "upvest-request-id"})
"""Headers that belong to the connection, or to the mock's own records."""

BODILESS: Final = frozenset({204, 205, 304})


def _delay(text: str) -> str:
    span = duration(text)
    if not timedelta() < span <= LONGEST_DELAY:
        raise ValueError(f"{text!r}: a delay is more than nothing and at most 5m of the machine's time")
    return text


class RequestMatch(Occurrence):
    """The requests that are meant: all members that are given must fit. ``{}`` is every request of the client."""

    operation: OperationId | None = Field(None, description="an operation of the contract: place_order")
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] | None = None
    path: Annotated[str, StringConstraints(pattern=r"^[/*][^?#\s]*$", max_length=500)] | None = Field(
        None, description="as it is sent, without the query; * stands for anything: /accounts/*/positions"
    )
    account: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = Field(
        None, description="the id of an account that stands in the path, the query or the body"
    )

    def fits(self, operation: Operation, method: str, path: str, target: str, body: bytes) -> bool:
        """Whether a request is meant. ``target`` has the query too, ``body`` is what was sent."""
        if self.operation is not None and operation.id != self.operation:
            return False
        if self.method is not None and method != self.method:
            return False
        if self.path is not None and not fnmatchcase(path, self.pattern):
            return False
        if self.account is None:
            return True
        account = self.account.lower()
        return account in target.lower() or account.encode() in body.lower()

    @property
    def pattern(self) -> str:
        """The path for :mod:`fnmatch`, of which only ``*`` is taken over."""
        return (self.path or "*").replace("[", "[[]").replace("?", "[?]")

    def wider(self, other: RequestMatch) -> bool:
        """Whether each request that ``other`` means is meant here too."""
        same = all(
            mine is None or mine == theirs
            for mine, theirs in (
                (self.operation, other.meant),
                (self.method, other.verb),
                (self.account, other.account),
            )
        )
        return same and (self.path is None or self.path == other.path or _leads(self.pattern, other.path))

    @property
    def meant(self) -> str | None:
        """The one operation that is meant; ``None``: several may be."""
        if self.operation is not None or self.method is None or self.path is None or "*" in self.path:
            return self.operation
        found = router().match(self.method, self.path)
        return found.target.id if isinstance(found, Found) else None

    @property
    def verb(self) -> str | None:
        """The one method that is meant; ``None``: several may be."""
        operation = contract().operations.get(self.operation or "")
        return self.method if operation is None else operation.method

    def same(self, other: RequestMatch) -> bool:
        return self.wider(other) and other.wider(self)


def _leads(pattern: str, path: str | None) -> bool:
    return path is not None and "*" not in path and fnmatchcase(path, pattern)


class Trouble(Closed):
    """What an error's ``application/problem+json`` says in place of the contract's own words."""

    type: Annotated[str, StringConstraints(max_length=1000)] | None = None
    title: Annotated[str, StringConstraints(max_length=1000)] | None = None
    detail: Annotated[str, StringConstraints(max_length=2000)] | None = None


class RequestFault(Named):
    """One fault of requests: which, and one way in which their answer fails; a delay goes with any of them."""

    request: RequestMatch
    delay: Annotated[str, AfterValidator(_delay)] | None = Field(
        None,
        description="of the machine's time, before the request is looked at, or after it is carried_out: 250ms, 2s",
    )
    status: int | None = Field(None, ge=200, le=599, description="an error gets the contract's problem+json")
    problem: Trouble | None = Field(None, description="members of that problem")
    body: Any = Field(None, description="sent as JSON in its place; a text goes as it is")
    headers: dict[str, Annotated[str, StringConstraints(pattern=r"^[\t\x20-\x7e]*$", max_length=8000)]] = Field(
        default_factory=dict, max_length=50
    )
    retry_after: int | None = Field(None, ge=0, le=86_400, description="seconds, sent as retry-after")
    rate_limit: Literal[True] | None = Field(None, description="429, as the API answers over its limit")
    reset: Literal[True] | None = Field(None, description="the connection is reset without an answer")
    malformed: Literal[True] | None = Field(None, description="the JSON of the answer is cut off")
    empty: Literal[True] | None = Field(None, description="the answer has no body")
    truncated: Literal[True] | None = Field(None, description="the connection ends in the middle of the body")
    carried_out: Literal[True] | None = Field(
        None, description="the request is carried out first: only its answer is late, lost or another"
    )

    @property
    def span(self) -> timedelta:
        """Its delay; nothing without one."""
        return timedelta() if self.delay is None else duration(self.delay)

    @property
    def effects(self) -> list[str]:
        """The ways in which the answer fails: an error may also be malformed, empty or truncated."""
        return [name for name in EFFECTS if name in self.model_fields_set and getattr(self, name) is not None]

    @property
    def answers(self) -> bool:
        """Whether it takes the place of the answer; else it only delays."""
        return bool(self.effects)

    @property
    def late(self) -> bool:
        """Whether the request is carried out before: of an answer that is only spoiled there must be one first."""
        return self.carried_out is True or not {"status", "rate_limit", "reset"} & set(self.effects)

    @model_validator(mode="after")
    def _sound(self) -> Self:
        given = {name for name in self.model_fields_set if getattr(self, name) is not None or name == "body"}
        for one, others in CONTRADICTIONS.items():
            if one in given and (clash := sorted(given & others)):
                raise ValueError(f"{one} and {' and '.join(clash)} contradict each other: leave one out")
        for one, needed in NEEDS.items():
            if one in given and not given & needed:
                raise ValueError(f"{one} goes with {' or '.join(sorted(needed))}")
        if not self.effects and self.delay is None:
            raise ValueError(f"does nothing: give one of delay, {', '.join(EFFECTS)}")
        if self.status is not None and self.status < 400 and self.problem is not None:
            raise ValueError(f"status {self.status} is no error and has no problem: give a body")
        if self.status in BODILESS and (clash := sorted(given & {"body", "malformed", "truncated"})):
            raise ValueError(f"an answer {self.status} has no body: {' and '.join(clash)} cannot be")
        for name in self.headers:
            if not _is_token(name):
                raise ValueError(f"{name[:100]!r} is no name of a header")
            if name.lower() in FRAMING:
                raise ValueError(f"the header {name} cannot be set: it belongs to the connection")
        if self.retry_after is not None and "retry-after" in {name.lower() for name in self.headers}:
            raise ValueError("retry_after and the header retry-after contradict each other: leave one out")
        return self


EFFECTS: Final = ("status", "rate_limit", "reset", "malformed", "empty", "truncated")

CONTRADICTIONS: Final[Mapping[str, frozenset[str]]] = {
    "reset": frozenset(
        {"status", "problem", "body", "headers", "retry_after", "rate_limit", "malformed", "empty", "truncated"}
    ),
    "rate_limit": frozenset({"status", "problem", "body"}),
    "malformed": frozenset({"empty", "truncated"}),
    "empty": frozenset({"truncated", "body", "problem"}),
    "body": frozenset({"problem"}),
}
"""What one fault cannot have at once."""

NEEDS: Final[Mapping[str, frozenset[str]]] = {
    "problem": frozenset({"status"}),
    "body": frozenset({"status"}),
    "headers": frozenset({"status", "rate_limit"}),
    "retry_after": frozenset({"status", "rate_limit"}),
    "carried_out": frozenset({"delay", "status", "rate_limit", "reset", "malformed", "empty", "truncated"}),
}
"""What makes sense only beside one of these."""

_TOKEN: Final = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")


def _is_token(name: str) -> bool:
    return bool(name) and len(name) <= 200 and set(name.lower()) <= _TOKEN


Place = tuple[str, ...]


def mistakes(fault: RequestFault) -> Iterator[tuple[Place, str]]:
    """What the contract says against a fault: unknown operations and paths, methods that do not go with them."""
    match = fault.request
    for member, text in contradicted(match.operation, match.method, match.path):
        yield ("request", member), text


@frozen
class ActiveFault:
    """A fault that is set, and what it has counted."""

    id: str
    rule: RequestFault
    tally: Tally = UNMET


def shadowing(standings: Iterable[ActiveFault], rule: RequestFault) -> ActiveFault | None:
    """The fault that answers every request that ``rule`` means, so that ``rule`` would never act."""
    if not rule.answers:
        return None
    for each in standings:
        mine, theirs = each.rule.request, rule.request
        if each.rule.answers and mine.wider(theirs):
            alike = mine.same(theirs) and mine.certain and not each.tally.seen
            if mine.always or (alike and theirs.within(mine)):
                return each
    return None


class Fate(NamedTuple):
    """What happens to one request."""

    before: timedelta = timedelta()
    """How long it is kept before it is looked at."""
    after: timedelta = timedelta()
    """How long its answer is kept once it was carried out."""
    fault: ActiveFault | None = None
    """What takes the place of the answer; ``None``: nothing, it is only late."""
    carried_out: bool = True
    """Whether the request is carried out, whatever the client gets."""


UNMOVED: Final = Fate()
"""No fault acts."""


class Faults:
    """The faults of one world's requests, a part of it. In the order in which they were set; ids are never reused."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.standing: tuple[ActiveFault, ...] = ()
        """Those that are set; to be looked at, and never changed from outside."""
        self._number = 0

    def __iter__(self) -> Iterator[ActiveFault]:
        return iter(self.standing)

    def add(self, rule: RequestFault) -> ActiveFault:
        """Set a fault, after those there are."""
        self._world.undo.note(self.restore, self.snapshot())
        self._number += 1
        standing = ActiveFault(f"r{self._number}", rule)
        self.standing = (*self.standing, standing)
        return standing

    def change(self, fault_id: str, rule: RequestFault) -> None:
        """Let a fault do something else from now on; its place among the others and its counts stay."""
        self._world.undo.note(self.restore, self.snapshot())
        self.standing = tuple(replace(each, rule=rule) if each.id == fault_id else each for each in self.standing)

    def remove(self, fault_id: str | None = None) -> bool:
        """Take one away, or all; ``False`` when there is none of that id."""
        self._world.undo.note(self.restore, self.snapshot())
        left = tuple(each for each in self.standing if fault_id not in (None, each.id))
        gone, self.standing = len(left) < len(self.standing), left
        return gone

    def meet(self, operation: Operation, method: str, path: str, target: str, body: bytes) -> Fate:
        """What happens to a request: every fault that it fits counts it, delays add up, the first answer wins."""
        path = unquote(path)
        before, after, fault, standings = timedelta(), timedelta(), None, []
        with self._world.transaction():  # what was drawn stays drawn, whatever becomes of the request
            for each in self.standing:
                now = each
                if each.rule.disabled is None and each.rule.request.fits(operation, method, path, target, body):
                    now = self._met(each, answered=fault is not None)
                standings.append(now)
                if now.tally.acted > each.tally.acted:
                    if each.rule.carried_out:
                        after += each.rule.span
                    else:
                        before += each.rule.span
                    fault = now if now.rule.answers else fault
        self.standing = tuple(standings)
        if not (before or after or fault):
            return UNMOVED
        return Fate(before, after, fault, carried_out=fault is None or fault.rule.late)

    def _met(self, standing: ActiveFault, *, answered: bool) -> ActiveFault:
        """A fault that one more request fits; where another answers it already, this one only counts it."""
        tally = standing.tally.met(standing.rule.request, self._world.ids, f"fault {standing.id}", self._world.now)
        if answered and standing.rule.answers:
            tally = replace(tally, acted=standing.tally.acted)
        return replace(standing, tally=tally)

    def snapshot(self) -> tuple[int, tuple[ActiveFault, ...]]:
        return self._number, self.standing

    def restore(self, state: tuple[int, tuple[ActiveFault, ...]]) -> None:
        self._number, self.standing = state
