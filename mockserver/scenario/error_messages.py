"""What pydantic says about a scenario, in words for the person who wrote it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from mockserver.kernel.spelling import did_you_mean
from mockserver.kernel.violations import PATTERNS, TEXTS, worded
from mockserver.models.base import UUID_PATTERN
from mockserver.scenario.document import Document, Path
from mockserver.scenario.errors import Mistake

_TEXTS = {
    **TEXTS,
    "string_type": "must be text: put it in quotes",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "dict_type": "must be a mapping of names to values, not {value}",
    "model_type": "must be a mapping of names to values, not {value}: it takes {members}",
    "model_attributes_type": "must be a mapping of names to values, not {value}: it takes {members}",
    "timezone_aware": "{value} has no time zone: write for example 2023-01-10T08:00:00Z",
    "datetime_from_date_parsing": "{value} is no instant: write for example 2023-01-10T08:00:00Z",
    "date_from_datetime_parsing": "{value} is no date: write for example 2023-01-10",
    "date_parsing": "{value} is no date: write for example 2023-01-10",
    "datetime_parsing": "{value} is no instant: write for example 2023-01-10T08:00:00Z",
}
"""Where YAML has other words than JSON, or an example helps."""

FORMS = {
    **PATTERNS,
    r"^([1-9]|[12][0-9]|30)s$": "a time from 1s to 30s: write for example 5s",
    r"^[A-Z_]+\.[A-Z_]+$": "an event type: write for example ORDER.FILLED",
    r"^(/|\$\{)": "a path: it begins with /",
    r"^(manual|real|now|x[0-9]+(\.[0-9]+)?)$": "a mode of the clock: manual, real, x60, or now",
}
"""Patterns that have a name; the others are shown."""

_KINDS = {"extra_forbidden": "a member is not known", "missing": "a member is missing"}
"""By pydantic's type of error, without a word of the document."""


def complaints(error: ValidationError, document: Document, model: type[BaseModel], at: Path = ()) -> list[Mistake]:
    """The mistakes that a validation of the part at ``at`` found, on their lines."""
    found: dict[Path, list[str]] = {}
    kinds: dict[Path, str] = {}
    for details in error.errors(include_url=False):
        path, text = _complaint(details, document, model, at)
        found.setdefault(path, []).append(text)
        kinds.setdefault(path, _KINDS.get(details["type"], "a value is not valid"))
    # Several at one place are the forms of a value that may have several: what one of them wants would pass
    return [document.mistake(path, "; or ".join(dict.fromkeys(texts)), kinds[path]) for path, texts in found.items()]


def _complaint(details: Any, document: Document, model: type[BaseModel], at: Path) -> tuple[Path, str]:
    kind = details["type"]
    path, models = _follow(details["loc"], document.data, model, at)
    if kind == "extra_forbidden":
        name = str(details["loc"][-1])
        return path, unknown(name, (known for each in models for known in _members(each)))
    if kind == "missing":
        return (*path, str(details["loc"][-1])), "is missing"
    if kind == "string_pattern_mismatch" and details["ctx"]["pattern"] == UUID_PATTERN:
        return path, f"{details['input']!r} is no UUID; a name of your own goes into 'as'"
    members = ", ".join(dict.fromkeys(name for each in models for name in _members(each)))
    return path, worded(details, details["input"], texts=_TEXTS, patterns=FORMS, members=members)


def unknown(name: str, known: Iterable[str], what: str = "is not known here") -> str:
    """``'postions' is not known here (did you mean 'positions'?)``."""
    known = sorted(set(known))
    hint = f" (known: {', '.join(known) or 'none'})"
    meant = did_you_mean(name, known, shown=repr)
    return f"{name!r} {what}{meant or hint}"


def _follow(
    loc: tuple[str | int, ...], data: Any, model: type[BaseModel], at: Path
) -> tuple[Path, list[type[BaseModel]]]:
    """The place in the document that pydantic speaks of, and the models that may stand there.

    Its locations also hold names of union members, which are no part of the document.
    """
    for part in at:
        data = data[part]
    path, models = at, [model]
    for part in loc:
        inside = (isinstance(data, dict) and part in data) or (isinstance(data, list) and isinstance(part, int))
        if not inside or (isinstance(data, list) and part not in range(len(data))):  # one too few of a pair
            continue
        if isinstance(part, str):
            found = [inner for each in models for inner in _inner(each, part)]
            models = found or models
        path, data = (*path, part), data[part]
    return path, models


def _members(model: type[BaseModel]) -> Iterator[str]:
    for name, info in model.model_fields.items():
        yield info.alias or name


def _inner(model: type[BaseModel], member: str) -> Iterator[type[BaseModel]]:
    for name, info in model.model_fields.items():
        if (info.alias or name) == member:
            yield from _models(info.annotation)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)
