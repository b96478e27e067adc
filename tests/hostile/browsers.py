"""A real Chromium, where there is one; names under ``.example`` are this machine to it, as a rebound name is."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, contextmanager
from typing import Any, Final, NamedTuple

import pytest
from aiohttp import web

playwright = pytest.importorskip("playwright.async_api", reason="NO BROWSER TESTS: playwright is not installed")

CHROMIUM: Final = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

needs_browser = pytest.mark.skipif(
    CHROMIUM is None,
    reason="NO BROWSER: that pages of other sites are shut out was not tried in a real one (apt-get install chromium)",
)

ARGUMENTS: Final = (
    "--host-resolver-rules=MAP *.example 127.0.0.1",
    # The browser's own guard of local networks, which asks its user, is off: the server has to refuse by itself.
    "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests",
)
WAIT: Final = 20
"""Seconds, of a test that fails: a request that is awaited has not come."""


@asynccontextmanager
async def chromium() -> AsyncIterator[Any]:
    """A browser; starting one takes two seconds."""
    async with playwright.async_playwright() as running:
        browser = await running.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        await browser.close()


@asynccontextmanager
async def page_at(browser: Any, url: str) -> AsyncIterator[Any]:
    """A page opened as its user does by typing an address; it shares neither cache nor cookies with others."""
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(url)
    yield page
    await context.close()


class Seen(NamedTuple):
    """A request that was answered."""

    method: str
    path: str
    status: int


class Log(logging.Handler):
    """The requests that a server answered, awaited one by one."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: asyncio.Queue[Seen] = asyncio.Queue()

    def emit(self, record: logging.LogRecord) -> None:
        fields: dict[str, Any] = record.__dict__["fields"]
        self._seen.put_nowait(Seen(fields["method"], fields["path"], fields["status"]))

    async def next(self, path: str) -> Seen:
        """The next request to a path; others before it (a browser asks for an icon) are passed over."""
        async with asyncio.timeout(WAIT):
            while True:
                seen = await self._seen.get()
                if seen.path == path:
                    return seen


@contextmanager
def log_of_requests() -> Any:
    """What a server that is started meanwhile answers."""
    logger = logging.getLogger("mockserver.protocol.access_log")
    level, handler = logger.level, Log()
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    with closing(handler):
        yield handler
    logger.removeHandler(handler)
    logger.setLevel(level)


@asynccontextmanager
async def site() -> AsyncIterator[int]:
    """A web site of somebody else; its port. Every page of it is empty."""

    async def empty(_: web.BaseRequest) -> web.Response:
        return web.Response(text="<!doctype html><title>page</title><body>", content_type="text/html")

    runner = web.ServerRunner(web.Server(empty))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()
