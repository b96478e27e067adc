"""The feed of a world, an entry at a time, for programs with an event loop.

``feed.py`` is generated from this module: after a change run ``python -m mockserver.client.generate``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from mockserver.client.commands import Command, as_it_is
from mockserver.client.connections import AsyncConnection
from mockserver.client.feed_answers import END, SILENCE, FeedEntry, Lines

AsyncFeed = AsyncIterator[FeedEntry]
"""The entries in their order."""


def feed(
    connection: AsyncConnection,
    path: str,
    kinds: tuple[str, ...],
    *,
    since: int | None,
    resource: str | None,
    id: str | None,
    payload: bool,
) -> AsyncFeed:
    """The entries of the feed at ``path``."""
    query = {"kind": ",".join(kinds) or None, "since": since, "resource": resource, "id": id, "payload": payload}
    return _entries(connection.lines(Command("GET", f"{path}/feed", as_it_is, query=query), SILENCE))


async def _entries(lines: AsyncIterator[bytes]) -> AsyncFeed:
    together = Lines()
    async for line in lines:
        entry = together.take(line)
        if entry is None:
            continue
        if entry.kind == END:
            return
        yield entry
