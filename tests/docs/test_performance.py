"""The page of what things cost shows the run that is kept, and every figure, curve and peer of it."""

from __future__ import annotations

import json

from benchmarks.report import KEPT, PAGE, PLOT, page

RUN = json.loads(KEPT.read_text(encoding="utf-8"))
TEXT = PAGE.read_text(encoding="utf-8")


def test_the_tables_are_those_of_the_run_that_is_kept() -> None:
    assert page(TEXT, RUN) == TEXT


def test_nothing_that_was_found_is_left_out() -> None:
    left_out = [row["name"] for row in RUN["found"] if f"| {row['name']} |" not in TEXT]
    assert left_out == []


def test_what_is_not_met_is_explained() -> None:
    _, _, explained = TEXT.partition("## What is not met")
    for row in RUN["found"]:
        if not row.get("met", True):
            assert row["name"] in explained


def test_the_plot_shows_every_curve() -> None:
    drawn = PLOT.read_text(encoding="utf-8")
    for row in RUN["found"]:
        if row["kind"] == "curve":
            assert f"<!-- {row['name']} ({row['exponent']:.2f}) -->" in drawn
