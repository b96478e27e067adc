"""Yearly allowances of tax wrappers: how much of one tax year may be subscribed (payments.md §12.2)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any, Final

from mockserver.domain.isa import tax_years
from mockserver.kernel.events import emit
from mockserver.kernel.lifecycle import LifeCycle, Row
from mockserver.kernel.money import ZERO, decimal, minus
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models import taxes as wire
from mockserver.models.taxes import IsaWrapperAllowanceStatus

ANNUAL: Final = Decimal("20000.00")
"""Pounds that may be subscribed in a tax year: used and remaining always sum to it (payments.md §12.2 [D])."""

UPDATED: Final = "ISA_WRAPPER_ALLOWANCE.UPDATED"


class Allowance(wire.IsaWrapperAllowance):
    """What may be subscribed in one tax year, and what of it is used."""

    @property
    def used(self) -> Decimal:
        return decimal(self.used_amount)

    @property
    def remaining(self) -> Decimal:
        return decimal(self.remaining_amount)

    @property
    def year(self) -> int:
        """The calendar year in which its tax year begins."""
        return tax_years.year_of(self.valid_from)


ALLOWANCES: Final[Kind[Allowance]] = Kind("isa_wrapper_allowances", indexes={"wrapper": attrgetter("tax_wrapper_id")})

ALLOWANCE_LIFE: Final = LifeCycle(
    ALLOWANCES,
    [
        Row(
            None,
            "ACTIVE",
            "ISA_WRAPPER_ALLOWANCE.CREATED",
            "with its wrapper, then each 6 April",
            "payments.md §12.2 [D]",
        ),
        Row("ACTIVE", "EXPIRED", "ISA_WRAPPER_ALLOWANCE.EXPIRED", "its tax year is over", "payments.md §12.2 [D]"),
    ],
)


def drafted(
    world: World,
    wrapper_id: str,
    *,
    year: int | None = None,
    used: Decimal = ZERO,
    first: datetime | None = None,
    status: str = "ACTIVE",
) -> Allowance:
    """An allowance that is in no table yet, of the tax year of now if ``year`` is not given."""
    year = tax_years.year_of(world.now) if year is None else year
    optional: dict[str, Any] = {} if first is None else {"first_subscription_at": first}
    return Allowance(
        id=world.ids.new("isa_wrapper_allowance"),
        created_at=world.now,
        updated_at=world.now,
        tax_wrapper_id=wrapper_id,
        tax_year=tax_years.name(year),
        type="ANNUAL",
        status=IsaWrapperAllowanceStatus(status),
        currency="GBP",
        used_amount=f"{used:.2f}",
        remaining_amount=f"{minus(ANNUAL, used):.2f}",
        valid_from=tax_years.start(year),
        valid_to=tax_years.last_second(year),
        **optional,
    )


def begin(world: World, wrapper_id: str, year: int | None = None) -> Allowance:
    """Create the allowance of a tax year, with its event; nothing of it is used."""
    return ALLOWANCE_LIFE.enter(world, drafted(world, wrapper_id, year=year), "the tax year of an ACTIVE wrapper")


def active(world: World, wrapper_id: str) -> Allowance | None:
    """The ACTIVE allowance of a wrapper, if it has one."""
    rows = world.table(ALLOWANCES).by("wrapper", wrapper_id)
    return next((row for row in reversed(rows) if row.status == IsaWrapperAllowanceStatus.ACTIVE), None)


def use(world: World, of: Allowance, change: Decimal, *, first: datetime | None = None) -> Allowance:
    """Count an amount (negative: give it back) within 0.00 and 20000.00; the caller keeps it there.

    ``first``: when money was subscribed first, where that is earlier than what is known.
    """
    used = minus(of.used, change.copy_negate())
    changes: dict[str, Any] = {
        "used_amount": f"{used:.2f}",
        "remaining_amount": f"{minus(ANNUAL, used):.2f}",
        "updated_at": world.now,
    }
    known = of.first_subscription_at
    if first is not None and (known is None or first < known):
        changes["first_subscription_at"] = first
    row: Allowance = world.table(ALLOWANCES).put(of.evolve(**changes))
    emit(world, UPDATED, row)
    return row
