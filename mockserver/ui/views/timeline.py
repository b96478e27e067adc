"""``/{world}/timeline``: what happened as lanes and as a chain, what is due, and what waits."""

from __future__ import annotations

from typing import Any, Final

from mockserver.ui.chain import attempt_look, attempts, chain, matching
from mockserver.ui.lanes import lanes
from mockserver.ui.pages import PageRequest, Rendered, page_path, view
from mockserver.ui.rendering import moment
from mockserver.ui.world_context import world_page

LOOKED_AT: Final = 200
"""Of each kind of what happened, so much is shown at most."""
ROWS: Final = 50
"""Rows of the chain on one page."""


@view("/{world}")
@view("/{world}/timeline")
async def timeline(page: PageRequest) -> Rendered:
    """The first view of a world; an empty one says what to do next."""
    moves = (await page.get("moves", limit=LOOKED_AT))["moves"]
    requests = (await page.get("requests", limit=LOOKED_AT))["requests"]
    events = (await page.get("events", limit=LOOKED_AT))["events"]
    deliveries = (await page.get("deliveries", limit=LOOKED_AT, payload=False))["deliveries"]
    context = await world_page(page, "timeline", "Timeline")
    if not moves and not requests and not deliveries:
        return Rendered("empty.html", context)
    now = context["here"]["now"]
    at = _until(page)
    if at is not None:
        requests, moves = _before(requests, "at", at), _before(moves, "at", at)
        events = _before(events, "created_at", at)
    wanted = page.query.get("q", "").strip()
    since = page.query.get("from", "")
    rows = chain(requests, moves, events, deliveries)
    if wanted:
        rows = matching(rows, wanted)
    if since and page.query.get("just"):
        rows = [row for row in rows if row["at"] >= since]
    first = page.number("before")
    end = len(rows) if first is None else min(first, len(rows))
    begin = max(0, end - ROWS)
    upcoming = context["upcoming"]["upcoming"]
    selected = page.query.get("sel", "")
    return Rendered(
        "timeline.html",
        {
            **context,
            "lanes": lanes(now, requests, moves, deliveries, upcoming, selected),
            "rows": rows[begin:end],
            "attempts": attempts,
            "attempt_look": attempt_look,
            "total": len(rows),
            "earlier": begin,
            "latest": end == len(rows),
            "at": at or "",
            "q": wanted,
            "selected": await _selected(page, selected),
            "object": lambda resource, identity: page_path(page.world, "state", resource, identity),
        },
    )


def _until(page: PageRequest) -> str | None:
    """The instant to which the page looks back; ``None`` where the address names none."""
    text = page.query.get("at", "")
    try:
        moment(text)
    except ValueError:
        return None
    return text


def _before(entries: list[dict[str, Any]], member: str, at: str) -> list[dict[str, Any]]:
    return [each for each in entries if each[member] <= at]


async def _selected(page: PageRequest, selected: str) -> dict[str, Any] | None:
    """All that is known of the selected object; ``None`` where none is, or it does not exist any more."""
    resource, _, identity = selected.partition(":")
    if not identity:
        return None
    found = await page.try_get("state", resource, identity)
    return None if found is None else dict(found)
