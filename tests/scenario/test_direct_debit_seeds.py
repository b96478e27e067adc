"""Reference accounts, mandates and direct debits as a scenario seeds them."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import orjson
import pytest
from stdnum import iban as judge

import mockserver.domain  # noqa: F401 - importing it attaches the rules to the operations
from mockserver.domain.payments.ibans import ACCOUNTS
from mockserver.domain.payments.outcomes import ENDS
from mockserver.kernel.world import World
from mockserver.scenario.build import build_world, named_ids
from mockserver.scenario.errors import ScenarioError
from mockserver.scenario.load import load

BASE: dict[str, Any] = {
    "name": "seeded",
    "profile": "sandbox",
    "users": [{"as": "erika", "first_name": "Erika", "last_name": "Mustermann"}, {"as": "max"}],
    "account_groups": [{"as": "savings", "user_id": "erika"}, {"as": "second", "user_id": "erika", "type": "ISA"}],
    "mandates": [{"as": "bank", "user_id": "erika", "iban": "DE02100500000054540402", "bic": "BELADEBE"}],
}
SEEDED_AT = "2023-01-10T08:00:00Z"
COLLECTED = ["DIRECT_DEBIT.CONFIRMED", "CASH_TRANSACTION.EXECUTED", "CASH_BALANCE.UPDATED"]
RETURNED = ["CASH_TRANSACTION.EXECUTED", "CASH_BALANCE.UPDATED"]


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


def objects(world: World, name: str) -> list[Any]:
    """The versions themselves, with what is hidden."""
    return list(world.store.named(name) or ())


def balance(world: World) -> str:
    return str(rows(world, "cash_balances")[0]["balance"])


def debit(**members: Any) -> dict[str, Any]:
    return {"mandate_id": "bank", "cash_amount": "200.00", **members}


# --- Bank details ---


def test_a_reference_account_as_it_is_given() -> None:
    given = {
        "as": "giro",
        "user_id": "erika",
        "account_owner": "E. Mustermann",
        "name": "Giro",
        "iban": "DE89000000000000000000",
        "bic": "ABCDEXXX",
        "confirmed_at": "2022-12-08T08:38:48.021Z",
    }
    world, ids = built(reference_accounts=[given])
    assert rows(world, "reference_accounts") == [
        {
            "id": ids["giro"],
            "created_at": SEEDED_AT,
            "updated_at": SEEDED_AT,
            "user_id": ids["erika"],
            "account_owner": "E. Mustermann",
            "name": "Giro",
            "iban": "DE8900**********0000",
            "bic": "ABCDEXXX",
            "confirmed_at": "2022-12-08T08:38:48.021000Z",
        }
    ]
    assert world.events.end == 0


def test_what_is_left_out_is_made() -> None:
    world, ids = built(reference_accounts=[{"user_id": "erika"}], mandates=[{"user_id": "erika"}])
    (account,), (mandate,) = objects(world, "reference_accounts"), objects(world, "mandates")
    assert (account.account_owner, account.name) == ("Erika Mustermann", "")
    for each in (account, mandate):
        assert judge.is_valid(each.full_iban)
        assert (each.full_iban[:2], each.bic, each.user_id) == ("DE", "MOCKDE22", ids["erika"])
        assert each.full_iban.encode() not in each.wire
    assert account.full_iban != mandate.full_iban


def test_a_mandate_has_the_creditor_of_the_profile() -> None:
    world, _ = built(profile={"base": "sandbox", "payments": {"creditor": {"name": "Savings App GmbH"}}})
    (mandate,) = rows(world, "mandates")
    assert (mandate["creditor_name"], mandate["type"]) == ("Savings App GmbH", "RECURRENT")


@pytest.mark.parametrize("family", ["reference_accounts", "mandates"])
def test_generated_ones_are_dealt_to_all_users_with_valid_ibans_of_their_countries(family: str) -> None:
    crowd = {"generate": 60, "countries": dict.fromkeys(ACCOUNTS, 1)}
    world, _ = built(accounts=crowd, **{family: {"generate": 124}})
    found = objects(world, family)
    assert len({each.full_iban for each in found}) == 124
    assert [each.full_iban for each in found if not judge.is_valid(each.full_iban)] == []
    assert {each.full_iban[-4:] for each in found} & set(ENDS) == set()
    homes = {user["id"]: user["address"]["country"] for user in rows(world, "users")}
    assert {each.full_iban[:2] == homes[each.user_id] for each in found} == {True}
    assert {each.full_iban[:2] for each in found} == set(ACCOUNTS)
    assert set(Counter(each.user_id for each in found).values()) == {2}  # 62 users: Erika, Max and the crowd


def test_generated_ones_of_one_user_and_of_other_countries() -> None:
    generated = {"generate": 30, "user_id": "max", "countries": {"NL": 1, "PL": 1}}
    world, ids = built(reference_accounts=[generated])
    found = objects(world, "reference_accounts")
    assert {each.user_id for each in found} == {ids["max"]}
    assert {each.full_iban[:2] for each in found} == {"NL", "PL"}


def test_the_same_seed_generates_the_same() -> None:
    sections = {"mandates": {"generate": 20}, "reference_accounts": {"generate": 20}}
    first, second = built(**sections)[0], built(**sections)[0]
    for family in sections:
        assert [each.full_iban for each in objects(first, family)] == [
            each.full_iban for each in objects(second, family)
        ]
        assert rows(first, family) == rows(second, family)


# --- Direct debits ---


def test_a_new_one_goes_on_by_itself() -> None:
    world, ids = built(direct_debits=[debit(**{"as": "first"}, remittance_information="hello", purpose_code="OTHR")])
    assert rows(world, "direct_debits") == [
        {
            "id": ids["first"],
            "created_at": SEEDED_AT,
            "user_id": ids["erika"],
            "account_group_id": ids["savings"],
            "mandate_id": ids["bank"],
            "cash_amount": "200.00",
            "currency": "EUR",
            "remittance_information": "hello",
            "status": "NEW",
            "purpose_code": "OTHR",
        }
    ]
    assert world.events.end == 0
    assert run(world) == ["DIRECT_DEBIT.PROCESSING", *COLLECTED]
    assert balance(world) == "200"


def test_one_under_way_goes_on_by_itself() -> None:
    world, _ = built(direct_debits=[debit(status="PROCESSING")])
    assert run(world) == COLLECTED


@pytest.mark.parametrize("status", ["CONFIRMED", "CANCELLED"])
def test_one_that_is_final_is_history(status: str) -> None:
    world, _ = built(direct_debits=[debit(status=status)])
    assert (run(world), rows(world, "cash_balances")) == ([], [])
    (found,) = rows(world, "direct_debits")
    assert found.get("cancellation_reason") == ("CANCELLED_BY_BANK" if status == "CANCELLED" else None)


def test_one_that_will_be_returned() -> None:
    """What was collected is in ``cash``: 200, of which 150 are left."""
    cash = [{"account_group_id": "savings", "amount": "150.00"}]
    world, ids = built(direct_debits=[debit(**{"as": "bad"}, status="CONFIRMED", returned=True)], cash=cash)
    (back,) = rows(world, "direct_debit_returns")
    assert (back["id"], back["status"]) == (ids["bad"], "DUE")
    assert run(world) == RETURNED
    assert balance(world) == "-50"


def test_the_iban_of_the_mandate_decides_about_seeded_ones_too() -> None:
    mandates = [{"as": "bank", "user_id": "erika", "iban": "DE02100500000054549001"}]
    world, _ = built(mandates=mandates, direct_debits=[debit()])
    assert run(world) == ["DIRECT_DEBIT.PROCESSING", "DIRECT_DEBIT.CANCELLED"]


def test_the_group_and_its_currency() -> None:
    world, ids = built(direct_debits=[debit(account_group_id="second"), debit(currency="GBP")])
    found = [(row["account_group_id"], row["currency"]) for row in rows(world, "direct_debits")]
    assert found == [(ids["second"], "GBP"), (ids["savings"], "GBP")]


def test_generated_ones_are_dealt_to_all_mandates() -> None:
    """Of three people, two mandates each; every amount is in the range, and in cents."""
    world, _ = built(
        users=[],
        account_groups=[],
        accounts={"generate": 3},
        mandates={"generate": 6},
        direct_debits={"generate": 12, "cash_amount": ["10.00", "20.00"]},
    )
    found = rows(world, "direct_debits")
    assert set(Counter(each["mandate_id"] for each in found).values()) == {2}
    amounts = [float(each["cash_amount"]) for each in found]
    assert (min(amounts) >= 10, max(amounts) <= 20, len(set(amounts)) > 6) == (True, True, True)
    assert run(world).count("DIRECT_DEBIT.CONFIRMED") == 12


# --- Mistakes ---


@pytest.mark.parametrize(
    ("sections", "problem"),
    [
        ({"mandates": [{"user_id": "nobody"}]}, "mandates[0].user_id: 'nobody' is not among the users"),
        ({"mandates": [{"user_id": "erika", "iban": "DE"}]}, "mandates[0].iban"),
        ({"reference_accounts": [{"user_id": "erika", "bic": "x"}]}, "reference_accounts[0].bic"),
        (
            {"mandates": [{"generate": 2, "countries": {"US": 1}}]},
            "people come from AT, DE, ES, FR, NL, PL, not from US",
        ),
        (
            {"direct_debits": [debit(mandate_id="bnak")]},
            "direct_debits[0].mandate_id: 'bnak' is not among the mandates",
        ),
        ({"direct_debits": [debit(cash_amount="0")]}, "direct_debits[0].cash_amount"),
        (
            {"direct_debits": [debit(cancellation_reason="OTHER")]},
            "direct_debits[0].cancellation_reason: is for a direct debit that is CANCELLED, not NEW",
        ),
        (
            {"direct_debits": [debit(returned=True)]},
            "direct_debits[0].returned: is for a direct debit that is CONFIRMED",
        ),
        (
            {"direct_debits": [{"generate": 2, "cash_amount": ["20", "10"]}]},
            "direct_debits[0].cash_amount: is a range from less to more, not from 20 to 10",
        ),
    ],
)
def test_mistakes_are_found_by_check(sections: dict[str, Any], problem: str) -> None:
    with pytest.raises(ScenarioError) as error:
        load({**BASE, **sections})
    assert problem in str(error.value)


@pytest.mark.parametrize(
    ("sections", "problem"),
    [
        ({"mandates": [{"as": "bank", "user_id": "max"}], "direct_debits": [debit()]}, "has no account group"),
        (
            {
                "mandates": [{"as": "bank", "user_id": "max"}],
                "direct_debits": [debit(account_group_id="savings")],
            },
            "is no member of account group",
        ),
        ({"direct_debits": [debit(user_id="max")]}, "is no member of account group"),
        ({"direct_debits": [debit(account_group_id="second", currency="EUR")]}, "holds GBP, not EUR"),
        (
            {
                "account_groups": [{"as": "savings", "user_id": "erika", "status": "CLOSED"}],
                "direct_debits": [debit()],
            },
            "is CLOSED: its direct debits are final",
        ),
        ({"users": [], "account_groups": [], "mandates": {"generate": 1}}, "there are no users to whom"),
        ({"mandates": [], "direct_debits": {"generate": 1}}, "there are no mandates to collect by"),
    ],
)
def test_what_does_not_fit_together_is_found_when_the_world_is_made(sections: dict[str, Any], problem: str) -> None:
    with pytest.raises(ScenarioError) as error:
        built(**sections)
    assert problem in str(error.value)
