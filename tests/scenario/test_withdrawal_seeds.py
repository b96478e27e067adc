"""Withdrawals as a scenario seeds them."""

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
    "name": "seeded",
    "profile": "sandbox",
    "users": [{"as": "erika"}, {"as": "max"}],
    "account_groups": [
        {"as": "group", "user_id": "erika"},
        {"as": "isa", "user_id": "erika", "type": "ISA"},
        {"as": "closed", "user_id": "erika", "status": "CLOSED"},
    ],
    "reference_accounts": [
        {"as": "giro", "user_id": "erika", "iban": "DE02100500000054540402"},
        {"as": "bad", "user_id": "erika", "iban": "DE02100500000054549001"},
        {"as": "foreign", "user_id": "max"},
    ],
    "cash": [{"account_group_id": "group", "amount": "100.00"}],
}
PAID = ["WITHDRAWAL.CONFIRMED", "CASH_TRANSACTION.EXECUTED", "CASH_BALANCE.UPDATED"]


def built(*withdrawals: dict[str, Any], **sections: Any) -> tuple[World, dict[str, str]]:
    scenario = load({**BASE, "withdrawals": list(withdrawals), **sections})
    world = build_world(scenario)
    check_books(world)
    return world, named_ids(scenario)


def one(**members: Any) -> dict[str, Any]:
    return {"account_group_id": "group", "reference_account_id": "giro", "amount": "60.00", **members}


def run(world: World, seconds: int = 5) -> list[str]:
    """The types of the events that the next seconds bring."""
    position = world.events.end
    world.run(world.now + timedelta(seconds=seconds))
    check_books(world)
    return [event.type for event in world.events.since(position)]


def rows(world: World, name: str) -> list[Any]:
    return [orjson.loads(row.wire) for row in world.store.named(name) or ()]


def books(world: World) -> tuple[str, str]:
    """Balance, and what is available for withdrawal."""
    (row,) = rows(world, "cash_balances")
    return row["balance"], row["available_for_withdrawal"]


def test_a_new_one_reserves_its_amount_and_goes_on_by_itself() -> None:
    world, ids = built(one(**{"as": "out", "remittance_information": "Rent"}))
    assert rows(world, "withdrawals") == [
        {
            "id": ids["out"],
            "created_at": "2023-01-10T08:00:00Z",
            "updated_at": "2023-01-10T08:00:00Z",
            "reference_account_id": ids["giro"],
            "account_group_id": ids["group"],
            "user_id": ids["erika"],
            "amount": "60.00",
            "currency": "EUR",
            "remittance_information": "Rent",
            "status": "NEW",
        }
    ]
    assert (world.events.end, books(world)) == (0, ("100", "40"))
    assert run(world) == ["WITHDRAWAL.PROCESSING", *PAID]
    assert books(world) == ("40", "40")


def test_one_with_the_bank_is_paid() -> None:
    world, _ = built(one(status="PROCESSING"))
    assert books(world) == ("100", "40")
    assert run(world) == PAID


def test_one_of_more_is_cancelled_by_default() -> None:
    world, _ = built(one(amount="100.01"))
    assert books(world) == ("100", "100")
    assert run(world) == ["WITHDRAWAL.CANCELLED"]


def test_one_of_more_waits_where_the_profile_says_so() -> None:
    wait = {"base": "sandbox", "payments": {"withdrawal_funding": "wait"}}
    world, _ = built(one(amount="100.01"), profile=wait)
    assert run(world) == []
    (row,) = rows(world, "withdrawals")
    assert world.holds.get("withdrawals", row["id"]) is not None


@pytest.mark.parametrize("status", ["CONFIRMED", "CANCELLED"])
def test_what_is_final_is_history_and_books_nothing(status: str) -> None:
    world, _ = built(one(status=status, amount="500"))
    assert (books(world), run(world)) == (("100", "100"), [])


def test_one_that_the_bank_returns_brings_its_money() -> None:
    world, _ = built(one(status="CONFIRMED", reference_account_id="bad"))
    assert run(world) == ["WITHDRAWAL.CANCELLED", "CASH_TRANSACTION.EXECUTED", "CASH_BALANCE.UPDATED"]
    assert books(world) == ("160", "160")


def test_why_it_was_cancelled_is_given_or_the_clients_wish() -> None:
    given = [one(status="CANCELLED"), one(status="CANCELLED", cancellation_reason="CANCELLED_BY_BANK")]
    world, _ = built(*given)
    assert [row["cancellation_reason"] for row in rows(world, "withdrawals")] == [
        "CANCELLED_BY_CLIENT",
        "CANCELLED_BY_BANK",
    ]


def test_the_currency_is_the_main_one_of_the_group() -> None:
    isa = one(account_group_id="isa")
    world, _ = built(isa, cash=[{"account_group_id": "isa", "amount": "100.00"}])
    assert [row["currency"] for row in rows(world, "withdrawals")] == ["GBP"]


@pytest.mark.parametrize(
    ("wrong", "profile", "text"),
    [
        ({"status": "PROCESSING", "amount": "100.01"}, "sandbox", "100 EUR is available for withdrawal"),
        (
            {"amount": "100.01"},
            {"base": "sandbox", "payments": {"withdrawal_funding": "refuse"}},
            "100 EUR is available for withdrawal",
        ),
        ({"reference_account_id": "foreign"}, "sandbox", "reference account"),
        ({"user_id": "max"}, "sandbox", "no member"),
        ({"account_group_id": "isa", "currency": "EUR"}, "sandbox", "holds GBP"),
        ({"account_group_id": "closed"}, "sandbox", "is CLOSED: its withdrawals are final"),
        ({"cancellation_reason": "OTHER"}, "sandbox", "is for a withdrawal that is CANCELLED, not NEW"),
        ({"amount": "0"}, "sandbox", "greater than 0"),
        ({"amount": "1.234"}, "sandbox", "2"),
        ({"reference_account_id": "nowhere"}, "sandbox", "nowhere"),
    ],
)
def test_what_no_request_could_have_made_is_a_mistake(wrong: dict[str, Any], profile: Any, text: str) -> None:
    with pytest.raises(ScenarioError, match=text):
        built(one(**wrong), profile=profile)
