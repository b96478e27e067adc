"""Moves forced by command, in the profile where nothing happens by itself."""

from __future__ import annotations

import pytest

from mockserver.domain.portfolios.rebalancing import EXECUTION_ORDERS
from mockserver.kernel.lifecycle import Hold, IllegalMoveError
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_100, IN_PARTS, Desk
from tests.domain.support.outcomes import BOUGHT, BUY_SETTLED, PLACED, statuses

# --- Forced moves, in the profile where nothing happens by itself ---


@pytest.fixture
def manual(open_desk: OpenDesk) -> Desk:
    return open_desk("manual")


def test_nothing_moves_by_itself_in_the_manual_profile(manual: Desk) -> None:
    manual.order("BUY", "1000")
    assert manual.advance("30d") == []


def test_processing_by_command_divides_the_order(manual: Desk) -> None:
    placed = manual.order("BUY", "1000")
    told = manual.move("portfolio_orders", placed.id, "PROCESSING")
    assert told == [*PLACED, *PLACED, "PORTFOLIO_ORDER.PROCESSING"]
    assert statuses(manual, placed.id) == ("PROCESSING", ["NEW", "NEW"])
    assert manual.advance("30d") == []


def test_single_orders_by_command_carry_the_portfolio_order_along(manual: Desk) -> None:
    placed = manual.order("BUY", "1000")
    manual.move("portfolio_orders", placed.id, "PROCESSING")
    first, second = (item.id for item in manual.portfolio_order(placed.id).orders)
    assert manual.move("orders", first, "PROCESSING") == ["ORDER.PROCESSING"]
    assert manual.move("orders", first, "FILLED") == BOUGHT
    manual.move("orders", second, "PROCESSING")
    assert manual.move("orders", second, "FILLED") == [*BOUGHT, "PORTFOLIO_ORDER.FILLED"]
    (execution,) = manual.call("retrieve_order", {"order_id": first}).executions
    assert manual.move("executions", execution.id, "SETTLED") == BUY_SETTLED
    assert manual.advance() == []
    (execution,) = manual.call("retrieve_order", {"order_id": second}).executions
    manual.move("executions", execution.id, "SETTLED")
    assert manual.advance("0s") == ["PORTFOLIO_ORDER.SETTLED"]


def test_filled_by_command_fills_every_single_order(manual: Desk) -> None:
    placed = manual.order("BUY", "1000")
    manual.move("portfolio_orders", placed.id, "PROCESSING")
    told = manual.move("portfolio_orders", placed.id, "FILLED")
    assert told == ["ORDER.PROCESSING", *BOUGHT, "ORDER.PROCESSING", *BOUGHT, "PORTFOLIO_ORDER.FILLED"]
    assert manual.advance("30d") == []
    told = manual.move("portfolio_orders", placed.id, "SETTLED")
    assert told == [*BUY_SETTLED, *BUY_SETTLED, "PORTFOLIO_ORDER.SETTLED"]
    assert manual.advance("30d") == []


def test_filled_by_command_fills_what_a_rebalancing_adds_too(manual: Desk) -> None:
    manual.hold(AT_100, "10")
    manual.target(**{AT_100: "0.5", IN_PARTS: "0.5"})
    manual.call("trigger_portfolio_rebalancing", body={"accounts": [manual.account_id]})
    (row,) = manual.world.table(EXECUTION_ORDERS)
    manual.move("rebalancing_execution_orders", row.id, "PROCESSING")
    (placed,) = manual.rows("list_portfolios_orders")
    assert placed.status == "PROCESSING"
    manual.move("portfolio_orders", placed.id, "FILLED")
    assert statuses(manual, placed.id) == ("FILLED", ["FILLED", "FILLED"])


def test_an_illegal_move_is_refused_and_says_what_would_be_legal(manual: Desk) -> None:
    placed = manual.order("BUY", "1000")
    with pytest.raises(IllegalMoveError, match="possible: PROCESSING, CANCELLED"):
        manual.move("portfolio_orders", placed.id, "FILLED")
    assert manual.portfolio_order(placed.id).status == "NEW"


def test_a_command_does_not_create_cash(open_desk: OpenDesk) -> None:
    manual = open_desk("manual", cash="0")
    placed = manual.order("BUY", "1000")
    with pytest.raises(Hold, match="not enough cash"):
        manual.move("portfolio_orders", placed.id, "PROCESSING")
    assert statuses(manual, placed.id) == ("NEW", [])


def test_processing_by_command_may_end_in_a_refusal(manual: Desk) -> None:
    placed = manual.order("SELL", "1000")
    assert manual.move("portfolio_orders", placed.id, "PROCESSING") == ["PORTFOLIO_ORDER.CANCELLED"]
    assert manual.portfolio_order(placed.id).cancellation_reason == "ACCOUNT_IS_EMPTY"


def test_cancelled_by_command_with_a_reason_of_its_own(manual: Desk) -> None:
    placed = manual.order("BUY", "1000")
    manual.move("portfolio_orders", placed.id, "CANCELLED", reason="CANCELLED_BY_UPVEST", details="Bank holiday.")
    order = manual.portfolio_order(placed.id)
    assert (order.cancellation_reason, order.cancellation_details) == ("CANCELLED_BY_UPVEST", "Bank holiday.")


def test_a_fund_is_filled_by_command_at_any_hour(manual: Desk) -> None:
    fund = manual.instrument("XS0000000709", "100", asset_class="FUND")
    manual.target(**{fund: "1"})
    placed = manual.order("BUY", "100")
    manual.move("portfolio_orders", placed.id, "PROCESSING")
    manual.move("portfolio_orders", placed.id, "FILLED")
    assert statuses(manual, placed.id) == ("FILLED", ["FILLED"])


def test_a_divided_order_is_not_divided_again(desk: Desk) -> None:
    placed = desk.order("BUY", "1000")
    desk.advance("100ms")
    assert desk.move("portfolio_orders", placed.id, "PROCESSING") == ["PORTFOLIO_ORDER.PROCESSING"]
    assert len(desk.single_orders(placed.id)) == 2
    desk.advance()
    assert desk.types_since().count("PORTFOLIO_ORDER.PROCESSING") == 1
    assert statuses(desk, placed.id) == ("SETTLED", ["FILLED", "FILLED"])
