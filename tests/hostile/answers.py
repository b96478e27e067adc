"""One request to a server from any address, byte for byte, without a network; and its answer."""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson
from aiohttp import web

from tests.costs.wire import Wire


class Answered(NamedTuple):
    status: int
    body: bytes

    @property
    def detail(self) -> str:
        """What a problem says; empty for an answer that is none."""
        found = orjson.loads(self.body) if self.body else {}
        return str(found.get("detail", "")) if isinstance(found, dict) else ""


class From(Wire):
    """A connection that comes from ``address``; its answer may come in pieces."""

    def __init__(self, server: web.Server, address: str) -> None:
        self._address = address
        self._received = b""
        super().__init__(server)

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        self._received += bytes(data)
        head, found, body = self._received.partition(b"\r\n\r\n")
        length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"), 0)
        if found and len(body) >= length:
            super().write(self._received)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return (self._address, 1) if name == "peername" else super().get_extra_info(name, default)


async def ask(server: web.Server, request: bytes, address: str = "127.0.0.1") -> Answered:
    """The answer to one request."""
    wire = From(server, address)
    answer = await wire.ask(request)
    wire.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    return Answered(int(head.split(b" ", 2)[1]), body)


def request(
    method: str, target: str, headers: list[tuple[str, str]], body: bytes | None = None, version: str = "1.1"
) -> bytes:
    """A request as its bytes; headers may be given twice."""
    if body is not None:
        headers = [*headers, ("content-length", str(len(body)))]
    lines = [f"{method} {target} HTTP/{version}", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode() + (body or b"")
