"""What every page of a world shows: its name, its clock, its tabs with counts, and what the last command did."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from mockserver.ui.actions import ACTIONS
from mockserver.ui.pages import DONE, PageRequest, page_path

TABS: Final = (
    ("timeline", "Timeline", "t"),
    ("state", "State", "s"),
    ("requests", "Requests", "r"),
    ("deliveries", "Deliveries", "d"),
    ("faults", "Faults", "f"),
    ("charts", "Charts", "c"),
    ("recording", "Recording", "e"),
    ("settings", "Keys & settings", "k"),
)
"""The views of a world: name in the address, label, and the key after ``G``."""

SHOWN: Final = 60
"""How much of what is due a page looks at."""

STILL: Final = frozenset({"at", "before", "from", "page", "version"})
"""Parameters of pages that are about what was."""

THEMES: Final = frozenset({"light", "dark"})


async def world_page(page: PageRequest, tab: str, title: str, **context: Any) -> dict[str, Any]:
    """The context of a page of a world, with the view's own members."""
    world, clock = await page.get(), await page.get("clock")
    state = await page.get("state")
    upcoming = await page.get("upcoming", limit=SHOWN)
    faults = await page.get("faults")
    failures = await page.get("failures", limit=0)
    counts = {
        "state": sum(state["resources"].values()),
        "requests": (await page.get("requests", limit=0))["total_count"],
        "deliveries": (await page.get("deliveries", limit=0, payload=False))["total_count"],
        "faults": len(faults["faults"]),
    }
    due = upcoming["upcoming"]
    shared = shared_context(page)
    here = {
        "title": title,
        "world": page.world,
        "client_id": world["client_id"],
        "name": world["scenario"] or "empty world",
        "profile": world["profile"],
        "auth": world["auth"],
        "snapshots": world["snapshots"],
        "now": clock["now"],
        "mode": clock["mode"],
        "idle": clock["idle"],
        "under_way": clock["under_way"],
        "move": clock["move"],
        "next": due[0] if due else None,
        "due": sum(not each["background"] for each in due),
        "recurring": sum(each["background"] for each in due),
        "failures": failures["total_count"],
        "server": page.host,
        "tabs": [
            {
                "name": name,
                "label": label,
                "key": key,
                "href": shared["to"](page.world, name),
                "current": name == tab,
                "count": counts.get(name),
                "hot": name == "faults" and counts["faults"] > 0,
            }
            for name, label, key in TABS
        ],
        "live": live_address(page),
        "moment": page.server + page.link(at=clock["now"]),
    }
    return {**shared, "here": here, "resources": state["resources"], "upcoming": upcoming, "faults": faults, **context}


def shared_context(page: PageRequest) -> dict[str, Any]:
    """What every page is given."""
    theme = _theme(page)

    def to(*segments: Any, **query: Any) -> str:
        """The address of a page; the theme goes with it."""
        chosen = urlencode(theme | query)
        return page_path(*map(str, segments)) + (f"?{chosen}" if chosen else "")

    return {
        "theme": theme.get("theme", ""),
        "to": to,
        "link": page.link,
        "address": page.link(),
        "form": page.form,
        "problem": page.problem,
        "done": done(page),
        "query": page.query,
        "server": page.server,
    }


def live_address(page: PageRequest) -> str:
    """Where the parts of the page that change come from; empty for a page about the past or of earlier rows."""
    if any(name in page.query for name in STILL) or page.problem is not None:
        return ""
    query = {name: value for name, value in page.query.items() if name not in DONE}
    shown = page.address.removeprefix(page_path(page.world)).strip("/") or TABS[0][0]
    return f"{page_path(page.world, 'live')}?{urlencode({**query, 'page': shown})}"


def _theme(page: PageRequest) -> dict[str, str]:
    """The choice of a theme goes with every link."""
    theme = page.query.get("theme", "")
    return {"theme": theme} if theme in THEMES else {}


def done(page: PageRequest) -> dict[str, Any] | None:
    """What the last command did, as the address of the page says it; ``None`` where it names no command."""
    action = ACTIONS.get(page.query.get("did", ""))
    if action is None:
        return None
    counts = {name: page.number(name) or 0 for name in ("moves", "events", "deliveries")}
    return {"text": action.done, "since": page.query.get("from", ""), **counts}
