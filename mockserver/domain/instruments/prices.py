"""Prices: end-of-day series, quotes, and which of them is best (portfolios.md §6, trading.md §9).

A price comes from what was set for the instrument (by scenario or control API), else from the instrument's own quote
(``price_series``), which it has at every moment. Chosen because no source says it: a valuation
takes the middle of bid and offer; a day closes at its last quote unless its EOD price is set; an EOD price goes on
until the next one; a day set to ``None`` has none, until the next one that has.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import Final, NamedTuple

from mockserver.domain import topics
from mockserver.domain.instruments.instruments import INSTRUMENTS, Instrument, find
from mockserver.domain.instruments.price_series import CLOSE, own_quote
from mockserver.domain.instruments.splits import Ratio, Split, back, product
from mockserver.domain.instruments.splits import price as split_price
from mockserver.domain.instruments.splits import ratio as lowest_terms
from mockserver.kernel.actions import action
from mockserver.kernel.frozen import frozen
from mockserver.kernel.money import over, plus
from mockserver.kernel.record import Record
from mockserver.kernel.stages import stir
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.orders import OrderSide
from mockserver.models.valuations import PositionPriceQuality


class Quote(NamedTuple):
    """What was bid and asked from a moment on."""

    at: datetime
    bid: Decimal
    ask: Decimal

    @property
    def middle(self) -> Decimal:
        return middle(self.bid, self.ask)


@frozen(slots=False)
class PriceSeries(Record):
    """What was set for one instrument: EOD prices by day, and the last quotes."""

    id: str
    days: tuple[date, ...] = ()
    eod: tuple[Decimal | None, ...] = ()
    quotes: tuple[Quote, ...] = ()
    splits: tuple[Split, ...] = ()
    """The splits of the instrument, oldest first: all prices above are in units of after the last of them."""

    def quote(self, at: datetime) -> Quote | None:
        """The last quote that was set up to a moment."""
        behind = bisect_right(self.quotes, at, key=attrgetter("at"))
        return self.quotes[behind - 1] if behind else None


PRICES: Kind[PriceSeries] = Kind("prices")

KEPT_QUOTES: Final = 1000
"""Of the quotes set for an instrument so many are remembered, for the open, high and low of their days."""


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
        series = _quoted(_closed(series, world.now.date()), world.now, bid, ask)
    elif day is None:
        raise ValueError("nothing to set: give bid and ask, or day and eod")
    world.table(PRICES).put(series)
    stir(world, topics.price(found.id))
    return found


def split_prices(world: World, instrument: Instrument, by: Ratio) -> Instrument:
    """Divide the instrument's prices by a split, from now on and back to the first (payments.md §15.2).

    Units x price stay. An end-of-day price of today or later was set for units of after the split, and stays.
    """
    today = world.now.date()
    series = _closed(world.table(PRICES).get(instrument.id) or PriceSeries(instrument.id), today)
    past = bisect_left(series.days, today)
    eods = (None if price is None else split_price(price, by) for price in series.eod[:past])
    quotes = (Quote(each.at, split_price(each.bid, by), split_price(each.ask, by)) for each in series.quotes)
    world.table(PRICES).put(
        series.evolve(eod=(*eods, *series.eod[past:]), quotes=tuple(quotes), splits=(*series.splits, Split(today, by)))
    )
    whole = lowest_terms(instrument.split.new * by.new, instrument.split.old * by.old)
    split: Instrument = world.table(INSTRUMENTS).put(instrument.evolve(split=whole))
    stir(world, topics.price(instrument.id))
    return split


def unadjusted(world: World, instrument: Instrument, day: date) -> Ratio:
    """What brings a price of today's units back to those of ``day``: the splits after it, taken back."""
    series = world.table(PRICES).get(instrument.id)
    return back(product(each.ratio for each in (series.splits if series is not None else ()) if each.day > day))


@action("price.known")
def become_known(world: World, instrument_id: str) -> None:
    """A day is over, and its end-of-day price is one to trade at: orders that wait for a price look again."""
    stir(world, topics.price(instrument_id))


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
    quote = own_quote(world, instrument, datetime.combine(traded, CLOSE, UTC))
    return None if quote is None else (middle(*quote), traded)


def last_eod(world: World, instrument: Instrument, day: date) -> Decimal | None:
    """The last EOD price on or before ``day``, across days without one; None where there never was any."""
    series = _closed(world.table(PRICES).get(instrument.id) or PriceSeries(instrument.id), day + timedelta(days=1))
    known = series.eod[: bisect_right(series.days, day)]
    own = own_quote(world, instrument, datetime.combine(day, CLOSE, UTC))
    return next((price for price in reversed(known) if price is not None), None if own is None else middle(*own))


def best(world: World, instrument: Instrument) -> Price | None:
    """The most recent price: REALTIME if from now, DELAYED if from earlier today, else EOD (§6, inferred)."""
    return in_force(world, instrument, world.now)


def in_force(world: World, instrument: Instrument, at: datetime) -> Price | None:
    """The most recent price as of a moment, now or earlier."""
    series = world.table(PRICES).get(instrument.id)
    quote = series.quote(at) if series is not None else None
    if series is not None and quote is not None:
        closed = _known_eod(series, at.date())
        if closed is None or quote.at.date() > closed[1]:
            quality = PositionPriceQuality.REALTIME if quote.at == at else PositionPriceQuality.DELAYED
            return Price(quote.bid, quote.ask, quote.middle, quote.at, quality)
    elif series is None or not bisect_left(series.days, at.date()):
        own = own_quote(world, instrument, at)
        if own is not None and world.calendar.is_open(at):
            return Price(*own, middle(*own), at, PositionPriceQuality.REALTIME)
    closing = eod(world, instrument, at.date() - timedelta(days=1))
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


def _quoted(series: PriceSeries, now: datetime, bid: Decimal | None, ask: Decimal | None) -> PriceSeries:
    """The series with a quote from now on; one side stands for both, and a quote of the same moment is replaced."""
    sides = (bid, ask) if bid is not None and ask is not None else (bid or ask, bid or ask)
    assert sides[0] is not None
    assert sides[1] is not None
    before = series.quotes[-KEPT_QUOTES + 1 :]
    kept = before[:-1] if before and before[-1].at == now else before
    new: PriceSeries = series.evolve(quotes=(*kept, Quote(now, sides[0], sides[1])))
    return new


def _closed(series: PriceSeries, today: date) -> PriceSeries:
    """The series with the EOD price that its last quote has become, if that is of a day before ``today``."""
    if not series.quotes:
        return series
    last = series.quotes[-1]
    day = last.at.date()
    if day >= today or day in series.days:
        return series
    return _with_day(series, day, last.middle)


def _with_day(series: PriceSeries, day: date, price: Decimal | None) -> PriceSeries:
    at = bisect_left(series.days, day)
    after = at + (at < len(series.days) and series.days[at] == day)
    new: PriceSeries = series.evolve(
        days=(*series.days[:at], day, *series.days[after:]), eod=(*series.eod[:at], price, *series.eod[after:])
    )
    return new


def middle(bid: Decimal, ask: Decimal) -> Decimal:
    """What a valuation takes of a quote: its middle in up to 10 decimals, or 27 where these would say zero."""
    if bid == ask:
        return bid
    both = plus(bid, ask)
    return (over(both, Decimal(2), 10) or over(both, Decimal(2), 27)).normalize()
