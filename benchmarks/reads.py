"""Reading by id over HTTP beside a bare aiohttp handler that sends the same bytes (DESIGN §7: at least 0.8 of it)."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.measure import Figure

COUNT = 8_000
CONNECTIONS = 8
TURNS = 5


def figures() -> Iterator[Figure]:
    with serving("mock") as mock, serving("bare") as bare:
        for address in (mock, bare):
            _asked(address)  # warm
        pairs = [(_asked(mock), _asked(bare)) for _ in range(TURNS)]
    mine, theirs = statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)
    ratio = statistics.median(mine / theirs for mine, theirs in pairs)
    yield Figure(
        "read by id, auth off, journal on",
        f"{mine:,.0f}/s",
        f"bare aiohttp handler {theirs:,.0f}/s",
        ratio,
        0.8,
        least=True,
    )


@contextmanager
def serving(*which: str) -> Iterator[list[str]]:
    """A server in a process of its own; gives host, port, path and what else it prints."""
    command = [sys.executable, "-m", "benchmarks.serving", *which]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield process.stdout.readline().split()
        finally:
            process.stdin.close()
            process.terminate()


def _asked(address: list[str]) -> float:
    """Answers a second to one load of a process of its own."""
    command = [sys.executable, "-m", "benchmarks.load", *address, str(COUNT), str(CONNECTIONS)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
