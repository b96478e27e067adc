"""Pages: what a view gets, what it gives, and the table of them by path."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import field
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from mockserver.control.calls import NOTHING, Calls, path_of
from mockserver.control.health import PAGES
from mockserver.kernel.frozen import frozen
from mockserver.kernel.rules import Refusal


class Problem(NamedTuple):
    """Why a command was refused, shown beside its form."""

    action: str
    rule: str
    text: str


@frozen
class PageRequest:
    """One request for a page."""

    calls: Calls
    path: Mapping[str, str]
    """The values of the path's parameters."""
    address: str
    """The path of the page itself."""
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    """What was filled in, where the page shows a refused form again."""
    problem: Problem | None = None
    host: str = ""
    """The header ``host``, for what is to be copied."""
    scheme: str = "http"

    @property
    def world(self) -> str:
        return self.path["world"]

    @property
    def server(self) -> str:
        """The address of the server as the browser sees it."""
        return f"{self.scheme}://{self.host}"

    async def get(self, *segments: str, **query: Any) -> Any:
        """What a GET of the control API answers about the world of the page."""
        return await self.calls.get(path_of("worlds", self.world, *segments), query)

    async def try_get(self, *segments: str, **query: Any) -> Any:
        """The same; ``None`` where the control API refuses it."""
        try:
            return await self.get(*segments, **query)
        except Refusal:
            return None

    def link(self, **changes: Any) -> str:
        """The address of this page with some parameters of the query changed; ``None`` leaves one out."""
        kept = {name: value for name, value in self.query.items() if name not in DONE}
        query = {name: value for name, value in {**kept, **changes}.items() if value not in (None, "")}
        return f"{self.address}?{urlencode(query)}" if query else self.address

    def number(self, name: str) -> int | None:
        """A parameter of the query that counts something; ``None`` where it is missing or no number."""
        text = self.query.get(name, "")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


DONE: Final = frozenset({"did", "from", "moves", "events", "deliveries"})
"""The parameters of the query that say what the last command did."""


@frozen
class Rendered:
    """What a view gives: its template and what is put into it."""

    template: str
    context: Mapping[str, Any]
    status: int = 200


View = Callable[[PageRequest], Awaitable[Rendered]]

VIEWS: Final[dict[str, View]] = {}
"""The view of each path under the dashboard's."""


def view(path: str) -> Callable[[View], View]:
    """Register the view of a path: ``@view("/{world}/timeline")``."""

    def register(function: View) -> View:
        if path in VIEWS:
            raise ValueError(f"two views are at {path}")
        VIEWS[path] = function
        return function

    return register


def page_path(*segments: str) -> str:
    """The address of a page: ``page_path("default", "timeline")``."""
    return f"{PAGES}/" + path_of(*segments).removeprefix("/_mock/")


def problem_of(action: str, refusal: Refusal) -> Problem:
    return Problem(action, refusal.rule.name, refusal.detail)


__all__ = [
    "DONE",
    "NOTHING",
    "VIEWS",
    "PageRequest",
    "Problem",
    "Rendered",
    "View",
    "page_path",
    "problem_of",
    "view",
]
