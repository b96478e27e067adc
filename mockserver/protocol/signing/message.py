"""A request as a signature sees it: its components and their values, byte for byte as they were received."""

from __future__ import annotations

from collections.abc import Mapping
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
        headers: dict[str, str] = {}
        for given, text in request.headers.items():
            name, value = given.lower(), text.strip()
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        return cls(request.method, path, query, headers, body, bool(asks))

    @property
    def issuing(self) -> bool:
        """Whether it asks for a token, which has rules of its own."""
        return self.path == TOKEN_PATH

    def value(self, component: str) -> str | None:
        """The value of a component; ``None`` when the request has none."""
        if component[:1] != "@":
            return self.headers.get(component)
        if component == "@method":
            return self.method.upper()
        if component == "@path":
            return self.path
        return f"?{self.query}" if component == "@query" and (self.query or self.asks) else None
