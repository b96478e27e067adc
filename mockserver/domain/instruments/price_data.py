"""Price data: venues, the latest price, and open, high, low and close over time (trading.md §9).

The same prices as everywhere: the latest is the quote that orders deal at, and a day closes at the end-of-day price
that valuations take. Daily bars are adjusted for splits, unless ``adjusted_for`` is ``NONE``; distributions change no
prices in the mock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from mockserver.domain.instruments.instruments import VENUE_ID, Instrument, find
from mockserver.domain.instruments.price_bars import DAY, Bar, daily, intraday
from mockserver.domain.instruments.price_series import CLOSE
from mockserver.domain.instruments.prices import Price, best, unadjusted
from mockserver.domain.instruments.refusals import INTERVAL, NO_DATA_CONTRACT, TOO_MANY_POINTS
from mockserver.domain.refusals import DATES_REVERSED, UNKNOWN
from mockserver.kernel.clock import EARLIEST, LATEST
from mockserver.kernel.money import wire_number
from mockserver.kernel.operations import Call, operation
from mockserver.kernel.world import World
from mockserver.models.common import PortfolioCurrency
from mockserver.models.instruments import (
    InstrumentPriceQuality,
    InstrumentVenue,
    InstrumentVenueList,
    LatestPrice,
    LatestPriceQuality,
    OhlcPrice,
    OhlcPriceList,
    OhlcPriceListMeta,
    QuotedPrice,
)
from mockserver.models.valuations import PositionPriceQuality

MOST_POINTS: Final = 1000
"""Of one answer (trading.md §9 [N])."""

DEFAULT_SPAN: Final = timedelta(days=30)
MOST_DAYS: Final = 2 * MOST_POINTS
"""A range of more days is refused without a look: it would hold more points, were there prices."""

UNITS: Final = {"h": timedelta(hours=1), "m": timedelta(minutes=1)}

SIZES: Final = {"bid": "100", "ask": "100", "trade": "10"}
"""How many units are bid, asked and were last traded; unpublished, chosen, and no limit to orders."""

VENUE: Final = InstrumentVenue.model_construct(
    id=VENUE_ID,
    name="Tradegate",
    price_qualities=(InstrumentPriceQuality.EOD, InstrumentPriceQuality.REALTIME),
)
"""The published venue (trading.md §9 [X])."""


def venues(instrument: Instrument) -> tuple[InstrumentVenue, ...]:
    """Where the instrument has prices: nowhere in a currency that price data cannot be in (contract, inferred)."""
    return (VENUE,) if instrument.currency in tuple(PortfolioCurrency) else ()


@operation("retrieve_instrument_venues")
def retrieve_instrument_venues(world: World, call: Call[None]) -> InstrumentVenueList:
    return InstrumentVenueList(data=venues(_instrument(world, call)))


@operation("retrieve_instrument_latest_price")
def retrieve_instrument_latest_price(world: World, call: Call[None]) -> LatestPrice:
    """One bid, one ask and a last trade in the middle; without any price two empty lists (inferred)."""
    instrument = _at_venue(world, call)
    price = best(world, instrument)
    currency = PortfolioCurrency(instrument.currency)
    if price is None:
        return LatestPrice(price_quality=LatestPriceQuality.REALTIME, currency=currency, bids=(), asks=())
    at, quality = _when(price)
    return LatestPrice(
        price_quality=quality,
        currency=currency,
        bids=(_quoted(at, price.bid, SIZES["bid"]),),
        asks=(_quoted(at, price.ask, SIZES["ask"]),),
        last_trade=_quoted(at, price.middle, SIZES["trade"]),
    )


@operation("retrieve_instrument_prices_ohlc")
def retrieve_instrument_prices_ohlc(world: World, call: Call[None]) -> OhlcPriceList:
    """Bars in order of time, of the days and intervals that are over (inferred)."""
    instrument = _at_venue(world, call)
    interval = call.query["interval"]
    length = _length(interval)
    since, until = _range(call.query, world.now.date() - DAY)
    until = min(until, world.now - length)
    too_many = TOO_MANY_POINTS.refuse(most=MOST_POINTS, interval=interval)
    if until - since > MOST_DAYS * DAY:
        raise too_many
    found = list(islice(bars(world, instrument, since, until, length), MOST_POINTS + 1))
    if length == DAY and call.query.get("adjusted_for") == "NONE":
        found = [bar.scaled(unadjusted(world, instrument, bar.time.date())) for bar in found]
    if len(found) > MOST_POINTS:
        raise too_many
    currency = PortfolioCurrency(instrument.currency)
    return OhlcPriceList(data=tuple(_shown(bar, currency) for bar in found), meta=OhlcPriceListMeta(count=len(found)))


def _range(query: Mapping[str, Any], yesterday: date) -> tuple[datetime, datetime]:
    """First and last moment asked for: by default the 30 days up to yesterday (trading.md §9 [N])."""
    start, end = query.get("start_date"), query.get("end_date")
    if start is not None and end is not None and _first(start) > _last(end):
        raise DATES_REVERSED.refuse(start=start, end=end)
    since = start if start is not None else _known(_first(end or yesterday)) - DEFAULT_SPAN
    return max(_known(_first(since)), EARLIEST), _known(_last(end or yesterday))


def bars(world: World, instrument: Instrument, since: datetime, until: datetime, length: timedelta) -> Iterator[Bar]:
    """The bars that begin from ``since`` to ``until``, both inclusive."""
    day, last = since.date(), until.date()
    while day <= last:
        of_day = [daily(world, instrument, day)] if length == DAY else intraday(world, instrument, day, length)
        yield from (bar for bar in of_day if bar is not None and since <= bar.time <= until)
        day += DAY


def _length(interval: str) -> timedelta:
    """The length of a bar: a day, or so many hours or minutes of one."""
    if interval == "1d":
        return DAY
    found = re.fullmatch(r"([1-9][0-9]{0,3})([hm])", interval)
    length = int(found[1]) * UNITS[found[2]] if found else DAY
    if length >= DAY:
        raise INTERVAL.refuse(interval=interval)
    return length


def _when(price: Price) -> tuple[datetime, LatestPriceQuality]:
    """Since when a price stands: an end-of-day price since the close of its day, so it is a late one (inferred)."""
    if price.quality == PositionPriceQuality.EOD:
        return datetime.combine(price.time.date(), CLOSE, UTC), LatestPriceQuality.DELAYED
    return price.time, LatestPriceQuality(price.quality)


def _quoted(at: datetime, price: Decimal, size: str) -> QuotedPrice:
    return QuotedPrice(time=at, price=wire_number(price), size=size)


def _shown(bar: Bar, currency: PortfolioCurrency) -> OhlcPrice:
    """A bar as the contract has it; what is unknown for want of trades is empty (trading.md §9 [N])."""
    return OhlcPrice(
        currency=currency,
        time=bar.time,
        open=_number(bar.open),
        high=_number(bar.high),
        low=_number(bar.low),
        close=wire_number(bar.close),
        volume=str(bar.volume),
    )


def _number(price: Decimal | None) -> str:
    return "" if price is None else wire_number(price)


def _instrument(world: World, call: Call[Any]) -> Instrument:
    """The instrument of the path; refused when unknown (404)."""
    reference = call.path["instrument_id"]
    found = find(world, reference)
    if found is None:
        raise UNKNOWN.refuse(what="instrument", id=reference)
    return found


def _at_venue(world: World, call: Call[Any]) -> Instrument:
    """The same for prices, which are refused to clients without a contract for them (403); venues are not (§9 [D])."""
    if world.profile.behaviour.price_data == "none":
        raise NO_DATA_CONTRACT.refuse()
    instrument = _instrument(world, call)
    venue = call.path["venue_id"]
    if all(known.id != venue for known in venues(instrument)):
        raise UNKNOWN.refuse(what=f"venue of instrument {instrument.isin}", id=venue)
    return instrument


def _first(bound: date | datetime) -> datetime:
    """The first moment of a range; a plain date is its midnight in UTC."""
    return bound if isinstance(bound, datetime) else datetime.combine(bound, time(), UTC)


def _last(bound: date | datetime) -> datetime:
    return bound if isinstance(bound, datetime) else datetime.combine(bound, time.max, UTC)


def _known(moment: datetime) -> datetime:
    """The moment, or one near the bounds of a world's time if it lies far beyond them."""
    return min(max(moment, EARLIEST - DAY), LATEST).astimezone(UTC)
