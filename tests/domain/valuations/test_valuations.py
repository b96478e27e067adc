"""Valuations: the seed document's numbers, the qualities of prices, and the end-of-day series (portfolios.md §6)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from mockserver.contract import contract
from mockserver.domain import seeding
from mockserver.domain.accounts.accounts import ACCOUNT_LIFE, ACCOUNTS
from mockserver.domain.valuations import valuations
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_100, NOBODY, Desk
from tests.domain.support.holdings import A, B, C, close_at, current_value, history, list_instruments, quote

FIRST, SECOND, UNPRICED = "DE0007664005", "FR0010524777", "SE0019889775"
SEED_IDS = {
    FIRST: "123e4567-e89b-12d3-a456-426614174000",
    SECOND: "48b798b7-3a62-4f30-8307-ee94d35b21b7",
    UNPRICED: "7499ccf8-6fa5-43ef-af9e-dd062e10ab59",
}
SEED_TIME = datetime(2023, 1, 10, 14, 15, 22, tzinfo=UTC)
SEED_POSITIONS: list[dict[str, Any]] = [
    # seeds.md 003: the published current valuation
    {
        "instrument": {"uuid": SEED_IDS[FIRST], "isin": FIRST},
        "value": {"amount": "104.81", "currency": "EUR", "price_time": "2023-01-09T00:00:00Z"},
        "quantity": "0.65",
        "weight": "0.736595",
        "price_quality": "EOD",
    },
    {
        "instrument": {"uuid": SEED_IDS[SECOND], "isin": SECOND},
        "value": {"amount": "37.48", "currency": "EUR", "price_time": "2023-01-09T00:00:00Z"},
        "quantity": "1.00",
        "weight": "0.263405",
        "price_quality": "EOD",
    },
    {
        "instrument": {"uuid": SEED_IDS[UNPRICED], "isin": UNPRICED},
        "quantity": "5.00",
        "value": None,
        "weight": None,
        "price_quality": "NA",
    },
]
WITHOUT_QUALITY = [{key: row[key] for key in row if key != "price_quality"} for row in SEED_POSITIONS]


def hold_the_seeds_positions(desk: Desk) -> None:
    """The published positions; prices that give the published amounts and weights exactly."""
    for isin, id_ in SEED_IDS.items():
        seeding.instrument(desk.world, isin=isin, id=id_)
    close_at(desk, FIRST, "2023-01-09", "161.2406455")  # * 0.65 = 104.806419575
    close_at(desk, SECOND, "2023-01-09", "37.478580425")  # * 1.00; together 142.285
    for isin, quantity in ((FIRST, "0.65"), (SECOND, "1.00"), (UNPRICED, "5.00")):
        desk.hold(isin, quantity)


# --- The seed document ---


def test_the_seeds_current_valuation_comes_out_to_the_last_digit(open_desk: OpenDesk) -> None:
    desk = open_desk(now=SEED_TIME)
    hold_the_seeds_positions(desk)
    shown = current_value(desk)
    assert shown.pop("id")
    now = "2023-01-10T14:15:22Z"
    assert shown == {
        "created_at": now,
        "updated_at": now,
        "valuation_time": now,
        "account_id": desk.account_id,
        "price_quality": "EOD",
        "total_security_value": {"amount": "142.29", "currency": "EUR"},
        "security_positions": SEED_POSITIONS,
    }


def test_what_is_told_of_a_night_is_what_the_history_shows(open_desk: OpenDesk) -> None:
    """portfolios.md §6: a position without a price is in both."""
    desk = open_desk("sandbox", now=datetime(2023, 1, 9, 20, tzinfo=UTC), running=True)
    hold_the_seeds_positions(desk)
    desk.advance("5h")
    assert desk.told(valuations.EVENT) == history(desk)
    assert [row["value"] is None for row in history(desk)[0]["security_positions"]] == [False, False, True]


def test_the_seeds_end_of_day_valuation_is_told_ten_seconds_later_without_qualities(open_desk: OpenDesk) -> None:
    run = {"runs": {"valuations": {"at": "00:15:22", "announce_after": "10s", "unpriced": "left_out"}}}
    desk = open_desk("sandbox", run, now=datetime(2023, 1, 9, 20, tzinfo=UTC), running=True)
    hold_the_seeds_positions(desk)
    desk.advance("4h15m31s")
    assert not desk.told(valuations.EVENT)
    assert len(history(desk)) == 1
    assert desk.advance("1s") == ["ACCOUNT_VALUATION.CREATED"]
    (event,) = [event for event in desk.world.events if event.type == valuations.EVENT]
    (told,) = desk.told(valuations.EVENT)
    assert event.created_at == datetime(2023, 1, 10, 0, 15, 32, tzinfo=UTC)
    assert told["valuation_time"] == told["created_at"] == told["updated_at"] == "2023-01-10T00:15:22Z"
    assert told["total_security_value"] == {"amount": "142.29", "currency": "EUR"}
    priced = [row for row in WITHOUT_QUALITY if row["value"] is not None]
    assert told["security_positions"] == priced  # both published events leave the unpriced position out
    assert history(desk) == [{**told, "security_positions": WITHOUT_QUALITY}]


def test_the_weights_come_from_the_unrounded_values() -> None:
    rounded = Decimal("104.81") / Decimal("142.29")
    assert round(rounded, 6) != Decimal("0.736595")  # so the published weight is of 104.806419575 / 142.285
    assert Decimal("104.806419575") / Decimal("142.285") == Decimal("0.736595")


# --- Qualities ---


def positions_by_isin(shown: dict[str, Any]) -> dict[str, Any]:
    return {row["instrument"]["isin"]: row for row in shown["security_positions"]}


def test_the_best_quality_is_chosen_for_each_position(desk: Desk) -> None:
    nothing = "DE0000000N04"
    list_instruments(desk, A, B, C, nothing, price=None)
    for isin in (A, B, C, nothing):
        desk.hold(isin, "1")
        if isin != nothing:
            close_at(desk, isin, "2023-01-09", "10")
    quote(desk, B, "20")
    desk.advance("5m")
    quote(desk, A, "30")
    shown = current_value(desk, "HIGHEST_AVAILABLE")
    rows = positions_by_isin(shown)
    assert shown["price_quality"] == "HIGHEST_AVAILABLE"
    assert shown["total_security_value"]["amount"] == "60"
    found = {isin: (row["price_quality"], row["value"] and row["value"]["price_time"]) for isin, row in rows.items()}
    assert found == {
        A: ("REALTIME", "2023-01-10T09:05:00Z"),
        B: ("DELAYED", "2023-01-10T09:00:00Z"),
        C: ("EOD", "2023-01-09T00:00:00Z"),
        nothing: ("NA", None),
    }


def test_at_eod_quality_a_quote_of_today_does_not_count(desk: Desk) -> None:
    list_instruments(desk, A, price=None)
    desk.hold(A, "1")
    close_at(desk, A, "2023-01-09", "10")
    close_at(desk, A, "2023-01-10", "11")
    quote(desk, A, "30")
    assert current_value(desk)["total_security_value"]["amount"] == "10"


def test_the_price_quality_is_required_and_one_of_two() -> None:
    (parameter,) = contract().operations["get_account_valuation"].query
    assert parameter.required
    assert parameter.schema["enum"] == ["EOD", "HIGHEST_AVAILABLE"]


# --- Sums ---


def test_a_single_position_weighs_one(desk: Desk) -> None:
    desk.hold(AT_100, "3")
    (row,) = current_value(desk)["security_positions"]
    assert row["weight"] == "1"


def test_the_total_is_the_sum_of_the_rounded_amounts(desk: Desk) -> None:
    list_instruments(desk, A, B, C, price="0.333")
    for isin in (A, B, C):
        desk.hold(isin, "1")
    assert current_value(desk)["total_security_value"]["amount"] == "0.99"  # 3 * 0.33, not 0.999


def test_amounts_are_rounded_half_to_even(desk: Desk) -> None:
    list_instruments(desk, A, price="0.125")
    list_instruments(desk, B, price="0.135")
    for isin in (A, B):
        desk.hold(isin, "1")
    rows = positions_by_isin(current_value(desk))
    assert [rows[isin]["value"]["amount"] for isin in (A, B)] == ["0.12", "0.14"]


def test_weights_of_thirds_sum_to_one_within_their_decimals(desk: Desk) -> None:
    list_instruments(desk, A, B, C)
    for isin in (A, B, C):
        desk.hold(isin, "1")
    weights = [Decimal(row["weight"]) for row in current_value(desk)["security_positions"]]
    assert abs(sum(weights, Decimal(0)) - 1) <= Decimal("1e-9")


def test_an_account_whose_positions_have_no_price_is_worth_nothing(desk: Desk) -> None:
    list_instruments(desk, A, price=None)
    desk.hold(A, "1")
    shown = current_value(desk)
    assert shown["total_security_value"]["amount"] == "0"
    assert shown["security_positions"][0]["value"] is None


def test_the_currency_is_that_of_the_account_group(desk: Desk) -> None:
    group = seeding.account_group(desk.world, user_id=desk.user_id, currency="GBP")
    account = seeding.account(desk.world, account_group_id=group.id)
    seeding.position(desk.world, account_id=account.id, instrument=AT_100, quantity=Decimal(1))
    shown = current_value(desk, account_id=account.id)
    assert shown["total_security_value"] == {"amount": "100", "currency": "GBP"}
    assert shown["security_positions"][0]["value"]["currency"] == "GBP"


# --- Accounts without positions ---


def liquidate(desk: Desk) -> None:
    desk.call("create_account_liquidation", {"account_id": desk.account_id}, body={"user_id": desk.user_id})
    desk.advance()


def test_an_account_that_never_held_anything_is_empty_and_has_no_history(open_desk: OpenDesk) -> None:
    desk = open_desk(running=True)
    desk.advance("3d")
    shown = current_value(desk)
    assert shown["total_security_value"] == {"amount": "0", "currency": "EUR"}
    assert shown["security_positions"] == []
    assert history(desk) == []
    assert not desk.told(valuations.EVENT)


def test_an_emptied_account_is_worth_0_with_no_positions_now_and_every_day(open_desk: OpenDesk) -> None:
    desk = open_desk(running=True)
    desk.hold(AT_100, "1")
    liquidate(desk)
    desk.advance("1d")
    for shown in (current_value(desk), *history(desk)):
        assert shown["total_security_value"] == {"amount": "0", "currency": "EUR"}
        assert shown["security_positions"] == []
    assert len(history(desk)) == 1


def test_a_closed_account_keeps_its_history_and_is_worth_nothing_now(open_desk: OpenDesk) -> None:
    desk = open_desk(running=True)
    desk.hold(AT_100, "1")
    desk.advance("1d")
    for status in ("CLOSING", "CLOSED"):
        ACCOUNT_LIFE.carry(desk.world, desk.world.table(ACCOUNTS)[desk.account_id], status)
    assert current_value(desk)["security_positions"] == []
    assert [row["total_security_value"]["amount"] for row in history(desk)] == ["100"]


@pytest.mark.parametrize("operation", ["get_account_valuation", "list_account_valuation_history"])
def test_the_valuation_of_an_unknown_account_is_refused(desk: Desk, operation: str) -> None:
    query = {"price_quality": "EOD"} if operation == "get_account_valuation" else {}
    assert desk.refused(operation, {"account_id": NOBODY}, query).rule.status == 404


def test_reading_the_current_value_keeps_nothing_and_tells_nothing(desk: Desk) -> None:
    desk.hold(AT_100, "1")
    one, other = current_value(desk), current_value(desk)
    assert one.pop("id") != other.pop("id")
    assert one == other
    assert history(desk) == []
    assert not desk.types_since()
