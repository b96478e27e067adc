"""``/{world}/state/{resource}/{id}``: how one object is and why, what it waits for, and what is next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import ndiff
from operator import itemgetter
from typing import Any

from mockserver.ui.pages import PageRequest, Rendered, view
from mockserver.ui.rendering import pretty
from mockserver.ui.world_context import world_page


@view("/{world}/state/{resource}/{id}")
async def one_object(page: PageRequest) -> Rendered:
    """All that the control API knows of one object."""
    resource, identity = page.path["resource"], page.path["id"]
    found = await page.get("state", resource, identity)
    versions = await _versions(page, found)
    chosen = min(page.number("version") or len(versions), len(versions))
    context = await world_page(page, "state", f"{resource.replace('_', ' ')} {identity}")
    before = versions[chosen - 2]["object"] if chosen > 1 else None
    return Rendered(
        "object.html",
        {
            **context,
            "found": found,
            "versions": versions,
            "chosen": chosen,
            "lines": list(changes(before, versions[chosen - 1]["object"])),
            "story": story(found),
            "related": await _related(page, found),
        },
    )


async def _versions(page: PageRequest, found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The earlier versions that the control API gives, else those that events carried; the last is how it is now."""
    given = found.get("versions")
    if given:
        return [{"at": each["at"], "label": each.get("state") or "", "object": each["object"]} for each in given]
    versions: list[dict[str, Any]] = []
    events = {each["id"] for each in found["events"]}
    if events:
        for each in (await page.get("events", limit=1000))["events"]:
            if each["id"] in events and (not versions or versions[-1]["object"] != each["object"]):
                label = each["type"].partition(".")[2]
                versions.append({"at": each["created_at"], "label": label, "object": each["object"]})
    if not versions or versions[-1]["object"] != found["object"]:
        now = {"at": "", "label": found["state"] or "now", "object": found["object"]}
        versions.append(now)
    return versions[-8:]


def changes(before: Any, after: Any) -> Iterator[tuple[str, str]]:
    """The lines of the object as JSON, those that changed marked ``add`` and ``del``."""
    if before is None:
        yield from (("", line) for line in pretty(after).splitlines())
        return
    kinds = {"+ ": "add", "- ": "del", "  ": ""}
    for line in ndiff(pretty(before).splitlines(), pretty(after).splitlines()):
        if line[:2] in kinds:
            yield kinds[line[:2]], line[2:]


def story(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Requests, moves, events without a move, and what is due, in order of time."""
    moves = [{"at": each["at"], "kind": "move", "move": each} for each in found["history"]]
    requests = [{"at": each["at"], "kind": "request", "request": each} for each in found["requests"]]
    events = [{"at": each["at"], "kind": "event", "event": each} for each in found["events"]]
    due = [{"at": each["due"], "kind": "due", "due": each} for each in found["upcoming"]]
    return sorted([*requests, *moves, *events], key=itemgetter("at")) + due


async def _related(page: PageRequest, found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The objects that the control API names as related, else those that members like ``account_id`` name."""
    given = found.get("related")
    if given is not None:
        return [dict(each) for each in given]
    related = []
    for name, value in found["object"].items() if isinstance(found["object"], dict) else ():
        if name.endswith("_id") and isinstance(value, str) and value:
            resource = f"{name[:-3]}s"
            other = await page.try_get("state", resource, value)
            if other is not None:
                related.append({"resource": resource, "id": value, "state": other["state"]})
    return related
