"""Which of the things that a fault matches it happens to: the second, the first three, every tenth by chance."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from mockserver.kernel.frozen import frozen
from mockserver.kernel.ids import Ids
from mockserver.kernel.integers import Bounds
from mockserver.models.deferred import Deferred

MOST: Final = 1_000_000
"""The highest number that can be counted to."""
COUNTED: Final = Bounds(1, MOST)


class Closed(BaseModel, metaclass=Deferred):
    """A part of a fault: a member that is misspelled is a mistake and not a silence."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True, defer_build=True
    )


_ID: Final = re.compile(r"[rw][0-9]+")


def _free(name: str) -> str:
    if _ID.fullmatch(name):
        raise ValueError(f"{name!r} is how ids of faults are made: choose another name")
    return name


FaultName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=60), AfterValidator(_free)]
"""What a fault is called, so that it can be changed and removed by its name."""


class Named(Closed):
    """What every fault may have."""

    as_: FaultName | None = Field(None, alias="as", description="its name, to change and remove it by")
    note: str | None = Field(None, max_length=1000, description="why, for people")
    disabled: Literal[True] | None = Field(None, description="it matches nothing for now; its counts stay")


class Span(Closed):
    """``{from: 2, until: 4}``: the second to the fourth; without ``until`` all from there on."""

    from_: int = Field(1, alias="from", ge=1, le=MOST)
    until: int | None = Field(None, ge=1, le=MOST)

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.until is not None and self.until < self.from_:
            raise ValueError(f"a span goes from less to more, not from {self.from_} to {self.until}")
        return self


def _counted(value: object) -> object:
    """``nth`` counts from 1; a list names each once."""
    numbers = value if isinstance(value, list | tuple) else [value]
    if isinstance(value, list | tuple):
        if not value:
            raise ValueError("an empty list is no request at all: name at least one, or leave nth out")
        if len(value) > 1000:
            raise ValueError("a list of more than 1000: use {from, until}")
        if len({str(each) for each in value}) < len(value):
            raise ValueError("a number stands in the list twice")
    for each in numbers:
        if isinstance(each, bool) or not isinstance(each, int | dict | Span):
            raise ValueError(f"{str(each)[:100]!r} is no number: write 2, [2, 3] or {{from: 2, until: 4}}")
        if isinstance(each, int):
            COUNTED.checked(each)
        if isinstance(each, dict | Span) and numbers is value:
            raise ValueError("a list holds numbers: write [2, 3], or one {from: 2, until: 4}")
    return value


_Number = Annotated[int, Field(ge=COUNTED.least, le=COUNTED.most)]
_Numbers = Annotated[list[_Number], Field(min_length=1, max_length=1000, json_schema_extra={"uniqueItems": True})]

Nth = Annotated[
    int | tuple[int, ...] | Span,
    BeforeValidator(_counted, json_schema_input_type=_Number | _Numbers | Span),
]


def _instant(value: object) -> object:
    """An instant with its zone; pydantic would take a number as seconds since 1970."""
    example = "write for example 2024-05-28T10:00:00Z"
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        found = None
    if not isinstance(found, datetime):
        raise ValueError(f"{value!r} is no instant: {example}")
    if found.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone: {example}")
    return found.astimezone(UTC)


Instant = Annotated[AwareDatetime, BeforeValidator(_instant)]


class Window(Closed):
    """When a fault happens, by the time of the world: from an instant on, up to another. Without both: always."""

    from_: Instant | None = Field(None, alias="from", description="of the world's time; those before are not counted")
    until: Instant | None = Field(None, description="of the world's time; from this instant on none is counted")

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.from_ is not None and self.until is not None and self.until <= self.from_:
            raise ValueError(f"until {self.until.isoformat()} is not after from, {self.from_.isoformat()}")
        return self

    def holds(self, now: datetime) -> bool:
        """Whether it is time."""
        return (self.from_ is None or self.from_ <= now) and (self.until is None or now < self.until)

    def spans(self, other: Window) -> bool:
        """Whether it is time whenever it is for the other."""
        begins = self.from_ is None or (other.from_ is not None and self.from_ <= other.from_)
        return begins and (self.until is None or (other.until is not None and other.until <= self.until))


class Occurrence(Window):
    """How often a fault happens, and when. Without any of the members: every time."""

    nth: Nth | None = Field(None, description="2, [2, 3] or {from: 2, until: 4}: counted among those that match")
    times: int | None = Field(None, ge=1, le=MOST, description="so often at most, then no more")
    probability: float | None = Field(None, gt=0, le=1, description="drawn from the seed of the world")

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        most = self.most
        if self.times is not None and most is not None and self.times > most:
            raise ValueError(f"times {self.times} cannot be reached: nth names {most}")
        return self

    @property
    def always(self) -> bool:
        """Whether nothing that matches is spared."""
        return self.certain and self._covers_all and self.from_ is None and self.until is None

    @property
    def certain(self) -> bool:
        """Whether it happens to each that ``nth`` names."""
        return self.times is None and self.probability in (None, 1)

    @property
    def most(self) -> int | None:
        """How many ``nth`` names; ``None``: without end."""
        match self.nth:
            case int():
                return 1
            case tuple():
                return len(self.nth)
            case Span(from_=first, until=int() as last):
                return last - first + 1
        return None

    def names(self, number: int) -> bool:
        """Whether the ``number``-th of those that match is meant."""
        match self.nth:
            case None:
                return True
            case int():
                return number == self.nth
            case tuple():
                return number in self.nth
        return self.nth.from_ <= number and (self.nth.until is None or number <= self.nth.until)

    def within(self, other: Occurrence) -> bool:
        """Whether ``other`` names each that this one names, counted alike."""
        if not other.spans(self):
            return False
        if other._covers_all:
            return True
        if self.nth is None or (isinstance(self.nth, Span) and self.nth.until is None):
            first = 1 if self.nth is None else self.nth.from_
            return isinstance(other.nth, Span) and other.nth.until is None and other.nth.from_ <= first
        return all(other.names(number) for number in self._bounds())

    def _bounds(self) -> Iterator[int]:
        match self.nth:
            case int():
                yield self.nth
            case tuple():
                yield from self.nth
            case Span(from_=first, until=int() as last):
                yield from range(first, min(last, first + 10_000) + 1)

    @property
    def _covers_all(self) -> bool:
        return self.nth is None or (isinstance(self.nth, Span) and self.nth.from_ == 1 and self.nth.until is None)


@frozen
class Tally:
    """How many matched, and to how many of them it happened."""

    seen: int = 0
    acted: int = 0

    def met(self, occurrence: Occurrence, ids: Ids, stream: str, now: datetime) -> Tally:
        """One more matched, if it is time. It happened to it if ``acted`` has grown; chance has a stream of its own."""
        if not occurrence.holds(now):
            return self
        seen = replace(self, seen=self.seen + 1)
        if not occurrence.names(seen.seen) or (occurrence.times is not None and self.acted >= occurrence.times):
            return seen
        if occurrence.probability not in (None, 1) and ids.fraction(stream) >= (occurrence.probability or 0):
            return seen
        return replace(seen, acted=self.acted + 1)


UNMET: Final = Tally()


def given(model: BaseModel) -> Any:
    """A rule as it was written: only the members that were given."""
    return model.model_dump(mode="json", exclude_unset=True, by_alias=True)
