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

from mockserver.protocol.redaction import MASK, SHOWN, TOKEN_PREFIX, Secrets, masked_tokens

if TYPE_CHECKING:
    from mockserver.protocol.journal import Entry

HEADERS: Final = frozenset({"authorization", "proxy-authorization", "cookie"})
"""Headers whose value is a secret."""

HARMLESS: Final = frozenset({"client_id", "grant_type", "scope"})
"""Members of the token's form that are no secrets."""

TELLING: Final = (b"secret", b"token", b"password")
"""In the name of a member that no operation but the token's has, these say that its value is a secret."""

TOKEN_PATH: Final = "/auth/token"

_TOKEN: Final = re.compile(rf"{TOKEN_PREFIX}[\w~.-]{{{SHOWN},}}[\w~-]", re.ASCII)
_PLAIN: Final = re.compile(r"[\w:. -]*", re.ASCII)
_SCHEME: Final = re.compile(r"(?i)(bearer|basic|digest) ")
_TELLING: Final = re.compile("(?i)secret|token|password")


def masked_token(token: str) -> str:
    """The beginning of a token; nothing of a text that is none."""
    return masked_tokens(token) if _TOKEN.fullmatch(token) else MASK


def masked_header(value: str) -> str:
    """The value of a secret header: its scheme, and the beginning of a token."""
    scheme = _SCHEME.match(value)
    if scheme is None:
        return MASK
    return scheme.group() + masked_token(value[scheme.end() :].strip())


def masked_fields(text: str) -> str:
    """A form of which only what is harmless is shown."""
    return "&".join(_masked_field(field) for field in text.split("&"))


def masked_query(query: str) -> str:
    """A query of which all is shown but the fields that tell of a secret."""
    if _TELLING.search(unquote_plus(query)) is None:
        return query
    return "&".join(
        _masked_field(field) if _TELLING.search(unquote_plus(field)) else field for field in query.split("&")
    )


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


def masked_members(body: bytes) -> bytes:
    """A body of which all is shown but the values of members whose names tell of a secret; a form as such."""
    try:
        found = orjson.loads(body)
    except ValueError:
        return masked_fields(body.decode("utf-8", "replace")).encode()
    shown = _without_secrets(found)
    return body if shown == found else orjson.dumps(shown)


def _without_secrets(value: object) -> object:
    if isinstance(value, dict):
        return {
            name: MASK if _TELLING.search(name) and entry is not None else _without_secrets(entry)
            for name, entry in value.items()
        }
    return [_without_secrets(entry) for entry in value] if isinstance(value, list) else value


class MaskedHeaders(Mapping[str, str]):
    """The headers of a request; the secret ones are masked as they are looked at, since most never are."""

    __slots__ = ("_headers", "_secrets")

    def __init__(self, headers: Mapping[str, str], secrets: Secrets) -> None:
        self._headers = headers
        self._secrets = secrets

    def __getitem__(self, name: str) -> str:
        value = self._headers[name]
        if name.lower() in HEADERS or _TELLING.search(name) or _SCHEME.match(value):
            return masked_header(value)
        return self._secrets.hide(value)

    def __iter__(self) -> Iterator[str]:
        return iter(self._headers)

    def __len__(self) -> int:
        return len(self._headers)

    def __repr__(self) -> str:
        return repr(dict(self))


def masked(entry: Entry, secrets: Secrets) -> Entry:
    """An entry of the journal without its secrets: those that names give away, and the values in ``secrets``."""
    body = entry.body
    if entry.path.startswith(TOKEN_PATH):
        body = masked_body(body) if body else b""
    elif any(telling in body.lower() for telling in TELLING):  # sent to a wrong path
        body = masked_members(body)
    return entry._replace(
        path=secrets.hide(entry.path),
        query=secrets.hide(masked_query(entry.query)),
        headers=MaskedHeaders(entry.headers, secrets),
        body=secrets.hide_in(body),
        answer=secrets.hide_in(entry.answer),
        answer_headers={name: secrets.hide(value) for name, value in entry.answer_headers.items()},
    )


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
