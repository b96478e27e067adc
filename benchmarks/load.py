"""A small load for one GET: keep-alive connections that ask and read, in a process of their own.

``python -m benchmarks.load HOST PORT PATH COUNT CONNECTIONS`` prints requests a second. It asks only loopback, a fixed
number of times, and then ends.
"""

from __future__ import annotations

import asyncio
import sys
import time
from functools import partial


class Asker(asyncio.Protocol):
    """One connection: sends the request again as soon as the answer is whole."""

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
        if not head.startswith(b"HTTP/1.1 200"):
            self._end(RuntimeError(f"answered {head[:200]!r} {body[:200]!r}"))
            return
        length = next(
            int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
        )
        if len(body) < length:
            return
        self._buffer = b""
        self._left -= 1
        if self._left:
            assert self._transport is not None
            self._transport.write(self.next_request())
        else:
            self._end(None)

    def next_request(self) -> bytes:
        """The request to send now; the same one again."""
        return self._request

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(exc or RuntimeError("the server closed the connection"))

    def _end(self, error: Exception | None) -> None:
        if not self._done.done():
            if error is None:
                self._done.set_result(None)
            else:
                self._done.set_exception(error)
        if self._transport is not None:
            self._transport.close()


async def ask(host: str, port: int, path: str, count: int, connections: int) -> float:
    """Send ``count`` GETs over ``connections`` connections; the answers a second."""
    if host not in ("127.0.0.1", "::1", "localhost"):
        raise ValueError(f"load goes to this machine only, not to {host}")
    loop = asyncio.get_running_loop()
    request = f"GET {path} HTTP/1.1\r\nhost: {host}:{port}\r\naccept: application/json\r\n\r\n".encode()
    each = count // connections
    begin = time.perf_counter()
    ends = []
    for _ in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        await loop.create_connection(partial(Asker, request, each, done), host, port)
        ends.append(done)
    await asyncio.wait_for(asyncio.gather(*ends), timeout=120)
    return each * connections / (time.perf_counter() - begin)


if __name__ == "__main__":
    host, port, path, count, connections = sys.argv[1:]
    print(asyncio.run(ask(host, int(port), path, int(count), int(connections))))
