"""``python -m benchmarks.report [RUN.json]``: put what a run of the benchmarks found into ``docs/performance.md``.

Without a file it takes the run that is kept beside this module; with one (of ``python -m benchmarks --json``), that is
kept in its place. Draws ``docs/growth.svg`` too.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final

DOCS: Final = Path(__file__).parents[1] / "docs"
PAGE: Final = DOCS / "performance.md"
PLOT: Final = DOCS / "growth.svg"
KEPT: Final = Path(__file__).with_name("measured.json")
OURS: Final = "mockserver (this)"

Found = dict[str, Any]


def page(text: str, run: Found) -> str:
    """The page with its tables made anew; what stands between their marks is replaced."""
    for name, table in TABLES.items():
        mark = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
        if mark.search(text) is None:
            raise ValueError(f"the page has no place for the table {name}")
        made = "\n".join(table(run))
        text = mark.sub(lambda found, made=made: f"{found[1]}{made}\n{found[2]}", text)  # type: ignore[misc]
    return text


def plot(run: Found, path: Path) -> None:
    """Time against size, both in logarithms, each curve from where it begins: a straight line up is linear."""
    matplotlib = import_module("matplotlib")  # only here: the tables can be made without
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "mockserver"  # the same picture, the same file
    figure, axes = import_module("matplotlib.pyplot").subplots(figsize=(8, 5.2))
    for curve, marker in zip(_of(run, "curve"), "osD^vP*X<>", strict=False):
        sizes = [size / curve["sizes"][0] for size in curve["sizes"]]
        times = [each / curve["seconds"][0] for each in curve["seconds"]]
        axes.loglog(sizes, times, marker=marker, markersize=4, label=f"{curve['name']} ({curve['exponent']:.2f})")
    most = max(curve["sizes"][-1] / curve["sizes"][0] for curve in _of(run, "curve"))
    axes.loglog([1, most], [1, most], color="black", linestyle=":", label="linear (1.00)")
    axes.set_xlabel("times as many as at first")
    axes.set_ylabel("times as long as at first")
    axes.set_title("How cost grows (in brackets: the exponent)")
    axes.grid(visible=True, which="both", linewidth=0.3)
    axes.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


# --- Tables ---


def _machine(run: Found) -> Iterable[str]:
    machine = run["machine"]
    libraries = ", ".join(f"{name} {version}" for name, version in machine["libraries"].items())
    yield f"One run on {machine['cores']} cores, Python {machine['python']}, {libraries}; load by {machine['load']}."


def _short(run: Found) -> Iterable[str]:
    """Questions that users have, each answered from one figure."""
    figures = {row["name"]: row for row in _of(run, "figure")}

    def rows() -> Iterable[Sequence[str]]:
        for question, name, answer in QUESTIONS:
            row = figures[name]
            yield question, answer.format(measured=row["measured"], ratio=row["ratio"])

    yield from _table(("Question", "Answer"), rows())


def _figures(suites: Sequence[str]) -> Callable[[Found], Iterable[str]]:
    def table(run: Found) -> Iterable[str]:
        rows = (row for suite in suites for row in _of(run, "figure") if row["suite"] == suite)
        yield from _table(("", "measured", "beside", "ratio", "target", ""), map(_figure, rows))

    return table


def _figure(row: Found) -> Sequence[str]:
    bound = "≥" if row["least"] else "≤"
    unit = {"x": "", "": ""}.get(row["unit"], f" {row['unit']}")
    met = "met" if row["met"] else "**not met**"
    return (
        row["name"],
        row["measured"],
        row["yardstick"],
        f"{row['ratio']:.3g}{unit}",
        f"{bound} {row['target']:g}{unit}",
        met,
    )


def _growth(run: Found) -> Iterable[str]:
    names = ("with", "what is done", "sizes", "processor time", "exponent")
    rows = (
        (
            curve["name"],
            curve["what"],
            f"{curve['sizes'][0]:,} to {curve['sizes'][-1]:,}",
            f"{curve['seconds'][0] * 1e3:,.1f} to {curve['seconds'][-1] * 1e3:,.0f} ms",
            f"{curve['exponent']:.2f}",
        )
        for curve in _of(run, "curve")
    )
    return _table(names, rows)


def _peers(run: Found) -> Iterable[str]:
    peers = _of(run, "peer")
    ours = next(row for row in peers if row["name"] == OURS)
    names = ("", "start", "first answer", "answers a second", "of ours", "reset", "stop", "memory, loaded")
    rows = (
        (
            row["name"],
            f"{row['start_ms']:,} ms",
            f"{row['first_ms']:.1f} ms",
            f"{row['answers_per_second']:,}",
            f"{row['answers_per_second'] / ours['answers_per_second']:.2f}",
            "–" if row["reset_ms"] is None else f"{row['reset_ms']:.2f} ms",
            f"{row['stop_ms']} ms",
            f"{row['idle_mb']}, {row['loaded_mb']} MB",
        )
        for row in peers
    )
    return _table(names, rows)


def _table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterable[str]:
    yield f"| {' | '.join(names)} |"
    yield f"| {' | '.join('---' for _ in names)} |"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _of(run: Found, kind: str) -> list[Found]:
    return [row for row in run["found"] if row["kind"] == kind]


QUESTIONS: Final = (
    (
        "How fast is a read?",
        "read by id, auth off, journal on",
        "{measured}: {ratio:.2f} of a bare aiohttp handler that sends the same bytes",
    ),
    (
        "How much does checking a signature cost?",
        "read by id, auth strict, P-256",
        "{measured} with a P-256 key: half of the time of such a read is the check of the curve",
    ),
    (
        "How long does a start take?",
        "command line to first answer",
        "{measured}: {ratio:.1f} times `import aiohttp.web`",
    ),
    ("How long does a test wait for its world?", "fixture: a world for a test", "{measured}"),
    ("How long does a world with 1,000 accounts take?", "a world of 1,000 accounts", "{measured}"),
    ("How long does taking it back take?", "reset of it, as a command does it", "{measured}, whatever its size"),
    (
        "How long does a year take?",
        "valuations and returns of 1,000 accounts for 365 days",
        "{measured}, with every night's valuation and return",
    ),
    ("How many webhooks are sent?", "webhooks to 8 subscriptions", "{measured}, signed, by one process"),
    ("How much memory does it need?", "memory, idle, --auth off", "{measured} when it starts"),
    (
        "How much does an account need?",
        "memory for each account, with user, group and 2 positions",
        "{measured}, with its user, group and two positions",
    ),
)
"""What the page answers first: the question, the figure, and the answer."""

TABLES: Final[dict[str, Callable[[Found], Iterable[str]]]] = {
    "machine": _machine,
    "short": _short,
    "targets": _figures(("reads", "signatures", "worlds", "startup", "fixture", "clock", "valuations", "memory")),
    "more": _figures(("lists", "operations", "webhooks", "retries", "soak")),
    "growth": _growth,
    "peers": _peers,
}


def main() -> None:
    if len(sys.argv) > 1:
        shutil.copyfile(sys.argv[1], KEPT)
    run = json.loads(KEPT.read_text(encoding="utf-8"))
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), run), encoding="utf-8")
    plot(run, PLOT)


if __name__ == "__main__":
    main()
