"""payments.md §12.1: how exemptions are ordered, decided, replaced and deleted."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from mockserver.domain import seeding
from mockserver.domain.tax_exemptions.changes import CHANGES
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_100, NOBODY, Desk
from tests.domain.support.exemptions import (
    RATES,
    active,
    amounts,
    delete,
    ordered,
    replace,
    settle_in_germany,
    shown,
    wanted,
)


@pytest.fixture
def spouse(desk: Desk) -> str:
    return str(seeding.user(desk.world).id)


def test_one_that_is_ordered_is_new_and_active_a_moment_later(desk: Desk) -> None:
    settle_in_germany(desk)
    row = orjson.loads(ordered(desk, "955", valid_to_date="2023-12-31").wire)
    assert (row["status"], row["valid_from_date"], row["valid_to_date"]) == ("NEW", "2023-01-01", "2023-12-31")
    assert amounts(row) == ("955.00", "0.00", "955.00")
    assert desk.advance() == ["TAX_EXEMPTION.CREATED"]
    (told,) = desk.told("TAX_EXEMPTION.CREATED")
    assert told == shown(desk, row["id"])
    assert told["status"] == "ACTIVE"


def test_one_without_an_end_is_open_ended(desk: Desk) -> None:
    settle_in_germany(desk)
    assert orjson.loads(ordered(desk).wire)["valid_to_date"] is None


def test_a_type_may_be_left_out_for_one_user(desk: Desk) -> None:
    assert ordered(desk, type=None).tax_exemption_details.tax_exemption_type == "SINGLE"


@pytest.mark.parametrize(
    "residency",
    [
        None,
        {"country": "FR", "tax_identifier_number": "1"},
        {"country": "DE", "missing_tin_reason": "COUNTRY_HAS_NO_TIN"},
    ],
    ids=["none", "another country", "without a number"],
)
def test_one_fails_without_a_german_tax_number(desk: Desk, residency: dict[str, str] | None) -> None:
    if residency is not None:
        desk.call("set_tax_residencies", {"user_id": desk.user_id}, body={"tax_residencies": [residency]})
    row = ordered(desk)
    assert desk.advance() == ["TAX_EXEMPTION.CREATION_FAILED"]
    (told,) = desk.told("TAX_EXEMPTION.CREATION_FAILED")
    assert told["reason"] == f"User {desk.user_id} has no German tax residency with a tax number"
    assert (told["id"], told["status"]) == (row.id, "CANCELLED")
    assert shown(desk, row.id)["status"] == "CANCELLED"
    settle_in_germany(desk)  # the place is free again
    ordered(desk)


# --- The documented errors, in their order ---


@pytest.mark.parametrize(
    ("others", "rule"),
    [
        ({"country": "FR"}, "tax-exemption.country"),
        ({"user_ids": [NOBODY]}, "resource.unknown"),
        ({"amount": "0"}, "tax-exemption.amount"),
        ({"amount": "0.00"}, "tax-exemption.amount"),
        ({"amount": "1000.01"}, "tax-exemption.amount-limit"),
        ({"currency": "GBP"}, "tax-exemption.currency"),
        ({"type": "MARRIED"}, "tax-exemption.number-of-users"),
        ({"valid_to_date": "2022-12-31"}, "tax-exemption.valid-to-year"),
        ({"valid_to_date": "2023-12-30"}, "tax-exemption.valid-to-day"),
        ({"valid_to_date": "2024-01-31"}, "tax-exemption.valid-to-day"),
    ],
)
def test_what_the_documents_refuse_is_refused(desk: Desk, others: dict[str, Any], rule: str) -> None:
    amount = others.pop("amount", "1000")
    assert desk.refused("create_tax_exemption", body=wanted(desk, amount, **others)).rule.name == rule


@pytest.mark.parametrize(
    ("type_", "amount", "rule"),
    [
        (None, "1000", "tax-exemption.type-missing"),
        ("SINGLE", "1000", "tax-exemption.number-of-users"),
        ("MARRIED", "2000.01", "tax-exemption.amount-limit"),
        ("CIVIL_PARTNERSHIP", "2000.01", "tax-exemption.amount-limit"),
    ],
)
def test_two_users_need_a_type_for_two(desk: Desk, spouse: str, type_: str | None, amount: str, rule: str) -> None:
    body = wanted(desk, amount, type=type_, user_ids=[desk.user_id, spouse])
    assert desk.refused("create_tax_exemption", body=body).rule.name == rule


def test_nobody_is_married_to_himself(desk: Desk) -> None:
    body = wanted(desk, type="MARRIED", user_ids=[desk.user_id, desk.user_id])
    assert desk.refused("create_tax_exemption", body=body).rule.name == "tax-exemption.user-twice"


@pytest.mark.parametrize("type_", ["MARRIED", "CIVIL_PARTNERSHIP"])
def test_two_may_have_twice_as_much(desk: Desk, spouse: str, type_: str) -> None:
    ids = [desk.user_id, spouse]
    identity = active(desk, "2000", type=type_, user_ids=ids)
    assert amounts(shown(desk, identity)) == ("2000.00", "0.00", "2000.00")
    for each in ids:
        (row,) = desk.rows("retrieve_tax_exemptions_for_user", {"user_id": each})
        assert row.id == identity


@pytest.mark.parametrize("decided", [False, True], ids=["NEW", "ACTIVE"])
def test_a_user_has_one_at_a_time(desk: Desk, spouse: str, decided: bool) -> None:
    settle_in_germany(desk)
    row = ordered(desk)
    if decided:
        desk.advance()
    for body in (wanted(desk), wanted(desk, type="MARRIED", user_ids=[spouse, desk.user_id])):
        refusal = desk.refused("create_tax_exemption", body=body)
        assert (refusal.rule.name, row.id in refusal.detail) == ("tax-exemption.exists", True)


def test_an_unknown_one_is_not_found(desk: Desk) -> None:
    path = {"tax_exemption_id": NOBODY}
    for operation_id, body in (
        ("retrieve_tax_exemption_by_id", None),
        ("update_tax_exemption", wanted(desk)),
        ("delete_tax_exemption", None),
    ):
        assert desk.refused(operation_id, path, body=body).rule.status == 404
    assert desk.refused("retrieve_tax_exemptions_for_user", {"user_id": NOBODY}).rule.status == 404


# --- PUT ---


def test_a_change_is_answered_at_once_and_seen_with_its_event(desk: Desk) -> None:
    identity = active(desk)
    answer = orjson.loads(replace(desk, identity, "500", valid_to_date="2024-12-31").wire)
    assert (amounts(answer), answer["valid_to_date"]) == (("500.00", "0.00", "500.00"), "2024-12-31")
    assert amounts(shown(desk, identity)) == ("1000.00", "0.00", "1000.00")
    assert desk.advance() == ["TAX_EXEMPTION.UPDATED"]
    assert desk.told("TAX_EXEMPTION.UPDATED") == [shown(desk, identity)]
    assert amounts(shown(desk, identity)) == ("500.00", "0.00", "500.00")


def test_a_second_change_has_to_wait_for_the_first(desk: Desk) -> None:
    identity = active(desk)
    replace(desk, identity, "500")
    path = {"tax_exemption_id": identity}
    refusal = desk.refused("update_tax_exemption", path, body=wanted(desk, "400"))
    assert refusal.rule.name == "tax-exemption.change-pending"
    desk.advance()
    replace(desk, identity, "400")


def test_only_an_active_one_changes(desk: Desk) -> None:
    row = ordered(desk)
    path = {"tax_exemption_id": row.id}
    assert desk.refused("update_tax_exemption", path, body=wanted(desk)).rule.name == "tax-exemption.not-active"
    desk.advance()  # CANCELLED: no residency
    assert desk.refused("update_tax_exemption", path, body=wanted(desk)).rule.name == "tax-exemption.not-active"


def test_a_change_checks_its_form_as_an_order_does(desk: Desk) -> None:
    identity = active(desk)
    path = {"tax_exemption_id": identity}
    refusal = desk.refused("update_tax_exemption", path, body=wanted(desk, "1000.01"))
    assert refusal.rule.name == "tax-exemption.amount-limit"


def test_no_less_than_is_used_is_accepted(open_desk: OpenDesk) -> None:
    """A sell of 100 uses 100."""
    desk = open_desk(overrides=RATES)
    identity = active(desk)
    desk.hold(AT_100, "1")
    desk.place("SELL", AT_100, quantity="1")
    desk.advance()
    path = {"tax_exemption_id": identity}
    refusal = desk.refused("update_tax_exemption", path, body=wanted(desk, "99.99"))
    assert refusal.rule.name == "tax-exemption.utilised"
    replace(desk, identity, "100")
    desk.advance()
    assert amounts(shown(desk, identity)) == ("100.00", "100.00", "0.00")


def test_a_change_fails_where_more_is_used_meanwhile(open_desk: OpenDesk) -> None:
    desk = open_desk("manual", RATES)
    settle_in_germany(desk)
    identity = ordered(desk).id
    desk.move("tax_exemptions", identity, "ACTIVE")
    replace(desk, identity, "50")
    desk.hold(AT_100, "1")
    order = desk.place("SELL", AT_100, quantity="1")
    desk.move("orders", order.id, "PROCESSING")
    desk.move("orders", order.id, "FILLED")
    (change,) = desk.world.table(CHANGES)
    assert desk.move("tax_exemption_changes", change.id, "FAILED") == ["TAX_EXEMPTION.UPDATE_FAILED"]
    (told,) = desk.told("TAX_EXEMPTION.UPDATE_FAILED")
    assert told["reason"] == "100.00 EUR are used, more than 50.00"
    assert amounts(shown(desk, identity)) == ("1000.00", "100.00", "900.00")


# --- DELETE ---


def test_an_unused_one_is_deleted(desk: Desk) -> None:
    identity = active(desk)
    delete(desk, identity)
    assert shown(desk, identity)["status"] == "ACTIVE"
    assert desk.advance() == ["TAX_EXEMPTION.DELETED"]
    assert shown(desk, identity)["status"] == "CANCELLED"
    ordered(desk)  # the place is free


def test_a_used_one_stays(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides=RATES)
    identity = active(desk)
    desk.hold(AT_100, "1")
    desk.place("SELL", AT_100, quantity="1")
    desk.advance()
    delete(desk, identity)
    assert desk.advance() == ["TAX_EXEMPTION.DELETION_FAILED"]
    (told,) = desk.told("TAX_EXEMPTION.DELETION_FAILED")
    assert (told["reason"], told["status"]) == ("100.00 EUR of it are used this year", "ACTIVE")


def test_an_outcome_of_the_profile_applies_nothing_that_cannot_be(open_desk: OpenDesk) -> None:
    """A used exemption is not deleted, whatever the settings say: the deletion fails, and does not wait for ever."""
    stages = {"tax_exemption.change": {"outcomes": {"APPLIED": 1}}}
    desk = open_desk(overrides={**RATES, "stages": stages})
    identity = active(desk)
    desk.hold(AT_100, "1")
    desk.place("SELL", AT_100, quantity="1")
    desk.advance()
    delete(desk, identity)
    assert desk.advance() == ["TAX_EXEMPTION.DELETION_FAILED"]


def test_one_that_is_not_active_is_not_deleted(desk: Desk) -> None:
    identity = active(desk)
    delete(desk, identity)
    delete(desk, identity)
    assert desk.advance() == ["TAX_EXEMPTION.DELETED", "TAX_EXEMPTION.DELETION_FAILED"]


def test_a_deletion_is_decided_after_the_change_before_it(desk: Desk) -> None:
    identity = active(desk)
    replace(desk, identity, "500")
    delete(desk, identity)
    assert desk.advance() == ["TAX_EXEMPTION.UPDATED", "TAX_EXEMPTION.DELETED"]
    assert amounts(shown(desk, identity)) == ("500.00", "0.00", "500.00")
