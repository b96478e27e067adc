"""Connections with limits, which answer in problem+json even where the request is no HTTP.

Nothing above ever sees the requests that are answered here: what cannot be parsed, what takes too long to arrive, and
what comes when there are as many connections as may be open.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final, cast

from aiohttp import ClientPayloadError, web
from aiohttp.http_exceptions import HttpProcessingError

from mockserver.kernel import system
from mockserver.kernel.garbage import without_frames
from mockserver.kernel.quoting import shortened
from mockserver.protocol.access_log import Front
from mockserver.protocol.answers import REQUEST_ID
from mockserver.protocol.connection_limits import HEADERS_WITHIN, affordable, say_farewell
from mockserver.protocol.problems import MEDIA_TYPE, refused
from mockserver.protocol.refusals import BROKEN_HTTP, HEADERS_TIMEOUT, INTERNAL, TOO_MANY_CONNECTIONS

CLIENTS_FAULTS: Final = (ConnectionError, HttpProcessingError, ClientPayloadError, web.RequestPayloadError)
"""What a request that is badly sent raises while its body is read, and a client that leaves."""

logger = logging.getLogger(__name__)


class Connections(web.Server):
    """aiohttp's server of plain requests: without an application around them, which would route once more."""

    def __init__(self, front: Front, most: int | None = None) -> None:
        """``most``: connections that may be open at the same time."""
        # What `front` answers with has what a connection asks of a response: aiohttp has no type for that alone.
        super().__init__(cast("Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]", front), access_log=None)
        self.most = affordable() if most is None else most

    def __call__(self) -> web.RequestHandler:
        return _Connection(self, loop=self._loop, **self._kwargs)


class _Connection(web.RequestHandler):
    _receiving: asyncio.TimerHandle | None = None
    """Runs while the headers of a request have begun to arrive and are not all there."""
    departure: asyncio.Future[None] | None = None
    """Done when the client leaves; ``None`` where no request wants to know."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        server = cast("Connections", self._manager)
        if len(server._connections) < server.most:
            super().connection_made(transport)
        else:
            self._force_close = True  # whatever arrives is not parsed
            say_farewell(transport, TOO_MANY_CONNECTIONS.refuse(limit=server.most))

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self._messages and not self._request_in_progress and self._receiving is None:
            self._receiving = self._loop.call_later(HEADERS_WITHIN, self._check_progress, self._request_count)

    def connection_lost(self, exc: BaseException | None) -> None:
        if self._receiving is not None:
            self._receiving.cancel()
        if self.departure is not None and not self.departure.done():
            self.departure.set_result(None)
        super().connection_lost(exc)

    def _check_progress(self, count: int) -> None:
        """Cut the connection off if its headers are still incomplete: no request has come, and none is waited for."""
        self._receiving = None
        waiting = self._waiter is not None and not self._waiter.done()
        if count == self._request_count and waiting and self.transport is not None:
            self._force_close = True
            say_farewell(self.transport, HEADERS_TIMEOUT.refuse(seconds=round(HEADERS_WITHIN)))

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if exc is not None and (status < 500 or isinstance(exc, CLIENTS_FAULTS)):
            without_frames(exc)  # the frames hold what was received, and that holds the exception
        if isinstance(exc, ConnectionError):
            logger.debug("a client left before it was answered: %s", exc)
            raise exc  # aiohttp closes the connection without a word
        if status < 500:
            (reason, *_) = (message or "").strip().splitlines() or ["unreadable"]
            refusal = BROKEN_HTTP.refuse(error=shortened(reason.rstrip(":")))
            logger.info("%s", refusal.detail)
        else:
            logger.error("a request failed outside of the chain", exc_info=exc)
            refusal = INTERNAL.refuse(error=shortened(repr(exc)))
        if request.writer.output_size > 0:
            raise ConnectionError("the answer is on its way already: the connection can only be closed")
        request_id = system.unique_id()
        response = web.Response(
            status=refusal.rule.status,
            body=refused(refusal.rule, refusal.detail, request_id),
            headers={REQUEST_ID: request_id, "content-type": MEDIA_TYPE},
        )
        response.force_close()
        return response

    def log_exception(self, *args: Any, **kw: Any) -> None:
        """Log what aiohttp calls unhandled; what a client does wrong after its request was answered is no error."""
        error = kw.get("exc_info")
        if isinstance(error, CLIENTS_FAULTS):
            without_frames(error)
            logger.debug("the rest of a request that was answered already could not be read: %s", _line(error))
        else:
            super().log_exception(*args, **kw)


def departure(request: web.BaseRequest) -> asyncio.Future[None]:
    """Done when the client leaves before its request is answered; never behind an application of somebody else."""
    left: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    if isinstance(request.protocol, _Connection):
        request.protocol.departure = left
    return left


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
