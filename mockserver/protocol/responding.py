"""The response to a request, and its entry in the journal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from aiohttp import web

from mockserver.contract import Operation
from mockserver.kernel import system
from mockserver.kernel.rules import Refusal, Rule
from mockserver.protocol.answers import NOTHING_ELSE, RawResponse
from mockserver.protocol.clients import Client
from mockserver.protocol.faults import ActiveFault
from mockserver.protocol.faulty_answers import Faulty, faulty
from mockserver.protocol.journal import headers_of
from mockserver.protocol.negotiation import JSON
from mockserver.protocol.problems import MEDIA_TYPE, refused
from mockserver.protocol.routes import Resolved
from mockserver.protocol.routing import WrongMethod
from mockserver.protocol.signing.explanation import Explained
from mockserver.protocol.signing.reporting import tell


class Answer(NamedTuple):
    """What a request that was not refused is answered."""

    status: int
    body: bytes | None
    kind: str = JSON
    """The content type of the body."""
    headers: Mapping[str, str] = NOTHING_ELSE
    """Those that only few answers have."""


def respond(
    request: web.BaseRequest,
    path: str,
    query: str,
    client: Client | None,
    operation: Operation | None,
    body: bytes,
    outcome: Answer | Refusal,
    visit: Resolved | WrongMethod | None,
    fault: ActiveFault | None,
    began: datetime | None,
) -> RawResponse | Faulty:
    """The response, with its id from the world where there is one; and the entry in the journal.

    ``began``: the machine's time at which the request was carried out, where it came so far.
    """
    request_id = system.unique_id() if client is None else client.request_ids.new()
    response: RawResponse | Faulty
    answer: bytes | None
    refusal: Rule | str | None
    kind: str | None
    if isinstance(outcome, Refusal):
        rule = outcome.rule
        if client is not None:
            rule = rule.answered(client.world.profile.behaviour.refusal_statuses)
        refusal = rule
        status, answer, kind = rule.status, refused(rule, outcome.detail, request_id), MEDIA_TYPE
        headers = _others(request, client, outcome, visit, request_id)
    else:
        (status, answer, kind, headers), refusal = outcome, None
        if answer is None:
            kind = None
    response = RawResponse(status, answer, kind, request_id, headers)
    if fault is not None:
        response = faulty(fault, status, response.headers, answer, request_id)
        status, answer, refusal, kind, headers = response.status, response.sent, response.name, None, response.headers
    if client is not None:
        name = None if operation is None else operation.id
        sent = answer or b""
        client.journal.add(
            (
                client.world.now,
                request.method,
                path,
                query,
                name,
                headers_of(request.raw_headers),
                body,
                status,
                request_id,
                sent,
                (refusal, kind, headers, began, system.wall_now()),
            )
        )
    return response


def _others(
    request: web.BaseRequest,
    client: Client | None,
    refusal: Refusal,
    visit: Resolved | WrongMethod | None,
    request_id: str,
) -> Mapping[str, str]:
    """The headers that only some refusals have."""
    if isinstance(visit, WrongMethod):
        return {"allow": visit.allow}
    if client is not None and isinstance(refusal, Explained):
        return tell(client, request, request_id, refusal.explanation)
    return NOTHING_ELSE
