"""Tax wrappers that were created before the scenario begins."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from mockserver.domain.accounts.accounts import group
from mockserver.domain.isa import seeded
from mockserver.domain.isa.allowances import ANNUAL
from mockserver.domain.isa.wrappers import WRAPPER_LIFE, Wrapper
from mockserver.domain.seeding.people import go_on
from mockserver.kernel.money import ZERO
from mockserver.kernel.world import World
from mockserver.models.accounts import AccountGroupType, AccountStatus
from mockserver.scenario.document import Found, Path
from mockserver.scenario.families import SeedFamily
from mockserver.scenario.fields import Instant, Named, Number
from mockserver.scenario.references import ToAccountGroup

Used = Annotated[Number, Field(ge=0, le=ANNUAL, decimal_places=2)]


class SeededWrapper(Named):
    """The wrapper of an ISA group, in place of the one that an approved group has by itself."""

    account_group_id: ToAccountGroup
    is_flexible: bool = True
    status: Literal["NEW", "ACTIVE", "INACTIVE", "CLOSED"] = "ACTIVE"
    used_amount: Used | None = Field(None, description="of the allowance of this tax year; without: 0.00")
    first_subscription_at: Instant | None = Field(None, description="without: absent, or now if something is used")


def _check(_: object, path: Path, entry: Any) -> Found:
    """Only a wrapper that is ACTIVE or INACTIVE has an allowance."""
    for member in ("used_amount", "first_subscription_at"):
        if getattr(entry, member) is not None and entry.status in ("NEW", "CLOSED"):
            yield (*path, member), f"is for a tax wrapper that is ACTIVE or INACTIVE, not {entry.status}"


def isa_wrapper(
    world: World,
    *,
    account_group_id: str,
    id: str | None = None,
    is_flexible: bool = True,
    status: str = "ACTIVE",
    used_amount: Decimal | None = None,
    first_subscription_at: datetime | None = None,
) -> Wrapper:
    """A wrapper and its allowance; one that is NEW goes on by itself with a tax residency in GB."""
    of = group(world, account_group_id)
    if of.type != AccountGroupType.ISA:
        raise ValueError(f"account group {of.id} is of type {of.type}: only one of type ISA has a tax wrapper")
    if (of.status == AccountStatus.CLOSED) != (status == "CLOSED"):
        raise ValueError(f"account group {of.id} is {of.status}: its tax wrapper cannot be {status}")
    if of.status != AccountStatus.PENDING_APPROVAL and status == "NEW" and world.profile.isa.groups_wait:
        raise ValueError(
            f"account group {of.id} is {of.status}: it was approved with its tax wrapper, which is not NEW"
        )
    used = used_amount or ZERO
    first = first_subscription_at or (world.now if used else None)
    row = seeded.put(world, of, id=id, is_flexible=is_flexible, status=status, used=used, first=first)
    go_on(world, WRAPPER_LIFE, row)
    return row


ISA_WRAPPERS = SeedFamily(
    name="isa_wrappers",
    entry=SeededWrapper,
    put=isa_wrapper,
    check=_check,
    unique=("account_group_id",),
    without="flexible, ACTIVE, nothing used; ISA groups that are approved have such a one without an entry, too",
)
