"""portfolios.md §4.2: placing a portfolio order, what is refused at once, and reading them."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from mockserver.domain import seeding
from mockserver.domain.accounts.accounts import ACCOUNTS
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import NOBODY, Desk


def refused(desk: Desk, **changes: Any) -> tuple[int, str]:
    body = {
        "user_id": desk.user_id,
        "account_id": desk.account_id,
        "side": "BUY",
        "cash_amount": "100",
        "currency": "EUR",
        **changes,
    }
    refusal = desk.refused("create_portfolios_order", body=body)
    return refusal.rule.status, refusal.rule.name


@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_a_new_order_is_answered_stored_and_told(desk: Desk, side: str) -> None:
    answer = desk.order(side, "1000")
    assert orjson.loads(answer.wire) == {
        "id": answer.id,
        "created_at": "2023-01-10T09:00:00Z",
        "updated_at": "2023-01-10T09:00:00Z",
        "user_id": desk.user_id,
        "account_id": desk.account_id,
        "allocation_id": desk.allocation_id,
        "cash_amount": "1000",
        "currency": "EUR",
        "status": "NEW",
        "type": side,
        "post_tax": False,
        "orders": [],
        "client_reference": "",
        "initiation_flow": "API",
    }
    assert desk.portfolio_order(answer.id).wire == answer.wire
    assert desk.types_since() == ["PORTFOLIO_ORDER.NEW"]
    assert desk.told("PORTFOLIO_ORDER.NEW") == [orjson.loads(answer.wire)]


@pytest.mark.parametrize("amount", ["0.01", "1", "10.50", "999999999.99"])
def test_the_amount_is_kept_as_sent(desk: Desk, amount: str) -> None:
    assert desk.order("BUY", amount).cash_amount == amount


def test_post_tax_is_echoed(desk: Desk) -> None:
    assert desk.order("SELL", "10", post_tax=True).post_tax is True


@pytest.mark.parametrize("amount", ["0", "0.00", "000"])
def test_an_amount_of_zero_is_refused(desk: Desk, amount: str) -> None:
    assert refused(desk, cash_amount=amount) == (400, "portfolio-order.amount-zero")


@pytest.mark.parametrize("amount", ["", ".50", "1.5", "1.005", "1000000000"])
def test_an_amount_that_is_no_cash_amount_is_refused(desk: Desk, amount: str) -> None:
    assert refused(desk, cash_amount=amount) == (400, "portfolio-order.amount-format")


@pytest.mark.parametrize("amount", ["-1", "1e3", "1,00", " 1", "NaN", "١٠"])
def test_the_contract_refuses_what_is_no_number(desk: Desk, amount: str) -> None:
    with pytest.raises(ValidationError):
        desk.order("BUY", amount)


def test_unknown_users_and_accounts_are_404(desk: Desk) -> None:
    assert refused(desk, user_id=NOBODY) == (404, "resource.unknown")
    assert refused(desk, account_id=NOBODY) == (404, "resource.unknown")


def test_another_users_account_is_404(desk: Desk) -> None:
    other = seeding.user(desk.world)
    assert refused(desk, user_id=other.id) == (404, "portfolio-order.owner")


@pytest.mark.parametrize("kind", ["PORTFOLIO", "TRADING"])
def test_an_account_without_a_configuration_is_404(desk: Desk, kind: str) -> None:
    account = seeding.account(desk.world, user_id=desk.user_id, type=kind)
    assert refused(desk, account_id=account.id) == (404, "portfolio-order.configuration")


def test_another_currency_than_the_groups_is_refused(desk: Desk) -> None:
    assert refused(desk, currency="GBP") == (400, "portfolio-order.currency")


def test_a_group_in_pounds_orders_in_pounds(desk: Desk) -> None:
    group = seeding.account_group(desk.world, user_id=desk.user_id, currency="GBP")
    account = seeding.account(desk.world, account_group_id=group.id)
    seeding.configuration(desk.world, account_id=account.id, allocation_id=desk.allocation_id)
    assert refused(desk, account_id=account.id) == (400, "portfolio-order.currency")
    assert desk.order("BUY", "10", account_id=account.id, currency="GBP").currency == "GBP"


@pytest.mark.parametrize("status", ["PENDING_APPROVAL", "LOCKED", "CLOSING", "CLOSED"])
def test_an_order_is_accepted_whatever_the_account_is(desk: Desk, status: str) -> None:
    account = seeding.account(desk.world, user_id=desk.user_id, status="ACTIVE")
    seeding.configuration(desk.world, account_id=account.id, allocation_id=desk.allocation_id)
    desk.world.table(ACCOUNTS).put(account.evolve(status=status))
    assert desk.order("BUY", "10", account_id=account.id).status == "NEW"


def test_an_order_is_accepted_without_cash_and_without_positions(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    assert desk.order("BUY", "10").status == "NEW"
    assert desk.order("SELL", "10").status == "NEW"


def test_an_unknown_order_is_404(desk: Desk) -> None:
    path = {"portfolio_order_id": NOBODY}
    assert desk.refused("retrieve_portfolios_order", path).rule.status == 404
    assert desk.refused("cancel_portfolios_order", path).rule.status == 404


# --- Lists ---


def test_the_list_is_ordered_by_id(desk: Desk) -> None:
    placed = [desk.order("BUY", "10").id for _ in range(6)]
    assert [row.id for row in desk.rows("list_portfolios_orders")] == sorted(placed)
    assert [row.id for row in desk.rows("list_portfolios_orders", account_id=desk.account_id)] == sorted(placed)


def test_the_list_filters_by_account_and_by_allocation(desk: Desk) -> None:
    account = seeding.account(desk.world, user_id=desk.user_id)
    other = seeding.allocation(desk.world, allocation=[{"instrument_id": "IE0032077012", "weight": "1"}])
    seeding.configuration(desk.world, account_id=account.id, allocation_id=other.id)
    first, second = desk.order("BUY", "10").id, desk.order("BUY", "10", account_id=account.id).id

    def found(**query: str) -> list[str]:
        return [row.id for row in desk.rows("list_portfolios_orders", **query)]

    assert found(account_id=desk.account_id) == [first]
    assert found(allocation_id=other.id) == [second]
    assert found(allocation_id=other.id.upper()) == [second]
    assert found(account_id=desk.account_id, allocation_id=other.id) == []
    assert found(account_id=NOBODY) == []


def test_the_list_filters_by_creation(desk: Desk) -> None:
    first = desk.order("BUY", "10").id
    desk.advance("1d")
    second = desk.order("BUY", "10").id

    def found(**query: str) -> list[str]:
        return [row.id for row in desk.rows("list_portfolios_orders", account_id=desk.account_id, **query)]

    assert found(start_date="2023-01-11") == [second]
    assert found(end_date="2023-01-10") == [first]
    assert found(end_date="2023-01-10T09:00:00Z") == [first]
    assert found(end_date="2023-01-10T00:00:00Z") == []
