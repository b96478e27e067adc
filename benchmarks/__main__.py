"""``python -m benchmarks [--json] [--soak SECONDS] [--peers DIR] [NAME...]``: measure, beside yardsticks and peers.

Ratios are what counts: absolute times depend on the machine and on what else it does.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from importlib import import_module
from importlib.metadata import version
from os import cpu_count
from pathlib import Path
from typing import Any

from benchmarks import load
from benchmarks.measure import Curve, Figure, Row

Found = Iterable[Figure | Curve | Row]

SUITES = (
    "reads",
    "signatures",
    "worlds",
    "startup",
    "fixture",
    "clock",
    "valuations",
    "plans",
    "memory",
    "lists",
    "webhooks",
    "neighbours",
    "retries",
    "operations",
    "growth",
    "peers",
)
"""Modules beside this one, each loaded when it is asked for."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(SUITES)} (default: all)")
    parser.add_argument("--json", action="store_true", help="one JSON object with all that was found")
    parser.add_argument("--soak", type=float, metavar="SECONDS", help="read without a pause for so long, too")
    parser.add_argument("--peers", type=Path, default=Path(".peers"), metavar="DIR", help="where they are (.peers)")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(SUITES)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(SUITES)}")
    names = list(arguments.names or SUITES) + (["soak"] if arguments.soak is not None else [])
    found: list[dict[str, Any]] = []
    for suite, each in _found(names, arguments):
        found.append({"suite": suite, **_told(each)})
        print(_line(each), file=sys.stderr if arguments.json else sys.stdout, flush=True)
    if arguments.json:
        print(json.dumps({"machine": _machine(), "found": found}, indent=2))


def _found(names: Iterable[str], arguments: argparse.Namespace) -> Iterator[tuple[str, Figure | Curve | Row]]:
    for name in names:
        try:
            figures = _suite(name, arguments)
        except ModuleNotFoundError as error:
            raise SystemExit(f"{name} needs {error.name}: pip install -e '.[bench]'") from None
        for each in figures:
            yield name, each


def _suite(name: str, arguments: argparse.Namespace) -> Found:
    found: Found
    if name == "soak":
        found = import_module("benchmarks.memory").soak(arguments.soak)
    elif name == "peers":
        found = import_module("benchmarks.peers").rows(arguments.peers)
    else:
        found = import_module(f"benchmarks.{name}").figures()
    return found


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
