"""What a server weighs: idle as the command line starts it, and each account more; and whether a soak adds to it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil

from benchmarks import load
from benchmarks.measure import Figure
from benchmarks.processes import serving, started

ACCOUNTS = 5_000
SETTLES = 0.5
"""Seconds after the first answer: nothing more is loaded then."""
FLAT = 1.05
IDLE = 60
"""MB."""
MODES = (("--auth off", "/accounts", "off"), ("--auth strict, with cryptography", "/_mock/health", "strict"))


def figures() -> Iterator[Figure]:
    for name, path, auth in MODES:
        with started(path, "--auth", auth) as (process, _):
            time.sleep(SETTLES)
            idle = _megabytes(psutil.Process(process.pid))
        yield Figure(f"memory, idle, {name}", f"{idle:.1f} MB", f"{IDLE} MB", idle, IDLE, least=False, unit="MB")
    none, half, whole = (_weighed(count) for count in (1, ACCOUNTS // 2, ACCOUNTS))
    each = (whole - none) / ACCOUNTS * 1000
    yield Figure(
        "memory for each account, with user, group and 2 positions",
        f"{each:.1f} kB",
        f"of {ACCOUNTS:,} generated ones",
        each,
        40,
        least=False,
        unit="kB",
    )
    yield Figure(
        f"memory for {ACCOUNTS:,} accounts",
        f"{whole - none:.0f} MB",
        f"twice that for {ACCOUNTS // 2:,}: {2 * (half - none):.0f} MB",
        (whole - none) / (2 * (half - none)),
        1.15,
        least=False,
    )


def soak(seconds: float) -> Iterator[Figure]:
    """Read without a pause for so long; the journal fills in the first part, and from then on nothing may grow."""
    with serving("mock") as address:
        server = _listening(int(address[1]))
        end = time.monotonic() + seconds
        sizes, asked = [_megabytes(server)], 0.0
        while time.monotonic() < end:
            begin = time.monotonic()
            asked += load.repeated(address) * (time.monotonic() - begin)
            sizes.append(_megabytes(server))
    filled = sizes[max(1, len(sizes) // 4)]
    yield Figure(
        f"a soak of {seconds:g} s, {asked / 1e6:.1f} million requests, journal on",
        f"{sizes[-1]:.1f} MB at its end",
        f"{sizes[0]:.1f} MB idle, {filled:.1f} MB after a quarter",
        sizes[-1] / filled,
        FLAT,
        least=False,
    )


def _weighed(accounts: int) -> float:
    """Megabytes of a process that made a world of so many accounts."""
    script = (
        "import json, psutil; from benchmarks.worlds import scenario_of; "
        "from mockserver.scenario.build import build_world; build_world(scenario_of(1)); "
        f"world = build_world(scenario_of({accounts})); print(json.dumps(psutil.Process().memory_info().rss))"
    )
    run = subprocess.run([sys.executable, "-c", script], check=True, stdout=subprocess.PIPE, text=True)
    return float(json.loads(run.stdout)) / 1e6


def _listening(port: int) -> psutil.Process:
    """The child of this process that listens there."""
    for child in psutil.Process().children(recursive=True):
        if any(each.laddr[1:] == (port,) for each in child.net_connections("tcp")):
            return child
    raise LookupError(f"no process listens at {port}")


def _megabytes(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / 1e6
