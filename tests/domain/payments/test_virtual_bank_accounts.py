"""payments.md §6.1: virtual bank accounts, and what holders are shown of them."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from stdnum import iban as judge

from mockserver.domain import seeding
from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS
from mockserver.domain.payments.outcomes import ENDS
from mockserver.domain.payments.virtual_bank_accounts import VIRTUAL_BANK_ACCOUNTS
from mockserver.kernel.profile import profile
from tests.conftest import Api
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import NOBODY, Desk
from tests.domain.support.openings import open_group
from tests.domain.support.transfers import virtual_account

AUTOMATIC = {"payments": {"virtual_accounts": "automatic"}}


def shown(row: Any) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(row.wire)
    return found


def test_an_account_has_its_own_iban_and_the_name_of_the_holder(desk: Desk) -> None:
    answer = shown(virtual_account(desk, name="Savings"))
    iban = answer["identification"]["swift"]["iban"]
    assert answer == {
        "id": answer["id"],
        "created_at": "2023-01-10T09:00:00Z",
        "account_group_id": desk.group_id,
        "name": "Savings",
        "owner": {"name": "Erika Mustermann"},
        "identification": {"swift": {"iban": iban, "bic": "DEUTDEFFXXX"}},
    }
    assert judge.is_valid(iban, check_country=True)
    assert (iban[:2] in ("DE", "FR"), iban[-4:] in ENDS) == (True, False)
    assert desk.types_since() == ["VIRTUAL_BANK_ACCOUNT.CREATED"]
    assert desk.told("VIRTUAL_BANK_ACCOUNT.CREATED") == [answer]


def test_a_name_that_is_not_given_is_left_out(desk: Desk) -> None:
    assert "name" not in shown(virtual_account(desk))


def test_a_group_may_have_several_with_an_iban_each(desk: Desk) -> None:
    rows = [virtual_account(desk) for _ in range(20)]
    assert len({row.iban for row in rows}) == 20
    assert desk.rows("list_virtual_bank_accounts", {"account_group_id": desk.group_id}, sort="id") == sorted(
        rows, key=lambda row: row.id
    )


def test_an_account_of_a_joint_group_names_both_owners(desk: Desk) -> None:
    anna = seeding.user(desk.world, first_name="Anna", last_name="Groß")
    members = [{"id": anna.id, "type": "OWNER"}, {"id": desk.user_id, "type": "OWNER"}]
    joint = seeding.account_group(desk.world, users=members, type="JOINT")
    assert virtual_account(desk, joint.id).owner.name == "Anna Groß and Erika Mustermann"


def test_a_guardian_is_no_owner(desk: Desk) -> None:
    child = seeding.user(desk.world, first_name="Kim", last_name="Mustermann")
    members = [{"id": desk.user_id, "type": "GUARDIAN"}, {"id": child.id, "type": "CHILD"}]
    group = seeding.account_group(desk.world, users=members, type="CHILD")
    assert virtual_account(desk, group.id).owner.name == "Kim Mustermann"


def test_the_same_seed_makes_the_same_iban(open_desk: OpenDesk) -> None:
    first, second, other = (virtual_account(open_desk(seed=seed)).iban for seed in (1, 1, 2))
    assert first == second != other


# --- Funding details ---


def test_the_details_of_a_group_are_its_virtual_accounts_in_order_of_creation(desk: Desk) -> None:
    rows = [virtual_account(desk, name="Savings"), virtual_account(desk)]
    virtual_account(desk, seeding.account_group(desk.world).id)
    details = [shown(each) for each in desk.rows("retrieve_funding_details", {"account_group_id": desk.group_id})]
    assert [each["virtual_bank_account_id"] for each in details] == [row.id for row in rows]
    assert details[0] == {
        "virtual_bank_account_id": rows[0].id,
        "name": "Savings",
        "currency": "EUR",
        "owner": {"name": "Erika Mustermann"},
        "identification": {"swift": {"iban": rows[0].iban, "bic": "DEUTDEFFXXX"}},
    }
    assert "name" not in details[1]


def test_the_details_of_an_isa_group_are_in_pounds(desk: Desk) -> None:
    isa = seeding.account_group(desk.world, user_id=desk.user_id, type="ISA")
    virtual_account(desk, isa.id)
    (details,) = desk.rows("retrieve_funding_details", {"account_group_id": isa.id})
    assert details.currency == "GBP"


def test_a_group_without_virtual_accounts_has_no_details(desk: Desk) -> None:
    assert desk.rows("retrieve_funding_details", {"account_group_id": desk.group_id}) == []


async def test_the_details_are_a_list_in_pages(desk: Desk, client: Api) -> None:
    rows = [virtual_account(desk) for _ in range(3)]
    path = f"/account_groups/{desk.group_id}/payments/credit_funding_details"
    answer = await client.get(f"{path}?offset=1&limit=1")
    assert answer.json["meta"] | {"sort": "created_at", "order": "ASC"} == {
        "offset": 1,
        "limit": 1,
        "count": 1,
        "total_count": 3,
        "sort": "created_at",
        "order": "ASC",
    }
    assert [each["virtual_bank_account_id"] for each in answer.json["data"]] == [rows[1].id]


# --- By themselves ---


def test_they_come_with_the_activation_where_the_profile_says_so(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides=AUTOMATIC)
    owner = seeding.user(desk.world)
    group = open_group(desk, owner.id)
    told = desk.advance()
    assert told.index("VIRTUAL_BANK_ACCOUNT.CREATED") > told.index("ACCOUNT_GROUP.ACTIVATED")
    assert desk.world.table(VIRTUAL_BANK_ACCOUNTS).count("group", group.id) == 1
    assert [event["account_group_id"] for event in desk.told("VIRTUAL_BANK_ACCOUNT.CREATED")] == [group.id]


def test_a_group_that_is_unlocked_keeps_its_account(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides=AUTOMATIC)
    for state in ("LOCKED", "ACTIVE", "LOCKED", "ACTIVE"):
        desk.move("account_groups", desk.group_id, state)
    assert desk.told("VIRTUAL_BANK_ACCOUNT.CREATED") == []
    assert desk.world.table(VIRTUAL_BANK_ACCOUNTS).count("group", desk.group_id) == 1


def test_by_default_the_client_creates_them(desk: Desk) -> None:
    open_group(desk, seeding.user(desk.world).id)
    assert "VIRTUAL_BANK_ACCOUNT.CREATED" not in desk.advance()


# --- Refused ---


@pytest.mark.parametrize("state", ["PENDING_APPROVAL", "LOCKED", "CLOSING", "CLOSED"])
def test_the_group_has_to_be_active(desk: Desk, state: str) -> None:
    row = virtual_account(desk)
    groups = desk.world.table(ACCOUNT_GROUPS)
    groups.put(groups[desk.group_id].evolve(status=state))
    refusal = desk.refused("create_virtual_bank_account", body={"account_group_id": desk.group_id})
    assert (refusal.rule.status, refusal.rule.name) == (400, "virtual-bank-account.group-status")
    assert desk.call("retrieve_virtual_bank_account", {"virtual_bank_account_id": row.id}) == row


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        ("retrieve_virtual_bank_account", {"virtual_bank_account_id": NOBODY}),
        ("list_virtual_bank_accounts", {"account_group_id": NOBODY}),
        ("retrieve_funding_details", {"account_group_id": NOBODY}),
        ("list_credit_fundings", {"account_group_id": NOBODY}),
        ("retrieve_credit_funding", {"credit_funding_id": NOBODY}),
    ],
)
def test_what_does_not_exist_is_404(desk: Desk, operation: str, path: dict[str, str]) -> None:
    assert desk.refused(operation, path).rule.status == 404


def test_an_unknown_group_is_404(desk: Desk) -> None:
    refusal = desk.refused("create_virtual_bank_account", body={"account_group_id": NOBODY})
    assert refusal.rule.status == 404


async def test_switched_off_is_403_for_creation_only(desk: Desk, client: Api) -> None:
    row = virtual_account(desk)
    desk.world.profile = profile("sandbox", {"payments": {"virtual_accounts": "off"}})
    answer = await client.post("/payments/virtual_bank_accounts", json={"nothing": "of this"})
    assert (answer.status, "payments.virtual_accounts" in answer.detail) == (403, True)
    assert (await client.get(f"/payments/virtual_bank_accounts/{row.id}")).json["id"] == row.id
