"""Reading by id with signatures checked (target: at least 0.75 of 1 / (bare handler's time + one check)).

Two yardsticks, each of which is sent signed requests. The first is the design's to the letter: a bare handler, and the
time of one check in a loop of checks alone. The second is a bare handler that makes one such check for each request:
between two requests the processor has other things in its caches, and a check takes up to a third longer there than in
a loop. The mock's own requests are signed before the time is taken, each with a nonce of its own.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from contextlib import ExitStack

from benchmarks import load
from benchmarks.measure import Figure, seconds
from benchmarks.processes import serving
from benchmarks.signing import KINDS, sample, signed

CHECKS = 1_000
TURNS = 5
TARGET = 0.75
SPARE = 1.3
"""More requests are signed than a bare handler answers that makes one check for each."""


def figures() -> Iterator[Figure]:
    for kind in KINDS:
        with ExitStack() as stack:
            mock, plain, checking = (
                stack.enter_context(serving(*which)) for which in (("strict",), ("bare", "unchecked"), ("bare", kind))
            )
            enough = int(_repeated(checking, kind) * load.SECONDS * SPARE)
            turns = [
                (_once(mock, kind, enough), _repeated(plain, kind), _repeated(checking, kind), _alone(sample(kind)))
                for _ in range(1 + TURNS)
            ][1:]  # the first warms up
        mine, bare, beside, alone = (statistics.median(turn[place] for turn in turns) for place in range(4))
        yield Figure(
            f"read by id, auth strict, {kind}",
            f"{mine:,.0f}/s",
            f"bare handler {bare:,.0f}/s and one check of {alone * 1e6:.0f} us: {1 / (1 / bare + alone):,.0f}/s",
            statistics.median(turn[0] * (1 / turn[1] + turn[3]) for turn in turns),
            TARGET,
            least=True,
        )
        yield Figure(
            f"the same, checks made in a server, {kind}",
            f"{mine:,.0f}/s",
            f"bare handler that makes one {beside:,.0f}/s",
            statistics.median(turn[0] / turn[2] for turn in turns),
            TARGET,
            least=True,
        )


def _once(address: list[str], kind: str, count: int) -> float:
    """Answers a second to requests of which each was signed, before the time is taken."""
    host, port, path, client_id, token = address
    made = [load.get(host, port, path, signed(kind, client_id, token, path, number)) for number in range(count)]
    return load.once(host, port, made)


def _repeated(address: list[str], kind: str) -> float:
    """Answers a second of a bare handler, to one signed request again and again: it does not look at it."""
    _, _, path, client_id, token = address
    return load.repeated(address, signed(kind, client_id, token, path, 0))


def _alone(check: Callable[[], None]) -> float:
    """Seconds that one check takes among nothing but checks."""

    def many() -> None:
        for _ in range(CHECKS):
            check()

    return seconds(many) / CHECKS
