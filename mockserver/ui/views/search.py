"""``/{world}/search``: from an id, a path, an operation or an event type to the page that shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from mockserver.ui.pages import PageRequest, Rendered, view
from mockserver.ui.world_context import world_page

MOST: Final = 50
"""Matches of a kind."""
LOOKED_AT: Final = 2_000
"""Requests, deliveries and events that are searched, the last ones."""
WHOLE_ID: Final = 12
"""Characters from which on a text may be the whole id of an object: an ISIN."""


@view("/{world}/search")
async def search(page: PageRequest) -> Rendered:
    """The objects, requests, events and deliveries in which a text occurs."""
    text = page.query.get("q", "").strip()
    wanted = text.lower()
    context = await world_page(page, "", f"Search: {text}")
    found = await _found(page, wanted, context["resources"]) if wanted else {}
    shown = {kind: found.get(kind, [])[-MOST:] for kind in ("objects", "requests", "deliveries", "events")}
    return Rendered("search.html", {**context, "q": text, **shown})


async def _found(page: PageRequest, wanted: str, resources: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    requests = (await page.get("requests", limit=LOOKED_AT))["requests"]
    deliveries = (await page.get("deliveries", limit=LOOKED_AT, payload=False))["deliveries"]
    events = (await page.get("events", limit=LOOKED_AT))["events"]
    return {
        "objects": await _objects(page, wanted, resources),
        "requests": [each for each in requests if wanted in _text(each)],
        "deliveries": [each for each in deliveries if each["id"].startswith(wanted)],
        "events": [each for each in events if wanted in each["type"].lower() or each["id"].startswith(wanted)],
    }


async def _objects(page: PageRequest, wanted: str, resources: Iterable[str]) -> list[dict[str, Any]]:
    """The objects whose id begins so, of those that moved; any object by its whole id."""
    moves = (await page.get("moves", limit=10_000))["moves"]
    found = {(each["resource"], each["id"]): each for each in moves if each["id"].lower().startswith(wanted)}
    for name in resources if len(wanted) >= WHOLE_ID else ():
        one = await page.try_get("state", name, wanted)
        if one is not None:
            found.setdefault((name, one["id"]), {"resource": name, "id": one["id"], "to": one["state"]})
    return list(found.values())


def _text(request: Mapping[str, Any]) -> str:
    return f"{request['operation']} {request['path']} {request['request_id']}".lower()
