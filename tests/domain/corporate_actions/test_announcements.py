"""payments.md §15.1: announcements, their states, and what cannot be announced."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from mockserver.domain.corporate_actions.types import TYPES
from mockserver.kernel.lifecycle import IllegalMoveError
from tests.domain.support import actions
from tests.domain.support.desk import AT_100, NOBODY, fingerprint, open_desk


def test_an_announcement_has_the_published_members() -> None:
    desk = open_desk()
    row = actions.dividend(desk, record_date=date(2023, 1, 13), announcement_date=date(2023, 1, 9))
    (told,) = desk.told(actions.UPDATED)
    assert told == {
        "id": row.id,
        "iso_type": "DVCA",
        "instrument": {"uuid": row.instrument_id, "isin": AT_100, "name": f"Sandbox {AT_100}"},
        "name": "CASH_DIVIDEND",
        "currency_denomination": "EUR",
        "mandatory_voluntary_indicator": "MANDATORY",
        "announcement_status": "PRELIMINARY_ANNOUNCEMENT_CONFIRMED",
        "function_of_message": "NEW",
        "announcement_date": "2023-01-09",
        "ex_date": "2023-01-12",
        "record_date": "2023-01-13",
        "options": [],
    }


def test_it_is_replaced_by_the_complete_one_on_the_business_day_before_and_booked_without_a_message() -> None:
    desk = open_desk()
    desk.hold(AT_100, "10")
    row = actions.dividend(desk)
    desk.advance("20h59m")  # the 11th, 05:59
    assert actions.now(desk, row).status == "ANNOUNCED"
    assert desk.advance("1m") == [actions.UPDATED]
    assert actions.messages(desk)[-1] == ("REPLACEMENT", "COMPLETE")
    desk.advance("5d")
    assert actions.now(desk, row).status == "BOOKED"
    assert len(actions.messages(desk)) == 2


@pytest.mark.parametrize("confirmed", [False, True])
def test_it_may_be_cancelled_until_it_is_booked_and_nothing_is_booked_then(confirmed: bool) -> None:
    desk = open_desk()
    desk.hold(AT_100, "10")
    row = actions.dividend(desk)
    if confirmed:
        desk.advance("2d")
    desk.move("corporate_actions", row.id, "CANCELLED")
    assert actions.messages(desk)[-1] == ("CANCELLATION_ADVICE", None)
    desk.advance("10d")
    assert (actions.cash_booked(desk), desk.cash()["balance"]) == ([], "10000")
    assert {state for _, state in actions.bookings(desk, row)} <= {"CANCELLED"}


def test_a_booked_one_is_final() -> None:
    desk = open_desk()
    row = actions.dividend(desk)
    desk.advance("7d")
    with pytest.raises(IllegalMoveError, match="it is final"):
        desk.move("corporate_actions", row.id, "CANCELLED")


def test_the_complete_announcement_may_bring_another_rate_and_other_days() -> None:
    desk = open_desk("manual")
    desk.hold(AT_100, "10")
    row = actions.dividend(desk)
    changes = {"rate": "2", "ex_date": "2023-01-17", "payment_date": "2023-01-19"}
    desk.move("corporate_actions", row.id, "CONFIRMED", **changes)
    assert desk.told(actions.UPDATED)[-1]["ex_date"] == "2023-01-17"
    desk.advance("3d")  # the old ex-date is over, the new one is not
    assert actions.bookings(desk, row) == []
    desk.move("corporate_actions", row.id, "BOOKED")
    assert actions.cash_booked(desk) == ["20"]  # 10 x 2.00


def test_in_the_manual_profile_nothing_moves_by_itself() -> None:
    desk = open_desk("manual")
    row = actions.dividend(desk)
    desk.advance("30d")
    assert actions.now(desk, row).status == "ANNOUNCED"


def test_what_waits_for_a_command_may_be_confirmed_and_booked_after_its_day() -> None:
    desk = open_desk("manual")
    desk.hold(AT_100, "10")
    row = actions.dividend(desk)
    desk.advance("30d")
    with pytest.raises(ValueError, match="payment_date 2023-01-20 lies in the past"):
        desk.move("corporate_actions", row.id, "CONFIRMED", payment_date="2023-01-20")
    for state in ("CONFIRMED", "BOOKED"):
        desk.move("corporate_actions", row.id, state)
    assert actions.cash_booked(desk) == ["12.50"]


@pytest.mark.parametrize("iso_type", sorted(set(TYPES) - {"DVCA", "SPLF", "SPLR"}))
def test_every_other_type_is_announced_and_books_nothing_by_itself(iso_type: str) -> None:
    desk = open_desk()
    desk.hold(AT_100, "10")
    row = actions.announced(desk, iso_type=iso_type, ex_date=date(2023, 1, 12), payment_date=date(2023, 1, 16))
    desk.advance("10d")
    assert actions.now(desk, row).status == "CONFIRMED"
    assert desk.told(actions.UPDATED)[0]["name"] == TYPES[iso_type].name
    assert actions.bookings(desk, row) == []


THE_12TH, THE_16TH = date(2023, 1, 12), date(2023, 1, 16)


@pytest.mark.parametrize(
    ("members", "problem"),
    [
        ({"iso_type": "DVAC"}, "got 'DVAC' (did you mean DVCA?)"),
        ({"iso_type": "DVCA", "ex_date": THE_12TH, "payment_date": THE_16TH}, "DVCA (CASH_DIVIDEND) needs rate"),
        ({"iso_type": "DVCA", "rate": Decimal(1), "ex_date": THE_12TH}, "needs payment_date"),
        ({"iso_type": "DVCA", "rate": Decimal(1), "payment_date": THE_16TH}, "needs ex_date or record_date"),
        (
            {"iso_type": "DVCA", "rate": Decimal(0), "ex_date": THE_12TH, "payment_date": THE_16TH},
            "rate: expected more than 0, got 0",
        ),
        (
            {"iso_type": "DVCA", "rate": Decimal(1), "ex_date": THE_16TH, "payment_date": THE_12TH},
            "payment_date 2023-01-12 lies before 2023-01-16",
        ),
        ({"iso_type": "SPLF", "ex_date": THE_12TH}, "SPLF (STOCK_SPLIT) needs ratio"),
        ({"iso_type": "SPLF", "ratio": "1:3", "ex_date": THE_12TH}, "ratio 1:3 is not one of SPLF"),
        ({"iso_type": "SPLR", "ratio": "3:1", "ex_date": THE_12TH}, "ratio 3:1 is not one of SPLR"),
        ({"iso_type": "SPLF", "ratio": "2:2", "ex_date": THE_12TH}, "2:2 changes nothing"),
        ({"iso_type": "SPLF", "ratio": "3", "ex_date": THE_12TH}, 'as "3:1" or "1:10"'),
        ({"iso_type": "SPLF", "ratio": "3:1", "ex_date": date(2023, 1, 9)}, "lies in the past; today (2023-01-10)"),
        ({"iso_type": "SOFF", "rate": Decimal(1)}, "rate is for a dividend, not for SOFF (SPIN_OFF)"),
        ({"iso_type": "SOFF", "cash_for_fractions": True}, "cash_for_fractions is for a split"),
        ({"iso_type": "SOFF", "currency": "CHF"}, "currency: expected one of EUR, GBP, USD, got 'CHF'"),
        ({"iso_type": "SOFF", "bookings": [{"account_id": NOBODY, "cash": "1"}]}, f"account {NOBODY} does not exist"),
        ({"iso_type": "SOFF", "instrument": "DE000BASF111"}, "instrument DE000BASF111 does not exist"),
    ],
)
def test_what_cannot_be_is_refused_with_what_would_pass(members: dict[str, Any], problem: str) -> None:
    desk = open_desk()
    before = fingerprint(desk.world)
    with pytest.raises(ValueError) as raised:  # noqa: PT011 - the text is compared below
        actions.announced(desk, **members)
    desk.world.undo.roll_back()
    assert problem in str(raised.value)
    assert fingerprint(desk.world) == before
