"""The door of the control API: it answers the health check, and lets the commands in when the first one comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from aiohttp import web

from mockserver.control.access import Access
from mockserver.control.house import HEALTH, House, health
from mockserver.kernel import system
from mockserver.protocol.answers import Whole
from mockserver.protocol.negotiation import JSON

if TYPE_CHECKING:
    from mockserver.control.api import Control


class Door:
    """Answers the requests under ``/_mock/``."""

    def __init__(self, house: House, access: Access | None = None) -> None:
        self._house = house
        self._access = access
        self._control: Control | None = None

    async def __call__(self, request: web.BaseRequest) -> Whole:
        if self._control is None:
            if request.rel_url.raw_path == HEALTH and request.method == "GET":
                return Whole(200, orjson.dumps(health(self._house)), JSON, system.unique_id())
            self._control = self._opened()
        return await self._control(request)

    def _opened(self) -> Control:
        # lazy: 60 ms and 6 MB of commands and their models, in a container that only serves the API for nothing
        from mockserver.control.api import Control

        return Control(self._house, self._access)
