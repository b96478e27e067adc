"""payments.md §15.2: a split changes units and prices at one instant, and no value."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from mockserver.domain.instruments.instruments import find
from mockserver.domain.instruments.prices import best, set_price
from mockserver.domain.orders.trades import EXECUTIONS
from mockserver.domain.portfolios import drift
from mockserver.domain.portfolios.allocations import allocation
from tests.domain.support import actions
from tests.domain.support.desk import AT_85, AT_100, Desk, open_desk
from tests.domain.support.holdings import rebalance

EX_DAY = "1d21h"
"""From the desk's morning to Thursday the 12th, 06:00."""


def test_units_are_multiplied_and_prices_divided_at_six_on_the_ex_date() -> None:
    desk = open_desk()
    desk.hold(AT_100, "10")
    row = actions.split(desk)
    desk.advance("1d20h59m")
    assert (desk.position(AT_100)["quantity"], price(desk)) == ("10", "100.00")
    assert desk.advance("1m") == ["POSITION.UPDATED", "SECURITY_TRANSACTION.EXECUTED"]
    assert actions.now(desk, row).status == "BOOKED"
    assert desk.position(AT_100)["quantity"] == desk.position(AT_100)["settled_quantity"] == "30"
    assert actions.units_booked(desk) == ["20"]  # 10 x (3 - 1)
    assert Decimal(price(desk)) == Decimal("33.3333333333")  # 100 / 3 in ten decimals


def test_a_reverse_split_takes_units_and_multiplies_prices() -> None:
    desk = open_desk()
    desk.hold(AT_100, "25")
    actions.split(desk, "1:10")
    desk.advance(EX_DAY)
    assert desk.position(AT_100)["quantity"] == "2.5"
    assert actions.units_booked(desk, "REVERSE_STOCK_SPLIT") == ["-22.5"]
    assert Decimal(price(desk)) == 1000


def test_units_are_rounded_down_to_ten_decimals() -> None:
    desk = open_desk()
    desk.hold(AT_100, "1")
    actions.split(desk, "1:3")
    desk.advance(EX_DAY)
    assert desk.position(AT_100)["quantity"] == "0.3333333333"


@pytest.mark.parametrize("ratio", ["3:1", "1:10", "7:3", "1:7"])
def test_the_value_stays_today_and_in_what_a_valuation_shows(ratio: str) -> None:
    desk = open_desk()
    desk.hold(AT_100, "21")
    desk.hold(AT_85, "3")
    before = actions.value(desk)
    actions.split(desk, ratio)
    desk.advance(EX_DAY)
    assert actions.value(desk) == before


def test_daily_returns_are_zero_across_it() -> None:
    desk = open_desk(running=True)
    desk.hold(AT_100, "10")
    actions.split(desk)
    desk.advance("6d")
    rows = desk.rows("list_account_returns", {"account_id": desk.account_id})
    assert [row.daily for row in rows] == [None, *[0] * (len(rows) - 1)]
    assert len(rows) == 6  # the 10th to the 15th


def test_prices_that_were_set_are_divided_with_their_history() -> None:
    desk = open_desk()
    desk.hold(AT_100, "10")
    set_price(desk.world, instrument=AT_100, day=date(2023, 1, 9), eod=Decimal(90))
    set_price(desk.world, instrument=AT_100, bid=Decimal(120), ask=Decimal(126))
    actions.split(desk)
    desk.advance(EX_DAY)
    # Closes: 9th 90 / 3, 10th the middle (120 + 126) / 2 = 123, 123 / 3
    assert closes(desk) == {"2023-01-09": "30", "2023-01-10": "41", "2023-01-11": "41"}
    assert closes(desk, adjusted_for="NONE") == {"2023-01-09": "90", "2023-01-10": "123", "2023-01-11": "123"}


def test_an_end_of_day_price_of_the_ex_date_is_one_of_the_new_units() -> None:
    desk = open_desk(running=True)
    desk.hold(AT_100, "10")
    set_price(desk.world, instrument=AT_100, day=date(2023, 1, 12), eod=Decimal(40))
    actions.split(desk)
    desk.advance("3d")
    assert actions.value(desk) == "1200"  # 30 x 40


@pytest.mark.parametrize("story", ["price-swings", "price-random"])
def test_prices_that_move_by_themselves_are_divided_too(story: str) -> None:
    isin = "DE000A1EWWW0"
    plain, divided = (open_desk() for _ in range(2))
    for desk in (plain, divided):
        desk.instrument(isin, "100", story=story)
    actions.split(divided, "2:1", instrument=isin)
    for desk in (plain, divided):
        desk.advance("3d")
    assert Decimal(price(divided, isin)) * 2 == Decimal(price(plain, isin))


def test_unsettled_units_settle_as_the_split_left_them() -> None:
    desk = open_desk("live")
    desk.advance("1d")
    desk.place("BUY", AT_100, quantity="10")
    desk.advance("1h")
    desk.place("SELL", AT_100, quantity="4")
    desk.advance("19h59m")  # the 12th, 05:59
    assert held(desk) == ("6", "10", "0")  # neither trade has settled
    actions.split(desk)
    desk.advance("2m")
    assert held(desk)[0] == "18"
    desk.advance("7d")
    assert held(desk) == ("18", "0", "18")


def test_a_mistrade_of_before_takes_back_what_its_units_have_become() -> None:
    desk = open_desk()
    desk.place("BUY", AT_100, quantity="10")
    desk.advance("1m")
    actions.split(desk)
    desk.advance("3d")
    (execution,) = desk.world.table(EXECUTIONS)
    desk.move("executions", execution.id, "CANCELLED")
    assert desk.position(AT_100)["quantity"] == "0"
    assert desk.cash()["balance"] == "10000"


def test_a_sell_that_is_open_is_left_alone() -> None:
    desk = open_desk("manual")
    desk.hold(AT_100, "10")
    order = desk.place("SELL", AT_100, quantity="10")
    row = actions.split(desk)
    for state in ("CONFIRMED", "BOOKED"):
        desk.move("corporate_actions", row.id, state)
    assert desk.position(AT_100)["locked_for_trading"] == "10"
    for state in ("PROCESSING", "FILLED"):
        desk.move("orders", order.id, state)
    assert desk.position(AT_100)["quantity"] == "20"
    assert desk.told("ORDER.FILLED")[0]["executions"][0]["share_quantity"] == "10"


def test_a_reverse_split_cancels_the_youngest_sells_that_it_leaves_without_units() -> None:
    desk = open_desk("manual")
    desk.hold(AT_100, "20")
    older, younger = (desk.place("SELL", AT_100, quantity=units) for units in ("2", "9"))
    row = actions.split(desk, "1:10")
    for state in ("CONFIRMED", "BOOKED"):
        desk.move("corporate_actions", row.id, state)
    told = desk.told("ORDER.CANCELLED")
    assert [each["id"] for each in told] == [younger.id]
    assert older.id not in {each["id"] for each in told}
    position = desk.position(AT_100)
    assert (position["quantity"], position["locked_for_trading"], position["available_for_trading"]) == ("2", "2", "0")


def test_cash_for_fractions_leaves_whole_units_and_pays_the_rest() -> None:
    desk = open_desk(running=True)
    desk.hold(AT_100, "25")
    actions.split(desk, "1:10", cash_for_fractions=True)
    desk.advance("4d")
    assert desk.position(AT_100)["quantity"] == "2"
    assert actions.units_booked(desk, "REVERSE_STOCK_SPLIT") == ["-23"]
    assert actions.cash_booked(desk, "REVERSE_STOCK_SPLIT") == ["500"]  # 0.5 x 1000
    rows = desk.rows("list_account_returns", {"account_id": desk.account_id})
    assert [row.daily for row in rows[1:]] == [0] * 3  # the cash is a flow: 2000 + 500 - 2500
    (cash,), (units,) = desk.told("CASH_TRANSACTION.EXECUTED"), desk.told("SECURITY_TRANSACTION.EXECUTED")
    assert cash["references"] == units["references"]


def test_two_splits_follow_each_other() -> None:
    desk = open_desk()
    desk.place("BUY", AT_100, quantity="4")
    desk.advance("1m")
    actions.split(desk, "3:1")
    actions.split(desk, "1:2")
    desk.advance("3d")
    assert desk.position(AT_100)["quantity"] == "6"
    found = find(desk.world, AT_100)
    assert found is not None
    assert str(found.split) == "3:2"
    (execution,) = desk.world.table(EXECUTIONS)
    desk.move("executions", execution.id, "CANCELLED")
    assert desk.position(AT_100)["quantity"] == "0"


def test_a_portfolio_does_not_drift_by_it() -> None:
    desk = open_desk(running=True)
    desk.hold(AT_85, "84")  # 84 x 83.495 (the middle) = 7013.58
    desk.hold(AT_100, "30")  # 3000
    actions.split(desk)
    before = off_by(desk)
    desk.advance(EX_DAY)
    assert off_by(desk) == before


def test_a_rebalancing_goes_on_through_a_three_for_one_split() -> None:
    """Half of 10 units at 100 is to become the other instrument, which is offered at 85.22.

    The sell of 500 waits for the market to open, the split comes before: 30 units at 33.33, of which the sell takes
    500 / (100 / 3) = 15 and brings 500. For these 500 / 85.22 = 5.8671673316 units are bought, cut to ten decimals.
    """
    desk = open_desk("live", cash="0")
    desk.hold(AT_100, "10")
    desk.target(**{AT_85: "0.5", AT_100: "0.5"})
    desk.advance("1d10h")  # Wednesday, 19:00
    actions.split(desk)
    rebalance(desk)
    desk.advance("1m")
    assert desk.position(AT_100)["locked_for_trading"] == "5.5"  # 110 % of 5: trading.md §10.3
    desk.advance("11h")  # the split is booked, the market still closed
    assert (desk.position(AT_100)["quantity"], desk.position(AT_100)["locked_for_trading"]) == ("30", "16.5")
    desk.advance("7d")
    sold, bought = (each["executions"][0] for each in desk.told("ORDER.FILLED"))
    assert (sold["share_quantity"], sold["cash_amount"]) == ("15", "500")
    assert (bought["share_quantity"], bought["cash_amount"]) == ("5.8671673316", "500")
    assert held(desk) == ("15", "0", "15")
    assert desk.told("PORTFOLIO_ORDER.SETTLED")
    assert (desk.cash()["balance"], desk.position(AT_85)["quantity"]) == ("0", "5.8671673316")


def test_a_sell_by_amount_survives_a_reverse_split() -> None:
    """5.5 of 10 units at 100 are locked for a sell of 500; the 1:10 split leaves 1 unit at 1000, 0.55 of it locked."""
    desk = open_desk("manual")
    desk.hold(AT_100, "10")
    order = desk.place("SELL", AT_100, amount="500")
    row = actions.split(desk, "1:10")
    for state in ("CONFIRMED", "BOOKED"):
        desk.move("corporate_actions", row.id, state)
    assert (desk.position(AT_100)["quantity"], desk.position(AT_100)["locked_for_trading"]) == ("1", "0.55")
    for state in ("PROCESSING", "FILLED"):
        desk.move("orders", order.id, state)
    assert desk.told("ORDER.FILLED")[0]["executions"][0]["share_quantity"] == "0.5"
    assert (desk.position(AT_100)["quantity"], desk.position(AT_100)["locked_for_trading"]) == ("0.5", "0")


def off_by(desk: Desk) -> str:
    """The greatest drift, to eight decimals."""
    found = drift.legs(desk.world, desk.account_id, allocation(desk.world, desk.allocation_id))
    return f"{drift.greatest_drift(found):.8f}"


def held(desk: Desk) -> tuple[str, str, str]:
    """Units, those bought and not settled, those settled."""
    row = desk.position(AT_100)
    return row["quantity"], row["pending_settlement"], row["settled_quantity"]


def price(desk: Desk, isin: str = AT_100) -> str:
    """The middle of the quote that is in force."""
    found = find(desk.world, isin)
    assert found is not None
    now = best(desk.world, found)
    assert now is not None
    return f"{now.middle}"


def closes(desk: Desk, **query: str) -> dict[str, str]:
    path = {"instrument_id": f"isin:{AT_100}", "venue_id": "20d6024b-2df4-41ae-8d42-62e4744e455b"}
    reply = desk.call("retrieve_instrument_prices_ohlc", path, {"start_date": "2023-01-09", **query})
    return {str(bar.time.date()): bar.close for bar in reply.data}
