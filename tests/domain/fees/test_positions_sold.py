"""payments.md §10.2: which positions are sold to cover a fee, and how much of them."""

from __future__ import annotations

import pytest

from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_100, IN_PARTS, PARTS_ONLY
from tests.domain.support.fees import CHEAP, OTHER, books, collect, end, hold_two, sells, shown


def test_it_sells_one_position_after_the_other_largest_first(open_desk: OpenDesk) -> None:
    """60 of 10 x 3 + 40 x 1 at bids 10 and 40: 40 x 0.9 < 60, so 1 unit of 40; then 20 by amount, at most 27."""
    desk = open_desk(cash="0")
    hold_two(desk)
    row = collect(desk, "60")
    told = desk.advance()
    assert told.count("FEE_COLLECTION.FINALISED") == 1
    first, second = sells(desk, row)
    assert (first.instrument_id, first.quantity, first.cash_amount) == (CHEAP, "1", "0")
    assert (second.instrument_id, second.quantity, second.cash_amount) == (OTHER, "0", "20")
    assert shown(desk, row)["sell_to_cover_orders"] == [
        {"id": first.id, "residual_amount": "20.00"},
        {"id": second.id, "residual_amount": "0.00"},
    ]
    assert end(desk, row)[1] == {"cash_balance": "0.00", "sell_to_cover": "60.00", "total_residual_amount": "0.00"}


def test_the_next_order_comes_only_after_the_settlement(open_desk: OpenDesk) -> None:
    desk = open_desk("live", cash="0")
    hold_two(desk)
    row = collect(desk, "60")
    desk.advance("1d")
    assert len(sells(desk, row)) == 1
    desk.advance("2d")
    assert len(sells(desk, row)) == 2
    desk.advance("4d")
    assert end(desk, row)[0] == "FINALISED"


def test_positions_of_equal_value_are_sold_by_isin(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    desk.instrument(CHEAP, "20")
    desk.instrument(OTHER, "10")
    desk.hold(CHEAP, "2")
    desk.hold(OTHER, "4")
    row = collect(desk, "5")
    desk.advance()
    assert [order.instrument_id for order in sells(desk, row)] == [min(OTHER, CHEAP)]


def test_what_no_position_covers_stays_uncovered(open_desk: OpenDesk) -> None:
    """100 of 6.50 cash and one unit at 10: 83.50 are left."""
    desk = open_desk(cash="6.50")
    desk.instrument(OTHER, "10")
    desk.hold(OTHER, "1")
    row = collect(desk, "100")
    desk.advance()
    assert end(desk, row) == (
        "FINALISED",
        {"cash_balance": "6.50", "sell_to_cover": "10.00", "total_residual_amount": "83.50"},
    )
    (order,) = sells(desk, row)
    assert shown(desk, row)["sell_to_cover_orders"] == [{"id": order.id, "residual_amount": "83.50"}]


@pytest.mark.parametrize(
    ("amount", "by_amount", "by_units"),
    [("90", "90", "0"), ("90.01", "0", "1"), ("100", "0", "1"), ("250", "0", "1")],
)
def test_ninety_percent_of_a_position_goes_by_amount_and_more_by_units(
    open_desk: OpenDesk, amount: str, by_amount: str, by_units: str
) -> None:
    """One unit at 100."""
    desk = open_desk(cash="0")
    desk.hold(AT_100, "1")
    row = collect(desk, amount)
    desk.advance()
    (order,) = sells(desk, row)
    assert (order.cash_amount, order.quantity) == (by_amount, by_units)


def test_units_are_rounded_up_and_what_is_too_much_stays_in_cash(open_desk: OpenDesk) -> None:
    """945 of ten units at 100: 900 at most by amount, so 9.45 rounded up, 10 units; 1000 - 945 = 55 stay."""
    desk = open_desk(cash="0")
    desk.hold(AT_100, "10")
    row = collect(desk, "945")
    desk.advance()
    assert [order.quantity for order in sells(desk, row)] == ["10"]
    assert end(desk, row)[1] == {"cash_balance": "0.00", "sell_to_cover": "945.00", "total_residual_amount": "0.00"}
    assert books(desk) == ("55", "55", "55")


def test_an_instrument_without_fractions_sells_whole_units(open_desk: OpenDesk) -> None:
    """15 at 10 each: 2 units, and 5 stay."""
    desk = open_desk(cash="0")
    desk.instrument(OTHER, "10", fractional_trading=False)
    desk.hold(OTHER, "5")
    row = collect(desk, "15")
    desk.advance()
    assert [order.quantity for order in sells(desk, row)] == ["2"]
    assert books(desk) == ("5", "5", "5")


def test_locked_units_are_not_sold(open_desk: OpenDesk) -> None:
    """Of 4 units at 10 the first sell locks 3: 8 is at most 1 x 10, by amount; 15 is one unit."""
    desk = open_desk("manual", cash="0")
    desk.instrument(OTHER, "10")
    desk.hold(OTHER, "4")
    desk.place("SELL", OTHER, quantity="3")
    row = collect(desk, "15")
    desk.advance()
    assert [order.quantity for order in sells(desk, row)] == ["1"]


@pytest.mark.parametrize("why", ["no price", "INACTIVE", "all locked", "another currency"])
def test_what_cannot_be_sold_is_left_out(open_desk: OpenDesk, why: str) -> None:
    """The larger position, 100 at 100, is not touched: one at 10 is sold."""
    desk = open_desk("manual", cash="0")
    price = None if why == "no price" else "100"
    others = {"INACTIVE": {"trading_status": "INACTIVE"}, "another currency": {"currency": "USD"}}.get(why, {})
    desk.instrument(OTHER, price, **others)
    desk.instrument(CHEAP, "10")
    desk.hold(OTHER, "100")
    desk.hold(CHEAP, "5")
    if why == "all locked":
        desk.place("SELL", OTHER, quantity="100")
    row = collect(desk, "15")
    desk.advance()
    assert [order.instrument_id for order in sells(desk, row)] == [CHEAP]


def test_a_cancelled_order_is_not_repeated(open_desk: OpenDesk) -> None:
    """The partner cancels PARTS_ONLY after four of five parts: the fifth comes from the next position."""
    desk = open_desk(cash="0")
    desk.hold(PARTS_ONLY, "10")
    desk.instrument(OTHER, "10")
    desk.hold(OTHER, "50")
    row = collect(desk, "50")
    desk.advance("5s")
    first, second = sells(desk, row)
    assert (first.instrument_id, first.status, len(first.executions)) == (PARTS_ONLY, "CANCELLED", 4)
    assert (second.instrument_id, second.cash_amount) == (OTHER, "10")  # 50 - 4 x 10
    assert end(desk, row)[1] == {"cash_balance": "0.00", "sell_to_cover": "50.00", "total_residual_amount": "0.00"}


def test_when_every_sell_is_cancelled_and_there_was_no_cash_the_collection_is_cancelled(open_desk: OpenDesk) -> None:
    desk = open_desk("manual", {"stages": {"fee_collection.collect": {"delay": "100ms"}}}, cash="0")
    desk.hold(AT_100, "1")
    row = collect(desk, "15")
    desk.advance()
    (order,) = sells(desk, row)
    desk.move("orders", order.id, "CANCELLED")
    assert desk.advance() == ["FEE_COLLECTION.CANCELLED"]
    assert shown(desk, row)["sell_to_cover_orders"] == [{"id": order.id, "residual_amount": "15.00"}]
    assert end(desk, row) == ("CANCELLED", {"cash_balance": "0.00", "sell_to_cover": "0.00"})


def test_parts_are_reserved_as_they_fill(open_desk: OpenDesk) -> None:
    """450 in five executions of 90."""
    desk = open_desk(cash="0")
    desk.hold(IN_PARTS, "10")
    row = collect(desk, "450")
    desk.advance("5s")
    (order,) = sells(desk, row)
    assert [trade.cash_amount for trade in order.executions] == ["90"] * 5
    assert end(desk, row)[1]["sell_to_cover"] == "450.00"
    assert books(desk) == ("0", "0", "0")
