"""Secrets out of sight: what the journal and the control API show of tokens, client secrets and the like.

Nobody needs a secret to see what went wrong; of a token the beginning is left, so that two can be told apart. What is
no form or object with names known to be harmless is not shown at all: a secret may stand anywhere in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_plus

import orjson

if TYPE_CHECKING:
    from mockserver.protocol.journal import Entry

MASK: Final = "***"

TOKEN_PREFIX: Final = "ory_at_"
"""concepts.md §1.1 [E]: a real token began like this."""

SHOWN: Final = 8
"""Characters of a token after its prefix."""

HEADERS: Final = frozenset({"authorization", "proxy-authorization", "cookie"})
"""Headers whose value is a secret."""

HARMLESS: Final = frozenset({"client_id", "grant_type", "scope"})
"""Members of the token's form that are no secrets."""

TOKEN_PATH: Final = "/auth/token"

_TOKEN: Final = re.compile(rf"({TOKEN_PREFIX}[0-9a-f]{{{SHOWN}}})[0-9a-f]+")
_PLAIN: Final = re.compile(r"[\w:. -]*", re.ASCII)
_SCHEME: Final = re.compile(r"(?i)(bearer|basic|digest) ")
_TELLING: Final = re.compile(r"(?i)secret|token|password")


def masked_token(token: str) -> str:
    """The beginning of a token; nothing of a text that is none."""
    return masked_tokens(token) if _TOKEN.fullmatch(token) else MASK


def masked_tokens(text: str) -> str:
    """``text`` with every token in it cut to its beginning."""
    return _TOKEN.sub(r"\1…", text)


def masked_header(value: str) -> str:
    """The value of a secret header: its scheme, and the beginning of a token."""
    scheme = _SCHEME.match(value)
    if scheme is None:
        return MASK
    return scheme.group() + masked_token(value[scheme.end() :].strip())


def masked_fields(text: str) -> str:
    """A form or a query of which only what is harmless is shown."""
    return "&".join(_masked_field(field) for field in text.split("&"))


def masked_body(body: bytes) -> bytes:
    """The body of a request for a token, of which only what is harmless is shown, whether form or JSON."""
    text = body.decode("utf-8", "replace")
    try:
        found = orjson.loads(body)
    except ValueError:
        return masked_fields(text).encode()
    if not isinstance(found, dict):
        return MASK.encode()
    return orjson.dumps({name: value if _harmless(name, value) else MASK for name, value in found.items()})


class MaskedHeaders(Mapping[str, str]):
    """The headers of a request; the secret ones are masked as they are looked at, since most never are."""

    __slots__ = ("_headers",)

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    def __getitem__(self, name: str) -> str:
        value = self._headers[name]
        return masked_header(value) if name.lower() in HEADERS else value

    def __iter__(self) -> Iterator[str]:
        return iter(self._headers)

    def __len__(self) -> int:
        return len(self._headers)

    def __repr__(self) -> str:
        return repr(dict(self))


def masked(entry: Entry) -> Entry:
    """An entry of the journal without its secrets."""
    entry = entry._replace(headers=MaskedHeaders(entry.headers))
    if _TELLING.search(entry.query):
        entry = entry._replace(query=masked_fields(entry.query))
    if entry.path.startswith(TOKEN_PATH):
        body = masked_body(entry.body) if entry.body else b""
        answer = masked_tokens(entry.answer.decode("utf-8", "replace")).encode()
        return entry._replace(body=body, answer=answer)
    if b"client_secret" in entry.body:  # sent to a wrong path
        return entry._replace(body=masked_body(entry.body))
    return entry


def _masked_field(field: str) -> str:
    name, equals, value = field.partition("=")
    if not equals:
        return MASK if name else ""
    name = unquote_plus(name)
    if not _PLAIN.fullmatch(name):
        return MASK
    return field if _harmless(name, unquote_plus(value)) else f"{name}={MASK}"


def _harmless(name: str, value: object) -> bool:
    return name in HARMLESS and isinstance(value, str) and _PLAIN.fullmatch(value) is not None
