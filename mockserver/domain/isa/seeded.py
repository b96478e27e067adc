"""Tax wrappers that are there before the first request: of groups that a scenario has as approved, and its own."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from mockserver.domain.accounts.accounts import AccountGroup
from mockserver.domain.isa import allowances, renewal, wrappers
from mockserver.domain.isa.allowances import ALLOWANCES
from mockserver.domain.isa.wrappers import WRAPPERS, Wrapper
from mockserver.kernel.money import ZERO
from mockserver.kernel.world import World
from mockserver.models.accounts import AccountGroupType, AccountStatus
from mockserver.models.taxes import IsaWrapperStatus


def of_approved(world: World, of: AccountGroup) -> None:
    """A group that is seeded as approved has an ACTIVE wrapper and allowance, silently (payments.md §12.2, inferred).

    One that is CLOSED has a CLOSED wrapper.
    """
    if of.type != AccountGroupType.ISA or not world.profile.isa.groups_wait:
        return
    if of.status != AccountStatus.PENDING_APPROVAL:
        put(world, of, status="CLOSED" if of.status == AccountStatus.CLOSED else "ACTIVE")


def put(
    world: World,
    of: AccountGroup,
    *,
    id: str | None = None,
    is_flexible: bool = True,
    status: str = "ACTIVE",
    used: Decimal = ZERO,
    first: datetime | None = None,
) -> Wrapper:
    """A wrapper in place of the group's, with an allowance of this tax year if it is ACTIVE or INACTIVE."""
    known = wrappers.of_group(world, of.id)
    if known is not None:
        for row in world.table(ALLOWANCES).by("wrapper", known.id):
            world.table(ALLOWANCES).remove(row.id)
        world.table(WRAPPERS).remove(known.id)
    wrapper = world.table(WRAPPERS).put(wrappers.drafted(world, of.id, id=id, is_flexible=is_flexible, status=status))
    if wrapper.status in (IsaWrapperStatus.ACTIVE, IsaWrapperStatus.INACTIVE):
        world.table(ALLOWANCES).put(allowances.drafted(world, wrapper.id, used=used, first=first))
    renewal.first_wrapper(world, wrapper)
    return wrapper
