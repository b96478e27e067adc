"""Savings plans as a scenario seeds them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest

import mockserver.domain  # noqa: F401 - importing it attaches the rules to the operations
from mockserver.kernel.world import World
from mockserver.scenario.build import build_world, named_ids
from mockserver.scenario.errors import ScenarioError
from mockserver.scenario.load import load
from tests.domain.support.books import check_books

BASE: dict[str, Any] = {
    "name": "saving",
    "clock": "2023-01-10T09:00:00Z",
    "instruments": [{"as": "world", "isin": "IE00B4L5Y983", "wkn": "A0RPWH", "bid": "100.00", "ask": "100.00"}],
    "users": [{"as": "erika"}, {"as": "max"}],
    "accounts": [
        {"as": "account", "user_id": "erika", "type": "TRADING"},
        {"as": "portfolio", "user_id": "erika", "type": "PORTFOLIO"},
        {"as": "closed", "user_id": "erika", "type": "TRADING", "status": "CLOSED"},
    ],
    "allocations": [{"as": "mix", "allocation": [{"instrument_id": "world", "weight": "1"}]}],
    "configurations": [{"account_id": "portfolio", "allocation_id": "mix"}],
    "cash": [{"account_id": "account", "amount": "1000.00"}],
    "transaction_fee_models": [{"as": "flat", "tiers": [{"fee_amount": "1"}]}],
}


def built(*plans: dict[str, Any]) -> tuple[World, dict[str, str]]:
    scenario = load({**BASE, "savings_plans": list(plans)})
    world = build_world(scenario)
    check_books(world)
    return world, named_ids(scenario)


def one(**members: Any) -> dict[str, Any]:
    given = {
        "account_id": "account",
        "instrument_id": "world",
        "cash_amount": "100.00",
        "start_date": "2022-11-16",
        **members,
    }
    return {name: value for name, value in given.items() if value is not None}


def rows(world: World, name: str = "savings_plan_executions") -> list[Any]:
    return [orjson.loads(row.wire) for row in world.store.named(name) or ()]


def dates(world: World) -> list[tuple[str, str]]:
    return [(row["execution_date"], row["status"]) for row in rows(world)]


def test_a_plan_is_there_with_the_execution_for_its_next_date_and_tells_nothing() -> None:
    world, ids = built(one(**{"as": "plan"}))
    (plan,) = rows(world, "savings_plans")
    wanted = {
        "id": ids["plan"],
        "user_id": ids["erika"],
        "account_id": ids["account"],
        "type": "INSTRUMENT",
        "instrument_id": "IE00B4L5Y983",
        "instrument_id_type": "ISIN",
        "cash_amount": "100.00",
        "currency": "EUR",
        "start_date": "2022-11-16",
        "period": "MONTH",
        "interval": 1,
        "status": "ACTIVE",
    }
    assert {name: plan[name] for name in plan if name not in ("created_at", "updated_at")} == wanted
    assert (dates(world), world.events.end) == ([("2023-01-16", "NEW")], 0)


def test_it_goes_on_by_itself() -> None:
    world, _ = built(one())
    world.run(world.now + timedelta(days=7))
    check_books(world)
    assert dates(world) == [("2023-01-16", "SETTLED"), ("2023-02-16", "NEW")]


def test_what_it_bought_before_is_history() -> None:
    past = [
        {"execution_date": "2022-11-16"},
        {"execution_date": "2022-12-16", "status": "CANCELLED", "cancellation_details": "Insufficient funds"},
    ]
    world, _ = built(one(executions=past))
    assert dates(world) == [("2022-11-16", "SETTLED"), ("2022-12-16", "CANCELLED"), ("2023-01-16", "NEW")]
    bought, missed, ahead = rows(world)
    assert (bought["order_id"] is None, missed["order_id"], ahead["order_id"]) == (False, None, None)
    assert (missed["cancellation_reason"], missed["cancellation_details"]) == (
        "CANCELLED_BY_UPVEST",
        "Insufficient funds",
    )


def test_a_plan_that_was_cancelled_has_nothing_ahead() -> None:
    world, _ = built(one(status="CANCELLED", executions=[{"execution_date": "2022-11-16"}]))
    assert dates(world) == [("2022-11-16", "SETTLED")]
    assert rows(world, "savings_plans")[0]["cancellation_reason"] == "CANCELLED_BY_CLIENT"


def test_a_plan_may_show_its_instrument_by_wkn_and_name_a_fee_model() -> None:
    fee = [{"transaction_fee_model_id": "flat"}]
    world, ids = built(one(instrument_id_type="WKN", fee_configuration=fee))
    (plan,) = rows(world, "savings_plans")
    assert (plan["instrument_id"], plan["instrument_id_type"]) == ("A0RPWH", "WKN")
    wanted = [{"type": "TRANSACTION_FEE_BUY", "transaction_fee_model_id": ids["flat"]}]
    assert plan["fee_configuration"] == rows(world)[0]["fee_configuration"] == wanted


def test_a_portfolio_is_saved_for_too() -> None:
    world, _ = built(one(type="PORTFOLIO", account_id="portfolio", instrument_id=None))
    assert (dates(world), "instrument_id" in rows(world)[0]) == ([("2023-01-16", "NEW")], False)


@pytest.mark.parametrize(
    ("plan", "text"),
    [
        (one(instrument_id=None), "is for a plan of type INSTRUMENT, which needs one"),
        (one(type="PORTFOLIO", account_id="portfolio"), "is for a plan of type INSTRUMENT"),
        (one(account_id="portfolio"), "is of type PORTFOLIO"),
        (one(account_id="closed"), "is CLOSED"),
        (one(user_id="max"), "is no member"),
        (one(currency="GBP"), "is in EUR, not in GBP"),
        (one(cash_amount="0"), "cash_amount"),
        (one(period="DAY"), "period"),
        (one(cancellation_reason="CANCELLED_BY_CLIENT"), "is for one that is CANCELLED, not ACTIVE"),
        (one(executions=[{"execution_date": "2022-11-15"}]), "has to be later than 2022-11-16"),
        (one(executions=[{"execution_date": "2022-11-16"}] * 2), "has to be later than 2022-11-16"),
        (one(executions=[{"execution_date": "2023-01-16"}]), "is not history yet; today is 2023-01-10"),
        (one(fee_configuration=[{"transaction_fee_model_id": "none"}]), "none"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_reason(plan: dict[str, Any], text: str) -> None:
    with pytest.raises(ScenarioError, match=text):
        built(plan)
