"""``/keys``: what each key of the keyboard does."""

from __future__ import annotations

from typing import Final

from mockserver import __version__
from mockserver.ui.pages import PageRequest, Rendered, view
from mockserver.ui.world_context import TABS, shared_context

KEYS: Final = (
    ("/", "search the world"),
    ("N", "move the clock to what is due next"),
    ("H", "one hour on"),
    ("D", "one day on"),
    ("I", "on until nothing but recurring runs is due"),
    ("T", "type an instant to move to"),
    *((f"G then {key.upper()}", label) for _, label, key in TABS),
    (".", "copy the link to this moment"),
    ("C", "a new world (on the first page)"),
    ("?", "this list"),
)
"""Every key has a visible button too."""


@view("/keys")
async def keys(page: PageRequest) -> Rendered:
    """The list of keys."""
    about = {"version": __version__, "server": page.host}
    return Rendered("keys.html", {**shared_context(page), "about": about, "keys": KEYS})
