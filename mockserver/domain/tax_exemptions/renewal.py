"""The years of tax exemptions: on 1 January at 00:00 in Berlin each expires, and is renewed (payments.md §12.1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from mockserver.domain.tax_exemptions.exemptions import (
    ACTIVE,
    EXEMPTION_LIFE,
    TAX_EXEMPTIONS,
    TaxExemption,
    berlin,
    details,
    first_day,
    today,
)
from mockserver.kernel.money import ZERO
from mockserver.kernel.world import World

RUN: Final = "run.tax_exemptions"


def next_run(world: World) -> datetime:
    """The next 1 January, 00:00 in Berlin (hour inferred)."""
    return datetime(today(world).year + 1, 1, 1, tzinfo=berlin()).astimezone(UTC)


def plan(world: World) -> None:
    """Make the next run due, unless it is."""
    if not world.clock.pending(RUN):
        world.clock.at(next_run(world), RUN, reason="tax exemptions expire and are renewed", background=True)


def renew_all(world: World) -> Iterator[TaxExemption]:
    """Renew every ACTIVE exemption of an earlier year, in order of creation; in the same year nothing happens."""
    start = first_day(world)
    for row in [each for each in world.table(TAX_EXEMPTIONS) if each.status == ACTIVE]:
        if row.valid_from_date < start:
            yield _renew(world, row)


def _renew(world: World, old: TaxExemption) -> TaxExemption:
    """``TAX_EXEMPTION.UPDATED`` of the old one; ``.CREATED`` of a new one unless ``valid_to_date`` is past."""
    start = first_day(world)
    expired = EXEMPTION_LIFE.move(world, old, "EXPIRED", "its year is over")
    if old.valid_to_date is not None and old.valid_to_date < start:
        return expired
    row = TaxExemption(
        id=world.ids.new("tax_exemption"),
        created_at=world.now,
        updated_at=world.now,
        status=ACTIVE,
        user_ids=old.user_ids,
        country=old.country,
        valid_from_date=start,
        valid_to_date=old.valid_to_date,
        tax_exemption_details=details(old.tax_exemption_details.tax_exemption_type, old.amount, ZERO),
    )
    return EXEMPTION_LIFE.enter(world, row, "renewed for a new year")
