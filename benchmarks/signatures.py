"""Reading by id with signatures checked, beside a bare handler that checks one such signature and does no more.

DESIGN §7: at least 0.75 of 1 / (the bare handler's time + one check of that kind of key). Both are sent the same signed
requests, and both check within a server: there a check takes a third longer than in a loop of checks alone.

Each request is signed before the time is taken, with a nonce of its own.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Iterator

from benchmarks.measure import Figure
from benchmarks.reads import serving
from benchmarks.signing import KINDS

COUNT = 3_000
CONNECTIONS = 8
TURNS = 5


def figures() -> Iterator[Figure]:
    for kind in KINDS:
        with serving("strict") as mock, serving("bare", kind) as bare:
            for address in (mock, bare):
                _signed(address, kind, COUNT // 10)  # warm
            turns = [(_signed(mock, kind, COUNT), _signed(bare, kind, COUNT)) for _ in range(TURNS)]
        strict, plain = (statistics.median(turn[place] for turn in turns) for place in range(2))
        yield Figure(
            f"read by id, auth strict, {kind}",
            f"{strict:,.0f}/s",
            f"bare handler with one check {plain:,.0f}/s",
            statistics.median(mine / theirs for mine, theirs in turns),
            0.75,
            least=True,
        )


def _signed(address: list[str], kind: str, count: int) -> float:
    """Answers a second to requests that were signed before the time is taken."""
    return _run(["benchmarks.signed_load", *address, str(count), str(CONNECTIONS), kind])


def _run(arguments: list[str]) -> float:
    command = [sys.executable, "-m", *arguments]
    return float(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
