"""Instruments, prices, cash and units as a scenario has them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from mockserver.domain import topics
from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, ACCOUNTS, Account
from mockserver.domain.instruments import instruments, onboarding
from mockserver.domain.instruments.instruments import Instrument
from mockserver.domain.ledger import cash as cash_balances
from mockserver.domain.ledger import positions
from mockserver.domain.ledger.positions import Position
from mockserver.kernel.money import cents, plus
from mockserver.kernel.stages import stir
from mockserver.kernel.world import World


def instrument(world: World, *, isin: str, id: str | None = None, **members: Any) -> Instrument:
    """An instrument, or new values for the one of that ISIN. Without bid and ask it has no price at first.

    ``members``: what :class:`~mockserver.domain.instruments.instruments.Instrument` has, its hidden ones too.
    """
    known = instruments.find(world, isin)
    row = onboarding.described(
        {
            "id": id or (known.id if known else world.ids.new("instrument")),
            "created_at": world.now,
            "updated_at": world.now,
            "isin": isin,
            **{name: value for name, value in members.items() if value is not None},
        }
    )
    if known is not None and known.id != row.id:
        world.table(instruments.INSTRUMENTS).remove(known.id)
    return _put(world, isin, row)


def _put(world: World, isin: str, row: Instrument) -> Instrument:
    world.table(instruments.INSTRUMENTS).put(row)
    stir(world, topics.instrument(row.id))  # an order may have waited for just these values
    stir(world, topics.instrument(isin))
    stir(world, topics.price(row.id))
    return row


def published_instruments(world: World) -> None:
    """The published sandbox instruments, where the profile has them."""
    if world.profile.instruments == "sandbox":
        instruments.published(world, _published)


def _published(world: World, *, isin: str, **members: Any) -> Instrument:
    now = world.now
    row = _pattern(isin, **members).evolve(id=world.ids.new("instrument"), created_at=now, updated_at=now)
    return _put(world, isin, row)


@cache
def _pattern(isin: str, **members: Any) -> Instrument:
    """A published instrument before a world has it: made once, since every world gets all of them."""
    never = datetime.min.replace(tzinfo=UTC)
    given = {"id": "", "created_at": never, "updated_at": never, "isin": isin, **members}
    return onboarding.described(given, make=onboarding.known)


def cash(
    world: World,
    *,
    amount: Decimal,
    account_group_id: str | None = None,
    account_id: str | None = None,
    currency: str | None = None,
) -> cash_balances.Cash:
    """Cash of a group, named itself or by one of its accounts; added to what is there."""
    group_id = account_group_id or _account(world, account_id).account_group_id
    group = world.table(ACCOUNT_GROUPS).get(group_id)
    if group is None:
        raise LookupError(f"there is no account group {group_id}")
    if cents(amount) != amount:
        raise ValueError(f"cash comes in cents, not {amount}")
    unit = currency or group.currency
    if plus(cash_balances.cash(world, group.id, unit).balance, amount) < 0:
        raise ValueError(f"a balance is not below zero: {amount} {unit} is more than the group has")
    return cash_balances.book(world, group.id, unit, balance=amount, silent=True)


def position(world: World, *, account_id: str, instrument: str, quantity: Decimal) -> Position:
    """Settled units of an account, in exactly the digits given; their value is no return of the account's."""
    of = _account(world, account_id)
    found = instruments.find(world, instrument)
    if found is None:
        raise LookupError(f"there is no instrument {instrument}")
    if quantity < 0:
        raise ValueError(f"a position is not below zero: {quantity}")
    row = Position(of.id, found.id, found.isin or "", quantity=quantity)
    return world.table(positions.POSITIONS).put(row)


def _account(world: World, account_id: str | None) -> Account:
    found = world.table(ACCOUNTS).get(account_id or "")
    if found is None:
        raise LookupError(f"there is no account {account_id}")
    return found
