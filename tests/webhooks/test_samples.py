"""The contract's example of every event type, with other members laid over it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

import mockserver.domain  # the life cycles say which state an event announces  # noqa: F401
from mockserver.contract import contract
from mockserver.models import validator
from mockserver.webhooks.samples import sample

ID = "404b170a-9042-41ed-9a51-2eabd0c03f8a"
NOW = datetime(2023, 1, 10, 8, tzinfo=UTC)


def object_of(type_: str, members: Any = None) -> Any:
    return orjson.loads(sample(type_, members or {}, id=ID, now=NOW).wire)


@pytest.mark.parametrize("type_", contract().events)
def test_every_type_of_event_has_an_object_that_validates(type_: str) -> None:
    event = {
        "id": ID,
        "created_at": "2023-01-10T08:00:00Z",
        "type": type_,
        "object": object_of(type_),
        "webhook_id": ID,
    }
    validator(contract().events[type_]).validate_json(orjson.dumps(event), strict=True)


def test_the_object_is_new() -> None:
    found = object_of("DIRECT_DEBIT.CONFIRMED")
    assert (found["id"], found["created_at"]) == (ID, "2023-01-10T08:00:00Z")


@pytest.mark.parametrize(
    ("type_", "status"),
    [
        ("TOPUP.CANCELLED", "CANCELLED"),
        ("USER.DEACTIVATED", "INACTIVE"),
        ("ACCOUNT_GROUP.CLOSING_INITIATED", "CLOSING"),
        ("ORDER.FILLED", "FILLED"),
    ],
)
def test_the_object_is_in_the_state_that_the_event_announces(type_: str, status: str) -> None:
    assert object_of(type_)["status"] == status


def test_members_are_laid_over_the_example() -> None:
    usual = object_of("WITHDRAWAL.CANCELLED")
    found = object_of("WITHDRAWAL.CANCELLED", {"amount": "12.34", "id": "504b170a-9042-41ed-9a51-2eabd0c03f8a"})
    assert found == {**usual, "amount": "12.34", "id": "504b170a-9042-41ed-9a51-2eabd0c03f8a"}


def test_objects_are_merged_and_null_leaves_a_member_out() -> None:
    usual = object_of("USER.CREATED")
    found = object_of("USER.CREATED", {"address": {"city": "Hamburg"}, "title": None})
    assert found == {
        **{k: v for k, v in usual.items() if k != "title"},
        "address": {**usual["address"], "city": "Hamburg"},
    }


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({"cash_amount": 12}, "(root).object.cash_amount: must be a string"),
        ({"amount": "12.00"}, "(root).object: field 'amount' is unknown"),
        ({"account_group_id": None}, "(root).object: field 'account_group_id' was not filled"),
    ],
)
def test_an_object_that_no_such_event_has_is_refused(members: Any, text: str) -> None:
    with pytest.raises(ValueError, match=r"^\(root\)") as caught:
        object_of("TOPUP.CONFIRMED", members)
    assert text in str(caught.value)
