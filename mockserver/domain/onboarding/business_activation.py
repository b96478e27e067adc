"""Activation of businesses: the checks and roles that each type needs (payments.md §14.1)."""

from __future__ import annotations

from typing import Any, Final

from mockserver.domain import topics
from mockserver.domain.accounts.roles import BusinessRole, Role, of_entity
from mockserver.domain.businesses.businesses import BUSINESS_LIFE, BUSINESSES, Business
from mockserver.domain.businesses.checks import KYB, SELF_ASSESSMENT, newest
from mockserver.kernel.lifecycle import Hold
from mockserver.kernel.moves import Moved
from mockserver.kernel.stages import stir
from mockserver.kernel.world import World
from mockserver.models.businesses import BusinessCheckStatus, BusinessStatus
from mockserver.models.roles import BusinessRoleType, RoleStatus

CHECKS: Final[dict[str, tuple[str, ...]]] = {
    "LIMITED_LIABILITY_COMPANY": (KYB, SELF_ASSESSMENT),
    "SOLE_TRADER": (SELF_ASSESSMENT,),
}
"""Of which types the newest check has to be PASSED (payments.md §14.1 [D])."""

ROLES: Final[dict[str, tuple[BusinessRoleType, ...]]] = {
    "LIMITED_LIABILITY_COMPANY": (
        BusinessRoleType.ULTIMATE_BENEFICIAL_OWNER,
        BusinessRoleType.LEGAL_REPRESENTATIVE,
        BusinessRoleType.CONTRACTING_EXECUTIVE,
    ),
    "SOLE_TRADER": (BusinessRoleType.SOLE_TRADER,),
}
"""Of which types there has to be an ACTIVE role (payments.md §14.1 [D], of sole traders inferred)."""


def missing(world: World, of: Business) -> list[str]:
    """What the business still needs to be activated, in words; one that was ACTIVE before has passed its checks."""
    checked = of.deactivated or not world.profile.businesses.checks_needed
    found = [] if checked else [_unpassed(world, of, type_) for type_ in CHECKS[of.business_type]]
    return [*(what for what in found if what), *(f"an ACTIVE role of {each}" for each in lacking(world, of))]


def lacking(world: World, of: Business) -> list[BusinessRoleType]:
    """The required types of which no role in the business is ACTIVE."""
    active = {row.role_type for row in of_entity(world, of.id) if row.status == RoleStatus.ACTIVE}
    return [each for each in ROLES[of.business_type] if each not in active]


def _unpassed(world: World, of: Business, type_: str) -> str | None:
    found = newest(world, of.id, type_)
    if found is None:
        return f"a passed {type_} check (there is none yet)"
    if found.status != BusinessCheckStatus.PASSED:
        return f"a passed {type_} check (the newest, {found.id}, is {found.status})"
    return None


@BUSINESS_LIFE.does("INACTIVE", "ACTIVE")
def complete(world: World, of: Business, **changes: Any) -> None:
    """Activate a business that has all it needs; one that Upvest deactivated needs a command only."""
    by_upvest = of.deactivated == "Upvest"
    lacks = [] if by_upvest else missing(world, of)
    if lacks:
        raise Hold(f"business {of.id} still needs {'; '.join(lacks)}", topic=topics.onboarding(of.id))
    cause = "activated again by Upvest" if by_upvest else "its checks and roles are there"
    BUSINESS_LIFE.move(world, of, "ACTIVE", cause, **{**changes, "deactivated": ""})


def role_taken(world: World, role: Role, moved: Moved) -> None:
    """A business without an ACTIVE role of a type that it needs is INACTIVE (payments.md §14.1, inferred)."""
    if not isinstance(role, BusinessRole):
        return
    of = world.table(BUSINESSES)[role.entity_id]
    if of.status == BusinessStatus.ACTIVE and role.role_type in lacking(world, of):
        BUSINESS_LIFE.move(world, of, "INACTIVE", f"no ACTIVE role of {role.role_type} is left", deactivated="role")
    else:
        stir(world, topics.onboarding(of.id))  # what it waits for reads otherwise now
