"""An answer that comes in chunks for as long as there are any, or its client stays."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, cast

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from mockserver.control.commands import StreamResponse


async def streamed(request: web.BaseRequest, answer: StreamResponse) -> web.StreamResponse:
    """Send the chunks as they come; each write waits where the client reads more slowly than they come.

    What is refused before the first chunk is raised while the answer can still say so.
    """
    chunks = cast("AsyncGenerator[bytes, None]", answer.chunks)
    async with aclosing(chunks):
        first = await anext(chunks)
        response = web.StreamResponse(headers={"content-type": answer.media_type, "cache-control": "no-store"})
        await response.prepare(request)
        await response.write(first)
        async for chunk in chunks:
            await response.write(chunk)
        await response.write_eof()
    return response
