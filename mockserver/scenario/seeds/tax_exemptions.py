"""German tax exemptions that were ordered before the scenario begins."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from mockserver.domain.seeding.people import go_on
from mockserver.domain.tax_exemptions import renewal
from mockserver.domain.tax_exemptions.exemptions import (
    EXEMPTION_LIFE,
    TAX_EXEMPTIONS,
    TaxExemption,
    details,
    first_day,
    open_of,
)
from mockserver.domain.tax_exemptions.requests import MOST
from mockserver.domain.users.tax_residencies import GERMANY
from mockserver.domain.users.users import USERS
from mockserver.kernel.money import ZERO
from mockserver.kernel.world import World
from mockserver.models.taxes import TaxExemptionStatus, TaxExemptionType
from mockserver.scenario.document import Found, Path
from mockserver.scenario.families import SeedFamily
from mockserver.scenario.fields import Named, PaymentAmount
from mockserver.scenario.references import ToUser


class SeededTaxExemption(Named):
    """An exemption of this year; what of it is used counts from the first sell on."""

    user_ids: Annotated[tuple[ToUser, ...], Field(min_length=1, max_length=2)]
    type: Literal["SINGLE", "MARRIED", "CIVIL_PARTNERSHIP"] | None = Field(
        None, description="without: SINGLE for one user, MARRIED for two"
    )
    amount: PaymentAmount | None = Field(None, description="EUR; without: 1000.00, for two users 2000.00")
    utilized_amount: PaymentAmount | None = Field(None, description="EUR; without: nothing is used")
    valid_to_date: date | None = Field(None, description="31 December of this year or a later one; without: open-ended")
    status: Literal["NEW", "ACTIVE", "CANCELLED"] = "ACTIVE"


def _check(_: object, path: Path, entry: Any) -> Found:
    """The number of users fits the type, the amounts each other."""
    if entry.type is not None and (entry.type == "SINGLE") != (len(entry.user_ids) == 1):
        wanted = "one user" if entry.type == "SINGLE" else "two users"
        yield (*path, "user_ids"), f"a {entry.type} exemption has {wanted}, got {len(entry.user_ids)}"


def tax_exemption(
    world: World,
    *,
    user_ids: tuple[str, ...],
    id: str | None = None,
    type: str | None = None,
    amount: Decimal | None = None,
    utilized_amount: Decimal | None = None,
    valid_to_date: date | None = None,
    status: str = "ACTIVE",
) -> TaxExemption:
    """An exemption; one that is NEW goes on, one that is ACTIVE needs no residency. It is renewed as any other."""
    for each in user_ids:
        if each not in world.table(USERS):
            raise LookupError(f"there is no user {each}")
    if len(set(user_ids)) < len(user_ids):
        raise ValueError(f"user {user_ids[0]} is named twice")
    kind = TaxExemptionType(type or ("SINGLE" if len(user_ids) == 1 else "MARRIED"))
    most, used = MOST[kind], utilized_amount or ZERO
    granted = most if amount is None else amount
    if not 0 < granted <= most:
        raise ValueError(f"a {kind} exemption is more than 0 and at most {most} EUR, got {granted}")
    if used > granted or (used and status == "NEW"):
        raise ValueError(f"{used} EUR of {granted} cannot be used of an exemption that is {status}")
    start = first_day(world)
    if valid_to_date is not None and (valid_to_date < start or (valid_to_date.month, valid_to_date.day) != (12, 31)):
        raise ValueError(f"valid_to_date is 31 December of {start.year} or later, got {valid_to_date}")
    if status != "CANCELLED" and (taken := open_of(world, user_ids)) is not None:
        raise ValueError(f"user {taken[0]} has tax exemption {taken[1].id} already")
    row = TaxExemption(
        id=id or world.ids.new("tax_exemption"),
        created_at=world.now,
        updated_at=world.now,
        status=TaxExemptionStatus(status),
        user_ids=user_ids,
        country=GERMANY,
        valid_from_date=start,
        valid_to_date=valid_to_date,
        tax_exemption_details=details(kind, granted, used),
    )
    world.table(TAX_EXEMPTIONS).put(row)
    renewal.plan(world)
    go_on(world, EXEMPTION_LIFE, row)
    return row


TAX_EXEMPTIONS_SEED = SeedFamily(
    name="tax_exemptions",
    entry=SeededTaxExemption,
    put=tax_exemption,
    check=_check,
    after=("tax_residencies",),
    without="ACTIVE, of the largest amount, open-ended, nothing used",
)
