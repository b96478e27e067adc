"""payments.md §7: requests that are refused."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS
from mockserver.domain.users.users import USERS
from tests.domain.support.desk import NOBODY, Desk
from tests.domain.support.openings import person
from tests.domain.support.payouts import (
    fate,
    group_is,
    reference_account,
    requested,
    withdraw,
)


@pytest.mark.parametrize(
    ("member", "what"),
    [("reference_account_id", "reference account"), ("account_group_id", "account group"), ("user_id", "user")],
)
def test_an_unknown_id_is_404(desk: Desk, member: str, what: str) -> None:
    refusal = desk.refused("create_cash_withdrawal", body={**requested(desk, "1"), member: NOBODY})
    assert (refusal.rule.status, refusal.detail) == (404, f"There is no {what} {NOBODY}.")


@pytest.mark.parametrize(
    ("operation_id", "name", "what"),
    [
        ("retrieve_cash_withdrawal", "withdrawal_id", "withdrawal"),
        ("cancel_cash_withdrawal", "withdrawal_id", "withdrawal"),
        ("list_cash_withdrawals", "account_group_id", "account group"),
    ],
)
def test_an_unknown_id_in_the_path_is_404(desk: Desk, operation_id: str, name: str, what: str) -> None:
    refusal = desk.refused(operation_id, {name: NOBODY})
    assert (refusal.rule.status, refusal.detail) == (404, f"There is no {what} {NOBODY}.")


def test_the_reference_account_of_somebody_else_is_refused(desk: Desk) -> None:
    to = reference_account(desk, user_id=person(desk))
    refusal = desk.refused("create_cash_withdrawal", body=requested(desk, "1", to=to))
    assert (refusal.rule.name, refusal.rule.status) == ("payment.another-holder", 400)


def test_a_user_who_is_no_member_is_refused(desk: Desk) -> None:
    refusal = desk.refused("create_cash_withdrawal", body=requested(desk, "1", user_id=person(desk)))
    assert (refusal.rule.name, refusal.rule.status) == ("payment.member", 400)


@pytest.mark.parametrize("status", ["PENDING_APPROVAL", "LOCKED", "CLOSED"])
def test_a_group_in_another_state_pays_nothing(desk: Desk, status: str) -> None:
    group_is(desk, status)
    refusal = desk.refused("create_cash_withdrawal", body=requested(desk, "1"))
    assert (refusal.rule.name, refusal.rule.status) == ("payment.group-status", 400)


def test_a_closing_group_pays(desk: Desk) -> None:
    group_is(desk, "CLOSING")
    paid = withdraw(desk, "1")
    desk.advance()
    assert fate(desk, paid.id) == ("CONFIRMED", None)


@pytest.mark.parametrize(("status", "accepted"), [("INACTIVE", True), ("OFFBOARDING", True), ("OFFBOARDED", False)])
def test_who_leaves_may_take_the_cash_along(desk: Desk, status: str, accepted: bool) -> None:
    to = reference_account(desk)
    users = desk.world.table(USERS)
    users.put(users[desk.user_id].evolve(status=status))
    if accepted:
        assert withdraw(desk, "1", to=to).status == "NEW"
    else:
        refusal = desk.refused("create_cash_withdrawal", body=requested(desk, "1", to=to))
        assert (refusal.rule.name, refusal.rule.status) == ("payment.holder-status", 400)


@pytest.mark.parametrize("amount", ["0", "0.00"])
def test_an_amount_of_zero_is_refused(desk: Desk, amount: str) -> None:
    refusal = desk.refused("create_cash_withdrawal", body=requested(desk, amount))
    assert (refusal.rule.name, refusal.rule.status) == ("payment.amount", 400)
    assert "(root).amount" in refusal.detail


def test_an_isa_group_pays_in_pounds_only(desk: Desk) -> None:
    groups = desk.world.table(ACCOUNT_GROUPS)
    groups.put(groups[desk.group_id].evolve(type="ISA", currency="GBP"))
    refusal = desk.refused("create_cash_withdrawal", body=requested(desk, "1", currency="EUR"))
    assert (refusal.rule.name, refusal.rule.status) == ("payment.currency", 400)
    assert withdraw(desk, "1").currency == "GBP"


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": "-1"},
        {"amount": "1.5"},
        {"amount": "1000000000"},
        {"amount": None},
        {"currency": "USD"},
        {"remittance_information": "x" * 141},
        {"purpose_code": "nothing"},
        {"colour": "red"},
    ],
)
def test_what_the_contract_does_not_know_is_no_request(desk: Desk, wrong: dict[str, Any]) -> None:
    body = {name: value for name, value in {**requested(desk, "1"), **wrong}.items() if value is not None}
    with pytest.raises(ValidationError):
        desk.call("create_cash_withdrawal", body=body)
