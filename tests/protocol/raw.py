"""Requests as bytes on a connection of our own: no client between them and the server."""

from __future__ import annotations

import asyncio
from typing import Self

from mockserver.hosting.registry import DEFAULT_CLIENT_ID
from tests.conftest import Api


def raw(method: str, path: str, body: bytes | None = None, **headers: str) -> bytes:
    """A request of the default client; ``_`` in a name is a dash. An empty value leaves a header out."""
    lines = {"host": "x", "upvest-client-id": DEFAULT_CLIENT_ID}
    if body is not None:
        lines |= {"content-type": "application/json", "content-length": str(len(body))}
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + (body or b"")


class Wire:
    """One connection to the server of an ``Api``, opened anew when the server closes it."""

    def __init__(self, api: Api) -> None:
        self._address = (str(api.http.server.host), api.http.server.port)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, request: bytes) -> int:
        """Send a request, read the answer whole; returns its status."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._address)
        reader, writer = self._streams
        writer.write(request)
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        _, _, rest = head.partition("content-length: ")
        await reader.readexactly(int(rest.partition("\r\n")[0]) if rest else 0)
        if "connection: close" in head or head.startswith("http/1.0"):
            await self.close()
        return int(head.split()[1])

    async def leave(self, part: bytes) -> None:
        """Send part of a request, and leave."""
        _, writer = await asyncio.open_connection(*self._address)
        writer.write(part)
        await writer.drain()
        writer.transport.abort()

    async def close(self) -> None:
        if self._streams is not None:
            (_, writer), self._streams = self._streams, None
            writer.close()
            await writer.wait_closed()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
