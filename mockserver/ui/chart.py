"""Line charts as SVG with attributes alone, so that no script and no inline style is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

WIDTH: Final = 640
HEIGHT: Final = 190
LEFT: Final = 56
BOTTOM: Final = 24
TOP: Final = 10


class Series(NamedTuple):
    """One line: its name, and its value at each label where it has one."""

    name: str
    values: Mapping[str, Decimal]


def chart(title: str, series: Sequence[Series], unit: str = "") -> dict[str, Any] | None:
    """The points, the axes, and the same as a table; ``None`` where there is nothing to draw."""
    labels = sorted({label for each in series for label in each.values})
    numbers = [value for each in series for value in each.values.values()]
    if not numbers:
        return None
    low, high = _bounds(numbers)
    step = Decimal(WIDTH - LEFT - 8) / max(1, len(labels) - 1)

    def x(label: str) -> Decimal:
        return LEFT + step * labels.index(label) if len(labels) > 1 else Decimal(WIDTH) / 2

    def y(value: Decimal) -> Decimal:
        return TOP + (high - value) / (high - low) * (HEIGHT - TOP - BOTTOM)

    lines = [
        {
            "name": each.name,
            "kind": f"s{place % 3 + 1}",
            "points": " ".join(f"{x(label):.1f},{y(value):.1f}" for label, value in sorted(each.values.items())),
            "dots": [(f"{x(label):.1f}", f"{y(value):.1f}") for label, value in each.values.items()],
        }
        for place, each in enumerate(series)
    ]
    return {
        "title": title,
        "unit": unit,
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "right": WIDTH - 8,
        "lines": lines,
        "ticks": [{"y": f"{y(value):.1f}", "label": _short(value)} for value in (low, (low + high) / 2, high)],
        "first": labels[0],
        "last": labels[-1],
        "base": HEIGHT - BOTTOM,
        "table": [(label, [each.values.get(label) for each in series]) for label in labels],
        "names": [each.name for each in series],
    }


def _bounds(numbers: Sequence[Decimal]) -> tuple[Decimal, Decimal]:
    """Of the axis: from nothing where the values are not far from it, and never an empty span."""
    low, high = min(numbers), max(numbers)
    if 0 <= low < high / 2 or low == high:
        low = min(Decimal(0), low)
    return (low, high) if high > low else (low, low + 1)


def _short(value: Decimal) -> str:
    rounded = round(value, 2) if abs(value) < 10 else round(value)
    return f"{rounded:,}"
