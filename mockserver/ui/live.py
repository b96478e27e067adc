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
from typing import Any, Final

from aiohttp import web

from mockserver.kernel.rules import Refusal
from mockserver.ui.pages import PageRequest

LIVE: Final = re.compile(r"<!--live ([a-z-]+)-->(.*?)<!--/live-->", re.DOTALL)
"""A part of a page. What comes from clients is escaped, so that no text of theirs is such a comment."""

CONTENT: Final = re.compile(r'<main id="main">.*</main>', re.DOTALL)

INTERVAL: Final = 0.5
"""Seconds of the machine between two looks at the world: a burst is joined into two updates a second."""

HEADERS: Final = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store"}
STILL_THERE: Final = ":\n\n"
"""A comment, sent while nothing happens: a client that left is noticed by it."""
QUIET: Final = 20
"""Looks without a change between two of them."""

Sleep = Callable[[float], Awaitable[Any]]


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
    fingerprint: Callable[[], Awaitable[Any]], page: Callable[[], Awaitable[str]], sleep: Sleep = asyncio.sleep
) -> AsyncIterator[str]:
    """The messages of one connection, without an end; ends where the control API refuses, as of a removed world."""
    with suppress(Refusal):
        known, shown, quiet = None, dict[str, str](), 0
        while True:
            seen = await fingerprint()
            if seen != known:
                html = await page()
                after = parts(html)
                message = update(shown, after, html)
                shown = after
                if message:
                    yield message
            quiet = quiet + 1 if seen == known else 0
            known = seen
            if quiet >= QUIET:
                quiet = 0
                yield STILL_THERE
            await sleep(INTERVAL)


async def stream(request: web.BaseRequest, messages: AsyncIterator[str]) -> web.StreamResponse:
    """Send the messages until the client leaves or they end."""
    response = web.StreamResponse(headers=HEADERS)
    await response.prepare(request)
    async for message in messages:
        await response.write(message.encode("utf-8", "replace"))
    return response


async def fingerprint(page: PageRequest) -> list[Any]:
    """What is different after anything has happened in the world: its clock, and how much there is of everything."""
    sent = await page.get("deliveries", limit=LAST, payload=False)
    return [
        await page.get("clock"),
        await page.get("faults"),
        (await page.get("state"))["resources"],
        *[(await page.get(name, limit=0))["total_count"] for name in ("moves", "events", "requests", "failures")],
        [(each["id"], each["state"], each["attempts_made"]) for each in sent["deliveries"]],
    ]


LAST: Final = 20
"""Deliveries whose attempts are looked at."""
