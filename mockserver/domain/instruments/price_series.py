"""The price that an instrument has of its own at any moment, from nothing but the world's seed and that moment.

Three kinds: a quote that stands (as the sandbox's published ones do), the sandbox's stories that change hour by hour
(concepts.md §9.2 [D]), and a *moving* quote, for an instrument with a ``volatility``. The last is the mock's own: a sum
of waves from one day to 256 days long with drawn heights, as rough as a market at every scale. Any moment costs the
same, since no history is walked; the past is there as far back as one looks.

A moving quote is exactly the instrument's bid and ask at the moment the instrument came to be, moves at every full hour
of a trading day's session, and stands still between sessions. ``volatility`` is about the standard deviation of a day's
change.
"""

from __future__ import annotations

from datetime import UTC, datetime, time
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from mockserver.domain.instruments.instruments import Instrument, InstrumentBehaviour
from mockserver.domain.instruments.splits import WHOLE, price
from mockserver.kernel.ids import Ids
from mockserver.kernel.money import ZERO, minus, over, plus, times
from mockserver.kernel.undo import Undo
from mockserver.kernel.world import World

OPENS: Final = 7
CLOSES: Final = 16
"""Hours UTC of the first and the last price of a session; chosen: Frankfurt's trading day in summer and in winter."""

CLOSE: Final = time(CLOSES)
"""When a day's own quote is its end-of-day price, UTC; chosen."""

STEPS: Final = CLOSES - OPENS + 1

WAVES: Final = (866, 1225, 1732, 2449, 3464, 4899, 6928, 9798, 13856)
"""Heights of the waves of 1, 2, 4 ... 256 days, in thousandths of the volatility: their daily changes add up to it."""

_BRIDGE: Final = (0, 520, 693, 794, 849, 866, 849, 794, 693, 520, 0)
"""How far the hours stray from the line between two closes: the deviation of a Brownian bridge, in thousandths."""

_DRAWN: Final = 1 << 31
_UNIT: Final = Decimal(1000 * _DRAWN)


def own_quote(world: World, instrument: Instrument, at: datetime) -> tuple[Decimal, Decimal] | None:
    """The instrument's own bid and ask at a moment, in units of now; ``None``: it has none."""
    quote = _unsplit(world, instrument, at)
    if quote is None or instrument.split == WHOLE:
        return quote
    return price(quote[0], instrument.split), price(quote[1], instrument.split)


def _unsplit(world: World, instrument: Instrument, at: datetime) -> tuple[Decimal, Decimal] | None:
    """The quote as if the instrument had never been split."""
    if instrument.story == InstrumentBehaviour.PRICE_SWINGS:
        swing = Decimal(200 if _hour(at) % 2 else 300)
        return swing, swing
    if instrument.story == InstrumentBehaviour.PRICE_RANDOM:
        drawn = Ids(world.seed, Undo()).fraction(f"price {instrument.isin} {_hour(at)}")
        random = Decimal(50 + int(drawn * 10_000) // 100) + Decimal(int(drawn * 10_000) % 100) / 100
        return random, random
    bid, ask = instrument.bid, instrument.ask
    if bid is None or ask is None or not instrument.volatility:
        return None if bid is None or ask is None else (bid, ask)
    level = _level(world, instrument, at) - _level(world, instrument, instrument.created_at)
    share = over(times(Decimal(level), instrument.volatility), _UNIT, 12)
    decimals = max(2, _decimals(bid), _decimals(ask))
    return _moved(bid, share, decimals), _moved(ask, share, decimals)


def traded(world: World, instrument: Instrument, hour: datetime) -> int:
    """How many units are traded in the hour that begins at a moment: 1,000 to 50,000, drawn."""
    return 1000 + (_draw(_name(world, instrument), f"{_hour(hour)}v") + _DRAWN) % 49_001


def _name(world: World, instrument: Instrument) -> str:
    return f"{world.seed}/{instrument.isin}"


def _level(world: World, instrument: Instrument, at: datetime) -> int:
    """How far the quote has moved at a moment: between the closes before and after it, and a bit off."""
    at = at.astimezone(UTC)
    day = world.calendar.trading_day_on_or_before(at.date())
    step = STEPS if day < at.date() else min(max(at.hour - OPENS + 1, 0), STEPS)
    name = _name(world, instrument)
    level = _close(name, day.toordinal())
    if step == STEPS:
        return level
    before = _close(name, world.calendar.previous_trading_day(day).toordinal())
    stray = _BRIDGE[step] * _draw(name, f"{day.toordinal()}h{step}") * 1732 // 1000
    return before + (level - before) * step // STEPS + stray


@lru_cache(maxsize=8192)
def _close(name: str, day: int) -> int:
    """The sum of all waves on a day, in units of the volatility over ``_UNIT``."""
    level = 0
    for octave, height in enumerate(WAVES):
        length = 1 << octave
        index, along = divmod(day, length)
        near = _draw(name, f"{octave}/{index}")
        far = _draw(name, f"{octave}/{index + 1}") if along else 0
        level += height * (near * (length - along) + far * along) // length
    return level


@lru_cache(maxsize=8192)
def _draw(name: str, what: str) -> int:
    """A number between ``-_DRAWN`` and ``_DRAWN``, each as likely."""
    digest = blake2b(f"{name}/{what}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") - _DRAWN


def _moved(price: Decimal, by: Decimal, decimals: int) -> Decimal:
    """``price`` changed by a share, in its own decimals; up and down weigh the same, so it never reaches zero."""
    up, down = plus(Decimal(1), max(by, ZERO)), minus(Decimal(1), min(by, ZERO))
    return max(over(times(price, up), down, decimals), Decimal((0, (1,), -decimals)))


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def _hour(moment: datetime) -> int:
    """Hours since 1970: what the stories' prices depend on."""
    return int(moment.timestamp()) // 3600
