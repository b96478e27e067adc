"""Soaks of ``mockserver serve``: resident memory stays flat, whatever is refused and however large requests are."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from mockserver.hosting.registry import DEFAULT_CLIENT_ID
from tests.processes import Server
from tests.protocol.raw import raw

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="resident memory is read from /proc"),
]

REQUESTS, WARM = 5_000, 500
SLACK = 15.0
"""Megabytes that resident memory may grow after the first requests: what the allocator rounds up."""


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server("--auth", "off")
    yield server
    assert server.stop() == 0


def resident(server: Server) -> float:
    """Megabytes."""
    pages = Path(f"/proc/{server.process.pid}/statm").read_text().split()[1]
    return int(pages) * 4096 / 1e6


def answered(answers: BinaryIO) -> int:
    """The status of the next answer, read whole."""
    status, length = int(answers.readline().split()[1]), 0
    while (line := answers.readline()) != b"\r\n":
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    answers.read(length)
    return status


def soaked(server: Server, request: bytes, status: int) -> tuple[float, float]:
    """Resident memory after the first requests, and after all of them."""
    host, port = server.url.removeprefix("http://").split(":")
    first = 0.0
    with socket.create_connection((host, int(port))) as connection, connection.makefile("rb") as answers:
        for count in range(1, REQUESTS + 1):
            connection.sendall(request)
            assert answered(answers) == status
            if count == WARM:
                first = resident(server)
    return first, resident(server)


def test_refused_bodies_of_a_megabyte(server: Server) -> None:
    body = b'{"x": "' + b"y" * 1_000_000
    first, last = soaked(server, raw("POST", "/users", body, idempotency_key=DEFAULT_CLIENT_ID), 400)
    sys.stdout.write(f"{first:.0f} MB after {WARM}, {last:.0f} MB after {REQUESTS}")
    assert last - first < SLACK


def test_a_hundred_headers_of_seven_kilobytes(server: Server) -> None:
    headers = {f"x-h-{number}": "v" * 7_000 for number in range(100)}
    first, last = soaked(server, raw("GET", "/users", None, **headers), 200)
    sys.stdout.write(f"{first:.0f} MB after {WARM}, {last:.0f} MB after {REQUESTS}")
    assert last - first < SLACK
