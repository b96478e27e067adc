"""The rules between members, each on the smallest model."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import pytest
from pydantic import Tag, TypeAdapter, ValidationError

from mockserver.models import rules
from mockserver.models.base import Model


class Owner(Model):
    user_id: str | None = None
    business_id: str | None = None
    kind: str = "PERSON"

    _rules = rules.rules(rules.exactly_one_of("user_id", "business_id"))


class Transfer(Model):
    direction: str
    units: tuple[int, ...] = ()
    note: str | None = None
    author: str | None = None

    _rules = rules.rules(
        rules.when("direction", ("IN",), rules.filled("units", 1), rules.given("note")),
        rules.needs("note", "author"),
    )


class Change(Model):
    name: str = "unnamed"
    number: str = ""

    _rules = rules.rules(rules.members(1), rules.matches("number", r"^\d*$"))


class ByUser(Model):
    user_id: str


class ByBusiness(Model):
    business_id: str


class Bought(Model):
    kind: Literal["BUY", "SWAP"]


class Sold(Model):
    kind: Literal["SELL"]


Owned: TypeAlias = Annotated[
    Annotated[ByUser, Tag("ByUser")] | Annotated[ByBusiness, Tag("ByBusiness")],
    rules.by_member({"ByUser": "user_id", "ByBusiness": "business_id"}),
]
Traded: TypeAlias = Annotated[
    Annotated[Bought, Tag("Bought")] | Annotated[Sold, Tag("Sold")],
    rules.by_value("kind", {"Bought": ("BUY", "SWAP"), "Sold": ("SELL",)}),
]


def test_exactly_one_of_several() -> None:
    assert Owner(user_id="u").user_id == "u"
    for wrong in ({}, {"user_id": "u", "business_id": "b"}):
        with pytest.raises(ValidationError, match="Exactly one of user_id, business_id"):
            Owner.model_validate(wrong)


def test_a_condition_has_two_outcomes() -> None:
    assert Transfer(direction="IN", units=(1,)).note is None
    assert Transfer(direction="OUT", note="n", author="a").units == ()
    with pytest.raises(ValidationError, match="units should have at least 1 items"):
        Transfer(direction="IN")
    with pytest.raises(ValidationError, match="note is required"):
        Transfer(direction="OUT")


def test_a_member_may_need_another() -> None:
    with pytest.raises(ValidationError, match="author is required"):
        Transfer(direction="OUT", note="n")


def test_a_default_does_not_count_as_given() -> None:
    with pytest.raises(ValidationError, match="At least 1 members"):
        Change()


def test_a_pattern_takes_the_whole_text_and_ascii_digits_only() -> None:
    assert Change(number="42").number == "42"
    for wrong in ("4a", "42\n", "٣"):
        with pytest.raises(ValidationError, match="number should match"):
            Change(number=wrong)


def test_forms_are_told_apart_by_their_own_member() -> None:
    adapter = TypeAdapter(Owned)
    assert adapter.validate_json(b'{"business_id": "b"}') == ByBusiness(business_id="b")
    with pytest.raises(ValidationError, match="Exactly one of user_id, business_id"):
        adapter.validate_json(b'{"user_id": "u", "business_id": "b"}')


def test_forms_are_told_apart_by_a_value() -> None:
    adapter = TypeAdapter(Traded)
    assert adapter.validate_json(b'{"kind": "SWAP"}') == Bought(kind="SWAP")
    for wrong in (b'{"kind": "GIFT"}', b'{"kind": 1}', b"{}", b"[]"):
        with pytest.raises(ValidationError, match="kind should be one of BUY, SWAP, SELL"):
            adapter.validate_json(wrong)


def test_a_subclass_of_a_form_is_sent_as_that_form() -> None:
    class Known(ByUser):
        """A resource of the domain."""

    assert TypeAdapter(Owned).dump_json(Known(user_id="u")) == b'{"user_id":"u"}'
