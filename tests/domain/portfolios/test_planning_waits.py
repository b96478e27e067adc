"""portfolios.md §4.2: what a portfolio order waits for in NEW."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mockserver.domain import seeding
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_85, AT_100, Desk
from tests.domain.support.outcomes import refused

# --- Waiting in NEW ---


def test_a_buy_waits_for_cash_and_goes_on_when_it_comes(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="999.99")
    placed = desk.order("BUY", "1000")
    assert desk.advance("30d") == []
    assert desk.portfolio_order(placed.id).status == "NEW"
    assert desk.cash()["locked_for_trading"] == "0"
    desk.fund("0.01")
    desk.advance()
    assert desk.portfolio_order(placed.id).status == "SETTLED"


def test_cash_that_is_not_enough_leaves_the_buy_waiting(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    placed = desk.order("BUY", "1000")
    for _ in range(3):
        desk.fund("300")
        assert desk.advance() == []
    desk.fund("100")
    desk.advance()
    assert desk.portfolio_order(placed.id).status == "SETTLED"


def test_two_buys_that_wait_get_their_cash_in_order_of_creation(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    first, second = desk.order("BUY", "100"), desk.order("BUY", "100")
    desk.advance()
    desk.fund("150")
    desk.advance()
    assert [desk.portfolio_order(order.id).status for order in (first, second)] == ["SETTLED", "NEW"]
    desk.fund("50")
    desk.advance()
    assert desk.portfolio_order(second.id).status == "SETTLED"


def test_a_smaller_buy_overtakes_one_that_waits(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="100")
    large, small = desk.order("BUY", "500"), desk.order("BUY", "100")
    desk.advance()
    assert [desk.portfolio_order(order.id).status for order in (large, small)] == ["NEW", "SETTLED"]


def test_locked_cash_is_not_there_for_the_next_buy(desk: Desk) -> None:
    first, second = desk.order("BUY", "6000"), desk.order("BUY", "6000")
    desk.advance()
    assert [desk.portfolio_order(order.id).status for order in (first, second)] == ["SETTLED", "NEW"]


def test_a_switch_cancels_a_buy_without_cash(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"behaviour": {"funding": "cancel"}}, cash="999.99")
    placed = desk.order("BUY", "1000")
    assert desk.advance() == ["PORTFOLIO_ORDER.CANCELLED"]
    assert refused(desk, placed.id) == ("CANCELLED_BY_UPVEST", "Cancelled by Upvest.")
    desk.fund("1000")
    assert desk.advance("1d") == []


@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_an_order_waits_for_a_locked_account(desk: Desk, side: str) -> None:
    desk.hold(AT_85, "10")
    desk.hold(AT_100, "10")
    desk.move("accounts", desk.account_id, "LOCKED")
    placed = desk.order(side, "100")
    assert desk.advance("1d") == []
    assert desk.portfolio_order(placed.id).status == "NEW"
    desk.move("accounts", desk.account_id, "ACTIVE")
    desk.advance()
    assert desk.portfolio_order(placed.id).status == "SETTLED"


def test_an_order_waits_for_an_account_that_is_not_approved(desk: Desk) -> None:
    group = seeding.account_group(desk.world, user_id=desk.user_id, status="PENDING_APPROVAL")
    account = seeding.account(desk.world, account_group_id=group.id, status="PENDING_APPROVAL")
    seeding.configuration(desk.world, account_id=account.id, allocation_id=desk.allocation_id)
    seeding.cash(desk.world, account_group_id=group.id, amount=Decimal(100))
    placed = desk.order("BUY", "100", account_id=account.id)
    told = desk.advance("10s")
    assert told[:2] == ["ACCOUNT_GROUP.ACTIVATED", "ACCOUNT.ACTIVATED"]
    assert desk.portfolio_order(placed.id).status == "SETTLED"


@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_an_order_waits_for_a_locked_account_group(desk: Desk, side: str) -> None:
    """trading.md §7.2: group and account alike; LOCKED means that nothing is allowed."""
    desk.hold(AT_85, "10")
    desk.hold(AT_100, "10")
    desk.move("account_groups", desk.group_id, "LOCKED")
    placed = desk.order(side, "100")
    assert desk.advance("1d") == []
    desk.move("account_groups", desk.group_id, "ACTIVE")
    desk.advance()
    assert desk.portfolio_order(placed.id).status == "SETTLED"


def test_a_waiting_order_says_what_it_waits_for(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    placed = desk.order("BUY", "1000")
    desk.advance()
    held = desk.world.holds.get("portfolio_orders", placed.id)
    assert held is not None
    assert held.reason == "not enough cash"


@pytest.mark.parametrize(("side", "status"), [("BUY", "CLOSING"), ("BUY", "CLOSED"), ("SELL", "CLOSED")])
def test_an_account_that_closes_takes_no_more_orders(desk: Desk, side: str, status: str) -> None:
    desk.hold(AT_85, "10")
    desk.hold(AT_100, "10")
    desk.move("accounts", desk.account_id, "CLOSING")
    if status == "CLOSED":
        desk.move("accounts", desk.account_id, "CLOSED")
    placed = desk.order(side, "100")
    desk.advance()
    assert refused(desk, placed.id) == ("CANCELLED_BY_UPVEST", f"Account is {status}.")


def test_a_closing_group_only_sells(desk: Desk) -> None:
    desk.hold(AT_85, "10")
    desk.hold(AT_100, "10")
    desk.move("account_groups", desk.group_id, "CLOSING")
    bought, sold = desk.order("BUY", "100"), desk.order("SELL", "100")
    desk.advance()
    assert refused(desk, bought.id) == ("CANCELLED_BY_UPVEST", "Account group is CLOSING.")
    assert desk.portfolio_order(sold.id).status == "SETTLED"


def test_a_closing_account_still_sells(desk: Desk) -> None:
    desk.hold(AT_85, "10")
    desk.hold(AT_100, "10")
    desk.move("accounts", desk.account_id, "CLOSING")
    placed = desk.order("SELL", "100")
    desk.advance()
    assert desk.portfolio_order(placed.id).status == "SETTLED"
