"""A page that stays up to date: server-sent events with those of its parts that changed.

A part is an element with an id between two comments of a template, ``<!--live clock-now-->…<!--/live-->``. Whenever
something happens in the world the page is made again, and what differs from what the browser has is sent. A browser
that comes back gets every part, and so misses nothing.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Final

from mockserver.kernel.rules import Refusal

LIVE: Final = re.compile(r"<!--live ([a-z-]+)-->(.*?)<!--/live-->", re.DOTALL)
"""A part of a page. What comes from clients is escaped, so that no text of theirs is such a comment."""

CONTENT: Final = re.compile(r'<main id="main">.*</main>', re.DOTALL)

PAUSE: Final = 0.25
"""Seconds of the machine between two messages: a burst is joined into four a second."""

STILL_THERE: Final = ":\n\n"
"""A comment, sent where nothing changed: a client that left is noticed by it."""


def parts(html: str) -> dict[str, str]:
    """The parts of a page by their ids."""
    return dict(LIVE.findall(html))


def update(before: dict[str, str], after: dict[str, str], html: str = "") -> str:
    """The message with the parts that changed; empty where none did. ``html``: all of the page.

    Where the page has other parts than before, as the first request to a world makes it, all of its content is sent.
    """
    if before and before.keys() != after.keys():
        found = CONTENT.search(html)
        after = {"main": found[0] if found else "", **{name: after[name] for name in before.keys() & after.keys()}}
    changed = [
        f'<hx-partial hx-target="#{name}" hx-swap="outerMorph">{html}</hx-partial>'
        for name, html in after.items()
        if before.get(name) != html
    ]
    lines = "".join(changed).split("\n")
    return "".join(f"data: {line}\n" for line in lines) + "\n" if changed else ""


async def updates(
    changes: AsyncIterator[object], page: Callable[[], Awaitable[str]], pause: float = PAUSE
) -> AsyncIterator[bytes]:
    """The messages of one connection: all parts first, then what differs after each piece of the feed.

    What comes during the pause after a message is in the next one. Ends with the feed, and where the control API
    refuses, as of a world that was removed.
    """
    shown: dict[str, str] = {}
    with suppress(Refusal):
        async for _ in changes:
            html = await page()
            after = parts(html)
            yield (update(shown, after, html) or STILL_THERE).encode("utf-8", "replace")
            shown = after
            await asyncio.sleep(pause)
