"""From the command line to the first answer, beside importing aiohttp (target: at most 1.7 of it)."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

from benchmarks.measure import Figure, milliseconds
from benchmarks.processes import compiled, started

TURNS = 7
LINES = (
    ("command line to first answer", ("/accounts", "--auth", "off")),
    ("command line to ready, with keys to sign with", ("/_mock/health", "--auth", "strict")),
)


def figures() -> Iterator[Figure]:
    for name, how in LINES:
        _first_answer(how)  # writes the bytecode, where a checkout has none yet
        pairs = [(_first_answer(how), _importing()) for _ in range(TURNS)]
        mine, theirs = (statistics.median(pair[place] for pair in pairs) for place in range(2))
        ratio = statistics.median(mine / theirs for mine, theirs in pairs)
        yield Figure(name, milliseconds(mine), f"import aiohttp.web {milliseconds(theirs)}", ratio, 1.7, least=False)


def _importing() -> float:
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import aiohttp.web"], check=True, env=compiled())
    return time.perf_counter() - begin


def _first_answer(how: tuple[str, ...]) -> float:
    with started(*how) as (_, seconds):
        return seconds
