"""trading.md §7, §8, §17: account groups, accounts and users, as far as they are read and moved by command."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from mockserver.domain import seeding
from mockserver.domain.accounts.holders import members
from mockserver.kernel.lifecycle import CYCLES, Hold, IllegalMoveError
from tests.conftest import Api
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import NOBODY, Desk


def test_an_account_reads_as_the_contract_says(desk: Desk) -> None:
    found = orjson.loads(desk.call("retrieve_account", {"account_id": desk.account_id}).wire)
    assert found == {
        "id": desk.account_id,
        "created_at": "2023-01-10T09:00:00Z",
        "updated_at": "2023-01-10T09:00:00Z",
        "account_group_id": desk.group_id,
        "type": "PORTFOLIO",
        "users": [{"id": desk.user_id, "type": "OWNER"}],
        "account_number": 1,
        "name": "",
        "status": "ACTIVE",
    }


def test_a_group_reads_as_the_contract_says(desk: Desk) -> None:
    found = orjson.loads(desk.call("retrieve_account_group", {"account_group_id": desk.group_id}).wire)
    number = found.pop("securities_account_number")
    assert len(number) == 9
    assert number.isdigit()
    assert found == {
        "id": desk.group_id,
        "created_at": "2023-01-10T09:00:00Z",
        "updated_at": "2023-01-10T09:00:00Z",
        "users": [{"id": desk.user_id, "type": "OWNER"}],
        "status": "ACTIVE",
        "type": "PERSONAL",
    }


def test_what_is_not_there_is_404(desk: Desk) -> None:
    assert desk.refused("retrieve_user", {"user_id": NOBODY}).rule.status == 404
    assert desk.refused("retrieve_account", {"account_id": NOBODY}).rule.status == 404
    assert desk.refused("retrieve_account_group", {"account_group_id": NOBODY}).rule.status == 404
    assert desk.refused("list_user_accounts", {"user_id": NOBODY}).rule.status == 404
    assert desk.refused("list_user_account_groups", {"user_id": NOBODY}).rule.status == 404
    assert desk.refused("list_business_accounts", {"business_id": NOBODY}).rule.status == 404
    assert desk.refused("list_business_account_groups", {"business_id": NOBODY}).rule.status == 404


def test_account_numbers_count_up_inside_their_group(desk: Desk) -> None:
    second = seeding.account(desk.world, account_group_id=desk.group_id)
    other = seeding.account(desk.world)
    assert (second.account_number, other.account_number) == (2, 1)


# --- Lists ---


LISTS: list[tuple[str, str, Any]] = [
    ("list_users", "users", seeding.user),
    ("list_account_groups", "account_groups", seeding.account_group),
    ("list_accounts", "accounts", seeding.account),
]


@pytest.mark.parametrize(("operation", "resource", "seed"), LISTS)
def test_lists_are_ordered_by_creation_then_id(desk: Desk, operation: str, resource: str, seed: Any) -> None:
    early = [row.id for row in desk.rows(operation)]
    for _ in range(3):
        desk.advance("1h")
        seed(desk.world)
    rows = desk.rows(operation)
    assert [row.id for row in rows][: len(early)] == early
    assert [(row.created_at, row.id) for row in rows] == sorted((row.created_at, row.id) for row in rows)
    assert desk.call(operation).sort == "created_at"


@pytest.mark.parametrize("operation", ["list_account_groups", "list_user_account_groups"])
def test_lists_sort_by_update_too(desk: Desk, operation: str) -> None:
    path = {"user_id": desk.user_id} if "user" in operation else {}
    desk.advance("1h")
    second = seeding.account_group(desk.world, user_id=desk.user_id)
    desk.advance("1h")
    desk.move("account_groups", desk.group_id, "LOCKED")
    assert [row.id for row in desk.rows(operation, path)] == [desk.group_id, second.id]
    assert [row.id for row in desk.rows(operation, path, sort="updated_at")] == [second.id, desk.group_id]
    assert desk.call(operation, path, {"sort": "updated_at"}).sort == "updated_at"


def test_a_list_is_as_new_as_the_last_change(desk: Desk) -> None:
    assert [row.status for row in desk.rows("list_accounts")] == ["ACTIVE"]
    desk.move("accounts", desk.account_id, "LOCKED")
    assert [row.status for row in desk.rows("list_accounts")] == ["LOCKED"]


def test_users_have_lists_of_their_own(desk: Desk) -> None:
    other = seeding.account(desk.world)
    path = {"user_id": desk.user_id}
    assert [row.id for row in desk.rows("list_user_accounts", path)] == [desk.account_id]
    assert [row.id for row in desk.rows("list_user_account_groups", path)] == [desk.group_id]
    path = {"user_id": members(other)[0].id}
    assert [row.id for row in desk.rows("list_user_accounts", path)] == [other.id]


# --- Life cycle (§7.2) ---


LEGAL = {
    ("PENDING_APPROVAL", "ACTIVE"): "ACTIVATED",
    ("PENDING_APPROVAL", "CLOSING"): "CLOSING_INITIATED",
    ("ACTIVE", "LOCKED"): "LOCKED",
    ("LOCKED", "ACTIVE"): "ACTIVATED",
    ("ACTIVE", "CLOSING"): "CLOSING_INITIATED",
    ("CLOSING", "CLOSED"): "CLOSED",
}
STATES = ["PENDING_APPROVAL", "ACTIVE", "LOCKED", "CLOSING", "CLOSED"]


@pytest.mark.parametrize(("resource", "family"), [("account_groups", "ACCOUNT_GROUP"), ("accounts", "ACCOUNT")])
@pytest.mark.parametrize("source", STATES)
@pytest.mark.parametrize("to", STATES)
def test_a_move_is_legal_and_told_or_illegal(
    open_desk: OpenDesk, resource: str, family: str, source: str, to: str
) -> None:
    desk = open_desk("manual")
    group = seeding.account_group(desk.world, status=source if resource == "account_groups" else "ACTIVE")
    account = seeding.account(desk.world, account_group_id=group.id, status=source)
    identity = group.id if resource == "account_groups" else account.id
    event = LEGAL.get((source, to))
    if event is None:
        with pytest.raises(IllegalMoveError):
            desk.move(resource, identity, to)
        assert desk.types_since() == []
    else:
        assert desk.move(resource, identity, to) == [f"{family}.{event}"]
        cycle = CYCLES[resource]
        moved = desk.world.table(cycle.kind)[identity]
        assert (moved.status, moved.updated_at) == (to, desk.world.now)
        assert desk.told(f"{family}.{event}") == [orjson.loads(moved.wire)]


def test_an_account_is_approved_after_its_group(desk: Desk) -> None:
    group = seeding.account_group(desk.world, status="PENDING_APPROVAL")
    seeding.account(desk.world, account_group_id=group.id, status="PENDING_APPROVAL")
    assert desk.advance() == ["ACCOUNT_GROUP.ACTIVATED", "ACCOUNT.ACTIVATED"]


def test_an_account_waits_for_its_group(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"stages": {"account_group.approve": {"delay": "never"}}})
    group = seeding.account_group(desk.world, status="PENDING_APPROVAL")
    account = seeding.account(desk.world, account_group_id=group.id, status="PENDING_APPROVAL")
    assert desk.advance("1d") == []
    with pytest.raises(Hold, match="is PENDING_APPROVAL"):
        desk.move("accounts", account.id, "ACTIVE")
    desk.move("account_groups", group.id, "ACTIVE")
    assert desk.advance("0s") == ["ACCOUNT.ACTIVATED"]


def test_a_group_that_closes_leaves_its_accounts_as_they_are(desk: Desk) -> None:
    """trading.md §8: the client closes them."""
    desk.move("account_groups", desk.group_id, "CLOSING")
    assert desk.account.status == "ACTIVE"


def test_everything_stays_readable_after_closing(desk: Desk) -> None:
    for to in ("CLOSING", "CLOSED"):
        desk.move("accounts", desk.account_id, to)
        desk.move("account_groups", desk.group_id, to)
    assert desk.call("retrieve_account", {"account_id": desk.account_id}).status == "CLOSED"
    assert desk.call("retrieve_account_group", {"account_group_id": desk.group_id}).status == "CLOSED"
    assert desk.cash()["balance"] == "10000"


# --- On the wire ---


@pytest.mark.parametrize(("resource", "family"), [("account_groups", "ACCOUNT_GROUP"), ("accounts", "ACCOUNT")])
async def test_the_control_api_locks_and_unlocks(client: Api, desk: Desk, resource: str, family: str) -> None:
    identity = desk.group_id if resource == "account_groups" else desk.account_id
    for to, event in (("LOCKED", "LOCKED"), ("ACTIVE", "ACTIVATED")):
        move = {"resource": resource, "id": identity, "to": to}
        moved = await client.post("/_mock/worlds/default/moves", json=move)
        assert (moved.status, moved.json["object"]["status"]) == (200, to)
        assert [told["type"] for told in moved.json["events"]] == [f"{family}.{event}"]
        assert (await client.get(f"/{resource}/{identity}")).json["status"] == to
