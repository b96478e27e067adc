"""portfolios.md §4.3: what the amount of a portfolio order becomes."""

from __future__ import annotations

import orjson
import pytest

from tests.domain.support.desk import AT_85, AT_100, Desk
from tests.domain.support.outcomes import amounts, refused

HALF = "XS0000000501"
"""An instrument of the test's own at 50."""


# --- BUY ---


def test_a_buy_becomes_nominal_market_orders_that_name_it(desk: Desk) -> None:
    placed = desk.order("BUY", "1000")
    desk.advance("100ms")
    first, second = desk.single_orders(placed.id)
    assert orjson.loads(first.wire) == {
        "id": first.id,
        "created_at": "2023-01-10T09:00:00.100000Z",
        "updated_at": "2023-01-10T09:00:00.100000Z",
        "user_id": desk.user_id,
        "account_id": desk.account_id,
        "cash_amount": "700",
        "currency": "EUR",
        "side": "BUY",
        "instrument_id": AT_85,
        "instrument_id_type": "ISIN",
        "order_type": "MARKET",
        "quantity": "0",
        "user_instrument_fit_acknowledgement": True,
        "limit_price": "",
        "stop_price": "",
        "status": "NEW",
        "fee": "0.0",
        "initiation_flow": "PORTFOLIO",
        "execution_flow": "STRAIGHT_THROUGH",
        "executions": [],
        "client_reference": placed.id,
    }
    assert (second.instrument_id, second.cash_amount, second.client_reference) == (AT_100, "300", placed.id)


def test_a_divided_order_stays_new_and_shows_its_single_orders(desk: Desk) -> None:
    placed = desk.order("BUY", "1000")
    told = desk.advance("100ms")
    order = desk.portfolio_order(placed.id)
    assert order.status == "NEW"
    assert [(item.side, item.status) for item in order.orders] == [("BUY", "NEW"), ("BUY", "NEW")]
    assert [type_ for type_ in told if type_.startswith("PORTFOLIO_ORDER")] == []


def test_a_buy_ignores_what_is_held(desk: Desk) -> None:
    desk.hold(AT_85, "1000")
    placed = desk.order("BUY", "1000")
    desk.advance()
    assert amounts(desk, placed.id) == [(AT_85, "700"), (AT_100, "300")]


def test_shares_are_rounded_to_the_cent_without_losing_one(desk: Desk) -> None:
    third = desk.instrument(HALF, "50")
    desk.target(**{AT_85: "0.33333", AT_100: "0.33333", third: "0.33334"})
    placed = desk.order("BUY", "100")
    desk.advance()
    assert amounts(desk, placed.id) == [(AT_85, "33.33"), (AT_100, "33.33"), (third, "33.34")]


def test_weights_in_percent_divide_like_fractions(desk: Desk) -> None:
    desk.target(**{AT_85: "70", AT_100: "30"})
    placed = desk.order("BUY", "1000")
    desk.advance()
    assert amounts(desk, placed.id) == [(AT_85, "700"), (AT_100, "300")]


def test_a_share_of_nothing_makes_no_order(desk: Desk) -> None:
    placed = desk.order("BUY", "0.01")
    desk.advance()
    assert amounts(desk, placed.id) == [(AT_85, "0.01")]
    assert desk.portfolio_order(placed.id).status == "SETTLED"


def test_the_cash_of_a_buy_is_locked_when_it_is_divided(desk: Desk) -> None:
    desk.order("BUY", "1000")
    assert desk.cash()["locked_for_trading"] == "0"
    desk.advance("100ms")
    assert desk.cash() | {"account_group_id": ""} == {
        "account_group_id": "",
        "currency": "EUR",
        "balance": "10000",
        "locked_for_trading": "1000",
        "pending_settlement": "0",
        "available_for_withdrawal": "9000",
        "available_for_trading": "9000",
    }


# --- REBALANCING: what may have changed since the checks of its execution order ---


def rebalancing(desk: Desk) -> str:
    """A rebalancing whose portfolio order is NEW and not divided yet."""
    desk.hold(AT_100, "10")
    desk.target(**{AT_85: "1"})
    desk.call("trigger_portfolio_rebalancing", body={"accounts": [desk.account_id]})
    desk.advance("150ms")
    (order,) = desk.rows("list_portfolios_orders")
    assert (order.status, order.orders) == ("NEW", ())
    return str(order.id)


def test_a_rebalancing_of_what_is_balanced_by_now_is_cancelled(desk: Desk) -> None:
    order_id = rebalancing(desk)
    desk.target(**{AT_100: "1"})
    desk.advance()
    details = "Portfolio is balanced, no need to rebalance."
    assert refused(desk, order_id) == ("PORTFOLIO_IS_BALANCED", details)
    (told,) = desk.told("REBALANCING_EXECUTION_ORDER.CANCELLED")
    assert (told["cancellation_reason"], told["cancellation_details"]) == ("PORTFOLIO_IS_BALANCED", details)


def test_a_rebalancing_of_what_is_empty_by_now_is_cancelled(desk: Desk) -> None:
    order_id = rebalancing(desk)
    desk.hold(AT_100, "0")
    desk.advance()
    assert refused(desk, order_id) == ("ACCOUNT_IS_EMPTY", "Account has no positions.")


@pytest.mark.parametrize("weight", ["0", "0.5"])
def test_a_rebalancing_does_not_sell_what_another_order_has_locked(desk: Desk, weight: str) -> None:
    """All 10 units are locked, whether the target is to have none of them or half: nothing can be sold."""
    desk.hold(AT_100, "10")
    desk.target(**({AT_85: "1"} if weight == "0" else {AT_85: "0.5", AT_100: "0.5"}))
    desk.call("trigger_portfolio_rebalancing", body={"accounts": [desk.account_id]})
    desk.advance("150ms")
    desk.place("SELL", AT_100, quantity="10")
    desk.advance("50ms")
    (order,) = desk.rows("list_portfolios_orders")
    assert refused(desk, order.id)[0] == "PORTFOLIO_IS_BALANCED"


def test_a_rebalancing_sells_by_units_what_is_more_than_a_nominal_sell_may(desk: Desk) -> None:
    """Target 5 %: 950 of 1000 are to be sold, above the 90 % of a nominal sell: 9.5 units."""
    desk.hold(AT_100, "10")
    desk.target(**{AT_100: "0.05", AT_85: "0.95"})
    desk.call("trigger_portfolio_rebalancing", body={"accounts": [desk.account_id]})
    desk.advance()
    (order,) = desk.rows("list_portfolios_orders")
    sell = desk.single_orders(order.id)[0]
    assert (sell.side, sell.quantity, sell.cash_amount) == ("SELL", "9.5", "0")
