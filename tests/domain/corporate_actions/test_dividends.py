"""payments.md §15.2: who has the right to a dividend, what is booked for it, and when."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from mockserver.domain import seeding
from mockserver.domain.ledger.transactions import CASH_TRANSACTIONS
from tests.domain.support import actions
from tests.domain.support.desk import AT_100, Desk, open_desk

PAID = ["CASH_BALANCE.UPDATED", "CASH_TRANSACTION.EXECUTED"]


def test_it_is_paid_at_six_on_the_payment_day_for_each_unit() -> None:
    desk = open_desk()
    desk.hold(AT_100, "10")
    row = actions.dividend(desk)
    desk.advance("5d20h59m")  # Monday the 16th, 05:59
    assert actions.cash_booked(desk) == []
    assert actions.bookings(desk, row) == [(desk.account_id, "DUE")]
    assert desk.advance("1m") == PAID
    assert actions.cash_booked(desk) == ["12.50"]  # 10 x 1.25
    assert desk.cash()["balance"] == desk.cash()["available_for_withdrawal"] == "10012.50"


def test_its_transaction_names_account_instrument_and_booking() -> None:
    desk = open_desk()
    desk.hold(AT_100, "10")
    row = actions.dividend(desk)
    desk.advance("7d")
    (told,) = desk.told("CASH_TRANSACTION.EXECUTED")
    assert (told["type"], told["account_id"], told["instrument"]["isin"]) == ("CASH_DIVIDEND", desk.account_id, AT_100)
    (reference,) = told["references"]
    assert reference["type"] == "CORPORATE_ACTION_TRANSACTION_ID"
    assert reference["id"] != row.id
    assert told["taxes"] == []


def test_who_buys_on_the_ex_date_has_no_right_and_who_sells_on_it_keeps_it() -> None:
    desk = open_desk()
    desk.hold(AT_100, "10")
    actions.dividend(desk)
    desk.advance("2d")  # Thursday the 12th, 09:00
    desk.place("BUY", AT_100, quantity="7")
    desk.place("SELL", AT_100, quantity="4")
    desk.advance("7d")
    assert desk.position(AT_100)["quantity"] == "13"
    assert actions.cash_booked(desk) == ["12.50"]  # the 10 units of Wednesday's end


def test_who_buys_the_day_before_has_it_though_nothing_is_settled() -> None:
    desk = open_desk("live")
    actions.dividend(desk)
    desk.advance("1d")  # Wednesday the 11th, 09:00
    desk.place("BUY", AT_100, quantity="8")
    desk.advance("15h")
    assert desk.position(AT_100)["pending_settlement"] == "8"
    desk.advance("6d")
    assert actions.cash_booked(desk) == ["10"]  # 8 x 1.25


def test_who_sells_all_the_day_before_has_none() -> None:
    desk = open_desk()
    desk.hold(AT_100, "10")
    row = actions.dividend(desk)
    desk.advance("1d")
    desk.place("SELL", AT_100, quantity="10")
    desk.advance("7d")
    assert (actions.cash_booked(desk), actions.bookings(desk, row)) == ([], [])


@pytest.mark.parametrize(("bought_on", "paid"), [("3d", ["12.50"]), ("4d", [])])
def test_without_an_ex_date_the_end_of_the_record_day_decides(bought_on: str, paid: list[str]) -> None:
    desk = open_desk()
    actions.dividend(desk, ex_date=None, record_date=date(2023, 1, 13))  # the 13th is three days on
    desk.advance(bought_on)
    desk.place("BUY", AT_100, quantity="10")
    desk.advance("7d")
    assert actions.cash_booked(desk) == paid


def test_announced_after_the_ex_date_it_looks_back() -> None:
    desk = open_desk()
    desk.hold(AT_100, "10")
    desk.advance("2d")
    desk.place("SELL", AT_100, quantity="6")  # on the ex-date
    desk.advance("1d")
    actions.dividend(desk)
    desk.advance("7d")
    assert actions.cash_booked(desk) == ["12.50"]


def test_a_fraction_is_paid_half_up_to_the_cent_and_nothing_below_it() -> None:
    desk = open_desk()
    desk.hold(AT_100, "0.5")
    actions.dividend(desk, rate=Decimal("0.03"))  # 0.015
    actions.dividend(desk, rate=Decimal("0.009"))  # 0.0045
    desk.advance("7d")
    assert actions.cash_booked(desk) == ["0.02"]


def test_a_split_between_the_ex_date_and_the_payment_day_changes_no_right() -> None:
    desk = open_desk()
    desk.hold(AT_100, "10")
    actions.dividend(desk)
    actions.announced(desk, iso_type="SPLF", ratio="3:1", ex_date=date(2023, 1, 13))
    desk.advance("7d")
    assert desk.position(AT_100)["quantity"] == "30"
    assert actions.cash_booked(desk) == ["12.50"]


def test_it_is_no_return_on_the_securities_and_no_flow() -> None:
    desk = open_desk(running=True)
    desk.hold(AT_100, "10")
    actions.dividend(desk)
    desk.advance("10d")
    rows = desk.rows("list_account_returns", {"account_id": desk.account_id})
    assert len(rows) == 10  # the 10th to the 19th
    assert [row.daily for row in rows[1:]] == [0] * 9


def test_it_comes_in_the_currency_of_the_action() -> None:
    desk = open_desk()
    desk.hold(AT_100, "10")
    actions.dividend(desk, currency="USD")
    desk.advance("7d")
    assert (desk.cash("USD")["balance"], desk.cash()["balance"]) == ("12.50", "10000")


def test_each_account_gets_its_own() -> None:
    desk = open_desk()
    other = seeding.account(desk.world, account_group_id=desk.group_id, type="TRADING")
    desk.hold(AT_100, "10")
    seeding.position(desk.world, account_id=other.id, instrument=AT_100, quantity=Decimal(4))
    actions.dividend(desk)
    desk.advance("7d")
    rows = desk.world.table(CASH_TRANSACTIONS)
    assert [(row.account_id, row.delta.amount) for row in rows] == [(desk.account_id, "12.50"), (other.id, "5")]


def test_a_closing_account_waits_for_a_dividend_that_is_due() -> None:
    desk = open_desk(cash="0")
    desk.hold(AT_100, "10")
    actions.dividend(desk)
    desk.advance("2d")
    desk.place("SELL", AT_100, quantity="10")
    desk.advance("1m")
    desk.call("account_closure", {"account_id": desk.account_id})
    desk.advance("1d")
    assert desk.account.status == "CLOSING"
    assert "corporate action booking" in _waits(desk)
    desk.advance("7d")
    assert (desk.account.status, actions.cash_booked(desk)) == ("CLOSED", ["12.50"])


def test_an_account_that_is_closed_by_hand_gets_nothing() -> None:
    desk = open_desk()
    desk.hold(AT_100, "10")
    row = actions.dividend(desk)
    desk.advance("3d")
    desk.move("accounts", desk.account_id, "CLOSING")
    desk.move("accounts", desk.account_id, "CLOSED")
    assert actions.bookings(desk, row) == [(desk.account_id, "CANCELLED")]
    desk.advance("7d")
    assert actions.cash_booked(desk) == []


def test_a_group_that_is_closed_by_hand_gets_nothing() -> None:
    desk = open_desk(cash="0")
    desk.hold(AT_100, "10")
    row = actions.dividend(desk)
    desk.advance("3d")
    for state in ("CLOSING", "CLOSED"):
        desk.move("account_groups", desk.group_id, state)
    assert actions.bookings(desk, row) == [(desk.account_id, "CANCELLED")]
    desk.advance("7d")
    assert actions.cash_booked(desk) == []


def test_reinvested_it_buys_for_what_was_paid() -> None:
    desk = open_desk(overrides={"corporate_actions": {"reinvest": "on"}})
    desk.hold(AT_100, "10")
    actions.dividend(desk)
    desk.advance("7d")
    (order,) = [each for each in desk.told("ORDER.FILLED") if each["initiation_flow"] == "CASH_DIVIDEND_REINVESTMENT"]
    assert order["cash_amount"] == "12.50"
    assert desk.position(AT_100)["quantity"] == "10.125"  # 12.50 / 100
    assert desk.cash()["balance"] == "10000"


def test_by_default_nothing_is_bought() -> None:
    desk = open_desk()
    desk.hold(AT_100, "10")
    actions.dividend(desk)
    desk.advance("7d")
    assert desk.told("ORDER.NEW") == []


def _waits(desk: Desk) -> str:
    held = desk.world.holds.get("accounts", desk.account_id)
    return "" if held is None else held.reason
