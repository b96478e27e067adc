"""What a webhook's target answers, and what it means when it does not."""

from __future__ import annotations

import ssl
from datetime import timedelta
from typing import Final

import aiohttp
from yarl import URL

from mockserver.kernel.durations import written
from mockserver.protocol.redaction import MASK
from mockserver.webhooks.faults import TIMED_OUT

LARGEST_ANSWER: Final = 65_536
"""Bytes of an answer's body that are read."""

UNKEPT_HEADERS: Final = frozenset({"date", "age", "connection", "keep-alive", "transfer-encoding"})
"""Headers of an answer that are not kept: they belong to the moment or the connection, and replays would differ."""

REASONS: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (TimeoutError, "{origin} did not answer within {limit}"),
    (aiohttp.ClientConnectorDNSError, "the host name of {origin} does not resolve"),
    (aiohttp.ClientConnectorCertificateError, "the TLS certificate of {origin} is not trusted"),
    (aiohttp.ClientSSLError, "no TLS with {origin}"),
    (ssl.SSLError, "no TLS with {origin}"),
    (ConnectionRefusedError, "nothing listens at {origin}: connection refused"),
    (aiohttp.ClientConnectorError, "{origin} cannot be reached"),
    (aiohttp.ServerDisconnectedError, "{origin} closed the connection without an answer"),
    (aiohttp.ClientPayloadError, "{origin} did not give a whole answer in HTTP"),
    (aiohttp.ClientOSError, "{origin} closed the connection without an answer"),
    (aiohttp.ClientResponseError, "{origin} did not give a whole answer in HTTP"),
    (aiohttp.InvalidURL, "{origin} is not a URL that can be called"),
)
"""What an attempt without an answer says; the first row that fits. No text depends on machine or timing."""


def origin(url: str) -> str:
    """Scheme, host and port: ``http://localhost:8000``; nothing of a text that is no URL."""
    try:
        return str(URL(url, encoded=True).origin())
    except ValueError:
        return MASK


def explain(error: BaseException, url: str, limit: timedelta) -> str:
    """Why there is no answer, for people."""
    causes = (error, getattr(error, "os_error", None))
    for kind, text in REASONS:
        if any(isinstance(cause, kind) for cause in causes):
            return text.format(origin=origin(url), limit=written(limit))
    return f"{origin(url)} cannot be called: {type(error).__name__}"


def pretended(error: str, url: str, limit: timedelta) -> str:
    """What an attempt says that a fault lets fail: the words of the real failure."""
    cause = TimeoutError() if error == TIMED_OUT else ConnectionRefusedError()
    return explain(cause, url, limit)


async def read(response: aiohttp.ClientResponse) -> str:
    """The body of an answer, as far as it is kept; of a longer one the rest is not waited for."""
    kept = bytearray()
    # One byte more, to see the end of an answer that just fits: only then can its connection be used again.
    while chunk := await response.content.read(LARGEST_ANSWER + 1 - len(kept)):
        kept += chunk
    return kept[:LARGEST_ANSWER].decode("utf-8", "replace")


def headers(response: aiohttp.ClientResponse) -> tuple[tuple[str, str], ...]:
    """The headers of an answer that are kept, in their order; those sent several times are joined."""
    kept: dict[str, str] = {}
    for name, value in response.headers.items():
        if name.lower() not in UNKEPT_HEADERS:
            key = _text(name)
            kept[key] = f"{kept[key]}, {_text(value)}" if key in kept else _text(value)
    return tuple(kept.items())


def _text(value: str) -> str:
    # Bytes that are no UTF-8 come as halves of characters, which no JSON can hold.
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
