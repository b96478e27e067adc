"""Connections that answer in problem+json even where the request is no HTTP: nothing above ever sees such a request."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any, cast

from aiohttp import web

from mockserver.kernel import system
from mockserver.kernel.garbage import without_frames
from mockserver.protocol.access_log import Front
from mockserver.protocol.answers import REQUEST_ID
from mockserver.protocol.problems import MEDIA_TYPE, refused, shortened
from mockserver.protocol.refusals import BROKEN_HTTP, INTERNAL

logger = logging.getLogger(__name__)


class Connections(web.Server):
    """aiohttp's server of plain requests: without an application around them, which would route once more."""

    def __init__(self, front: Front) -> None:
        # What `front` answers with has what a connection asks of a response: aiohttp has no type for that alone.
        super().__init__(cast("Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]", front), access_log=None)

    def __call__(self) -> web.RequestHandler:
        return _Connection(self, loop=self._loop, **self._kwargs)


class _Connection(web.RequestHandler):
    def log_exception(self, *args: Any, **kw: Any) -> None:
        """Log what went wrong, but for a body that cannot be unpacked: its request was refused already."""
        if isinstance(error := kw.get("exc_info"), web.RequestPayloadError | ConnectionError):
            without_frames(error)
        else:
            super().log_exception(*args, **kw)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if exc is not None and status < 500:
            without_frames(exc)  # the frames hold what was received, and that holds the exception
        if request.writer.output_size > 0:
            raise ConnectionError("the answer is on its way already: the connection can only be closed")
        if status < 500:
            (reason, *_) = (message or "").strip().splitlines() or ["unreadable"]
            refusal = BROKEN_HTTP.refuse(error=shortened(reason.rstrip(":")))
        else:
            logger.error("a request failed outside of the chain", exc_info=exc)
            refusal = INTERNAL.refuse(error=shortened(repr(exc)))
        request_id = system.unique_id()
        response = web.Response(
            status=refusal.rule.status,
            body=refused(refusal.rule, refusal.detail, request_id),
            headers={REQUEST_ID: request_id, "content-type": MEDIA_TYPE},
        )
        response.force_close()
        return response
