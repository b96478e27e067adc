"""An answer that leaves in one piece: a head that is made once a second, what differs, and the body as it is kept.

aiohttp's own response walks a dictionary of headers through three objects and six coroutines, for every answer anew:
that is a fifth of what reading a resource costs, and nearly all of our heads is the same every time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import Final

from aiohttp import web
from aiohttp.http import SERVER_SOFTWARE, HttpVersion10, HttpVersion11
from multidict import istr

from mockserver.kernel import system

REQUEST_ID: Final = istr("upvest-request-id")  # an istr is looked up without folding its case each time
CONTENT_TYPE: Final = istr("content-type")

CLIENT_LEFT: Final = 499
"""A status for the log, as nginx has it: nobody is there to be answered."""

NOTHING_ELSE: Final[Mapping[str, str]] = {}
_UNSENDABLE: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class RawResponse:
    """What aiohttp's connection asks of a response, and no more: it is not one, see :meth:`response`."""

    __slots__ = ("_request", "body", "keep_alive", "kind", "others", "request_id", "status")

    def __init__(
        self,
        status: int,
        body: bytes | None,
        kind: str | None,
        request_id: str,
        others: Mapping[str, str] = NOTHING_ELSE,
    ) -> None:
        """``kind``: the type of the body, if there is one; ``others``: the headers that only few answers have."""
        self.status = status
        self.body = body
        self.kind = kind
        self.request_id = request_id
        self.others = others
        self.keep_alive = True

    @property
    def headers(self) -> dict[str, str]:
        """The headers that are the answer's own, beside those of the connection and the time."""
        headers: dict[str, str] = {REQUEST_ID: self.request_id, **self.others}
        if self.kind is not None:
            headers[CONTENT_TYPE] = self.kind
        return headers

    def response(self) -> web.Response:
        """The same for an application of somebody else, whose middlewares and signals expect aiohttp's response."""
        return web.Response(status=self.status, body=self.body, headers=self.headers)

    async def prepare(self, request: web.BaseRequest) -> None:
        self._request = request
        self.keep_alive = request.keep_alive

    async def write_eof(self) -> None:
        """Send all of it."""
        request, body = self._request, self.body or b""
        head = _head(self.status, self.kind, system.wall_seconds())
        if not self.keep_alive or request.version != HttpVersion11 or self.others:
            head += self._rarely(request)
        if self.status != HTTPStatus.NO_CONTENT:
            head = b"%bcontent-length: %d\r\n" % (head, len(body))
        if request.method == "HEAD":
            body = b""
        await request.writer.write_eof(b"%bupvest-request-id: %b\r\n\r\n%b" % (head, self.request_id.encode(), body))

    def _rarely(self, request: web.BaseRequest) -> bytes:
        """The lines that only few heads have."""
        lines = [f"{name}: {value}\r\n" for name, value in self.others.items()]
        if any(_UNSENDABLE.search(line[:-2]) for line in lines):
            raise ValueError(f"a header has a character that would end it: {lines}")
        if not self.keep_alive:
            lines.append("connection: close\r\n")
        elif request.version == HttpVersion10:
            lines.append("connection: keep-alive\r\n")
        return "".join(lines).encode()


class Gone(RawResponse):
    """To a client that has left: nothing is sent, the connection is closed, and the log has nothing of it.

    An answer and no exception, since the task of a connection would keep that together with all of its frames.
    """

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(CLIENT_LEFT, None, None, "")

    def response(self) -> web.Response:
        raise ConnectionResetError("the client has left")

    async def prepare(self, _: web.BaseRequest) -> None:
        raise ConnectionResetError("the client has left")


@lru_cache(maxsize=64)
def _head(status: int, kind: str | None, second: int) -> bytes:
    """The part of a head that many answers have in common."""
    lines = [
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        f"date: {formatdate(second, usegmt=True)}",
        f"server: {SERVER_SOFTWARE}",
        *([] if kind is None else [f"content-type: {kind}"]),
        "",
    ]
    return "\r\n".join(lines).encode()
