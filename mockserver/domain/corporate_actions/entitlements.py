"""Who has the right to a dividend, and on how many units (payments.md §15.2).

Who holds an instrument at the end of the day before the ex-date has it: who buys on the ex-date has not, who sells on
it keeps it. Units count as they are traded, whether settled or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from mockserver.domain.accounts.accounts import ACCOUNTS, Account, group
from mockserver.domain.instruments.instruments import Instrument
from mockserver.domain.ledger.past_positions import quantity_at
from mockserver.domain.ledger.positions import POSITIONS, Position
from mockserver.kernel.money import ZERO
from mockserver.kernel.world import World
from mockserver.models.accounts import AccountStatus


class Entitled(NamedTuple):
    """An account and the units that count."""

    account: Account
    quantity: Decimal


def entitled(world: World, instrument: Instrument, at: datetime) -> Iterator[Entitled]:
    """Whoever held the instrument at an instant, in the order of the accounts' first trades in it.

    The quantity of now, less all that was booked since.
    """
    for held in positions_in(world, instrument):
        of = world.table(ACCOUNTS)[held.account_id]
        if closed(world, of):
            continue
        quantity = quantity_at(world, held, at)
        if quantity > ZERO:
            yield Entitled(of, quantity)


def closed(world: World, of: Account) -> bool:
    """The account or its group is CLOSED: nothing is booked there any more."""
    return AccountStatus.CLOSED in (of.status, group(world, of.account_group_id).status)


def positions_in(world: World, instrument: Instrument) -> list[Position]:
    """The positions in an instrument, those that are empty by now as well."""
    return [held for held in world.table(POSITIONS) if held.instrument_id == instrument.id]
