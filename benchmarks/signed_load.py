"""A load of signed GETs, to a server on this machine: prints answers a second.

``python -m benchmarks.signed_load HOST PORT PATH CLIENT_ID TOKEN COUNT CONNECTIONS KIND``: every request is signed
first, so that only sending and answering is timed.
"""

from __future__ import annotations

import asyncio
import sys
import time
from functools import partial

from benchmarks.load import Asker
from benchmarks.signing import signed


class Sender(Asker):
    """One connection with requests of its own, each sent once."""

    def __init__(self, requests: list[bytes], done: asyncio.Future[None]) -> None:
        super().__init__(requests[0], len(requests), done)
        self._others = iter(requests[1:])

    def next_request(self) -> bytes:
        return next(self._others)


async def ask(host: str, port: int, made: list[bytes], connections: int) -> float:
    """Send the requests, each once; the answers a second."""
    loop = asyncio.get_running_loop()
    each = len(made) // connections
    begin = time.perf_counter()
    ends = []
    for number in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        own = made[number * each : (number + 1) * each]
        await loop.create_connection(partial(Sender, own, done), host, port)
        ends.append(done)
    await asyncio.wait_for(asyncio.gather(*ends), timeout=120)
    return each * connections / (time.perf_counter() - begin)


def requests(host: str, port: int, path: str, client_id: str, token: str, kind: str, count: int) -> list[bytes]:
    """So many GETs, each signed."""
    made = []
    for number in range(count):
        headers = {"host": f"{host}:{port}", **signed(kind, client_id, token, path, number)}
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        made.append("\r\n".join(lines).encode())
    return made


if __name__ == "__main__":
    host, port, path, client_id, token, count, connections, kind = sys.argv[1:]
    made = requests(host, int(port), path, client_id, token, kind, int(count))
    print(asyncio.run(ask(host, int(port), made, int(connections))))
