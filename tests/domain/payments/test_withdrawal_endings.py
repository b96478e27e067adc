"""payments.md §7, §16: withdrawals that end otherwise, by IBAN, profile or command; banks' days."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from mockserver.kernel.profile import profile
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import Desk
from tests.domain.support.payouts import books, fate, held, now, waits, why, withdraw

NOON = "11:00:00"
"""12:00 in Frankfurt, in January, as UTC has it."""


def at(day: int, time: str = "09:00:00") -> datetime:
    """A day of January 2023, whose 10th is a Tuesday."""
    return datetime.fromisoformat(f"2023-01-{day:02}T{time}").replace(tzinfo=UTC)


def times(desk: Desk, identity: str) -> dict[str, datetime]:
    """When it came to each state."""
    return {move.to: move.at for move in desk.world.moves if move.id == identity}


# --- By the end of the IBAN ---


def test_9001_is_sent_back_by_the_bank(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="200")
    paid = withdraw(desk, "200", end="9001")
    desk.advance("200ms")
    assert (fate(desk, paid.id), books(desk)) == (("CONFIRMED", None), ("0", "0", "0"))
    assert desk.advance("999ms") == []
    assert desk.advance("1ms") == ["WITHDRAWAL.CANCELLED", "CASH_TRANSACTION.EXECUTED", "CASH_BALANCE.UPDATED"]
    assert (fate(desk, paid.id), books(desk)) == (("CANCELLED", "CANCELLED_BY_BANK"), ("200", "200", "200"))
    assert why(desk, paid.id) == "the bank sends it back afterwards: the IBAN ends in 9001"


def test_what_is_sent_back_has_two_transactions_that_sum_to_zero(desk: Desk) -> None:
    paid = withdraw(desk, "13.37", end="9001")
    desk.advance("1m")
    booked = desk.told("CASH_TRANSACTION.EXECUTED")
    assert [(row["type"], row["delta"]["amount"]) for row in booked] == [
        ("WITHDRAWAL", "-13.37"),
        ("WITHDRAWAL_CANCELLATION", "13.37"),
    ]
    assert [row["references"] for row in booked] == [[{"id": paid.id, "type": "WITHDRAWAL"}]] * 2


def test_9003_is_refused_by_upvest(desk: Desk) -> None:
    paid = withdraw(desk, "200", end="9003")
    assert books(desk) == ("10000", "9800", "9800")
    assert desk.advance("30d") == ["WITHDRAWAL.CANCELLED", "CASH_BALANCE.UPDATED"]
    assert (fate(desk, paid.id), books(desk)) == (("CANCELLED", "CANCELLED_BY_UPVEST"), ("10000",) * 3)
    assert why(desk, paid.id) == "Upvest refuses it: the IBAN ends in 9003"


def test_9004_stays_with_the_bank_until_a_command_moves_it(desk: Desk) -> None:
    paid = withdraw(desk, "200", end="9004")
    desk.advance("30d")
    assert (fate(desk, paid.id), books(desk)) == (("PROCESSING", None), ("10000", "9800", "9800"))
    assert waits(desk, paid.id) == "the bank never answers: the IBAN ends in 9004"
    desk.move("withdrawals", paid.id, "CONFIRMED")
    assert (fate(desk, paid.id), waits(desk, paid.id)) == (("CONFIRMED", None), None)


@pytest.mark.parametrize("end", ["9000", "9002", "9005"])
def test_another_end_has_no_effect(desk: Desk, end: str) -> None:
    paid = withdraw(desk, "200", end=end)
    desk.advance("30d")
    assert fate(desk, paid.id) == ("CONFIRMED", None)


@pytest.mark.parametrize("end", ["9001", "9003", "9004"])
def test_without_the_setting_no_end_has_an_effect(open_desk: OpenDesk, end: str) -> None:
    desk = open_desk(overrides={"payments": {"magic_ibans": False}})
    paid = withdraw(desk, "200", end=end)
    desk.advance("30d")
    assert fate(desk, paid.id) == ("CONFIRMED", None)


@pytest.mark.parametrize(
    ("name", "magic"), [("sandbox", True), ("sandbox-strict", True), ("live", False), ("manual", False)]
)
def test_which_profiles_have_it(name: str, magic: bool) -> None:
    assert profile(name).payments.magic_ibans is magic


# --- By the profile ---


@pytest.mark.parametrize(
    ("stage", "outcome", "ends"),
    [
        ("withdrawal.check", "CANCELLED", ("CANCELLED", "CANCELLED_BY_UPVEST")),
        ("withdrawal.process", "CANCELLED", ("CANCELLED", "CANCELLED_BY_UPVEST")),
        ("withdrawal.confirm", "CANCELLED", ("CANCELLED", "CANCELLED_BY_BANK")),
        ("withdrawal.return", "CANCELLED", ("CANCELLED", "CANCELLED_BY_BANK")),
    ],
)
def test_a_profile_lets_every_one_end_otherwise(
    open_desk: OpenDesk, stage: str, outcome: str, ends: tuple[str, str]
) -> None:
    desk = open_desk(overrides={"stages": {stage: {"outcomes": {outcome: 1}}}})
    paid = withdraw(desk, "200")
    desk.advance("30d")
    assert (fate(desk, paid.id), books(desk)) == (ends, ("10000", "10000", "10000"))


@pytest.mark.parametrize(
    ("end", "stage", "outcome"),
    [
        ("9001", "withdrawal.return", "CONFIRMED"),
        ("9004", "withdrawal.confirm", "CONFIRMED"),
    ],
)
def test_an_outcome_of_the_profile_counts_more_than_the_iban(
    open_desk: OpenDesk, end: str, stage: str, outcome: str
) -> None:
    desk = open_desk(overrides={"stages": {stage: {"outcomes": {outcome: 1}}}})
    paid = withdraw(desk, "200", end=end)
    desk.advance("30d")
    assert fate(desk, paid.id) == ("CONFIRMED", None)


def test_a_profile_may_match_the_end_of_any_iban(open_desk: OpenDesk) -> None:
    override: dict[str, Any] = {"match": {"iban_end": "4711"}, "outcomes": {"CANCELLED": 1}}
    desk = open_desk(overrides={"stages": {"withdrawal.return": {"overrides": [override]}}})
    returned, paid = withdraw(desk, "1", end="4711"), withdraw(desk, "2")
    desk.advance("30d")
    assert (fate(desk, returned.id)[0], fate(desk, paid.id)[0]) == ("CANCELLED", "CONFIRMED")


# --- By command ---


def test_the_bank_may_send_back_any_that_is_confirmed(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="200")
    paid = withdraw(desk, "200")
    desk.advance("30d")
    told = desk.move("withdrawals", paid.id, "CANCELLED")
    assert told == ["WITHDRAWAL.CANCELLED", "CASH_TRANSACTION.EXECUTED", "CASH_BALANCE.UPDATED"]
    assert (fate(desk, paid.id), books(desk)) == (("CANCELLED", "CANCELLED_BY_BANK"), ("200", "200", "200"))


def test_nothing_comes_back_into_a_closed_group(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="200")
    paid = withdraw(desk, "200", end="9001")
    desk.advance("200ms")
    for resource, identity in (("accounts", desk.account_id), ("account_groups", desk.group_id)):
        desk.move(resource, identity, "CLOSING")
    desk.advance("30d")
    assert (fate(desk, paid.id), books(desk)) == (("CONFIRMED", None), ("0", "0", "0"))
    reason = f"account group {desk.group_id} is CLOSED: no cash comes back into it"
    assert (waits(desk, paid.id), held(desk, paid.id, "CANCELLED")) == (reason, reason)


def test_into_a_group_that_is_closing_the_money_comes_back(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="200")
    paid = withdraw(desk, "200", end="9001")
    desk.move("account_groups", desk.group_id, "CLOSING")  # its account is not, so it waits
    desk.advance("30d")
    assert (fate(desk, paid.id), books(desk)) == (("CANCELLED", "CANCELLED_BY_BANK"), ("200", "200", "200"))


@pytest.mark.parametrize("state", ["NEW", "PROCESSING"])
def test_what_is_open_when_a_group_is_closed_by_hand_is_cancelled(open_desk: OpenDesk, state: str) -> None:
    desk = open_desk("manual", cash="200")
    paid = withdraw(desk, "150")
    if state == "PROCESSING":
        desk.move("withdrawals", paid.id, "PROCESSING")
    desk.move("account_groups", desk.group_id, "CLOSING")
    told = desk.move("account_groups", desk.group_id, "CLOSED")
    assert told == ["ACCOUNT_GROUP.CLOSED", "WITHDRAWAL.CANCELLED", "CASH_BALANCE.UPDATED"]
    assert (fate(desk, paid.id), books(desk)) == (("CANCELLED", "CANCELLED_BY_UPVEST"), ("200", "200", "200"))


# --- Bank days ---


def test_banks_act_at_noon_of_business_days(open_desk: OpenDesk) -> None:
    """payments.md §16: 12:00 in the profile's time zone, and a business day later."""
    desk = open_desk("live", now=at(13))  # a Friday
    paid = withdraw(desk, "200")
    desk.advance("14d")
    assert times(desk, paid.id) == {"NEW": at(13), "PROCESSING": at(13, NOON), "CONFIRMED": at(16, NOON)}


@pytest.mark.parametrize(
    ("asked", "picked_up"),
    [
        (at(10, "10:59:59"), at(10, NOON)),
        (at(10, NOON), at(11, NOON)),  # strictly after
        (at(10, "11:00:01"), at(11, NOON)),
        (at(13, "11:00:01"), at(16, NOON)),  # Friday afternoon
        (at(14), at(16, NOON)),  # Saturday
    ],
)
def test_a_file_takes_what_came_before_it(open_desk: OpenDesk, asked: datetime, picked_up: datetime) -> None:
    desk = open_desk("live", now=asked)
    paid = withdraw(desk, "200")
    desk.advance("7d")
    assert times(desk, paid.id)["PROCESSING"] == picked_up


def test_one_that_is_refused_waits_for_no_file(open_desk: OpenDesk) -> None:
    desk = open_desk("live", cash="0")
    paid = withdraw(desk, "200")
    assert desk.advance("2s") == ["WITHDRAWAL.CANCELLED"]
    assert now(desk, paid.id).updated_at == at(10, "09:00:02")


def test_the_bank_sends_back_after_two_business_days(open_desk: OpenDesk) -> None:
    desk = open_desk("live", {"payments": {"magic_ibans": True}})
    paid = withdraw(desk, "200", end="9001")
    desk.advance("14d")
    assert times(desk, paid.id) == {
        "NEW": at(10),
        "PROCESSING": at(10, NOON),
        "CONFIRMED": at(11, NOON),
        "CANCELLED": at(13, NOON),
    }


def test_one_that_waited_goes_with_the_next_file(open_desk: OpenDesk) -> None:
    desk = open_desk("live", {"payments": {"withdrawal_funding": "wait"}}, cash="0")
    paid = withdraw(desk, "200")
    desk.advance("1d")
    desk.fund("200")
    desk.advance("14d")
    assert times(desk, paid.id)["PROCESSING"] == at(11, NOON)


def test_without_a_cut_off_the_delays_count(open_desk: OpenDesk) -> None:
    desk = open_desk("live", {"payments": {"cut_off": None}})
    paid = withdraw(desk, "200")
    desk.advance("14d")
    assert times(desk, paid.id) == {"NEW": at(10), "PROCESSING": at(10, "10:00:00"), "CONFIRMED": at(11, "10:00:00")}
