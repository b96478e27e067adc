"""Withdrawals: cash that is paid out to a reference account of the holder (payments.md §7).

A withdrawal is *funded* once its amount is reserved: taken off what is available, and still in the balance until the
payment is sent. What clients may request, and what happens by itself, is in ``withdrawal_requests``.
"""

from __future__ import annotations

from decimal import Decimal
from operator import attrgetter
from typing import Final

from pydantic import Field

from mockserver.domain import topics
from mockserver.domain.accounts.accounts import group
from mockserver.domain.ledger import cash
from mockserver.domain.payments import outcomes
from mockserver.domain.payments.bookings import book_payment
from mockserver.domain.payments.outcomes import Failure
from mockserver.domain.payments.under_way import UNDER_WAY, UnderWay
from mockserver.kernel.lifecycle import Hold, LifeCycle, Row
from mockserver.kernel.money import ZERO, decimal, wire_amount
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models import payments as wire
from mockserver.models.accounts import AccountStatus
from mockserver.models.payments import PaymentCancellationReason, WithdrawalStatus

BY_CLIENT: Final = PaymentCancellationReason.CANCELLED_BY_CLIENT
BY_UPVEST: Final = PaymentCancellationReason.CANCELLED_BY_UPVEST
BY_BANK: Final = PaymentCancellationReason.CANCELLED_BY_BANK


class Withdrawal(wire.Withdrawal):
    """A payment to a reference account, whose IBAN it keeps: the account may be deleted meanwhile."""

    iban: str = Field("", exclude=True)
    """Of the reference account, obfuscated (hidden)."""
    funded: bool = Field(False, exclude=True)
    """Whether its amount was reserved for it."""

    @property
    def iban_end(self) -> str:
        """Decides how it fails on demand, and is what profiles match (payments.md §16.3)."""
        return self.iban[-4:]


WITHDRAWALS: Final[Kind[Withdrawal]] = Kind("withdrawals", indexes={"group": attrgetter("account_group_id")})

OPEN: Final = frozenset({WithdrawalStatus.NEW, WithdrawalStatus.PROCESSING})

WITHDRAWAL_LIFE: Final = LifeCycle(
    WITHDRAWALS,
    [
        Row(None, "NEW", "WITHDRAWAL.NEW", "requested by the client", "payments.md §7 [E]"),
        Row(
            "NEW", "PROCESSING", "WITHDRAWAL.PROCESSING", "picked up for the next bank file", "payments.md §7, inferred"
        ),
        Row("NEW", "CANCELLED", "WITHDRAWAL.CANCELLED", "by the client, or refused by Upvest", "payments.md §7 [A]"),
        Row(
            "PROCESSING", "CONFIRMED", "WITHDRAWAL.CONFIRMED", "the payment was sent to the bank", "payments.md §7 [G]"
        ),
        Row("PROCESSING", "CANCELLED", "WITHDRAWAL.CANCELLED", "the bank refuses it", "payments.md §1, inferred"),
        Row("CONFIRMED", "CANCELLED", "WITHDRAWAL.CANCELLED", "the bank sends the money back", "payments.md §7 [G]"),
    ],
)


@WITHDRAWAL_LIFE.does("NEW", "PROCESSING")
def hand_over(world: World, of: Withdrawal) -> None:
    """Give it to the bank. It needs its cash, and waits while its account group is LOCKED (payments.md §2.5)."""
    holder = group(world, of.account_group_id)
    if holder.status == AccountStatus.LOCKED:
        raise Hold(f"account group {holder.id} is LOCKED", topic=topics.group(holder.id))
    WITHDRAWAL_LIFE.move(world, fund(world, of), "PROCESSING", "picked up for the next bank file")


@WITHDRAWAL_LIFE.does("PROCESSING", "CONFIRMED")
def confirm(world: World, of: Withdrawal) -> None:
    """The money is gone: transaction and balance follow (payments.md §2.3)."""
    WITHDRAWAL_LIFE.move(world, of, "CONFIRMED", "the payment was sent to the bank")
    amount = decimal(of.amount).copy_negate()
    _book(world, of, "WITHDRAWAL", amount, reserved=amount)


@WITHDRAWAL_LIFE.does("NEW", "CANCELLED")
def cancel(world: World, of: Withdrawal, reason: PaymentCancellationReason = BY_UPVEST) -> None:
    """Give back what was reserved for it; one that was not funded changes no balance, and tells none."""
    _end(world, of, reason)


@WITHDRAWAL_LIFE.does("PROCESSING", "CANCELLED")
def refuse(world: World, of: Withdrawal, reason: PaymentCancellationReason = BY_BANK) -> None:
    """The payment is not sent: what was reserved for it is available again."""
    _end(world, of, reason)


@WITHDRAWAL_LIFE.does("CONFIRMED", "CANCELLED")
def take_back(world: World, of: Withdrawal, reason: PaymentCancellationReason = BY_BANK) -> None:
    """The bank sends the money back. A CLOSED account group gets none, so that the return waits (payments.md §7)."""
    holder = group(world, of.account_group_id)
    if holder.status == AccountStatus.CLOSED:
        raise Hold(f"account group {holder.id} is CLOSED: no cash comes back into it")
    _end(world, of, reason)


def _end(world: World, of: Withdrawal, reason: PaymentCancellationReason) -> None:
    """CANCELLED, and the cash is back: out of the promise or, once that was kept, by a transaction."""
    was, why = of.status, PaymentCancellationReason(reason)
    WITHDRAWAL_LIFE.move(world, of, "CANCELLED", _cause(world, of, why), cancellation_reason=why)
    if was == WithdrawalStatus.CONFIRMED:
        _book(world, of, "WITHDRAWAL_CANCELLATION", decimal(of.amount))
    elif of.funded:
        reserve(world, of, back=True)


ON_DEMAND: Final = {"NEW": Failure.REFUSED_BY_UPVEST, "CONFIRMED": Failure.RETURNED}
"""In which state an IBAN that fails on demand cancels a withdrawal (payments.md §16.3)."""


def _cause(world: World, of: Withdrawal, reason: PaymentCancellationReason) -> str:
    """Why it is cancelled, for its history."""
    failed = outcomes.failure(world, "withdrawal", of.iban_end)
    if failed is not None and failed is ON_DEMAND.get(str(of.status)) and reason != BY_CLIENT:
        return outcomes.cause(of.iban_end, failed)
    if reason == BY_UPVEST and not of.funded:
        return _too_little(world, of)
    return reason.value.lower().replace("_", " ")


# --- Cash ---


def fund(world: World, of: Withdrawal) -> Withdrawal:
    """Reserve its amount if that was not done yet; raises :class:`Hold` while less is available for withdrawal."""
    if of.funded:
        return of
    held = cash.cash(world, of.account_group_id, of.currency)
    if decimal(of.amount) > held.for_withdrawal:
        why = _too_little(world, of)
        raise Hold(why, topic=held.withdrawal_topic, wanted=decimal(of.amount), free=held.for_withdrawal)
    funded: Withdrawal = world.table(WITHDRAWALS).put(of.evolve(funded=True))
    reserve(world, funded)
    return funded


def reserve(world: World, of: Withdrawal, *, back: bool = False) -> None:
    """Take its amount off what is available, or give it ``back``, and tell the balance."""
    amount = decimal(of.amount)
    cash.book(world, of.account_group_id, of.currency, reserved=amount.copy_negate() if back else amount)


def _too_little(world: World, of: Withdrawal) -> str:
    available = cash.cash(world, of.account_group_id, of.currency).for_withdrawal
    return f"not enough cash: {wire_amount(available)} of {of.amount} {of.currency} is available for withdrawal"


def _book(world: World, of: Withdrawal, type_: str, amount: Decimal, *, reserved: Decimal = ZERO) -> None:
    book_payment(
        world,
        type_,
        group_id=of.account_group_id,
        amount=amount,
        currency=of.currency,
        id=of.id,
        reference="WITHDRAWAL",
        reserved=reserved,
    )


def _give_up(world: World, of: Withdrawal) -> bool:
    """Cancel one that only waits for cash: none comes into a group that closes (payments.md §2.5, inferred)."""
    if of.funded:
        return False
    cancel(world, of)
    return True


UNDER_WAY.append(
    UnderWay("withdrawal", WITHDRAWALS, OPEN, forbids=True, give_up=_give_up, ended_with={"reason": BY_UPVEST})
)
