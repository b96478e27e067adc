"""trading.md §12: DELETE /orders/{id} is accepted always; what comes of it depends on the order's status then."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.domain.orders.cancellations import CANCELLATIONS
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_85, AT_100, IN_PARTS, NOBODY, Desk
from tests.domain.support.requests import limit, now, ordered

REJECTED = "ORDER_CANCELLATION.REJECTED"


def delete(desk: Desk, order_id: str) -> Any:
    return desk.call("cancel_order", {"order_id": order_id})


def rejection(order_id: str) -> dict[str, str]:
    """The published object."""
    return {"order_id": order_id, "status": "REJECTED", "reason": "Cancellation not possible"}


def test_an_unknown_order_is_404(desk: Desk) -> None:
    assert desk.refused("cancel_order", {"order_id": NOBODY}).rule.status == 404


@pytest.mark.parametrize("status", ["NEW", "PROCESSING", "FILLED", "CANCELLED"])
def test_whatever_the_status_the_answer_is_the_id_and_nothing_has_happened_yet(
    open_desk: OpenDesk, status: str
) -> None:
    desk = open_desk("manual")
    order = ordered(desk, cash_amount="100")
    if status in ("PROCESSING", "FILLED"):
        desk.move("orders", order.id, "PROCESSING")
    if status in ("FILLED", "CANCELLED"):
        desk.move("orders", order.id, status)
    before = desk.world.events.end
    assert delete(desk, order.id).wire == f'{{"id":"{order.id}"}}'.encode()
    assert desk.types_since(before) == []
    assert now(desk, order).status == status


# --- The table, row by row ---


def test_a_new_order_is_cancelled_and_gives_its_cash_back(desk: Desk) -> None:
    order = ordered(desk, cash_amount="100")
    delete(desk, order.id)
    assert desk.advance() == ["ORDER.CANCELLED", "CASH_BALANCE.UPDATED"]
    assert now(desk, order).cancellation_reason == "CANCELLED_BY_CLIENT"
    assert desk.cash()["available_for_trading"] == "10000"


def test_a_new_sell_gives_its_units_back(desk: Desk) -> None:
    desk.hold(AT_85, "10")
    order = ordered(desk, side="SELL", quantity="10")
    delete(desk, order.id)
    assert desk.advance() == ["ORDER.CANCELLED", "POSITION.UPDATED"]
    assert desk.position(AT_85)["available_for_trading"] == "10"


@pytest.mark.parametrize("name", ["sandbox", "live"])
def test_an_order_that_waits_with_the_partner_is_cancelled_if_the_partner_agrees(
    open_desk: OpenDesk, name: str
) -> None:
    desk = open_desk(name)
    order = limit(desk, "BUY", "90", AT_100)
    desk.advance("10s")
    delete(desk, order.id)
    assert desk.advance("10s") == ["ORDER.CANCELLED", "CASH_BALANCE.UPDATED"]
    assert now(desk, order).cancellation_reason == "CANCELLED_BY_CLIENT"


def test_the_sandbox_cancels_at_once(desk: Desk) -> None:
    order = limit(desk, "BUY", "90", AT_100)
    desk.advance()
    delete(desk, order.id)
    desk.advance("0s")
    assert now(desk, order).status == "CANCELLED"


def test_a_partner_that_does_not_agree_keeps_the_order(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"stages": {"order.cancel": {"outcomes": {"REJECTED": 1}}}})
    order = limit(desk, "BUY", "90", AT_100)
    desk.advance()
    delete(desk, order.id)
    assert desk.advance() == [REJECTED]
    assert desk.told(REJECTED) == [rejection(order.id)]
    assert (now(desk, order).status, desk.cash()["locked_for_trading"]) == ("PROCESSING", "99")


def test_a_partner_may_disagree_on_one_instrument_only(open_desk: OpenDesk) -> None:
    override = {"match": {"instrument_id": AT_100}, "outcomes": {"REJECTED": 1}}
    desk = open_desk(overrides={"stages": {"order.cancel": {"overrides": [override]}}})
    orders = [limit(desk, "BUY", "50", isin) for isin in (AT_85, AT_100)]
    desk.advance()
    for order in orders:
        delete(desk, order.id)
    desk.advance()
    assert [now(desk, order).status for order in orders] == ["CANCELLED", "PROCESSING"]


def test_of_a_partly_filled_order_only_the_rest_is_cancelled(desk: Desk) -> None:
    order = ordered(desk, instrument_id=IN_PARTS, cash_amount="300")
    desk.advance("250ms")
    assert len(now(desk, order).executions) == 1
    delete(desk, order.id)
    told = desk.advance("1d")
    assert told == ["ORDER.CANCELLED", "CASH_BALANCE.UPDATED"]
    ended = now(desk, order)
    assert (ended.status, [each.status for each in ended.executions]) == ("CANCELLED", ["SETTLED"])
    assert desk.cash()["balance"] == desk.cash()["available_for_trading"] == "9900"


def test_executions_of_a_cancelled_order_settle_later_where_settling_takes_days(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"settlement": {"buy": 2}})
    order = ordered(desk, instrument_id=IN_PARTS, cash_amount="300")
    desk.advance("250ms")
    delete(desk, order.id)
    desk.advance()
    assert [each.status for each in now(desk, order).executions] == ["FILLED"]
    desk.advance("3d")
    assert [each.status for each in now(desk, order).executions] == ["SETTLED"]
    assert now(desk, order).status == "CANCELLED"


@pytest.mark.parametrize("status", ["FILLED", "CANCELLED"])
def test_a_final_order_stays_as_it_is(desk: Desk, status: str) -> None:
    order = ordered(desk, cash_amount="100")
    if status == "CANCELLED":
        desk.move("orders", order.id, "CANCELLED")
    desk.advance()
    before = now(desk, order).wire
    delete(desk, order.id)
    assert desk.advance() == [REJECTED]
    assert desk.told(REJECTED) == [rejection(order.id)]
    assert now(desk, order).wire == before


# --- More than one ---


def test_the_second_of_two_requests_is_rejected(desk: Desk) -> None:
    order = ordered(desk, cash_amount="100")
    delete(desk, order.id)
    delete(desk, order.id)
    assert desk.advance() == ["ORDER.CANCELLED", "CASH_BALANCE.UPDATED", REJECTED]


def test_two_requests_that_wait_for_the_partner_cancel_once(open_desk: OpenDesk) -> None:
    desk = open_desk("live")
    order = limit(desk, "BUY", "90", AT_100)
    desk.advance("10s")
    delete(desk, order.id)
    delete(desk, order.id)
    assert desk.advance("10s") == ["ORDER.CANCELLED", "CASH_BALANCE.UPDATED", REJECTED]


def test_an_order_filled_before_the_partner_answers_is_not_cancelled(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"stages": {"order.cancel": {"delay": "1s"}}})
    order = ordered(desk, cash_amount="100")
    desk.advance("150ms")
    delete(desk, order.id)
    assert desk.advance("5s")[-1] == REJECTED
    assert now(desk, order).status == "FILLED"


@pytest.mark.parametrize(("to", "status"), [("CANCELLED", "CANCELLED"), ("REJECTED", "PROCESSING")])
def test_by_command_the_partner_answers_either_way(open_desk: OpenDesk, to: str, status: str) -> None:
    desk = open_desk("manual")
    order = ordered(desk, cash_amount="100")
    desk.move("orders", order.id, "PROCESSING")
    delete(desk, order.id)
    assert desk.advance("1d") == []
    (asked,) = desk.world.table(CANCELLATIONS)
    desk.move("order_cancellations", asked.id, to)
    assert now(desk, order).status == status


# --- Orders of larger ones (inferred) ---


def test_a_single_order_of_a_portfolio_order_is_not_cancelled_here(desk: Desk) -> None:
    larger = desk.order("BUY", "1000")
    desk.advance("150ms")
    order = desk.single_orders(larger.id)[0]
    delete(desk, order.id)
    desk.advance("1d")
    assert desk.told(REJECTED) == [rejection(order.id)]
    assert desk.portfolio_order(larger.id).status == "SETTLED"


def test_an_order_of_a_liquidation_is_not_cancelled_here(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    desk.hold(AT_85, "10")
    desk.call("create_account_liquidation", {"account_id": desk.account_id}, body={"user_id": desk.user_id})
    desk.advance("150ms")
    (order,) = desk.rows("list_account_orders", {"account_id": desk.account_id}, status="NEW")
    delete(desk, order.id)
    assert desk.advance("0s") == [REJECTED]
    desk.advance()
    assert now(desk, order).status == "FILLED"
