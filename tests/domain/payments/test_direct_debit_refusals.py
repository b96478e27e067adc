"""payments.md §2.2, §4.1: which direct debits are refused, and in which order that is looked at."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from mockserver.domain import seeding
from tests.domain.payments.bank import collection, mandate
from tests.domain.support.desk import NOBODY, Desk


@pytest.mark.parametrize(
    ("others", "what"),
    [
        ({"account_group_id": NOBODY}, "account group"),
        ({"mandate_id": NOBODY}, "mandate"),
        ({"user_id": NOBODY}, "user"),
        ({"account_group_id": NOBODY, "cash_amount": "0"}, "account group"),
    ],
)
def test_unknown_ids_come_first(desk: Desk, others: dict[str, Any], what: str) -> None:
    refusal = desk.refused("create_direct_debit", body={**collection(desk, mandate(desk).id), **others})
    assert (refusal.rule.status, refusal.detail) == (404, f"There is no {what} {NOBODY}.")


def test_a_user_who_is_no_member(desk: Desk) -> None:
    body = collection(desk, mandate(desk).id, user_id=seeding.user(desk.world).id)
    assert desk.refused("create_direct_debit", body=body).rule.name == "payment.member"


def test_a_mandate_of_another_holder(desk: Desk) -> None:
    foreign = mandate(desk, user_id=seeding.user(desk.world).id)
    refusal = desk.refused("create_direct_debit", body=collection(desk, foreign.id))
    assert (refusal.rule.name, refusal.rule.status) == ("payment.another-holder", 400)


@pytest.mark.parametrize("state", ["LOCKED", "CLOSING"])
def test_the_group_has_to_be_active(desk: Desk, state: str) -> None:
    given = mandate(desk)
    desk.move("account_groups", desk.group_id, state)
    refusal = desk.refused("create_direct_debit", body=collection(desk, given.id))
    assert (refusal.rule.name, refusal.rule.status, state in refusal.detail) == ("payment.group-status", 400, True)


def test_the_user_has_to_be_active(desk: Desk) -> None:
    given = mandate(desk)
    desk.move("users", desk.user_id, "INACTIVE")
    refusal = desk.refused("create_direct_debit", body=collection(desk, given.id))
    assert (refusal.rule.name, refusal.rule.status) == ("payment.holder-status", 400)


@pytest.mark.parametrize("amount", ["0", "0.00", "-1", "-200.00"])
def test_the_amount_is_more_than_zero(desk: Desk, amount: str) -> None:
    """The pattern of 1.150 admits a minus (§2.1)."""
    refusal = desk.refused("create_direct_debit", body=collection(desk, mandate(desk).id, cash_amount=amount))
    assert (refusal.rule.name, refusal.rule.status) == ("payment.amount", 400)


def test_an_isa_holds_pounds_only(desk: Desk) -> None:
    isa = seeding.account_group(desk.world, user_id=desk.user_id, type="ISA")
    body = collection(desk, mandate(desk).id, account_group_id=isa.id)
    refusal = desk.refused("create_direct_debit", body={**body, "currency": "EUR"})
    assert (refusal.rule.name, refusal.rule.status) == ("payment.currency", 400)
    assert desk.call("create_direct_debit", body={**body, "currency": "GBP"}).currency == "GBP"


@pytest.mark.parametrize(
    "others",
    [
        {"cash_amount": "1.5"},
        {"cash_amount": "1000000000"},
        {"currency": "USD"},
        {"remittance_information": "ä"},
        {"remittance_information": "x" * 141},
        {"account_group_id": None},
        {"purpose_code": "OTHER"},
    ],
)
def test_what_the_contract_forbids(desk: Desk, others: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        desk.call("create_direct_debit", body=collection(desk, mandate(desk).id, **others))


def test_unknown_ids_of_reads(desk: Desk) -> None:
    assert desk.refused("retrieve_direct_debit", {"direct_debit_id": NOBODY}).rule.status == 404
    assert desk.refused("list_direct_debits", {"account_group_id": NOBODY}).rule.status == 404
