"""The signature base: the text that is signed, one line for each covered component (concepts.md §2.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote

from mockserver.protocol.masking import masked_header, masked_query
from mockserver.protocol.signing.message import Message
from mockserver.protocol.signing.versions import Version

PARAMS: Final = "@signature-params"
_SECRET: Final = re.compile(r"(?i)authorization|cookie|secret|token|password")

Lines = tuple[tuple[str, str], ...]
"""Names of components, without quotes, and their values."""


def lines_of(message: Message, components: Iterable[str], params: str) -> Lines:
    """The lines; a component that the request lacks has an empty value. ``params``: the text of ``signature-input``."""
    return (*((name, message.value(name) or "") for name in components), (PARAMS, params))


def written(lines: Iterable[tuple[str, str]], version: Version) -> str:
    """The base: separated by single newlines, none at the end."""
    if version.quoted:
        return "\n".join([f'"{name}": {value}' for name, value in lines])
    return "\n".join([f"{name}: {value}" for name, value in lines])


def encoded(base: str) -> bytes:
    """The bytes that are signed: those that came over the wire, even where they are no UTF-8."""
    return base.encode("utf-8", "surrogateescape")


def shown(lines: Lines, version: Version) -> str:
    """The base for people: secrets are masked, and what is no text is replaced."""
    masked = tuple((name, _masked(name, value)) for name, value in lines)
    return written(masked, version).encode("utf-8", "replace").decode()


def shown_text(base: str, message: Message) -> str:
    """A base that somebody else wrote, for people: the secrets of the request are masked wherever they are in it."""
    secrets = {"": ""}
    for name, value in message.headers.items():
        if _SECRET.search(name):
            secrets |= {part: masked_header(part) for part in (value, value.rpartition(" ")[2])}
    for query in (message.query, unquote(message.query)):
        secrets[query] = masked_query(query)
    for secret in sorted(secrets, key=len, reverse=True):
        if secret and secrets[secret] != secret:
            base = base.replace(secret, secrets[secret])
    return base.encode("utf-8", "replace").decode()


def _masked(name: str, value: str) -> str:
    """A value without secrets: of a token the beginning is left, a secret in the query (a mistake) is not."""
    if _SECRET.search(name):
        return masked_header(value)
    if name == "@query":
        return f"?{masked_query(value.removeprefix('?'))}"
    return value
