"""``/{world}/recording``: what was done to the world, as a scenario that replays."""

from __future__ import annotations

from mockserver.ui.pages import PageRequest, Rendered, view
from mockserver.ui.world_context import world_page


@view("/{world}/recording")
async def recording(page: PageRequest) -> Rendered:
    """The recorded scenario as text."""
    text = await page.get("scenario", format="yaml")
    context = await world_page(page, "recording", "Recording")
    return Rendered("recording.html", {**context, "text": text})
