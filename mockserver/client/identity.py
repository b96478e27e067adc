"""Whether what answers at a URL is a mockserver: its health check says so by name. Nothing here knows a socket."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, NamedTuple

import orjson

from mockserver.client.errors import ControlError, UnreachableError

HEALTH: Final = "/_mock/health"
NAME: Final = "mockserver"

LONGEST_QUOTE: Final = 80
"""Characters of somebody else's answer that a message repeats."""

PROXIED: Final = frozenset({502, 503, 504})
GUARDED: Final = frozenset({401, 403, 407, 511})
CHECK: Final = "check its host, port and path, and whether another program listens at that port"


class Reply(NamedTuple):
    """An answer as it came."""

    status: int
    content: bytes
    kind: str = ""
    """Its content type."""
    location: str = ""
    """Where it redirects to."""


class ForeignServerError(ControlError):
    """Something answers at the URL, and it is no mockserver; the text says what came and what to check."""


def check_identity(url: str, reply: Reply) -> None:
    """Raise :class:`ForeignServerError` unless ``reply`` is a health check that names a mockserver."""
    body = _json(reply.content)
    if reply.status == HTTPStatus.OK and body.get("name") == NAME:
        return
    if reply.status == HTTPStatus.SERVICE_UNAVAILABLE and "detail" in body:  # one that has too many connections
        raise ControlError(str(body["detail"]), {**body, "status": reply.status}, f"GET {HEALTH}")
    kind = f" with {reply.kind.partition(';')[0]}" if reply.kind else ""
    quoted = _quoted(reply.content)
    raise _foreign(url, f"GET {HEALTH} answered {reply.status}{kind}{f': {quoted}' if quoted else ''}", _hint(reply))


def not_http(url: str) -> ForeignServerError:
    """What answered does not speak HTTP, at least not in the clear."""
    return _foreign(url, "what it says is not HTTP", f"{CHECK}; a server with TLS needs https://")


def unreachable(url: str, error: BaseException) -> UnreachableError:
    """Nobody listens, the connection broke, or TLS could not be agreed on."""
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    hint = _tls_hint(error) or "start one with 'mockserver serve', or give the URL of one"
    return UnreachableError(f"no mockserver answers at {url} ({reason}): {hint}")


def _foreign(url: str, came: str, hint: str) -> ForeignServerError:
    return ForeignServerError(f"{url} answers, but is no mockserver ({came}): {hint}")


def _hint(reply: Reply) -> str:
    if reply.status in PROXIED:
        return "a proxy answers and reaches no server behind it: is that started, and does the proxy know its address?"
    if reply.status in GUARDED:
        return "something in front of it wants a login: give the URL of the mockserver itself"
    if 300 <= reply.status < 400:
        return f"give the URL that it redirects to, {reply.location}" if reply.location else CHECK
    if reply.status == HTTPStatus.BAD_REQUEST and b"https" in reply.content.lower():
        return "it expects TLS: write https://"
    return CHECK


def _tls_hint(error: BaseException) -> str | None:
    """What to do about a failure of TLS; ``None`` for another error."""
    reason = getattr(error, "reason", None)
    if not isinstance(reason, str):
        return None
    if reason == "CERTIFICATE_VERIFY_FAILED":
        return "its certificate is not trusted here: SSL_CERT_FILE names a file of those that are"
    return f"it does not speak TLS ({reason.lower().replace('_', ' ')}): a mockserver has none, write http://"


def _json(content: bytes) -> Mapping[str, Any]:
    try:
        found = orjson.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _quoted(content: bytes) -> str:
    """The beginning of an answer on one line, without characters that a terminal would act on."""
    text = " ".join(content[: 4 * LONGEST_QUOTE].decode(errors="replace").split())
    shown = "".join(letter if letter.isprintable() else "·" for letter in text)
    return shown if len(shown) <= LONGEST_QUOTE else f"{shown[:LONGEST_QUOTE]}…"
