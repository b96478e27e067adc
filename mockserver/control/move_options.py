"""The ``with`` of a forced move: options of what carries the move out, or members of the resource to change with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from inspect import signature
from typing import Any, Final, get_type_hints

import orjson
from pydantic import BaseModel, TypeAdapter, ValidationError

from mockserver.kernel.lifecycle import LifeCycle, Row
from mockserver.kernel.quoting import quoted
from mockserver.kernel.spelling import did_you_mean
from mockserver.kernel.violations import explained

FIXED: Final = frozenset({"amount", "cash_amount", "currency"})
"""Members on which the books rest: no command changes them, nor an id of something else (payments.md §18)."""

_PASSED: Final = 2
"""The first parameters of what carries a move out, world and resource, are no options."""


class OptionError(ValueError):
    """An option that the move does not take, or a value that it cannot have."""


def names(cycle: LifeCycle[Any], version: type, row: Row) -> list[str]:
    """What ``with`` may hold for a move of a resource whose versions are of the class ``version``.

    A move that something carries out (books cash, cancels orders) takes the options of that; any other takes the
    members of the resource, except what the move sets itself, and whose it is and how much.
    """
    own = _options(cycle, row)
    if own is not None:
        return list(own)
    set_by_move = {"id", cycle.state, *(("updated_at",) if cycle.stamped else ())}
    return [name for name in _members(version) if name not in set_by_move | FIXED and not name.endswith("_id")]


def read(cycle: LifeCycle[Any], resource: Any, row: Row, given: Mapping[str, Any]) -> dict[str, Any]:
    """The options with their values read as the resource's class says; :class:`OptionError` says what would pass."""
    version, own = type(resource), _options(cycle, row)
    taken = names(cycle, version, row)
    for name in given:
        if name not in taken:
            raise OptionError(f"{quoted(name)} is unknown{_meant(name, taken)}; {_takes(cycle, row, taken)}")
    if own is not None:
        for name, value in given.items():
            _check_choice(name, value, own[name])
        return dict(given)
    changed = {name: _value(version, name, value) for name, value in given.items()}
    if cycle.kind.identify(resource.evolve(**changed)) != cycle.kind.identify(resource):
        raise OptionError("a move does not change the id")
    return changed


def check_sound(resource: Any) -> None:
    """Raise ``ValueError`` where a version holds something that the API could not show."""
    if isinstance(resource, BaseModel):
        _adapter(type(resource)).validate_json(resource.wire)  # type: ignore[attr-defined]


def _options(cycle: LifeCycle[Any], row: Row) -> dict[str, Any] | None:
    """The options of what carries the move out, each with its default; ``None`` where nothing does."""
    doer = None if row.before is None else cycle.doer(row.before, row.to)
    if doer is None:
        return None
    return {each.name: each.default for each in list(signature(doer).parameters.values())[_PASSED:]}


@cache
def _members(version: type) -> Mapping[str, Any]:
    """The members that the API or the control API shows, each with its type: of generated models and of records."""
    if issubclass(version, BaseModel):
        shown = {name: member for name, member in version.model_fields.items() if not member.exclude}
        return {name: member.rebuild_annotation() for name, member in shown.items()}
    assert is_dataclass(version), f"{version.__name__} is neither a model nor a record"
    hints = get_type_hints(version, include_extras=True)
    return {each.name: hints[each.name] for each in fields(version)}


def _value(version: type, name: str, value: Any) -> Any:
    adapter, body = _adapter(_members(version)[name]), orjson.dumps(value)
    try:
        return adapter.validate_json(body)
    except ValidationError as error:
        raise OptionError(explained(error, body, adapter).replace("(root)", name)) from None


def _adapter(type_: Any) -> TypeAdapter[Any]:
    return TypeAdapter(type_)


def _check_choice(name: str, value: Any, default: Any) -> None:
    """An option whose default is of an enumeration has to be one of its values."""
    if not isinstance(default, Enum):
        return
    choices = [str(each.value) for each in type(default)]
    if value not in choices:
        meant = _meant(value, choices) if isinstance(value, str) else ""
        raise OptionError(f"{name}: expected one of {', '.join(choices)}, got {quoted(value)}{meant}")


def _takes(cycle: LifeCycle[Any], row: Row, taken: list[str]) -> str:
    return f"{cycle.kind.name} {row.before} -> {row.to} takes {', '.join(taken) or 'no options'}"


def _meant(name: str, known: list[str]) -> str:
    return did_you_mean(name, known, shown=quoted)
