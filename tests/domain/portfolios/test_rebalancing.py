"""Rebalancing executions and their orders: who takes part, who is refused and why (portfolios.md §5.1, §5.2, §5.4)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from mockserver.domain import seeding
from mockserver.domain.accounts.accounts import ACCOUNT_LIFE, ACCOUNTS
from mockserver.domain.portfolios.rebalancing import EXECUTION_ORDER_LIFE, EXECUTION_ORDERS
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import NOBODY, Desk
from tests.domain.support.holdings import (
    A,
    B,
    aim,
    execution_orders,
    list_instruments,
    portfolio,
    rebalance,
    rebalanced,
)

HALVES = {A: "0.5", B: "0.5"}
NEW, CANCELLED = "REBALANCING_EXECUTION_ORDER.NEW", "REBALANCING_EXECUTION_ORDER.CANCELLED"


def execution(desk: Desk, execution_id: str) -> Any:
    return desk.call("retrieve_portfolios_rebalancing_execution", {"execution_id": execution_id})


def configured_accounts(desk: Desk, allocation_id: str, count: int) -> list[str]:
    ids = [seeding.account(desk.world, user_id=desk.user_id).id for _ in range(count)]
    for account_id in ids:
        seeding.configuration(desk.world, account_id=account_id, allocation_id=allocation_id)
    return ids


# --- What is requested (§5.1) ---


def test_the_answer_is_only_the_id(desk: Desk) -> None:
    reply = desk.call("trigger_portfolio_rebalancing", body={"accounts": [desk.account_id]})
    assert reply.wire.decode() == f'{{"id":"{reply.id}"}}'


def test_an_execution_by_accounts_shows_them_and_no_allocations(desk: Desk) -> None:
    wanted = [desk.account_id, NOBODY]
    shown = execution(desk, rebalance(desk, wanted))
    assert (shown.accounts, shown.allocations) == (tuple(wanted), ())
    assert b'"allocations":[]' in shown.wire


def test_an_execution_by_allocations_shows_them_and_no_accounts(desk: Desk) -> None:
    shown = execution(desk, rebalance(desk, allocations=[desk.allocation_id]))
    assert (shown.accounts, shown.allocations) == ((), (desk.allocation_id,))
    assert b'"accounts":[]' in shown.wire


@pytest.mark.parametrize("body", [{}, {"accounts": [NOBODY], "allocations": [NOBODY]}, {"accounts": None}])
def test_both_and_neither_are_refused(desk: Desk, body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        desk.call("trigger_portfolio_rebalancing", body=body)


@pytest.mark.parametrize("field", ["accounts", "allocations"])
def test_an_empty_array_is_refused(desk: Desk, field: str) -> None:
    refusal = desk.refused("trigger_portfolio_rebalancing", body={field: []})
    assert (refusal.rule.status, field in refusal.detail) == (400, True)


def test_an_unknown_allocation_refuses_the_whole_request(desk: Desk) -> None:
    refusal = desk.refused("trigger_portfolio_rebalancing", body={"allocations": [desk.allocation_id, NOBODY]})
    assert refusal.rule.status == 404


def test_an_account_named_twice_takes_part_once(desk: Desk) -> None:
    upper = desk.account_id.upper()
    assert len(execution_orders(desk, rebalance(desk, [desk.account_id, NOBODY, upper]))) == 2


def test_by_allocations_every_account_configured_with_one_of_them_takes_part_once(desk: Desk) -> None:
    list_instruments(desk, A)
    other = seeding.allocation(desk.world, allocation=[{"instrument_id": A, "weight": "1"}])
    unused = seeding.allocation(desk.world, allocation=[{"instrument_id": A, "weight": "1"}])
    wanted = {desk.account_id, *configured_accounts(desk, other.id, 2)}
    configured_accounts(desk, unused.id, 1)
    orders = execution_orders(desk, rebalance(desk, allocations=[desk.allocation_id, other.id, other.id]))
    assert sorted(order.account_id for order in orders) == sorted(wanted)


def test_the_accounts_of_an_allocation_are_those_of_the_moment(desk: Desk) -> None:
    execution_id = rebalance(desk, allocations=[desk.allocation_id])
    configured_accounts(desk, desk.allocation_id, 1)
    desk.advance()
    assert len(execution_orders(desk, execution_id)) == 1


def test_an_allocation_without_accounts_makes_an_execution_without_orders(desk: Desk) -> None:
    list_instruments(desk, A)
    unused = seeding.allocation(desk.world, allocation=[{"instrument_id": A, "weight": "1"}])
    execution_id = rebalance(desk, allocations=[unused.id])
    assert execution_orders(desk, execution_id) == []
    assert desk.advance() == []


def test_an_unknown_execution_is_refused(desk: Desk) -> None:
    for operation in ("retrieve_portfolios_rebalancing_execution", "list_portfolio_rebalancing_execution_orders"):
        assert desk.refused(operation, {"execution_id": NOBODY}).rule.status == 404


def test_an_execution_is_updated_with_its_orders(desk: Desk) -> None:
    execution_id = rebalance(desk)
    made = execution(desk, execution_id)
    assert made.updated_at == made.created_at
    desk.advance()
    (order,) = execution_orders(desk, execution_id)
    assert execution(desk, execution_id).updated_at == order.updated_at > made.created_at


# --- The checks (§5.2) ---


def test_an_execution_order_begins_new_with_a_null_portfolio_order(desk: Desk) -> None:
    portfolio(desk, {A: "60", B: "40"}, HALVES)
    (order,) = execution_orders(desk, rebalance(desk))
    assert desk.types_since() == [NEW]
    assert order.status == "NEW"
    assert b'"portfolio_order_id":null' in order.wire


def unknown_account(desk: Desk) -> str:
    return NOBODY


def trading_account(desk: Desk) -> str:
    return seeding.account(desk.world, user_id=desk.user_id, type="TRADING").id


def unconfigured(desk: Desk) -> str:
    desk.call("delete_portfolios_configuration", {"account_id": desk.account_id})
    return desk.account_id


def locked(desk: Desk) -> str:
    ACCOUNT_LIFE.carry(desk.world, desk.world.table(ACCOUNTS)[desk.account_id], "LOCKED")
    return desk.account_id


def without_positions(desk: Desk) -> str:
    return desk.account_id


def balanced(desk: Desk) -> str:
    portfolio(desk, {A: "50", B: "50"}, HALVES)
    return desk.account_id


REASONS = [
    # portfolios.md §5.2, row by row, each with a case in which it is the first that applies
    (unknown_account, "ACCOUNT_NOT_FOUND", "Account not found."),
    (trading_account, "INVALID_ACCOUNT_TYPE", "Account is not a portfolio account."),
    (unconfigured, "CONFIGURATION_IS_MISSING", "Portfolio configuration is missing."),
    (locked, "UNKNOWN", "Account is not active."),
    (without_positions, "ACCOUNT_IS_EMPTY", "Account has no positions."),
    (balanced, "PORTFOLIO_IS_BALANCED", "Portfolio is balanced, no need to rebalance."),
]


@pytest.mark.parametrize(("case", "reason", "details"), REASONS, ids=[reason for _, reason, _ in REASONS])
def test_a_failed_check_cancels_with_its_reason_and_text_after_new(
    desk: Desk, case: Any, reason: str, details: str
) -> None:
    account_id = case(desk)
    position = desk.world.events.end
    execution_id = rebalance(desk, [account_id])
    desk.advance()
    (order,) = execution_orders(desk, execution_id)
    assert (order.status, order.cancellation_reason, order.cancellation_details) == ("CANCELLED", reason, details)
    assert b'"portfolio_order_id":null' in order.wire
    assert desk.types_since(position) == [NEW, CANCELLED]
    assert desk.rows("list_portfolios_orders") == []


def test_of_several_reasons_the_first_of_the_table_is_given(desk: Desk) -> None:
    """Neither configured, nor active, nor with positions; each mended in turn."""
    desk.call("delete_portfolios_configuration", {"account_id": desk.account_id})
    locked(desk)
    list_instruments(desk, A, B)
    found = [rebalanced(desk).cancellation_reason]
    aim(desk, HALVES)
    found.append(rebalanced(desk).cancellation_reason)
    ACCOUNT_LIFE.carry(desk.world, desk.world.table(ACCOUNTS)[desk.account_id], "ACTIVE")
    found.append(rebalanced(desk).cancellation_reason)
    for isin in (A, B):
        desk.hold(isin, "1")
    found.append(rebalanced(desk).cancellation_reason)
    assert found == ["CONFIGURATION_IS_MISSING", "UNKNOWN", "ACCOUNT_IS_EMPTY", "PORTFOLIO_IS_BALANCED"]


def test_a_configured_account_without_positions_still_produces_events(desk: Desk) -> None:
    """The seed names avoiding these as a reason to delete a configuration."""
    rebalance(desk, allocations=[desk.allocation_id])
    desk.advance()
    assert desk.types_since() == [NEW, CANCELLED]
    assert desk.told(CANCELLED)[0]["cancellation_reason"] == "ACCOUNT_IS_EMPTY"


def test_one_accounts_failure_does_not_hold_up_the_others(desk: Desk) -> None:
    portfolio(desk, {A: "60", B: "40"}, HALVES)
    execution_id = rebalance(desk, [NOBODY, desk.account_id])
    desk.advance("1m")
    found = {order.account_id: order.status for order in execution_orders(desk, execution_id)}
    assert found == {NOBODY: "CANCELLED", desk.account_id: "FILLED"}


# --- Listing (§5.4) ---


def test_the_list_goes_by_status_in_the_order_of_life_then_by_creation(open_desk: OpenDesk) -> None:
    desk = open_desk("manual")
    list_instruments(desk, A, B)
    accounts = [seeding.account(desk.world, user_id=desk.user_id).id for _ in range(7)]
    for account_id in accounts:
        aim(desk, HALVES, account_id)
        seeding.position(desk.world, account_id=account_id, instrument=A, quantity=Decimal(10))
    execution_id = rebalance(desk, accounts)
    steps: list[tuple[str, ...]] = [
        ("CANCELLED",), (), ("PROCESSING", "FILLED"), ("PROCESSING",), ("CANCELLED",), (), ("PROCESSING", "FILLED"),
    ]  # fmt: skip
    for order, states in zip(execution_orders(desk, execution_id), steps, strict=True):
        for state in states:
            EXECUTION_ORDER_LIFE.carry(desk.world, desk.world.table(EXECUTION_ORDERS)[order.id], state)
    found = [(str(order.status), accounts.index(order.account_id)) for order in execution_orders(desk, execution_id)]
    assert found == [
        ("NEW", 1),
        ("NEW", 5),
        ("PROCESSING", 3),
        ("FILLED", 2),
        ("FILLED", 6),
        ("CANCELLED", 0),
        ("CANCELLED", 4),
    ]


def test_the_list_names_the_parameter_it_is_sorted_by(desk: Desk) -> None:
    path = {"execution_id": rebalance(desk)}
    assert desk.call("list_portfolio_rebalancing_execution_orders", path).sort == "status"


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"start_date": "2023-01-10"}, 1),
        ({"start_date": "2023-01-11"}, 0),
        ({"end_date": "2023-01-10"}, 1),
        ({"end_date": "2023-01-09"}, 0),
        ({"start_date": "2023-01-10T09:00:00Z", "end_date": "2023-01-10T09:00:00Z"}, 1),
        ({"start_date": "2023-01-10T09:00:01Z"}, 0),
    ],
)
def test_the_list_is_filtered_by_creation(desk: Desk, query: dict[str, str], count: int) -> None:
    assert len(execution_orders(desk, rebalance(desk), **query)) == count
