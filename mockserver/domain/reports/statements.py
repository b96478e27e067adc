"""Statements of an account: what it held at the end of a period, and all that was booked in it (payments.md §13.1).

A statement keeps references to versions that never change, and is written out when it is read. It adds up: for each
currency opening + bookings = closing, and for each instrument the units before + what came = the units held.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from decimal import Decimal
from operator import attrgetter
from typing import NamedTuple, TypeVar

from mockserver.domain.accounts.accounts import Account
from mockserver.domain.instruments import splits
from mockserver.domain.instruments.instruments import INSTRUMENTS, Instrument
from mockserver.domain.instruments.prices import best, eod, unadjusted
from mockserver.domain.ledger.cash import CASH
from mockserver.domain.ledger.positions import POSITIONS
from mockserver.domain.ledger.transactions import CASH_TRANSACTIONS, SECURITY_TRANSACTIONS
from mockserver.domain.reports.periods import Period
from mockserver.kernel.frozen import frozen
from mockserver.kernel.money import cents, decimal, minus, stripped, times, total
from mockserver.kernel.world import World
from mockserver.models.transactions import CashTransaction, SecurityTransaction

T = TypeVar("T", CashTransaction, SecurityTransaction)

_CREATED = attrgetter("created_at")


class Holding(NamedTuple):
    """Units of one instrument at the end of the period, and the end-of-day price of that day."""

    instrument: Instrument
    """As it was when the statement was made."""
    units: Decimal
    price: Decimal | None

    @property
    def value(self) -> Decimal | None:
        return None if self.price is None else cents(times(self.units, self.price))


class Balance(NamedTuple):
    """Cash of the account group in one currency: before the period, and at its end."""

    currency: str
    opening: Decimal
    closing: Decimal


@frozen
class Statement:
    """What one account held, and what was booked in it and in the cash of its group."""

    period: Period
    currency: str
    holdings: tuple[Holding, ...]
    cash: tuple[Balance, ...]
    cash_booked: tuple[CashTransaction, ...]
    units_booked: tuple[SecurityTransaction, ...]

    @property
    def value(self) -> Decimal:
        """The sum of the values in cents, as a valuation has it; what has no price does not count."""
        return total(value for row in self.holdings if (value := row.value) is not None)

    @property
    def holds_anything(self) -> bool:
        """Units, or cash in the group."""
        return bool(self.holdings) or any(row.closing for row in self.cash)


def statement(world: World, of: Account, currency: str, period: Period) -> Statement:
    """The statement of a period that began before now; of one that is not over, up to now."""
    cash_booked, cash_since = _parted(world.table(CASH_TRANSACTIONS).by("group", of.account_group_id), period)
    units_booked, units_since = _parted(world.table(SECURITY_TRANSACTIONS).by("account", of.id), period)
    return Statement(
        period=period,
        currency=currency,
        holdings=_holdings(world, of, period, units_since),
        cash=_balances(world, of.account_group_id, cash_booked, cash_since),
        cash_booked=tuple(cash_booked),
        units_booked=tuple(units_booked),
    )


def booked(rows: Sequence[T], period: Period) -> Sequence[T]:
    """The transactions of a period, of all in the order in which they were booked."""
    return _parted(rows, period)[0]


def _parted(rows: Sequence[T], period: Period) -> tuple[Sequence[T], Sequence[T]]:
    """Those of the period, and those after it."""
    first = bisect_left(rows, period.begins, key=_CREATED)
    after = bisect_left(rows, period.ends, first, key=_CREATED)
    return rows[first:after], rows[after:]


def _balances(
    world: World, group_id: str, inside: Sequence[CashTransaction], since: Sequence[CashTransaction]
) -> tuple[Balance, ...]:
    """What is there now, less all that was booked since."""
    found = []
    for row in sorted(world.table(CASH).by("group", group_id), key=attrgetter("currency")):
        closing = minus(row.balance, _cash(since, row.currency))
        found.append(Balance(row.currency, minus(closing, _cash(inside, row.currency)), closing))
    return tuple(found)


def _cash(rows: Sequence[CashTransaction], currency: str) -> Decimal:
    return total(decimal(row.delta.amount) for row in rows if row.delta.currency == currency)


def _holdings(world: World, of: Account, period: Period, since: Sequence[SecurityTransaction]) -> tuple[Holding, ...]:
    found = []
    for held in sorted(world.table(POSITIONS).by("account", of.id), key=attrgetter("isin")):
        later = total(decimal(row.delta.amount) for row in since if row.instrument.uuid == held.instrument_id)
        units = stripped(minus(held.quantity, later))
        if units:
            instrument = world.table(INSTRUMENTS)[held.instrument_id]
            found.append(Holding(instrument, units, _price(world, instrument, period)))
    return tuple(found)


def _price(world: World, instrument: Instrument, period: Period) -> Decimal | None:
    """The end-of-day price of the last day, of a unit of that day; the price of now where that day is not over."""
    if period.ends > world.now:
        current = best(world, instrument)
        return None if current is None else current.middle
    known = eod(world, instrument, period.last)
    return None if known is None else splits.price(known[0], unadjusted(world, instrument, period.last))
