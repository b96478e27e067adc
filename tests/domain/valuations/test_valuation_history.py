"""The series of end-of-day valuations: one each calendar day, at that day's prices (portfolios.md §6)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest

from mockserver.contract import contract
from mockserver.domain import daily_runs, seeding
from mockserver.domain.valuations import valuations
from mockserver.protocol.lists import Lists
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_100, NOBODY, Desk
from tests.domain.support.holdings import A, B, close_at, history, list_instruments, quote

THURSDAY = datetime(2023, 1, 5, 12, tzinfo=UTC)


@pytest.fixture
def running(open_desk: OpenDesk) -> Desk:
    """A Thursday noon; one unit of ``A``, which closed at 10 the day before; the runs are due."""
    desk = open_desk(now=THURSDAY, running=True)
    list_instruments(desk, A, price=None)
    close_at(desk, A, "2023-01-04", "10")
    desk.hold(A, "1")
    return desk


def amounts(rows: list[dict[str, Any]]) -> list[str]:
    return [row["total_security_value"]["amount"] for row in rows]


# --- The run ---


def test_the_run_of_a_night_values_the_day_before_at_its_prices(running: Desk) -> None:
    close_at(running, A, "2023-01-05", "11")
    close_at(running, A, "2023-01-06", "12")
    running.advance("12h14m59s")
    assert history(running) == []
    running.advance("1s")
    (row,) = history(running)
    assert row["valuation_time"] == "2023-01-06T00:15:00Z"
    assert row["price_quality"] == "EOD"
    (position,) = row["security_positions"]
    assert position["value"] == {"amount": "11", "currency": "EUR", "price_time": "2023-01-05T00:00:00Z"}
    assert "price_quality" not in position


def test_what_is_told_is_what_the_history_shows(running: Desk) -> None:
    running.advance("3d")
    assert running.told(valuations.EVENT) == history(running)
    assert len(history(running)) == 3


def test_weekends_and_holidays_are_valued_at_the_last_price(open_desk: OpenDesk) -> None:
    desk = open_desk(now=datetime(2023, 4, 6, 12, tzinfo=UTC), running=True)  # Maundy Thursday
    desk.hold(AT_100, "1")
    desk.advance("5d")
    found = [
        (row["valuation_time"][:10], row["security_positions"][0]["value"]["price_time"][:10]) for row in history(desk)
    ]
    assert found == [
        ("2023-04-07", "2023-04-06"),
        ("2023-04-08", "2023-04-06"),  # of Good Friday
        ("2023-04-09", "2023-04-06"),
        ("2023-04-10", "2023-04-06"),
        ("2023-04-11", "2023-04-06"),  # of Easter Monday
    ]


def test_a_day_without_a_price_leaves_the_position_unpriced(running: Desk) -> None:
    list_instruments(running, B, price="100")
    running.hold(B, "1")
    close_at(running, A, "2023-01-06", None)
    close_at(running, A, "2023-01-07", "13")
    running.advance("3d")
    assert amounts(history(running)) == ["110", "100", "113"]
    (unpriced,) = (row for row in history(running)[1]["security_positions"] if row["instrument"]["isin"] == A)
    assert (unpriced["value"], unpriced["weight"]) == (None, None)


def test_every_account_that_ever_held_a_position_is_valued_and_no_other(running: Desk) -> None:
    other = seeding.account(running.world, user_id=running.user_id, type="TRADING")
    seeding.account(running.world, user_id=running.user_id)
    seeding.position(running.world, account_id=other.id, instrument=AT_100, quantity=Decimal(1))
    running.advance("1d")
    assert {row["account_id"] for row in running.told(valuations.EVENT)} == {running.account_id, other.id}


def test_without_the_run_there_is_no_series(open_desk: OpenDesk) -> None:
    desk = open_desk("sandbox", {"runs": {"valuations": None}}, running=True)
    desk.hold(AT_100, "1")
    desk.advance("3d")
    assert history(desk) == []


# --- Intraday ---


def test_intraday_valuations_are_told_at_the_best_prices_and_not_kept(running: Desk) -> None:
    quote(running, A, "15")
    daily_runs.RUNS["intraday"](running.world)
    (told,) = running.told(valuations.INTRADAY_EVENT)
    assert (told["price_quality"], amounts([told])) == ("HIGHEST_AVAILABLE", ["15"])
    assert history(running) == []


def test_intraday_valuations_fall_back_on_yesterdays_prices_as_in_the_seed(running: Desk) -> None:
    daily_runs.RUNS["intraday"](running.world)
    (told,) = running.told(valuations.INTRADAY_EVENT)
    assert (told["price_quality"], amounts([told])) == ("EOD", ["10"])
    assert "price_quality" not in told["security_positions"][0]


def test_intraday_valuations_are_told_as_long_after_as_the_others(open_desk: OpenDesk) -> None:
    """Both published events come ten seconds after their valuation."""
    desk = open_desk("sandbox", {"runs": {"valuations": {"announce_after": "10s"}}})
    desk.hold(AT_100, "1")
    daily_runs.RUNS["intraday"](desk.world)
    desk.advance("9s")
    assert not desk.told(valuations.INTRADAY_EVENT)
    desk.advance("1s")
    (told,) = desk.told(valuations.INTRADAY_EVENT)
    assert told["valuation_time"] == "2023-01-10T09:00:00Z"


# --- The list ---


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ({}, ["06", "07", "08", "09"]),
        ({"start_date": "2023-01-07"}, ["07", "08", "09"]),
        ({"end_date": "2023-01-07"}, ["06", "07"]),
        ({"start_date": "2023-01-07", "end_date": "2023-01-08"}, ["07", "08"]),
        ({"start_date": "2023-01-08", "end_date": "2023-01-08"}, ["08"]),
        ({"start_date": "2023-01-10"}, []),
    ],
)
def test_both_dates_are_inclusive_and_on_the_valuation_time(
    running: Desk, query: dict[str, str], days: list[str]
) -> None:
    running.advance("4d")
    assert [row["valuation_time"][8:10] for row in history(running, **query)] == days


def test_dates_in_the_wrong_order_are_refused(running: Desk) -> None:
    query = {"start_date": "2023-01-08", "end_date": "2023-01-07"}
    refusal = running.refused("list_account_valuation_history", {"account_id": running.account_id}, query)
    assert refusal.rule.status == 400


def test_the_history_of_an_unknown_account_is_refused(running: Desk) -> None:
    assert running.refused("list_account_valuation_history", {"account_id": NOBODY}).rule.status == 404


def listed(desk: Desk, **query: Any) -> dict[str, Any]:
    """The list as it goes over the wire."""
    operation = contract().operations["list_account_valuation_history"]
    listing = desk.call(operation.id, {"account_id": desk.account_id}, query)
    defaults = {each.name: each.schema.get("default") for each in operation.query}
    shown: dict[str, Any] = orjson.loads(Lists(operation).body(listing, {**defaults, **query}))
    return shown


def test_a_limit_of_0_gives_no_rows_and_the_true_count(running: Desk) -> None:
    running.advance("3d")
    assert listed(running, limit=0) == {
        "meta": {"offset": 0, "limit": 0, "count": 0, "total_count": 3, "sort": "valuation_time", "order": "ASC"},
        "data": [],
    }


def test_the_limit_of_the_history_is_0_to_1000_and_100_by_default() -> None:
    limits = {each.name: each.schema for each in contract().operations["list_account_valuation_history"].query}
    assert [limits["limit"][key] for key in ("minimum", "maximum", "default")] == [0, 1000, 100]


def test_descending_order_begins_with_the_newest(running: Desk) -> None:
    running.advance("3d")
    shown = listed(running, order="DESC", limit=2)
    assert [row["valuation_time"][8:10] for row in shown["data"]] == ["08", "07"]
    assert shown["meta"]["order"] == "DESC"


def test_the_next_page_begins_at_its_offset(running: Desk) -> None:
    running.advance("3d")
    shown = listed(running, offset=2, limit=5)
    assert [row["valuation_time"][8:10] for row in shown["data"]] == ["08"]
    assert (shown["meta"]["count"], shown["meta"]["total_count"]) == (1, 3)
