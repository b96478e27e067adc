"""Rebalancing strategies: kept for older clients, firing when switched on (portfolios.md §5.5)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest

from mockserver.domain import daily_runs, seeding
from mockserver.domain.portfolios.strategies import drift_of, falls_on
from mockserver.models.portfolios import PortfoliosRebalancingStrategyCondition as Condition
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import NOBODY, Desk
from tests.domain.support.holdings import A, B, aim, close_at, list_instruments, portfolio, quote

DRIFT = {"name": "Drift", "type": "DRIFT", "value": "1.0"}
SCHEDULED = {
    "name": "Monthly",
    "type": "SCHEDULED",
    "start_date": "2023-01-31",
    "period": "MONTH",
    "interval_count": 1,
}
NEW = "REBALANCING_EXECUTION_ORDER.NEW"
ON = {"runs": {"strategies": True, "valuations": None, "returns": None}}
BALANCED = {A: "0.5", B: "0.5"}


def create(desk: Desk, *conditions: dict[str, Any]) -> Any:
    body = {"name": "A strategy", "conditions": list(conditions)}
    return desk.call("create_portfolios_rebalancing_strategy", body=body)


def apply(desk: Desk, *conditions: dict[str, Any]) -> None:
    """Let the account's configuration name a new strategy."""
    body = {"rebalancing_strategy_ids": [create(desk, *conditions).id]}
    desk.call("update_portfolios_configuration", {"account_id": desk.account_id}, body=body)


# --- Create, list, retrieve ---


def test_a_strategy_is_answered_as_it_was_sent(desk: Desk) -> None:
    shown = orjson.loads(create(desk, DRIFT, SCHEDULED).wire)
    assert shown["name"] == "A strategy"
    assert shown["conditions"] == [DRIFT, SCHEDULED]


def test_fields_of_a_condition_that_the_mock_does_not_know_are_kept(desk: Desk) -> None:
    condition = {**DRIFT, "tolerance": {"days": 3}}
    assert orjson.loads(create(desk, condition).wire)["conditions"] == [condition]


def test_a_strategy_is_retrieved_by_its_id_and_listed_by_id(desk: Desk) -> None:
    made = [create(desk, DRIFT) for _ in range(5)]
    retrieved = desk.call("retrieve_portfolios_rebalancing_strategy", {"strategy_id": made[0].id})
    assert retrieved == made[0]
    assert desk.rows("list_portfolios_rebalancing_strategies") == sorted(made, key=lambda row: str(row.id))


def test_an_unknown_strategy_is_refused(desk: Desk) -> None:
    refusal = desk.refused("retrieve_portfolios_rebalancing_strategy", {"strategy_id": NOBODY})
    assert refusal.rule.status == 404


def test_a_configuration_cannot_name_an_unknown_strategy(desk: Desk) -> None:
    body = {"rebalancing_strategy_ids": [NOBODY]}
    refusal = desk.refused("update_portfolios_configuration", {"account_id": desk.account_id}, body=body)
    assert refusal.rule.status == 404


def without(condition: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in condition.items() if key != name}


@pytest.mark.parametrize(
    "condition",
    [
        without(DRIFT, "value"),
        {**DRIFT, "value": ""},
        {**DRIFT, "value": "one"},
        {**DRIFT, "value": "-1"},
        {**DRIFT, "value": "1."},
        {**DRIFT, "value": "1e1"},
        {**DRIFT, "value": "１.0"},
        {**DRIFT, "value": "1.0\n"},
        without(SCHEDULED, "start_date"),
        without(SCHEDULED, "period"),
        without(SCHEDULED, "interval_count"),
        {**SCHEDULED, "period": "DAY"},
        {**SCHEDULED, "period": "month"},
        {**SCHEDULED, "interval_count": 0},
        {**SCHEDULED, "interval_count": -1},
    ],
)
def test_a_condition_without_what_its_type_needs_is_refused_with_its_place(
    desk: Desk, condition: dict[str, Any]
) -> None:
    body = {"name": "Broken", "conditions": [DRIFT, condition]}
    refusal = desk.refused("create_portfolios_rebalancing_strategy", body=body)
    assert refusal.rule.status == 400
    assert "conditions.1" in refusal.detail


def test_a_drift_is_a_percentage() -> None:
    assert drift_of(Condition.model_validate(DRIFT)) == Decimal("0.01")


# --- Days of a schedule ---


def schedule(start: str, period: str, every: int) -> Condition:
    fields = {"start_date": start, "period": period, "interval_count": every}
    return Condition.model_validate({"name": "s", "type": "SCHEDULED", **fields})


def days_of(condition: Condition, year: int) -> list[str]:
    """Every day of a year on which the condition falls."""
    first = date(year, 1, 1).toordinal()
    days = [date.fromordinal(first + number) for number in range(365)]
    return [str(day)[5:] for day in days if falls_on(condition, day, day)]


def test_a_monthly_schedule_of_the_31st_takes_the_last_day_of_shorter_months() -> None:
    found = days_of(schedule("2022-12-31", "MONTH", 1), 2023)
    assert found == [
        "01-31", "02-28", "03-31", "04-30", "05-31", "06-30", "07-31", "08-31", "09-30", "10-31", "11-30", "12-31",
    ]  # fmt: skip


def test_a_leap_year_has_the_29th_of_february() -> None:
    condition = schedule("2023-12-30", "MONTH", 2)
    assert falls_on(condition, date(2024, 2, 29), date(2024, 2, 29))
    assert not falls_on(condition, date(2024, 2, 28), date(2024, 2, 28))


def test_every_third_month_counts_from_the_start() -> None:
    assert days_of(schedule("2022-11-15", "MONTH", 3), 2023) == ["02-15", "05-15", "08-15", "11-15"]


def test_every_second_week_counts_from_the_start() -> None:
    found = days_of(schedule("2023-01-03", "WEEK", 2), 2023)
    assert found[:4] == ["01-03", "01-17", "01-31", "02-14"]
    assert len(found) == 26


def test_nothing_falls_before_the_start() -> None:
    condition = schedule("2023-06-15", "WEEK", 1)
    assert days_of(condition, 2023)[0] == "06-15"
    assert not falls_on(condition, date(2023, 6, 1), date(2023, 6, 14))


@pytest.mark.parametrize(("period", "every"), [("MONTH", 1), ("MONTH", 2), ("MONTH", 5), ("WEEK", 1), ("WEEK", 3)])
def test_a_span_contains_a_day_of_the_schedule_if_one_of_its_days_is_one(period: str, every: int) -> None:
    """The rule looks at all days since the last trading day at once."""
    condition = schedule("2022-01-31", period, every)
    first = date(2022, 1, 20).toordinal()
    for start in range(first, first + 800, 3):
        span = [date.fromordinal(start + number) for number in range(6)]
        assert falls_on(condition, span[0], span[-1]) == any(falls_on(condition, day, day) for day in span)


# --- Firing ---


def fired_on(desk: Desk) -> list[str]:
    return [event.created_at.isoformat()[:16] for event in desk.world.events if event.type == NEW]


def test_a_schedule_fires_when_trading_begins(open_desk: OpenDesk) -> None:
    desk = open_desk("sandbox", ON, now=datetime(2023, 1, 9, 20, tzinfo=UTC), running=True)
    apply(desk, {**SCHEDULED, "start_date": "2023-01-10"})
    desk.advance("3d")
    assert fired_on(desk) == ["2023-01-10T08:00"]  # 9 o'clock in Frankfurt


def test_a_schedule_that_falls_on_a_weekend_or_holiday_fires_on_the_next_trading_day(open_desk: OpenDesk) -> None:
    desk = open_desk("sandbox", ON, now=datetime(2023, 4, 5, 20, tzinfo=UTC), running=True)
    apply(desk, {**SCHEDULED, "start_date": "2023-04-07"})  # Good Friday; the next trading day is Tuesday the 11th
    desk.advance("14d")
    assert fired_on(desk) == ["2023-04-11T07:00"]


def test_a_weekly_schedule_fires_every_week(open_desk: OpenDesk) -> None:
    desk = open_desk("sandbox", ON, now=datetime(2023, 1, 9, 20, tzinfo=UTC), running=True)
    apply(desk, {**SCHEDULED, "start_date": "2023-01-11", "period": "WEEK"})
    desk.advance("15d")
    assert [day[:10] for day in fired_on(desk)] == ["2023-01-11", "2023-01-18"]


def test_a_schedule_of_a_market_east_of_utc_fires_on_its_day_there(open_desk: OpenDesk) -> None:
    """A trading day in Auckland begins on the day before in UTC."""
    settings = {**ON, "calendar": {"timezone": "Pacific/Auckland"}}
    desk = open_desk("sandbox", settings, now=datetime(2023, 1, 9, 12, tzinfo=UTC), running=True)
    apply(desk, {**SCHEDULED, "start_date": "2023-01-11"})
    desk.advance("4d")
    assert fired_on(desk) == ["2023-01-10T20:00"]  # 9 o'clock of the 11th there


def test_a_drifted_account_is_rebalanced_after_its_end_of_day_valuation(open_desk: OpenDesk) -> None:
    desk = open_desk("sandbox", {"runs": {"strategies": True}}, running=True)
    portfolio(desk, {A: "60", B: "40"}, BALANCED)
    apply(desk, DRIFT)
    told = desk.advance("1d")
    assert fired_on(desk) == ["2023-01-11T00:15"]
    assert told.index("ACCOUNT_VALUATION.CREATED") < told.index(NEW)
    assert [Decimal(desk.position(isin)["quantity"]) for isin in (A, B)] == [50, 50]


@pytest.mark.parametrize(
    ("quantities", "fires"),
    [(("50.99", "49.01"), False), (("51", "49"), True), (("51.01", "48.99"), True)],
)
def test_a_drift_fires_when_a_weight_is_off_by_its_value(desk: Desk, quantities: tuple[str, str], fires: bool) -> None:
    portfolio(desk, dict(zip((A, B), quantities, strict=True)), BALANCED)
    apply(desk, DRIFT)
    daily_runs.RUNS["strategies"](desk.world)
    assert (NEW in desk.types_since()) is fires


def test_an_account_without_positions_does_not_drift(desk: Desk) -> None:
    apply(desk, DRIFT)
    daily_runs.RUNS["strategies"](desk.world)
    assert NEW not in desk.types_since()


def test_either_condition_suffices(open_desk: OpenDesk) -> None:
    desk = open_desk(now=datetime(2023, 1, 10, 9, tzinfo=UTC))
    portfolio(desk, {A: "50", B: "50"}, BALANCED)
    apply(desk, DRIFT, {**SCHEDULED, "start_date": "2023-01-10"})
    daily_runs.RUNS["strategies"](desk.world)
    assert desk.types_since().count(NEW) == 1


def test_an_automatic_rebalancing_looks_like_one_by_accounts(desk: Desk) -> None:
    portfolio(desk, {A: "60", B: "40"}, BALANCED)
    apply(desk, DRIFT)
    daily_runs.RUNS["strategies"](desk.world)
    (order,) = desk.told(NEW)
    path = {"execution_id": order["execution_id"]}
    execution = desk.call("retrieve_portfolios_rebalancing_execution", path)
    assert (execution.accounts, execution.allocations) == ((desk.account_id,), ())


def test_a_removed_strategy_fires_no_more(desk: Desk) -> None:
    portfolio(desk, {A: "60", B: "40"}, BALANCED)
    apply(desk, DRIFT)
    body: dict[str, Any] = {"rebalancing_strategy_ids": []}
    desk.call("update_portfolios_configuration", {"account_id": desk.account_id}, body=body)
    daily_runs.RUNS["strategies"](desk.world)
    assert NEW not in desk.types_since()


def test_only_the_accounts_of_a_strategy_are_rebalanced(desk: Desk) -> None:
    portfolio(desk, {A: "60", B: "40"}, BALANCED)
    other = seeding.account(desk.world, user_id=desk.user_id)
    for isin in (A, B):
        quantity = Decimal(90 if isin == A else 10)
        seeding.position(desk.world, account_id=other.id, instrument=isin, quantity=quantity)
    aim(desk, BALANCED, other.id)
    apply(desk, DRIFT)
    daily_runs.RUNS["strategies"](desk.world)
    assert [row["account_id"] for row in desk.told(NEW)] == [desk.account_id]


def test_drift_is_measured_at_the_best_prices(desk: Desk) -> None:
    list_instruments(desk, A, B, price=None)
    for isin in (A, B):
        close_at(desk, isin, "2023-01-09", "100")
        desk.hold(isin, "50")
    aim(desk, BALANCED)
    apply(desk, DRIFT)
    quote(desk, A, "110")  # 5500 of 10500: 0.0238 off
    daily_runs.RUNS["strategies"](desk.world)
    assert NEW in desk.types_since()
