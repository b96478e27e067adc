"""Fee collections as a scenario seeds them."""

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

BASE: dict[str, Any] = {
    "name": "seeded",
    "profile": "sandbox",
    "clock": "2023-01-10T08:00:00Z",
    "users": [{"as": "erika"}],
    "account_groups": [{"as": "group", "user_id": "erika"}, {"as": "away", "user_id": "erika", "type": "JOINT"}],
    "accounts": [
        {"as": "depot", "account_group_id": "group", "type": "TRADING"},
        {"as": "closed", "account_group_id": "group", "type": "TRADING", "status": "CLOSED"},
    ],
    "instruments": [{"isin": "DE0007236101", "name": "At 100", "bid": "100.00", "ask": "100.00"}],
    "cash": [{"account_group_id": "group", "amount": "6.50"}],
    "positions": [{"account_id": "depot", "instrument": "DE0007236101", "quantity": "3"}],
}
FEE = {"account_id": "depot", "collection_amount": "12.41"}


def built(*fees: dict[str, Any]) -> tuple[World, dict[str, str]]:
    scenario = load({**BASE, "fee_collections": list(fees)})
    return build_world(scenario), named_ids(scenario)


def rows(world: World) -> list[dict[str, Any]]:
    return [orjson.loads(row.wire) for row in world.store.named("fee_collections") or ()]


def balance(world: World) -> tuple[str, str]:
    (row,) = list(world.store.named("cash_balances") or ())
    shown = orjson.loads(row.wire)
    return shown["balance"], shown["available_for_trading"]


def test_one_that_is_processing_has_its_cash_reserved_and_goes_on() -> None:
    """Without dates it is of December, the month before."""
    world, ids = built({**FEE, "as": "fee"})
    assert rows(world) == [
        {
            "id": ids["fee"],
            "created_at": "2023-01-10T08:00:00Z",
            "updated_at": "2023-01-10T08:00:00Z",
            "account_id": ids["depot"],
            "account_group_id": ids["group"],
            "type": "SERVICE_FEE",
            "collection_amount": "12.41",
            "processed_amount": {"cash_balance": "6.50", "sell_to_cover": "0"},
            "currency": "EUR",
            "status": "PROCESSING",
            "period_start": "2022-12-01",
            "period_end": "2022-12-31",
        }
    ]
    assert world.events.end == 0
    assert balance(world) == ("6.50", "0")
    world.run(world.now + timedelta(seconds=5))
    (row,) = rows(world)
    assert (row["status"], row["processed_amount"]["sell_to_cover"]) == ("FINALISED", "5.91")
    assert not [failure.trace for failure in world.failures]


def test_several_of_an_account_go_one_after_the_other() -> None:
    world, _ = built({**FEE, "collection_amount": "5.00"}, FEE)
    assert [row["processed_amount"]["cash_balance"] for row in rows(world)] == ["5.00", "0"]
    world.run(world.now + timedelta(seconds=5))
    assert [row["processed_amount"]["cash_balance"] for row in rows(world)] == ["5.00", "1.50"]


def test_what_is_final_is_history_and_books_nothing() -> None:
    finalised = {**FEE, "status": "FINALISED", "sell_to_cover": "5.91", "period_start": "2022-11-01"}
    finalised["period_end"] = "2022-11-30"
    world, _ = built(
        finalised,
        {**FEE, "status": "CANCELLED"},
        {"account_id": "closed", "collection_amount": "3.00", "status": "FINALISED", "total_residual_amount": "1.00"},
    )
    world.run(world.now + timedelta(hours=1))
    assert world.events.end == 0
    assert balance(world) == ("6.50", "6.50")
    assert [row["processed_amount"] for row in rows(world)] == [
        {"cash_balance": "6.50", "sell_to_cover": "5.91", "total_residual_amount": "0.00"},
        {"cash_balance": "0.00", "sell_to_cover": "0.00"},
        {"cash_balance": "2.00", "sell_to_cover": "0.00", "total_residual_amount": "1.00"},
    ]


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"account_id": "nobody"}, "is not among the accounts"),
        ({"collection_amount": 0}, "collection_amount"),
        ({"account_id": "closed"}, "is CLOSED: its fee collections are final"),
        ({"sell_to_cover": 1}, "is for a fee collection that is FINALISED, not PROCESSING"),
        ({"status": "FINALISED", "sell_to_cover": "12.42"}, "expected at most the amount in all"),
        ({"status": "FINALISED", "total_residual_amount": "12.41"}, "something that was taken"),
        ({"period_start": "2023-01-02", "period_end": "2023-01-01"}, "is before period_start"),
    ],
)
def test_what_cannot_be_is_a_mistake_of_the_scenario(wrong: dict[str, Any], problem: str) -> None:
    with pytest.raises(ScenarioError, match=problem):
        built({**FEE, **wrong})
