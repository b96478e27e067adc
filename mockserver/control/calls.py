"""Commands of the control API called in this process, by the path and the JSON that a program would send.

Who calls them so sees what the API shows and no more: the answer is the same bytes, read back.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote, urlencode

import orjson

import mockserver.control.api  # noqa: F401 - registers the commands
from mockserver.control.commands import Command, CommandRequest, StreamResponse, command, query_of
from mockserver.control.execution import Written, carried_out
from mockserver.control.refusals import CLOCK, UNKNOWN_PATH
from mockserver.hosting.host import Host
from mockserver.kernel.clock import ClockError
from mockserver.kernel.quoting import quoted
from mockserver.protocol.negotiation import JSON
from mockserver.protocol.routing import Found, Router

NOTHING: Final[Mapping[str, Any]] = {}


class Calls:
    """The commands of one server."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._router: Router[Command] = Router()
        for each in command.all:
            self._router.add(each.method, each.path, each)

    async def get(self, path: str, query: Mapping[str, Any] = NOTHING) -> Any:
        """What ``GET path`` answers; text where it is no JSON. Raises the refusal that a program would get."""
        return await self.send("GET", path, query=query)

    async def send(self, method: str, path: str, body: Any = None, query: Mapping[str, Any] = NOTHING) -> Any:
        """What the command answers, ``None`` where that is nothing. Raises the refusal that a program would get."""
        found = self._router.match(method, path)
        if not isinstance(found, Found):
            raise UNKNOWN_PATH.refuse(method=method, path=quoted(path))
        sent = urlencode({name: _written(value) for name, value in query.items() if value is not None})
        request = CommandRequest(
            self._host,
            found.parameters,
            query_of(sent, found.target.query),
            b"" if body is None else orjson.dumps(body),
            "" if body is None else JSON,
        )
        try:
            answer = await carried_out(found.target, request)
        except ClockError as error:
            raise CLOCK.refuse(problem=error) from None
        if not isinstance(answer, Written):
            raise TypeError(f"{method} {path} is a stream, which has no end to wait for")
        if not answer.body:
            return None
        return orjson.loads(answer.body) if answer.media_type == JSON else answer.body.decode()

    async def feed(self, world: str, left: asyncio.Future[None]) -> AsyncIterator[bytes]:
        """The feed of a world in pieces, from now on, until it ends or somebody ``left``."""
        path = path_of("worlds", world, "feed")
        found = self._router.match("GET", path)
        assert isinstance(found, Found), path
        request = CommandRequest(self._host, found.parameters, {"payload": False}, b"", departure=lambda: left)
        answer = await carried_out(found.target, request)
        assert isinstance(answer, StreamResponse)
        async for piece in answer.chunks:
            yield piece


@lru_cache(maxsize=4096)
def path_of(*segments: str) -> str:
    """A path of the control API; each segment is percent-encoded: ``path_of("worlds", "default", "clock")``."""
    return "/_mock/" + "/".join(quote(each, safe="") for each in segments)


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
