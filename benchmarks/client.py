"""A small load, for machines without wrk: keep-alive connections that ask and read, in a process of their own.

``python -m benchmarks.client HOST PORT CONNECTIONS COUNT < REQUESTS`` sends the requests that it reads, with a NUL
between two, each once; or, where there is only one, so often; and prints answers a second. It asks only loopback, a
fixed number of times, and then ends.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial


class Asker(asyncio.Protocol):
    """One connection: sends the request again as soon as the answer is whole."""

    again: Callable[[Asker], None] | None = None
    """Connects once more, for servers that close after each answer."""

    def __init__(self, request: bytes, count: int, done: asyncio.Future[None]) -> None:
        self._request, self._left, self._done = request, count, done
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.0 200")):
            self._end(RuntimeError(f"answered {head[:200]!r} {body[:200]!r}"))
            return
        if not _whole(head.lower(), body):
            return
        self._buffer = b""
        self._left -= 1
        if self._left and self.again is not None and b"\r\nconnection: close" in head.lower():
            assert self._transport is not None
            self._transport.abort()
        elif self._left:
            assert self._transport is not None
            self._transport.write(self.next_request())
        else:
            self._end(None)

    def next_request(self) -> bytes:
        """The request to send now; the same one again."""
        return self._request

    def connection_lost(self, exc: Exception | None) -> None:
        if self._left and exc is None and self.again is not None and not self._done.done():
            self.again(self)
            return
        self._end(exc or RuntimeError("the server closed the connection"))

    def _end(self, error: Exception | None) -> None:
        if not self._done.done():
            if error is None:
                self._done.set_result(None)
            else:
                self._done.set_exception(error)
        if self._transport is not None:
            self._transport.close()


def _same(asker: Asker) -> Asker:
    return asker


def _whole(head: bytes, body: bytes) -> bool:
    """Whether the body is there to its end; ``head`` in lower case."""
    for line in head.split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return len(body) >= int(line.split(b":")[1])
    return b"\r\ntransfer-encoding: chunked" in head and body.endswith(b"0\r\n\r\n")


class Sender(Asker):
    """One connection with requests of its own, each sent once."""

    def __init__(self, requests: Sequence[bytes], done: asyncio.Future[None]) -> None:
        super().__init__(requests[0], len(requests), done)
        self._others = iter(requests[1:])

    def next_request(self) -> bytes:
        return next(self._others)


async def ask(host: str, port: int, requests: Sequence[bytes], connections: int, count: int) -> float:
    """Send the requests over so many connections; the answers a second."""
    if host not in ("127.0.0.1", "::1", "localhost"):
        raise ValueError(f"load goes to this machine only, not to {host}")
    loop = asyncio.get_running_loop()
    each = (count if len(requests) == 1 else len(requests)) // connections
    connecting = set()

    def again(asker: Asker) -> None:
        task = loop.create_task(loop.create_connection(partial(_same, asker), host, port))
        connecting.add(task)
        task.add_done_callback(connecting.discard)

    begin = time.perf_counter()
    ends = []
    for number in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        if len(requests) == 1:
            asker = Asker(requests[0], each, done)
            asker.again = again
        else:
            asker = Sender(requests[number * each : (number + 1) * each], done)
        await loop.create_connection(partial(_same, asker), host, port)
        ends.append(done)
    await asyncio.wait_for(asyncio.gather(*ends), timeout=120)
    return each * connections / (time.perf_counter() - begin)


if __name__ == "__main__":
    host, port, connections, count = sys.argv[1:]
    requests = sys.stdin.buffer.read().split(b"\0")
    print(asyncio.run(ask(host, int(port), requests, int(connections), int(count))))
