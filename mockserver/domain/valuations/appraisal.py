"""What positions are worth (portfolios.md §6): the sums under valuations, sell limits, drift and returns."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from mockserver.domain.instruments.instruments import INSTRUMENTS, Instrument
from mockserver.domain.instruments.prices import best, eod, midnight
from mockserver.domain.ledger.positions import Position
from mockserver.kernel.money import times, total
from mockserver.kernel.world import World
from mockserver.models.valuations import PositionPriceQuality


class Valued(NamedTuple):
    """A position with its value; ``exact`` is not rounded. No price: value, time and price are None."""

    position: Position
    price: Decimal | None
    exact: Decimal | None
    time: datetime | None
    quality: PositionPriceQuality


class Appraiser:
    """Values positions at one moment; prices each instrument once.

    ``day``: at the EOD prices of that day. Without: at the best available price.
    """

    def __init__(self, world: World, day: date | None = None) -> None:
        self._world = world
        self._day = day
        self._prices: dict[str, tuple[Decimal | None, datetime | None, PositionPriceQuality]] = {}

    def value(self, position: Position) -> Valued:
        price, time, quality = self._price(position.instrument_id)
        exact = None if price is None else times(position.quantity, price)
        return Valued(position, price, exact, time, quality)

    def values(self, positions: Iterable[Position]) -> list[Valued]:
        return [self.value(position) for position in positions]

    def price(self, instrument_id: str) -> Decimal | None:
        return self._price(instrument_id)[0]

    def _price(self, instrument_id: str) -> tuple[Decimal | None, datetime | None, PositionPriceQuality]:
        known = self._prices.get(instrument_id)
        if known is None:
            instrument = self._world.table(INSTRUMENTS)[instrument_id]
            known = self._prices[instrument_id] = self._look_up(instrument)
        return known

    def _look_up(self, instrument: Instrument) -> tuple[Decimal | None, datetime | None, PositionPriceQuality]:
        if self._day is not None:
            closing = eod(self._world, instrument, self._day)
            if closing is not None:
                return closing[0], midnight(closing[1]), PositionPriceQuality.EOD
        else:
            price = best(self._world, instrument)
            if price is not None:
                return price.middle, price.time, price.quality
        return None, None, PositionPriceQuality.NA


def worth(rows: Iterable[Valued]) -> Decimal:
    """The exact total of the priced positions; the others count as zero (portfolios.md §4.2, inferred)."""
    return total(row.exact for row in rows if row.exact is not None)
