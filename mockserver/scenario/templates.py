"""``${...}`` in the texts of a scenario: what it stands for, and filling it in.

=========================  ======================================================================
``${savings}``             the id of what was seeded with ``as: savings``, or a value that was saved
``${order.body.id}``       a part of the answer to the request named ``as: order``
``${order.status}``        its status; ``${order.headers.upvest-request-id}`` a header
``${now}``, ``${today}``   the time and the UTC day of the world
``${receiver}``            the address of the replay's own webhook receiver
``${client_id}``           the client id of the world
=========================  ======================================================================

A text that is nothing but one template takes the value as it is (a number, a list); within other text it is written
out.
In expectations the matchers of :mod:`mockserver.scenario.matching` stand beside these.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mockserver.scenario.document import Path

BUILT_IN = ("now", "today", "receiver", "client_id")
MATCHERS = ("any", "absent", "uuid", "time", "date", "number", "text")
PARTS = ("body", "status", "headers")
"""What an answer named with ``as`` consists of."""

TEMPLATE = re.compile(r"\$\{([^{}]*)\}")
_PART = re.compile(r"[^.\[\]]+")


class UnknownNameError(LookupError):
    """A template that names nothing; the text says what it looked for and what there is."""


def is_matcher(text: str) -> bool:
    """Whether the text is one matcher: it stands for a check, not for a value."""
    return regex_of(text) is not None or (text.startswith("${") and text.endswith("}") and text[2:-1] in MATCHERS)


def regex_of(text: str) -> str | None:
    """The expression of ``${regex:...}``, which may itself hold braces."""
    return text[8:-1] if text.startswith("${regex:") and text.endswith("}") else None


def expressions(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every template in a value, with where it stands; matchers are left out."""
    if isinstance(value, str):
        if not is_matcher(value):
            yield from ((path, found) for found in TEMPLATE.findall(value))
    elif isinstance(value, Mapping):
        for key, entry in value.items():
            yield from expressions(entry, (*path, key))
    elif isinstance(value, list | tuple):
        for index, entry in enumerate(value):
            yield from expressions(entry, (*path, index))


def filled(value: Any, names: Mapping[str, Any]) -> Any:
    """``value`` with every template replaced; raises :class:`UnknownNameError`."""
    if isinstance(value, str):
        return _filled_text(value, lambda expression: look_up(expression, names))
    if isinstance(value, Mapping):
        return {key: filled(entry, names) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [filled(entry, names) for entry in value]
    return value


def _filled_text(text: str, value_of: Callable[[str], Any]) -> Any:
    if "${" not in text or is_matcher(text):
        return text
    whole = TEMPLATE.fullmatch(text)
    if whole:
        return value_of(whole[1])
    return TEMPLATE.sub(lambda found: _in_text(value_of(found[1])), text)


def _in_text(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


def look_up(expression: str, names: Mapping[str, Any]) -> Any:
    """The value of ``name`` or ``name.body.data[0].id``."""
    name, *parts = path_parts(expression)
    if name not in names:
        raise UnknownNameError(f"nothing is called {name!r} here (known: {', '.join(sorted(names))})")
    return descend(names[name], parts, name)


def path_parts(expression: str) -> list[str]:
    """The steps of a path: ``data[0].id`` is ``data``, ``0``, ``id``."""
    return [part.strip() for part in _PART.findall(expression)] or [""]


def descend(value: Any, parts: list[str], at: str = "(root)") -> Any:
    """The part of a JSON value at a path; the error says how far it came and what is there."""
    for part in parts:
        if isinstance(value, Mapping) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.lstrip("-").isdigit() and -len(value) <= int(part) < len(value):
            value = value[int(part)]
        else:
            raise UnknownNameError(f"{at} has no {part!r}: {_held(value)}")
        at = f"{at}.{part}"
    return value


def _held(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"it holds {', '.join(map(str, value)) or 'nothing'}"
    if isinstance(value, list):
        return f"it is a list of {len(value)}"
    return f"it is {value!r}"
