"""Which of the things that a fault matches it happens to: the second, the first three, every tenth by chance."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from mockserver.kernel.frozen import frozen
from mockserver.kernel.ids import Ids
from mockserver.kernel.integers import Bounds

MOST: Final = 1_000_000
"""The highest number that can be counted to."""
COUNTED: Final = Bounds(1, MOST)


class Closed(BaseModel):
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


class Occurrence(Closed):
    """How often a fault happens. Without any of the members: every time."""

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
        return self.times is None and self.probability in (None, 1) and self._covers_all

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

    def met(self, occurrence: Occurrence, ids: Ids, stream: str) -> Tally:
        """One more matched. It happened to it if ``acted`` has grown; chance is drawn from a stream of its own."""
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
