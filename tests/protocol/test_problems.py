"""Bodies of errors (concepts.md §4).

A page of the vendor: https://docs.upvest.co/api_errors/upgrade_required
"""

from __future__ import annotations

import orjson
import pytest

from mockserver.kernel.rules import Rule
from mockserver.protocol import refusals
from mockserver.protocol.problems import BY_STATUS, problem, refused
from tests.conformance import assert_valid

ID = "afcd3c2f-6965-4e1b-bb3e-87a3b481ce29"


def test_the_published_401_is_reproduced_byte_for_byte() -> None:
    # concepts.md §4: the one answer that looks like a capture, compact with sorted keys, 174 bytes
    body = problem(401, ID, "Signature is incorrect")
    assert body == (
        b'{"detail":"Signature is incorrect","request_id":"afcd3c2f-6965-4e1b-bb3e-87a3b481ce29",'
        b'"status":401,"title":"Unauthorised","type":"https://docs.upvest.co/errors/unauthorised"}'
    )


@pytest.mark.parametrize(
    ("rule", "slug", "title"),
    [
        (refusals.MISSING_CLIENT_ID, "missing_client_id", "Missing client ID"),
        (refusals.MISSING_KEY, "missing_idempotency_key", "Missing idempotency key"),
        (refusals.BAD_QUERY, "invalid_request", "Invalid request"),
        (refusals.LACKING_SCOPE, "forbidden", "Forbidden"),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_rules_have_the_published_types_and_titles(rule: Rule, slug: str, title: str) -> None:
    body = orjson.loads(refused(rule, "why", ID))
    assert (body["type"], body["title"]) == (f"https://docs.upvest.co/errors/{slug}", title)


def test_a_retired_version_is_answered_as_the_vendors_page_says() -> None:
    """docs.upvest.co/api_errors/upgrade_required: type and title."""
    body = orjson.loads(problem(426, ID))
    assert (body["type"], body["title"]) == ("https://docs.upvest.co/errors/upgrade_required", "Upgrade required")


@pytest.mark.parametrize("status", [*BY_STATUS, 418, 599])
def test_every_status_gives_a_valid_problem(status: int) -> None:
    body = problem(status, ID)
    assert_valid("Problem", body)
    assert orjson.loads(body)["status"] == status


def test_an_empty_detail_is_left_out() -> None:
    assert "detail" not in orjson.loads(problem(404, ID))


def test_a_long_detail_is_shortened() -> None:
    detail = orjson.loads(problem(400, ID, "x" * 1_000_000))["detail"]
    assert len(detail) == 2000
    assert detail.endswith("…")


def test_halves_of_characters_do_no_harm() -> None:
    assert orjson.loads(problem(400, ID, "\ud800"))["detail"] == "?"


def test_every_refusal_has_a_status_that_the_api_knows() -> None:
    assert {rule.status for rule in refusals.ALL} <= BY_STATUS.keys()
