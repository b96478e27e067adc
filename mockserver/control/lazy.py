"""The control API before its first command: it answers the health check, and imports the commands when one comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from aiohttp import web

from mockserver.control.access import Access
from mockserver.control.health import HEALTH, PAGES, health
from mockserver.hosting.host import Host
from mockserver.kernel import system
from mockserver.protocol.answers import RawResponse
from mockserver.protocol.negotiation import JSON

if TYPE_CHECKING:
    from mockserver.control.router import Control
    from mockserver.ui.site import Site


class LazyControl:
    """Answers the requests under ``/_mock/``."""

    def __init__(self, host: Host, access: Access | None = None) -> None:
        self._host = host
        self._access = access
        self._control: Control | None = None
        self._pages: Site | None = None

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse | RawResponse:
        if request.rel_url.raw_path.startswith(PAGES):
            if self._pages is None:
                self._pages = self._pages_opened()
            return await self._pages(request)
        if self._control is None:
            if request.rel_url.raw_path == HEALTH and request.method == "GET":
                return RawResponse(200, orjson.dumps(health(self._host)), JSON, system.unique_id())
            self._control = self._opened()
        return await self._control(request)

    def _opened(self) -> Control:
        # lazy: 60 ms and 6 MB of commands and their models, in a container that only serves the API for nothing
        from mockserver.control.router import Control

        return Control(self._host, self._access)

    def _pages_opened(self) -> Site:
        # lazy: 90 ms and 9 MB of templates and commands, for whoever never opens the dashboard
        from mockserver.ui.site import Site

        return Site(self._host, self._access)
