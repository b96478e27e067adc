"""Returns: the payer's bank takes the money of a confirmed direct debit back (payments.md §4.2).

No event of the direct debit tells it and its state stays CONFIRMED, so a return is an object of its own: it has the id
of its direct debit, and there is at most one. It begins with a direct debit whose outcome is RETURNED, or by command
at any time afterwards.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from mockserver.domain.accounts.accounts import group
from mockserver.domain.isa import subscriptions
from mockserver.domain.ledger import cash
from mockserver.domain.payments.bookings import record_payment
from mockserver.domain.payments.cut_offs import READS, after_business_days
from mockserver.domain.payments.outcomes import Failure, failure
from mockserver.domain.payments.outcomes import cause as cause_of
from mockserver.kernel.frozen import frozen
from mockserver.kernel.lifecycle import Hold, LifeCycle, Row
from mockserver.kernel.money import ZERO, minus
from mockserver.kernel.record import Record
from mockserver.kernel.stages import Stage
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.accounts import AccountStatus

if TYPE_CHECKING:
    from mockserver.domain.payments.direct_debits import DirectDebit

FEE_OF_AN_END: Final = Decimal("3.00")
"""What an IBAN that is returned with a fee costs where the profile has none (payments.md §16.3, the mock's own)."""


@frozen(slots=False)
class DirectDebitReturn(Record):
    """One return; ``reject_fee`` is what the bank charges for it."""

    id: str
    status: str
    account_group_id: str
    cash_amount: Decimal
    currency: str
    reject_fee: Decimal
    iban_end: str
    holder_id: str


DIRECT_DEBIT_RETURNS: Final[Kind[DirectDebitReturn]] = Kind("direct_debit_returns")

DIRECT_DEBIT_RETURN_LIFE: Final = LifeCycle(
    DIRECT_DEBIT_RETURNS,
    [
        Row(None, "DUE", None, "the payer's bank wants the money back", "payments.md §4.2, inferred"),
        Row("DUE", "BOOKED", None, "the money went back", "payments.md §4.2, inferred"),
    ],
    stamped=False,
)

Stage("direct_debit.return", DIRECT_DEBIT_RETURN_LIFE, "DUE", "BOOKED", when=after_business_days(2), reads=READS)


def expect_return(world: World, debit: DirectDebit, cause: str = "") -> DirectDebitReturn:
    """The payer's bank wants the money of a confirmed direct debit back; ``cause``: why, if no IBAN says so."""
    failed = failure(world, "direct debit", debit.iban_end)
    if not cause and failed in (Failure.RETURNED, Failure.RETURNED_WITH_FEE):
        cause = cause_of(debit.iban_end, failed)
    return DIRECT_DEBIT_RETURN_LIFE.enter(world, return_of(world, debit), cause or "the bank sends it back afterwards")


def return_of(world: World, debit: DirectDebit) -> DirectDebitReturn:
    """The return of a direct debit, which is DUE, with the fee that the bank charges for it."""
    fee = world.profile.payments.reject_fee
    if not fee and failure(world, "direct debit", debit.iban_end) is Failure.RETURNED_WITH_FEE:
        fee = FEE_OF_AN_END
    return DirectDebitReturn(
        id=debit.id,
        status="DUE",
        account_group_id=debit.account_group_id,
        cash_amount=Decimal(debit.cash_amount),
        currency=debit.currency,
        reject_fee=fee,
        iban_end=debit.iban_end,
        holder_id=debit.holder_id,
    )


@DIRECT_DEBIT_RETURN_LIFE.does("DUE", "BOOKED")
def book_return(world: World, back: DirectDebitReturn) -> None:
    """The balance may fall below zero when the money is spent: transactions first, then the balance (§4.2).

    Raises :class:`Hold` for a CLOSED account group, which has no cash and is never reopened.
    """
    holder = group(world, back.account_group_id)
    if holder.status == AccountStatus.CLOSED:
        raise Hold(f"account group {holder.id} is CLOSED: nothing goes back out of it")
    DIRECT_DEBIT_RETURN_LIFE.move(world, back, "BOOKED", "the money went back")
    _take(world, back, "SEPA_DIRECT_DEBIT_CHARGE_BACK", back.cash_amount)
    if back.reject_fee:
        _take(world, back, "DD_REFUND_REJECT_FEE", back.reject_fee)
    total = minus(minus(ZERO, back.cash_amount), back.reject_fee)
    cash.book(world, back.account_group_id, back.currency, balance=total)
    subscriptions.booked(
        world,
        "SEPA_DIRECT_DEBIT_CHARGE_BACK",
        group_id=back.account_group_id,
        amount=back.cash_amount.copy_negate(),
        currency=back.currency,
        id=back.id,
    )


def _take(world: World, back: DirectDebitReturn, type_: str, amount: Decimal) -> None:
    record_payment(
        world,
        type_,
        group_id=back.account_group_id,
        amount=amount.copy_negate(),
        currency=back.currency,
        id=back.id,
        reference="DIRECT_DEBIT",
    )
