"""Reading a request body, never more of it than allowed."""

from __future__ import annotations

from aiohttp import ClientPayloadError, web
from aiohttp.http_exceptions import HttpProcessingError

from mockserver.protocol.problems import shortened
from mockserver.protocol.refusals import BODY_TOO_LARGE, BODY_UNREADABLE


async def read_body(request: web.BaseRequest, limit: int) -> bytes:
    """The body; raises a refusal when it has more than ``limit`` bytes, unpacked too, or is badly encoded."""
    length = request.content_length
    if length is not None and length > limit:
        raise BODY_TOO_LARGE.refuse(limit=limit)
    if "expect" in request.headers:
        await _ask_for_it(request)
    content = request.content
    try:
        body = await content.readany()
        while not content.at_eof():
            if len(body) > limit:
                break
            body += await content.readany()
    except (HttpProcessingError, ClientPayloadError, web.RequestPayloadError) as error:
        (*_, reason) = str(error).strip().splitlines() or [type(error).__name__]
        raise BODY_UNREADABLE.refuse(error=shortened(reason.strip())) from None
    if len(body) > limit:
        raise BODY_TOO_LARGE.refuse(limit=limit)
    return body


async def _ask_for_it(request: web.BaseRequest) -> None:
    """Ask for the body where the sender waits to be asked; any other expectation is ignored."""
    if request.headers["expect"].lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # this was not the answer yet
