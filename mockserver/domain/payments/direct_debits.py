"""Direct debits: money collected from the bank account of a mandate (payments.md §4.1)."""

from __future__ import annotations

from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from pydantic import Field

from mockserver.domain.accounts.accounts import group
from mockserver.domain.isa import subscriptions
from mockserver.domain.payments.admission import Belonging, Direction, admit
from mockserver.domain.payments.bookings import book_payment
from mockserver.domain.payments.cut_offs import READS, after_business_days, next_cut_off
from mockserver.domain.payments.direct_debit_returns import (
    DIRECT_DEBIT_RETURN_LIFE,
    DirectDebitReturn,
    expect_return,
)
from mockserver.domain.payments.mandates import mandate
from mockserver.domain.payments.outcomes import Failure, cause, failure
from mockserver.domain.payments.under_way import UNDER_WAY, UnderWay
from mockserver.domain.refusals import UNKNOWN
from mockserver.kernel.lifecycle import Hold, IllegalMoveError, LifeCycle, Row
from mockserver.kernel.money import decimal, total
from mockserver.kernel.operations import Call, Listing, operation
from mockserver.kernel.stages import Stage
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models import payments as wire
from mockserver.models.accounts import AccountStatus
from mockserver.models.payments import DirectDebitStatus, PaymentCancellationReason

if TYPE_CHECKING:
    from mockserver.models.messages.payments import DirectDebitCreateRequest


class DirectDebit(wire.DirectDebit):
    """One collection; the hidden members are for stages that go on otherwise for some."""

    iban_end: str = Field("", exclude=True)
    """The last four characters of the payer's IBAN."""
    holder_id: str = Field("", exclude=True)
    """Whose mandate it is collected with: the id of the user or business."""


DIRECT_DEBITS: Final[Kind[DirectDebit]] = Kind("direct_debits", indexes={"group": attrgetter("account_group_id")})

DIRECT_DEBIT_LIFE: Final = LifeCycle(
    DIRECT_DEBITS,
    [
        Row(None, "NEW", "DIRECT_DEBIT.NEW", "accepted", "payments.md §4.1 [G]"),
        Row("NEW", "PROCESSING", "DIRECT_DEBIT.PROCESSING", "handed to the bank", "payments.md §4.1 [G]"),
        Row("NEW", "CANCELLED", "DIRECT_DEBIT.CANCELLED", "refused by Upvest", "payments.md §4.1 [A]"),
        Row("PROCESSING", "CONFIRMED", "DIRECT_DEBIT.CONFIRMED", "the money is there", "payments.md §4.1 [G]"),
        Row("PROCESSING", "CANCELLED", "DIRECT_DEBIT.CANCELLED", "refused by the bank", "payments.md §4.1 [A]"),
    ],
    stamped=False,
    afterwards={"CONFIRMED": "to charge it back, move direct_debit_returns/{id} to BOOKED"},
)

OPEN: Final = frozenset({DirectDebitStatus.NEW, DirectDebitStatus.PROCESSING})
UNDER_WAY.append(
    UnderWay("direct debit", DIRECT_DEBITS, OPEN, ended_with={"reason": PaymentCancellationReason.CANCELLED_BY_UPVEST})
)

REFUSED_BY: Final = {
    Failure.REFUSED_BY_BANK: PaymentCancellationReason.CANCELLED_BY_BANK,
    Failure.REFUSED_BY_UPVEST: PaymentCancellationReason.CANCELLED_BY_UPVEST,
}
"""Whose refusal on demand gives which reason."""

RETURNED: Final = "RETURNED"
"""An outcome of the stage ``direct_debit.collect``: CONFIRMED, and later returned by the payer's bank."""


@operation("create_direct_debit")
def create_direct_debit(world: World, call: Call[DirectDebitCreateRequest]) -> DirectDebit:
    """NEW at once; whether the money comes shows later (§4.1)."""
    body = call.body
    group(world, body.account_group_id)  # unknown ids in the order of the request
    payer = mandate(world, body.mandate_id)
    admitted = admit(
        world,
        Direction.IN,
        group_id=body.account_group_id,
        user_id=body.user_id,
        amount=body.cash_amount,
        currency=body.currency,
        names=Belonging("mandate", payer.id, payer.holder_id),
    )
    subscriptions.check(world, admitted.group, admitted.amount, open=_still_to_come(world, admitted.group.id))
    row = DirectDebit.model_validate(
        {
            **body.model_dump(exclude_unset=True),
            "id": world.ids.new("direct_debit"),
            "created_at": world.now,
            **admitted.shown_user,
            "cash_amount": admitted.shown_amount,
            "currency": admitted.currency,
            "status": "NEW",
            "iban_end": payer.iban_end,
            "holder_id": payer.holder_id,
        }
    )
    return DIRECT_DEBIT_LIFE.enter(world, row, "accepted")


def _still_to_come(world: World, group_id: str) -> Decimal:
    """What the open direct debits of a group bring, of pounds: the currency of allowances (§12.2, inferred)."""
    rows = world.table(DIRECT_DEBITS).by("group", group_id)
    return total(decimal(row.cash_amount) for row in rows if row.status in OPEN and row.currency == "GBP")


@operation("retrieve_direct_debit")
def retrieve_direct_debit(world: World, call: Call[None]) -> DirectDebit:
    found = world.table(DIRECT_DEBITS).get(call.path["direct_debit_id"])
    if found is None:
        raise UNKNOWN.refuse(what="direct debit", id=call.path["direct_debit_id"])
    return found


@operation("list_direct_debits")
def list_direct_debits(world: World, call: Call[None]) -> Listing:
    holder, sort = group(world, call.path["account_group_id"]), call.query["sort"]
    return Listing(world.table(DIRECT_DEBITS).sorted_under("group", holder.id, sort, "id"), sort)


def _processed(world: World, debit: DirectDebit) -> str | None:
    return "CANCELLED" if failure(world, "direct debit", debit.iban_end) is Failure.REFUSED_BY_UPVEST else None


def _collected(world: World, debit: DirectDebit) -> str | None:
    """What the payer's bank does: nothing for the IBAN that keeps it PROCESSING, until a command moves it on."""
    match failure(world, "direct debit", debit.iban_end):
        case Failure.REFUSED_BY_BANK:
            return "CANCELLED"
        case Failure.RETURNED | Failure.RETURNED_WITH_FEE:
            return RETURNED
        case Failure.STUCK as stuck:
            raise Hold(cause(debit.iban_end, stuck))
    return None


Stage(
    "direct_debit.process", DIRECT_DEBIT_LIFE, "NEW", "PROCESSING", when=next_cut_off, outcome=_processed, reads=READS
)
Stage(
    "direct_debit.collect",
    DIRECT_DEBIT_LIFE,
    "PROCESSING",
    "CONFIRMED",
    when=after_business_days(2, since="created_at"),
    outcome=_collected,
    branches={RETURNED: "CONFIRMED"},
    options={"CONFIRMED": {"returned": False}, RETURNED: {"returned": True}},
    reads=READS,
)


@DIRECT_DEBIT_LIFE.does("PROCESSING", "CONFIRMED")
def confirm(world: World, debit: DirectDebit, returned: bool | None = None) -> None:
    """The group has the money: direct debit, transaction, balance (§2). Waits where the group is CLOSED.

    ``returned``: whether the payer's bank returns it later; ``None``: as its IBAN says.
    """
    holder = group(world, debit.account_group_id)
    if holder.status == AccountStatus.CLOSED:
        raise Hold(f"account group {holder.id} is CLOSED: no money comes in")
    confirmed = DIRECT_DEBIT_LIFE.move(world, debit, "CONFIRMED", "the money is there")
    book_payment(
        world,
        "SEPA_DIRECT_DEBIT",
        group_id=debit.account_group_id,
        amount=decimal(debit.cash_amount),
        currency=debit.currency,
        id=debit.id,
        reference="DIRECT_DEBIT",
    )
    if returned is None:
        returned = failure(world, "direct debit", debit.iban_end) in (Failure.RETURNED, Failure.RETURNED_WITH_FEE)
    if returned:
        expect_return(world, confirmed)


@DIRECT_DEBIT_RETURN_LIFE.opens
def charge_back(world: World, identity: str) -> DirectDebitReturn:
    """By command: the return of the direct debit with that id, which has to be CONFIRMED."""
    debit = world.table(DIRECT_DEBITS).get(identity)
    if debit is None:
        raise LookupError(f"there is no direct debit {identity}")
    if debit.status != DirectDebitStatus.CONFIRMED:
        raise IllegalMoveError(f"direct debit {debit.id} is {debit.status}: only a CONFIRMED one is returned")
    return expect_return(world, debit, "returned by command")


@DIRECT_DEBIT_LIFE.does("NEW", "CANCELLED")
def refuse(
    world: World,
    debit: DirectDebit,
    reason: PaymentCancellationReason = PaymentCancellationReason.CANCELLED_BY_UPVEST,
) -> None:
    """Before the bank has it. CANCELLED_BY_CLIENT by command only: no operation cancels one (§4.1, inferred)."""
    _cancel(world, debit, reason)


@DIRECT_DEBIT_LIFE.does("PROCESSING", "CANCELLED")
def bounce(
    world: World,
    debit: DirectDebit,
    reason: PaymentCancellationReason = PaymentCancellationReason.CANCELLED_BY_BANK,
) -> None:
    """By the payer's bank, which does not pay."""
    _cancel(world, debit, reason)


def _cancel(world: World, debit: DirectDebit, reason: str) -> None:
    why = PaymentCancellationReason(reason)
    failed = failure(world, "direct debit", debit.iban_end)
    told = why.value.lower().replace("_", " ")
    if failed is not None and REFUSED_BY.get(failed) is why:
        told = f"{told}: {cause(debit.iban_end, failed)}"
    DIRECT_DEBIT_LIFE.move(world, debit, "CANCELLED", told, cancellation_reason=why)
