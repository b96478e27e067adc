"""payments.md §2.5, §4.1: when the bank works on direct debits, and what becomes of those of a group that closes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.domain.conftest import OpenDesk
from tests.domain.payments.bank import collect, debit, triple
from tests.domain.support.desk import Desk

CONFIRMED = ["DIRECT_DEBIT.CONFIRMED", "CASH_TRANSACTION.EXECUTED", "CASH_BALANCE.UPDATED"]


# --- Business days ---

# 12:00 in Frankfurt is 11:00 UTC in winter.


@pytest.mark.parametrize(
    ("created", "processed", "confirmed"),
    [
        # a Tuesday morning: today's file, and two business days after today
        ("2023-01-10T09:00:00+00:00", "2023-01-10T11:00:00+00:00", "2023-01-12T11:00:00+00:00"),
        # after the cut-off: tomorrow's file; still two business days after the creation
        ("2023-01-10T11:00:00+00:00", "2023-01-11T11:00:00+00:00", "2023-01-12T11:00:00+00:00"),
        # a Friday afternoon: Monday's file, Tuesday's money
        ("2023-01-13T15:00:00+00:00", "2023-01-16T11:00:00+00:00", "2023-01-17T11:00:00+00:00"),
        # a Saturday: the count starts on it, so Monday, Tuesday
        ("2023-01-14T09:00:00+00:00", "2023-01-16T11:00:00+00:00", "2023-01-17T11:00:00+00:00"),
        # Thursday before Easter: Friday to Monday are no TARGET days; in summer noon is 10:00 UTC
        ("2023-04-06T11:00:00+00:00", "2023-04-11T10:00:00+00:00", "2023-04-12T10:00:00+00:00"),
    ],
)
def test_live_the_bank_works_on_business_days(
    open_desk: OpenDesk, created: str, processed: str, confirmed: str
) -> None:
    desk = open_desk("live", now=datetime.fromisoformat(created).astimezone(UTC))
    made = collect(desk)
    desk.advance("10d")
    moves = [(move.to, move.at.isoformat()) for move in desk.world.moves if move.id == made.id]
    assert moves == [("NEW", created), ("PROCESSING", processed), ("CONFIRMED", confirmed)]


def test_without_a_cut_off_the_delays_of_the_stages_count(open_desk: OpenDesk) -> None:
    stages = {"direct_debit.process": {"delay": "5s"}, "direct_debit.collect": {"delay": "1h"}}
    desk = open_desk("live", {"payments": {"cut_off": None}, "stages": stages})
    collect(desk)
    assert desk.advance("5s") == ["DIRECT_DEBIT.PROCESSING"]
    assert desk.advance("1h") == CONFIRMED


# --- Closing, locking ---


def test_in_a_locked_group_what_is_under_way_goes_on(desk: Desk) -> None:
    made = collect(desk)
    desk.move("account_groups", desk.group_id, "LOCKED")
    desk.advance()
    assert debit(desk, made.id)["status"] == "CONFIRMED"


def close(desk: Desk) -> None:
    desk.call("account_closure", {"account_id": desk.account_id})
    desk.call("account_group_closure", {"account_group_id": desk.group_id})


def group_status(desk: Desk) -> str:
    status: str = desk.call("retrieve_account_group", {"account_group_id": desk.group_id}).status
    return status


def test_a_closing_group_waits_for_what_is_under_way(open_desk: OpenDesk) -> None:
    """It closes by itself when the direct debit is cancelled; nothing else wakes it."""
    desk = open_desk("sandbox", {"stages": {"direct_debit.process": {"delay": "1h"}}}, cash="0")
    made = collect(desk, "9003")
    close(desk)
    desk.advance("59m")
    assert group_status(desk) == "CLOSING"
    desk.advance("2m")
    assert (debit(desk, made.id)["status"], group_status(desk)) == ("CANCELLED", "CLOSED")


def test_money_still_comes_into_a_closing_group(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="0")
    collect(desk)
    close(desk)
    desk.advance()
    assert (triple(desk), group_status(desk)) == (("200", "200", "200"), "CLOSING")


@pytest.mark.parametrize("state", ["NEW", "PROCESSING"])
def test_a_group_that_is_closed_by_hand_cancels_what_is_under_way(open_desk: OpenDesk, state: str) -> None:
    """No CLOSED group has an open object (§18)."""
    desk = open_desk("manual", cash="0")
    made = collect(desk)
    if state == "PROCESSING":
        desk.move("direct_debits", made.id, state)
    desk.move("account_groups", desk.group_id, "CLOSING")
    told = desk.move("account_groups", desk.group_id, "CLOSED")
    assert told == ["ACCOUNT_GROUP.CLOSED", "DIRECT_DEBIT.CANCELLED"]
    assert debit(desk, made.id)["cancellation_reason"] == "CANCELLED_BY_UPVEST"
