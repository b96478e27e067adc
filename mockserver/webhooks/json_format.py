"""The JSON of a delivery, formatted in one of four ways: the same document in other bytes.

The vendor does not publish how its bytes look, so a receiver has to verify the bytes that it got. One that parses them,
writes them again and verifies that is found by a format that differs from its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import orjson

if TYPE_CHECKING:
    from mockserver.kernel.settings import JsonFormat

_STRING_OR_SEPARATOR: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|[,:]', re.DOTALL)
_ESCAPED_OR_ESCAPABLE: Final = re.compile(r"\\.|[/\x7f-\U0010ffff]")


def _spaced(body: bytes) -> bytes:
    """A blank after each comma and colon."""
    return _STRING_OR_SEPARATOR.sub(lambda found: found[0] + b" " if found[0] in b",:" else found[0], body)


def _escaped(body: bytes) -> bytes:
    r"""``/`` as ``\/``, and every character outside ASCII as ``\uXXXX``, by halves where it needs two."""
    return _ESCAPED_OR_ESCAPABLE.sub(_escape, body.decode()).encode()


def _escape(found: re.Match[str]) -> str:
    text = found[0]
    if text.startswith("\\"):
        return text
    if text == "/":
        return "\\/"
    units = text.encode("utf-16-be").hex()
    return "".join(f"\\u{units[first : first + 4]}" for first in range(0, len(units), 4))


def _reordered(body: bytes) -> bytes:
    """The members of every object last first; lists keep their order."""
    return orjson.dumps(_last_first(orjson.loads(body)))


def _last_first(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _last_first(value[name]) for name in reversed(value)}
    return [_last_first(each) for each in value] if isinstance(value, list) else value


_FORMATS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "compact": lambda body: body,  # no blanks, UTF-8, members in the order of the contract
    "spaced": _spaced,
    "escaped": _escaped,
    "reordered": _reordered,
}


def formatted(body: bytes, json_format: JsonFormat) -> bytes:
    """``body``, which is compact, in another format; each gives the same document when it is parsed."""
    return _FORMATS[json_format](body)
