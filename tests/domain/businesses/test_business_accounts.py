"""payments.md §14: what users do with their accounts, businesses do with theirs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson
import pytest

from mockserver.domain import seeding
from mockserver.domain.ledger.cash import cash
from tests.domain.support import companies
from tests.domain.support.desk import AT_100, Desk
from tests.domain.support.openings import person
from tests.domain.support.transfers import number_of, send

IBAN = "DE89370400440532013000"


@pytest.fixture
def company(desk: Desk) -> tuple[str, str, str]:
    """An ACTIVE company with 1,000 EUR: business, group, account."""
    business_id = companies.onboarded(desk)
    group_id = companies.open_group(desk, business_id)
    account_id = companies.open_account(desk, business_id, group_id)
    desk.advance("1s")
    desk.world.undo.clear()
    seeding.cash(desk.world, account_group_id=group_id, amount=Decimal(1000))
    return business_id, group_id, account_id


def registered(desk: Desk, what: str, business_id: str) -> Any:
    """A bank account of the business, as a mandate or as a reference account."""
    body = {
        "business_id": business_id,
        **({"account_owner": "Acme Corporation"} if what == "create_reference_account" else {}),
        "iban": IBAN,
        "bic": "COBADEFFXXX",
        "confirmed_at": "2022-01-01T00:00:00Z",
    }
    return desk.call(what, body=body)


def order(desk: Desk, account_id: str, **others: Any) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "cash_amount": "100",
        "currency": "EUR",
        "side": "BUY",
        "instrument_id": AT_100,
        "instrument_id_type": "ISIN",
        "order_type": "MARKET",
        "user_instrument_fit_acknowledgement": True,
        **others,
    }


def balance(desk: Desk, group_id: str) -> Decimal:
    return cash(desk.world, group_id, "EUR").balance


# --- Groups and accounts ---


def test_groups_and_accounts_are_active_with_the_business(desk: Desk) -> None:
    business_id = companies.onboarded(desk)
    group_id = companies.open_group(desk, business_id)
    account_id = companies.open_account(desk, business_id, group_id)
    assert desk.advance("1s")[-3:] == ["BUSINESS.ACTIVATED", "ACCOUNT_GROUP.ACTIVATED", "ACCOUNT.ACTIVATED"]
    group = orjson.loads(desk.call("retrieve_account_group", {"account_group_id": group_id}).wire)
    account = orjson.loads(desk.call("retrieve_account", {"account_id": account_id}).wire)
    assert (group["type"], group["business_id"], "users" in group) == ("BUSINESS", business_id, False)
    assert (account["business_id"], "users" in account) == (business_id, False)


def test_a_business_has_any_number_of_groups(desk: Desk, company: tuple[str, str, str]) -> None:
    business_id, group_id, account_id = company
    second = companies.open_group(desk, business_id)
    path = {"business_id": business_id}
    assert {row.id for row in desk.rows("list_business_account_groups", path)} == {group_id, second}
    assert [row.id for row in desk.rows("list_business_accounts", path)] == [account_id]


def test_a_group_of_somebody_else_takes_no_account(desk: Desk, company: tuple[str, str, str]) -> None:
    business_id, group_id, _ = company
    for body in (
        {"business_id": business_id, "account_group_id": desk.group_id, "type": "TRADING"},
        {"user_id": desk.user_id, "account_group_id": group_id, "type": "TRADING"},
    ):
        assert desk.refused("create_account", body=body).rule.name == "account.member"


# --- Orders ---


def test_an_order_of_a_business_is_filled(desk: Desk, company: tuple[str, str, str]) -> None:
    business_id, group_id, account_id = company
    placed = desk.call("place_order", body=order(desk, account_id, business_id=business_id))
    desk.advance("1s")
    shown = orjson.loads(desk.call("retrieve_order", {"order_id": placed.id}).wire)
    assert (shown["status"], shown["business_id"], "user_id" in shown) == ("FILLED", business_id, False)
    assert balance(desk, group_id) == Decimal("900.00")  # 1000 less the order of 100


@pytest.mark.parametrize("whose", ["a user", "another business", "the business as a user"])
def test_an_order_of_somebody_else_is_refused(desk: Desk, company: tuple[str, str, str], whose: str) -> None:
    business_id, _, account_id = company
    owner = {
        "a user": {"user_id": person(desk)},
        "another business": {"business_id": companies.created(desk)},
        "the business as a user": {"user_id": business_id},
    }[whose]
    refusal = desk.refused("place_order", body=order(desk, account_id, **owner))
    assert (refusal.rule.name, refusal.rule.status) == ("order.member", 422)


def test_a_business_that_leaves_orders_nothing(desk: Desk, company: tuple[str, str, str]) -> None:
    business_id, _, account_id = company
    desk.move("businesses", business_id, "OFFBOARDING")
    refusal = desk.refused("place_order", body=order(desk, account_id, business_id=business_id))
    assert refusal.rule.name == "business.offboarding"


def test_an_account_of_a_business_is_liquidated(desk: Desk, company: tuple[str, str, str]) -> None:
    business_id, _, account_id = company
    desk.world.undo.clear()
    seeding.position(desk.world, account_id=account_id, instrument=AT_100, quantity=Decimal(2))
    path = {"account_id": account_id}
    refusal = desk.refused("create_account_liquidation", path, body={"user_id": desk.user_id})
    assert refusal.rule.name == "liquidation.owner"
    made = desk.call("create_account_liquidation", path, body={"business_id": business_id})
    desk.advance("1d")
    shown = orjson.loads(desk.call("retrieve_account_liquidation", {**path, "account_liquidation_id": made.id}).wire)
    assert (shown["status"], shown["business_id"], shown.get("user_id")) == ("SETTLED", business_id, None)
    (sold,) = [each for each in desk.told("ORDER.FILLED") if each["account_id"] == account_id]
    assert (sold["business_id"], "user_id" in sold) == (business_id, False)


# --- Money ---


def test_a_direct_debit_of_a_business_shows_no_user(desk: Desk, company: tuple[str, str, str]) -> None:
    business_id, group_id, _ = company
    mandate = registered(desk, "create_mandate", business_id)
    assert [row.id for row in desk.rows("list_business_mandates", {"business_id": business_id})] == [mandate.id]
    body = {"account_group_id": group_id, "mandate_id": mandate.id, "cash_amount": "50", "currency": "EUR"}
    debit = desk.call("create_direct_debit", body=body)
    assert "user_id" not in orjson.loads(debit.wire)
    desk.advance("1s")
    assert balance(desk, group_id) == Decimal("1050.00")


def test_a_withdrawal_of_a_business_goes_to_its_reference_account(desk: Desk, company: tuple[str, str, str]) -> None:
    business_id, group_id, _ = company
    to = registered(desk, "create_reference_account", business_id)
    path = {"business_id": business_id}
    assert [row.id for row in desk.rows("list_business_reference_accounts", path)] == [to.id]
    body = {"account_group_id": group_id, "reference_account_id": to.id, "amount": "400", "currency": "EUR"}
    made = desk.call("create_cash_withdrawal", body=body)
    assert "user_id" not in orjson.loads(made.wire)
    desk.advance("1s")
    assert balance(desk, group_id) == Decimal("600.00")
    refusal = desk.refused("create_cash_withdrawal", body=body | {"user_id": desk.user_id})
    assert refusal.rule.name == "payment.member"


def test_an_inactive_business_pays_nothing_in(desk: Desk, company: tuple[str, str, str]) -> None:
    business_id, group_id, _ = company
    mandate = registered(desk, "create_mandate", business_id)
    desk.move("businesses", business_id, "INACTIVE")
    body = {"account_group_id": group_id, "mandate_id": mandate.id, "cash_amount": "50", "currency": "EUR"}
    refusal = desk.refused("create_direct_debit", body=body)
    assert refusal.rule.name == "payment.holder-status"
    assert refusal.detail == f"Business {business_id} is INACTIVE: money in needs a business who is ACTIVE."


def test_cash_goes_between_the_groups_of_a_business(desk: Desk, company: tuple[str, str, str]) -> None:
    business_id, group_id, _ = company
    second = companies.open_group(desk, business_id)
    desk.advance("1s")
    body = {"source_account_group_id": group_id, "target_account_group_id": second, "amount": "250", "currency": "EUR"}
    made = desk.call("create_cash_balance_transfer", body=body)
    path = {"business_id": business_id}
    assert [row.id for row in desk.rows("list_business_cash_balance_transfers", path)] == [made.id]
    desk.advance("2s")
    assert balance(desk, second) == Decimal("250.00")


@pytest.mark.parametrize(("sender", "arrives"), [("ACME corporation", True), ("Erika Mustermann", False)])
def test_a_transfer_comes_from_an_account_in_the_name_of_the_company(
    desk: Desk, company: tuple[str, str, str], sender: str, arrives: bool
) -> None:
    _, group_id, _ = company
    send(desk, counterparty_name=sender, remittance_information=f"CF{number_of(desk, group_id)}", amount="75")
    desk.advance("1s")
    assert [told["account_group_id"] for told in desk.told("CREDIT_FUNDING.CONFIRMED")] == [group_id] * arrives
