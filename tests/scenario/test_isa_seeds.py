"""Tax wrappers and ISA transfers as a scenario seeds them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest

import mockserver.domain  # noqa: F401 - importing it attaches the rules to the operations
from mockserver.kernel.lifecycle import CYCLES
from mockserver.kernel.world import World
from mockserver.scenario.build import build_world, named_ids
from mockserver.scenario.errors import ScenarioError
from mockserver.scenario.load import load
from tests.domain.support.books import check_books

BASE: dict[str, Any] = {
    "name": "isas",
    "profile": "sandbox",
    "clock": "2023-01-10T09:00:00Z",
    "users": [{"as": "wendy"}],
    "account_groups": [
        {"as": "isa", "user_id": "wendy", "type": "ISA"},
        {"as": "waiting", "user_id": "wendy", "type": "ISA", "status": "PENDING_APPROVAL"},
        {"as": "closed", "user_id": "wendy", "type": "ISA", "status": "CLOSED"},
        {"as": "other", "user_id": "wendy"},
    ],
    "cash": [{"account_group_id": "isa", "amount": "900.00", "currency": "GBP"}],
}


def built(**families: Any) -> tuple[World, dict[str, str]]:
    scenario = load({**BASE, **families})
    world = build_world(scenario)
    check_books(world)
    assert world.events.end == 0
    return world, named_ids(scenario)


def rows(world: World, name: str) -> list[Any]:
    return [orjson.loads(row.wire) for row in world.store.named(name) or ()]


def wrapper(**members: Any) -> dict[str, Any]:
    return {"as": "wrapper", "account_group_id": "isa", **members}


PAID = {"account_group_id": "isa", "cash_amount": "300.00", "currency": "GBP"}
DEBIT = {**PAID, "mandate_id": "mandate", "status": "CONFIRMED"}
WITHDRAWAL = {
    "account_group_id": "isa",
    "reference_account_id": "to",
    "amount": "300.00",
    "currency": "GBP",
    "status": "CONFIRMED",
}


def take_back(world: World, kind: str, identity: str, to: str) -> None:
    """The move of a command."""
    cycle = CYCLES[kind]
    row = world.table(cycle.kind).get(identity) or cycle.open(world, identity)
    assert row is not None
    world.undo.clear()
    cycle.carry(world, row, to)


def test_an_entry_takes_the_place_of_the_wrapper_that_an_approved_group_has() -> None:
    world, ids = built(isa_wrappers=[wrapper(is_flexible=False, used_amount="1234.50")])
    (shown,) = [row for row in rows(world, "isa_wrappers") if row["account_group_id"] == ids["isa"]]
    assert (shown["id"], shown["is_flexible"], shown["status"]) == (ids["wrapper"], False, "ACTIVE")
    (row,) = rows(world, "isa_wrapper_allowances")
    assert (row["tax_wrapper_id"], row["used_amount"], row["remaining_amount"]) == (shown["id"], "1234.50", "18765.50")
    assert row["first_subscription_at"] == "2023-01-10T09:00:00Z"


def test_a_new_wrapper_goes_on_with_the_residency_of_its_user() -> None:
    residency = {"user_id": "wendy", "tax_residencies": [{"country": "GB", "tax_identifier_number": "1234567890"}]}
    world, ids = built(isa_wrappers=[wrapper(account_group_id="waiting", status="NEW")], tax_residencies=[residency])
    world.run(world.now + timedelta(seconds=1))
    activated = [event.object.id for event in world.events if event.type == "ACCOUNT_GROUP.ACTIVATED"]  # type: ignore[attr-defined]
    assert activated == [ids["waiting"]]


def test_an_inactive_one_has_its_allowance() -> None:
    world, ids = built(isa_wrappers=[wrapper(status="INACTIVE")])
    assert [row["tax_wrapper_id"] for row in rows(world, "isa_wrapper_allowances")] == [ids["wrapper"]]


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"account_group_id": "other"}, "is of type PERSONAL: only one of type ISA has a tax wrapper"),
        ({"account_group_id": "closed"}, "is CLOSED: its tax wrapper cannot be ACTIVE"),
        ({"status": "CLOSED"}, "is ACTIVE: its tax wrapper cannot be CLOSED"),
        ({"status": "NEW"}, "it was approved with its tax wrapper, which is not NEW"),
        (
            {"account_group_id": "waiting", "status": "NEW", "used_amount": "1.00"},
            "is for a tax wrapper that is ACTIVE",
        ),
        ({"used_amount": "20000.01"}, "used_amount"),
        ({"account_group_id": "nobody"}, "nobody"),
    ],
)
def test_what_no_request_could_have_made_is_refused(members: dict[str, Any], said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        built(isa_wrappers=[wrapper(**members)])


def past(**members: Any) -> dict[str, Any]:
    return {"as": "past", "account_group_id": "isa", "tax_year": "2021/2022", "used_amount": "20000.00", **members}


def test_allowances_of_earlier_years_are_expired_and_stay_so() -> None:
    world, ids = built(isa_wrapper_allowances=[past(), past(**{"as": "older", "tax_year": "2020/2021"})])
    world.run(world.now + timedelta(days=100))  # past 6 April
    check_books(world)
    shown = sorted(rows(world, "isa_wrapper_allowances"), key=lambda row: str(row["tax_year"]))
    assert [(row["tax_year"], row["status"], row["used_amount"]) for row in shown] == [
        ("2020/2021", "EXPIRED", "20000.00"),
        ("2021/2022", "EXPIRED", "20000.00"),
        ("2022/2023", "EXPIRED", "0.00"),
        ("2023/2024", "ACTIVE", "0.00"),
    ]
    assert (shown[1]["id"], shown[1]["first_subscription_at"]) == (ids["past"], "2021-04-06T00:00:00Z")


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"tax_year": "2021/2023"}, "expected 2021/2022, got 2021/2023"),
        ({"tax_year": "2022/2023"}, "is not over: expected one before 2022/2023"),
        ({"account_group_id": "other"}, "has no tax wrapper"),
        ({"used_amount": "20000.01"}, "used_amount"),
    ],
)
def test_an_allowance_that_cannot_be_is_refused(members: dict[str, Any], said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        built(isa_wrapper_allowances=[past(**members)])


def test_a_tax_year_has_one_allowance() -> None:
    with pytest.raises(ScenarioError, match="has two allowances of 2021/2022"):
        built(isa_wrapper_allowances=[past(), past(**{"as": "again"})])


def transfer(**members: Any) -> dict[str, Any]:
    return {"as": "transfer", "account_group_id": "isa", "transfer_value": "500.00", **members}


def test_a_transfer_out_is_reserved_and_goes_on() -> None:
    world, ids = built(isa_transfers=[transfer(direction="OUTGOING", status="INSTRUCTED")])
    (balance,) = rows(world, "cash_balances")
    assert (balance["balance"], balance["available_for_withdrawal"]) == ("900", "400")
    world.run(world.now + timedelta(seconds=1))
    check_books(world)
    (balance,) = rows(world, "cash_balances")
    assert (balance["balance"], balance["available_for_withdrawal"]) == ("400", "400")
    assert [event.type for event in world.events][:2] == ["ISA_TRANSFER.PROCESSING", "ISA_TRANSFER.SETTLED"]
    assert rows(world, "isa_transfers")[0]["id"] == ids["transfer"]


def test_what_was_subscribed_this_year_counts_when_it_settles() -> None:
    world, _ = built(isa_transfers=[transfer(transfer_type="ISA_INTERNAL", current_year="100.00")])
    world.run(world.now + timedelta(seconds=1))
    assert rows(world, "isa_wrapper_allowances")[0]["used_amount"] == "100.00"


def test_one_that_is_settled_is_history() -> None:
    world, _ = built(isa_transfers=[transfer(status="SETTLED", current_year="100.00")])
    world.run(world.now + timedelta(days=1))
    assert rows(world, "isa_wrapper_allowances")[0]["used_amount"] == "0.00"
    assert (rows(world, "cash_balances")[0]["balance"], world.events.end) == ("900", 0)


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"account_group_id": "other"}, "only one of type ISA has ISA transfers"),
        ({"account_group_id": "closed"}, "is CLOSED: its ISA transfers are SETTLED"),
        ({"direction": "OUTGOING", "transfer_value": "900.01"}, "900 GBP is available for withdrawal"),
        ({"transfer_type": "ISA_INTERNAL", "status": "DISCOVERY"}, "DISCOVERY is for ISA_EXTERNAL"),
        ({"current_year": "500.01"}, "is more than transfer_value, 500.00"),
        ({"first_subscription_at": "2023-01-01T00:00:00Z"}, "is for a transfer with current_year"),
    ],
)
def test_a_transfer_that_no_request_could_have_made_is_refused(members: dict[str, Any], said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        built(isa_transfers=[transfer(**members)])


COMES_BACK: dict[str, tuple[dict[str, Any], tuple[str, str], str]] = {
    "a top-up": ({"topups": [{"as": "paid", **PAID}]}, ("topups", "CANCELLED"), "700.00"),
    "a credit funding": (
        {"credit_fundings": [{"as": "paid", **PAID}]},
        ("credit_fundings", "CANCELLED"),
        "700.00",
    ),
    "a direct debit": (
        {"mandates": [{"as": "mandate", "user_id": "wendy"}], "direct_debits": [{"as": "paid", **DEBIT}]},
        ("direct_debit_returns", "BOOKED"),
        "700.00",
    ),
    "a withdrawal": (
        {"reference_accounts": [{"as": "to", "user_id": "wendy"}], "withdrawals": [{"as": "paid", **WITHDRAWAL}]},
        ("withdrawals", "CANCELLED"),
        "1300.00",
    ),
}
"""What is seeded, the move that takes it back, and what is used of 1000.00 then: 300.00 less, or more."""


@pytest.mark.parametrize("payment", COMES_BACK)
def test_a_payment_of_before_is_part_of_the_used_amount(payment: str) -> None:
    """Seeded as CONFIRMED it counts nothing; coming back it counts as any other does."""
    families, (kind, to), used = COMES_BACK[payment]
    world, ids = built(isa_wrappers=[wrapper(used_amount="1000.00")], **families)
    assert rows(world, "isa_wrapper_allowances")[0]["used_amount"] == "1000.00"
    take_back(world, kind, ids["paid"], to)
    assert rows(world, "isa_wrapper_allowances")[0]["used_amount"] == used
    assert [event.type for event in world.events].count("ISA_WRAPPER_ALLOWANCE.UPDATED") == 1


def test_it_gives_back_no_more_than_is_used() -> None:
    world, ids = built(isa_wrappers=[wrapper(used_amount="100.00")], topups=[{"as": "paid", **PAID}])
    take_back(world, "topups", ids["paid"], "CANCELLED")
    assert rows(world, "isa_wrapper_allowances")[0]["used_amount"] == "0.00"
