"""The control API before its first command: it answers the health check, and imports the commands when one comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from aiohttp import web

from mockserver.control.access import Access
from mockserver.control.health import HEALTH, health
from mockserver.hosting.host import Host
from mockserver.kernel import system
from mockserver.protocol.answers import RawResponse
from mockserver.protocol.negotiation import JSON

if TYPE_CHECKING:
    from mockserver.control.router import Control


class LazyControl:
    """Answers the requests under ``/_mock/``."""

    def __init__(self, host: Host, access: Access | None = None) -> None:
        self._host = host
        self._access = access
        self._control: Control | None = None

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse | RawResponse:
        if self._control is None:
            if request.rel_url.raw_path == HEALTH and request.method == "GET":
                return RawResponse(200, orjson.dumps(health(self._host)), JSON, system.unique_id())
            self._control = self._opened()
        return await self._control(request)

    def _opened(self) -> Control:
        # lazy: 60 ms and 6 MB of commands and their models, in a container that only serves the API for nothing
        from mockserver.control.router import Control

        return Control(self._host, self._access)
