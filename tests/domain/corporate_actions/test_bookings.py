"""payments.md §15.2: bookings by command, of cash and units per account."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from mockserver.domain.corporate_actions.actions import CorporateAction
from mockserver.domain.corporate_actions.bookings import BOOKINGS
from mockserver.kernel.lifecycle import Hold
from tests.domain.support import actions
from tests.domain.support.desk import AT_85, AT_100, NOBODY, Desk, open_desk


def confirmed(desk: Desk, iso_type: str = "SOFF", **members: Any) -> CorporateAction:
    row = actions.announced(desk, iso_type=iso_type, **members)
    desk.advance("1s")
    assert actions.now(desk, row).status == "CONFIRMED"
    return row


def book(desk: Desk, of: CorporateAction, *bookings: dict[str, Any]) -> list[str]:
    given = [{"account_id": desk.account_id, **each} for each in bookings]
    return desk.move("corporate_actions", of.id, "BOOKED", bookings=given)


def test_a_spin_off_brings_units_of_another_instrument() -> None:
    desk = open_desk()
    desk.hold(AT_100, "10")
    told = book(desk, confirmed(desk), {"units": "2.5", "instrument": AT_85})
    assert told == ["POSITION.UPDATED", "SECURITY_TRANSACTION.EXECUTED"]
    assert (desk.position(AT_85)["quantity"], desk.position(AT_100)["quantity"]) == ("2.5", "10")
    assert actions.units_booked(desk, "SPIN_OFF") == ["2.5"]


def test_cash_and_units_of_one_booking_share_their_reference() -> None:
    desk = open_desk()
    desk.hold(AT_100, "10")
    book(desk, confirmed(desk, "TEND"), {"units": "-4", "cash": "420.00"})
    (cash,), (units,) = desk.told("CASH_TRANSACTION.EXECUTED"), desk.told("SECURITY_TRANSACTION.EXECUTED")
    (reference,) = cash["references"]
    assert units["references"] == [reference]
    assert (cash["delta"]["amount"], units["delta"]["amount"]) == ("420", "-4")
    assert (cash["type"], units["type"]) == ("TENDER", "TENDER")
    assert (desk.cash()["balance"], desk.position(AT_100)["quantity"]) == ("10420", "6")


def test_cash_for_units_is_a_flow_and_so_no_loss() -> None:
    desk = open_desk(running=True)
    desk.hold(AT_100, "10")
    desk.advance("1d")
    book(desk, confirmed(desk, "TEND"), {"units": "-4", "cash": "400.00"})  # at their price
    desk.advance("2d")
    rows = desk.rows("list_account_returns", {"account_id": desk.account_id})
    assert [row.daily for row in rows[1:]] == [0] * (len(rows) - 1)


def test_bookings_that_were_declared_come_on_the_payment_day() -> None:
    desk = open_desk()
    declared = [{"account_id": desk.account_id, "cash": "15.00"}]
    row = actions.announced(desk, iso_type="CAPD", payment_date=date(2023, 1, 16), bookings=declared)
    desk.advance("5d20h59m")
    assert actions.cash_booked(desk, "CAPITAL_DISTRIBUTION") == []
    desk.advance("1m")
    assert actions.cash_booked(desk, "CAPITAL_DISTRIBUTION") == ["15"]
    assert actions.now(desk, row).status == "BOOKED"


def test_what_an_account_cannot_give_waits_until_it_can_and_keeps_nobody_else_waiting() -> None:
    desk = open_desk(cash="10")
    declared = [{"account_id": desk.account_id, "cash": "-30.00"}, {"account_id": desk.account_id, "cash": "5.00"}]
    row = actions.announced(desk, iso_type="CHAN", payment_date=date(2023, 1, 16), bookings=declared)
    desk.advance("7d")
    assert actions.cash_booked(desk, "CHANGE") == ["5"]
    assert actions.bookings(desk, row) == [(desk.account_id, "DUE"), (desk.account_id, "BOOKED")]
    (late, _) = desk.world.table(BOOKINGS).by("action", row.id)
    held = desk.world.holds.get("corporate_action_bookings", late.id)
    assert held is not None
    assert held.reason == "30 EUR are to be paid, and 15 are available"
    desk.fund("20")
    desk.advance("1s")
    assert actions.cash_booked(desk, "CHANGE") == ["5", "-30"]
    assert desk.cash()["balance"] == "5"  # 10 + 5 + 20 - 30


@pytest.mark.parametrize(
    ("booking", "reason"),
    [
        ({"units": "-11"}, "11 units of IE0032077012 are to be given, and 10 are available"),
        ({"cash": "-10001.01"}, "10001.01 EUR are to be paid, and 10001 are available"),
    ],
)
def test_a_command_that_asks_for_more_than_there_is_books_nothing(booking: dict[str, str], reason: str) -> None:
    desk = open_desk()
    desk.hold(AT_100, "10")
    row = confirmed(desk)
    with pytest.raises(Hold, match=reason):
        book(desk, row, {"cash": "1.00"}, booking)
    assert actions.now(desk, row).status == "CONFIRMED"
    assert (actions.bookings(desk, row), desk.cash()["balance"]) == ([], "10000")


@pytest.mark.parametrize(
    ("booking", "problem"),
    [
        ({}, "bookings.0 needs cash, units or both"),
        ({"cash": "0"}, "bookings.0.cash: expected a number other than 0"),
        ({"cash": "1.005"}, "bookings.0.cash: expected whole cents"),
        ({"units": "many"}, "bookings.0.units: expected a number other than 0, with at most 10 decimals, got 'many'"),
        ({"units": "0.00000000001"}, "with at most 10 decimals"),
        ({"units": "NaN"}, "bookings.0.units: expected a number"),
        ({"amount": "1"}, "amount is unknown; expected account_id, cash, units, instrument"),
        ({"account_id": NOBODY, "cash": "1"}, f"account {NOBODY} does not exist"),
        ({"cash": "1", "instrument": "XX"}, "bookings.0: instrument XX does not exist"),
    ],
)
def test_a_booking_that_cannot_be_is_refused(booking: dict[str, str], problem: str) -> None:
    desk = open_desk()
    row = confirmed(desk)
    with pytest.raises(ValueError) as raised:  # noqa: PT011 - the text is compared below
        book(desk, row, booking)
    assert problem in str(raised.value)


def test_a_dividend_may_have_bookings_of_its_own_beside_the_right() -> None:
    desk = open_desk("manual")
    desk.hold(AT_100, "10")
    row = actions.dividend(desk)
    desk.move("corporate_actions", row.id, "CONFIRMED")
    book(desk, actions.now(desk, row), {"cash": "3.00"})
    assert sorted(map(Decimal, actions.cash_booked(desk))) == [Decimal(3), Decimal("12.50")]
