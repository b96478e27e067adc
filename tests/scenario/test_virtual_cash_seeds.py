"""Virtual cash and cash balance transfers as a scenario seeds them."""

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
    "users": [{"as": "erika"}, {"as": "max"}],
    "account_groups": [
        {"as": "first", "user_id": "erika"},
        {"as": "second", "user_id": "erika"},
        {"as": "isa", "user_id": "erika", "type": "ISA"},
        {"as": "foreign", "user_id": "max"},
        {"as": "closed", "user_id": "erika", "status": "CLOSED"},
    ],
    "cash": [{"account_group_id": "first", "amount": "100.00"}],
}


def built(**sections: Any) -> tuple[World, dict[str, str]]:
    scenario = load({**BASE, **sections})
    return build_world(scenario), named_ids(scenario)


def run(world: World, seconds: int = 5) -> list[str]:
    """The types of the events that the next seconds bring."""
    position = world.events.end
    world.run(world.now + timedelta(seconds=seconds))
    return [event.type for event in world.events.since(position)]


def rows(world: World, name: str) -> list[Any]:
    return [orjson.loads(row.wire) for row in world.store.named(name) or ()]


def balances(world: World, ids: dict[str, str], name: str) -> tuple[str, str]:
    """Balance and what is available for withdrawal."""
    (row,) = [row for row in rows(world, "cash_balances") if row["account_group_id"] == ids[name]]
    return row["balance"], row["available_for_withdrawal"]


def test_an_issued_increase_goes_on_by_itself() -> None:
    world, ids = built(virtual_cash_increases=[{"as": "more", "account_group_id": "first", "amount": 50}])
    assert rows(world, "virtual_cash_increases") == [
        {
            "id": ids["more"],
            "created_at": "2023-01-10T08:00:00Z",
            "updated_at": "2023-01-10T08:00:00Z",
            "account_group_id": ids["first"],
            "amount": "50.00",
            "currency": "EUR",
            "status": "ISSUED",
        }
    ]
    assert world.events.end == 0
    assert run(world) == ["VIRTUAL_CASH_INCREASE.CONFIRMED", "CASH_TRANSACTION.EXECUTED", "CASH_BALANCE.UPDATED"]
    assert balances(world, ids, "first") == ("150", "150")


@pytest.mark.parametrize("status", ["ISSUED", "QUEUED"])
def test_a_decrease_that_is_not_final_waits_for_cash(status: str) -> None:
    decrease = {"account_group_id": "first", "amount": "120.00", "status": status}
    world, ids = built(virtual_cash_decreases=[decrease])
    assert run(world) == (["VIRTUAL_CASH_DECREASE.QUEUED"] if status == "ISSUED" else [])
    world, ids = built(
        virtual_cash_decreases=[decrease], virtual_cash_increases=[{"account_group_id": "first", "amount": "20.00"}]
    )
    assert run(world).count("VIRTUAL_CASH_DECREASE.CONFIRMED") == 1
    assert balances(world, ids, "first") == ("0", "0")


def test_the_currency_is_the_main_one_of_the_group() -> None:
    world, _ = built(virtual_cash_increases=[{"account_group_id": "isa", "amount": "20.00"}])
    assert rows(world, "virtual_cash_increases")[0]["currency"] == "GBP"


@pytest.mark.parametrize("status", ["CONFIRMED", "CANCELLED"])
def test_what_is_final_is_history_and_books_nothing(status: str) -> None:
    virtual = [{"account_group_id": "first", "amount": "20.00", "status": status}]
    transfer = {"source_account_group_id": "first", "target_account_group_id": "second", "amount": 30, "status": status}
    world, ids = built(
        virtual_cash_increases=virtual, virtual_cash_decreases=virtual, cash_balance_transfers=[transfer]
    )
    assert run(world, 3600) == []
    assert balances(world, ids, "first") == ("100", "100")
    (row,) = rows(world, "cash_balance_transfers")
    assert row["cancellation_reason"] == ("CANCELLED_BY_CLIENT" if status == "CANCELLED" else None)


def test_an_issued_transfer_has_reserved_the_cash_and_goes_on() -> None:
    transfer = {"source_account_group_id": "first", "target_account_group_id": "second", "amount": "80.00"}
    world, ids = built(cash_balance_transfers=[{**transfer, "as": "sent"}, {**transfer, "as": "late"}])
    assert balances(world, ids, "first") == ("100", "20")
    run(world)
    assert [balances(world, ids, name) for name in ("first", "second")] == [("20", "20"), ("80", "80")]
    ends = {row["id"]: (row["status"], row["cancellation_reason"]) for row in rows(world, "cash_balance_transfers")}
    assert ends == {ids["sent"]: ("CONFIRMED", None), ids["late"]: ("CANCELLED", "INSUFFICIENT_FUNDS")}


@pytest.mark.parametrize(
    ("section", "entry", "problem"),
    [
        ("virtual_cash_increases", {"account_group_id": "nobody", "amount": 1}, "nobody"),
        ("virtual_cash_increases", {"account_group_id": "isa", "amount": 1, "currency": "USD"}, "holds GBP, not USD"),
        ("virtual_cash_increases", {"account_group_id": "first", "amount": 0}, "amount"),
        ("virtual_cash_increases", {"account_group_id": "closed", "amount": 1}, "is CLOSED: its virtual cash is final"),
        ("cash_balance_transfers", {"target_account_group_id": "closed"}, "is CLOSED: its transfers are final"),
        ("virtual_cash_decreases", {"account_group_id": "first", "amount": "0.001"}, "amount"),
        ("virtual_cash_decreases", {"account_group_id": "first", "amount": 1, "status": "NEW"}, "status"),
        ("cash_balance_transfers", {"target_account_group_id": "first"}, "is the source, too"),
        ("cash_balance_transfers", {"target_account_group_id": "foreign"}, "have different holders"),
        ("cash_balance_transfers", {"target_account_group_id": "isa"}, "of type PERSONAL, the target of type ISA"),
        ("cash_balance_transfers", {"target_account_group_id": "second", "currency": "GBP"}, "currency"),
        (
            "cash_balance_transfers",
            {"target_account_group_id": "second", "cancellation_reason": "late"},
            "cancellation_reason is for a transfer that is CANCELLED, not ISSUED",
        ),
    ],
)
def test_what_cannot_have_been_is_a_mistake_of_the_scenario(section: str, entry: dict[str, Any], problem: str) -> None:
    if section == "cash_balance_transfers":
        entry = {"source_account_group_id": "first", "amount": 10, **entry}
    with pytest.raises(ScenarioError, match=problem):
        built(**{section: [entry]})
