"""trading.md §6, §7.1; payments.md §14: roles, and the groups of two that wait for them."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from mockserver.domain import seeding
from mockserver.domain.accounts import roles
from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, ACCOUNTS
from mockserver.domain.accounts.holders import members
from mockserver.domain.accounts.roles import ROLES
from mockserver.domain.onboarding import checks
from mockserver.kernel.lifecycle import Hold, IllegalMoveError
from tests.conftest import Api
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import NOBODY, Desk
from tests.domain.support.onboarding import guardian, send
from tests.domain.support.openings import (
    activate,
    give_role,
    open_account,
    open_group,
    person,
    role_for,
    roles_in,
    status_of,
)

TOL = {"behaviour": {"licence": "TOL"}}


def refused(desk: Desk, body: dict[str, Any]) -> tuple[str, int]:
    rule = desk.refused("create_role", body=body).rule
    return rule.name, rule.status


# --- Giving a role ---


def test_a_new_role_reads_as_the_contract_says(desk: Desk) -> None:
    group = open_group(desk, person(desk), "CHILD")
    user_id = person(desk)
    role = give_role(desk, group.id, user_id, "GUARDIAN", custody_type="SOLE_CUSTODY")
    assert orjson.loads(role.wire) == {
        "id": role.id,
        "created_at": "2023-01-10T09:00:00Z",
        "updated_at": "2023-01-10T09:00:00Z",
        "user_id": user_id,
        "entity_type": "ACCOUNT_GROUP",
        "entity_id": group.id,
        "role_type": "GUARDIAN",
        "status": "PENDING",
        "custody_type": "SOLE_CUSTODY",
    }
    assert desk.told("ROLE.CREATED")[1] == orjson.loads(role.wire)
    assert desk.call("retrieve_role", {"role_id": role.id}) == role


def test_a_role_without_custody_type_shows_none(desk: Desk) -> None:
    role = give_role(desk, open_group(desk, person(desk), "CHILD").id, person(desk), "GUARDIAN")
    assert "custody_type" not in orjson.loads(role.wire)


def test_a_joint_group_is_active_when_both_owners_are(desk: Desk) -> None:
    first, second = person(desk), person(desk)
    group = open_group(desk, first, "JOINT")
    desk.advance()
    give_role(desk, group.id, second)
    assert roles_in(desk, group.id) == [(first, "OWNER", "ACTIVE"), (second, "OWNER", "PENDING")]
    assert desk.advance() == ["ROLE.ACTIVATED", "ACCOUNT_GROUP.ACTIVATED"]


def test_a_joint_group_waits_for_the_second_user_too(desk: Desk) -> None:
    first, second = person(desk), person(desk, "INACTIVE")
    group = open_group(desk, first, "JOINT")
    give_role(desk, group.id, second)
    desk.advance("1d")
    assert status_of(desk, group.id) == "PENDING_APPROVAL"
    assert activate(desk, second) == ["USER.ACTIVATED", "ROLE.ACTIVATED", "ACCOUNT_GROUP.ACTIVATED"]


def test_a_child_s_group_is_active_when_child_and_guardian_are(desk: Desk) -> None:
    child, parent = person(desk), person(desk)
    group = open_group(desk, child, "CHILD")
    give_role(desk, group.id, parent, "GUARDIAN")
    open_account(desk, group.id, child)
    assert desk.advance() == ["ROLE.ACTIVATED", "ROLE.ACTIVATED", "ACCOUNT_GROUP.ACTIVATED", "ACCOUNT.ACTIVATED"]


def test_a_guardian_of_a_tol_client_waits_for_the_guardian_check(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides=TOL)
    child, parent = person(desk), person(desk)
    group = open_group(desk, child, "CHILD")
    role = give_role(desk, group.id, parent, "GUARDIAN")
    assert desk.advance("1d") == ["ROLE.ACTIVATED"]
    held = desk.world.holds.get("roles", role.id)
    assert held is not None
    assert "GUARDIAN check" in held.reason
    send(desk, guardian(role.id), parent)
    told = [type_ for type_ in desk.advance("1m") if not type_.startswith("USER_CHECK")]
    assert told == ["ROLE.ACTIVATED", "ACCOUNT_GROUP.ACTIVATED"]


def test_a_guardian_check_for_another_role_helps_nobody(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides=TOL)
    parent = person(desk)
    group = open_group(desk, person(desk), "CHILD")
    other = open_group(desk, person(desk), "CHILD")
    give_role(desk, group.id, parent, "GUARDIAN")
    role = give_role(desk, other.id, parent, "GUARDIAN")
    send(desk, guardian(role.id), parent)
    desk.advance("1m")
    assert (status_of(desk, group.id), status_of(desk, other.id)) == ("PENDING_APPROVAL", "ACTIVE")


def test_a_guardian_check_that_passed_first_still_waits_for_its_user(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides=TOL)
    parent = person(desk, "INACTIVE")
    group = open_group(desk, person(desk), "CHILD")
    role = give_role(desk, group.id, parent, "GUARDIAN")
    send(desk, guardian(role.id), parent)
    desk.advance("1m")
    assert checks.passed_guardian(desk.world, parent, role.id)
    assert status_of(desk, group.id) == "PENDING_APPROVAL"
    activate(desk, parent)
    assert status_of(desk, group.id) == "ACTIVE"


def test_a_child_may_have_two_guardians(desk: Desk) -> None:
    group = open_group(desk, person(desk), "CHILD")
    for _ in range(2):
        give_role(desk, group.id, person(desk), "GUARDIAN", custody_type="JOINT_CUSTODY")
    desk.advance()
    assert [status for _, _, status in roles_in(desk, group.id)] == ["ACTIVE"] * 3


def test_a_new_member_is_shown_in_the_group_and_its_accounts(desk: Desk) -> None:
    first, second = person(desk), person(desk)
    group = open_group(desk, first, "JOINT")
    desk.advance()
    account = open_account(desk, group.id, first)
    give_role(desk, group.id, second)
    members = [{"id": first, "type": "OWNER"}, {"id": second, "type": "OWNER"}]
    for row in (desk.world.table(ACCOUNT_GROUPS)[group.id], desk.world.table(ACCOUNTS)[account.id]):
        assert orjson.loads(row.wire)["users"] == members
    assert [row.id for row in desk.rows("list_user_accounts", {"user_id": second})] == [account.id]


@pytest.mark.parametrize(("type_", "role"), [("JOINT", "OWNER"), ("CHILD", "GUARDIAN")])
def test_a_new_member_is_announced_with_the_whole_group(desk: Desk, type_: str, role: str) -> None:
    """newer.md §4: ACCOUNT_GROUP.UPDATED exists since 1.131."""
    first, second = person(desk), person(desk)
    group = open_group(desk, first, type_)
    desk.advance()
    position = desk.world.events.end
    given = give_role(desk, group.id, second, role)
    assert desk.types_since(position) == ["ROLE.CREATED", "ACCOUNT_GROUP.UPDATED"]
    [shown] = desk.told("ACCOUNT_GROUP.UPDATED")
    assert shown == orjson.loads(desk.world.table(ACCOUNT_GROUPS)[group.id].wire)
    assert shown["users"][1] == {"id": second, "type": role}
    desk.move("roles", given.id, "DEACTIVATED")
    give_role(desk, group.id, second, role)
    assert len(desk.told("ACCOUNT_GROUP.UPDATED")) == 1, "who was a member already is no new one"


def test_a_client_of_the_contract_alone_is_sent_no_update_of_groups(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"behaviour": {"group_updates": "left_out"}})
    group = open_group(desk, person(desk), "JOINT")
    give_role(desk, group.id, person(desk))
    assert desk.told("ACCOUNT_GROUP.UPDATED") == []


def test_a_profile_may_give_active_roles_at_once(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"behaviour": {"new_account": "ACTIVE"}})
    group = open_group(desk, person(desk), "JOINT")
    assert give_role(desk, group.id, person(desk)).status == "ACTIVE"
    assert desk.advance() == ["ACCOUNT_GROUP.ACTIVATED"]


# --- What is refused ---


def test_a_role_for_an_unknown_user_is_refused(desk: Desk) -> None:
    group = open_group(desk, person(desk), "JOINT")
    assert refused(desk, role_for(group.id, NOBODY)) == ("role.user-unknown", 400)


def test_a_role_for_a_user_who_leaves_is_refused(desk: Desk) -> None:
    group = open_group(desk, person(desk), "JOINT")
    assert refused(desk, role_for(group.id, person(desk, "OFFBOARDING")))[1] == 400


def test_a_role_in_an_unknown_group_is_refused(desk: Desk) -> None:
    assert refused(desk, role_for(NOBODY, person(desk))) == ("role.entity-unknown", 400)


def test_a_role_in_an_unknown_business_is_refused(desk: Desk) -> None:
    body = {"user_id": person(desk), "entity_type": "BUSINESS", "entity_id": NOBODY, "role_type": "TRADER"}
    assert refused(desk, body) == ("role.entity-unknown", 400)


@pytest.mark.parametrize("status", ["CLOSING", "CLOSED"])
def test_a_role_in_a_group_that_closes_is_refused(open_desk: OpenDesk, status: str) -> None:
    desk = open_desk("manual")
    group = seeding.account_group(desk.world, type="JOINT", status=status)
    assert refused(desk, role_for(group.id, person(desk))) == ("role.group-closing", 400)


@pytest.mark.parametrize(
    ("type_", "role"),
    [
        ("PERSONAL", "OWNER"),
        ("PERSONAL", "GUARDIAN"),
        ("ISA", "OWNER"),
        ("LEGAL_ENTITY", "OWNER"),
        ("FRENCH_PEA", "OWNER"),
        ("CHILD", "OWNER"),
        ("JOINT", "GUARDIAN"),
    ],
)
def test_a_role_that_the_type_of_the_group_does_not_know_is_refused(desk: Desk, type_: str, role: str) -> None:
    group = open_group(desk, person(desk), type_)
    assert refused(desk, role_for(group.id, person(desk), role)) == ("role.group-type", 400)


def test_a_third_owner_is_refused(desk: Desk) -> None:
    group = open_group(desk, person(desk), "JOINT")
    give_role(desk, group.id, person(desk))
    assert refused(desk, role_for(group.id, person(desk))) == ("role.third-owner", 400)


@pytest.mark.parametrize(("type_", "role"), [("JOINT", "OWNER"), ("CHILD", "GUARDIAN")])
def test_a_member_gets_no_second_role_in_the_same_group(desk: Desk, type_: str, role: str) -> None:
    user_id = person(desk)
    group = open_group(desk, user_id, type_)
    assert refused(desk, role_for(group.id, user_id, role)) == ("role.held", 400)


def test_an_owner_has_no_custody(desk: Desk) -> None:
    group = open_group(desk, person(desk), "JOINT")
    assert refused(desk, role_for(group.id, person(desk), custody_type="SOLE_CUSTODY")) == ("role.custody", 400)


# --- Reading ---


def test_roles_are_listed_of_all_of_a_user_or_of_a_group(desk: Desk) -> None:
    [seeded] = desk.rows("list_roles")
    first, second = person(desk), person(desk)
    child, joint = open_group(desk, first, "CHILD"), open_group(desk, first, "JOINT")
    desk.advance()
    given = give_role(desk, joint.id, second)

    def listed(**query: str) -> list[str]:
        return [role.entity_id for role in desk.rows("list_roles", {}, **query)]

    assert sorted(listed()) == sorted([seeded.entity_id, child.id, joint.id, joint.id])
    assert sorted(listed(user_id=first)) == sorted([child.id, joint.id])
    assert listed(entity_id=joint.id) == [joint.id, joint.id]
    assert desk.rows("list_roles", {}, entity_id=joint.id, user_id=second) == [given]
    assert listed(user_id=NOBODY) == listed(entity_id=NOBODY) == []


def test_roles_are_listed_by_creation_or_update(desk: Desk) -> None:
    users = [person(desk), person(desk, "INACTIVE")]
    desk.advance("1h")
    [older, newer] = [roles.of_entity(desk.world, open_group(desk, user_id).id)[0].id for user_id in reversed(users)]
    desk.advance()
    order = [role.id for role in desk.rows("list_roles", {}, sort="updated_at")]
    assert order[-2:] == [older, newer]
    assert desk.call("list_roles").sort == "created_at"
    created = [(role.created_at, role.id) for role in desk.rows("list_roles")]
    assert created == sorted(created)


def test_an_unknown_role_is_404(desk: Desk) -> None:
    assert desk.refused("retrieve_role", {"role_id": NOBODY}).rule.status == 404
    assert desk.refused("role_deactivation", {"role_id": NOBODY}).rule.status == 404


# --- Taking away ---


def test_a_role_in_a_group_is_not_taken_away_by_request(desk: Desk) -> None:
    [role] = desk.rows("list_roles")
    refusal = desk.refused("role_deactivation", {"role_id": role.id})
    assert (refusal.rule.name, refusal.rule.status) == ("role.in-a-group", 403)


@pytest.mark.parametrize("source", ["PENDING", "ACTIVE"])
def test_upvest_takes_a_role_away_for_good(desk: Desk, source: str) -> None:
    user_id = person(desk, "ACTIVE" if source == "ACTIVE" else "INACTIVE")
    [role] = roles.of_entity(desk.world, open_group(desk, user_id).id)
    desk.advance()
    assert desk.move("roles", role.id, "DEACTIVATED") == ["ROLE.DEACTIVATED"]
    assert desk.told("ROLE.DEACTIVATED")[0]["status"] == "DEACTIVATED"
    with pytest.raises(IllegalMoveError):
        desk.move("roles", role.id, "ACTIVE")
    assert desk.advance("1d") == []


def test_another_guardian_may_follow_one_whose_role_was_taken_away(desk: Desk) -> None:
    group = open_group(desk, person(desk), "CHILD")
    parent = person(desk, "INACTIVE")
    gone = give_role(desk, group.id, parent, "GUARDIAN")
    desk.move("roles", gone.id, "DEACTIVATED")
    give_role(desk, group.id, person(desk), "GUARDIAN")
    desk.advance()
    assert status_of(desk, group.id) == "ACTIVE"
    again = give_role(desk, group.id, parent, "GUARDIAN")
    assert again.id != gone.id
    assert len(members(desk.world.table(ACCOUNT_GROUPS)[group.id])) == 3


def test_a_role_cannot_be_approved_by_command_before_its_user(desk: Desk) -> None:
    [role] = roles.of_entity(desk.world, open_group(desk, person(desk, "INACTIVE")).id)
    with pytest.raises(Hold, match="is INACTIVE"):
        desk.move("roles", role.id, "ACTIVE")


# --- Groups that are there before the first request ---


def test_a_seeded_group_has_the_role_of_its_owner(desk: Desk) -> None:
    assert roles_in(desk, desk.group_id) == [(desk.user_id, "OWNER", "ACTIVE")]
    assert desk.types_since() == []


def test_a_seeded_group_that_waits_for_its_user_goes_on_with_that(desk: Desk) -> None:
    user_id = person(desk, "INACTIVE")
    group = seeding.account_group(desk.world, user_id=user_id, status="PENDING_APPROVAL")
    assert desk.advance("1d") == []
    assert activate(desk, user_id) == ["USER.ACTIVATED", "ROLE.ACTIVATED", "ACCOUNT_GROUP.ACTIVATED"]
    assert status_of(desk, group.id) == "ACTIVE"


def test_a_seeded_child_s_group_takes_a_guardian(desk: Desk) -> None:
    group = seeding.account_group(desk.world, type="CHILD", status="PENDING_APPROVAL")
    assert desk.advance("1d") == []
    give_role(desk, group.id, person(desk), "GUARDIAN")
    assert desk.advance() == ["ROLE.ACTIVATED", "ACCOUNT_GROUP.ACTIVATED"]


# --- On the wire ---


async def test_a_role_over_http(client: Api, desk: Desk) -> None:
    group = open_group(desk, person(desk), "JOINT")
    desk.advance()
    created = await client.post("/roles", json=role_for(group.id, person(desk)))
    assert (created.status, created.json["status"]) == (200, "PENDING")
    desk.advance()
    path = f"/roles/{created.json['id']}"
    read = await client.get(path)
    assert (read.status, read.json["status"]) == (200, "ACTIVE")
    listed = await client.get(f"/roles?entity_id={group.id}&order=DESC&limit=1")
    assert (listed.json["data"], listed.json["meta"]["total_count"]) == ([read.json], 2)
    assert (await client.delete(path, key=None)).status == 403
    assert (await client.get(path)).body == read.body


async def test_giving_a_role_needs_an_idempotency_key(client: Api, desk: Desk) -> None:
    group = open_group(desk, person(desk), "JOINT")
    answer = await client.post("/roles", json=role_for(group.id, person(desk)), key=None)
    assert (answer.status, answer.json["type"].rpartition("/")[2]) == (400, "missing_idempotency_key")
    assert len(desk.world.table(ROLES).by("entity", group.id)) == 1


@pytest.mark.parametrize(
    "wrong",
    [{"role_type": "CHILD"}, {"role_type": "TRADER"}, {"entity_type": "USER"}, {"custody_type": "NONE"}, {"x": 1}],
)
async def test_a_role_that_the_contract_does_not_know_is_refused(
    client: Api, desk: Desk, wrong: dict[str, Any]
) -> None:
    group = open_group(desk, person(desk), "JOINT")
    answer = await client.post("/roles", json={**role_for(group.id, person(desk)), **wrong})
    assert answer.status == 400
    assert len(desk.world.table(ROLES).by("entity", group.id)) == 1
