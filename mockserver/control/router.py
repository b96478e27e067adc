"""The control API: commands under ``/_mock/``, JSON in and out, problem+json when something is wrong."""

from __future__ import annotations

import logging
from functools import partial
from typing import Final

from aiohttp import web

import mockserver.control.api  # noqa: F401 - registers the commands
from mockserver.control.access import Access
from mockserver.control.commands import Command, CommandRequest, StreamResponse, command, query_of
from mockserver.control.execution import carried_out
from mockserver.control.health import HEALTH, PREFIX
from mockserver.control.media_types import check_media_type
from mockserver.control.refusals import BROKEN, CLOCK, UNKNOWN_PATH, WRONG_METHOD
from mockserver.control.signpost import BARE, READING, signpost
from mockserver.control.streaming import streamed
from mockserver.hosting.host import Host
from mockserver.kernel import system
from mockserver.kernel.clock import ClockError
from mockserver.kernel.garbage import without_frames
from mockserver.kernel.quoting import quoted, shortened
from mockserver.kernel.rules import Refusal
from mockserver.protocol.answers import NOTHING_ELSE, Gone, RawResponse
from mockserver.protocol.bodies import read_body
from mockserver.protocol.connections import departure
from mockserver.protocol.problems import MEDIA_TYPE, refused
from mockserver.protocol.redaction import masked_tokens
from mockserver.protocol.routing import Found, Router, WrongMethod

LARGEST_BODY: Final = 50_000_000
"""Bytes; a scenario of thousands of accounts may be sent inline."""

logger = logging.getLogger(__name__)


class Control:
    """Answers the requests under ``/_mock/``: the health check to everybody, the rest to those who have ``access``."""

    def __init__(self, host: Host, access: Access | None = None) -> None:
        self._host = host
        self._access = access or Access()
        self._router: Router[Command] = Router()
        for each in command.all:
            self._router.add(each.method, each.path, each)

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse | RawResponse:
        path = request.rel_url.raw_path
        found = self._router.match(request.method, path)
        request_id = system.unique_id()
        try:
            if path != HEALTH:
                self._access.check(request)
            if path in (PREFIX, BARE) and request.method in READING:
                return await signpost(request)
            if not isinstance(found, Found):
                raise _nowhere(request, found)
            body = b""
            if request.body_exists:
                check_media_type(request.headers, found.target.accepts)
                body = await read_body(request, LARGEST_BODY)
            query = query_of(request.rel_url.raw_query_string, found.target.query) if path != HEALTH else {}
            left = partial(departure, request)
            asked = CommandRequest(
                self._host, found.parameters, query, body, request.content_type, left, request.headers
            )
            answer = await carried_out(found.target, asked)
            if isinstance(answer, StreamResponse):
                return await streamed(request, answer)
            return RawResponse(answer.status, answer.body, answer.media_type, request_id)
        except Refusal as reason:
            refusal = without_frames(reason)
        except ClockError as error:
            refusal = CLOCK.refuse(problem=error)
        except ConnectionError:
            return Gone()
        except Exception as error:  # a bug, whatever was sent
            logger.exception("%s %s failed", request.method, shortened(masked_tokens(path)))
            refusal = BROKEN.refuse(error=shortened(repr(error)))
        allow = {"allow": found.allow} if isinstance(found, WrongMethod) else NOTHING_ELSE
        content = refused(refusal.rule, refusal.detail, request_id)
        return RawResponse(refusal.rule.status, content, MEDIA_TYPE, request_id, allow)


def _nowhere(request: web.BaseRequest, found: WrongMethod | None) -> Refusal:
    path, method = quoted(request.rel_url.raw_path), shortened(request.method)
    if found is None:
        return UNKNOWN_PATH.refuse(method=method, path=path)
    return WRONG_METHOD.refuse(method=method, path=path, allow=found.allow)
