"""Giving a user a role: a child's guardian, the second owner of a joint group (trading.md §7.1), any in a business."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, ACCOUNTS, GroupOfBusiness, GroupOfUsers
from mockserver.domain.accounts.holders import members, owned_by
from mockserver.domain.accounts.roles import ROLE_LIFE, Role, drafted, drafted_in_business, of_entity
from mockserver.domain.businesses import businesses
from mockserver.domain.businesses.businesses import BUSINESSES
from mockserver.domain.onboarding.approval import REQUIRED, awaited
from mockserver.domain.onboarding.refusals import (
    ROLE_CUSTODY,
    ROLE_ENTITY_UNKNOWN,
    ROLE_GROUP_CLOSES,
    ROLE_HELD,
    ROLE_NOT_FOR_TYPE,
    ROLE_SOLE_TRADER,
    ROLE_THIRD_OWNER,
    ROLE_USER_UNKNOWN,
)
from mockserver.domain.users.users import USERS, User, present
from mockserver.kernel.events import emit
from mockserver.kernel.operations import Call, operation
from mockserver.kernel.world import World
from mockserver.models.accounts import AccountGroupType, AccountGroupUser, AccountGroupUserType, AccountStatus
from mockserver.models.roles import AccountGroupRoleType, BusinessRoleType, RoleStatus

if TYPE_CHECKING:
    from mockserver.models.messages.roles import BusinessRoleCreateRequest, RoleCreateRequest

GIVEN_IN: Final = {
    AccountGroupRoleType.OWNER: AccountGroupType.JOINT,
    AccountGroupRoleType.GUARDIAN: AccountGroupType.CHILD,
}
"""In groups of which type a role is given by request; the others come with the group (payments.md §14 [G])."""


@operation("create_role")
def create_role(world: World, call: Call[RoleCreateRequest]) -> Role:
    """The role, PENDING until its user fulfils what it asks for (payments.md §14 [G])."""
    # lazy: 2 ms of classes that only a request like this needs
    from mockserver.models.messages.roles import BusinessRoleCreateRequest

    body = call.body
    if isinstance(body, BusinessRoleCreateRequest):
        return _in_business(world, body)
    user = _user(world, body.user_id)
    group = world.table(ACCOUNT_GROUPS).get(body.entity_id)
    if group is None:
        raise ROLE_ENTITY_UNKNOWN.refuse(what="account group", id=body.entity_id)
    if group.status in (AccountStatus.CLOSING, AccountStatus.CLOSED):
        raise ROLE_GROUP_CLOSES.refuse(id=group.id, status=group.status)
    type_ = AccountGroupRoleType(body.role_type)
    if isinstance(group, GroupOfBusiness) or group.type != GIVEN_IN[type_]:
        raise ROLE_NOT_FOR_TYPE.refuse(role=type_, wanted=GIVEN_IN[type_], id=group.id, type=group.type)
    roles = of_entity(world, group.id)
    for other in roles:
        if other.user_id == user.id:
            raise ROLE_HELD.refuse(user_id=user.id, role=other.role_type, what="account group", id=group.id)
    for member in members(group):  # whose role may have been taken away; no child becomes its own guardian
        if member.id == user.id and member.type.value != type_.value:
            raise ROLE_HELD.refuse(user_id=user.id, role=member.type, what="account group", id=group.id)
    owners = sum(other.role_type == AccountGroupRoleType.OWNER for other in roles)
    if type_ == AccountGroupRoleType.OWNER and owners >= REQUIRED[group.type][type_]:
        raise ROLE_THIRD_OWNER.refuse(id=group.id)
    if body.custody_type is not None and type_ != AccountGroupRoleType.GUARDIAN:
        raise ROLE_CUSTODY.refuse()
    role = give(world, drafted(world, group.id, user.id, type_, body.custody_type))
    join(world, group, AccountGroupUser(id=user.id, type=AccountGroupUserType(type_)))
    return role


def _in_business(world: World, body: BusinessRoleCreateRequest) -> Role:
    """A user may have several roles in a business, each once; one that was deactivated may be given anew (§14.3)."""
    user = _user(world, body.user_id)
    if body.entity_id not in world.table(BUSINESSES):
        raise ROLE_ENTITY_UNKNOWN.refuse(what="business", id=body.entity_id)
    of = businesses.present(world, body.entity_id)
    if body.role_type == BusinessRoleType.SOLE_TRADER and of.business_type != "SOLE_TRADER":
        raise ROLE_SOLE_TRADER.refuse(id=of.id, type=of.business_type)
    for other in of_entity(world, of.id):
        if (other.user_id, other.role_type) == (user.id, body.role_type):
            raise ROLE_HELD.refuse(user_id=user.id, role=other.role_type, what="business", id=of.id)
    return give(world, drafted_in_business(world, of.id, user.id, body.role_type))


def _user(world: World, user_id: str) -> User:
    """The user, or a refusal: 400 for an unknown one, or one who leaves."""
    if user_id not in world.table(USERS):
        raise ROLE_USER_UNKNOWN.refuse(id=user_id)
    return present(world, user_id)


def give(world: World, role: Role) -> Role:
    """Enter a role that was drafted: PENDING, or ACTIVE at once where the profile opens accounts so."""
    if world.profile.behaviour.new_account == "ACTIVE" and awaited(world, role) is None:
        role = role.evolve(status=RoleStatus.ACTIVE)
    return ROLE_LIFE.enter(world, role, "given to the user")


def join(world: World, group: GroupOfUsers, member: AccountGroupUser) -> None:
    """Show the new member in the group and its accounts, from the creation of the role on (inferred).

    The event of the group is newer than the contract (newer.md §4 [F 1.131]; when it is emitted, inferred); that of
    an account is for its name. Somebody whose earlier role was taken away is a member still.
    """
    if owned_by(group, member.id):
        return
    row = world.table(ACCOUNT_GROUPS).put(group.evolve(users=(*members(group), member), updated_at=world.now))
    if world.profile.behaviour.group_updates == "sent":
        emit(world, "ACCOUNT_GROUP.UPDATED", row)
    for account in world.table(ACCOUNTS).by("group", group.id):
        world.table(ACCOUNTS).put(account.evolve(users=(*members(account), member), updated_at=world.now))
