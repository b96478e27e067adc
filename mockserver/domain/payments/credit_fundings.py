"""Credit fundings: money that end users transferred themselves (payments.md §2, §6)."""

from __future__ import annotations

from operator import attrgetter
from typing import Final

from mockserver.domain.accounts.accounts import group
from mockserver.domain.ledger import cash
from mockserver.domain.ledger.transactions import book_cash
from mockserver.kernel.lifecycle import Hold, LifeCycle, Row
from mockserver.kernel.money import decimal
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models import payments as wire
from mockserver.models.accounts import AccountStatus


class CreditFunding(wire.CreditFunding):
    """One incoming transfer, credited to an account group."""


CREDIT_FUNDINGS: Kind[CreditFunding] = Kind("credit_fundings", indexes={"group": attrgetter("account_group_id")})

CREDIT_FUNDING_LIFE: Final = LifeCycle(
    CREDIT_FUNDINGS,
    [
        Row(None, "CONFIRMED", "CREDIT_FUNDING.CONFIRMED", "the money is there", "payments.md §6 [G]"),
        Row("CONFIRMED", "CANCELLED", "CREDIT_FUNDING.CANCELLED", "the money went back", "payments.md §6 [A]"),
    ],
    stamped=False,
)


def confirm(world: World, funding: CreditFunding) -> None:
    """The group has the money: funding, transaction, balance, in the documented order (trading.md §16 [D])."""
    CREDIT_FUNDING_LIFE.enter(world, funding, "the transfer matches its account group")
    _book(world, funding, "CREDIT_FUNDING")


@CREDIT_FUNDING_LIFE.does("CONFIRMED", "CANCELLED")
def charge_back(world: World, funding: CreditFunding) -> None:
    """Only by command; the balance may fall below zero when the money is spent (payments.md §2 [O]).

    Raises :class:`Hold` where that cannot be: a CLOSED account group has no cash, and none is missing (trading.md §8).
    """
    holder = group(world, funding.account_group_id)
    if holder.status == AccountStatus.CLOSED:
        raise Hold(f"account group {holder.id} is CLOSED: nothing goes back out of it")
    CREDIT_FUNDING_LIFE.move(world, funding, "CANCELLED", "the money went back")
    _book(world, funding, "CREDIT_FUNDING_CHARGE_BACK")


def _book(world: World, funding: CreditFunding, type_: str) -> None:
    amount = decimal(funding.cash_amount)
    if type_ != "CREDIT_FUNDING":
        amount = amount.copy_negate()
    book_cash(
        world,
        type_=type_,
        group_id=funding.account_group_id,
        amount=amount,
        currency=funding.currency,
        references=((funding.id, "CREDIT_FUNDING"),),
        value_date=world.now.date(),
    )
    cash.book(world, funding.account_group_id, funding.currency, balance=amount)
