"""payments.md §10.1, §10.2: covers that are taken back or cancelled."""

from __future__ import annotations

from mockserver.domain.orders.trades import EXECUTIONS
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_100
from tests.domain.support.fees import CHEAP, OTHER, books, collect, end, hold_two, sells, shown


def test_a_cover_that_is_taken_back_is_made_again(open_desk: OpenDesk) -> None:
    """The reservation goes with the execution; 5.91 are sold once more."""
    desk = open_desk("live", cash="6.50")
    desk.hold(AT_100, "3")
    row = collect(desk)
    desk.advance("1m")
    (trade,) = desk.world.table(EXECUTIONS)
    desk.move("executions", trade.id, "CANCELLED")
    assert books(desk) == ("6.50", "0", "0")
    desk.advance("1m")
    assert [order.cash_amount for order in sells(desk, row)] == ["5.91", "5.91"]
    assert [item["residual_amount"] for item in shown(desk, row)["sell_to_cover_orders"]] == ["5.91", "0.00"]
    desk.advance("3d")
    assert end(desk, row)[1] == {"cash_balance": "6.50", "sell_to_cover": "5.91", "total_residual_amount": "0.00"}


def test_a_settled_cover_is_taken_back_while_another_is_under_way(open_desk: OpenDesk) -> None:
    """40 of the first are gone again: what is there, 30 of the second and the 1 unit at 40, is sold."""
    desk = open_desk("manual", cash="0")
    hold_two(desk)
    row = collect(desk, "60")
    desk.advance()
    (first,) = sells(desk, row)
    desk.move("orders", first.id, "PROCESSING")
    desk.move("orders", first.id, "FILLED")
    (trade,) = desk.world.table(EXECUTIONS)
    desk.move("executions", trade.id, "SETTLED")
    desk.advance()
    assert len(sells(desk, row)) == 2
    desk.move("executions", trade.id, "CANCELLED")
    assert books(desk) == ("0", "0", "0")
    desk.move("fee_collections", row.id, "FINALISED")
    assert [order.instrument_id for order in sells(desk, row)] == [CHEAP, OTHER, CHEAP]
    assert end(desk, row)[1]["sell_to_cover"] == "60.00"


def test_after_its_end_a_collection_is_not_reopened(open_desk: OpenDesk) -> None:
    """5.91 that were sold and taken go back to the buyer: the balance is below zero."""
    desk = open_desk(cash="6.50")
    desk.hold(AT_100, "3")
    row = collect(desk)
    desk.advance()
    (trade,) = desk.world.table(EXECUTIONS)
    before = shown(desk, row)
    desk.move("executions", trade.id, "CANCELLED")
    desk.advance("1h")
    assert shown(desk, row) == before
    assert books(desk) == ("-5.91", "-5.91", "-5.91")


def test_a_cancelled_collection_gives_back_what_it_keeps_and_its_open_sell_ends(open_desk: OpenDesk) -> None:
    """One unit at 40 is sold and settled, 20 of the other position are to come: the 40 are the client's again."""
    desk = open_desk("manual", cash="0")
    hold_two(desk)
    row = collect(desk, "60")
    desk.advance()
    (first,) = sells(desk, row)
    for state in ("PROCESSING", "FILLED"):
        desk.move("orders", first.id, state)
    (trade,) = desk.world.table(EXECUTIONS)
    desk.move("executions", trade.id, "SETTLED")
    desk.advance()
    assert books(desk) == ("40", "0", "0")
    assert desk.move("fee_collections", row.id, "CANCELLED") == [
        "ORDER.CANCELLED",
        "POSITION.UPDATED",
        "FEE_COLLECTION.CANCELLED",
        "CASH_BALANCE.UPDATED",
    ]
    desk.advance("1h")
    assert [order.status for order in sells(desk, row)] == ["FILLED", "CANCELLED"]
    assert books(desk) == ("40", "40", "40")
    desk.move("executions", trade.id, "CANCELLED")
    assert books(desk) == ("0", "0", "0")


def test_a_client_cannot_cancel_a_cover(open_desk: OpenDesk) -> None:
    desk = open_desk("manual", cash="0")
    desk.hold(AT_100, "1")
    row = collect(desk, "50")
    desk.advance()
    (order,) = sells(desk, row)
    desk.call("cancel_order", {"order_id": order.id})
    assert desk.advance() == ["ORDER_CANCELLATION.REJECTED"]
