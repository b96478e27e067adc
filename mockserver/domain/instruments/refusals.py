"""Refusals of price data (trading.md §9)."""

from __future__ import annotations

from typing import Final

from mockserver.kernel.rules import Rule

# Price data (trading.md §9)
NO_DATA_CONTRACT: Final = Rule(
    "prices.contract",
    403,
    "This client has no contract for price data (profile setting behaviour.price_data).",
    "trading.md §9 [D], code inferred",
)
INTERVAL: Final = Rule(
    "prices.interval",
    400,
    "(query).interval: {interval} is no 1d and no number of hours or minutes shorter than a day, such as 1h or 15m.",
    "trading.md §9 [N], longest inferred",
)
TOO_MANY_POINTS: Final = Rule(
    "prices.points",
    400,
    "The range holds more than {most} points of {interval}: shorten it, or take a longer interval.",
    "trading.md §9 [N], code inferred",
)
