"""How far an account is from its target, and which trades bring it there (portfolios.md §5.2, §5.3)."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from mockserver.domain.instruments.instruments import INSTRUMENTS, Instrument
from mockserver.domain.ledger.positions import Position, of_account
from mockserver.domain.portfolios.allocations import Allocation, targets
from mockserver.domain.valuations.appraisal import Appraiser, worth
from mockserver.kernel.money import ZERO, minus, over, times, total
from mockserver.kernel.world import World

PRECISION = 30


class Leg(NamedTuple):
    """One instrument of an account or its target, valued at the best available price."""

    instrument: Instrument
    position: Position | None
    value: Decimal
    target: Decimal
    """Target weight as a fraction; 0 for an instrument outside the allocation."""


def legs(world: World, account_id: str, of: Allocation) -> list[Leg]:
    """Every priced instrument held or wanted: the allocation's in its order, then the others by uuid.

    Unpriced instruments are left out (portfolios.md §5.2), and the targets of the rest scaled to one (inferred).
    """
    appraiser = Appraiser(world)
    held = {position.instrument_id: position for position in of_account(world, account_id)}
    rows = []
    for instrument, target in targets(world, of):
        position = held.pop(instrument.id, None)
        price = appraiser.price(instrument.id)
        if price is not None:
            value = times(position.quantity, price) if position is not None else ZERO
            rows.append(Leg(instrument, position, value, target))
    whole = total(leg.target for leg in rows)
    if whole:
        rows = [leg._replace(target=over(leg.target, whole, PRECISION)) for leg in rows]
    for position in held.values():
        valued = appraiser.value(position)
        if valued.exact is not None:
            instrument = world.table(INSTRUMENTS)[position.instrument_id]
            rows.append(Leg(instrument, position, valued.exact, ZERO))
    return rows


def greatest_drift(rows: list[Leg]) -> Decimal:
    """The largest distance of an actual weight from its target, as a fraction; zero for an account without value."""
    base = total(leg.value for leg in rows)
    if not base:
        return ZERO
    return max(minus(over(leg.value, base, PRECISION), leg.target).copy_abs() for leg in rows)


def deltas(rows: list[Leg]) -> list[tuple[Leg, Decimal]]:
    """How much of each instrument is missing (positive) or too much (negative), in currency, exact."""
    base = total(leg.value for leg in rows)
    return [(leg, minus(times(leg.target, base), leg.value)) for leg in rows]


def is_balanced(world: World, account_id: str, of: Allocation) -> bool:
    """No weight is off by as much as the profile's threshold (portfolios.md §5.2, threshold inferred)."""
    return greatest_drift(legs(world, account_id, of)) < world.profile.behaviour.balanced_below


def net_asset_value(world: World, account_id: str) -> Decimal:
    """The account's value at the best available prices; unpriced positions count as zero (§4.2, inferred)."""
    return worth(Appraiser(world).values(of_account(world, account_id)))
