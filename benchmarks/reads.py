"""Reading by id over HTTP beside a bare aiohttp handler that sends the same bytes (target: at least 0.8 of it)."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from benchmarks import load
from benchmarks.measure import Figure
from benchmarks.processes import serving

TURNS = 7


def figures() -> Iterator[Figure]:
    with serving("mock") as mock, serving("bare") as bare:
        for address in (mock, bare):
            load.repeated(address)  # warm
        pairs = [(load.repeated(mock), load.repeated(bare)) for _ in range(TURNS)]
    mine, theirs = (statistics.median(pair[place] for pair in pairs) for place in range(2))
    yield Figure(
        "read by id, auth off, journal on",
        f"{mine:,.0f}/s",
        f"bare aiohttp handler {theirs:,.0f}/s, by {load.TOOL}",
        statistics.median(mine / theirs for mine, theirs in pairs),
        0.8,
        least=True,
    )
