"""trading.md §7: opening accounts in a group, and renaming them."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from mockserver.domain import seeding
from mockserver.domain.accounts.accounts import ACCOUNTS
from mockserver.domain.accounts.holders import members
from tests.conftest import Api
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import NOBODY, Desk
from tests.domain.support.openings import give_role, open_account, open_group, person

# --- Accounts (§7.1, §7.3) ---


def test_a_new_account_reads_as_the_contract_says(desk: Desk) -> None:
    account = open_account(desk, desk.group_id, desk.user_id)
    assert orjson.loads(account.wire) == {
        "id": account.id,
        "created_at": "2023-01-10T09:00:00Z",
        "updated_at": "2023-01-10T09:00:00Z",
        "account_group_id": desk.group_id,
        "type": "TRADING",
        "users": [{"id": desk.user_id, "type": "OWNER"}],
        "account_number": 2,
        "name": "",
        "status": "PENDING_APPROVAL",
    }
    assert desk.told("ACCOUNT.CREATED") == [orjson.loads(account.wire)]
    assert desk.advance() == ["ACCOUNT.ACTIVATED"]


@pytest.mark.parametrize("type_", ["TRADING", "PORTFOLIO"])
def test_an_account_has_the_type_and_the_name_it_was_given(desk: Desk, type_: str) -> None:
    account = open_account(desk, desk.group_id, desk.user_id, type_, name="Rainy days")
    assert (account.type, account.name) == (type_, "Rainy days")


def test_account_numbers_go_on_after_a_closed_account(desk: Desk) -> None:
    for to in ("CLOSING", "CLOSED"):
        desk.move("accounts", desk.account_id, to)
    assert open_account(desk, desk.group_id, desk.user_id).account_number == 2


def refused_account(desk: Desk, **others: Any) -> tuple[str, int]:
    body = {"user_id": desk.user_id, "account_group_id": desk.group_id, "type": "TRADING", **others}
    rule = desk.refused("create_account", body=body).rule
    return rule.name, rule.status


def test_an_account_of_an_unknown_user_is_404(desk: Desk) -> None:
    assert refused_account(desk, user_id=NOBODY) == ("resource.unknown", 404)


def test_an_account_in_an_unknown_group_is_404(desk: Desk) -> None:
    assert refused_account(desk, account_group_id=NOBODY) == ("resource.unknown", 404)


def test_an_account_of_an_unknown_business_is_404(desk: Desk) -> None:
    body = {"business_id": NOBODY, "account_group_id": desk.group_id, "type": "TRADING"}
    refusal = desk.refused("create_account", body=body)
    assert (refusal.rule.status, refusal.detail) == (404, f"There is no business {NOBODY}.")


def test_an_account_of_somebody_outside_the_group_is_404(desk: Desk) -> None:
    assert refused_account(desk, user_id=person(desk)) == ("account.member", 404)


def test_an_account_of_a_user_who_leaves_is_refused(desk: Desk) -> None:
    user_id = person(desk)
    group = open_group(desk, user_id)
    desk.move("users", user_id, "OFFBOARDING")
    assert refused_account(desk, user_id=user_id, account_group_id=group.id)[1] == 400


@pytest.mark.parametrize("status", ["CLOSING", "CLOSED", "LOCKED"])
def test_an_account_in_a_group_that_takes_none_is_refused(open_desk: OpenDesk, status: str) -> None:
    desk = open_desk("manual")
    group = seeding.account_group(desk.world, status=status)
    refused = refused_account(desk, user_id=members(group)[0].id, account_group_id=group.id)
    assert refused == ("account.group-closing", 400)


def test_an_account_in_a_joint_group_needs_an_owner_whose_role_is_active(desk: Desk) -> None:
    owner, other = person(desk), person(desk, "INACTIVE")
    group = open_group(desk, owner, "JOINT")
    give_role(desk, group.id, other)
    assert refused_account(desk, user_id=owner, account_group_id=group.id) == ("account.joint-owner-pending", 404)
    desk.advance()
    assert open_account(desk, group.id, owner).status == "PENDING_APPROVAL"
    assert refused_account(desk, user_id=other, account_group_id=group.id) == ("account.joint-owner-pending", 404)
    assert refused_account(desk, user_id=person(desk), account_group_id=group.id) == ("account.member", 404)


def test_an_account_belongs_to_every_member_of_its_group(desk: Desk) -> None:
    owner, other = person(desk), person(desk)
    group = open_group(desk, owner, "JOINT")
    give_role(desk, group.id, other)
    desk.advance()
    account = open_account(desk, group.id, other)
    assert [(member.id, member.type) for member in account.users] == [(owner, "OWNER"), (other, "OWNER")]
    for user_id in (owner, other):
        assert [row.id for row in desk.rows("list_user_accounts", {"user_id": user_id})] == [account.id]
        assert [row.id for row in desk.rows("list_user_account_groups", {"user_id": user_id})] == [group.id]


def test_an_account_opened_while_its_group_waits_is_told_after_it(desk: Desk) -> None:
    user_id = person(desk)
    group = open_group(desk, user_id)
    open_account(desk, group.id, user_id)
    assert desk.advance() == ["ROLE.ACTIVATED", "ACCOUNT_GROUP.ACTIVATED", "ACCOUNT.ACTIVATED"]


# --- Renaming ---


def test_a_new_name_is_answered_and_told(desk: Desk) -> None:
    desk.advance("1h")
    renamed = desk.call("update_account", {"account_id": desk.account_id}, body={"name": "Holidays"})
    assert (renamed.name, renamed.updated_at, renamed.status) == ("Holidays", desk.world.now, "ACTIVE")
    assert desk.told("ACCOUNT.UPDATED") == [orjson.loads(renamed.wire)]
    assert desk.types_since() == ["ACCOUNT.UPDATED"]
    assert desk.account == renamed


def test_a_name_may_be_emptied(desk: Desk) -> None:
    for name in ("Holidays", ""):
        desk.call("update_account", {"account_id": desk.account_id}, body={"name": name})
    assert desk.account.name == ""


def test_a_change_of_nothing_changes_and_tells_nothing(desk: Desk) -> None:
    before = desk.account
    assert desk.call("update_account", {"account_id": desk.account_id}, body={}) == before
    assert desk.types_since() == []


def test_renaming_an_unknown_account_is_404(desk: Desk) -> None:
    assert desk.refused("update_account", {"account_id": NOBODY}, body={"name": "x"}).rule.status == 404


# --- On the wire ---


async def test_an_account_of_two_holders_is_refused(client: Api, desk: Desk) -> None:
    body = {"user_id": desk.user_id, "business_id": NOBODY, "account_group_id": desk.group_id, "type": "TRADING"}
    answer = await client.post("/accounts", json=body)
    assert answer.status == 400
    assert (len(desk.world.table(ACCOUNTS)), desk.types_since()) == (1, [])


@pytest.mark.parametrize("body", [{"name": "x" * 101}, {"name": "x", "type": "PORTFOLIO"}])
async def test_a_change_that_the_contract_does_not_know_is_refused(
    client: Api, desk: Desk, body: dict[str, Any]
) -> None:
    answer = await client.patch(f"/accounts/{desk.account_id}", json=body, key=None)
    assert answer.status == 400
    assert desk.types_since() == []
