"""``/{world}/deliveries``: what is sent to webhooks, every attempt and answer, and sending it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mockserver.ui.chain import attempt_look, attempts
from mockserver.ui.pages import PageRequest, Rendered, view
from mockserver.ui.world_context import world_page

ROWS: Final = 50
LOOKED_AT: Final = 2_000

STATES: Final[Mapping[str, frozenset[str]]] = {
    "open": frozenset({"WAITING", "DUE", "HELD", "RETRYING"}),
    "delivered": frozenset({"DELIVERED"}),
    "discarded": frozenset({"DISCARDED"}),
}
"""The filters of the list, each with the states that it shows."""


@view("/{world}/deliveries")
@view("/{world}/deliveries/{id}")
async def deliveries(page: PageRequest) -> Rendered:
    """The bundles, newest first, and the chosen one beside them."""
    found = (await page.get("deliveries", limit=LOOKED_AT, payload=False))["deliveries"][::-1]
    kind, wanted = page.query.get("kind", ""), page.query.get("q", "").strip().lower()
    shown = [each for each in found if (kind not in STATES or each["state"] in STATES[kind]) and wanted in _text(each)]
    number = max(1, page.number("page") or 1)
    context = await world_page(page, "deliveries", "Deliveries")
    retrying = [each for each in found if each["state"] == "RETRYING"]
    return Rendered(
        "deliveries.html",
        {
            **context,
            "rows": shown[(number - 1) * ROWS : number * ROWS],
            "counts": {"": len(found), **{name: sum(e["state"] in of for e in found) for name, of in STATES.items()}},
            "blocked": [{**each, "behind": _behind(each, found)} for each in retrying],
            "webhooks": (await page.get("state", "webhooks"))["data"],
            "events": (await page.get("events", limit=0))["total_count"],
            "page": number,
            "pages": max(1, -(-len(shown) // ROWS)),
            "q": page.query.get("q", ""),
            "kind": kind,
            "attempts": attempts,
            "attempt_look": attempt_look,
            "chosen": await _chosen(page),
        },
    )


def _text(delivery: Mapping[str, Any]) -> str:
    return " ".join((delivery["id"], *(each["type"] for each in delivery["events"]))).lower()


def _behind(blocking: Mapping[str, Any], found: list[dict[str, Any]]) -> int:
    """How many bundles of the same subscription wait behind one that is retried."""
    return sum(each["state"] == "WAITING" and each["webhook_id"] == blocking["webhook_id"] for each in found)


async def _chosen(page: PageRequest) -> dict[str, Any] | None:
    identity = page.path.get("id")
    return None if identity is None else dict(await page.get("deliveries", identity))
