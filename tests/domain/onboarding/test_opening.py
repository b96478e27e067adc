"""trading.md §6, §7: opening account groups, and what they wait for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson
import pytest

from mockserver.domain import seeding
from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, ACCOUNTS
from tests.conftest import Api
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_100, NOBODY, Desk
from tests.domain.support.onboarding import set_residencies
from tests.domain.support.openings import (
    account_status,
    activate,
    open_account,
    open_group,
    person,
    roles_in,
    status_of,
)

AT_ONCE = {"behaviour": {"new_account": "ACTIVE"}}
"""As the answer examples show it."""


# --- Account groups (§7.1) ---


def test_a_new_group_reads_as_the_contract_says(desk: Desk) -> None:
    user_id = person(desk)
    group = open_group(desk, user_id)
    assert orjson.loads(group.wire) == {
        "id": group.id,
        "created_at": "2023-01-10T09:00:00Z",
        "updated_at": "2023-01-10T09:00:00Z",
        "users": [{"id": user_id, "type": "OWNER"}],
        "status": "PENDING_APPROVAL",
        "type": "PERSONAL",
        "securities_account_number": group.securities_account_number,
    }
    assert desk.told("ACCOUNT_GROUP.CREATED") == [orjson.loads(group.wire)]
    assert desk.call("retrieve_account_group", {"account_group_id": group.id}) == group


@pytest.mark.parametrize(
    ("type_", "first"),
    [
        ("PERSONAL", "OWNER"),
        ("LEGAL_ENTITY", "OWNER"),
        ("FRENCH_PEA", "OWNER"),
        ("ISA", "OWNER"),
        ("JOINT", "OWNER"),
        ("CHILD", "CHILD"),
    ],
)
def test_the_first_member_gets_a_role_by_the_type_of_the_group(desk: Desk, type_: str, first: str) -> None:
    user_id = person(desk)
    group = open_group(desk, user_id, type_)
    assert [(member.id, member.type) for member in group.users] == [(user_id, first)]
    assert roles_in(desk, group.id) == [(user_id, first, "PENDING")]
    assert desk.types_since() == ["ACCOUNT_GROUP.CREATED", "ROLE.CREATED"]


@pytest.mark.parametrize("type_", ["PERSONAL", "LEGAL_ENTITY"])
def test_a_group_of_an_active_user_becomes_active_after_its_role(desk: Desk, type_: str) -> None:
    group = open_group(desk, person(desk), type_)
    position = desk.world.events.end
    assert desk.advance() == ["ROLE.ACTIVATED", "ACCOUNT_GROUP.ACTIVATED"]
    assert [event.object.wire for event in desk.events_since(position)][1] == desk.world.table(ACCOUNT_GROUPS)[
        group.id
    ].wire


def test_a_french_pea_group_waits_for_a_tax_number(desk: Desk) -> None:
    """newer.md §11: any country will do; a residency without a number does not."""
    user_id = person(desk)
    group = open_group(desk, user_id, "FRENCH_PEA")
    assert desk.advance("1d") == ["ROLE.ACTIVATED"]
    without = {"tax_residencies": [{"country": "FR", "missing_tin_reason": "OTHER_REASONS"}]}
    desk.call("set_tax_residencies", {"user_id": user_id}, body=without)
    assert desk.advance("1d") == []
    held = desk.world.holds.get("account_groups", group.id)
    assert held is not None
    assert f"POST /users/{user_id}/tax_residencies" in held.reason
    set_residencies(desk, "BE", user_id=user_id)
    assert desk.advance() == ["ACCOUNT_GROUP.ACTIVATED"]


def test_a_french_pea_group_waits_for_nothing_where_the_profile_says_so(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"isa": {"pea_groups_wait": False}})
    open_group(desk, person(desk), "FRENCH_PEA")
    assert desk.advance() == ["ROLE.ACTIVATED", "ACCOUNT_GROUP.ACTIVATED"]


@pytest.mark.parametrize("type_", ["FRENCH_PEA", "ISA"])
def test_where_groups_are_active_at_once_one_that_waits_for_more_is_not(open_desk: OpenDesk, type_: str) -> None:
    desk = open_desk(overrides={"behaviour": {"new_account": "ACTIVE"}})
    assert open_group(desk, person(desk), type_).status == "PENDING_APPROVAL"
    assert open_group(desk, person(desk)).status == "ACTIVE"


@pytest.mark.parametrize("type_", ["CHILD", "JOINT"])
def test_a_group_of_two_waits_for_the_second(desk: Desk, type_: str) -> None:
    group = open_group(desk, person(desk), type_)
    assert desk.advance("1d") == ["ROLE.ACTIVATED"]
    assert status_of(desk, group.id) == "PENDING_APPROVAL"


def test_a_waiting_group_says_what_it_waits_for(desk: Desk) -> None:
    group = open_group(desk, person(desk), "JOINT")
    desk.advance()
    held = desk.world.holds.get("account_groups", group.id)
    assert held is not None
    assert held.reason == f"1 of 2 OWNER roles of account group {group.id} are active"


def test_a_user_may_have_groups_of_other_types_besides(desk: Desk) -> None:
    for type_ in ("ISA", "ISA", "FRENCH_PEA", "LEGAL_ENTITY", "JOINT"):
        open_group(desk, desk.user_id, type_)
    path = {"user_id": desk.user_id}
    types = [group.type for group in desk.rows("list_user_account_groups", path)]
    assert sorted(types) == ["FRENCH_PEA", "ISA", "ISA", "JOINT", "LEGAL_ENTITY", "PERSONAL"]


def test_a_second_personal_group_is_refused(desk: Desk) -> None:
    refusal = desk.refused("create_account_group", body={"user_id": desk.user_id, "type": "PERSONAL"})
    assert (refusal.rule.name, refusal.rule.status) == ("account-group.second-personal", 400)
    assert desk.group_id in refusal.detail


def test_a_new_personal_group_may_follow_a_closed_one(desk: Desk) -> None:
    """Inferred: one that is closed does not count."""
    for to in ("CLOSING", "CLOSED"):
        desk.move("account_groups", desk.group_id, to)
    assert open_group(desk, desk.user_id).status == "PENDING_APPROVAL"


@pytest.mark.parametrize("type_", ["PERSONAL", "JOINT", "CHILD"])
def test_a_group_of_an_unknown_user_is_404(desk: Desk, type_: str) -> None:
    refusal = desk.refused("create_account_group", body={"user_id": NOBODY, "type": type_})
    assert (refusal.rule.status, refusal.detail) == (404, f"There is no user {NOBODY}.")


def test_a_group_of_an_unknown_business_is_404(desk: Desk) -> None:
    refusal = desk.refused("create_account_group", body={"business_id": NOBODY, "type": "BUSINESS"})
    assert (refusal.rule.status, refusal.detail) == (404, f"There is no business {NOBODY}.")


def test_a_group_of_a_user_who_leaves_is_refused(desk: Desk) -> None:
    leaving = person(desk, "OFFBOARDING")
    assert desk.refused("create_account_group", body={"user_id": leaving, "type": "PERSONAL"}).rule.status == 400


@pytest.mark.parametrize("type_", ["PERSONAL", "BUSINESS"])
def test_a_group_of_two_holders_is_refused(desk: Desk, type_: str) -> None:
    body = {"user_id": person(desk), "business_id": NOBODY, "type": type_}
    refusal = desk.refused("create_account_group", body=body)
    assert (refusal.rule.name, refusal.rule.status) == ("account-group.two-holders", 400)


def test_other_members_that_the_contract_does_not_know_are_ignored(desk: Desk) -> None:
    assert open_group(desk, person(desk), nickname="Piggy bank").type == "PERSONAL"


def test_the_main_currency_of_an_isa_is_the_pound(desk: Desk) -> None:
    currencies = {}
    for type_ in ("PERSONAL", "ISA"):
        group = open_group(desk, person(desk), type_)
        [balance] = desk.rows("retrieve_cash_balances", {"account_group_id": group.id})
        currencies[type_] = balance.currency
    assert currencies == {"PERSONAL": "EUR", "ISA": "GBP"}


# --- Securities account numbers ---


@pytest.mark.parametrize("number", ["1234567", "123456789012"])
def test_a_client_may_give_the_number(desk: Desk, number: str) -> None:
    assert open_group(desk, person(desk), securities_account_number=number).securities_account_number == number


def test_a_number_in_use_is_refused(desk: Desk) -> None:
    number = desk.world.table(ACCOUNT_GROUPS)[desk.group_id].securities_account_number
    body = {"user_id": person(desk), "type": "ISA", "securities_account_number": number}
    refusal = desk.refused("create_account_group", body=body)
    assert (refusal.rule.name, refusal.rule.status) == ("account-group.number-in-use", 400)


def test_a_number_that_is_given_has_nine_digits_and_is_not_in_use(open_desk: OpenDesk) -> None:
    desk, twin = open_desk(), open_desk()
    drawn = open_group(twin, person(twin)).securities_account_number
    assert len(drawn) == 9
    taken = open_group(desk, person(desk), securities_account_number=drawn)
    other = open_group(desk, person(desk)).securities_account_number
    assert taken.securities_account_number == drawn != other
    assert len(other) == 9


# --- Waiting for the user (§6) ---


def test_the_activation_of_a_user_goes_down_to_the_orders_that_wait(desk: Desk) -> None:
    user_id = person(desk, "INACTIVE")
    group = open_group(desk, user_id)
    first, second = (open_account(desk, group.id, user_id) for _ in range(2))
    seeding.cash(desk.world, account_group_id=group.id, amount=Decimal(1))
    desk.account_id, desk.user_id, desk.group_id = first.id, user_id, group.id
    desk.place("BUY", AT_100, amount="1")
    desk.advance("1d")
    assert (status_of(desk, group.id), account_status(desk, first.id)) == ("PENDING_APPROVAL", "PENDING_APPROVAL")
    assert activate(desk, user_id) == [
        "USER.ACTIVATED",
        "ROLE.ACTIVATED",
        "ACCOUNT_GROUP.ACTIVATED",
        "ACCOUNT.ACTIVATED",
        "ACCOUNT.ACTIVATED",
        "ORDER.PROCESSING",
    ]
    assert [row["id"] for row in desk.told("ACCOUNT.ACTIVATED")] == [first.id, second.id]


def test_every_waiting_group_of_a_user_is_activated(desk: Desk) -> None:
    user_id = person(desk, "INACTIVE")
    groups = [open_group(desk, user_id, type_).id for type_ in ("PERSONAL", "LEGAL_ENTITY")]
    desk.advance("1d")
    activate(desk, user_id)
    assert [status_of(desk, group_id) for group_id in groups] == ["ACTIVE", "ACTIVE"]


def test_a_user_onboarded_by_a_byol_client_walks_the_whole_road(desk: Desk) -> None:
    body = {
        "first_name": "Erika",
        "last_name": "Mustermann",
        "birth_date": "1980-08-12",
        "nationalities": ["DE"],
        "address": {"address_line1": "Unter den Linden 1", "postcode": "10117", "city": "Berlin", "country": "DE"},
    }
    user = desk.call("create_user", body=body)
    group = open_group(desk, user.id)
    account = open_account(desk, group.id, user.id)
    position = desk.world.events.end
    desk.advance("10s")
    families = ("USER", "ROLE", "ACCOUNT_GROUP", "ACCOUNT")
    told = [event.type for event in desk.events_since(position) if event.family in families]
    assert told == ["USER.ACTIVATED", "ROLE.ACTIVATED", "ACCOUNT_GROUP.ACTIVATED", "ACCOUNT.ACTIVATED"]
    assert account_status(desk, account.id) == "ACTIVE"


def test_a_profile_may_answer_active_at_once_as_the_examples_do(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides=AT_ONCE)
    user_id = person(desk)
    group = open_group(desk, user_id)
    account = open_account(desk, group.id, user_id)
    assert (group.status, account.status) == ("ACTIVE", "ACTIVE")
    assert desk.types_since() == ["ACCOUNT_GROUP.CREATED", "ROLE.CREATED", "ACCOUNT.CREATED"]
    assert roles_in(desk, group.id) == [(user_id, "OWNER", "ACTIVE")]
    assert desk.advance("1d") == []


@pytest.mark.parametrize(("status", "type_"), [("INACTIVE", "PERSONAL"), ("ACTIVE", "JOINT"), ("ACTIVE", "CHILD")])
def test_active_at_once_is_only_what_waits_for_nothing(open_desk: OpenDesk, status: str, type_: str) -> None:
    desk = open_desk(overrides=AT_ONCE)
    user_id = person(desk, status)
    assert open_group(desk, user_id, type_).status == "PENDING_APPROVAL"


# --- On the wire ---


async def test_a_group_and_an_account_over_http(client: Api, desk: Desk) -> None:
    user_id = person(desk)
    group = await client.post("/account_groups", json={"user_id": user_id, "type": "PERSONAL"})
    assert group.status == 200
    body = {"user_id": user_id, "account_group_id": group.json["id"], "type": "TRADING", "name": "Main account"}
    account = await client.post("/accounts", json=body)
    assert (account.status, account.json["account_number"]) == (200, 1)
    desk.advance()
    path = f"/accounts/{account.json['id']}"
    assert (await client.get(path)).json["status"] == "ACTIVE"
    renamed = await client.patch(path, json={"name": "Other"}, key=None)
    assert (renamed.status, renamed.json["name"]) == (200, "Other")
    assert (await client.get(path)).body == renamed.body


@pytest.mark.parametrize("path", ["/account_groups", "/accounts"])
async def test_opening_needs_an_idempotency_key(client: Api, desk: Desk, path: str) -> None:
    body = {"user_id": person(desk), "type": "PERSONAL" if path == "/account_groups" else "TRADING"}
    answer = await client.post(path, json={**body, "account_group_id": desk.group_id}, key=None)
    assert (answer.status, answer.json["type"].rpartition("/")[2]) == (400, "missing_idempotency_key")
    assert (len(desk.world.table(ACCOUNT_GROUPS)), len(desk.world.table(ACCOUNTS))) == (1, 1)


async def test_a_repeated_opening_opens_once(client: Api, desk: Desk) -> None:
    body, key = {"user_id": person(desk), "type": "PERSONAL"}, "8962b496-8d42-4560-bfab-10490dd1a721"
    first, second = [await client.post("/account_groups", json=body, key=key) for _ in range(2)]
    assert (first.status, first.body) == (second.status, second.body)
    assert len(desk.world.table(ACCOUNT_GROUPS)) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"securities_account_number": "123456"},
        {"securities_account_number": "1234567890123"},
        {"type": "BUSINESS"},
        {"type": "personal"},
        {"user_id": "nobody"},
    ],
)
async def test_a_group_that_the_contract_does_not_know_is_refused(
    client: Api, desk: Desk, wrong: dict[str, Any]
) -> None:
    answer = await client.post("/account_groups", json={"user_id": person(desk), "type": "PERSONAL", **wrong})
    assert answer.status == 400
    assert len(desk.world.table(ACCOUNT_GROUPS)) == 1
