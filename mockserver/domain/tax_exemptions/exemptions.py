"""Tax exemptions: how much of a year's income stays free of German tax, and what of it is used (payments.md §12.1).

A user has at most one that is NEW or ACTIVE. One for two users is one pot.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from operator import attrgetter
from typing import Any, Final

from mockserver.domain.refusals import UNKNOWN
from mockserver.domain.users.tax_residencies import GERMANY, TAX_RESIDENCIES, countries
from mockserver.domain.users.users import USERS
from mockserver.kernel.calendar import zone
from mockserver.kernel.events import emit
from mockserver.kernel.lifecycle import LifeCycle, Row
from mockserver.kernel.money import decimal, minus, plus
from mockserver.kernel.stages import Stage
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models import taxes as wire
from mockserver.models.common import PortfolioCurrency
from mockserver.models.taxes import (
    TaxAmount,
    TaxExemptionDetails,
    TaxExemptionFailure,
    TaxExemptionStatus,
    TaxExemptionType,
)
from mockserver.models.users import UserStatus

ACTIVE: Final = TaxExemptionStatus.ACTIVE
OPEN: Final = frozenset({TaxExemptionStatus.NEW, ACTIVE})
"""States in which an exemption takes the place of its users' one exemption."""


class TaxExemption(wire.TaxExemption):
    """A German tax exemption of one user, or of two who share it."""

    @property
    def amount(self) -> Decimal:
        return decimal(self.tax_exemption_details.tax_exemption_amount.amount)

    @property
    def used(self) -> Decimal:
        return decimal(self.tax_exemption_details.utilized_amount.amount)

    @property
    def remaining(self) -> Decimal:
        return decimal(self.tax_exemption_details.remaining_amount.amount)


def _open_users(row: TaxExemption) -> tuple[str, ...] | None:
    return row.user_ids if row.status in OPEN else None


TAX_EXEMPTIONS: Kind[TaxExemption] = Kind(
    "tax_exemptions", indexes={"user": attrgetter("user_ids"), "open": _open_users}
)

EXEMPTION_LIFE: Final = LifeCycle(
    TAX_EXEMPTIONS,
    [
        Row(None, "NEW", None, "ordered by the client", "payments.md §12.1 [A]"),
        Row(None, "ACTIVE", "TAX_EXEMPTION.CREATED", "renewed for a new year", "payments.md §12.1 [D]"),
        Row("NEW", "ACTIVE", "TAX_EXEMPTION.CREATED", "its users are taxed in Germany", "payments.md §12.1 [D]"),
        Row(
            "NEW",
            "CANCELLED",
            None,
            "a user has no German tax residency: TAX_EXEMPTION.CREATION_FAILED",
            "payments.md §12.1 [D], cause inferred",
        ),
        Row("ACTIVE", "CANCELLED", "TAX_EXEMPTION.DELETED", "deleted by the client", "payments.md §12.1 [D], inferred"),
        Row("ACTIVE", "EXPIRED", "TAX_EXEMPTION.UPDATED", "its year is over", "payments.md §12.1 [D], hour inferred"),
    ],
)


def details(type_: TaxExemptionType, amount: Decimal, used: Decimal) -> TaxExemptionDetails:
    """The amounts as they are shown: with two decimals."""

    def shown(value: Decimal) -> TaxAmount:
        return TaxAmount(amount=f"{value:.2f}", currency=PortfolioCurrency.EUR)

    return TaxExemptionDetails(
        tax_exemption_type=type_,
        tax_exemption_amount=shown(amount),
        utilized_amount=shown(used),
        remaining_amount=shown(minus(amount, used)),
    )


def exemption(world: World, identity: str) -> TaxExemption:
    """The exemption, or a refusal (404)."""
    found = world.table(TAX_EXEMPTIONS).get(identity)
    if found is None:
        raise UNKNOWN.refuse(what="tax exemption", id=identity)
    return found


def open_of(world: World, user_ids: Iterable[str], *, but: str = "") -> tuple[str, TaxExemption] | None:
    """The first of the users with an exemption that is NEW or ACTIVE, and that one; ``but``: an id left out."""
    table = world.table(TAX_EXEMPTIONS)
    return next(((each, row) for each in user_ids for row in table.by("open", each) if row.id != but), None)


# --- Use ---


def usable(world: World, holders: Sequence[str]) -> TaxExemption | None:
    """The ACTIVE exemption that names every one of the holders: what two own needs a joint one (inferred)."""
    table = world.table(TAX_EXEMPTIONS)
    if not holders or not len(table):
        return None
    rows = table.by("open", holders[0])
    return next((row for row in rows if row.status == ACTIVE and set(holders) <= set(row.user_ids)), None)


def utilise(world: World, identity: str, exempt: Decimal) -> None:
    """Count ``exempt`` as used; ``TAX_EXEMPTION.UPDATED``."""
    _count(world, world.table(TAX_EXEMPTIONS)[identity], exempt)


def release(world: World, identity: str, exempt: Decimal) -> None:
    """Count ``exempt`` as unused again, in the year in which it was used: the exemption may have EXPIRED since."""
    row = world.table(TAX_EXEMPTIONS)[identity]
    _count(world, row, exempt.copy_negate())


def _count(world: World, row: TaxExemption, more: Decimal) -> None:
    shown = details(row.tax_exemption_details.tax_exemption_type, row.amount, plus(row.used, more))
    new = world.table(TAX_EXEMPTIONS).put(row.evolve(tax_exemption_details=shown, updated_at=world.now))
    emit(world, "TAX_EXEMPTION.UPDATED", new)


# --- The decision about a new one ---


@cache
def berlin() -> Any:
    return zone("Europe/Berlin")


def today(world: World) -> date:
    """The day in Berlin: the years of exemptions begin and end there."""
    return world.now.astimezone(berlin()).date()


def first_day(world: World) -> date:
    """1 January of this year."""
    return today(world).replace(month=1, day=1)


def obstacle(world: World, user_ids: Iterable[str], valid_to: date | None) -> str | None:
    """Why there is no exemption for the users, in words (payments.md §12.1, causes inferred)."""
    if valid_to is not None and valid_to < today(world):
        return f"valid_to_date, {valid_to}, is past"
    for each in user_ids:
        if world.table(USERS)[each].status == UserStatus.OFFBOARDED:
            return f"User {each} is OFFBOARDED"
        if not _numbered(world, each):
            return f"User {each} has no German tax residency with a tax number"
    return None


def _numbered(world: World, user_id: str) -> bool:
    """Whether the user is taxed in Germany by a tax number (§12.1 [D])."""
    if GERMANY not in countries(world, user_id):
        return False
    found = world.table(TAX_RESIDENCIES)[user_id].tax_residencies
    return any(each.country == GERMANY and getattr(each, "tax_identifier_number", None) for each in found)


def _outcome(world: World, row: TaxExemption) -> str | None:
    return "CANCELLED" if obstacle(world, row.user_ids, row.valid_to_date) else None


Stage("tax_exemption.decide", EXEMPTION_LIFE, "NEW", "ACTIVE", outcome=_outcome)


@EXEMPTION_LIFE.does("NEW", "ACTIVE")
def accept(world: World, row: TaxExemption) -> None:
    """It counts for the year in which it is decided."""
    EXEMPTION_LIFE.move(world, row, "ACTIVE", "accepted", valid_from_date=first_day(world))


@EXEMPTION_LIFE.does("NEW", "CANCELLED")
def reject(world: World, row: TaxExemption, reason: str = "") -> None:
    """Final; ``reason`` is what the event says."""
    reason = reason or obstacle(world, row.user_ids, row.valid_to_date) or "Rejected by the tax office"
    new = EXEMPTION_LIFE.move(world, row, "CANCELLED", reason)
    emit(world, "TAX_EXEMPTION.CREATION_FAILED", failure(new, reason))


def failure(row: TaxExemption, reason: str) -> TaxExemptionFailure:
    """The object of the events about a failure."""
    return TaxExemptionFailure.model_validate({**row.model_dump(exclude_unset=True), "reason": reason})
