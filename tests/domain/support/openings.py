"""What a client sends to open account groups and accounts and to give roles, and what comes of it."""

from __future__ import annotations

from typing import Any

from mockserver.domain import seeding
from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, ACCOUNTS
from mockserver.domain.accounts.roles import ROLES
from mockserver.domain.users.users import USER_LIFE, USERS
from tests.domain.support.desk import Desk


def person(desk: Desk, status: str = "ACTIVE") -> str:
    """A user without any group; the id. One who is INACTIVE stays so: Spanish, without identifier (trading.md §3)."""
    return seeding.user(desk.world, status=status, nationalities=("ES",)).id


def activate(desk: Desk, user_id: str) -> list[str]:
    """Let a user be active, whatever the onboarding still lacks, and what waits for it go on; the events' types."""
    position = desk.world.events.end
    desk.world.undo.clear()
    USER_LIFE.move(desk.world, desk.world.table(USERS)[user_id], "ACTIVE", "the test says so")
    desk.advance("0s")
    return desk.types_since(position)


def open_group(desk: Desk, user_id: str, type_: str = "PERSONAL", **others: Any) -> Any:
    return desk.call("create_account_group", body={"user_id": user_id, "type": type_, **others})


def open_account(desk: Desk, group_id: str, user_id: str, type_: str = "TRADING", **others: Any) -> Any:
    body = {"user_id": user_id, "account_group_id": group_id, "type": type_, **others}
    return desk.call("create_account", body=body)


def role_for(group_id: str, user_id: str, type_: str = "OWNER", **others: Any) -> dict[str, Any]:
    return {"user_id": user_id, "entity_type": "ACCOUNT_GROUP", "entity_id": group_id, "role_type": type_, **others}


def give_role(desk: Desk, group_id: str, user_id: str, type_: str = "OWNER", **others: Any) -> Any:
    return desk.call("create_role", body=role_for(group_id, user_id, type_, **others))


def status_of(desk: Desk, group_id: str) -> str:
    return str(desk.world.table(ACCOUNT_GROUPS)[group_id].status)


def account_status(desk: Desk, account_id: str) -> str:
    return str(desk.world.table(ACCOUNTS)[account_id].status)


def roles_in(desk: Desk, group_id: str) -> list[tuple[str, str, str]]:
    """User, role and status of every role in a group, in order of creation."""
    return [(role.user_id, role.role_type, role.status) for role in desk.world.table(ROLES).by("entity", group_id)]
