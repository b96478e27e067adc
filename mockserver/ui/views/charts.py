"""``/{world}/charts``: the value and returns of an account by day, its weights, and what happened by day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from mockserver.ui.chart import Series, chart
from mockserver.ui.pages import PageRequest, Rendered, view
from mockserver.ui.rendering import short
from mockserver.ui.world_context import world_page

LOOKED_AT: Final = 10_000
"""Valuations and returns of all accounts."""
EVENTS: Final = 2_000
"""The last events and deliveries, which are counted by day."""
MOST_ACCOUNTS: Final = 200
DAYS: Final = 400


@view("/{world}/charts")
async def charts(page: PageRequest) -> Rendered:
    """Charts of the chosen account and of the world, each with the same as a table."""
    accounts = [each["id"] for each in (await page.get("state", "accounts", limit=MOST_ACCOUNTS))["data"]]
    valuations = (await page.get("state", "valuations", limit=LOOKED_AT))["data"]
    valued = list(dict.fromkeys(each["object"]["account_id"] for each in valuations))
    account = page.query.get("account") or next(iter(valued or accounts), "")
    own = [each["object"] for each in valuations if each["object"]["account_id"] == account][-DAYS:]
    returns = [
        each["object"]
        for each in (await page.get("state", "returns", limit=LOOKED_AT))["data"]
        if each["object"]["account_id"] == account
    ][-DAYS:]
    events = (await page.get("events", limit=EVENTS))["events"]
    deliveries = (await page.get("deliveries", limit=EVENTS, payload=False))["deliveries"]
    drawn = [
        chart("Value by day", [Series("securities", _values(own))], "EUR"),
        chart("Weights by day", _weights(own)),
        chart("Cumulative return", [Series("time-weighted", _returns(returns))]),
        chart("Events and deliveries by day", [_by_day("events", events), _by_day("deliveries", deliveries)]),
    ]
    context = await world_page(page, "charts", "Charts")
    shown = [each for each in drawn if each is not None]
    return Rendered("charts.html", {**context, "charts": shown, "accounts": accounts, "account": account})


def _values(valuations: Sequence[Mapping[str, Any]]) -> dict[str, Decimal]:
    return {each["valuation_time"][:10]: Decimal(each["total_security_value"]["amount"]) for each in valuations}


def _weights(valuations: Sequence[Mapping[str, Any]]) -> list[Series]:
    """A line for each of the three instruments with the most weight at the end."""
    found: dict[str, dict[str, Decimal]] = {}
    for valuation in valuations:
        for each in valuation["security_positions"]:
            name = each["instrument"].get("isin") or short(each["instrument"]["uuid"])
            found.setdefault(name, {})[valuation["valuation_time"][:10]] = Decimal(each["weight"])
    largest = sorted(found.items(), key=lambda each: -list(each[1].values())[-1])[:3]
    return [Series(name, values) for name, values in largest]


def _returns(returns: Sequence[Mapping[str, Any]]) -> dict[str, Decimal]:
    return {
        each["date"][:10]: Decimal(each["twr"]["cumulative"]) for each in returns if "cumulative" in each.get("twr", {})
    }


def _by_day(name: str, entries: Sequence[Mapping[str, Any]]) -> Series:
    days = Counter(each["created_at"][:10] for each in entries)
    return Series(name, {day: Decimal(count) for day, count in days.items()})
