"""Where to go from ``/`` and ``/_mock/``: links for whoever opens the server's address, as text or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson
from aiohttp import hdrs

from mockserver.control.health import HEALTH, NAME, PAGES, PREFIX
from mockserver.kernel import system
from mockserver.protocol.answers import RawResponse
from mockserver.protocol.negotiation import JSON

if TYPE_CHECKING:
    from aiohttp import web

ROOT: Final = "/"
BARE: Final = PREFIX.rstrip("/")
"""``/_mock``, which is answered as ``/_mock/`` is."""

READING: Final = frozenset({"GET", "HEAD"})
TEXT: Final = "text/plain; charset=utf-8"

ABOUT: Final = "A mock of the Upvest Investment API: stateful, with time that can be moved."
LINKS: Final = {
    "health": HEALTH,
    "worlds": "/_mock/worlds",
    "dashboard": f"{PAGES}/",
    "control": PREFIX,
    "openapi": "/_mock/openapi.json",
    "control_openapi": "/_mock/control/openapi.json",
    "scenario_schema": "/_mock/scenario.schema.json",
}
"""Names of the links, and where they lead."""
MEANINGS: Final = {
    "health": "whether the server is ready",
    "worlds": "the worlds, and what their clients log in with",
    "dashboard": "pages to look at the worlds and to move their clocks",
    "control": "this list, and the commands below it",
    "openapi": "the mocked API as OpenAPI: its paths begin at /",
    "control_openapi": "the control API as OpenAPI: time, state, events, deliveries, faults",
    "scenario_schema": "the format of scenarios as JSON Schema, for editors",
}
HINTS: Final = (
    "Requests to the API carry the header upvest-client-id; `mockserver serve` prints a first one to try.",
    "By hand: `mockserver --help`, `mockserver clock show`. The pages are in the folder docs/ of the project.",
)


def is_asked(request: web.BaseRequest, client_id: str) -> bool:
    """Whether a request to ``/`` comes from no client of the API, which has nothing there but its own 404."""
    return request.method in READING and client_id not in request.headers


async def signpost(request: web.BaseRequest) -> RawResponse:
    """The links, as JSON where the request prefers it and as text otherwise; a browser is sent to the dashboard.

    It has nothing of the server's state.
    """
    request_id = system.unique_id()
    accept = ", ".join(request.headers.getall(hdrs.ACCEPT, ()))
    if _is_browser(accept):
        return RawResponse(303, b"", TEXT, request_id, {"location": LINKS["dashboard"]})
    if _prefers_json(accept):
        content = orjson.dumps({"name": NAME, "about": ABOUT, "links": LINKS, "hints": HINTS})
        return RawResponse(200, content, JSON, request_id)
    width = max(map(len, LINKS.values()))
    lines = [f"  {path:{width}}  {MEANINGS[name]}" for name, path in LINKS.items()]
    text = "\n".join([f"{NAME}: {ABOUT[0].lower()}{ABOUT[1:]}", "", *lines, "", *HINTS, ""])
    return RawResponse(200, text.encode(), TEXT, request_id)


def _prefers_json(accept: str) -> bool:
    """Whether JSON is named, and no text; browsers name ``text/html``, curl anything."""
    types = [each.partition(";")[0].strip().lower() for each in accept.split(",")]
    return JSON in types and not any(each.startswith("text/") for each in types)


def _is_browser(accept: str) -> bool:
    """Whether HTML is named, as browsers do; curl and other programs take anything."""
    return "text/html" in accept.lower()
