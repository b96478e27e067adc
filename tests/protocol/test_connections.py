"""Limits of connections: how many, and how long a request may take to arrive. The loop's time is moved, none passes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import orjson
import pytest
from aiohttp.test_utils import TestClient

from mockserver.protocol.bodies import PROGRESS_WITHIN
from mockserver.protocol.connection_limits import FAREWELL, HEADERS_WITHIN, MOST_CONNECTIONS, OutOfFiles, affordable
from mockserver.protocol.connections import Connections
from tests.conftest import AiohttpClient, Api, Connected
from tests.protocol.raw import raw

Later = Callable[[float], None]
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[], Awaitable[Streams]]


@pytest.fixture
async def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """``later(10)``: the time of the loop is ten seconds on."""
    loop = asyncio.get_running_loop()
    real, gone = loop.time, [0.0]
    monkeypatch.setattr(loop, "time", lambda: real() + gone[0])

    def move(seconds: float) -> None:
        gone[0] += seconds

    return move


def server_of(api: Api) -> Connections:
    server: Connections = api.http.server._server  # type: ignore[attr-defined]
    return server


@pytest.fixture
async def connect(client: Api) -> AsyncIterator[Connect]:
    """``await connect()``: a connection to the server of ``client``."""
    streams: list[Streams] = []

    async def connected() -> Streams:
        streams.append(await asyncio.open_connection(str(client.http.server.host), client.http.server.port))
        return streams[-1]

    yield connected
    for _, writer in streams:
        writer.transport.abort()
    server_of(client).most = 100
    await served(client)  # the server has seen them leave


async def answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, object]]:
    """The next answer of a connection: its status and JSON."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
    return int(head.split()[1]), orjson.loads(await reader.readexactly(length))


async def served(client: Api) -> None:
    """Let the server read what was sent: a request of another connection is answered after it."""
    assert (await client.get("/_mock/health")).status == 200


async def test_more_connections_than_may_be_open_are_told_so(client: Api, connect: Connect) -> None:
    server = server_of(client)
    server.most = 2
    first, second = await connect(), await connect()
    first[1].write(raw("GET", "/_mock/health"))
    assert (await answer(first[0]))[0] == 200
    third = await connect()
    status, problem = await answer(third[0])
    assert (status, problem["title"]) == (503, "Service unavailable")
    assert "2 connections are open, the most that this server takes" in str(problem["detail"])
    assert "--max-connections" in str(problem["detail"])
    assert await third[0].read() == b""
    second[1].close()
    await second[1].wait_closed()
    first[1].write(raw("GET", "/_mock/health"))
    assert (await answer(first[0]))[0] == 200  # and the server has seen the second leave
    fourth = await connect()
    fourth[1].write(raw("GET", "/_mock/health"))
    assert (await answer(fourth[0]))[0] == 200


async def test_one_that_is_refused_is_cut_off_though_it_stays(client: Api, connect: Connect, later: Later) -> None:
    server = server_of(client)
    server.most = 0
    reader, writer = await connect()
    assert (await answer(reader))[0] == 503
    writer.write(b"x" * 100)
    await writer.drain()
    server.most = 1
    await served(client)
    later(FAREWELL + 0.1)
    await served(client)
    await served(client)
    writer.write(b"x")  # answered with a reset
    await served(client)
    writer.write(b"x")
    assert writer.transport.is_closing()


@pytest.mark.parametrize("part", [b"GE", b"GET /users HTTP/1.1\r\n", b"GET /users HTTP/1.1\r\nhost: x\r\n"])
async def test_headers_that_do_not_arrive_in_time_are_told_so(
    client: Api, connect: Connect, later: Later, part: bytes
) -> None:
    reader, writer = await connect()
    writer.write(part)
    await served(client)
    later(HEADERS_WITHIN + 0.1)
    status, problem = await answer(reader)
    assert (status, problem["title"]) == (408, "Request timeout")
    assert problem["detail"] == "The headers did not arrive within 30 s of their first byte."
    assert await reader.read() == b""


async def test_dripping_headers_gain_no_time(client: Api, connect: Connect, later: Later) -> None:
    reader, writer = await connect()
    for line in (b"GET / HTTP/1.1\r\n", b"host: x\r\n", b"x-a: a\r\n", b"x-b: b\r\n"):
        writer.write(line)
        await served(client)
        later(HEADERS_WITHIN / 4 + 0.1)
    assert (await answer(reader))[0] == 408


async def test_the_headers_of_a_later_request_have_their_time_too(client: Api, connect: Connect, later: Later) -> None:
    reader, writer = await connect()
    writer.write(raw("GET", "/_mock/health"))
    assert (await answer(reader))[0] == 200
    later(HEADERS_WITHIN * 10)  # idle
    await served(client)
    writer.write(b"GET /_mock/he")
    await served(client)
    later(HEADERS_WITHIN - 1)
    await served(client)
    writer.write(b"alth HTTP/1.1\r\nhost: x\r\n\r\n")
    assert (await answer(reader))[0] == 200
    later(2)
    await served(client)
    writer.write(raw("GET", "/_mock/health"))
    assert (await answer(reader))[0] == 200


async def test_an_idle_connection_stays_open(client: Api, connect: Connect, later: Later) -> None:
    reader, writer = await connect()
    for _ in range(3):
        later(3_000)
        await served(client)
        writer.write(raw("GET", "/_mock/health"))
        assert (await answer(reader))[0] == 200


@pytest.mark.parametrize("path", ["/users", "/_mock/worlds"])
async def test_a_body_that_stops_arriving_is_refused(client: Api, connect: Connect, later: Later, path: str) -> None:
    reader, writer = await connect()
    writer.write(raw("POST", path, b"{}" * 500)[:-10])
    await served(client)
    later(PROGRESS_WITHIN + 0.1)
    status, problem = await answer(reader)
    assert (status, problem["detail"]) == (408, "The body is incomplete: nothing more of it arrived for 30 s.")


async def test_a_body_may_take_as_long_as_it_makes_progress(client: Api, connect: Connect, later: Later) -> None:
    reader, writer = await connect()
    whole = raw("POST", "/_mock/worlds", b'{"profile": "nothing"}')
    head, body = whole[:-20], whole[-20:]
    writer.write(head)
    for at in range(20):
        await served(client)
        later(PROGRESS_WITHIN - 1)
        writer.write(body[at : at + 1])
    assert (await answer(reader))[0] == 400


async def test_a_request_that_is_answered_late_is_not_cut_off(aiohttp_client: AiohttpClient, later: Later) -> None:
    released = asyncio.Event()

    async def front(_: object) -> object:
        await released.wait()
        raise ConnectionResetError

    client: TestClient[Any, Any] = await aiohttp_client(Connected(Connections(front)))  # type: ignore[arg-type]
    reader, writer = await asyncio.open_connection(str(client.server.host), client.server.port)
    writer.write(raw("GET", "/"))
    for _ in range(3):
        await asyncio.sleep(0)
        later(HEADERS_WITHIN + 1)
    assert not reader.at_eof()
    released.set()
    assert await reader.read() == b""
    writer.close()


def test_fewer_connections_are_taken_where_fewer_files_may_be_open(monkeypatch: pytest.MonkeyPatch) -> None:
    resource = pytest.importorskip("resource")
    found = {}
    for files in (4, 64, 1_024, 1_048_576, resource.RLIM_INFINITY):
        monkeypatch.setattr(resource, "getrlimit", lambda _, files=files: (files, files))
        found[files] = affordable()
    assert found == {4: 3, 64: 48, 1_024: 960, 1_048_576: 4_000, resource.RLIM_INFINITY: 4_000}
    assert MOST_CONNECTIONS == 4_000


def test_running_out_of_files_is_one_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    loop, handler = asyncio.new_event_loop(), OutOfFiles()
    try:
        for _ in range(1_000):
            error = OSError(24, "Too many open files")
            handler(loop, {"message": "socket.accept() out of system resource", "exception": error})
        (record,) = caplog.records
        assert "[Errno 24] Too many open files" in record.getMessage()
        assert "ulimit -n" in record.getMessage()
        handler(loop, {"message": "something else"})
        assert [each.name for each in caplog.records] == ["mockserver.protocol.connection_limits", "asyncio"]
    finally:
        loop.close()
    assert record.levelno == logging.ERROR
