"""Tax refunds: a tax that was paid comes back, by command only (payments.md §12.3, inferred)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from mockserver.domain.accounts.accounts import AccountGroup
from mockserver.domain.instruments.instruments import Instrument
from mockserver.domain.ledger import cash
from mockserver.domain.ledger.transactions import book_cash
from mockserver.kernel.world import World
from mockserver.models.transactions import CashTransaction

WHEN_REFUNDED: Final[list[Callable[[World, CashTransaction], None]]] = []
"""Called with the transaction of each refund."""


def refund(world: World, of: AccountGroup, amount: Decimal, *, instrument: Instrument | None = None) -> CashTransaction:
    """Book a refund in the main currency of the group: balance, then a TAX_REFUND transaction."""
    cash.book(world, of.id, of.currency, balance=amount)
    row = book_cash(
        world,
        type_="TAX_REFUND",
        group_id=of.id,
        amount=amount,
        currency=of.currency,
        references=((world.ids.new("tax_refund"), "TAX_TRANSACTION"),),
        value_date=world.now.date(),
        instrument=instrument,
    )
    for follower in WHEN_REFUNDED:
        follower(world, row)
    return row
