"""payments.md §10.3: when accrued fees are collected, how much, and what stays unpaid."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import orjson
import pytest

from mockserver.domain import daily_runs, seeding
from mockserver.domain.accounts.accounts import ACCOUNT_LIFE
from mockserver.domain.fees import accrual
from tests.domain.conftest import OpenDesk
from tests.domain.fees.test_accrual import LARGE, MODELS, SMALL, UNKNOWN, configure, of, owed, switch, unpaid
from tests.domain.support.desk import Desk
from tests.domain.support.holdings import A, close_at, list_instruments

FEES: dict[str, Any] = {"fees": {"models": MODELS}}
NEW_YEAR = datetime(2023, 1, 1, 8, tzinfo=UTC)
VALUE = Decimal(1000)
"""10 units at 100: 0.01 a day of ``SMALL``, 1000 x 86.87 / 3 650 000 = 0.0238 of ``LARGE``."""


def holding(open_desk: OpenDesk, name: str = "sandbox", overrides: dict[str, Any] | None = None, **others: Any) -> Desk:
    """New Year's morning; 10 units of ``A`` at 100; the runs are due, the account pays by ``SMALL``."""
    desk = open_desk(name, overrides or FEES, now=NEW_YEAR, running=True, **others)
    list_instruments(desk, A)
    desk.hold(A, "10")
    close_at(desk, A, "2023-01-01", "100")
    configure(desk, SMALL)
    return desk


def collections(desk: Desk) -> list[dict[str, Any]]:
    return [orjson.loads(row.wire) for row in desk.rows("list_fee_collections")]


def told(desk: Desk) -> list[tuple[str, str]]:
    """The events of collections: when, and which."""
    return [
        (event.created_at.isoformat()[:16], event.type)
        for event in desk.world.events
        if event.type.startswith("FEE_COLLECTION")
    ]


# --- When ---


def test_the_days_of_a_month_are_collected_right_after_their_last_valuation(open_desk: OpenDesk) -> None:
    """31 days at 0.01; the valuation of the 31st comes first, on the same instant."""
    desk = holding(open_desk)
    desk.advance("32d")
    row = collections(desk)[0]
    assert (row["period_start"], row["period_end"]) == ("2023-01-01", "2023-01-31")
    assert (row["collection_amount"], row["status"], row["type"]) == ("0.31", "FINALISED", "SERVICE_FEE")
    first = datetime(2023, 2, 1, 0, 15, tzinfo=UTC)
    at = [event.type for event in desk.world.events if event.created_at == first]
    assert at == ["ACCOUNT_VALUATION.CREATED", "FEE_COLLECTION.CREATED", "CASH_BALANCE.UPDATED"]
    assert told(desk) == [
        ("2023-02-01T00:15", "FEE_COLLECTION.CREATED"),
        ("2023-02-01T00:15", "FEE_COLLECTION.FINALISED"),
    ]


def test_the_cash_pays_it(open_desk: OpenDesk) -> None:
    desk = holding(open_desk, cash="100")
    desk.advance("32d")
    assert desk.cash()["balance"] == "99.69"


def test_every_month_is_collected_for_from_the_first_unpaid_day(open_desk: OpenDesk) -> None:
    desk = holding(open_desk)
    desk.advance("90d")  # to 1 April
    assert [(row["period_start"], row["period_end"], row["collection_amount"]) for row in collections(desk)] == [
        ("2023-01-01", "2023-01-31", "0.31"),
        ("2023-02-01", "2023-02-28", "0.28"),
        ("2023-03-01", "2023-03-31", "0.31"),
    ]


def test_a_year_can_be_the_period(open_desk: OpenDesk) -> None:
    desk = holding(open_desk, overrides={"fees": {"models": MODELS, "schedule": "yearly"}})
    desk.advance("366d")
    (row,) = collections(desk)
    assert (row["period_start"], row["period_end"], row["collection_amount"]) == ("2023-01-01", "2023-12-31", "3.65")


def test_never_leaves_it_to_a_command(open_desk: OpenDesk) -> None:
    desk = holding(open_desk, overrides={"fees": {"models": MODELS, "schedule": "never"}})
    desk.advance("45d")
    assert collections(desk) == []
    daily_runs.RUNS["fees"](desk.world)
    (row,) = collections(desk)
    assert (row["period_start"], row["period_end"], row["collection_amount"]) == ("2023-01-01", "2023-02-14", "0.45")


def test_the_manual_profile_collects_too_and_waits_with_the_rest(open_desk: OpenDesk) -> None:
    desk = holding(open_desk, "manual")
    desk.advance("32d")
    (row,) = collections(desk)
    assert (row["collection_amount"], row["status"]) == ("0.31", "PROCESSING")


def test_a_run_by_command_does_not_move_the_next_run(open_desk: OpenDesk) -> None:
    desk = holding(open_desk)
    desk.advance("10d")
    daily_runs.RUNS["fees"](desk.world)
    daily_runs.RUNS["fees"](desk.world)
    desk.advance("22d")
    assert [(row["period_start"], row["period_end"]) for row in collections(desk)] == [
        ("2023-01-01", "2023-01-10"),
        ("2023-01-11", "2023-01-31"),
    ]


def test_the_run_goes_on_without_daily_valuations(open_desk: OpenDesk) -> None:
    """Days are valued by command only, and collected for on the 1st."""
    desk = holding(open_desk, overrides={**FEES, "runs": {"valuations": None}})
    desk.advance("3d")
    daily_runs.RUNS["valuations"](desk.world)
    switch(desk, LARGE)
    desk.advance("1d")
    daily_runs.RUNS["valuations"](desk.world)
    desk.advance("60d")
    (row,) = collections(desk)
    assert (row["period_start"], row["period_end"], row["created_at"]) == (
        "2023-01-03",
        "2023-01-04",
        "2023-02-01T00:15:00Z",
    )


# --- How much ---


def test_whole_cents_are_collected_and_the_rest_is_carried_into_the_next_month(open_desk: OpenDesk) -> None:
    desk = holding(open_desk)
    switch(desk, LARGE)
    desk.advance("60d")  # to 2 March
    january, february = owed([(VALUE, LARGE)] * 31), owed([(VALUE, LARGE)] * 28)
    first = Fraction(int(january * 100), 100)
    second = Fraction(int((january - first + february) * 100), 100)
    assert [Fraction(row["collection_amount"]) for row in collections(desk)] == [first, second]
    assert unpaid(of(desk)) == january + february - first - second + owed([(VALUE, LARGE)])


@pytest.mark.parametrize(("days", "made"), [(1, 0), (2, 1)])
def test_no_more_than_one_cent_is_not_worth_a_collection(open_desk: OpenDesk, days: int, made: int) -> None:
    """0.01 a day: one day is not collected, it stays unpaid."""
    desk = holding(open_desk)
    desk.advance(f"{days}d")
    daily_runs.RUNS["fees"](desk.world)
    assert len(collections(desk)) == made


def test_two_models_in_a_month_are_two_entries_of_the_breakdown(open_desk: OpenDesk) -> None:
    """14 days of SMALL cost 0.14; 17 of LARGE, 1000 x 17 / 3 650 000 = 0.0046575 a basis point: 0.232, 0.093, 0.013,
    and VAT 0.0646; in all 0.14 + 0.4046 = 0.5446."""
    desk = holding(open_desk)
    desk.advance("14d")  # 15 January
    switch(desk, LARGE)
    desk.advance("18d")
    (row,) = collections(desk)
    assert row["collection_amount"] == "0.54"
    assert row["calculation_breakdown"] == [
        {
            "fee_model_id": SMALL,
            "subperiod_start": "2023-01-01",
            "subperiod_end": "2023-01-14",
            "subtotal_amount": "0.14",
            "components": [{"type": "SERVICE", "amount": "0.14"}],
        },
        {
            "fee_model_id": LARGE,
            "subperiod_start": "2023-01-15",
            "subperiod_end": "2023-01-31",
            "subtotal_amount": "0.40",
            "components": [
                {"type": "SERVICE", "amount": "0.23"},
                {"type": "PLATFORM", "amount": "0.09"},
                {"type": "TRANSACTION_LUMP_SUM", "amount": "0.01"},
                {"type": "VAT", "amount": "0.07"},
            ],
        },
    ]


def test_the_event_shows_the_breakdown_too(open_desk: OpenDesk) -> None:
    desk = holding(open_desk)
    desk.advance("32d")
    created, final = desk.told("FEE_COLLECTION.CREATED")[0], desk.told("FEE_COLLECTION.FINALISED")[0]
    assert created["calculation_breakdown"] == final["calculation_breakdown"] != []


def test_a_collection_by_the_client_has_no_breakdown(open_desk: OpenDesk) -> None:
    desk = holding(open_desk)
    body = {
        "account_id": desk.account_id,
        "type": "SERVICE_FEE",
        "collection_amount": "1.00",
        "currency": "EUR",
        "period_start": "2023-01-01",
        "period_end": "2023-01-01",
    }
    desk.call("create_fee_collection", body=body)
    assert "calculation_breakdown" not in collections(desk)[0]


def test_an_unknown_model_is_never_collected(open_desk: OpenDesk) -> None:
    desk = holding(open_desk)
    switch(desk, UNKNOWN)
    desk.advance("60d")
    assert collections(desk) == []


# --- Which accounts ---


def test_each_account_is_collected_from_in_the_order_of_their_first_days(open_desk: OpenDesk) -> None:
    desk = holding(open_desk)
    other = seeding.account(desk.world, account_group_id=desk.group_id)
    seeding.position(desk.world, account_id=other.id, instrument=A, quantity=Decimal(20))
    desk.call("create_fee_configuration", body={"account_id": other.id, "fee_model_id": SMALL})
    desk.advance("32d")
    assert [(row["account_id"], row["collection_amount"]) for row in collections(desk)] == [
        (desk.account_id, "0.31"),
        (other.id, "0.62"),
    ]


def test_a_locked_account_is_collected_from_once_it_is_unlocked(open_desk: OpenDesk) -> None:
    desk = holding(open_desk)
    ACCOUNT_LIFE.move(desk.world, desk.account, "LOCKED", "by the test")
    desk.advance("32d")
    assert [row["status"] for row in collections(desk)] == ["PROCESSING"]
    ACCOUNT_LIFE.move(desk.world, desk.account, "ACTIVE", "by the test")
    desk.advance("1s")
    assert [row["status"] for row in collections(desk)] == ["FINALISED"]


def test_positions_pay_where_the_cash_does_not(open_desk: OpenDesk) -> None:
    """100 days of 0.01 at 0.30 of cash: 0.70 are sold."""
    desk = holding(open_desk, overrides={"fees": {"models": MODELS, "schedule": "never"}}, cash="0.30")
    desk.advance("100d")
    daily_runs.RUNS["fees"](desk.world)
    desk.advance("1s")
    (row,) = collections(desk)
    assert (row["status"], row["processed_amount"]["cash_balance"]) == ("FINALISED", "0.30")
    assert row["processed_amount"]["sell_to_cover"] == "0.70"


# --- What a collection comes to ---


def test_what_stays_uncovered_is_not_collected_again(open_desk: OpenDesk) -> None:
    """FINALISED with a residual: its days are paid for, as far as ever (payments.md §10.1)."""
    desk = holding(open_desk, cash="0.10")
    desk.advance("30d")
    desk.move("instruments", seeding_id(desk), "INACTIVE")
    desk.advance("2d")
    (row,) = collections(desk)
    assert (row["status"], row["processed_amount"]["total_residual_amount"]) == ("FINALISED", "0.21")
    assert of(desk).billed == ()
    assert of(desk).stretches[0].start == date(2023, 2, 1)


def seeding_id(desk: Desk) -> str:
    return str(desk.position(A)["instrument"]["uuid"])


def test_a_collection_that_takes_nothing_leaves_its_days_unpaid(open_desk: OpenDesk) -> None:
    desk = holding(open_desk, cash="0")
    desk.advance("30d")
    desk.move("instruments", seeding_id(desk), "INACTIVE")
    desk.advance("2d")
    assert [row["status"] for row in collections(desk)] == ["CANCELLED"]
    assert (of(desk).stretches[0].start, of(desk).stretches[-1].end) == (date(2023, 1, 1), date(2023, 2, 1))
    desk.fund("1")
    desk.advance("28d")
    again = collections(desk)[1]
    assert (again["period_start"], again["collection_amount"], again["status"]) == ("2023-01-01", "0.59", "FINALISED")


def test_closing_by_command_cancels_the_collection_and_drops_the_days(open_desk: OpenDesk) -> None:
    desk = holding(open_desk, "manual")
    desk.advance("32d")
    desk.move("accounts", desk.account_id, "CLOSING")
    desk.move("accounts", desk.account_id, "CLOSED")
    assert [row["status"] for row in collections(desk)] == ["CANCELLED"]
    assert desk.account_id not in desk.world.table(accrual.ACCRUALS)
    desk.advance("40d")
    assert len(collections(desk)) == 1


def test_a_snapshot_keeps_what_is_unpaid_and_in_collection(open_desk: OpenDesk) -> None:
    desk = holding(open_desk, "manual")
    desk.advance("40d")
    before, kept = of(desk).wire, desk.world.snapshot()
    desk.advance("60d")
    assert of(desk).wire != before
    desk.world.restore(kept)
    assert of(desk).wire == before
    desk.advance("20d")
    assert [row["period_end"] for row in collections(desk)] == ["2023-01-31", "2023-02-28"]


# --- Over years ---


def test_five_years_of_collections_and_what_is_left_equal_an_independent_sum(open_desk: OpenDesk) -> None:
    """Prices that rise by a third of a cent a day, three models, some months without cash: units are sold.

    The values are those that the valuations tell.
    """
    desk = holding(open_desk, cash="0")
    model, models, days = SMALL, [], 5 * 365 + 1
    for number in range(days):
        day = date(2023, 1, 1) + timedelta(days=number)
        price = Decimal(100) + Decimal(number) / 300
        close_at(desk, A, str(day), f"{price:.4f}")
        if day.day == 17:
            model = (SMALL, LARGE, UNKNOWN)[day.month % 3]
            switch(desk, model)
        if day.month in (3, 9) and day.day == 20:
            desk.fund("5")
        models.append(model)
        desk.advance("1d")
    made = collections(desk)
    values = [Decimal(row["total_security_value"]["amount"]) for row in desk.told("ACCOUNT_VALUATION.CREATED")]
    assert len(made) > 40
    assert any(row["processed_amount"]["sell_to_cover"] != "0.00" for row in made)
    assert {row["status"] for row in made} <= {"FINALISED", "CANCELLED"}
    paid = sum(Fraction(row["collection_amount"]) for row in made if row["status"] == "FINALISED")
    assert paid + unpaid(of(desk)) == owed(list(zip(values, models, strict=True)))
