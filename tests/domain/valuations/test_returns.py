"""Daily time-weighted returns on an account's securities (portfolios.md §8)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import reduce
from typing import Any

import pytest

from mockserver.domain import daily_runs
from mockserver.domain.valuations import returns
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_100, NOBODY, Desk
from tests.domain.support.holdings import A, B, aim, close_at, list_instruments, quote, returns_of

NOON = datetime(2023, 1, 9, 12, tzinfo=UTC)


@pytest.fixture
def running(open_desk: OpenDesk) -> Desk:
    """A Monday noon; one unit of ``A``, quoted at 100; the runs are due."""
    desk = open_desk(now=NOON, running=True)
    list_instruments(desk, A)
    desk.hold(A, "1")
    return desk


def close_days(desk: Desk, *prices: str | None) -> None:
    """Set the end-of-day prices of ``A`` from the present day on, and let those days end and be told."""
    first = desk.world.now.date()
    for number, price in enumerate(prices):
        close_at(desk, A, str(first + timedelta(days=number)), price)
    desk.advance(f"{len(prices)}d")


def twr(desk: Desk, **query: Any) -> list[dict[str, str]]:
    return [row["twr"] for row in returns_of(desk, **query)]


def dailies(desk: Desk) -> list[str | None]:
    return [row.get("daily") for row in twr(desk)]


# --- The numbers ---


def test_the_published_pair_comes_out_to_the_last_digit(open_desk: OpenDesk) -> None:
    """Values that grow by the published dailies: so large that a cent does not show in twelve decimals."""
    desk = open_desk(now=NOON, running=True)
    list_instruments(desk, A)
    desk.hold(A, "1")
    first = Decimal(10) ** 12
    second = first * Decimal("1.0324353234")
    third = second * (1 - Decimal("0.005116543491"))
    close_days(desk, str(first), str(second), str(third))
    _, grown, fallen = twr(desk)
    assert (grown["daily"], grown["cumulative"]) == ("0.0324353234", "0.0324353234")
    assert (fallen["daily"], fallen["cumulative"]) == ("-0.005116543491", "0.0271528232")


def test_105_after_100_is_5_percent_as_a_fraction(running: Desk) -> None:
    close_days(running, "100", "105")
    assert dailies(running) == [None, "0.05"]


def test_the_first_day_has_only_its_start(running: Desk) -> None:
    close_days(running, "100")
    assert returns_of(running) == [
        {
            "account_id": running.account_id,
            "date": "2023-01-09T00:00:00Z",
            "twr": {"cumulative_start_date": "2023-01-09T00:00:00Z"},
        }
    ]


def test_the_cumulative_return_is_the_product_of_the_daily_ones(running: Desk) -> None:
    close_days(running, "100", "110", "99", "99", "120", "60")
    rows = twr(running)
    grown = reduce(lambda growth, row: growth * (1 + Decimal(row["daily"])), rows[1:], Decimal(1)) - 1
    assert abs(Decimal(rows[-1]["cumulative"]) - grown) < Decimal("1e-9")
    assert rows[-1]["cumulative"] == "-0.4"  # 100 became 60
    assert {row["cumulative_start_date"] for row in rows} == {"2023-01-09T00:00:00Z"}


def test_returns_are_cut_to_12_and_10_decimals(running: Desk) -> None:
    close_days(running, "300", "100")
    _, row = twr(running)
    assert (row["daily"], row["cumulative"]) == ("-0.666666666667", "-0.6666666667")


# --- Flows ---


def buy(desk: Desk, amount: str) -> None:
    desk.call("update_portfolios_configuration", {"account_id": desk.account_id}, body=_only_a(desk))
    desk.order("BUY", amount)
    desk.advance("1m")


def _only_a(desk: Desk) -> dict[str, Any]:
    body = {"allocation": [{"instrument_id": A, "instrument_id_type": "ISIN", "weight": "1"}]}
    return {"allocation_id": desk.call("create_portfolios_allocation", body=body).id}


def test_what_a_buy_brings_in_is_no_return(running: Desk) -> None:
    quote(running, A, "100")
    close_days(running, "100")
    quote(running, A, "100")
    buy(running, "50")  # half a unit
    close_days(running, "100")
    assert dailies(running) == [None, "0"]


def test_what_a_sell_takes_out_is_no_return(running: Desk) -> None:
    close_days(running, "100")
    quote(running, A, "100")
    body = {"user_id": running.user_id}
    running.call("create_account_liquidation", {"account_id": running.account_id}, body=body)
    close_days(running, "100")
    assert dailies(running) == [None, "0"]  # (0 - -100) / 100 - 1


def test_a_flow_counts_at_its_own_price_and_the_rest_of_the_day_is_return(running: Desk) -> None:
    close_days(running, "100")
    quote(running, A, "100")
    buy(running, "100")
    close_days(running, "110")
    assert dailies(running) == [None, "0.2"]  # (2 * 110 - 100) / 100 - 1: the standard form of §8


def test_a_day_without_a_price_is_no_loss_since_the_last_price_is_carried(running: Desk) -> None:
    close_days(running, "100", "110", None, "121", "133.1")
    found = [(row.get("daily"), row.get("cumulative")) for row in twr(running)]
    assert found == [
        (None, None),
        ("0.1", "0.1"),
        ("0", "0.1"),  # still 110
        ("0.1", "0.21"),  # 121 after 110; 1.1 * 1.1
        ("0.1", "0.331"),
    ]


def test_what_is_bought_at_a_quote_is_worth_that_quote_at_the_end_of_the_day(running: Desk) -> None:
    """No end-of-day price is set for what was bought: its value came in, and is no return."""
    close_days(running, "100")
    list_instruments(running, B, price=None)
    quote(running, B, "50")
    aim(running, {B: "1"})
    running.order("BUY", "100")
    close_days(running, "100")
    assert dailies(running) == [None, "0"]


@pytest.mark.parametrize("first", ["quoted", "own"])
def test_a_missing_price_is_no_loss_wherever_the_price_before_came_from(open_desk: OpenDesk, first: str) -> None:
    desk = open_desk(now=NOON, running=True)
    list_instruments(desk, A, price="100" if first == "own" else None)
    desk.hold(A, "1")
    if first == "quoted":
        quote(desk, A, "100")
    desk.advance("1d")
    close_days(desk, None, "110")
    assert dailies(desk) == [None, "0", "0.1"]


def test_an_account_sold_out_and_bought_anew_keeps_its_growth(running: Desk) -> None:
    close_days(running, "100", "110")
    quote(running, A, "110")
    running.call("create_account_liquidation", {"account_id": running.account_id}, body={"user_id": running.user_id})
    close_days(running, "110", "110")
    quote(running, A, "110")
    buy(running, "1100")
    close_days(running, "110", "121")
    found = [(row.get("daily"), row.get("cumulative")) for row in twr(running)]
    assert found == [
        (None, None),
        ("0.1", "0.1"),
        ("0", "0.1"),
        (None, "0.1"),  # worth nothing the day before
        (None, "0.1"),
        ("0.1", "0.21"),  # 1.1 * 1.1 - 1
    ]


# --- When ---


def test_a_return_is_told_at_a_quarter_past_five_and_listed_from_then_on(running: Desk) -> None:
    running.advance("17h14m59s")
    assert returns_of(running) == []
    assert running.advance("1s") == ["ACCOUNT_RETURNS.CREATED"]
    (event,) = [event for event in running.world.events if event.type == returns.EVENT]
    assert event.created_at == datetime(2023, 1, 10, 5, 15, tzinfo=UTC)
    assert running.told(returns.EVENT) == returns_of(running)


def test_the_days_go_on_over_weekends(running: Desk) -> None:
    running.advance("7d")
    assert [row["date"][:10] for row in returns_of(running)] == [f"2023-01-{day:02}" for day in range(9, 16)]


def test_the_accounts_told_are_those_that_were_valued(running: Desk) -> None:
    running.advance("3d")
    for event_of_day in ("ACCOUNT_VALUATION.CREATED", returns.EVENT):
        assert [row["account_id"] for row in running.told(event_of_day)] == [running.account_id] * 3


def test_without_the_run_nothing_is_told_or_listed(open_desk: OpenDesk) -> None:
    desk = open_desk("sandbox", {"runs": {"returns": None}}, running=True)
    desk.hold(AT_100, "1")
    desk.advance("3d")
    assert returns_of(desk) == desk.told(returns.EVENT) == []


# --- On command ---


def test_valuing_a_day_again_corrects_its_return(running: Desk) -> None:
    """The end-of-day price turned out to be another; the day is 110 against 100 of the day before, once."""
    close_days(running, "100", "105")
    close_at(running, A, "2023-01-10", "110")
    daily_runs.RUNS["valuations"](running.world)
    close_days(running, "121")
    assert dailies(running) == [None, "0.1", "0.1"]
    assert twr(running)[-1]["cumulative"] == "0.21"


def test_valuing_a_day_again_keeps_its_return_in_the_list(running: Desk) -> None:
    close_days(running, "100", "110")
    before = returns_of(running)
    daily_runs.RUNS["valuations"](running.world)
    assert returns_of(running) == before


def test_valuing_the_first_day_again_does_not_make_it_a_second_one(running: Desk) -> None:
    close_days(running, "100")
    daily_runs.RUNS["valuations"](running.world)
    assert twr(running) == [{"cumulative_start_date": "2023-01-09T00:00:00Z"}]


def test_a_flow_between_two_valuations_of_a_day_is_still_no_return(running: Desk) -> None:
    close_days(running, "100")
    running.advance("12h15m")
    instrument_price = "100"
    quote(running, A, instrument_price)
    buy(running, "100")
    daily_runs.RUNS["valuations"](running.world)
    close_days(running, "100", "100")
    assert set(dailies(running)) == {None, "0"}


# --- The list ---


def test_without_dates_the_list_is_of_the_last_month(running: Desk) -> None:
    running.advance("40d")
    today = running.world.now.date()  # the last return told is of yesterday
    days = [row["date"][:10] for row in returns_of(running)]
    assert days == [str(today - timedelta(days=back)) for back in range(30, 0, -1)]


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ({"start_date": "2023-01-09"}, range(9, 50)),
        ({"end_date": "2023-01-10"}, range(9, 11)),
        ({"start_date": "2023-01-10", "end_date": "2023-01-11"}, range(10, 12)),
    ],
)
def test_with_one_date_the_other_side_is_open(running: Desk, query: dict[str, str], days: range) -> None:
    running.advance("41d")
    first = datetime(2023, 1, 1, tzinfo=UTC)
    wanted = [str((first + timedelta(days=day - 1)).date()) for day in days]
    assert [row["date"][:10] for row in returns_of(running, **query)] == wanted


def test_dates_in_the_wrong_order_are_refused(running: Desk) -> None:
    query = {"start_date": "2023-01-10", "end_date": "2023-01-09"}
    refusal = running.refused("list_account_returns", {"account_id": running.account_id}, query)
    assert refusal.rule.status == 400


def test_returns_of_an_unknown_account_are_refused(running: Desk) -> None:
    assert running.refused("list_account_returns", {"account_id": NOBODY}).rule.status == 404
