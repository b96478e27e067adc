"""A year of daily valuations of 1,000 accounts with 5 positions (target: linear in accounts × days)."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

from benchmarks.measure import Figure

ACCOUNTS, POSITIONS, DAYS = 1_000, 5, 365
PART = 4
"""The yardstick has a fourth of the accounts and a fourth of the days."""

SCRIPT = """
import json, sys, time, psutil
from benchmarks.growth import DAY, holding
from mockserver.server import freeze
accounts, positions, days = map(int, sys.argv[1:])
world = holding(accounts, positions)
freeze()
begin, before = time.process_time(), psutil.Process().memory_info().rss
for _ in range(days):
    world.run(world.now + DAY)
print(json.dumps([time.process_time() - begin, psutil.Process().memory_info().rss - before]))
"""
"""A day at a time, as a server moves its clock, and with its garbage collector."""


def figures() -> Iterator[Figure]:
    seconds, size = _valued(ACCOUNTS, DAYS)
    part, _ = _valued(ACCOUNTS // PART, DAYS // PART)
    each, each_of_part = seconds / (ACCOUNTS * DAYS), part / (ACCOUNTS // PART * (DAYS // PART))
    yield Figure(
        f"valuations and returns of {ACCOUNTS:,} accounts for {DAYS} days",
        f"{seconds:.1f} s, {each * 1e6:.0f} us for an account and day",
        f"{ACCOUNTS // PART} accounts for {DAYS // PART} days: {each_of_part * 1e6:.0f} us",
        each / each_of_part,
        1.3,
        least=False,
    )
    weight = size / (ACCOUNTS * DAYS) / 1000
    yield Figure(
        "memory of a valuation and a return, kept as history",
        f"{weight:.2f} kB",
        f"{size / 1e6:.0f} MB in all",
        weight,
        3,
        least=False,
        unit="kB",
    )


def _valued(accounts: int, days: int) -> tuple[float, float]:
    """Seconds of processor time, and bytes that are kept, in a process of its own."""
    command = [sys.executable, "-c", SCRIPT, str(accounts), str(POSITIONS), str(days)]
    seconds, size = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return seconds, size
