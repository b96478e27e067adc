"""trading.md §15: what an execution books, and the lists of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson
import pytest

from mockserver.domain import seeding
from mockserver.domain.accounts.holders import members
from tests.conftest import Api
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_85, AT_100, IN_PARTS, NOBODY, Desk

OWN = "XS0000000709"
CASH = "list_cash_transactions"
UNITS = "list_securities_transactions"


def dicts(desk: Desk, operation: str, **query: str) -> list[dict[str, Any]]:
    return [orjson.loads(row.wire) for row in desk.rows(operation, **query)]


def test_a_buy_books_minus_its_cash_and_plus_its_units(open_desk: OpenDesk) -> None:
    desk = open_desk("live")
    order = desk.place("BUY", AT_100, amount="150")
    desk.advance("1m")
    (execution,) = desk.call("retrieve_order", {"order_id": order.id}).executions
    uuid = desk.call("retrieve_instrument", {"instrument_id": f"isin:{AT_100}"}).id
    (cash,), (units,) = dicts(desk, CASH), dicts(desk, UNITS)
    common = {
        "account_group_id": desk.group_id,
        "account_id": desk.account_id,
        "booking_date": "2023-01-10T00:00:00Z",
        "value_date": "2023-01-11T00:00:00Z",
        "instrument": {"uuid": uuid, "isin": AT_100},
        "references": [
            {"id": execution.id, "type": "ORDER_EXECUTION"},
            {"id": order.id, "type": "ORDER"},
        ],
        "type": "ORDER_EXECUTION",
    }
    assert cash == common | {
        "id": cash["id"],
        "created_at": cash["created_at"],
        "updated_at": cash["created_at"],
        "delta": {"amount": "-150", "currency": "EUR"},
        "taxes": [],
        "taxes_details": {"total_amount": {"amount": "0.00", "currency": "EUR"}, "tax_breakdown": []},
    }
    assert units == common | {
        "id": units["id"],
        "created_at": cash["created_at"],
        "updated_at": cash["created_at"],
        "delta": {"amount": "1.5"},
    }
    assert desk.told("CASH_TRANSACTION.EXECUTED") == [cash]
    assert desk.told("SECURITY_TRANSACTION.EXECUTED") == [units]


def test_a_sell_books_plus_its_cash_and_minus_its_units(open_desk: OpenDesk) -> None:
    desk = open_desk("live")
    desk.hold(AT_85, "10")
    desk.place("SELL", AT_85, quantity="10")
    desk.advance("1m")
    (cash,), (units,) = dicts(desk, CASH), dicts(desk, UNITS)
    assert (cash["delta"]["amount"], units["delta"]["amount"]) == ("817.70", "-10")
    assert cash["value_date"] == units["value_date"] == "2023-01-12T00:00:00Z"


def test_transactions_are_booked_at_the_fill_and_not_at_settlement(open_desk: OpenDesk) -> None:
    desk = open_desk("live")
    desk.place("BUY", AT_100, amount="150")
    desk.advance("1m")
    assert len(dicts(desk, CASH)) == len(dicts(desk, UNITS)) == 1
    desk.advance("5d")
    assert len(dicts(desk, CASH)) == len(dicts(desk, UNITS)) == 1


def test_each_execution_books_its_own(desk: Desk) -> None:
    desk.place("BUY", IN_PARTS, amount="300")
    desk.advance()
    assert [row["delta"]["amount"] for row in dicts(desk, CASH)] == ["-100", "-100", "-100"]
    assert [row["delta"]["amount"] for row in dicts(desk, UNITS)] == ["1", "1", "1"]


# --- Bounds ---


def test_the_largest_amount_is_booked_to_the_cent(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="2000000000")
    desk.place("BUY", AT_85, amount="999999999.99")
    desk.advance()
    (cash,), (units,) = dicts(desk, CASH), dicts(desk, UNITS)
    assert cash["delta"]["amount"] == "-999999999.99"
    assert Decimal(units["delta"]["amount"]) == Decimal("11734334.6631072518")  # 999999999.99 / 85.22, cut


def test_the_smallest_amount_is_booked_to_the_last_decimal(desk: Desk) -> None:
    desk.instrument(OWN, "100000")
    desk.place("BUY", OWN, amount="0.01")
    desk.advance()
    (cash,), (units,) = dicts(desk, CASH), dicts(desk, UNITS)
    assert (cash["delta"]["amount"], units["delta"]["amount"]) == ("-0.01", "0.0000001")


def test_a_quantity_keeps_every_digit(open_desk: OpenDesk) -> None:
    """40 digits before the point and 10 after it, at a price of almost nothing."""
    quantity = "1234567890123456789012345678901234567890.0123456789"
    desk = open_desk()
    desk.instrument(OWN, "0.0000000000000000000000000000000001")
    desk.hold(OWN, quantity)
    desk.place("SELL", OWN, quantity=quantity)
    desk.advance()
    (cash,), (units,) = dicts(desk, CASH), dicts(desk, UNITS)
    assert (cash["delta"]["amount"], units["delta"]["amount"]) == ("123456.79", f"-{quantity}")


# --- Lists ---


@pytest.fixture
def two_days(desk: Desk) -> Desk:
    """A buy on Tuesday and one on Wednesday; on Wednesday also one of another group."""
    desk.place("BUY", AT_100, amount="1")
    desk.advance("1d")
    desk.place("BUY", AT_100, amount="2")
    desk.advance()
    other = seeding.account(desk.world)
    seeding.cash(desk.world, account_id=other.id, amount=Decimal(10))
    seeding.configuration(desk.world, account_id=other.id, allocation_id=desk.allocation_id)
    desk.order("BUY", "10", account_id=other.id, user_id=members(other)[0].id)
    desk.advance()
    return desk


def amounts(desk: Desk, operation: str, **query: str) -> list[str]:
    return [row["delta"]["amount"] for row in dicts(desk, operation, **query)]


def test_lists_are_ordered_by_booking_day(two_days: Desk) -> None:
    for operation in (CASH, UNITS):
        days = [row["booking_date"] for row in dicts(two_days, operation)]
        assert days == sorted(days)
        assert len(days) == 4
        assert two_days.call(operation).sort == "booking_date"


def test_lists_filter_by_inclusive_days_of_booking(two_days: Desk) -> None:
    group = two_days.group_id
    assert amounts(two_days, CASH, account_group_id=group) == ["-1", "-2"]
    assert amounts(two_days, CASH, account_group_id=group, start_date="2023-01-11") == ["-2"]
    assert amounts(two_days, CASH, account_group_id=group, end_date="2023-01-10") == ["-1"]
    assert amounts(two_days, CASH, start_date="2023-01-10", end_date="2023-01-10") == ["-1"]
    assert amounts(two_days, CASH, start_date="2023-01-12") == []
    assert amounts(two_days, UNITS, end_date="2023-01-10") == ["0.01"]


def test_securities_filter_by_account_and_group(two_days: Desk) -> None:
    account, group = two_days.account_id, two_days.group_id
    assert amounts(two_days, UNITS, account_id=account) == ["0.01", "0.02"]
    assert amounts(two_days, UNITS, account_group_id=group) == ["0.01", "0.02"]
    assert amounts(two_days, UNITS, account_id=account, account_group_id=group) == ["0.01", "0.02"]
    assert amounts(two_days, UNITS, account_id=account, account_group_id=NOBODY) == []


def test_unknown_groups_and_accounts_are_404(desk: Desk) -> None:
    assert desk.refused(CASH, query={"account_group_id": NOBODY}).rule.status == 404
    assert desk.refused(UNITS, query={"account_group_id": NOBODY}).rule.status == 404
    assert desk.refused(UNITS, query={"account_id": NOBODY}).rule.status == 404


@pytest.mark.parametrize("operation", [CASH, UNITS])
def test_a_start_after_the_end_is_refused(desk: Desk, operation: str) -> None:
    refusal = desk.refused(operation, query={"start_date": "2023-01-11", "end_date": "2023-01-10"})
    assert (refusal.rule.status, refusal.rule.name) == (400, "list.dates")


# --- Over HTTP ---


async def test_the_whole_chain(two_days: Desk, client: Api) -> None:
    for path in ("/transactions/cash", "/transactions/securities"):
        latest = await client.get(f"{path}?account_group_id={two_days.group_id}&order=DESC&limit=1")
        assert latest.json["meta"] == {
            "offset": 0,
            "limit": 1,
            "count": 1,
            "total_count": 2,
            "sort": "booking_date",
            "order": "DESC",
        }
        assert latest.json["data"][0]["booking_date"] == "2023-01-11T00:00:00Z"
        beyond = await client.get(f"{path}?account_group_id={two_days.group_id}&offset=7")
        assert (beyond.json["data"], beyond.json["meta"]["total_count"]) == ([], 2)


@pytest.mark.parametrize("path", ["/transactions/cash", "/transactions/securities"])
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("start_date=2023-01-11&end_date=2023-01-10", 400),
        ("start_date=yesterday", 400),
        ("sort=created_at", 400),
        ("limit=0", 400),
        ("account_group_id=nobody", 400),
        (f"account_group_id={NOBODY}", 404),
    ],
)
@pytest.mark.usefixtures("desk")
async def test_a_list_that_cannot_be_made_is_refused(client: Api, path: str, query: str, status: int) -> None:
    assert (await client.get(f"{path}?{query}")).status == status
