"""Roles: what a user is in an account group, and from when (trading.md §2.2, §7.1; payments.md §14).

What a role waits for stands in :mod:`mockserver.domain.onboarding.approval`, how one is given in
:mod:`mockserver.domain.onboarding.role_assignment`.
"""

from __future__ import annotations

from operator import attrgetter
from typing import Final

from mockserver.domain import topics
from mockserver.domain.accounts.accounts import AccountGroup
from mockserver.domain.accounts.holders import members
from mockserver.domain.accounts.refusals import ROLE_IN_A_GROUP
from mockserver.domain.refusals import UNKNOWN
from mockserver.domain.users.users import USERS
from mockserver.kernel.lifecycle import LifeCycle, Row
from mockserver.kernel.moves import Moved
from mockserver.kernel.operations import Call, Listing, Nothing, operation
from mockserver.kernel.stages import Stage, stir
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.accounts import AccountStatus
from mockserver.models.roles import (
    AccountGroupRole,
    AccountGroupRoleCustodyType,
    AccountGroupRoleType,
    RoleStatus,
)
from mockserver.models.users import UserStatus


class Role(AccountGroupRole):
    """What a user is in an account group."""

    @property
    def held(self) -> bool:
        """Whether the user has it, or will once it is approved."""
        return self.status != RoleStatus.DEACTIVATED


ROLES: Kind[Role] = Kind("roles", indexes={"user": attrgetter("user_id"), "entity": attrgetter("entity_id")})

ROLE_LIFE: Final = LifeCycle(
    ROLES,
    [
        Row(None, "PENDING", "ROLE.CREATED", "given to a user", "payments.md §14 [G]"),
        Row(None, "ACTIVE", "ROLE.CREATED", "given to an active user", "trading.md §6, as accounts; inferred"),
        Row("PENDING", "ACTIVE", "ROLE.ACTIVATED", "the user fulfils what it asks for", "payments.md §14 [G]"),
        Row("PENDING", "DEACTIVATED", "ROLE.DEACTIVATED", "taken away by Upvest", "payments.md §14, inferred"),
        Row("ACTIVE", "DEACTIVATED", "ROLE.DEACTIVATED", "taken away by Upvest", "payments.md §14, inferred"),
    ],
)

Stage("role.approve", ROLE_LIFE, "PENDING", "ACTIVE")


def role_approved(world: World, role: Role, moved: Moved) -> None:
    """The group may have waited for just this role (trading.md §6)."""
    stir(world, topics.group_roles(role.entity_id))


def drafted(
    world: World,
    group_id: str,
    user_id: str,
    type_: AccountGroupRoleType,
    custody_type: AccountGroupRoleCustodyType | None = None,
    status: RoleStatus = RoleStatus.PENDING,
) -> Role:
    """A new role, not entered yet."""
    custody = {"custody_type": custody_type} if custody_type is not None else {}
    return Role(
        id=world.ids.new("role"),
        created_at=world.now,
        updated_at=world.now,
        user_id=user_id,
        entity_type="ACCOUNT_GROUP",
        entity_id=group_id,
        role_type=type_,
        status=status,
        **custody,
    )


def of_group(world: World, group_id: str) -> list[Role]:
    """The roles in a group that are not taken away, in order of creation."""
    return [role for role in world.table(ROLES).by("entity", group_id) if role.held]


def seed(world: World, group: AccountGroup) -> None:
    """The roles of a group that is there before the first request, without events.

    One is PENDING where it could not be otherwise: its user is not active, and the group not approved.
    """
    for member in members(group):
        user = world.table(USERS).get(member.id)
        waits = group.status == AccountStatus.PENDING_APPROVAL and user is not None and user.status != UserStatus.ACTIVE
        status = RoleStatus.PENDING if waits else RoleStatus.ACTIVE
        role = drafted(world, group.id, member.id, AccountGroupRoleType(member.type), status=status)
        world.table(ROLES).put(role)
        for stage in ROLE_LIFE.stages.get(status, ()):
            stage.schedule(world, role)


def role(world: World, role_id: str) -> Role:
    """The role, or a refusal (404)."""
    found = world.table(ROLES).get(role_id)
    if found is None:
        raise UNKNOWN.refuse(what="role", id=role_id)
    return found


@operation("list_roles")
def list_roles(world: World, call: Call[None]) -> Listing:
    """All roles, or those of a user, of a group; an unknown one has none (inferred: no 404 is documented)."""
    query = call.query
    user_id, entity_id, sort = query.get("user_id"), query.get("entity_id"), query["sort"]
    table = world.table(ROLES)
    if entity_id is not None:
        rows = table.sorted_under("entity", entity_id, sort, "id")
        if user_id is not None:
            rows = [row for row in rows if row.user_id == user_id]
    elif user_id is not None:
        rows = table.sorted_under("user", user_id, sort, "id")
    else:
        rows = table.sorted_by(sort, "id")
    return Listing(rows, sort)


@operation("retrieve_role")
def retrieve_role(world: World, call: Call[None]) -> Role:
    return role(world, call.path["role_id"])


@operation("role_deactivation")
def role_deactivation(world: World, call: Call[None]) -> Nothing:
    """For roles in businesses only (payments.md §14 [A]); those of a world are all in account groups so far."""
    raise ROLE_IN_A_GROUP.refuse(id=role(world, call.path["role_id"]).id)
