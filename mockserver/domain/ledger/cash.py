"""Cash of account groups, one balance per group and currency (trading.md §14)."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from operator import attrgetter
from typing import Final

from mockserver.domain import topics
from mockserver.domain.accounts.accounts import group
from mockserver.kernel.events import emit
from mockserver.kernel.frozen import frozen
from mockserver.kernel.money import ZERO, minus, plus, wire_amount
from mockserver.kernel.operations import Call, Listing, operation
from mockserver.kernel.record import Record
from mockserver.kernel.stages import stir
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.accounts import CashBalance
from mockserver.models.common import Currency


@frozen(slots=False)
class Cash(Record):
    """The books of one balance; the API's view of it is derived."""

    shown_as = CashBalance
    hidden = ("reserved",)

    account_group_id: str
    currency: str
    balance: Decimal = ZERO
    locked: Decimal = ZERO
    pending: Decimal = ZERO
    """Proceeds of executed sells that have not settled."""
    reserved: Decimal = ZERO
    """Promised away and not gone yet: withdrawals, cash balance transfers, fees and taxes (payments.md §18)."""

    @property
    def id(self) -> str:
        return f"{self.account_group_id}/{self.currency}"

    @property
    def for_trading(self) -> Decimal:
        """What new buys may use: unsettled proceeds count, locked cash does not (trading.md §14)."""
        return minus(self.balance, plus(self.locked, self.reserved))

    @property
    def for_withdrawal(self) -> Decimal:
        """What may leave the group: unsettled proceeds do not count, so it may be below zero (trading.md §14)."""
        return minus(self.for_trading, self.pending)

    @property
    def trading_topic(self) -> str:
        """Stirred when more is available for trading: what orders wait for."""
        return topics.cash_for_trading(self.id)

    @property
    def withdrawal_topic(self) -> str:
        """Stirred when more is available for withdrawal, as a settlement makes it: what money out waits for."""
        return topics.cash_for_withdrawal(self.id)

    @property
    def cleared(self) -> bool:
        """Nothing is left, pending or held back: the balance keeps no group from closing (trading.md §8 [D])."""
        return not (self.balance or self.locked or self.pending or self.reserved)

    @cached_property
    def wire(self) -> bytes:
        return CashBalance(
            account_group_id=self.account_group_id,
            currency=Currency(self.currency),
            balance=wire_amount(self.balance),
            locked_for_trading=wire_amount(self.locked),
            pending_settlement=wire_amount(self.pending),
            available_for_withdrawal=wire_amount(self.for_withdrawal),
            available_for_trading=wire_amount(self.for_trading),
        ).wire

    @property
    def inside(self) -> bytes:
        """With ``reserved``, which the API does not show: in the control API alone."""
        return self.wire[:-1] + f',"reserved":"{wire_amount(self.reserved)}"}}'.encode()


CASH: Kind[Cash] = Kind("cash_balances", indexes={"group": lambda cash: cash.account_group_id})

UPDATED: Final = "CASH_BALANCE.UPDATED"


def cash(world: World, group_id: str, currency: str) -> Cash:
    """The balance; one without any booking is all zeros (trading.md §14, inferred)."""
    return world.table(CASH).get(f"{group_id}/{currency}") or Cash(group_id, currency)


def book(
    world: World,
    group_id: str,
    currency: str,
    *,
    balance: Decimal = ZERO,
    locked: Decimal = ZERO,
    pending: Decimal = ZERO,
    reserved: Decimal = ZERO,
    silent: bool = False,
) -> Cash:
    """Add to a balance (negative: take off) and tell it; whoever waits for cash looks again when there is more.

    Orders wait for what is available for trading, money out for what is available for withdrawal. They are served in
    the order in which they began to wait, all kinds together: each that fits, while the others keep their place
    (payments.md §2.4, inferred).
    """
    old = cash(world, group_id, currency)
    new: Cash = old.evolve(
        balance=plus(old.balance, balance),
        locked=plus(old.locked, locked),
        pending=plus(old.pending, pending),
        reserved=plus(old.reserved, reserved),
    )
    world.table(CASH).put(new)
    if not silent:
        emit(world, UPDATED, new)
    freed = minus(balance, plus(locked, reserved))
    more_to_trade, more_to_withdraw = freed > ZERO, freed > pending
    if more_to_trade or more_to_withdraw:
        stir(
            world,
            *((new.trading_topic,) if more_to_trade else ()),
            *((new.withdrawal_topic,) if more_to_withdraw else ()),
        )
    if new.cleared:
        stir(world, topics.group_cleared(group_id))
    return new


@operation("retrieve_cash_balance")
def retrieve_cash_balance(world: World, call: Call[None]) -> Cash:
    """The deprecated single balance: the group's main currency."""
    holder = group(world, call.path["account_group_id"])
    return cash(world, holder.id, holder.currency)


@operation("retrieve_cash_balances")
def retrieve_cash_balances(world: World, call: Call[None]) -> Listing:
    """Every currency the group has had; without any, zeros in its main currency (trading.md §14, inferred)."""
    holder = group(world, call.path["account_group_id"])
    rows = world.table(CASH).by("group", holder.id) or [Cash(holder.id, holder.currency)]
    return Listing(sorted(rows, key=attrgetter("currency")), "currency")


@operation("retrieve_cash_balance_with_currency")
def retrieve_cash_balance_with_currency(world: World, call: Call[None]) -> Cash:
    holder = group(world, call.path["account_group_id"])
    return cash(world, holder.id, call.path["currency"])
