"""A line of the log for each request that was answered, where that is wanted: nothing is measured otherwise."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from mockserver.kernel import system
from mockserver.kernel.quoting import shortened
from mockserver.protocol.answers import REQUEST_ID, RawResponse
from mockserver.protocol.chain import CLIENT_ID

Front = Callable[[web.BaseRequest], Awaitable[web.StreamResponse | RawResponse]]

logger: Final = logging.getLogger(__name__)


def logged(front: Front, hide: Callable[[str], str]) -> Front:
    """``front`` with a line for each answer, if lines of the level INFO are wanted; else ``front`` itself.

    ``hide`` takes secrets out of a path.
    """
    if not logger.isEnabledFor(logging.INFO):
        return front

    async def answer(request: web.BaseRequest) -> web.StreamResponse | RawResponse:
        begin = system.stopwatch()
        path = shortened(hide(request.rel_url.raw_path), 500)
        try:
            response = await front(request)
        except ConnectionError:
            logger.info("%s %s → the client left before it was answered", request.method, path)
            raise
        milliseconds = round((system.stopwatch() - begin) * 1000, 2)
        fields = {
            "method": request.method,
            "path": path,
            "status": response.status,
            "ms": milliseconds,
            "client_id": shortened(request.headers.get(CLIENT_ID, "")) or None,
            "request_id": response.headers.get(REQUEST_ID),
        }
        logger.info("%s %s → %s", request.method, path, response.status, extra={"fields": fields})
        return response

    return answer
