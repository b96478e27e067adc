"""Positions: the units of an account in an instrument (portfolios.md §7)."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from operator import attrgetter
from typing import Final

from mockserver.domain import topics
from mockserver.domain.accounts.accounts import account
from mockserver.domain.instruments.instruments import Instrument, find
from mockserver.domain.refusals import UNKNOWN
from mockserver.kernel.events import emit
from mockserver.kernel.frozen import frozen
from mockserver.kernel.money import ZERO, minus, plus, stripped, wire_number
from mockserver.kernel.operations import Call, Listing, operation
from mockserver.kernel.record import Record
from mockserver.kernel.stages import stir
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.positions import AccountPosition, AccountPositionInstrument


@frozen(slots=False)
class Position(Record):
    """The books of one position; the API's view of it is derived."""

    shown_as = AccountPosition

    account_id: str
    instrument_id: str
    isin: str
    quantity: Decimal = ZERO
    locked: Decimal = ZERO
    """For sell orders that are created and not yet executed."""
    bought: Decimal = ZERO
    """Executed buys that have not settled."""
    sold: Decimal = ZERO
    """Executed sells that have not settled."""

    @property
    def id(self) -> str:
        return f"{self.account_id}/{self.instrument_id}"

    @property
    def available(self) -> Decimal:
        """What new sells may use."""
        return minus(self.quantity, self.locked)

    @property
    def settled(self) -> Decimal:
        """Without unsettled buys, with unsettled sells (portfolios.md §7 [G])."""
        return plus(minus(self.quantity, self.bought), self.sold)

    @property
    def emptied(self) -> bool:
        return not self.quantity and not self.settled

    @property
    def cleared(self) -> bool:
        """Nothing is held, locked or unsettled: the position keeps no account from closing (trading.md §8 [D])."""
        return not (self.quantity or self.locked or self.bought or self.sold)

    @cached_property
    def wire(self) -> bytes:
        available = wire_number(self.available)
        return AccountPosition(
            account_id=self.account_id,
            instrument=AccountPositionInstrument(uuid=self.instrument_id, isin=self.isin),
            quantity=wire_number(self.quantity),
            locked_for_trading=wire_number(self.locked),
            pending_settlement=wire_number(self.bought),
            available_for_trading=available,
            available_for_instruction=available,
            # Below zero when a sell settles before the buy it sells from; the contract knows no sign here.
            settled_quantity=wire_number(max(self.settled, ZERO)),
        ).wire


POSITIONS: Kind[Position] = Kind("positions", indexes={"account": lambda position: position.account_id})

UPDATED: Final = "POSITION.UPDATED"


def position(world: World, account_id: str, instrument: Instrument) -> Position:
    """The position; one that never was is all zeros."""
    found = world.table(POSITIONS).get(f"{account_id}/{instrument.id}")
    return found or Position(account_id, instrument.id, instrument.isin or "")


def of_account(world: World, account_id: str) -> list[Position]:
    """The positions with units in them, by instrument uuid (portfolios.md §7, order inferred)."""
    held = (row for row in world.table(POSITIONS).by("account", account_id) if row.quantity)
    return sorted(held, key=lambda row: row.instrument_id)


def book(
    world: World,
    account_id: str,
    instrument: Instrument,
    *,
    quantity: Decimal = ZERO,
    locked: Decimal = ZERO,
    bought: Decimal = ZERO,
    sold: Decimal = ZERO,
    silent: bool = False,
) -> Position:
    """Add to a position (negative: take off) and tell it; orders that wait for units look again when there are more."""
    old = position(world, account_id, instrument)
    new: Position = old.evolve(
        quantity=_sum(old.quantity, quantity),
        locked=_sum(old.locked, locked),
        bought=_sum(old.bought, bought),
        sold=_sum(old.sold, sold),
    )
    world.table(POSITIONS).put(new)
    if not silent:
        emit(world, UPDATED, new)
    if new.available > old.available:
        stir(world, topics.position(account_id, instrument.id))
    if new.cleared:
        stir(world, topics.account_cleared(account_id))
    return new


def _sum(a: Decimal, b: Decimal) -> Decimal:
    """``a`` as it was written when nothing is added, else the sum without trailing zeros."""
    return a if not b else stripped(plus(a, b))


@operation("list_positions")
def list_positions(world: World, call: Call[None]) -> Listing:
    holder = account(world, call.path["account_id"])
    rows = [row for row in world.table(POSITIONS).by("account", holder.id) if not row.emptied]
    return Listing(sorted(rows, key=attrgetter("instrument_id")), "id")


@operation("retrieve_position")
def retrieve_position(world: World, call: Call[None]) -> Position:
    """Zeros once held, 404 if never held (portfolios.md §7, inferred)."""
    holder = account(world, call.path["account_id"])
    reference = call.path["instrument_id"]
    instrument = find(world, reference)
    found = world.table(POSITIONS).get(f"{holder.id}/{instrument.id}") if instrument is not None else None
    if found is None:
        raise UNKNOWN.refuse(what=f"position of account {holder.id} in", id=reference)
    return found
