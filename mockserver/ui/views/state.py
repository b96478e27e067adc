"""``/{world}/state``: the resources by subject, and the objects of one of them as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from mockserver.ui.pages import PageRequest, Rendered, view
from mockserver.ui.words import grouped
from mockserver.ui.world_context import world_page

ROWS: Final = 50
COLUMNS: Final = 7
"""Members that a table shows beside id and state."""

DULL: Final = frozenset({"id", "status", "created_at", "updated_at", "user_id", "account_id", "state"})
"""Members that have a column of their own, or that say little in a list."""
FIGURES: Final = ("amount", "quantity", "price", "fee", "value", "weight", "balance", "available")
"""Parts of the names of members that are numbers: they are aligned to the right."""


@view("/{world}/state")
async def overview(page: PageRequest) -> Rendered:
    """How many objects there are, by subject."""
    context = await world_page(page, "state", "State")
    return Rendered("state.html", {**context, "groups": grouped(context["resources"]), "resource": ""})


@view("/{world}/state/{resource}")
async def resource(page: PageRequest) -> Rendered:
    """The objects of one resource, newest first."""
    name = page.path["resource"]
    total = (await page.get("state", name, limit=0))["total_count"]
    number = max(1, page.number("page") or 1)
    end = max(0, total - (number - 1) * ROWS)
    begin = max(0, end - ROWS)
    rows = (await page.get("state", name, offset=begin, limit=end - begin))["data"][::-1]
    context = await world_page(page, "state", name.replace("_", " ").capitalize())
    wanted = page.query.get("state", "")
    states = sorted({each["state"] for each in rows if each["state"]})
    return Rendered(
        "state.html",
        {
            **context,
            "groups": grouped(context["resources"]),
            "resource": name,
            "rows": [each for each in rows if wanted in ("", each["state"])],
            "states": states,
            "wanted": wanted,
            "columns": columns([each["object"] for each in rows]),
            "total": total,
            "page": number,
            "pages": max(1, -(-total // ROWS)),
            "figure": is_figure,
        },
    )


def columns(objects: Sequence[Any]) -> list[str]:
    """The members worth a column: short ones that some object has, those that differ first."""
    values: dict[str, set[str]] = {}
    for each in objects:
        if isinstance(each, Mapping):
            for name, value in each.items():
                if name not in DULL and not isinstance(value, dict | list) and value not in (None, ""):
                    values.setdefault(name, set()).add(str(value))
    return sorted(values, key=lambda name: (len(values[name]) < 2, list(values).index(name)))[:COLUMNS]


def is_figure(name: str) -> bool:
    return any(part in name for part in FIGURES)
