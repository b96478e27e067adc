"""Faults of deliveries: which bundles they meet, and what becomes of these on their way to the receiver.

A fault has one effect or several, and one delivery may meet several faults. Whatever the order in which they are set,
the effects are applied in one order: the events of a bundle are reversed, it is split; then each delivery that this
makes is dropped, formatted, duplicated, held (by a delay, or to be overtaken), and its attempts are spoiled. Of several
faults with the same effect the first that acts wins.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Annotated, Final, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from mockserver.kernel.durations import duration
from mockserver.kernel.frozen import frozen
from mockserver.kernel.settings import JsonFormat
from mockserver.protocol.known_names import unknown_event
from mockserver.protocol.matching_counts import Closed, Named, Occurrence
from mockserver.webhooks.signature_faults import Fault

if TYPE_CHECKING:
    from mockserver.kernel.events import Event

LONGEST_DELAY: Final = timedelta(days=400)

REFUSED: Final = "refused"
TIMED_OUT: Final = "timeout"

ANY: Final = "any"
"""In the place of a subscription's id: whichever."""


def _delay(text: str) -> str:
    span = duration(text)
    if not timedelta() < span <= LONGEST_DELAY:
        raise ValueError(f"{text!r}: a delay is more than nothing and at most 400d of the world's time")
    return text


Delay = Annotated[str, AfterValidator(_delay)]
EventName = Annotated[str, StringConstraints(pattern=r"^[A-Z_]+(\.[A-Z_]+)?$")]
_Id = Annotated[str, StringConstraints(min_length=1, max_length=100)]


def carries(events: Sequence[Event], type_: str | None, account: str | None) -> bool:
    """Whether one of the events is of a type or family, and its object names an account; ``None``: of any."""
    if type_ is None and account is None:
        return True
    return any(
        type_ in (None, event.type, event.family) and (account is None or f'"{account}"'.encode() in event.object.wire)
        for event in events
    )


class WebhookMatch(Occurrence):
    """The bundles that are meant: all members that are given must fit. ``{}`` is every bundle."""

    type: EventName | None = Field(
        None, description="an event type, ORDER.NEW, or a family, ORDER: one such event in the bundle suffices"
    )
    account: _Id | None = Field(None, description="the id of an account anywhere in the object of such an event")
    webhook_id: _Id | None = Field(None, description="the subscription")

    def fits(self, webhook_id: str, events: Sequence[Event]) -> bool:
        return self.webhook_id in (None, webhook_id) and carries(events, self.type, self.account)

    def wider(self, other: WebhookMatch) -> bool:
        """Whether each bundle that ``other`` means is meant here too."""
        family = (other.type or "").partition(".")[0]
        return (
            self.webhook_id in (None, other.webhook_id)
            and self.type in (None, other.type, family)
            and self.account in (None, other.account)
        )

    def same(self, other: WebhookMatch) -> bool:
        return self.wider(other) and other.wider(self)


class Overtaker(Closed):
    """The deliveries that go before one that is held, as soon as they come."""

    type: EventName | None = Field(None, description="with an event of this type or family")
    account: _Id | None = Field(None, description="with the id of an account anywhere in the object of such an event")
    webhook_id: _Id | None = Field(
        None,
        description="of this subscription, or of any; else of its own, or of any where its own does not take that type",
    )
    deliveries: int = Field(1, ge=1, le=1000, description="how many of them")
    within: Delay | None = Field(None, description="of the world's time, then it goes all the same; else for ever")

    def __str__(self) -> str:
        """Who has to come, in words; of which subscription is not in it."""
        count = "another delivery" if self.deliveries == 1 else f"{self.deliveries} other deliveries"
        named = f" with {self.type}" if self.type else " with an event" if self.account else ""
        return count + named + (f" of the account {self.account}" if self.account else "")


@cache
def _soon() -> Overtaker:
    """By the next delivery of its subscription, which has a minute of the world's time: ``reorder: deliveries``."""
    return Overtaker(within="1m")


def _overtaker(value: object) -> object:
    """``overtaken_by: next`` and ``overtaken_by: ORDER.FILLED`` are short for an object."""
    if not isinstance(value, str):
        return value
    if value == "next":
        return {}
    if not value[:1].isupper():
        raise ValueError(f"{value[:100]!r}: expected next, an event such as ORDER.FILLED, a family, or an object")
    return {"type": value}


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
    """One fault of deliveries: which bundles, and what happens to them."""

    webhook: WebhookMatch
    reorder: Literal["events", "deliveries"] | None = Field(
        None,
        description="its events come last first; or the next delivery of its subscription, within 1m, overtakes it",
    )
    split: int | None = Field(None, ge=1, le=1000, description="into deliveries of at most so many events")
    drop: Literal[True] | None = Field(None, description="it is never sent")
    json_format: JsonFormat | None = Field(None, alias="json", description="how its JSON is formatted")
    duplicate: int | None = Field(
        None, ge=1, le=100, description="so many times more, after the first; delay and overtaken_by hold these only"
    )
    delay: Delay | None = Field(
        None,
        description="of the world's time; later ones of its subscription wait behind it, unless they may overtake it",
    )
    overtaken_by: (
        Annotated[
            Overtaker, BeforeValidator(_overtaker, json_schema_input_type=Literal["next"] | EventName | Overtaker)
        ]
        | None
    ) = Field(None, description="held until the next delivery, or the next of such, was delivered")
    fail: (
        Annotated[
            Failing, BeforeValidator(_failing, json_schema_input_type=_Status | Literal["refused", "timeout"] | Failing)
        ]
        | None
    ) = Field(None, description="the receiver is said to have answered this status, refused, or timed out")
    signature: Literal["wrong_signature", "expired_key"] | None = None
    attempts: int | None = Field(None, ge=1, le=1000, description="of fail and signature: how many, else the first")

    @property
    def effects(self) -> dict[str, Effect]:
        """What it does, by the member that says so, in the order of application."""
        found = {member: effect for member, effect in EFFECTS.items() if getattr(self, _attribute(member)) is not None}
        return found | ({"reorder": "overtaken"} if self.reorder == "deliveries" else {})

    @property
    def divides(self) -> bool:
        """Whether it meets bundles before they are split, and counts these."""
        return not DIVIDING.isdisjoint(self.effects.values())

    @property
    def overtaker(self) -> Overtaker | None:
        """What has to overtake it."""
        return _soon() if self.reorder == "deliveries" else self.overtaken_by

    @model_validator(mode="after")
    def _sound(self) -> Self:
        effects = self.effects
        if not effects:
            raise ValueError(f"does nothing: give one of {', '.join(EFFECTS)}")
        spoils = [member for member in effects if member in SPOILING]
        if self.attempts is not None and not spoils:
            raise ValueError(f"attempts goes with {' or '.join(SPOILING)}: {next(iter(effects))} happens before any")
        if self.drop:
            self._check_dropped([member for member in effects if member != "drop"])
        if self.reorder == "deliveries" and self.overtaken_by is not None:
            raise ValueError("reorder: deliveries is the same as overtaken_by: {within: 1m}: leave one of them out")
        if len(spoils) > 1:
            raise ValueError(
                "fail and signature contradict each other: nobody reads the signature of an attempt that fails anyway. "
                "Make it two faults, with nth, times or attempts that say which bundle meets which"
            )
        return self

    def _check_dropped(self, others: list[str]) -> None:
        contradicting = [member for member in others if member != "split"]
        if contradicting:
            raise ValueError(
                f"drop and {contradicting[0]} contradict each other: what is never sent has nothing else. "
                "Leave one out, or make it two faults for different bundles"
            )
        if others and self.webhook.type is None and self.webhook.account is None:
            raise ValueError(
                "drop and split lose the events that webhook.type or webhook.account name, and send the rest: "
                "give one of the two, or leave split out"
            )


Effect = Literal["reversed", "split", "dropped", "formatted", "duplicated", "delayed", "overtaken", "spoiled"]
"""Each happens to a delivery once at most: of several faults with the same effect the first that acts wins."""

EFFECTS: Final[dict[str, Effect]] = {
    "reorder": "reversed",
    "split": "split",
    "drop": "dropped",
    "json": "formatted",
    "duplicate": "duplicated",
    "delay": "delayed",
    "overtaken_by": "overtaken",
    "fail": "spoiled",
    "signature": "spoiled",
}
"""The members of a fault in the order in which they are applied; ``reorder: deliveries`` is an ``overtaken_by``."""

DIVIDING: Final[frozenset[Effect]] = frozenset({"reversed", "split"})
"""What happens to a bundle; all else happens to each delivery that is made of it."""

SPOILING: Final = ("fail", "signature")


def _attribute(member: str) -> str:
    return "json_format" if member == "json" else member


def mistakes(fault: WebhookFault) -> Iterator[tuple[tuple[str, ...], str]]:
    """What the contract says against a fault."""
    by = fault.overtaken_by
    named = {"webhook": fault.webhook.type, "overtaken_by": None if by is None else by.type}
    for member, type_ in named.items():
        wrong = None if type_ is None else unknown_event(type_)
        if wrong is not None:
            yield (member, "type"), wrong


@frozen
class Spoiled:
    """What is wrong with the first attempts of a delivery."""

    fault: str
    """The id of the fault."""
    attempts: int
    failing: Failing | None = None
    signature: Fault | None = None
