"""The world that a scenario is played in: made, moved and looked into by commands, and removed in the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mockserver.client import AsyncMockServer
from mockserver.client.commands import MOST_SHOWN, part
from mockserver.replay.api import Api


class PlayedWorld:
    """One world on a server, by the Python client; ``api`` sends the requests of the client under test.

    A command that is refused raises :class:`~mockserver.client.ControlError`, one that nobody answers
    :class:`~mockserver.client.UnreachableError`.
    """

    def __init__(self, server: AsyncMockServer, api: Api, *, take_over: bool = False) -> None:
        self.api = api
        self.now = ""
        self._server = server
        self._take_over = take_over

    @property
    def client_id(self) -> str:
        return self.api.client_id

    async def create(self, scenario: Mapping[str, Any]) -> None:
        """Make a world whose clock is frozen until it is moved, and log in with all scopes of its client."""
        # by token, whatever the server's own worlds ask for: the steps of a scenario have no signatures
        asked = {"scenario": dict(scenario), "clock": "manual", "auth": "token", "take_over": self._take_over}
        world = await self.command("POST", "/_mock/worlds", asked)
        self.now = world["now"]
        await self.api.log_in(world["client_id"], world["client_secret"], world["scopes"])

    async def adopt(self, client_id: str, client_secret: str, scopes: Iterable[str]) -> None:
        """Use a world that exists."""
        await self.api.log_in(client_id, client_secret, scopes)
        await self.look_at_clock()

    async def remove(self) -> None:
        await self.command("DELETE", self.path())

    def path(self, rest: str = "") -> str:
        """A path of the control API about this world."""
        return f"/_mock/worlds/{part(self.client_id)}{rest}"

    async def command(self, method: str, path: str, body: Any = None, **query: str | int) -> Any:
        """Send a command; returns its JSON."""
        return await self._server.ask(method, path, body, **query)

    async def advance(self, how: Mapping[str, Any]) -> Any:
        """Move the clock; the answer has the rules that failed on the way, the last 10,000 of them."""
        happened = await self.command("POST", self.path("/clock/advance"), how, limit=0)
        self.now = happened["now"]
        failed = min(happened["counts"]["failures"], MOST_SHOWN)
        return {**happened, **await self.command("GET", self.path("/failures"), limit=failed)} if failed else happened

    async def look_at_clock(self) -> None:
        self.now = (await self.command("GET", self.path("/clock")))["now"]
