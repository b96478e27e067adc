"""Pages as a browser without scripts sees them: opened, taken apart, and their forms sent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from html.parser import HTMLParser
from typing import Any, Final

import aiohttp

from mockserver.server import ServerSettings, start

UI: Final = "/_mock/ui"
VOID: Final = frozenset({"meta", "link", "img", "input", "br"})


class Page(HTMLParser):
    """A page taken apart: its elements in order, with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        """The attributes of all elements of a name that have these values."""
        found = [attributes for name, attributes in self.elements if name == tag]
        return [each for each in found if all(each.get(name) == value for name, value in wanted.items())]

    @property
    def ids(self) -> list[str]:
        return [attributes["id"] for _, attributes in self.elements if "id" in attributes]

    @property
    def links(self) -> list[str]:
        return [each["href"] for each in self.all("a") if "href" in each]


class Visitor:
    """Somebody with a browser without scripts: forms are sent with the origin of the page."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session, self.url = session, url

    async def open(self, path: str, status: int = 200, **options: Any) -> Page:
        async with self.session.get(UI + path, **options) as answer:
            text = await answer.text()
            assert answer.status == status, text[-2000:]
            return Page(text)

    async def send(self, path: str, /, *, origin: str | None = "", **fields: str) -> tuple[int, str, Page]:
        """Send a form; the status, where it leads and what is shown. ``None``: without an origin."""
        headers = {} if origin is None else {"origin": origin or self.url}
        async with self.session.post(UI + path, data=fields, headers=headers, allow_redirects=False) as answer:
            return answer.status, answer.headers.get("location", ""), Page(await answer.text())

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """A command of the control API, or a request to the API."""
        async with self.session.request(method, path, json=body, headers=headers) as answer:
            assert answer.status < 400 or not path.startswith("/_mock/"), await answer.text()
            return await answer.json() if answer.content_type.endswith("json") else await answer.text()

    async def state(self) -> Any:
        return await self.ask("GET", "/_mock/worlds/default/clock")


@asynccontextmanager
async def visiting(**settings: Any) -> AsyncIterator[Visitor]:
    """A server whose worlds are frozen, and somebody who visits it."""
    given: Mapping[str, Any] = {"port": 0, "clock": "manual", "auth": "off", **settings}
    async with await start(ServerSettings(**given)) as server, aiohttp.ClientSession(server.url) as session:
        yield Visitor(session, server.url)
