"""A client that leaves, or sends what is no request, is one short line of the log, and no error with a traceback."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from gzip import compress
from typing import NamedTuple

import pytest

from mockserver.hosting.registry import DEFAULT_CLIENT_ID
from mockserver.server import RunningServer, ServerSettings, start

LEFT = "the client left before it was answered|→ 499"
UNREAD = "could not be read"
NO_HTTP = "The request is no HTTP"
ANSWERED = "→ 400"


def request(path: str, body: bytes, *headers: str, length: int | None = None) -> bytes:
    lines = [
        f"POST {path} HTTP/1.1",
        "host: localhost",
        f"upvest-client-id: {DEFAULT_CLIENT_ID}",
        "content-type: application/json",
        f"content-length: {len(body) if length is None else length}",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def chunked(path: str, rest: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nhost: a\r\nupvest-client-id: {DEFAULT_CLIENT_ID}\r\ntransfer-encoding: chunked\r\n"
    return head.encode() + b"content-type: application/json\r\nexpect: 100-continue\r\n\r\n" + rest


def closed(connection: socket.socket) -> None:
    connection.close()


def reset(connection: socket.socket) -> None:
    """End it as a client that is killed does: no FIN, but RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class Case(NamedTuple):
    sent: Callable[[str], bytes]
    """By the path."""
    line: str
    """What the log says of it."""
    end: Callable[[socket.socket], None] = closed


GZIP, DEFLATE = "content-encoding: gzip", "content-encoding: deflate"
EXPECT = "expect: 100-continue"
"""The server's word that it begins to read is when the client leaves."""

CASES = {
    "closed in the body": Case(lambda path: request(path, b'{"a":', EXPECT, length=100), LEFT),
    "reset in the body": Case(lambda path: request(path, b'{"a":', EXPECT, length=100), LEFT, reset),
    "gone before the body": Case(lambda path: request(path, b"", EXPECT, length=100), LEFT, reset),
    "closed in a chunk": Case(lambda path: chunked(path, b"5\r\nabc"), LEFT),
    "reset in a chunk": Case(lambda path: chunked(path, b"5\r\nabc"), LEFT, reset),
    "no gzip": Case(lambda path: request(path, b"no gzip", GZIP), UNREAD),
    "no gzip, long": Case(lambda path: request(path, b"x" * 200_000, GZIP), UNREAD),
    "no deflate": Case(lambda path: request(path, b"none", DEFLATE), UNREAD),
    "half of a gzip": Case(lambda path: request(path, compress(b"{}" * 100)[:20], GZIP), ANSWERED),
    "bad chunk": Case(lambda path: chunked(path, b"zz\r\nabc\r\n"), NO_HTTP),
    "TLS": Case(lambda _: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100), f"{NO_HTTP}.*HTTPS"),
    "HTTP/2": Case(lambda _: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", NO_HTTP),
    "no HTTP": Case(lambda _: b"hello\r\n\r\n", NO_HTTP),
    "bad header": Case(lambda path: f"GET {path} HTTP/1.1\r\nbad header\r\n\r\n".encode(), NO_HTTP, reset),
}


SETTINGS = ServerSettings(auth="off", clock="manual", port=0)


def port_of(server: RunningServer) -> int:
    return int(server.url.rpartition(":")[2])


class Lines(logging.Handler):
    """Records of the log, and a sign when one fits."""

    def __init__(self, pattern: str) -> None:
        super().__init__(logging.DEBUG)
        self.seen: list[logging.LogRecord] = []
        self.came = asyncio.Event()
        self._pattern = re.compile(pattern)

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(record)
        if self._pattern.search(record.getMessage()):
            self.came.set()


@contextmanager
def lines_until(pattern: str, level: int) -> Iterator[Lines]:
    lines, loggers = Lines(pattern), [logging.getLogger(name) for name in ("mockserver", "aiohttp")]
    levels = [each.level for each in loggers]
    for each in loggers:
        each.addHandler(lines)
        each.setLevel(level)
    try:
        yield lines
    finally:
        for each, before in zip(loggers, levels, strict=True):
            each.removeHandler(lines)
            each.setLevel(before)


async def misbehave(port: int, case: Case, path: str, lines: Lines) -> None:
    loop = asyncio.get_running_loop()
    with socket.socket() as connection:
        connection.setblocking(False)
        await loop.sock_connect(connection, ("127.0.0.1", port))
        await loop.sock_sendall(connection, case.sent(path))
        await loop.sock_recv(connection, 100)  # it has begun to answer
        case.end(connection)
    async with asyncio.timeout(10):
        await lines.came.wait()


@pytest.mark.parametrize("path", ["/orders", "/_mock/worlds"])
@pytest.mark.parametrize("name", CASES)
async def test_what_a_client_does_wrong_is_a_short_line_and_no_error(name: str, path: str) -> None:
    case = CASES[name]
    with lines_until(case.line, logging.DEBUG) as lines:
        async with await start(SETTINGS) as server:
            await misbehave(port_of(server), case, path, lines)
    ours = [record for record in lines.seen if record.name.startswith("mockserver")]
    assert ours
    assert [record.getMessage() for record in lines.seen if record.levelno >= logging.WARNING] == []
    assert not any(record.exc_info or "\n" in record.getMessage() for record in ours)


async def test_a_client_that_leaves_in_the_middle_of_an_answer_is_no_error() -> None:
    """A body that is larger than all buffers is under way when the connection is reset."""
    many = b"".join(
        f"GET /_mock/openapi.json HTTP/1.1\r\nhost: localhost\r\nx-number: {number}\r\n\r\n".encode()
        for number in range(30)
    )
    with lines_until("openapi.json → 200", logging.DEBUG) as lines:
        async with await start(SETTINGS) as server:
            await misbehave(port_of(server), Case(lambda _: many, "200", reset), "", lines)
    assert [each.getMessage() for each in lines.seen if each.levelno >= logging.WARNING] == []


async def test_a_mistake_of_the_server_is_still_an_error_with_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("mockserver.protocol.responding.headers_of", broken)
    with lines_until("outside of the chain", logging.WARNING) as lines:
        async with await start(SETTINGS) as server:
            await misbehave(port_of(server), Case(lambda path: request(path, b"{}"), ""), "/orders", lines)
    (error,) = lines.seen
    assert (error.levelname, bool(error.exc_info)) == ("ERROR", True)
