"""Targets of webhooks that really listen, on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def no_content(request: web.Request) -> web.StreamResponse:
    return web.Response(status=204)


@dataclass
class Target:
    """A server that answers by ``answer`` and keeps what it got."""

    answer: Answer = no_content
    url: str = ""
    requests: list[web.Request] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    connections: set[int] = field(default_factory=set)

    @property
    def names(self) -> list[list[str]]:
        return [[event["object"]["name"] for event in json.loads(body)["payload"]] for body in self.bodies]

    async def receive(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        self.bodies.append(await request.read())
        transport = request.transport
        assert transport is not None
        self.connections.add(transport.get_extra_info("peername")[1])
        return await self.answer(request)


@asynccontextmanager
async def target(answer: Answer = no_content) -> AsyncIterator[Target]:
    app = web.Application()
    receiver = Target(answer)
    app.router.add_route("*", "/{path:.*}", receiver.receive)
    async with TestServer(app) as server:
        receiver.url = str(server.make_url("/hooks"))
        yield receiver


@asynccontextmanager
async def speaking(answers: list[bytes | None]) -> AsyncIterator[str]:
    """A server that answers each request on any connection with the next bytes; ``None`` closes the connection."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                break
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(int(length.partition(b":")[2]))
            answer = answers.pop(0)
            if answer is None:
                break
            writer.write(answer)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hooks"
    finally:
        server.close()


def answering(status: int = 200, **options: Any) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, **options)

    return answer
