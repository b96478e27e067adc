"""Refusals that every family shares: unknown ids and reversed dates."""

from __future__ import annotations

from typing import Final

from mockserver.kernel.rules import Rule

# Unknown resources (concepts.md §4: 404 where a path id exists)
UNKNOWN: Final = Rule("resource.unknown", 404, "There is no {what} {id}.", "concepts.md §4 [S]")

# Dates of lists
DATES_REVERSED: Final = Rule(
    "list.dates", 400, "(root).start_date: {start} lies after end_date {end}.", "trading.md §15, inferred"
)
