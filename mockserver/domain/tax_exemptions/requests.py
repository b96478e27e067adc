"""What clients request of tax exemptions: order, replace, delete, read (payments.md §12.1)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from mockserver.domain.tax_exemptions import renewal
from mockserver.domain.tax_exemptions.changes import DELETION, UPDATE, Change, changed, pending, request
from mockserver.domain.tax_exemptions.exemptions import (
    ACTIVE,
    EXEMPTION_LIFE,
    TAX_EXEMPTIONS,
    TaxExemption,
    details,
    exemption,
    first_day,
    open_of,
)
from mockserver.domain.tax_exemptions.refusals import (
    AMOUNT,
    AMOUNT_LIMIT,
    CHANGE_PENDING,
    COUNTRY,
    CURRENCY,
    EXISTS,
    NOT_ACTIVE,
    NUMBER_OF_USERS,
    TYPE_MISSING,
    USER_TWICE,
    UTILISED,
    VALID_TO_DAY,
    VALID_TO_YEAR,
)
from mockserver.domain.users.tax_residencies import GERMANY
from mockserver.domain.users.users import user
from mockserver.kernel.frozen import frozen
from mockserver.kernel.money import ZERO, decimal
from mockserver.kernel.operations import Call, Listing, Nothing, operation
from mockserver.kernel.world import World
from mockserver.models.taxes import TaxExemptionStatus, TaxExemptionType

if TYPE_CHECKING:
    from mockserver.models.messages.taxes import TaxExemptionCreateRequest, TaxExemptionUpdateRequest

SINGLE: Final = TaxExemptionType.SINGLE
MOST: Final = {
    TaxExemptionType.SINGLE: Decimal("1000.00"),
    TaxExemptionType.MARRIED: Decimal("2000.00"),
    TaxExemptionType.CIVIL_PARTNERSHIP: Decimal("2000.00"),
}
"""The largest exemption of each type, in EUR (§12.1 [D])."""


@frozen
class Wanted:
    """A request that passed the checks of its form."""

    user_ids: tuple[str, ...]
    type: TaxExemptionType
    amount: Decimal
    valid_to_date: date | None


def _read(world: World, body: TaxExemptionCreateRequest | TaxExemptionUpdateRequest) -> Wanted:
    """What a request wants, or the refusal that is first in the order of the documented errors."""
    if body.country != GERMANY:
        raise COUNTRY.refuse(country=body.country)
    ids = tuple(user(world, each).id for each in body.user_ids)
    if len(set(ids)) < len(ids):
        raise USER_TWICE.refuse(id=ids[0])
    sent = body.tax_exemption_details
    type_ = sent.tax_exemption_type
    if type_ is None:
        if len(ids) > 1:
            raise TYPE_MISSING.refuse()
        type_ = SINGLE
    if len(ids) != (1 if type_ == SINGLE else 2):
        raise NUMBER_OF_USERS.refuse(type=type_, wanted="one user" if type_ == SINGLE else "two users", given=len(ids))
    money = sent.tax_exemption_amount
    if money.currency != "EUR":
        raise CURRENCY.refuse(currency=money.currency)
    amount = decimal(money.amount)
    if amount <= 0:
        raise AMOUNT.refuse(amount=money.amount)
    if amount > MOST[type_]:
        raise AMOUNT_LIMIT.refuse(type=type_, most=MOST[type_], amount=money.amount)
    _check_end(world, body.valid_to_date)
    return Wanted(ids, type_, amount, body.valid_to_date)


def _check_end(world: World, end: date | None) -> None:
    if end is None:
        return
    this_year = first_day(world).year
    if end.year < this_year:
        raise VALID_TO_YEAR.refuse(date=end, year=this_year)
    if (end.month, end.day) != (12, 31):
        raise VALID_TO_DAY.refuse(date=end, year=end.year)


def _refuse_second(world: World, user_ids: tuple[str, ...], *, but: str = "") -> None:
    found = open_of(world, user_ids, but=but)
    if found is not None:
        raise EXISTS.refuse(user_id=found[0], id=found[1].id, status=found[1].status)


@operation("create_tax_exemption")
def create_tax_exemption(world: World, call: Call[TaxExemptionCreateRequest]) -> TaxExemption:
    """NEW, nothing used; decided a moment later (§12.1 [A])."""
    wanted = _read(world, call.body)
    _refuse_second(world, wanted.user_ids)
    renewal.plan(world)
    row = TaxExemption(
        id=world.ids.new("tax_exemption"),
        created_at=world.now,
        updated_at=world.now,
        status=TaxExemptionStatus.NEW,
        user_ids=wanted.user_ids,
        country=GERMANY,
        valid_from_date=first_day(world),
        valid_to_date=wanted.valid_to_date,
        tax_exemption_details=details(wanted.type, wanted.amount, ZERO),
    )
    return EXEMPTION_LIFE.enter(world, row, "ordered by the client")


@operation("retrieve_tax_exemption_by_id")
def retrieve_tax_exemption_by_id(world: World, call: Call[None]) -> TaxExemption:
    return exemption(world, call.path["tax_exemption_id"])


@operation("retrieve_tax_exemptions_for_user")
def retrieve_tax_exemptions_for_user(world: World, call: Call[None]) -> Listing:
    """Those of every year and status, a joint one for each of its users."""
    of, sort = user(world, call.path["user_id"]), call.query["sort"]
    return Listing(world.table(TAX_EXEMPTIONS).sorted_under("user", of.id, sort, "id"), sort)


@operation("update_tax_exemption")
def update_tax_exemption(world: World, call: Call[TaxExemptionUpdateRequest]) -> TaxExemption:
    """The answer shows the new values, GET the old ones until the event (§12.1 [E, I])."""
    row = exemption(world, call.path["tax_exemption_id"])
    wanted = _read(world, call.body)
    if row.status != ACTIVE:
        raise NOT_ACTIVE.refuse(id=row.id, status=row.status)
    if pending(world, row.id):
        raise CHANGE_PENDING.refuse(id=row.id)
    _refuse_second(world, wanted.user_ids, but=row.id)
    if wanted.amount < row.used:
        raise UTILISED.refuse(used=f"{row.used:.2f}", id=row.id, amount=f"{wanted.amount:.2f}")
    change = Change(
        id=world.ids.new("tax_exemption_change"),
        tax_exemption_id=row.id,
        what=UPDATE,
        status="REQUESTED",
        user_ids=wanted.user_ids,
        type=wanted.type,
        amount=wanted.amount,
        valid_to_date=wanted.valid_to_date,
    )
    request(world, change)
    return changed(row, change, updated_at=world.now)


@operation("delete_tax_exemption")
def delete_tax_exemption(world: World, call: Call[None]) -> Nothing:
    """Accepted whatever its state, and decided after the changes before it (§12.1 [A])."""
    row = exemption(world, call.path["tax_exemption_id"])
    identity = world.ids.new("tax_exemption_change")
    request(world, Change(id=identity, tax_exemption_id=row.id, what=DELETION, status="REQUESTED"))
    return Nothing()
