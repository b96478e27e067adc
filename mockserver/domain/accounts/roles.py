"""Roles: what a user is in an account group or a business, and from when (trading.md §2.2, §7.1; payments.md §14).

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
from mockserver.models import roles as wire
from mockserver.models.accounts import AccountStatus
from mockserver.models.roles import (
    AccountGroupRole,
    AccountGroupRoleCustodyType,
    AccountGroupRoleType,
    BusinessRoleType,
    RoleStatus,
)
from mockserver.models.users import UserStatus


class GroupRole(AccountGroupRole):
    """What a user is in an account group."""

    @property
    def held(self) -> bool:
        """Whether the user has it, or will once it is approved."""
        return self.status != RoleStatus.DEACTIVATED


class BusinessRole(wire.BusinessRole):
    """What a user is in a business."""

    @property
    def held(self) -> bool:
        """Whether the user has it, or will once it is approved."""
        return self.status != RoleStatus.DEACTIVATED


Role = GroupRole | BusinessRole

ROLES: Kind[Role] = Kind("roles", indexes={"user": attrgetter("user_id"), "entity": attrgetter("entity_id")})

ROLE_LIFE: Final = LifeCycle(
    ROLES,
    [
        Row(None, "PENDING", "ROLE.CREATED", "given to a user", "payments.md §14 [G]"),
        Row(None, "ACTIVE", "ROLE.CREATED", "given to an active user", "trading.md §6, as accounts; inferred"),
        Row("PENDING", "ACTIVE", "ROLE.ACTIVATED", "the user fulfils what it asks for", "payments.md §14 [G]"),
        Row("PENDING", "DEACTIVATED", "ROLE.DEACTIVATED", "taken away", "payments.md §14.3 [A]"),
        Row("ACTIVE", "DEACTIVATED", "ROLE.DEACTIVATED", "taken away", "payments.md §14.3 [A]"),
    ],
)

Stage("role.approve", ROLE_LIFE, "PENDING", "ACTIVE")


def role_approved(world: World, role: Role, moved: Moved) -> None:
    """Its group or its business may have waited for just this role (trading.md §6, payments.md §14.1)."""
    stir(world, topics.group_roles(role.entity_id), topics.onboarding(role.entity_id))


def drafted(
    world: World,
    group_id: str,
    user_id: str,
    type_: AccountGroupRoleType,
    custody_type: AccountGroupRoleCustodyType | None = None,
    status: RoleStatus = RoleStatus.PENDING,
) -> GroupRole:
    """A new role in an account group, not entered yet."""
    custody = {"custody_type": custody_type} if custody_type is not None else {}
    return GroupRole(
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


def drafted_in_business(
    world: World,
    business_id: str,
    user_id: str,
    type_: BusinessRoleType,
    status: RoleStatus = RoleStatus.PENDING,
) -> BusinessRole:
    """A new role in a business, not entered yet."""
    return BusinessRole(
        id=world.ids.new("role"),
        created_at=world.now,
        updated_at=world.now,
        user_id=user_id,
        entity_type="BUSINESS",
        entity_id=business_id,
        role_type=type_,
        status=status,
    )


def of_entity(world: World, entity_id: str) -> list[Role]:
    """The roles in a group or a business that are not taken away, in order of creation."""
    return [role for role in world.table(ROLES).by("entity", entity_id) if role.held]


def seed(world: World, group: AccountGroup) -> None:
    """The roles of a group of users that is there before the first request, without events.

    One is PENDING where it could not be otherwise: its user is not active, and the group not approved.
    """
    for member in members(group):
        user = world.table(USERS).get(member.id)
        waits = group.status == AccountStatus.PENDING_APPROVAL and user is not None and user.status != UserStatus.ACTIVE
        status = RoleStatus.PENDING if waits else RoleStatus.ACTIVE
        put(world, drafted(world, group.id, member.id, AccountGroupRoleType(member.type), status=status))


def put(world: World, role: Role) -> Role:
    """A role that is there before the first request, without an event; one that is PENDING goes on by itself."""
    world.table(ROLES).put(role)
    for stage in ROLE_LIFE.stages.get(role.status, ()):
        stage.schedule(world, role)
    return role


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
    """Of roles in businesses only, for good; a second time it changes nothing (payments.md §14.3 [A])."""
    of = role(world, call.path["role_id"])
    if not isinstance(of, BusinessRole):
        raise ROLE_IN_A_GROUP.refuse(id=of.id)
    if of.held:
        ROLE_LIFE.move(world, of, "DEACTIVATED", "deactivated by the client")
    return Nothing()
