"""A request as a signature sees it: its components and their values, byte for byte as they were received."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple, Self

if TYPE_CHECKING:
    from aiohttp import web

TOKEN_PATH: Final = "/auth/token"
DERIVED: Final = frozenset({"@method", "@path", "@query"})
"""The components that are no headers (concepts.md §2.2 [D]); the drafts know more, the API does not document them."""


class Message(NamedTuple):
    """Method, path and query as sent; headers by their names in lower case, those sent several times joined."""

    method: str
    path: str
    query: str
    """Without its question mark."""
    headers: Mapping[str, str]
    body: bytes = b""
    asks: bool = False
    """Whether the target has a question mark, perhaps with nothing after it."""

    @classmethod
    def of(cls, request: web.BaseRequest, body: bytes) -> Self:
        target = request.raw_path
        if target[:1] != "/":  # as a proxy is asked: http://host/path
            target = f"{request.rel_url.raw_path}?{request.rel_url.raw_query_string}"
        path, asks, query = target.partition("?")
        given = request.headers
        headers = {name.lower(): value.strip() for name, value in given.items()}
        if len(headers) < len(given):
            headers = _joined(given.items())
        return cls(request.method, path, query, headers, body, bool(asks))

    def value(self, component: str) -> str | None:
        """The value of a component; ``None`` when the request has none."""
        if component[:1] != "@":
            return self.headers.get(component)
        if component == "@method":
            return self.method.upper()
        if component == "@path":
            return self.path
        return f"?{self.query}" if component == "@query" and (self.query or self.asks) else None


def _joined(given: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The headers where some were sent several times."""
    headers: dict[str, str] = {}
    for written, text in given:
        name, value = written.lower(), text.strip()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers
