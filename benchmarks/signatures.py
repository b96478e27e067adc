"""Reading by id with signatures checked, beside a bare handler and one bare check of such a signature.

DESIGN §7: at least 0.75 of 1 / (the bare handler's time + one check of that kind of key).

Each request is signed before the time is taken, with a nonce of its own.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Iterator

from benchmarks.measure import Figure, seconds
from benchmarks.reads import serving
from benchmarks.signing import KINDS, sample

COUNT = 3_000
CONNECTIONS = 8
TURNS = 5
CHECKS = 300


def figures() -> Iterator[Figure]:
    for kind in KINDS:
        with serving("strict") as mock, serving("bare") as bare:
            _signed(mock, kind, COUNT // 10)  # warm
            _plain(bare)
            turns = [(_signed(mock, kind, COUNT), _plain(bare), _check(kind)) for _ in range(TURNS)]
        strict, plain, check = (statistics.median(turn[place] for turn in turns) for place in range(3))
        ratio = statistics.median(strict * (1 / plain + check) for strict, plain, check in turns)
        yield Figure(
            f"read by id, auth strict, {kind}",
            f"{strict:,.0f}/s",
            f"1 / (bare {1e6 / plain:.0f} µs + check {check * 1e6:.0f} µs)",
            ratio,
            0.75,
            least=True,
        )


def _check(kind: str) -> float:
    """Seconds for one check of a signature, by the cryptographic library alone."""
    verify = sample(kind)

    def work() -> None:
        for _ in range(CHECKS):
            verify()

    return seconds(work) / CHECKS


def _plain(address: list[str]) -> float:
    return _run(["benchmarks.load", *address, str(COUNT), str(CONNECTIONS)])


def _signed(address: list[str], kind: str, count: int) -> float:
    """Answers a second to requests that were signed before the time is taken."""
    return _run(["benchmarks.signed_load", *address, str(count), str(CONNECTIONS), kind])


def _run(arguments: list[str]) -> float:
    command = [sys.executable, "-m", *arguments]
    return float(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
