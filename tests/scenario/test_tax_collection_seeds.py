"""Tax collections as a scenario seeds them."""

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

ETF = "DE0007236101"
BASE: dict[str, Any] = {
    "name": "seeded",
    "profile": "sandbox",
    "clock": "2023-01-24T08:00:00Z",
    "users": [{"as": "erika"}],
    "account_groups": [
        {"as": "group", "user_id": "erika"},
        {"as": "closed", "user_id": "erika", "status": "CLOSED"},
        {"as": "waiting", "user_id": "erika", "type": "JOINT", "status": "PENDING_APPROVAL"},
    ],
    "accounts": [{"as": "depot", "account_group_id": "group", "type": "TRADING"}],
    "instruments": [{"as": "etf", "isin": ETF, "name": "At 100", "bid": "100.00", "ask": "100.00"}],
    "cash": [{"account_group_id": "group", "amount": "6.50"}],
    "positions": [{"account_id": "depot", "instrument": "etf", "quantity": "3"}],
}
TAX = {"account_group_id": "group", "collection_amount": "12.41"}


def built(*taxes: dict[str, Any]) -> tuple[World, dict[str, str]]:
    scenario = load({**BASE, "tax_collections": list(taxes)})
    world = build_world(scenario)
    check_books(world)
    assert world.events.end == 0
    return world, named_ids(scenario)


def rows(world: World) -> list[dict[str, Any]]:
    return [orjson.loads(row.wire) for row in world.store.named("tax_collections") or ()]


def parts(row: dict[str, Any]) -> dict[str, str]:
    return {name: part["amount"] for name, part in row["processed_amount"].items()}


def balance(world: World) -> tuple[str, str]:
    (row,) = list(world.store.named("cash_balances") or ())
    shown = orjson.loads(row.wire)
    return shown["balance"], shown["available_for_trading"]


def test_one_that_is_processing_has_its_cash_reserved_and_goes_on() -> None:
    """6.50 of 12.41 are there; the other 5.91 are sold."""
    world, ids = built({**TAX, "as": "tax", "type": "TAX_PREPAYMENT_DE", "instrument": "etf", "offset_amount": "30"})
    (row,) = rows(world)
    assert (row["id"], row["account_group_id"], row["status"]) == (ids["tax"], ids["group"], "PROCESSING")
    assert (row["type"], row["instrument"]["isin"]) == ("TAX_PREPAYMENT_DE", ETF)
    assert parts(row) == {"cash_balance": "6.50", "sell_to_cover": "0.00", "offset_amount": "30.00"}
    assert balance(world) == ("6.50", "0")
    world.run(world.now + timedelta(seconds=5))
    (row,) = rows(world)
    assert row["status"] == "FINALISED"
    assert parts(row) == {"cash_balance": "6.50", "sell_to_cover": "5.91", "offset_amount": "30.00"}
    assert balance(world) == ("0", "0")
    assert not [failure.trace for failure in world.failures]
    check_books(world)


def test_what_is_final_is_history_and_books_nothing() -> None:
    world, _ = built(
        {**TAX, "status": "FINALISED", "sell_to_cover": "5.91"},
        {**TAX, "status": "FINALISED", "cash_balance": "2.00"},
        {**TAX, "status": "CANCELLED"},
        {**TAX, "account_group_id": "closed", "status": "FINALISED"},
    )
    world.run(world.now + timedelta(hours=1))
    assert world.events.end == 0
    assert balance(world) == ("6.50", "6.50")
    assert [(row["status"], *parts(row).values()) for row in rows(world)] == [
        ("FINALISED", "6.50", "5.91"),
        ("FINALISED", "2.00", "0.00"),
        ("CANCELLED", "0.00", "0.00"),
        ("FINALISED", "12.41", "0.00"),
    ]


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"account_group_id": "nobody"}, "is not among the account_groups"),
        ({"account_group_id": "closed"}, "is CLOSED: its tax collections are final"),
        ({"account_group_id": "waiting"}, "is PENDING_APPROVAL: its tax collections are made once it is approved"),
        ({"collection_amount": 0}, "collection_amount"),
        ({"sell_to_cover": 1}, "is for a tax collection that is FINALISED, not PROCESSING"),
        ({"cash_balance": 1, "status": "CANCELLED"}, "is for a tax collection that is FINALISED, not CANCELLED"),
        ({"status": "FINALISED", "sell_to_cover": "12.42"}, "expected at most the amount in all"),
        ({"status": "FINALISED", "cash_balance": "12.41", "sell_to_cover": "0.01"}, "expected at most the amount"),
        ({"type": "TAX_PREPAYMENT_DE"}, "a TAX_PREPAYMENT_DE is owed for a fund or an ETF"),
        ({"instrument": "LU0000000009"}, "LU0000000009"),
    ],
)
def test_what_cannot_be_is_a_mistake_of_the_scenario(wrong: dict[str, Any], problem: str) -> None:
    with pytest.raises(ScenarioError, match=problem):
        built({**TAX, **wrong})
