"""The types of settings: durations, weights, shares; and the closed section that every part of a profile is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from mockserver.kernel.durations import duration, written
from mockserver.models.deferred import Deferred

LONGEST = timedelta(days=110_000)
"""A little more than a world's time can span: what is added to its now is still a date."""


def _read_duration(value: object) -> object:
    return duration(value) if isinstance(value, str) else value


def _read_version(value: object) -> object:
    return str(value) if isinstance(value, int) else value  # as YAML reads 6


def _spans(value: timedelta) -> timedelta:
    if not timedelta() <= value <= LONGEST:
        raise ValueError(f"a duration has to be between 0s and {written(LONGEST)}")
    return value


def _lasts(value: timedelta) -> timedelta:
    if not value:
        raise ValueError("this duration has to be longer than 0s")
    return value


def _weighs(weights: dict[str, float]) -> dict[str, float]:
    if not any(weights.values()):
        raise ValueError("no outcome has a weight above zero")
    return weights


Duration = Annotated[
    timedelta, BeforeValidator(_read_duration), AfterValidator(_spans), PlainSerializer(written, return_type=str)
]
SignatureVersion = Annotated[Literal["6", "15", "none"], BeforeValidator(_read_version)]
JsonFormat = Literal["compact", "spaced", "escaped", "reordered"]
Interval = Annotated[Duration, AfterValidator(_lasts)]
Weights = Annotated[dict[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]], AfterValidator(_weighs)]
Share = Annotated[Decimal, Field(ge=0, le=1, max_digits=12)]
Factor = Annotated[Decimal, Field(ge=1, le=10, max_digits=12)]


class Section(BaseModel, metaclass=Deferred):
    """A part of a profile: closed, so that a misspelled setting is a mistake and not a silence."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


S = TypeVar("S", bound=Section)


def ready(section: type[S], given: Iterable[str], members: dict[str, Any]) -> S:
    """A section of ``members`` that are known to be right, all of them; ``given`` are those that somebody has set."""
    made = section.__new__(section)
    object.__setattr__(made, "__dict__", members)
    object.__setattr__(made, "__pydantic_fields_set__", set(given))
    object.__setattr__(made, "__pydantic_extra__", None)
    object.__setattr__(made, "__pydantic_private__", None)
    return made
