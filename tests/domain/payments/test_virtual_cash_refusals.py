"""payments.md §8.1: which requests for virtual cash are refused."""

from __future__ import annotations

import pytest

from mockserver.domain import seeding
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import NOBODY, Desk

FAMILIES = ["create_virtual_cash_increase", "create_virtual_cash_decrease"]


@pytest.mark.parametrize("operation", FAMILIES)
@pytest.mark.parametrize(
    ("members", "status", "rule"),
    [
        ({"account_group_id": NOBODY}, 404, "resource.unknown"),
        ({"amount": "0"}, 400, "payment.amount"),
        ({"amount": "0.00"}, 400, "payment.amount"),
    ],
)
def test_a_request_that_cannot_be_is_refused(
    desk: Desk, operation: str, members: dict[str, str], status: int, rule: str
) -> None:
    body = {"account_group_id": desk.group_id, "amount": "200.00", "currency": "EUR", **members}
    refusal = desk.refused(operation, body=body)
    assert (refusal.rule.status, refusal.rule.name) == (status, rule)


@pytest.mark.parametrize("operation", FAMILIES)
@pytest.mark.parametrize("currency", ["EUR", "USD"])
def test_an_isa_group_holds_pounds_only(desk: Desk, operation: str, currency: str) -> None:
    isa = seeding.account_group(desk.world, user_id=desk.user_id, type="ISA").id
    body = {"account_group_id": isa, "amount": "200.00", "currency": currency}
    assert desk.refused(operation, body=body).rule.name == "payment.currency"


@pytest.mark.parametrize(
    ("status", "operation", "refused"),
    [
        ("PENDING_APPROVAL", "create_virtual_cash_increase", True),
        ("PENDING_APPROVAL", "create_virtual_cash_decrease", True),
        ("LOCKED", "create_virtual_cash_increase", True),
        ("LOCKED", "create_virtual_cash_decrease", True),
        ("CLOSING", "create_virtual_cash_increase", True),
        ("CLOSING", "create_virtual_cash_decrease", False),
        ("CLOSED", "create_virtual_cash_increase", True),
        ("CLOSED", "create_virtual_cash_decrease", True),
    ],
)
def test_what_a_group_takes_by_its_status(open_desk: OpenDesk, status: str, operation: str, refused: bool) -> None:
    desk = open_desk("manual")
    of = seeding.account_group(desk.world, status=status).id
    body = {"account_group_id": of, "amount": "200.00", "currency": "EUR"}
    if refused:
        refusal = desk.refused(operation, body=body)
        assert (refusal.rule.status, refusal.rule.name) == (400, "payment.group-status")
        assert status in refusal.detail
    else:
        desk.call(operation, body=body)


@pytest.mark.parametrize(("model", "refused"), [("any", False), ("post_trade", False), ("prefunded", True)])
def test_virtual_cash_belongs_to_post_trade_settlement(open_desk: OpenDesk, model: str, refused: bool) -> None:
    desk = open_desk(overrides={"payments": {"cash_model": model}})
    body = {"account_group_id": desk.group_id, "amount": "0.00", "currency": "EUR"}  # no body would pass
    for operation in FAMILIES:
        refusal = desk.refused(operation, body=body)
        assert refusal.rule.name == ("virtual-cash.prefunded" if refused else "payment.amount")
        assert refusal.rule.status == (403 if refused else 400)
    refusal = desk.refused("cancel_virtual_cash_decrease", {"virtual_cash_decrease_id": NOBODY})
    assert refusal.rule.status == (403 if refused else 404)
