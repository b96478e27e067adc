"""A connection without a network: requests go in as bytes, answers come out as bytes, in one thread and one loop."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web


class Wire(asyncio.Transport):
    """The server's end of a connection; :meth:`ask` is the client's."""

    def __init__(self, server: web.Server) -> None:
        super().__init__()
        self._protocol = server()
        self._answered: asyncio.Future[bytes] | None = None
        self._closed = False
        self._protocol.connection_made(self)

    async def ask(self, request: bytes) -> bytes:
        """Send one request; the answer, which has to be small enough to come in one piece."""
        self._answered = asyncio.get_running_loop().create_future()
        self._protocol.data_received(request)
        return await self._answered

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._protocol.connection_lost(None)

    # What a server does with its end.

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        assert self._answered is not None
        self._answered.set_result(bytes(data))

    def is_closing(self) -> bool:
        return False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return {"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)}.get(name, default)

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...
