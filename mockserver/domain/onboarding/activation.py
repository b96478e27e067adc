"""Activation: what a user still needs before the onboarding is complete (trading.md §6).

What follows from it (roles, account groups, accounts, orders) waits for the user and stands in
:mod:`mockserver.domain.onboarding.approval`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from mockserver.domain import topics
from mockserver.domain.accounts.roles import ROLES, Role
from mockserver.domain.onboarding.checks import newest
from mockserver.domain.users.identifiers import decisive, wanted
from mockserver.domain.users.tax_residencies import TAX_RESIDENCIES, countries
from mockserver.domain.users.users import USER_LIFE, User
from mockserver.kernel.lifecycle import Hold
from mockserver.kernel.moves import Moved
from mockserver.kernel.stages import stir
from mockserver.kernel.world import World
from mockserver.models.roles import AccountGroupRoleType
from mockserver.models.users import UserCheckKyc, UserCheckStatus

AGREEMENTS: Final = ("terms_and_conditions", "data_privacy_and_sharing_agreement")
"""Not needed of users who are only children (trading.md §2.1 [N])."""


def _kyc(world: World, of: User) -> str | None:
    return _unpassed(world, of, "KYC")


def _address(world: World, of: User) -> str | None:
    """By the KYC check that counts, else by a POR check."""
    identified = newest(world, of.id, "KYC")
    if isinstance(identified, UserCheckKyc) and identified.status == UserCheckStatus.PASSED:
        if identified.confirmed_address is not None:
            return None
        why_needed = "since the KYC check confirms no address"
    else:
        why_needed = "unless the KYC check confirms the address"
    unpassed = _unpassed(world, of, "POR")
    return None if unpassed is None else f"{unpassed}, {why_needed}"


def _instrument_fit(world: World, of: User) -> str | None:
    return _unpassed(world, of, "INSTRUMENT_FIT")


def _compliance(world: World, of: User) -> str | None:
    return _unpassed(world, of, "COMPLIANCE")


def _tax_residency(world: World, of: User) -> str | None:
    if countries(world, of.id):
        return None
    state = "are PENDING" if of.id in world.table(TAX_RESIDENCIES) else "were not set yet"
    return f"ACTIVE tax residencies (they {state}: POST /users/{of.id}/tax_residencies)"


def _identifier(world: World, of: User) -> str | None:
    return None if decisive(world, of) is not None else wanted(world, of)


def _identifier_if_needed(world: World, of: User) -> str | None:
    return _identifier(world, of) if world.profile.behaviour.identifiers_needed else None


def _agreements(world: World, of: User) -> str | None:
    wanting = ["fatca"] if of.fatca is None else []
    if not _only_child(world, of):
        wanting += [name for name in AGREEMENTS if getattr(of, name) is None]
    return f"{' and '.join(wanting)}, given with POST /users" if wanting else None


NEEDED: Final[dict[str, tuple[Callable[[World, User], str | None], ...]]] = {
    "TOL": (_kyc, _address, _instrument_fit, _compliance, _tax_residency, _identifier, _agreements),
    "BYOL": (_identifier_if_needed,),
}
"""Under each licence, in the order of trading.md §6: what is still missing of each point, in words."""


OF_CHILDREN: Final = (_tax_residency, _identifier, _agreements)
"""What the role CHILD needs under TOL: fewer checks than the others (trading.md §6 [D]); which, inferred."""


def missing(world: World, of: User) -> list[str]:
    """What the user still needs to be activated, in words; nothing when the onboarding is complete."""
    child = by_role(world) and _only_child(world, of)
    return _lacking(world, of, OF_CHILDREN if child else NEEDED[world.profile.behaviour.licence])


def by_role(world: World) -> bool:
    """Whether a role waits for what its own type needs, not for all that its user needs: under TOL, by setting."""
    behaviour = world.profile.behaviour
    return behaviour.licence == "TOL" and behaviour.role_activation == "role"


def missing_for_role(world: World, of: User, role: Role) -> list[str]:
    """What the user still needs for a role of this type, in words: CHILD fewer than all others (trading.md §6)."""
    child = role.role_type == AccountGroupRoleType.CHILD
    return _lacking(world, of, OF_CHILDREN if child else NEEDED[world.profile.behaviour.licence])


def was_child_only(world: World, of: User, role: Role) -> bool:
    """Whether the user is nothing but a child apart from this role, so that the checks were never needed."""
    return _children_only(other for other in _held(world, of) if other.id != role.id)


def _lacking(world: World, of: User, needed: Iterable[Callable[[World, User], str | None]]) -> list[str]:
    return [what for look in needed if (what := look(world, of)) is not None]


@USER_LIFE.does("INACTIVE", "ACTIVE")
def complete(world: World, of: User, **changes: Any) -> None:
    """Activate a user whose onboarding is complete; one whom Upvest deactivated was onboarded before."""
    lacks = [] if of.deactivated else missing(world, of)
    if lacks:
        raise Hold(f"user {of.id} still needs {'; '.join(lacks)}", topic=topics.onboarding(of.id))
    cause = "activated again by Upvest" if of.deactivated else "onboarding is complete"
    USER_LIFE.move(world, of, "ACTIVE", cause, **{**changes, "deactivated": False})


def role_given(world: World, role: Role, moved: Moved) -> None:
    """A child needs less."""
    stir(world, topics.onboarding(role.user_id))


def _unpassed(world: World, of: User, type_: str) -> str | None:
    found = newest(world, of.id, type_)
    if found is None:
        return f"a passed {type_} check (there is none yet)"
    if found.status != UserCheckStatus.PASSED:
        return f"a passed {type_} check (the newest, {found.id}, is {found.status})"
    return None


def _only_child(world: World, of: User) -> bool:
    return _children_only(_held(world, of))


def _held(world: World, of: User) -> list[Role]:
    return [role for role in world.table(ROLES).by("user", of.id) if role.held]


def _children_only(roles: Iterable[Role]) -> bool:
    return {role.role_type for role in roles} == {AccountGroupRoleType.CHILD}
