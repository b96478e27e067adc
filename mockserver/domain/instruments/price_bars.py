"""Bars: what a price did in a day or a part of one, as open, high, low, close and volume (trading.md §9 [N]).

Bars show the prices that orders and valuations had: the quotes in force through the venue's session, and the day's
end-of-day price as its last. Without a price of its own a day has no trades, and only carries the last close on. The
size of volumes is the mock's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from mockserver.domain.instruments.instruments import Instrument
from mockserver.domain.instruments.price_series import CLOSES, OPENS, traded
from mockserver.domain.instruments.prices import PRICES, Quote, eod, in_force, midnight
from mockserver.domain.instruments.splits import Ratio, price
from mockserver.kernel.world import World

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)


class Bar(NamedTuple):
    """A stretch of time that begins at ``time``; without trades only ``close`` is known."""

    time: datetime
    open: Decimal | None
    high: Decimal | None
    low: Decimal | None
    close: Decimal
    volume: int

    def scaled(self, by: Ratio) -> Bar:
        """The bar with its prices divided by a split."""
        opened, high, low = (None if each is None else price(each, by) for each in (self.open, self.high, self.low))
        return Bar(self.time, opened, high, low, price(self.close, by), self.volume)


def daily(world: World, instrument: Instrument, day: date) -> Bar | None:
    """The bar of a day that is over; ``None``: there was no price."""
    closing = eod(world, instrument, day)
    if closing is None:
        return None
    price, of = closing
    if of != day:
        return Bar(midnight(day), None, None, None, price, 0)
    session = Session(world, instrument, day)
    return _bar(midnight(day), [*session.prices(midnight(day), midnight(day) + DAY), price], session.volume())


def intraday(world: World, instrument: Instrument, day: date, length: timedelta) -> Iterator[Bar]:
    """The bars of a day, each so long, from its midnight on; those without trades are left out."""
    closing = eod(world, instrument, day)
    if closing is None or closing[1] != day:
        return
    session = Session(world, instrument, day)
    start, last = midnight(day), session.hours[-1] + HOUR
    while start < last:
        end = min(start + length, midnight(day) + DAY)
        prices = session.prices(start, end)
        if start < last <= end and day < world.now.date():  # until the day is over its end-of-day price is not known
            prices.append(closing[0])
        volume = session.volume(start, end)
        if prices and volume:
            yield _bar(start, prices, volume)
        start = end


class Session:
    """The hours of a day in which an instrument traded: the venue's, and those in which a quote was set."""

    def __init__(self, world: World, instrument: Instrument, day: date) -> None:
        self._world, self._instrument = world, instrument
        begin = midnight(day)
        series = world.table(PRICES).get(instrument.id)
        self.quotes: list[Quote] = [each for each in series.quotes if each.at.date() == day] if series else []
        set_in = {each.at.hour for each in self.quotes}
        opened = {
            hour for hour in range(OPENS, CLOSES + 1) if world.calendar.is_open(datetime.combine(day, time(hour), UTC))
        }
        self.hours = [begin + hour * HOUR for hour in sorted(opened | set_in or {CLOSES})]

    def prices(self, start: datetime, end: datetime) -> list[Decimal]:
        """The prices from ``start`` to before ``end``, in order."""
        moments = {max(hour, start) for hour in self.hours if hour < end and hour + HOUR > start}
        moments |= {quote.at for quote in self.quotes if start <= quote.at < end}
        found = (in_force(self._world, self._instrument, moment) for moment in sorted(moments))
        return [price.middle for price in found if price is not None]

    def volume(self, start: datetime | None = None, end: datetime | None = None) -> int:
        """How much was traded, in all or in a part; the parts of a day add up to its volume."""
        sold = 0
        for hour in self.hours:
            whole = traded(self._world, self._instrument, hour)
            before, after = _minutes(hour, start, 0), _minutes(hour, end, 60)
            sold += whole * after // 60 - whole * before // 60
        return sold


def _minutes(hour: datetime, moment: datetime | None, otherwise: int) -> int:
    """How many minutes of an hour are over at a moment."""
    return otherwise if moment is None else min(max((moment - hour) // _MINUTE, 0), 60)


def _bar(at: datetime, prices: list[Decimal], volume: int) -> Bar:
    return Bar(at, prices[0], max(prices), min(prices), prices[-1], volume)
