from __future__ import annotations

from datetime import date
from typing import Any

import orjson
import pytest

from mockserver.contract import contract
from mockserver.kernel.operations import Call
from mockserver.kernel.rules import Refusal
from mockserver.protocol.parsing import Parser

ACCOUNT = "43801b85-bbcf-41c7-8389-b018082a5ec5"


def parse(
    operation: str, path: dict[str, str] | None = None, query: str = "", body: Any = b"", **options: Any
) -> Call[Any]:
    text = body if isinstance(body, bytes) else orjson.dumps(body)
    parser = Parser(contract().operations[operation])
    return parser.call(parser.path(path or {}), query, {"content-type": "application/json"}, text, **options)


def refusal(operation: str, path: dict[str, str] | None = None, query: str = "", body: Any = b"") -> Refusal:
    with pytest.raises(Refusal) as caught:
        parse(operation, path, query, body)
    return caught.value


def test_path_ids_are_normalised() -> None:
    assert parse("retrieve_account", {"account_id": ACCOUNT.upper().replace("-", "")}).path == {"account_id": ACCOUNT}


def test_without_a_query_the_defaults_hold() -> None:
    call = parse("list_accounts")
    assert call.query["limit"] == 100
    assert call.query["order"] == "ASC"
    assert call.query["offset"] is None
    assert call.given == frozenset()


def test_given_parameters_are_read_and_named() -> None:
    call = parse("list_account_valuation_history", {"account_id": ACCOUNT}, "start_date=2023-01-03&limit=5&order=DESC")
    assert (call.query["start_date"], call.query["limit"], call.query["order"]) == (date(2023, 1, 3), 5, "DESC")
    assert call.given == {"start_date", "limit", "order"}


@pytest.mark.parametrize("query", ["limit=", "offset=", "limit=&offset=", "limit"])
def test_limit_and_offset_may_be_empty(query: str) -> None:
    # concepts.md §6 [S]: allowEmptyValue
    call = parse("list_accounts", query=query)
    assert (call.query["limit"], call.query["offset"], call.given) == (100, None, frozenset())


@pytest.mark.parametrize("query", ["colour=red", "x=1&x=2", "=", "&&", "%ff=%ff", "limit=100&Limit=x"])
def test_unknown_parameters_are_ignored(query: str) -> None:
    assert parse("list_accounts", query=query).query["limit"] == 100


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("limit=0", "(query).limit: must be at least 1 and at most 1000, not '0'"),
        ("limit=1001", "(query).limit: must be at least 1 and at most 1000, not '1001'"),
        ("offset=-1", "(query).offset: must be at least 0 and at most 2147483647, not '-1'"),
        ("order=asc", "(query).order: must be ASC or DESC, not 'asc'"),
        ("limit=1&limit=1", "(query).limit: is given twice"),
        (
            "limit=x&order=",
            "(query).limit: must be a whole number, not 'x'; (query).order: must be ASC or DESC, not ''",
        ),
        ("&".join("x=1" for _ in range(1001)), "(query): has more than 1000 parameters"),
    ],
    ids=lambda value: value[:20],
)
def test_bad_queries_are_told(query: str, detail: str) -> None:
    refused = refusal("list_accounts", query=query)
    assert (refused.rule.status, refused.detail) == (400, detail)


def test_a_required_parameter_must_be_there() -> None:
    refused = refusal("get_account_valuation", {"account_id": ACCOUNT})
    assert refused.detail == "(query): field 'price_quality' was not filled"


@pytest.mark.parametrize(
    ("operation", "status"),
    # concepts.md §11.4 is open: 400 where the operation documents it, else 404
    [("retrieve_account", 404), ("list_account_orders", 400)],
)
def test_a_bad_path_id(operation: str, status: int) -> None:
    refused = refusal(operation, {"account_id": "43801b85"})
    assert (refused.rule.status, refused.detail) == (status, "(path).account_id: '43801b85' is not a UUID")


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "(root): the body is empty; send a JSON object."),
        (b'{"name":', "(root): malformed JSON: EOF while parsing a value at line 1 column 8"),
        (b"{'name': 1}", "(root): malformed JSON: key must be a string at line 1 column 2"),
        (b'{"name": "\xff"}', "(root): malformed JSON: invalid unicode code point at line 1 column 11"),
        (b'{"name": "a"} x', "(root): malformed JSON: trailing characters at line 1 column 15"),
        (b"{}", "(root): field 'allocation' was not filled"),
    ],
)
def test_bad_bodies_are_told_with_the_position(body: bytes, detail: str) -> None:
    refused = refusal("create_portfolios_allocation", body=body)
    assert (refused.rule.status, refused.detail) == (400, detail)


def test_a_body_becomes_a_model_of_the_contract() -> None:
    item = {"instrument_id": "IE00B0M62Q58", "instrument_id_type": "ISIN", "weight": "1"}
    call = parse("create_portfolios_allocation", body={"allocation": [item]})
    assert call.body.allocation[0].weight == "1"


def test_a_body_that_the_operation_does_not_take_is_ignored() -> None:
    assert parse("retrieve_account", {"account_id": ACCOUNT}, body=b"\xff").body is None


def test_every_operation_has_a_parser() -> None:
    for operation in contract().operations.values():
        assert callable(Parser(operation).call)
