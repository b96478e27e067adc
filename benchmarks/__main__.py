"""``python -m benchmarks [--json] [NAME...]``: measure, and print each figure beside its yardstick.

Ratios are what counts: absolute times depend on the machine and on what else it does.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from benchmarks import clock, fixture, growth, lists, memory, reads, signatures, startup, webhooks, worlds
from benchmarks.measure import Figure

SUITES = {
    "clock": clock.figures,
    "worlds": worlds.figures,
    "memory": memory.figures,
    "lists": lists.figures,
    "webhooks": webhooks.figures,
    "reads": reads.figures,
    "signatures": signatures.figures,
    "startup": startup.figures,
    "fixture": fixture.figures,
    "growth": growth.figures,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(SUITES)} (default: all)")
    parser.add_argument("--json", action="store_true", help="one JSON object with every figure")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(SUITES)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(SUITES)}")
    figures: list[Figure] = []
    for name in arguments.names or SUITES:
        for figure in SUITES[name]():
            figures.append(figure)
            if not arguments.json:
                print(_line(figure), flush=True)
    if arguments.json:
        print(json.dumps([{**asdict(figure), "met": figure.met} for figure in figures], indent=2))


def _line(figure: Figure) -> str:
    bound = "at least" if figure.least else "at most"
    verdict = "met" if figure.met else "NOT MET"
    measured = f"{figure.measured} ({figure.yardstick})"
    return f"{figure.name:44} {measured:60} {figure.ratio:8.3f} {figure.unit} {bound} {figure.target}: {verdict}"


if __name__ == "__main__":
    main()
