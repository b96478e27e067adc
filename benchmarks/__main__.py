"""``python -m benchmarks [--json] [--soak SECONDS] [--peers DIR] [NAME...]``: measure, beside yardsticks and peers.

Ratios are what counts: absolute times depend on the machine and on what else it does.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from importlib.metadata import version
from os import cpu_count
from pathlib import Path
from typing import Any

from benchmarks import (
    clock,
    fixture,
    growth,
    lists,
    load,
    memory,
    operations,
    peers,
    reads,
    signatures,
    startup,
    valuations,
    webhooks,
    worlds,
)
from benchmarks.measure import Curve, Figure
from benchmarks.peers import Row

Found = Iterable[Figure | Curve | Row]

SUITES: dict[str, Callable[[], Found]] = {
    "reads": reads.figures,
    "signatures": signatures.figures,
    "worlds": worlds.figures,
    "startup": startup.figures,
    "fixture": fixture.figures,
    "clock": clock.figures,
    "valuations": valuations.figures,
    "memory": memory.figures,
    "lists": lists.figures,
    "webhooks": webhooks.figures,
    "operations": operations.figures,
    "growth": growth.figures,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(SUITES)}, peers (default: all)")
    parser.add_argument("--json", action="store_true", help="one JSON object with all that was found")
    parser.add_argument("--soak", type=float, metavar="SECONDS", help="read without a pause for so long, too")
    parser.add_argument("--peers", type=Path, default=Path(".peers"), metavar="DIR", help="where they are (.peers)")
    arguments = parser.parse_args()
    suites = {**SUITES, "peers": lambda: peers.rows(arguments.peers)}
    unknown = set(arguments.names) - set(suites)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(suites)}")
    if arguments.soak is not None:
        suites["soak"] = lambda: memory.soak(arguments.soak)
        arguments.names += ["soak"] if arguments.names else []
    found: list[dict[str, Any]] = []
    for suite, each in _found(suites, arguments.names):
        found.append({"suite": suite, **_told(each)})
        print(_line(each), file=sys.stderr if arguments.json else sys.stdout, flush=True)
    if arguments.json:
        print(json.dumps({"machine": _machine(), "found": found}, indent=2))


def _found(suites: dict[str, Callable[[], Found]], names: Iterable[str]) -> Iterator[tuple[str, Figure | Curve | Row]]:
    for name in names or suites:
        for each in suites[name]():
            yield name, each


def _told(each: Figure | Curve | Row) -> dict[str, Any]:
    if isinstance(each, Curve):
        return {"kind": "curve", **asdict(each), "exponent": each.exponent, "met": each.figure().met}
    if isinstance(each, Figure):
        return {"kind": "figure", **asdict(each), "met": each.met}
    return {"kind": "peer", **asdict(each)}


def _line(each: Figure | Curve | Row) -> str:
    if isinstance(each, Row):
        return each.line()
    figure = each.figure() if isinstance(each, Curve) else each
    bound = "at least" if figure.least else "at most"
    verdict = "met" if figure.met else "NOT MET"
    target = f"{figure.ratio:.3f} {figure.unit}, {bound} {figure.target:g}: {verdict}"
    return f"{figure.name:58} {target:32} {figure.measured} ({figure.yardstick})"


def _machine() -> dict[str, Any]:
    names = ("aiohttp", "pydantic", "orjson", "cryptography")
    return {
        "cores": cpu_count(),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in names},
        "load": load.TOOL,
    }


if __name__ == "__main__":
    main()
