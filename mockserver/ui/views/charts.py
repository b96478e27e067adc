"""``/{world}/charts``: value, cash, returns and drift of an account, and what happened in the world over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from mockserver.ui.chart import Series, chart
from mockserver.ui.pages import PageRequest, Rendered, view
from mockserver.ui.world_context import world_page

MOST_ACCOUNTS: Final = 200

BOOKS: Final = ("balance", "available_for_trading", "locked_for_trading", "pending_settlement")
"""The books of cash that are drawn, in one chart for each currency."""
HAPPENED: Final = ("events", "deliveries", "failed_attempts")

Rows = Sequence[Mapping[str, Any]]


@view("/{world}/charts")
async def charts(page: PageRequest) -> Rendered:
    """Charts of the chosen account and of the world, each with the same as a table."""
    accounts = [each["id"] for each in (await page.get("state", "accounts", limit=MOST_ACCOUNTS))["data"]]
    account = page.query.get("account") or next(iter(accounts), "")
    own = (await page.try_get("series", "accounts", account) if account else None) or {}
    world = await page.get("series")
    drawn = [
        *(chart("Value by day", [_line(rows, "at", "value")], name) for name, rows in _currencies(own, "value")),
        *(chart("Cash", [_line(rows, "at", book) for book in BOOKS], name) for name, rows in _currencies(own, "cash")),
        chart("Returns", [_line(own.get("returns", ()), "day", each) for each in ("cumulative", "daily")]),
        chart("Events and deliveries", [_line(world["steps"], "from", each) for each in HAPPENED]),
    ]
    context = await world_page(page, "charts", "Charts")
    shown = [each for each in drawn if each is not None]
    own_drift = own.get("drift", [])
    return Rendered(
        "charts.html", {**context, "charts": shown, "accounts": accounts, "account": account, "drift": own_drift}
    )


def _currencies(series: Mapping[str, Any], name: str) -> list[tuple[str, Rows]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for each in series.get(name, ()):
        found.setdefault(each["currency"], []).append(each)
    return list(found.items())


def _line(rows: Rows, label: str, member: str) -> Series:
    """A member by its label, a day or an instant; rows in which it is ``null`` have no point."""
    values = {_short(row[label]): Decimal(row[member]) for row in rows if row[member] is not None}
    return Series(member.replace("_", " "), values)


def _short(label: str) -> str:
    """An instant without the zone, as all of them are UTC."""
    return label.removesuffix("Z").replace("T", " ")
