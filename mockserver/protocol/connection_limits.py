"""How many connections there may be, how long a request may take to arrive, and what is said where it is too much."""

from __future__ import annotations

import asyncio
import logging
from http import HTTPStatus
from typing import Any, Final

from mockserver.kernel import system
from mockserver.kernel.rules import Refusal
from mockserver.protocol.answers import REQUEST_ID
from mockserver.protocol.problems import MEDIA_TYPE, refused

MOST_CONNECTIONS: Final = 4_000
"""Open at the same time, by default; each takes about 25 kB. A process that may open fewer files takes fewer."""
HEADERS_WITHIN: Final = 30.0
"""Seconds from the first bytes of a request to the end of its headers. An idle connection may stay open for an hour."""
FAREWELL: Final = 1.0
"""Seconds that a client has to read a last answer before its connection is cut."""

logger = logging.getLogger(__name__)


def affordable() -> int:
    """How many connections may be open by default: as many as files may be, less what else needs some."""
    try:
        # lazy: 0.3 ms, and there is none on Windows
        import resource
    except ImportError:
        return MOST_CONNECTIONS
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return max(1, min(MOST_CONNECTIONS, files - min(64, files // 4)))


def say_farewell(transport: asyncio.BaseTransport, refusal: Refusal) -> None:
    """Send a last answer and close, leaving the client a moment to read it."""
    assert isinstance(transport, asyncio.Transport)
    request_id, status = system.unique_id(), HTTPStatus(refusal.rule.status)
    body = refused(refusal.rule, refusal.detail, request_id)
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\n"
        f"{REQUEST_ID}: {request_id}\r\nconnection: close\r\n\r\n"
    )
    transport.write(head.encode() + body)
    if transport.can_write_eof():
        transport.write_eof()
    asyncio.get_running_loop().call_later(FAREWELL, transport.abort)


class OutOfFiles:
    """Writes one line of the log where asyncio writes thousands: when no connection can be taken for want of files."""

    def __init__(self) -> None:
        self._said = False

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Handle what asyncio reports, as ``loop.set_exception_handler`` has it."""
        if "socket.accept() out of system resource" not in str(context.get("message")):
            loop.default_exception_handler(context)
        elif not self._said:
            self._said = True
            logger.error(
                "connections cannot be accepted: %s. Raise the limit of open files (ulimit -n), or lower "
                "--max-connections; this is written once.",
                context.get("exception"),
            )
