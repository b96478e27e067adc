"""The texts of body errors: the published one, and those made in its style."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

import mockserver
from mockserver.kernel import violations
from mockserver.kernel.violations import explained, listed
from mockserver.models import validator

ITEM = {"instrument_id": "IE00B0M62Q58", "instrument_id_type": "ISIN", "weight": "0.7"}
ORDER = {
    "user_id": "83cd83ac-5c48-41b4-94b8-d34ae1bbcc5d",
    "account_id": "43801b85-bbcf-41c7-8389-b018082a5ec5",
    "cash_amount": "100.00",
    "currency": "EUR",
    "side": "BUY",
}


def told(schema: str, body: Any) -> str:
    text = body if isinstance(body, bytes) else orjson.dumps(body)
    adapter = validator(schema)
    with pytest.raises(ValidationError) as caught:
        adapter.validate_json(text, strict=True)
    return explained(caught.value, text, adapter)


def test_a_missing_member_is_told_as_published() -> None:
    # concepts.md §4 [D]: "(root): field 'first_name' was not filled"
    assert "(root): field 'first_name' was not filled" in told("UserCreateRequest", {"last_name": "Miller"}).split("; ")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"cash_amount": 100}, "(root).cash_amount: must be a string, not a number"),
        ({"cash_amount": "1e3"}, "(root).cash_amount: '1e3' is not a decimal number"),
        ({"cash_amount": None}, "(root).cash_amount: must be a string, not null"),
        ({"post_tax": "yes"}, "(root).post_tax: must be true or false, not a string"),
        ({"side": "HOLD"}, "(root).side: must be 'BUY' or 'SELL', not 'HOLD'"),
        ({"side": ["BUY"]}, "(root).side: must be 'BUY' or 'SELL', not an array"),
        ({"user_id": "me"}, "(root).user_id: 'me' is not a UUID"),
        ({"amount": 1}, "(root): field 'amount' is unknown"),
    ],
)
def test_what_is_wrong_with_a_member(change: dict[str, Any], text: str) -> None:
    assert told("PortfoliosOrderPlaceRequest", ORDER | change) == text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ([], "(root): must be an object, not an array"),
        (None, "(root): must be an object, not null"),
        ("x", "(root): must be an object, not a string"),
        ({"allocation": []}, "(root).allocation: must have at least 1 item(s), not 0"),
        ({"allocation": {}}, "(root).allocation: must be an array, not an object"),
        ({"allocation": [ITEM], "name": None}, "(root).name: must not be null; leave the member out instead"),
        ({"allocation": [ITEM | {"weight": 0.7}]}, "(root).allocation.0.weight: must be a string, not a number"),
        ({"allocation": [ITEM, {**ITEM, "x": 1}]}, "(root).allocation.1: field 'x' is unknown"),
    ],
)
def test_the_place_is_named_down_to_the_item(body: Any, text: str) -> None:
    assert told("PortfoliosAllocationCreateRequest", body) == text


def test_all_violations_are_told_in_the_order_of_the_contract() -> None:
    order = {key: value for key, value in ORDER.items() if key not in ("cash_amount", "currency")} | {"side": 1}
    assert told("PortfoliosOrderPlaceRequest", order) == (
        "(root): field 'cash_amount' was not filled; (root): field 'currency' was not filled; "
        "(root).side: must be 'BUY' or 'SELL', not 1"
    )


def test_of_a_union_only_the_closest_form_is_told() -> None:
    # an e-mail address is a member of the TOL form alone: BYOL, which lacks fewer members, comes closer
    text = told("UserCreateRequest", {"first_name": "A", "last_name": "Miller", "nationalities": ["DE"]})
    assert "(root).first_name: must have at least 2 character(s)" in text
    assert "fatca" not in text


def test_a_value_that_fits_no_form_of_a_union_is_told_once() -> None:
    text = told("PortfoliosAllocationCreateRequest", {"allocation": [ITEM | {"instrument_id": "?"}]})
    assert text == "(root).allocation.0.instrument_id: '?' is not an ISIN and '?' is not a UUID"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "(root): exactly one of accounts, allocations must be given"),
        ([], "(root): must be an object, not an array"),
        ({"accounts": ["x"]}, "(root).accounts.0: 'x' is not a UUID"),
    ],
)
def test_forms_told_apart_by_a_member(body: Any, text: str) -> None:
    assert told("PortfoliosRebalancingTriggerRequest", body) == text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "(root): field 'type' was not filled"),
        ({"type": "X"}, "(root): 'type' must be one of 'KYB', 'SELF_ASSESSMENT'"),
        ([], "(root): must be an object, not an array"),
    ],
)
def test_forms_told_apart_by_a_value(body: Any, text: str) -> None:
    assert told("BusinessCheckCreateRequest", body).startswith(text.partition(" one of")[0])


def test_long_values_and_names_are_shortened() -> None:
    text = told("PortfoliosOrderPlaceRequest", ORDER | {"user_id": "x" * 100_000, "y" * 100_000: 1})
    assert len(text) < 400


def test_many_violations_are_cut_at_a_bound() -> None:
    text = told("PortfoliosAllocationCreateRequest", {"allocation": [1] * 100})
    assert len(text) <= 2000
    assert text.endswith("; …")


def test_a_huge_body_of_mistakes_is_not_described_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    described: list[object] = []
    describe = violations._violation

    def counted(error: ErrorDetails, data: object) -> violations.Violation:
        described.append(error)
        return describe(error, data)

    monkeypatch.setattr(violations, "_violation", counted)
    text = told("PortfoliosAllocationCreateRequest", b'{"allocation":[' + b"1," * 100_000 + b"1]}")
    assert text.startswith("(root).allocation.0: must be an object, not a number; (root).allocation.1: ")
    assert len(described) <= 20


class Size(BaseModel):
    width: int = Field(gt=0, lt=10)
    exact: Decimal = Decimal(0)
    deep: bool = False


class Box(BaseModel):
    sizes: tuple[Size, ...]
    name: str = Field("box", pattern="^[a-z]+$")

    model_config = ConfigDict(extra="forbid")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, "field 'sizes' was not filled"),
        ({"sizes": [], "colour": 1}, "field 'colour' is unknown"),
        ({"sizes": [{}]}, "sizes.0: field 'width' was not filled"),
        ({"sizes": [{"width": 0}]}, "sizes.0.width: must be greater than 0, not 0"),
        ({"sizes": [{"width": 10}]}, "sizes.0.width: must be less than 10, not 10"),
        ({"sizes": [{"width": "x"}]}, "sizes.0.width: must be a whole number, not 'x'"),
        ({"sizes": [{"width": 1, "exact": "x"}]}, "sizes.0.exact: must be a number, not 'x'"),
        ({"sizes": [{"width": 1, "deep": "x"}]}, "sizes.0.deep: must be true or false, not 'x'"),
        ({"sizes": [], "name": "A"}, "name: 'A' is not of the form ^[a-z]+$"),
        ({"sizes": [], "name": date(2023, 1, 10)}, "name: must be a string, not another value"),
        ({"sizes": [{"width": 0}], "name": "A"}, "sizes.0.width: must be greater than 0, not 0; name: 'A' is"),
    ],
)
def test_values_that_came_from_no_body_are_explained_alike(value: Any, text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Box.model_validate(value)
    assert listed(caught.value).startswith(text)


def test_no_text_of_the_package_is_made_from_pydantics_errors_elsewhere() -> None:
    """``error["msg"]`` is pydantic's English; only this translator reads it."""
    package = Path(mockserver.__file__).parent
    reading = [path for path in package.rglob("*.py") if re.search(r"\[[\"']msg[\"']\]", path.read_text("utf-8"))]
    assert [str(path.relative_to(package)) for path in reading] == ["kernel/violations.py"]
