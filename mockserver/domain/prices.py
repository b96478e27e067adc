"""Prices: end-of-day series, quotes, and which of them is best (portfolios.md §6, trading.md §9).

A price comes from what was set for the instrument (by scenario or control API), else from the instrument's own quote,
which stands at every moment. Chosen because no source says it: a valuation takes the middle of bid and offer; a day
closes at its last quote unless its EOD price is set; an EOD price goes on until the next one; a day set to ``None`` has
none, until the next one that has.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from mockserver.domain.instruments import Instrument, Story, find, hour_of
from mockserver.kernel.actions import action
from mockserver.kernel.ids import Ids
from mockserver.kernel.money import over, plus
from mockserver.kernel.record import Record
from mockserver.kernel.stages import stir
from mockserver.kernel.store import Kind
from mockserver.kernel.undo import Undo
from mockserver.kernel.world import World
from mockserver.models.orders import OrderSide
from mockserver.models.valuations import PositionPriceQuality


@dataclass(frozen=True)
class PriceSeries(Record):
    """What was set for one instrument: EOD prices by day, and the last quote."""

    id: str
    days: tuple[date, ...] = ()
    eod: tuple[Decimal | None, ...] = ()
    bid: Decimal | None = None
    ask: Decimal | None = None
    quoted_at: datetime | None = field(default=None)


PRICES: Kind[PriceSeries] = Kind("prices")

CLOSE: Final = time(16)
"""When a day's own quotes become its EOD prices, UTC; chosen."""


class Price(NamedTuple):
    """A price at hand: both sides, what a valuation takes, when it is from and how good it is."""

    bid: Decimal
    ask: Decimal
    middle: Decimal
    time: datetime
    quality: PositionPriceQuality


def set_price(
    world: World,
    *,
    instrument: str,
    day: date | None = None,
    eod: Decimal | None = None,
    bid: Decimal | None = None,
    ask: Decimal | None = None,
) -> Instrument:
    """Set the EOD price of a day (``None``: no price that day), or, without a day, the quote from now on.

    ``LookupError``: no such instrument. ``ValueError``: a price that is not above zero, or nothing to set.
    """
    found = find(world, reference=instrument)
    if found is None:
        raise LookupError(f"there is no instrument {instrument}")
    for value in (eod, bid, ask):
        if value is not None and not (value.is_finite() and value > 0):
            raise ValueError(f"a price must be more than 0, not {value}")
    series = world.table(PRICES).get(found.id) or PriceSeries(found.id)
    if day is not None:
        series = _with_day(series, day, eod)
        if eod is not None and day >= world.now.date():
            reason = f"the end-of-day price of {found.isin} on {day} becomes known"
            world.clock.at(midnight(day + timedelta(days=1)), "price.known", found.id, reason=reason, background=True)
    elif eod is not None:
        raise ValueError("an end-of-day price needs the day it is of")
    if bid is not None or ask is not None:
        both = (bid or ask, ask or bid)
        series = _closed(series, world.now.date()).evolve(bid=both[0], ask=both[1], quoted_at=world.now)
    elif day is None:
        raise ValueError("nothing to set: give bid and ask, or day and eod")
    world.table(PRICES).put(series)
    stir(world, f"price/{found.id}")
    return found


@action("price.known")
def become_known(world: World, instrument_id: str) -> None:
    """A day is over, and its end-of-day price is one to trade at: orders that wait for a price look again."""
    stir(world, f"price/{instrument_id}")


def eod(world: World, instrument: Instrument, day: date) -> tuple[Decimal, date] | None:
    """The EOD price on ``day`` and the day it is of: the last one set on or before it, else the instrument's quote.

    A day on which none was set closes at its last quote, if it had one.
    """
    series = world.table(PRICES).get(instrument.id)
    if series is not None:
        series = _closed(series, day + timedelta(days=1))
    at = bisect_right(series.days, day) if series is not None else 0
    if series is not None and at:
        price = series.eod[at - 1]
        return None if price is None else (price, series.days[at - 1])
    traded = world.calendar.trading_day_on_or_before(day)
    quote = _own_quote(world, instrument, datetime.combine(traded, CLOSE, UTC))
    return None if quote is None else (_middle(*quote), traded)


def last_eod(world: World, instrument: Instrument, day: date) -> Decimal | None:
    """The last EOD price on or before ``day``, across days without one; None where there never was any."""
    series = _closed(world.table(PRICES).get(instrument.id) or PriceSeries(instrument.id), day + timedelta(days=1))
    known = series.eod[: bisect_right(series.days, day)]
    own = _own_quote(world, instrument, datetime.combine(day, CLOSE, UTC))
    return next((price for price in reversed(known) if price is not None), None if own is None else _middle(*own))


def best(world: World, instrument: Instrument) -> Price | None:
    """The most recent price: REALTIME if from now, DELAYED if from earlier today, else EOD (§6, inferred)."""
    now = world.now
    series = world.table(PRICES).get(instrument.id)
    quoted = series is not None and series.quoted_at is not None
    if series is not None and quoted:
        assert series.quoted_at is not None
        assert series.bid is not None
        assert series.ask is not None
        closed = _known_eod(series, now.date())
        if closed is None or series.quoted_at.date() > closed[1]:
            quality = PositionPriceQuality.REALTIME if series.quoted_at == now else PositionPriceQuality.DELAYED
            return Price(series.bid, series.ask, _middle(series.bid, series.ask), series.quoted_at, quality)
    elif series is None or not bisect_left(series.days, now.date()):
        quote = _own_quote(world, instrument, now)
        if quote is not None and world.calendar.is_open(now):
            return Price(*quote, _middle(*quote), now, PositionPriceQuality.REALTIME)
    closing = eod(world, instrument, now.date() - timedelta(days=1))
    if closing is None:
        return None
    price, day = closing
    return Price(price, price, price, midnight(day), PositionPriceQuality.EOD)


def dealing(world: World, instrument: Instrument, side: str) -> Decimal | None:
    """The price of a trade: a buy at the offer, a sell at the bid (trading.md §13, inferred); None without a price."""
    price = best(world, instrument)
    if price is None:
        return None
    return price.ask if side == OrderSide.BUY else price.bid


def midnight(day: date) -> datetime:
    """What the API writes for a day: its first moment in UTC."""
    return datetime.combine(day, time(), UTC)


def _known_eod(series: PriceSeries, today: date) -> tuple[Decimal, date] | None:
    at = bisect_left(series.days, today) - 1
    price = series.eod[at] if at >= 0 else None
    return None if price is None else (price, series.days[at])


def _closed(series: PriceSeries, today: date) -> PriceSeries:
    """The series with the EOD price that its last quote has become, if that is of a day before ``today``."""
    if series.quoted_at is None or series.bid is None or series.ask is None:
        return series
    day = series.quoted_at.date()
    if day >= today or day in series.days:
        return series
    return _with_day(series, day, _middle(series.bid, series.ask))


def _with_day(series: PriceSeries, day: date, price: Decimal | None) -> PriceSeries:
    at = bisect_left(series.days, day)
    after = at + (at < len(series.days) and series.days[at] == day)
    new: PriceSeries = series.evolve(
        days=(*series.days[:at], day, *series.days[after:]), eod=(*series.eod[:at], price, *series.eod[after:])
    )
    return new


def _own_quote(world: World, instrument: Instrument, at: datetime) -> tuple[Decimal, Decimal] | None:
    """The instrument's own bid and offer at a moment."""
    if instrument.story == Story.PRICE_SWINGS:
        price = Decimal(200 if hour_of(at) % 2 else 300)
        return price, price
    if instrument.story == Story.PRICE_RANDOM:
        drawn = Ids(world.seed, Undo()).fraction(f"price {instrument.isin} {hour_of(at)}")
        price = Decimal(50 + int(drawn * 10_000) // 100) + Decimal(int(drawn * 10_000) % 100) / 100
        return price, price
    if instrument.bid is None or instrument.ask is None:
        return None
    return instrument.bid, instrument.ask


def _middle(bid: Decimal, ask: Decimal) -> Decimal:
    return bid if bid == ask else over(plus(bid, ask), Decimal(2), 10).normalize()
