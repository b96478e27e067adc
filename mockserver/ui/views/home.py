"""``/``: the worlds of the server, what needs a look in each, what was refused, and making a new one."""

from __future__ import annotations

from typing import Any, Final

from mockserver import __version__
from mockserver.control.calls import path_of
from mockserver.ui.pages import PageRequest, Rendered, view
from mockserver.ui.world_context import shared_context

REFUSED: Final = 8
"""Refused requests that are shown of all worlds."""
LOOKED_AT: Final = 200
"""Requests of each world that are searched for refused ones."""
PAGE: Final = 25
"""Worlds that are shown with their counts."""


@view("/")
async def home(page: PageRequest) -> Rendered:
    """The first page."""
    worlds = (await page.calls.get(path_of("worlds")))["worlds"]
    overview = await page.calls.get(path_of("overview"))
    waiting = {each["client_id"]: each["needs_a_look"]["waiting"] for each in overview["worlds"]}
    first = (page.number("page") or 1) - 1
    shown = worlds[first * PAGE : (first + 1) * PAGE]
    rows = [{**await _row(page, each), "waiting": waiting.get(each["client_id"], 0)} for each in shown]
    refused = sorted((each for row in rows for each in row["refused"]), key=lambda each: -each["number"])
    return Rendered(
        "home.html",
        {
            **shared_context(page),
            "about": {"version": __version__, "server": page.host},
            "rows": rows,
            "total": len(worlds),
            "page": first + 1,
            "pages": max(1, -(-len(worlds) // PAGE)),
            "refused": refused[:REFUSED],
            "scenarios": overview["scenarios"],
        },
    )


async def _row(page: PageRequest, world: dict[str, Any]) -> dict[str, Any]:
    """What a world has and what needs a look; one that was removed meanwhile has nothing."""

    async def get(*segments: str, **query: Any) -> Any:
        return await page.calls.get(path_of("worlds", world["client_id"], *segments), query)

    requests = await get("requests", limit=LOOKED_AT)
    refused = [each for each in requests["requests"] if each["status"] >= 400 or each["status"] == 0]
    clock, faults = await get("clock"), (await get("faults"))["faults"]
    upcoming = (await get("upcoming", limit=LOOKED_AT))["upcoming"]
    deliveries = await get("deliveries", payload=False, limit=LOOKED_AT)
    state = (await get("state"))["resources"]
    return {
        "world": world["world"],
        "name": world["scenario"] or "empty world",
        "client_id": world["client_id"],
        "profile": world["profile"],
        "auth": world["auth"],
        "clock": clock,
        "due": sum(not each["background"] for each in upcoming),
        "objects": sum(state.values()),
        "requests": requests["total_count"],
        "refused_count": len(refused),
        "events": (await get("events", limit=0))["total_count"],
        "deliveries": deliveries["total_count"],
        "retrying": sum(each["state"] in ("RETRYING", "WAITING") for each in deliveries["deliveries"]),
        "faults": len(faults),
        "failures": (await get("failures", limit=0))["total_count"],
        "last": requests["requests"][-1] if requests["requests"] else None,
        "refused": [{**each, "world": world["world"], "name": world["scenario"] or "empty"} for each in refused],
    }
