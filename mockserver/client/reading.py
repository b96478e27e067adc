"""Reading the JSON of answers into dataclasses, as their annotations say."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, field, fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final, NamedTuple, Self, Union, get_args, get_origin, get_type_hints

from mockserver.kernel.frozen import frozen

Convert = Callable[[Any], Any]

SOMETIMES: Final = {"sometimes": True}
"""Metadata of a member that some answers of its kind have and others have not."""


@frozen(kw_only=True)
class Answer:
    """What the control API tells. ``json``: all of it as it came, also what has no attribute here."""

    json: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def read(cls, json: Mapping[str, Any]) -> Self:
        """From the JSON of an answer; ``ValueError`` names a member that it lacks."""
        found: dict[str, Any] = {"json": json}
        for member in _members(cls):  # type: ignore[arg-type] # a class is hashable
            if member.key in json:
                value = json[member.key]
                found[member.name] = None if value is None else member.convert(value)
            elif member.needed:
                raise ValueError(f"the answer has no member {member.key!r}, which a {cls.__name__} needs")
        return cls(**found)


class _Member(NamedTuple):
    name: str
    key: str
    convert: Convert
    needed: bool


@cache
def _members(cls: Any) -> tuple[_Member, ...]:
    hints = get_type_hints(cls)
    return tuple(
        _Member(
            each.name,
            each.metadata.get("json", each.name),
            _convert(hints[each.name]),
            each.default is MISSING and each.default_factory is MISSING,
        )
        for each in fields(cls)
        if each.name != "json"
    )


def _convert(hint: Any) -> Convert:
    if get_origin(hint) in (Union, types.UnionType):
        hint = next(each for each in get_args(hint) if each is not type(None))
    if hint is datetime:
        return datetime.fromisoformat
    if is_dataclass(hint) and isinstance(hint, type) and issubclass(hint, Answer):
        return hint.read
    if get_origin(hint) is list:
        (inner,) = map(_convert, get_args(hint))
        return lambda values: [inner(value) for value in values]
    return _as_it_is


def _as_it_is(value: Any) -> Any:
    return value
