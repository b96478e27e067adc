"""What roles and account groups wait for before they become active (trading.md §6, §7.1; payments.md §14)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

from mockserver.domain import topics
from mockserver.domain.accounts.accounts import GROUP_LIFE, AccountGroup
from mockserver.domain.accounts.holders import first_holder
from mockserver.domain.accounts.roles import ROLE_LIFE, Role, of_entity
from mockserver.domain.businesses.businesses import BUSINESSES
from mockserver.domain.onboarding.activation import by_role, missing_for_role, was_child_only
from mockserver.domain.onboarding.checks import passed_guardian
from mockserver.domain.users.tax_residencies import with_tax_number
from mockserver.domain.users.users import USERS, User
from mockserver.kernel.lifecycle import Hold
from mockserver.kernel.world import World
from mockserver.models.accounts import AccountGroupType
from mockserver.models.businesses import BusinessStatus
from mockserver.models.roles import AccountGroupRoleType, RoleStatus
from mockserver.models.users import UserStatus

_ONE_OWNER: Final = {AccountGroupRoleType.OWNER: 1}

BUSINESS: Final = "BUSINESS"
"""The type of the groups of businesses."""

REQUIRED: Final[Mapping[str, Mapping[AccountGroupRoleType, int]]] = {
    AccountGroupType.PERSONAL: _ONE_OWNER,
    AccountGroupType.LEGAL_ENTITY: _ONE_OWNER,
    AccountGroupType.FRENCH_PEA: _ONE_OWNER,
    AccountGroupType.ISA: _ONE_OWNER,
    AccountGroupType.CHILD: {AccountGroupRoleType.CHILD: 1, AccountGroupRoleType.GUARDIAN: 1},
    AccountGroupType.JOINT: {AccountGroupRoleType.OWNER: 2},
    BUSINESS: {},
}
"""How many active roles a group of each type needs to be active itself (trading.md §7.1 [N]; CHILD inferred)."""


def _tax_number(world: World, group: AccountGroup) -> Hold | None:
    """A FRENCH_PEA group waits for a tax residency with a tax number (newer.md §11 [D])."""
    if not world.profile.isa.pea_groups_wait:
        return None
    owner = first_holder(group)
    if with_tax_number(world, owner):
        return None
    return Hold(
        f"user {owner} has no ACTIVE tax residency with a tax number (POST /users/{owner}/tax_residencies)",
        topic=topics.tax_residencies(owner),
    )


def _business(world: World, group: AccountGroup) -> Hold | None:
    """A group of a business is ACTIVE with it (payments.md §14.1 [D])."""
    of = world.table(BUSINESSES)[first_holder(group)]
    if of.status == BusinessStatus.ACTIVE:
        return None
    return Hold(f"business {of.id} is {of.status}", topic=topics.business(of.id))


GATES: Final[dict[str, Callable[[World, AccountGroup], Hold | None]]] = {
    AccountGroupType.FRENCH_PEA: _tax_number,
    BUSINESS: _business,
}
"""What a group of a type waits for beside its roles; a family above appends its own."""


def gated(world: World, group: AccountGroup) -> Hold | None:
    """What the group still waits for beside its roles, if its type waits for something."""
    gate = GATES.get(group.type)
    return None if gate is None else gate(world, group)


@ROLE_LIFE.does("PENDING", "ACTIVE")
def approve_role(world: World, role: Role) -> None:
    """A role is approved with its user, a guardian's after the GUARDIAN check for it (trading.md §4, §6)."""
    waits = awaited(world, role)
    if waits is not None:
        raise waits
    ROLE_LIFE.move(world, role, "ACTIVE", "the user fulfils what the role asks for")


def awaited(world: World, role: Role) -> Hold | None:
    """What the role still waits for; ``None`` when its user fulfils it.

    Each waits for what its own type needs (trading.md §6 [D]): a child's before its user is active, and the others
    after, where the user was activated as a child. Else the user's activation is the same.
    BYOL clients need no checks (trading.md §4 [D]); that this goes for GUARDIAN too is inferred.
    """
    user = world.table(USERS).get(role.user_id)
    if user is not None and _by_own_needs(world, user, role):
        if lacks := missing_for_role(world, user, role):
            return Hold(f"user {user.id} still needs {'; '.join(lacks)}", topic=topics.onboarding(user.id))
    elif user is None or user.status != UserStatus.ACTIVE:
        state = "unknown" if user is None else user.status
        return Hold(f"user {role.user_id} is {state}", topic=topics.user(role.user_id))
    checked = role.role_type == AccountGroupRoleType.GUARDIAN and world.profile.behaviour.licence == "TOL"
    if checked and not passed_guardian(world, role.user_id, role.id):
        return Hold(
            f"no GUARDIAN check of user {role.user_id} for role {role.id} has passed", topic=topics.role(role.id)
        )
    return None


def _by_own_needs(world: World, user: User, role: Role) -> bool:
    """Whether the user's activation does not say that the role's needs are met; not of one who leaves or has left."""
    if user.deactivated or not by_role(world):
        return False
    if role.role_type == AccountGroupRoleType.CHILD:
        return user.status == UserStatus.INACTIVE
    return user.status == UserStatus.ACTIVE and was_child_only(world, user, role)


@GROUP_LIFE.does("PENDING_APPROVAL", "ACTIVE")
def approve_group(world: World, group: AccountGroup) -> None:
    """A group is approved when the roles that its type needs are active (payments.md §14 [G]), and its gate is open."""
    active = Counter(role.role_type for role in of_entity(world, group.id) if role.status == RoleStatus.ACTIVE)
    for type_, needed in REQUIRED[group.type].items():
        if active[type_] < needed:
            raise Hold(
                f"{active[type_]} of {needed} {type_} roles of account group {group.id} are active",
                topic=topics.group_roles(group.id),
            )
    if (waits := gated(world, group)) is not None:
        raise waits
    cause = "its roles are active" if REQUIRED[group.type] else "its holder is active"
    GROUP_LIFE.move(world, group, "ACTIVE", cause)
