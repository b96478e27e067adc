"""Pages of a numbered record: its last entries, those after a number, those before one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from mockserver.control.commands import DEFAULT_LIMIT, LIMIT, POSITION
from mockserver.control.refusals import QUERY
from mockserver.protocol.known_names import unknown_event

if TYPE_CHECKING:
    from mockserver.control.commands import CommandRequest
    from mockserver.kernel.log import Log

T = TypeVar("T")

PAGED: Final[Mapping[str, Mapping[str, Any]]] = {"since": POSITION, "before": POSITION, "limit": LIMIT}
"""The query of a paged record; all count entries from 1."""


class Page(NamedTuple):
    """Some of the entries that were looked for, each with its number."""

    entries: Sequence[tuple[int, Any]]
    next: int
    """The ``since`` of the page that follows."""


def after(request: CommandRequest) -> int:
    """The number after which the page begins."""
    return int(request.value("since", 0))


def numbered(request: CommandRequest, log: Log[T]) -> list[tuple[int, T]]:
    """The entries of a log from which the page is taken, with their numbers."""
    entries = log.since(after(request))
    return list(enumerate(entries, log.end - len(entries) + 1))


def page(request: CommandRequest, found: Sequence[tuple[int, Any]], end: int) -> Page:
    """The page that a command asks for, of the entries that fit it; ``end``: the number of the last entry of all.

    The last of them; with ``since`` the first after that number, so that a reader who comes back with ``next`` misses
    none; with ``before`` the last before that number, to page back.
    """
    since, before, limit = request.value("since"), request.value("before"), request.value("limit", DEFAULT_LIMIT)
    if before is not None:
        found = [each for each in found if each[0] < before]
    if since is None:
        return Page(found[max(0, len(found) - limit) :], end)
    shown = found[:limit]
    if len(shown) < len(found):
        return Page(shown, shown[-1][0] if shown else since)
    return Page(shown, end)


def event_type(wanted: str | None) -> str | None:
    """An event type or a family in the query; a refusal for a name that the API does not have."""
    wrong = None if wanted is None else unknown_event(wanted)
    if wrong is not None:
        raise QUERY.refuse(name="type", problem=wrong)
    return wanted
