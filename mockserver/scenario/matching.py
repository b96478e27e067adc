"""Expectations against what came: which parts differ, each with its place.

Of an object the named members count, whatever else it holds; of a list every item, in order. Texts are compared letter
by letter, so ``"142.29"`` is not ``"142.290"``. In place of a value may stand

* ``${any}`` (whatever, but there), ``${absent}`` (not there), ``${uuid}``, ``${time}``, ``${date}``, ``${number}`` (a
  number written as text), ``${text}`` (any text), ``${regex:...}`` (the whole text);
* ``{$contains: [...]}``: a list that holds these items, in any order, among others;
  ``{$any_order: [...]}``: a list of just these items in any order; ``{$length: 3}``: a list of that length;
  ``{$exact: {...}}``: an object with no further members.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from mockserver.models.base import UUID_PATTERN
from mockserver.scenario.templates import is_matcher, regex_of

ABSENT = object()
"""What a member is that is not there."""

_PATTERNS = {
    "uuid": re.compile(UUID_PATTERN),
    "time": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z"),
    "date": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "number": re.compile(r"-?[0-9]+(\.[0-9]+)?"),
    "text": re.compile(r"(?s).*"),
}


class Difference(NamedTuple):
    """One part that is not as expected."""

    place: str
    expected: str
    got: str

    def __str__(self) -> str:
        return f"{self.place}: expected {self.expected}, got {self.got}"


def differences(expected: Any, actual: Any, place: str = "(root)") -> list[Difference]:
    """Where ``actual`` is not as ``expected``; empty when it is."""
    return list(_differ(expected, actual, place))


def matches(expected: Any, actual: Any) -> bool:
    return next(_differ(expected, actual, ""), None) is None


def shown(value: Any, longest: int = 300) -> str:
    """A value as a person reads it in one line."""
    if value is ABSENT:
        return "nothing"
    text = value if isinstance(value, str) and is_matcher(value) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text)} characters)"


def _differ(expected: Any, actual: Any, place: str) -> Iterator[Difference]:
    if isinstance(expected, str) and is_matcher(expected):
        if not _satisfies(expected, actual):
            yield Difference(place, expected, shown(actual))
    elif isinstance(expected, Mapping):
        yield from _object(expected, actual, place)
    elif isinstance(expected, list):
        yield from _list(expected, actual, place)
    elif type(expected) is not type(actual) or expected != actual:
        yield Difference(place, shown(expected) + _hint(expected, actual), shown(actual))


def _satisfies(matcher: str, actual: Any) -> bool:
    regex = regex_of(matcher)
    if regex is not None:
        return isinstance(actual, str) and re.fullmatch(regex, actual) is not None
    name = matcher[2:-1]
    if name in ("any", "absent"):
        return (actual is ABSENT) == (name == "absent")
    return isinstance(actual, str) and _PATTERNS[name].fullmatch(actual) is not None


def _object(expected: Mapping[str, Any], actual: Any, place: str) -> Iterator[Difference]:
    mark = next(iter(expected)) if len(expected) == 1 else ""
    if mark in _MARKED:
        yield from _MARKED[mark](expected[mark], actual, place)
        return
    if not isinstance(actual, Mapping):
        yield Difference(place, f"an object with {', '.join(expected)}" if expected else "an object", shown(actual))
        return
    for key, entry in expected.items():
        yield from _differ(entry, actual.get(key, ABSENT), f"{place}.{key}")


def _list(expected: list[Any], actual: Any, place: str) -> Iterator[Difference]:
    if not isinstance(actual, list):
        yield Difference(place, f"a list of {len(expected)}", shown(actual))
        return
    if len(expected) != len(actual):
        yield Difference(place, f"a list of {len(expected)}", f"{len(actual)}: {shown(actual)}")
    for index, entry in enumerate(expected[: len(actual)]):
        yield from _differ(entry, actual[index], f"{place}[{index}]")


def _contains(expected: Any, actual: Any, place: str) -> Iterator[Difference]:
    if not isinstance(actual, list):
        yield Difference(place, "a list", shown(actual))
        return
    left = list(actual)
    for entry in expected:
        found = next((index for index, item in enumerate(left) if matches(entry, item)), None)
        if found is None:
            yield Difference(place, f"an item like {shown(entry)}", f"none in {shown(actual)}")
        else:
            left.pop(found)


def _any_order(expected: Any, actual: Any, place: str) -> Iterator[Difference]:
    yield from _contains(expected, actual, place)
    if isinstance(actual, list) and len(actual) > len(expected):
        yield Difference(place, f"a list of {len(expected)}", f"{len(actual)}: {shown(actual)}")


def _length(expected: Any, actual: Any, place: str) -> Iterator[Difference]:
    if not isinstance(actual, list) or len(actual) != expected:
        got = f"{len(actual)}: {shown(actual)}" if isinstance(actual, list) else shown(actual)
        yield Difference(place, f"a list of {expected}", got)


def _exact(expected: Any, actual: Any, place: str) -> Iterator[Difference]:
    yield from _differ(expected, actual, place)
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        for key in sorted(actual.keys() - expected.keys()):
            yield Difference(f"{place}.{key}", "nothing", shown(actual[key]))


_MARKED: dict[str, Callable[[Any, Any, str], Iterator[Difference]]] = {
    "$contains": _contains,
    "$any_order": _any_order,
    "$length": _length,
    "$exact": _exact,
}


def _hint(expected: Any, actual: Any) -> str:
    if isinstance(expected, int | float) and isinstance(actual, str):
        return " (a number; the API sends text: put it in quotes)"
    return ""
