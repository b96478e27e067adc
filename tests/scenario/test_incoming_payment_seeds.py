"""Top-ups, credit fundings and virtual bank accounts as a scenario seeds them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest
from stdnum import iban as judge

import mockserver.domain  # noqa: F401 - importing it attaches the rules to the operations
from mockserver.domain.payments.top_ups import TOP_UP_LIFE, TOP_UPS
from mockserver.kernel.world import World
from mockserver.scenario.build import build_world, named_ids
from mockserver.scenario.errors import ScenarioError
from mockserver.scenario.load import load

BASE: dict[str, Any] = {
    "name": "seeded",
    "profile": "sandbox",
    "users": [{"as": "erika", "first_name": "Erika", "last_name": "Mustermann"}],
    "account_groups": [
        {"as": "group", "user_id": "erika", "securities_account_number": "123456789"},
        {"as": "isa", "user_id": "erika", "type": "ISA"},
    ],
}


def built(**sections: Any) -> tuple[World, dict[str, str]]:
    scenario = load({**BASE, **sections})
    return build_world(scenario), named_ids(scenario)


def run(world: World, seconds: int = 5) -> list[str]:
    """The types of the events that the next seconds bring."""
    position = world.events.end
    world.run(world.now + timedelta(seconds=seconds))
    return [event.type for event in world.events.since(position)]


def rows(world: World, name: str) -> list[dict[str, Any]]:
    return [orjson.loads(row.wire) for row in world.store.named(name) or ()]


def balances(world: World) -> list[tuple[str, str]]:
    return [(row["currency"], row["balance"]) for row in rows(world, "cash_balances")]


def test_a_top_up_needs_a_group_and_an_amount() -> None:
    world, ids = built(topups=[{"as": "owed", "account_group_id": "group", "cash_amount": 200}])
    assert rows(world, "topups") == [
        {
            "id": ids["owed"],
            "created_at": "2023-01-10T08:00:00Z",
            "account_group_id": ids["group"],
            "cash_amount": "200.00",
            "currency": "EUR",
            "settlement_reference": ids["owed"],
            "status": "CONFIRMED",
        }
    ]
    assert (balances(world), run(world)) == ([], [])


@pytest.mark.parametrize(
    ("family", "status"),
    [
        *(("topups", status) for status in ("CONFIRMED", "SETTLED", "CANCELLED")),
        *(("credit_fundings", status) for status in ("CONFIRMED", "CANCELLED")),
    ],
)
def test_a_payment_is_history_and_cash_says_what_is_there(family: str, status: str) -> None:
    world, _ = built(
        cash=[{"account_group_id": "group", "amount": 10}],
        **{family: [{"account_group_id": "group", "cash_amount": 5, "status": status}]},
    )
    assert (balances(world), run(world)) == ([("EUR", "10")], [])


def test_a_top_up_that_is_cancelled_takes_its_cash_out_of_what_is_there() -> None:
    world, ids = built(
        cash=[{"account_group_id": "group", "amount": 10}],
        topups=[{"as": "owed", "account_group_id": "group", "cash_amount": 4}],
    )
    TOP_UP_LIFE.carry(world, world.table(TOP_UPS)[ids["owed"]], "CANCELLED")
    assert balances(world) == [("EUR", "6")]


def test_a_credit_funding_comes_from_the_holder() -> None:
    world, ids = built(credit_fundings=[{"as": "paid", "account_group_id": "group", "cash_amount": "12.5"}])
    (row,) = rows(world, "credit_fundings")
    iban = row["counterparty"]["account"]["identification"]["iban"]
    assert judge.is_valid(iban)
    assert row == {
        "id": ids["paid"],
        "created_at": "2023-01-10T08:00:00Z",
        "account_group_id": ids["group"],
        "cash_amount": "12.50",
        "currency": "EUR",
        "status": "CONFIRMED",
        "remittance_information": "CF123456789",
        "counterparty": {
            "identification": {"name": "Erika Mustermann"},
            "account": {"identification": {"iban": iban}},
        },
    }
    assert (balances(world), run(world)) == ([], [])


def test_a_credit_funding_whose_iban_says_so_goes_back() -> None:
    sent = {"account_group_id": "group", "cash_amount": 10, "counterparty_iban": "DE00000000000000009001"}
    world, _ = built(cash=[{"account_group_id": "group", "amount": 10}], credit_fundings=[sent])
    assert run(world) == ["CREDIT_FUNDING.CANCELLED", "CASH_TRANSACTION.EXECUTED", "CASH_BALANCE.UPDATED"]
    assert balances(world) == [("EUR", "0")]


def test_a_credit_funding_may_come_by_a_virtual_bank_account() -> None:
    virtual = {"as": "savings", "account_group_id": "group", "name": "Savings", "iban": "DE89370400440532013000"}
    paid = {"account_group_id": "group", "cash_amount": 10, "virtual_bank_account_id": "savings"}
    world, ids = built(virtual_bank_accounts=[virtual], credit_fundings=[paid])
    assert rows(world, "virtual_bank_accounts") == [
        {
            "id": ids["savings"],
            "created_at": "2023-01-10T08:00:00Z",
            "account_group_id": ids["group"],
            "name": "Savings",
            "owner": {"name": "Erika Mustermann"},
            "identification": {"swift": {"iban": "DE89370400440532013000", "bic": "DEUTDEFFXXX"}},
        }
    ]
    (funding,) = rows(world, "credit_fundings")
    assert (funding["virtual_bank_account_id"], funding["remittance_information"]) == (ids["savings"], "")


def test_a_virtual_bank_account_has_a_valid_iban_of_its_own() -> None:
    world, _ = built(virtual_bank_accounts=[{"account_group_id": "group"}, {"account_group_id": "group"}])
    found = [row["identification"]["swift"]["iban"] for row in rows(world, "virtual_bank_accounts")]
    assert (len(set(found)), [judge.is_valid(each) for each in found]) == (2, [True, True])


def test_automatic_accounts_are_there_for_seeded_groups_too() -> None:
    pending = {"as": "later", "user_id": "erika", "status": "PENDING_APPROVAL"}
    world, ids = built(
        profile={"base": "sandbox", "payments": {"virtual_accounts": "automatic"}},
        account_groups=[*BASE["account_groups"], pending],
    )
    assert [row["account_group_id"] for row in rows(world, "virtual_bank_accounts")] == [ids["group"], ids["isa"]]
    assert run(world) == ["ACCOUNT_GROUP.ACTIVATED", "VIRTUAL_BANK_ACCOUNT.CREATED", "REPORT.CREATED"]


def test_an_isa_group_is_paid_in_pounds() -> None:
    world, _ = built(topups=[{"account_group_id": "isa", "cash_amount": 5}])
    assert [row["currency"] for row in rows(world, "topups")] == ["GBP"]


def test_a_reference_of_its_own_is_searched_for() -> None:
    world, _ = built(topups=[{"account_group_id": "group", "cash_amount": 5, "settlement_reference": "INV-2023/7"}])
    assert [row.settlement_reference for row in world.table(TOP_UPS).by("reference", "inv-2023/7")] == ["INV-2023/7"]


@pytest.mark.parametrize(
    ("sections", "text"),
    [
        (
            {"topups": [{"account_group_id": "isa", "cash_amount": 5, "currency": "EUR"}]},
            "is of type ISA and holds GBP, not EUR",
        ),
        ({"topups": [{"account_group_id": "nobody", "cash_amount": 5}]}, "nobody"),
        ({"topups": [{"account_group_id": "group", "cash_amount": 0}]}, "greater than 0"),
        ({"topups": [{"account_group_id": "group", "cash_amount": "0.001"}]}, "2 decimal"),
        (
            {"topups": [{"account_group_id": "group", "cash_amount": 5, "settlement_reference": "A1"}] * 2},
            "another top-up has the settlement_reference A1",
        ),
        (
            {"virtual_bank_accounts": [{"account_group_id": "group", "iban": "DE89370400440532013000"}] * 2},
            "another virtual bank account has the IBAN DE89370400440532013000",
        ),
        (
            {
                "virtual_bank_accounts": [{"as": "other", "account_group_id": "isa"}],
                "credit_fundings": [
                    {"account_group_id": "group", "cash_amount": 5, "virtual_bank_account_id": "other"},
                ],
            },
            "is no virtual bank account of account group",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(sections: dict[str, Any], text: str) -> None:
    with pytest.raises(ScenarioError) as raised:
        built(**sections)
    assert text in str(raised.value)
    assert next(reversed(sections)) in str(raised.value)
