"""Allowances of earlier tax years: history of a tax wrapper, EXPIRED."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from mockserver.domain.isa import tax_years
from mockserver.domain.isa.allowances import ALLOWANCES, Allowance, drafted
from mockserver.domain.isa.wrappers import of_group
from mockserver.kernel.world import World
from mockserver.scenario.document import Found, Path
from mockserver.scenario.families import SeedFamily
from mockserver.scenario.fields import Instant, Named
from mockserver.scenario.references import ToAccountGroup
from mockserver.scenario.seeds.isa_wrappers import Used

TaxYear = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}/[0-9]{4}$")]


class SeededAllowance(Named):
    """What was used in a tax year that is over; ``used_amount`` of this one is a member of ``isa_wrappers``."""

    account_group_id: ToAccountGroup
    tax_year: TaxYear = Field(description="such as 2021/2022: before that of the scenario's clock")
    used_amount: Used
    first_subscription_at: Instant | None = Field(None, description="without: absent, or the first second of the year")


def _check(_: object, path: Path, entry: Any) -> Found:
    """A tax year ends in the calendar year after the one in which it begins."""
    first, last = map(int, re.findall("[0-9]+", entry.tax_year))
    if last != first + 1:
        yield (*path, "tax_year"), f"is no tax year: expected {tax_years.name(first)}, got {entry.tax_year}"


def isa_wrapper_allowance(
    world: World,
    *,
    account_group_id: str,
    tax_year: str,
    used_amount: Decimal,
    id: str | None = None,
    first_subscription_at: datetime | None = None,
) -> Allowance:
    """An EXPIRED allowance of the group's wrapper, whatever the state of that is."""
    wrapper = of_group(world, account_group_id)
    if wrapper is None:
        raise ValueError(f"account group {account_group_id} has no tax wrapper: give it one in `isa_wrappers`")
    year, present = int(tax_year[:4]), tax_years.year_of(world.now)
    if year >= present:
        raise ValueError(f"tax year {tax_year} is not over: expected one before {tax_years.name(present)}")
    if any(row.year == year for row in world.table(ALLOWANCES).by("wrapper", wrapper.id)):
        raise ValueError(f"tax wrapper {wrapper.id} has two allowances of {tax_year}")
    first = first_subscription_at or (tax_years.start(year) if used_amount else None)
    row = drafted(world, wrapper.id, year=year, used=used_amount, first=first, status="EXPIRED")
    return world.table(ALLOWANCES).put(row if id is None else row.evolve(id=id))


ISA_WRAPPER_ALLOWANCES = SeedFamily(
    name="isa_wrapper_allowances",
    entry=SeededAllowance,
    put=isa_wrapper_allowance,
    check=_check,
    after=("isa_wrappers",),
    without="no allowance but that of this tax year",
)
