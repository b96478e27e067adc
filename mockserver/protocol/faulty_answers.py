"""The answers of faults: an error in the contract's form, a body that is spoiled, a connection that breaks."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple

import orjson
from aiohttp import web

from mockserver.protocol.answers import RawResponse
from mockserver.protocol.faults import BODILESS, ActiveFault, RequestFault
from mockserver.protocol.negotiation import JSON
from mockserver.protocol.problems import MEDIA_TYPE, problem
from mockserver.protocol.refusals import TOO_MANY_REQUESTS

RESET: Final = 0
"""The status of a request that got no answer."""

DETAILS: Final[dict[int, str]] = {429: "Too many requests: repeat with exponential backoff."}
"""What a problem says unless the fault says it; concepts.md §5 names no headers of a limit, so none are sent."""

_LINGER: Final = struct.pack("ii", 1, 0)  # closing sends RST at once, and nothing that was written before


class Faulty(NamedTuple):
    """What a client gets of a request that a fault met."""

    status: int
    headers: dict[str, str]
    body: bytes | None
    name: str = ""
    """How the journal calls what refused the request."""
    cut: bool = False
    """The connection ends after half of the body; with the status 0 before any of it."""

    @property
    def sent(self) -> bytes:
        """The bytes of the body that are sent."""
        body = self.body or b""
        return body[: len(body) // 2] if self.cut else body


def faulty(
    standing: ActiveFault, status: int, headers: Mapping[str, str], body: bytes | None, request_id: str
) -> Faulty:
    """The answer in place of the sound one, of which status, headers and body are given."""
    rule = standing.rule
    if rule.reset:
        return Faulty(RESET, {}, None, f"fault.{standing.id} cut off")
    given = dict(headers)
    if rule.status is not None or rule.rate_limit:
        status = rule.status or TOO_MANY_REQUESTS.status
        body, kind = _content(rule, status, request_id, standing.id)
        given = {name: value for name, value in given.items() if name not in ("content-type", "allow")}
        given |= {} if kind is None else {"content-type": kind}
        for name, value in rule.headers.items():
            given[name.lower()] = value
        if rule.retry_after is not None:
            given["retry-after"] = str(rule.retry_after)
    if rule.empty:
        body = None
        given.pop("content-type", None)
    elif rule.malformed:
        body = _malformed(body)
        given.setdefault("content-type", JSON)
    name = f"fault.{standing.id}{' cut off' if rule.truncated else ''}"
    return Faulty(status, given, body, name, cut=bool(rule.truncated))


def _content(rule: RequestFault, status: int, request_id: str, fault_id: str) -> tuple[bytes | None, str | None]:
    """The body and its type."""
    if status in BODILESS:
        return None, None
    if "body" in rule.model_fields_set:
        if isinstance(rule.body, str):
            return rule.body.encode("utf-8", "replace"), "text/plain; charset=utf-8"
        return orjson.dumps(rule.body), JSON
    if status < 400:
        return None, None
    detail = DETAILS.get(status, f"The fault {fault_id} of this world answers so.")
    content = problem(status, request_id, detail)
    if rule.problem is not None:
        own: dict[str, Any] = rule.problem.model_dump(exclude_none=True)
        content = orjson.dumps({**orjson.loads(content), **own}, option=orjson.OPT_SORT_KEYS)
    return content, MEDIA_TYPE


def _malformed(body: bytes | None) -> bytes:
    """JSON without its end: no parser takes it."""
    return (body or b"")[: len(body or b"") // 2] + b'{"'


async def send(
    request: web.BaseRequest, answer: RawResponse | Faulty, delay: timedelta = timedelta()
) -> web.StreamResponse | RawResponse:
    """Answer after ``delay`` of the machine's time, as far as there is an answer."""
    if delay:
        await asyncio.sleep(delay.total_seconds())
    if isinstance(answer, RawResponse):
        return answer
    if answer.status == RESET:
        _reset(request)
        return web.Response()  # which nobody gets
    if not answer.cut:
        return web.Response(status=answer.status, body=answer.body, headers=answer.headers)
    body = answer.body or b""
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    response.content_length = max(1, len(body))
    response.force_close()
    await response.prepare(request)
    await response.write(answer.sent)
    if request.transport is not None:
        request.transport.close()  # what was written is sent first
    return response


def _reset(request: web.BaseRequest) -> None:
    transport = request.transport
    if transport is None:
        return
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
    transport.abort()
