"""From the command line to the first answer, beside importing aiohttp (DESIGN §7: under 2.5 of it)."""

from __future__ import annotations

import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import URLError

from benchmarks.measure import Figure, milliseconds

TURNS = 5
PATIENCE = 20.0


def figures() -> Iterator[Figure]:
    pairs = [(_first_answer(), _importing()) for _ in range(TURNS)]
    mine, theirs = statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)
    yield Figure(
        "command line to first answer",
        milliseconds(mine),
        f"import aiohttp.web {milliseconds(theirs)}",
        statistics.median(mine / theirs for mine, theirs in pairs),
        2.5,
        least=False,
    )


def _importing() -> float:
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import aiohttp.web"], check=True)
    return time.perf_counter() - begin


def _first_answer() -> float:
    with first_answer() as (_, seconds):
        return seconds


@contextmanager
def first_answer() -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """A server as the command line starts it, and how many seconds its first answer took."""
    port = _free_port()
    begin = time.perf_counter()
    command = [sys.executable, "-m", "mockserver", "serve", "--auth", "off", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            process.stdout.readline()  # it listens; asking all the while would take a core from it
            while not _answers(f"http://127.0.0.1:{port}/accounts"):
                if time.perf_counter() - begin > PATIENCE:
                    raise TimeoutError(f"no answer within {PATIENCE} s")
            yield process, time.perf_counter() - begin
        finally:
            process.terminate()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE):
            return True
    except (URLError, ConnectionError):
        return False


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
