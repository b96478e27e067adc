"""Cash that comes into an account group or leaves it, with the transaction that says why (payments.md §2.3)."""

from __future__ import annotations

from decimal import Decimal

from mockserver.domain.isa import subscriptions
from mockserver.domain.ledger import cash
from mockserver.domain.ledger.transactions import book_cash
from mockserver.kernel.money import ZERO
from mockserver.kernel.world import World


def book_payment(
    world: World,
    type_: str,
    *,
    group_id: str,
    amount: Decimal,
    currency: str,
    id: str,
    reference: str,
    reserved: Decimal = ZERO,
) -> None:
    """Book cash that came (negative: went) today: the transaction first, then the balance, as documented.

    In an ISA group the allowance that it uses or gives back follows (§12.2).

    ``id`` and ``reference``: the payment it belongs to, and the type of that reference (``TOPUP``). ``reserved``: what
    is promised away with it (negative: kept).
    """
    record_payment(world, type_, group_id=group_id, amount=amount, currency=currency, id=id, reference=reference)
    cash.book(world, group_id, currency, balance=amount, reserved=reserved)
    subscriptions.booked(world, type_, group_id=group_id, amount=amount, currency=currency, id=id)


def record_payment(
    world: World, type_: str, *, group_id: str, amount: Decimal, currency: str, id: str, reference: str
) -> None:
    """The transaction alone, where the balance changes by several at once."""
    book_cash(
        world,
        type_=type_,
        group_id=group_id,
        amount=amount,
        currency=currency,
        references=((id, reference),),
        value_date=world.now.date(),
    )
