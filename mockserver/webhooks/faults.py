"""Faults of deliveries: which bundles they meet, and what becomes of these on their way to the receiver.

A bundle meets the faults when it is closed, before its first attempt; so ``nth`` counts bundles, and a bundle that is
tried again does not count again. Two faults may meet one bundle: one that changes how it travels (drop, delay,
duplicate, reorder, split) and one that spoils its attempts (fail, signature). Faults and what they have counted are a
part of the world.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NamedTuple, Self, cast

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from mockserver.kernel.durations import duration
from mockserver.kernel.frozen import frozen
from mockserver.protocol.known_names import unknown_event
from mockserver.protocol.occurrences import UNMET, Closed, Named, Occurrence, Tally
from mockserver.webhooks.entries import Entries
from mockserver.webhooks.signature_faults import Fault

if TYPE_CHECKING:
    from mockserver.kernel.events import Event
    from mockserver.kernel.world import World

PART: Final = "webhook_faults"
"""The name of the faults among the parts of a world."""

LONGEST_DELAY: Final = timedelta(days=400)

OVERTAKEN_WITHIN: Final = timedelta(minutes=1)
"""Of the world's time: a delivery that is to be overtaken goes all the same when no other has come by then."""

REFUSED: Final = "refused"
TIMED_OUT: Final = "timeout"


def _delay(text: str) -> str:
    span = duration(text)
    if not timedelta() < span <= LONGEST_DELAY:
        raise ValueError(f"{text!r}: a delay is more than nothing and at most 400d of the world's time")
    return text


class WebhookMatch(Occurrence):
    """The bundles that are meant: all members that are given must fit. ``{}`` is every bundle."""

    type: Annotated[str, StringConstraints(pattern=r"^[A-Z_]+(\.[A-Z_]+)?$")] | None = Field(
        None, description="an event type, ORDER.NEW, or a family, ORDER: one such event in the bundle suffices"
    )
    webhook_id: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = Field(
        None, description="the subscription"
    )

    def fits(self, webhook_id: str, events: Sequence[Event]) -> bool:
        if self.webhook_id not in (None, webhook_id):
            return False
        return self.type is None or any(self.type in (event.type, event.family) for event in events)

    def wider(self, other: WebhookMatch) -> bool:
        """Whether each bundle that ``other`` means is meant here too."""
        family = (other.type or "").partition(".")[0]
        return self.webhook_id in (None, other.webhook_id) and self.type in (None, other.type, family)

    def same(self, other: WebhookMatch) -> bool:
        return self.wider(other) and other.wider(self)


class Failing(Closed):
    """What the mock pretends of the receiver."""

    status: int | None = Field(None, ge=300, le=599, description="it answered this")
    error: Literal["refused", "timeout"] | None = Field(None, description="it did not answer")
    received: Literal[True] | None = Field(None, description="it got the bundle all the same, and gets it again")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.status is None) == (self.error is None):
            raise ValueError("an attempt fails by a status or by an error: give one of the two")
        return self


_Status = Annotated[int, Field(ge=300, le=599)]


def _failing(value: object) -> object:
    """``fail: 500`` and ``fail: timeout`` are short for an object of that one member."""
    if isinstance(value, int) and not isinstance(value, bool):
        return {"status": value}
    return {"error": value} if isinstance(value, str) else value


class WebhookFault(Named):
    """One fault of deliveries: which bundles, and one thing that happens to them."""

    webhook: WebhookMatch
    drop: Literal[True] | None = Field(None, description="it is never sent")
    delay: Annotated[str, AfterValidator(_delay)] | None = Field(
        None, description="of the world's time; the later ones of its subscription wait behind it"
    )
    duplicate: int | None = Field(None, ge=1, le=100, description="so many times more, after the first")
    reorder: Literal["deliveries", "events"] | None = Field(
        None, description="the next delivery of its subscription overtakes it, or its events come last first"
    )
    split: int | None = Field(None, ge=1, le=1000, description="into bundles of at most so many events")
    fail: (
        Annotated[
            Failing, BeforeValidator(_failing, json_schema_input_type=_Status | Literal["refused", "timeout"] | Failing)
        ]
        | None
    ) = Field(None, description="the receiver is said to have answered this status, refused, or timed out")
    signature: Literal["wrong_signature", "expired_key"] | None = None
    attempts: int | None = Field(None, ge=1, le=1000, description="of fail and signature: how many, else the first")

    @property
    def effects(self) -> list[str]:
        return [name for name in EFFECTS if getattr(self, name) is not None]

    @property
    def effect(self) -> str:
        return self.effects[0]

    @property
    def spoils(self) -> bool:
        """Whether it spoils attempts, or else changes how the bundle travels."""
        return self.effect in SPOILING

    def sent(self, events: tuple[Event, ...]) -> list[tuple[Event, ...]]:
        """What goes out in place of a bundle of these events."""
        if self.split is not None:
            return [events[first : first + self.split] for first in range(0, len(events), self.split)]
        return [events[::-1] if self.reorder == "events" else events] * (1 + (self.duplicate or 0))

    @model_validator(mode="after")
    def _sound(self) -> Self:
        effects = self.effects
        if not effects:
            raise ValueError(f"does nothing: give one of {', '.join(EFFECTS)}")
        if len(effects) > 1:
            raise ValueError(f"{' and '.join(effects)} contradict each other in one fault: make it {len(effects)}")
        if self.attempts is not None and not self.spoils:
            raise ValueError(f"attempts goes with {' or '.join(SPOILING)}: {self.effect} happens before any")
        return self


SPOILING: Final = ("fail", "signature")
EFFECTS: Final = ("drop", "delay", "duplicate", "reorder", "split", *SPOILING)


def mistakes(fault: WebhookFault) -> Iterator[tuple[tuple[str, ...], str]]:
    """What the contract says against a fault."""
    wrong = None if fault.webhook.type is None else unknown_event(fault.webhook.type)
    if wrong is not None:
        yield ("webhook", "type"), wrong


@frozen
class Spoiled:
    """What is wrong with the first attempts of a delivery."""

    fault: str
    """The id of the fault."""
    attempts: int
    failing: Failing | None = None
    signature: Fault | None = None


@frozen
class Standing:
    """A fault that is set, and what it has counted."""

    id: str
    rule: WebhookFault
    tally: Tally = UNMET


def shadowing(standings: Iterable[Standing], rule: WebhookFault) -> Standing | None:
    """The fault that takes every bundle that ``rule`` means, so that ``rule`` would never act."""
    for each in standings:
        mine, theirs = each.rule.webhook, rule.webhook
        if each.rule.spoils is rule.spoils and mine.wider(theirs):
            alike = mine.same(theirs) and mine.certain and not each.tally.seen
            if mine.always or (alike and theirs.within(mine)):
                return each
    return None


class Travel(NamedTuple):
    """What happens to one bundle."""

    fault: Standing | None
    """How it travels; ``None``: as it should."""
    spoiled: Spoiled | None


SOUND: Final = Travel(None, None)


class Faults:
    """The faults of one world's deliveries, a part of it. What they count a failing rule takes back."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._set: Entries[Standing] = Entries(world.undo)
        self._number = 0

    def __bool__(self) -> bool:
        return len(self._set) > 0

    def __iter__(self) -> Iterator[Standing]:
        return iter([self._set[fault_id] for fault_id in self._set])

    def add(self, rule: WebhookFault) -> Standing:
        """Set a fault, after those there are."""
        self._world.undo.note(setattr, self, "_number", self._number)
        self._number += 1
        return self._set.put(f"w{self._number}", Standing(f"w{self._number}", rule))

    def change(self, fault_id: str, rule: WebhookFault) -> None:
        """Let a fault do something else to bundles from now on; its place among the others and its counts stay."""
        self._set.put(fault_id, replace(self._set[fault_id], rule=rule))

    def remove(self, fault_id: str | None = None) -> bool:
        """Take one away, or all; ``False`` when there is none of that id."""
        gone = [each for each in self._set if fault_id in (None, each)]
        for each in gone:
            self._set.pop(each)
        return bool(gone)

    def meet(self, webhook_id: str, events: Sequence[Event]) -> Travel:
        """What happens to a bundle: every fault that it fits counts it, of each sort the first that acts wins."""
        travel = SOUND
        for each in self:
            rule = each.rule
            if not rule.webhook.fits(webhook_id, events):
                continue
            tally = each.tally.met(rule.webhook, self._world.ids, f"fault {each.id}", self._world.now)
            acts = tally.acted > each.tally.acted
            if acts and (travel.spoiled if rule.spoils else travel.fault) is not None:
                acts, tally = False, replace(tally, acted=each.tally.acted)
            now = self._set.put(each.id, replace(each, tally=tally))
            if acts:
                travel = travel._replace(spoiled=_spoiled(now)) if rule.spoils else travel._replace(fault=now)
        return travel

    def snapshot(self) -> tuple[int, dict[str, Any]]:
        return self._number, self._set.snapshot()

    def restore(self, state: tuple[int, dict[str, Any]]) -> None:
        self._number = state[0]
        self._set.restore(state[1])


def _spoiled(standing: Standing) -> Spoiled:
    rule = standing.rule
    signature = None if rule.signature is None else Fault(rule.signature)
    return Spoiled(standing.id, rule.attempts or 1, rule.fail, signature)


def held_for(standing: Standing) -> timedelta | None:
    """How long a delivery is held back at most; ``None``: not at all."""
    rule = standing.rule
    if rule.delay is not None:
        return duration(rule.delay)
    return OVERTAKEN_WITHIN if rule.reorder == "deliveries" else None


def faults_of(world: World) -> Faults | None:
    """The faults of a world's deliveries; ``None`` where it has no outbox."""
    return cast("Faults | None", world.parts.get(PART))
