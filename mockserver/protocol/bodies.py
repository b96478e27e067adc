"""Reading a request body, never more of it than allowed."""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import ClientPayloadError, StreamReader, web
from aiohttp.http_exceptions import HttpProcessingError

from mockserver.kernel.garbage import without_frames
from mockserver.kernel.quoting import shortened
from mockserver.protocol.refusals import BODY_TIMEOUT, BODY_TOO_LARGE, BODY_UNREADABLE

PROGRESS_WITHIN: Final = 30.0
"""Seconds that a body may go without a single byte more; how long all of it takes is not limited."""


async def read_body(request: web.BaseRequest, limit: int) -> bytes:
    """The body; raises a refusal when it has more than ``limit`` bytes, unpacked too, or is badly encoded.

    A body that stops arriving is refused too.
    """
    length = request.content_length
    if length is not None and length > limit:
        raise BODY_TOO_LARGE.refuse(limit=limit)
    if "expect" in request.headers:
        await _ask_for_it(request)
    content = request.content
    try:
        if content.is_eof():  # all of it has arrived
            body = await content.readany()
            size = len(body)
        else:
            body, size = await _received(content, limit)
    except TimeoutError:
        raise BODY_TIMEOUT.refuse(seconds=round(PROGRESS_WITHIN)) from None
    except ConnectionError as error:
        without_frames(error)  # the stream keeps it, and this frame the stream
        raise ConnectionResetError("the client left before all of its request was there") from None
    except (HttpProcessingError, ClientPayloadError, web.RequestPayloadError) as error:
        without_frames(error)
        (*_, reason) = str(error).strip().splitlines() or [type(error).__name__]
        raise BODY_UNREADABLE.refuse(error=shortened(reason.strip())) from None
    if size > limit:
        raise BODY_TOO_LARGE.refuse(limit=limit)
    return body


async def _received(content: StreamReader, limit: int) -> tuple[bytes, int]:
    """A body as its pieces arrive, joined once, and how many bytes were read; nothing of a body that is too large."""
    pieces: list[bytes] = []
    size = 0
    while size <= limit and not content.at_eof():
        async with asyncio.timeout(PROGRESS_WITHIN):
            pieces.append(await content.readany())
        size += len(pieces[-1])
    return (b"".join(pieces) if size <= limit else b""), size


async def _ask_for_it(request: web.BaseRequest) -> None:
    """Ask for the body where the sender waits to be asked; any other expectation is ignored."""
    if request.headers["expect"].lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # this was not the answer yet
