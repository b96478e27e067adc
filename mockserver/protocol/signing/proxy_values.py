"""How the vendor's signing proxy (upvestco/httpsignature-proxy) reads the value of a header before it signs it.

A port of its ``service/signer/material/parser.go``, slips included: it parses every header as a structured field of
draft 06. A value that begins as no list does is cut at its first comma and blank, one like ``max-age=0`` becomes a
component for each member, ``"cache-control:max-age"``, and the byte after a quoted item is skipped.

Go reads a text byte by byte, so that the functions here work on one character for each byte.
"""

from __future__ import annotations

from collections.abc import Sized
from typing import Final

from mockserver.protocol.signing.inputs import MOST_COMPONENTS

KEY_CHARACTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_-.*")


def components_of(name: str, value: str) -> dict[str, str]:
    """The components that the proxy signs for a header, and their values.

    ``ValueError`` where the proxy itself cannot read the value and sends nothing, and where it makes more components
    than a signature may cover: the sets of an inner list grow with the square of its length.
    """
    if value.isascii():
        return _components(name, value)
    in_bytes = value.encode("utf-8", "surrogateescape").decode("latin-1")
    return {component: _text(found) for component, found in _components(name, in_bytes).items()}


def _text(in_bytes: str) -> str:
    return in_bytes.encode("latin-1").decode("utf-8", "surrogateescape")


def _components(name: str, value: str) -> dict[str, str]:
    if not value:
        return {name: ""}
    first = value[0]
    if first == "(":
        items = _items(_inner_list(value))
        _few(items)
        lists = {f"{name}:{count}": f"({', '.join(items[:count])})" for count in range(1, len(items) + 1)}
        return {f"{name}:0": "()", **lists}
    after_key = next((character for character in value[1:] if character not in KEY_CHARACTERS), None)
    if first == '"' or after_key == ",":
        return {name: ", ".join(_items(value))}
    if after_key == "=":
        return {f"{name}:{key}": member for key, member in _members(value).items()}
    return {name: _items(value)[0]}


def _items(text: str) -> list[str]:
    """The items of a list; quoted ones keep their quotes."""
    items: list[str] = []
    item, within, position = "", False, 0
    while position < len(text):
        character = text[position]
        if within:
            item += character
            if character == '"':
                items.append(item)
                item, within = "", False
                position += 3 if _ends(text, position + 1) else 2
                continue
            if character == "\\":
                position += 1
                item += _at(text, position)
        elif character != '"' and _ends(text, position):
            items.append(item)
            item, position = "", _next(text, position + 1)
            continue
        else:
            within = character == '"'
            item += _printable(character)
        position += 1
    if within:
        raise ValueError("a quote is not closed")
    return [*items, item] if item else items


def _members(text: str) -> dict[str, str]:
    """The members of a dictionary; parameters count as members."""
    members: dict[str, str] = {}
    position = 0
    while position < len(text):
        _few(members)
        key, equals, _ = text[position:].partition("=")
        if not equals or not KEY_CHARACTERS.issuperset(key):
            raise ValueError(f"{key!r} is not a key")
        position += len(key) + 1
        start = _at(text, position)
        if start == '"':
            member = _quoted(text[position:])
        elif start == "(":
            member = f"({_inner_list(text[position:])})"
        else:
            member = text[position:].partition(", ")[0]
            for character in member:
                _printable(character)
        members[key] = member
        position += len(member)
        position = _next(text, position + 1) if _ends(text, position) else position + 1
    return members


def _inner_list(text: str) -> str:
    """What stands between the parentheses at the beginning of a text."""
    within, position = False, 1
    while position < len(text):
        character = text[position]
        if within and character == "\\":
            position += 1
        elif character == '"':
            within = not within
        elif character == ")" and not within:
            return text[1:position]
        position += 1
    raise ValueError("a parenthesis is not closed")


def _quoted(text: str) -> str:
    """The quoted text at the beginning of a text, with its quotes."""
    position = 1
    while position < len(text):
        if text[position] == '"':
            return text[: position + 1]
        position += 2 if text[position] == "\\" else 1
    raise ValueError("a quote is not closed")


def _few(found: Sized) -> None:
    if len(found) >= MOST_COMPONENTS:
        raise ValueError(f"more than {MOST_COMPONENTS} components of one header")


def _ends(text: str, position: int) -> bool:
    """Whether an item ends here: at a comma and a blank."""
    return text[position : position + 2] == ", "


def _next(text: str, position: int) -> int:
    """Where the blanks from ``position`` on end."""
    while text[position : position + 1] == " ":
        position += 1
    return position


def _at(text: str, position: int) -> str:
    if position >= len(text):
        raise ValueError("the value ends too early")
    return text[position]


def _printable(character: str) -> str:
    if not " " <= character <= "\x7f":
        raise ValueError(f"{character!r} is no printable ASCII")
    return character
