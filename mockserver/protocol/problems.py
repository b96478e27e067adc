"""Error answers: ``application/problem+json`` as the API sends it (concepts.md §4).

Compact JSON with sorted keys, as the one published answer that looks like a capture; ``request_id`` equals the
response header ``upvest-request-id``.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import orjson

from mockserver.kernel.quoting import LONGEST_DETAIL, shortened
from mockserver.kernel.rules import Rule

MEDIA_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "https://docs.upvest.co/errors/"
"""concepts.md §4 [D]: the docs pages' URLs, not the bare slugs of the OpenAPI examples."""


class Problem(NamedTuple):
    """The last part of the ``type`` URL, and the title."""

    slug: str
    title: str


BY_STATUS: Final[dict[int, Problem]] = {
    400: Problem("invalid_request", "Invalid request"),
    401: Problem("unauthorised", "Unauthorised"),
    403: Problem("forbidden", "Forbidden"),
    404: Problem("not_found", "Not found"),
    405: Problem("method_not_allowed", "Method not allowed"),  # slug [S], title inferred
    406: Problem("not_acceptable", "Not acceptable"),
    408: Problem("request_timeout", "Request timeout"),  # the mock's own
    409: Problem("conflict", "Conflict"),
    415: Problem("unsupported_media_type", "Unsupported media type"),  # the mock's own: of the control API alone
    422: Problem("unprocessable_entity", "Unprocessable entity"),
    426: Problem("upgrade_required", "Upgrade required"),  # docs.upvest.co/api_errors/upgrade_required
    429: Problem("too_many_requests", "Too many requests"),
    500: Problem("internal", "Internal error"),
    501: Problem("not_implemented", "Not implemented"),  # the mock's own: the operation has no rule here yet
    502: Problem("bad_gateway", "Bad gateway"),  # slug of the page [D]; the real answer comes from the edge
    503: Problem("unavailable", "Service unavailable"),
    504: Problem("gateway_timeout", "Gateway timeout"),
}
"""concepts.md §4 [D] where no comment says otherwise."""

BY_RULE: Final[dict[str, Problem]] = {
    "missing_client_id": Problem("missing_client_id", "Missing client ID"),
    "missing_idempotency_key": Problem("missing_idempotency_key", "Missing idempotency key"),
}
"""Rules with a problem type of their own (concepts.md §4 [D])."""


def problem(status: int, request_id: str, detail: str = "", rule: str = "") -> bytes:
    """The body of an error answer. An unknown status gets the words of the class it belongs to."""
    slug, title = BY_RULE.get(rule) or BY_STATUS.get(status) or BY_STATUS[400 if status < 500 else 500]
    members = {"request_id": request_id, "status": status, "title": title, "type": TYPE_PREFIX + slug}
    if detail:
        members["detail"] = shortened(detail, LONGEST_DETAIL)
    return orjson.dumps(members, option=orjson.OPT_SORT_KEYS)


def refused(rule: Rule, detail: str, request_id: str) -> bytes:
    """The answer to a request that ``rule`` refused."""
    return problem(rule.status, request_id, detail, rule.name)
