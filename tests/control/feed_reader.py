"""Reading the feed of the default world over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import orjson

from tests.conftest import Api

DEFAULT = "/_mock/worlds/default"
FEED = f"{DEFAULT}/feed"


class Reader:
    """A reader of the feed, an entry at a time."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response

    async def next(self) -> dict[str, Any]:
        """The data of the next entry."""
        found: dict[str, str] = {}
        while True:
            line = (await asyncio.wait_for(self.response.content.readline(), 10)).decode().rstrip("\n")
            if line and not line.startswith(":"):
                name, _, value = line.partition(": ")
                found[name] = value
            elif "data" in found:
                data: dict[str, Any] = orjson.loads(found["data"])
                assert found["event"] == data["kind"]
                assert found.get("id") == (str(data["number"]) if "number" in data else None)
                return data

    async def until(self, number: int) -> list[dict[str, Any]]:
        """The entries up to a number."""
        found = [await self.next()]
        while found[-1]["number"] < number:
            found.append(await self.next())
        return found


@asynccontextmanager
async def reading(client: Api, query: str = "", **headers: str) -> AsyncIterator[Reader]:
    async with client.http.get(f"{FEED}{query}", headers=headers) as response:
        assert response.status == 200, await response.read()
        assert response.headers["content-type"] == "text/event-stream"
        await response.content.readline()  # it listens from here on
        yield Reader(response)
