"""Liquidations: everything sold, by one unit order each (portfolios.md §9)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from mockserver.domain import seeding
from mockserver.domain.accounts.accounts import ACCOUNT_LIFE, ACCOUNTS
from mockserver.domain.orders.orders import ORDER_LIFE, ORDERS
from mockserver.domain.portfolios.liquidations import LIQUIDATION_LIFE, LIQUIDATIONS
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_85, NOBODY, PARTS_ONLY, Desk
from tests.domain.support.holdings import A, B, C, aim, close_at, families, list_instruments, quote

CREATE, RETRIEVE = "create_account_liquidation", "retrieve_account_liquidation"
LIST, CANCEL = "list_accounts_liquidations", "cancel_account_liquidation"


def liquidate(desk: Desk, account_id: str | None = None) -> Any:
    body = {"user_id": desk.user_id}
    return desk.call(CREATE, {"account_id": account_id or desk.account_id}, body=body)


def now(desk: Desk, liquidation: Any) -> Any:
    path = {"account_id": liquidation.account_id, "account_liquidation_id": liquidation.id}
    return desk.call(RETRIEVE, path)


def cancel(desk: Desk, liquidation: Any) -> Any:
    path = {"account_id": liquidation.account_id, "account_liquidation_id": liquidation.id}
    return desk.call(CANCEL, path)


def move_account(desk: Desk, state: str) -> None:
    ACCOUNT_LIFE.carry(desk.world, desk.world.table(ACCOUNTS)[desk.account_id], state)


@pytest.fixture
def holder(desk: Desk) -> Desk:
    """An account with 10 ``A`` and 2.5 ``B`` at 100 each."""
    list_instruments(desk, A, B)
    desk.hold(A, "10")
    desk.hold(B, "2.5")
    return desk


# --- The request ---


def test_a_liquidation_is_answered_new_without_orders(holder: Desk) -> None:
    shown = orjson.loads(liquidate(holder).wire)
    assert shown.pop("id")
    assert shown == {
        "created_at": "2023-01-10T09:00:00Z",
        "updated_at": "2023-01-10T09:00:00Z",
        "user_id": holder.user_id,
        "account_id": holder.account_id,
        "cash_amount": "1250",  # the end-of-day value
        "currency": "EUR",
        "status": "NEW",
        "orders": [],
        "fee_collection_id": None,
    }
    assert holder.types_since() == ["ACCOUNT_LIQUIDATION.NEW"]


def test_the_amount_at_new_is_the_value_at_end_of_day_prices(holder: Desk) -> None:
    close_at(holder, A, "2023-01-09", "90")
    quote(holder, A, "120")
    assert liquidate(holder).cash_amount == "1150"  # 10 * 90 + 2.5 * 100


@pytest.mark.parametrize("body", [{}, {"user_id": NOBODY, "business_id": NOBODY}])
def test_exactly_one_owner_is_named(holder: Desk, body: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        holder.call(CREATE, {"account_id": holder.account_id}, body=body)


@pytest.mark.parametrize("owner", ["user_id", "business_id"])
def test_an_owner_who_does_not_own_the_account_is_refused(holder: Desk, owner: str) -> None:
    refusal = holder.refused(CREATE, {"account_id": holder.account_id}, body={owner: NOBODY})
    assert refusal.rule.status == 404


def test_another_user_is_refused(holder: Desk) -> None:
    stranger = seeding.user(holder.world)
    refusal = holder.refused(CREATE, {"account_id": holder.account_id}, body={"user_id": stranger.id})
    assert refusal.rule.status == 404


def test_an_unknown_account_is_refused(holder: Desk) -> None:
    body = {"user_id": holder.user_id}
    assert holder.refused(CREATE, {"account_id": NOBODY}, body=body).rule.status == 404


def test_a_trading_account_can_be_liquidated_too(holder: Desk) -> None:
    account = seeding.account(holder.world, user_id=holder.user_id, type="TRADING")
    seeding.position(holder.world, account_id=account.id, instrument=A, quantity=Decimal(1))
    liquidation = liquidate(holder, account.id)
    holder.advance("1m")
    assert now(holder, liquidation).status == "SETTLED"


@pytest.mark.parametrize("wait", ["0s", "250ms"])
def test_a_second_liquidation_is_refused_while_one_is_open(holder: Desk, wait: str) -> None:
    first = liquidate(holder)
    holder.advance(wait)
    refusal = holder.refused(CREATE, {"account_id": holder.account_id}, body={"user_id": holder.user_id})
    assert refusal.rule.status == 400
    assert first.id in refusal.detail


def test_after_the_first_is_done_there_may_be_another(holder: Desk) -> None:
    liquidate(holder)
    holder.advance("1m")
    assert liquidate(holder).status == "NEW"


# --- Its way ---


def test_the_events_come_in_the_documented_order(holder: Desk) -> None:
    liquidate(holder)
    holder.advance("1m")
    assert families(holder.types_since(), "ACCOUNT_LIQUIDATION", "ORDER", "EXECUTION") == [
        "ACCOUNT_LIQUIDATION.NEW",
        "ORDER.NEW",
        "ORDER.NEW",
        "ACCOUNT_LIQUIDATION.PROCESSING",
        "ORDER.PROCESSING",
        "ORDER.PROCESSING",
        "EXECUTION.FILLED",
        "ORDER.FILLED",
        "EXECUTION.FILLED",
        "ORDER.FILLED",
        "ACCOUNT_LIQUIDATION.FILLED",
        "EXECUTION.SETTLED",
        "EXECUTION.SETTLED",
        "ACCOUNT_LIQUIDATION.SETTLED",
    ]


def test_every_position_is_sold_in_full_by_one_unit_order(holder: Desk) -> None:
    liquidation = liquidate(holder)
    holder.advance("1m")
    orders = [holder.call("retrieve_order", {"order_id": item.id}) for item in now(holder, liquidation).orders]
    assert sorted((row.instrument_id, row.quantity, row.cash_amount) for row in orders) == [
        (A, "10", "0"),
        (B, "2.5", "0"),
    ]
    for row in orders:
        assert (row.side, row.initiation_flow, row.client_reference) == ("SELL", "ACCOUNT_LIQUIDATION", liquidation.id)


def test_afterwards_the_account_is_empty_and_active_and_still_configured(holder: Desk) -> None:
    liquidate(holder)
    holder.advance("1m")
    path = {"account_id": holder.account_id}
    assert holder.rows("list_positions", path) == []
    assert holder.call("retrieve_account", path).status == "ACTIVE"
    assert holder.call("retrieve_portfolios_configuration", path).allocation_id == holder.allocation_id


def test_the_amount_from_filled_on_is_what_the_sales_brought(holder: Desk) -> None:
    holder.hold(AT_85, "2")
    liquidation = liquidate(holder)
    assert liquidation.cash_amount == "1416.99"  # 1250 + 2 * 83.495
    holder.advance("1m")
    amounts = [holder.told(f"ACCOUNT_LIQUIDATION.{state}")[0]["cash_amount"] for state in ("PROCESSING", "FILLED")]
    assert amounts == ["1416.99", "1413.54"]  # 1250 + 2 * 81.77, the bid
    assert now(holder, liquidation).cash_amount == "1413.54"
    assert holder.cash()["balance"] == "11413.54"


def test_the_events_show_the_orders_as_they_are(holder: Desk) -> None:
    liquidate(holder)
    holder.advance("1m")
    shown = {
        state: [item["status"] for item in holder.told(f"ACCOUNT_LIQUIDATION.{state}")[0]["orders"]]
        for state in ("NEW", "PROCESSING", "FILLED", "SETTLED")
    }
    assert shown == {"NEW": [], "PROCESSING": ["NEW"] * 2, "FILLED": ["FILLED"] * 2, "SETTLED": ["FILLED"] * 2}


def test_it_is_settled_with_the_last_of_its_executions(open_desk: OpenDesk) -> None:
    desk = open_desk("live")  # a Tuesday; sells settle two business days later, in the morning
    desk.hold(AT_85, "1")
    liquidation = liquidate(desk)
    desk.advance("1h")
    assert now(desk, liquidation).status == "FILLED"
    desk.advance("1d")
    assert now(desk, liquidation).status == "FILLED"
    desk.advance("1d")
    assert now(desk, liquidation).status == "SETTLED"


def test_without_positions_it_is_cancelled(desk: Desk) -> None:
    liquidation = liquidate(desk)
    assert desk.advance("1m") == ["ACCOUNT_LIQUIDATION.CANCELLED"]
    assert now(desk, liquidation).orders == ()


def test_it_stays_new_while_the_account_is_not_active(holder: Desk) -> None:
    move_account(holder, "LOCKED")
    liquidation = liquidate(holder)
    holder.advance("1h")
    assert now(holder, liquidation).status == "NEW"
    move_account(holder, "ACTIVE")
    holder.advance("1m")
    assert now(holder, liquidation).status == "SETTLED"


def test_it_waits_for_a_locked_account_group_too(holder: Desk) -> None:
    """LOCKED means that nothing is allowed, for group and account alike (trading.md §7.2)."""
    group_id = holder.account.account_group_id
    holder.move("account_groups", group_id, "LOCKED")
    liquidation = liquidate(holder)
    assert holder.advance("1d") == []
    assert now(holder, liquidation).status == "NEW"
    holder.move("account_groups", group_id, "ACTIVE")
    holder.advance("1m")
    assert now(holder, liquidation).status == "SETTLED"


def test_units_that_another_order_has_locked_stay(holder: Desk) -> None:
    aim(holder, {A: "1"})
    order = holder.order("SELL", "200")  # locks 110 % of 2 units
    holder.advance("150ms")
    assert holder.position(A)["locked_for_trading"] == "2.2"
    liquidation = liquidate(holder)
    holder.advance("1m")
    sold = [holder.call("retrieve_order", {"order_id": item.id}) for item in now(holder, liquidation).orders]
    assert sorted((row.instrument_id, row.quantity) for row in sold) == [(A, "7.8"), (B, "2.5")]
    assert holder.portfolio_order(order.id).status == "SETTLED"
    assert Decimal(holder.position(A)["quantity"]) == Decimal("0.2")


# --- Orders that fail ---


def test_with_every_order_cancelled_by_the_partner_it_is_cancelled(desk: Desk) -> None:
    list_instruments(desk, C, story="cancelled")
    desk.hold(C, "1")
    liquidation = liquidate(desk)
    desk.advance("1m")
    assert (now(desk, liquidation).status, desk.position(C)["quantity"]) == ("CANCELLED", "1")
    assert [item.status for item in now(desk, liquidation).orders] == ["CANCELLED"]


def test_with_one_order_cancelled_it_is_filled_with_what_the_others_brought(holder: Desk) -> None:
    list_instruments(holder, C, story="cancelled")
    holder.hold(C, "1")
    liquidation = liquidate(holder)
    holder.advance("1m")
    assert (now(holder, liquidation).status, now(holder, liquidation).cash_amount) == ("SETTLED", "1250")


def test_parts_sold_before_the_partner_cancelled_count_in_the_proceeds(holder: Desk) -> None:
    holder.hold(PARTS_ONLY, "5")  # four of five parts are sold
    liquidation = liquidate(holder)
    holder.advance("1m")
    assert now(holder, liquidation).cash_amount == "1650"


# --- Cancelling ---


@pytest.mark.parametrize("wait", ["0s", "150ms"])
def test_while_new_the_client_can_cancel_it_with_its_orders(holder: Desk, wait: str) -> None:
    liquidation = liquidate(holder)
    holder.advance(wait)
    cancel(holder, liquidation)
    holder.advance("1m")
    after = now(holder, liquidation)
    assert after.status == "CANCELLED"
    assert {item.status for item in after.orders} <= {"CANCELLED"}
    assert holder.position(A)["available_for_trading"] == "10"


@pytest.mark.parametrize("wait", ["250ms", "1m"])
def test_later_the_client_cannot_cancel_it(holder: Desk, wait: str) -> None:
    liquidation = liquidate(holder)
    holder.advance(wait)
    path = {"account_id": holder.account_id, "account_liquidation_id": liquidation.id}
    refusal = holder.refused(CANCEL, path)
    assert refusal.rule.status == 404
    assert now(holder, liquidation).status in refusal.detail


def test_one_that_is_cancelled_stays_so(holder: Desk) -> None:
    liquidation = liquidate(holder)
    cancel(holder, liquidation)
    path = {"account_id": holder.account_id, "account_liquidation_id": liquidation.id}
    assert holder.refused(CANCEL, path).rule.status == 404


@pytest.mark.parametrize("operation", [RETRIEVE, CANCEL])
def test_a_liquidation_is_found_by_its_account_only(holder: Desk, operation: str) -> None:
    liquidation = liquidate(holder)
    other = seeding.account(holder.world, user_id=holder.user_id)
    for path in (
        {"account_id": other.id, "account_liquidation_id": liquidation.id},
        {"account_id": holder.account_id, "account_liquidation_id": NOBODY},
        {"account_id": NOBODY, "account_liquidation_id": liquidation.id},
    ):
        assert holder.refused(operation, path).rule.status == 404


def test_the_liquidations_of_an_account_are_listed_by_id(holder: Desk) -> None:
    made = []
    for _ in range(4):
        made.append(liquidate(holder).id)
        holder.advance("1m")
    path = {"account_id": holder.account_id}
    assert [row.id for row in holder.rows(LIST, path)] == sorted(made)
    assert holder.rows(LIST, path, start_date="2023-01-11") == []
    assert len(holder.rows(LIST, path, end_date="2023-01-10")) == 4
    assert holder.refused(LIST, {"account_id": NOBODY}).rule.status == 404


# --- By command ---


def test_by_command_it_runs_to_its_end(open_desk: OpenDesk) -> None:
    desk = open_desk("manual")
    desk.hold(AT_85, "1")
    liquidation = liquidate(desk)
    for state in ("PROCESSING", "FILLED", "SETTLED"):
        LIQUIDATION_LIFE.carry(desk.world, desk.world.table(LIQUIDATIONS)[liquidation.id], state)
        assert now(desk, liquidation).status == state
    assert [item.status for item in now(desk, liquidation).orders] == ["FILLED"]
    assert desk.advance("1d") == []


def test_cancelled_by_command_after_a_sale_it_ends_filled_with_what_that_brought(open_desk: OpenDesk) -> None:
    """The mix, as with portfolio orders (portfolios.md §4.1, inferred)."""
    desk = open_desk("manual")
    list_instruments(desk, A, B)
    desk.hold(A, "1")
    desk.hold(B, "2")
    liquidation = liquidate(desk)
    LIQUIDATION_LIFE.carry(desk.world, desk.world.table(LIQUIDATIONS)[liquidation.id], "PROCESSING")
    sold = next(row for row in desk.world.table(ORDERS) if row.instrument_id == A)
    for state in ("PROCESSING", "FILLED"):
        ORDER_LIFE.carry(desk.world, desk.world.table(ORDERS)[sold.id], state)
    LIQUIDATION_LIFE.carry(desk.world, desk.world.table(LIQUIDATIONS)[liquidation.id], "CANCELLED")
    after = now(desk, liquidation)
    assert (after.status, after.cash_amount) == ("FILLED", "100")
    assert sorted(item.status for item in after.orders) == ["CANCELLED", "FILLED"]


def test_by_command_it_can_be_cancelled_while_processing(open_desk: OpenDesk) -> None:
    desk = open_desk("manual")
    desk.hold(AT_85, "1")
    liquidation = liquidate(desk)
    for state in ("PROCESSING", "CANCELLED"):
        LIQUIDATION_LIFE.carry(desk.world, desk.world.table(LIQUIDATIONS)[liquidation.id], state)
    after = now(desk, liquidation)
    assert (after.status, [item.status for item in after.orders]) == ("CANCELLED", ["CANCELLED"])
    assert desk.told("ACCOUNT_LIQUIDATION.CANCELLED")[0]["orders"] == orjson.loads(after.wire)["orders"]
    assert desk.position(AT_85)["available_for_trading"] == "1"
