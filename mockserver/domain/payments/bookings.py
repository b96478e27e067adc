"""Cash that comes into an account group or leaves it, with the transaction that says why (payments.md §2.3)."""

from __future__ import annotations

from decimal import Decimal

from mockserver.domain.ledger import cash
from mockserver.domain.ledger.transactions import book_cash
from mockserver.kernel.world import World


def book_payment(
    world: World, type_: str, *, group_id: str, amount: Decimal, currency: str, id: str, reference: str
) -> None:
    """Book cash that came (negative: went) today: the transaction first, then the balance, as documented.

    ``id`` and ``reference``: the payment it belongs to, and the type of that reference (``TOPUP``).
    """
    book_cash(
        world,
        type_=type_,
        group_id=group_id,
        amount=amount,
        currency=currency,
        references=((id, reference),),
        value_date=world.now.date(),
    )
    cash.book(world, group_id, currency, balance=amount)
