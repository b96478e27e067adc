"""payments.md §9.3: a PORTFOLIO savings plan buys by a portfolio order."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from mockserver.domain.instruments.instruments import find
from mockserver.domain.portfolios.orders import PORTFOLIO_ORDERS
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_85, AT_100, Desk
from tests.domain.support.plans import create, executions, now, story, to, waits, why

DONE = [("2023-01-16", "SETTLED"), ("2023-02-16", "NEW")]


def portfolio_order(desk: Desk, plan: Any) -> Any:
    return desk.world.table(PORTFOLIO_ORDERS)[executions(desk, plan.id)[0].order_id or ""]


def test_its_portfolio_order_says_who_placed_it_and_its_single_orders_do_not(desk: Desk) -> None:
    plan = create(desk, type="PORTFOLIO")
    to(desk, "2023-01-16 08:00")
    order = portfolio_order(desk, plan)
    assert (order.type, order.cash_amount, order.user_id) == ("BUY", "100", plan.user_id)
    assert (order.initiation_flow, order.client_reference) == ("SAVINGS_PLAN", executions(desk, plan.id)[0].id)
    singles = desk.single_orders(order.id)
    assert [(row.cash_amount, row.initiation_flow, row.client_reference) for row in singles] == [
        ("70", "PORTFOLIO", order.id),
        ("30", "PORTFOLIO", order.id),
    ]


def test_a_purchase_emits_its_events_in_the_documented_order(desk: Desk) -> None:
    plan = create(desk, type="PORTFOLIO")
    to(desk, "2023-01-12 08:00")
    placed = ["SAVINGS_PLAN_EXECUTION.PROCESSING", "PORTFOLIO_ORDER.NEW"]
    assert to(desk, "2023-01-16 08:00") == [*placed, *["ORDER.NEW", "CASH_BALANCE.UPDATED"] * 2]
    told = [each for each in desk.advance("1s") if each.startswith(("SAVINGS_PLAN", "PORTFOLIO_ORDER"))]
    assert told == [
        "PORTFOLIO_ORDER.PROCESSING",
        "PORTFOLIO_ORDER.FILLED",
        "SAVINGS_PLAN_EXECUTION.FILLED",
        "SAVINGS_PLAN_EXECUTION.NEW",
        "PORTFOLIO_ORDER.SETTLED",
        "SAVINGS_PLAN_EXECUTION.SETTLED",
    ]
    assert (story(desk, plan.id), desk.cash()["balance"]) == (DONE, "9900")


def test_its_portfolio_order_cannot_be_cancelled(desk: Desk) -> None:
    plan = create(desk, type="PORTFOLIO")
    to(desk, "2023-01-16 08:00")
    order = portfolio_order(desk, plan)
    desk.call("cancel_portfolios_order", {"portfolio_order_id": order.id})  # 202 without effect
    to(desk, "2023-01-17 08:00")
    assert (portfolio_order(desk, plan).status, order.status) == ("SETTLED", "NEW")


def test_the_amount_of_the_order_has_the_decimals_that_one_can_have(desk: Desk) -> None:
    plan = create(desk, type="PORTFOLIO", cash_amount="100.5")
    to(desk, "2023-01-16 08:00")
    assert (portfolio_order(desk, plan).cash_amount, plan.cash_amount) == ("100.50", "100.5")


def test_it_needs_the_taxes_of_all_its_single_orders(open_desk: OpenDesk) -> None:
    """70 EUR of an instrument with 1 % tax and 30 EUR without: 100.70."""
    desk = open_desk(cash="100.69")
    taxed = desk.instrument("FR0000120271", "100", buy_tax=Decimal("0.01"))
    desk.target(**{taxed: "0.7", AT_100: "0.3"})
    plan = create(desk, type="PORTFOLIO")
    to(desk, "2023-01-16 12:00")
    assert waits(desk, executions(desk, plan.id)[0]) == "not enough cash"
    desk.fund("0.01")
    desk.advance()
    assert (story(desk, plan.id), desk.cash()["balance"]) == (DONE, "0")


def test_two_plans_never_spend_the_same_cash(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="150")
    older, younger = create(desk, type="PORTFOLIO"), create(desk, type="PORTFOLIO")
    to(desk, "2023-01-16 16:30")
    assert (story(desk, older.id)[0][1], story(desk, younger.id)[0][1]) == ("SETTLED", "CANCELLED")
    assert why(executions(desk, younger.id)[0]) == ("CANCELLED_BY_UPVEST", "Insufficient funds")


def test_a_suspended_instrument_of_the_allocation_keeps_it_waiting(desk: Desk) -> None:
    plan = create(desk, type="PORTFOLIO")
    instrument = find(desk.world, AT_85)
    assert instrument is not None
    desk.move("instruments", instrument.id, "INACTIVE")
    to(desk, "2023-01-16 16:30")
    assert why(executions(desk, plan.id)[0]) == ("CANCELLED_BY_UPVEST", "Instrument is not tradable")


def test_the_allocation_of_the_day_counts(desk: Desk) -> None:
    plan = create(desk, type="PORTFOLIO")
    desk.target(**{AT_100: "1"})
    to(desk, "2023-01-16 09:00")
    assert (story(desk, plan.id), desk.position(AT_100)["quantity"]) == (DONE, "1")


def test_deleting_the_configuration_cancels_the_plan(desk: Desk) -> None:
    plan = create(desk, type="PORTFOLIO")
    other = create(desk)
    position = desk.world.events.end
    desk.call("delete_portfolios_configuration", {"account_id": desk.account_id})
    assert desk.types_since(position) == ["SAVINGS_PLAN_EXECUTION.CANCELLED", "SAVINGS_PLAN.CANCELLED"]
    wanted = ("CANCELLED_BY_UPVEST", "Portfolio configuration is missing")
    assert (why(now(desk, plan.id)), why(executions(desk, plan.id)[0])) == (wanted, wanted)
    assert now(desk, other.id).status == "ACTIVE"


def test_a_portfolio_order_that_is_cancelled_says_why(desk: Desk) -> None:
    """By command; the client cannot."""
    plan = create(desk, type="PORTFOLIO")
    to(desk, "2023-01-16 08:00")
    desk.move("portfolio_orders", portfolio_order(desk, plan).id, "CANCELLED", reason="CANCELLED_BY_UPVEST")
    assert story(desk, plan.id) == [("2023-01-16", "CANCELLED"), ("2023-02-16", "NEW")]
    assert why(executions(desk, plan.id)[0]) == ("CANCELLED_BY_UPVEST", "Cancelled by Upvest.")


def test_forced_moves_carry_the_portfolio_order(open_desk: OpenDesk) -> None:
    desk = open_desk("manual")
    plan = create(desk, type="PORTFOLIO")
    (execution,) = executions(desk, plan.id)
    states = []
    for state in ("PROCESSING", "FILLED", "SETTLED"):
        desk.move("savings_plan_executions", execution.id, state)
        desk.advance("0s")
        states.append(str(portfolio_order(desk, plan).status))
    assert states == ["NEW", "FILLED", "SETTLED"]
    assert story(desk, plan.id)[0] == ("2023-01-16", "SETTLED")


def test_a_forced_cancellation_cancels_the_portfolio_order(open_desk: OpenDesk) -> None:
    desk = open_desk("manual")
    plan = create(desk, type="PORTFOLIO")
    (execution,) = executions(desk, plan.id)
    desk.move("savings_plan_executions", execution.id, "PROCESSING")
    desk.move("savings_plan_executions", execution.id, "CANCELLED")
    assert (story(desk, plan.id)[0][1], portfolio_order(desk, plan).status) == ("CANCELLED", "CANCELLED")
    assert desk.cash()["locked_for_trading"] == "0"
