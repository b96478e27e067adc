"""A member that is null counts as absent, in every request of the contract."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from mockserver.contract import contract
from mockserver.kernel.profile import Refusals
from mockserver.kernel.rules import Refusal
from mockserver.models import validator
from mockserver.protocol.nulls import nullable_members, without_nulls
from tests.contract.examples import request_schemas
from tests.models.bodies import bodies
from tests.protocol.test_parsing import parse

ITEM = {"instrument_id": "IE00BKBF6H24", "instrument_id_type": "ISIN", "weight": "1"}
BODIES = [(schema, body) for schema, body in bodies() if schema in request_schemas()]


def members(schema: Any) -> Iterator[str]:
    """The names of the members of an object, in any of its forms."""
    if "$ref" in schema:
        schema = contract().document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    yield from schema.get("properties", {})
    for keyword in ("oneOf", "anyOf", "allOf"):
        for form in schema.get(keyword, ()):
            yield from members(form)


@pytest.mark.parametrize(("schema", "body"), BODIES)
def test_a_client_that_writes_null_for_all_that_is_unset_is_understood(schema: str, body: dict[str, Any]) -> None:
    unset = {name: None for name in members({"$ref": f"#/{schema}"}) if name not in body}
    padded = orjson.dumps({**body, **{name: None for name in unset if name not in nullable_members(schema)}})
    read = validator(schema).validate_json
    assert read(without_nulls(padded, schema), strict=True) == read(orjson.dumps(body), strict=True)


@pytest.mark.parametrize(
    ("body", "read"),
    [
        ({"a": None, "b": 1}, {"b": 1}),
        ({"a": {"b": None}, "c": [{"d": None, "e": ""}]}, {"a": {}, "c": [{"e": ""}]}),
        ([None, {"a": None}], [None, {}]),
        (None, None),
        ({"a": "null"}, {"a": "null"}),
        ({"postal_address": None, "title": None}, {"postal_address": None}),
    ],
)
def test_members_are_left_out_and_items_are_not(body: Any, read: Any) -> None:
    assert orjson.loads(without_nulls(orjson.dumps(body), "UserCreateRequest")) == read


@pytest.mark.parametrize(
    "body", [b"", b'{"a": null', b"\xff null", b"null", b"[null]", b"[" * 3000 + b"null", b"{} null"]
)
def test_what_has_no_such_member_stays_as_it_is(body: bytes) -> None:
    assert without_nulls(body, "UserCreateRequest") == body


def test_a_member_that_may_be_null_stays() -> None:
    body = b'{"valid_to_date":null}'
    assert without_nulls(body, "TaxExemptionUpdateRequest") == body


def test_a_required_member_that_is_null_was_not_filled() -> None:
    with pytest.raises(Refusal, match=r"^\(root\): field 'allocation' was not filled$"):
        parse("create_portfolios_allocation", body={"allocation": None, "name": None})


def test_an_item_that_is_null_is_wrong() -> None:
    with pytest.raises(Refusal, match=r"^\(root\)\.allocation\.0: must be an object, not null$"):
        parse("create_portfolios_allocation", body={"allocation": [None], "name": None})


def test_the_other_members_are_still_checked() -> None:
    with pytest.raises(Refusal, match=r"^\(root\)\.allocation\.0\.weight: must be a string, not a number$"):
        parse("create_portfolios_allocation", body={"allocation": [{**ITEM, "weight": 1}], "name": None})


def test_rules_on_the_form_of_a_body_do_not_see_it() -> None:
    call = parse("create_portfolios_allocation", body={"allocation": [ITEM], "name": None})
    assert orjson.loads(call.raw) == {"allocation": [ITEM]}
    assert "name" not in call.body.model_fields_set


def test_a_profile_may_refuse_it() -> None:
    with pytest.raises(Refusal, match="must not be null; leave the member out instead"):
        parse(
            "create_portfolios_allocation",
            body={"allocation": [ITEM], "name": None},
            refused=Refusals(null_members=True),
        )
