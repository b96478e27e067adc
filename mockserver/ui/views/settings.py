"""``/{world}/settings``: credentials, keys, snapshots, the profile, failures, and removing the world."""

from __future__ import annotations

from mockserver.ui.pages import PageRequest, Rendered, view
from mockserver.ui.world_context import world_page

FAILURES = 20
"""Failures that are shown with their traces."""


@view("/{world}/settings")
async def settings(page: PageRequest) -> Rendered:
    """What a client logs in with, and what the world may be changed to."""
    context = await world_page(page, "settings", "Keys and settings")
    return Rendered(
        "settings.html",
        {
            **context,
            "world": await page.get(),
            "keys": await page.get("keys"),
            "webhook_keys": await page.get("webhook_keys"),
            "tokens": await page.get("tokens"),
            "profile": await page.get("profile"),
            "snapshots": (await page.get("snapshots"))["snapshots"],
            "failures": (await page.get("failures", limit=FAILURES))["failures"],
            "shown": page.query.get("show", ""),
        },
    )
