"""Instruments: what can be traded, and how orders on it go in the mock (trading.md §9, §18).

How they are onboarded and changed stands in :mod:`mockserver.domain.instruments.onboarding`, how they are priced in
:mod:`mockserver.domain.instruments.prices`.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter
from typing import Final

from pydantic import Field

from mockserver.domain import topics
from mockserver.domain.instruments.splits import WHOLE, Ratio
from mockserver.domain.listing import by_time
from mockserver.domain.refusals import UNKNOWN
from mockserver.kernel.lifecycle import LifeCycle, Row
from mockserver.kernel.moves import Moved
from mockserver.kernel.operations import Call, Listing, operation
from mockserver.kernel.stages import stir
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models import instruments as wire
from mockserver.models.base import dashed

VENUE_ID: Final = "20d6024b-2df4-41ae-8d42-62e4744e455b"
"""Tradegate, the one published venue (trading.md §9 [X])."""


class AssetClass(StrEnum):
    """FUND executes once a day (trading.md §10.6 [D]); the others at once."""

    STOCK = "STOCK"
    ETF = "ETF"
    FUND = "FUND"


class InstrumentBehaviour(StrEnum):
    """How orders on an instrument go (concepts.md §9.2 [D])."""

    FILLS = "fills"
    PARTS_BY_AMOUNT = "parts-by-amount"
    """One execution below 101 EUR, two below 201, ... five above 401."""
    PARTS_THEN_CANCELLED = "parts-then-cancelled"
    """Four partial executions, cancelled before the last."""
    CANCELLED = "cancelled"
    """Cancelled by the trading partner while PROCESSING."""
    PRICE_SWINGS = "price-swings"
    """Fills; the price is 200 and 300 in turn, hour by hour."""
    PRICE_RANDOM = "price-random"
    """Fills; another price every hour, drawn from the world's seed."""


class Instrument(wire.Instrument):
    """An instrument with what the mock knows of it: price and behaviour (hidden)."""

    asset_class: AssetClass = Field(AssetClass.ETF, exclude=True)
    currency: str = Field("EUR", exclude=True)
    story: InstrumentBehaviour = Field(InstrumentBehaviour.FILLS, exclude=True)
    buy_tax: Decimal = Field(Decimal(0), exclude=True)
    """Share of a buy's amount that comes on top as transaction tax (trading.md §10.5)."""
    sell_tax: Decimal | None = Field(None, exclude=True)
    """Share of a sell's proceeds that is withheld as tax; ``None``: the user's residency decides (trading.md §18)."""
    bid: Decimal | None = Field(None, exclude=True)
    ask: Decimal | None = Field(None, exclude=True)
    volatility: Decimal = Field(Decimal(0), exclude=True)
    """How far the quote moves in a day, as a share of it; 0: it stands (``price_series``)."""
    split: Ratio = Field(WHOLE, exclude=True)
    """The product of its splits: what one unit of the beginning has become."""


INSTRUMENTS: Kind[Instrument] = Kind("instruments", indexes={"isin": attrgetter("isin")})

INSTRUMENT_LIFE: Final = LifeCycle(
    INSTRUMENTS,
    [
        Row(None, "ACTIVE", "INSTRUMENT.ONBOARDED", "onboarded", "trading.md §9 [D 1.75]"),
        Row(None, "INACTIVE", "INSTRUMENT.ONBOARDED", "onboarded before it trades", "trading.md §9 [D 1.75], inferred"),
        Row("ACTIVE", "INACTIVE", "INSTRUMENT.DEACTIVATED", "suspended or delisted", "trading.md §9 [D 1.75]"),
        Row("INACTIVE", "ACTIVE", "INSTRUMENT.ACTIVATED", "tradable (again)", "trading.md §9 [D 1.75]"),
    ],
    state="trading_status",
)


def tell_orders(world: World, instrument: Instrument, moved: Moved) -> None:
    """Orders that wait for their instrument, or for a price of it, look again."""
    stir(world, topics.instrument(instrument.id))
    stir(world, topics.price(instrument.id))
    if instrument.isin is not None:
        stir(world, topics.instrument(instrument.isin))  # placed before the instrument was there


PUBLISHED: Final = (
    # ISIN, bid, offer, story; concepts.md §9.2 [D]
    ("IE00BKBF6H24", "7.51", "6.23", InstrumentBehaviour.FILLS),
    ("IE00B3XXRP09", "113.03", "115.05", InstrumentBehaviour.FILLS),
    ("DE0005933931", "81.77", "85.22", InstrumentBehaviour.FILLS),
    ("IE00BK5BCH80", "13.20", "11.24", InstrumentBehaviour.FILLS),
    ("IE00BM8QRZ79", "38.45", "41.25", InstrumentBehaviour.FILLS),
    ("IE00BYZK4552", "11.10", "9.96", InstrumentBehaviour.FILLS),
    ("FR0010790980", "90.11", "93.55", InstrumentBehaviour.FILLS),
    ("FR0010524777", "38.345", "38.955", InstrumentBehaviour.FILLS),
    ("LU2194447293", "14.564", "14.744", InstrumentBehaviour.FILLS),
    ("IE00BGBN6P67", "70.07", "72.09", InstrumentBehaviour.FILLS),
    ("IE00BGL86Z12", "6.261", "6.299", InstrumentBehaviour.FILLS),
    ("LU0779800910", "14.31", "14.44", InstrumentBehaviour.FILLS),
    ("IE00BJ0KDR00", "108.08", "108.43", InstrumentBehaviour.FILLS),
    ("LU0533033667", "472.50", "481.10", InstrumentBehaviour.FILLS),
    ("IE00BM67HK77", "43.88", "44.23", InstrumentBehaviour.FILLS),
    ("IE00BM67HL84", "22.02", "44.23", InstrumentBehaviour.FILLS),
    ("LU1291109616", "17.02", "17.28", InstrumentBehaviour.FILLS),
    ("IE00BM67HM91", "43.50", "43.26", InstrumentBehaviour.FILLS),
    ("IE00B95PGT31", "100.00", "100.00", InstrumentBehaviour.PRICE_RANDOM),
    ("IE00B5M1WJ87", "100.00", "100.00", InstrumentBehaviour.PARTS_BY_AMOUNT),
    ("IE00BF2GFH28", "100.00", "100.00", InstrumentBehaviour.PARTS_THEN_CANCELLED),
    ("IE0032077012", "100.00", "100.00", InstrumentBehaviour.FILLS),
)

MOVING: Final = ("LU0429790743", "IE00B3VTMJ91", "IE00BF20LF40")
"""Their prices move "like a market", and executions follow the latest one (concepts.md §9.2 [D])."""
MOVING_FROM: Final = Decimal(100)
MOVING_BY: Final = Decimal("0.01")
"""Where they begin, and about the standard deviation of a day's change: chosen, as nothing is published (inferred)."""


def find(world: World, reference: str) -> Instrument | None:
    """An instrument by ISIN, UUID, or URN (``isin:…``, ``uuid:…``, either with ``urn:`` in front)."""
    name = reference.removeprefix("urn:")
    if name.startswith("isin:") or (len(name) == 12 and name[:2].isalpha()):
        found = world.table(INSTRUMENTS).by("isin", name.removeprefix("isin:"))
        return found[0] if found else None
    return world.table(INSTRUMENTS).get(dashed(name.removeprefix("uuid:")))


def by_isin(world: World, isin: str) -> Instrument:
    """The instrument of an order; orders name it by ISIN."""
    return world.table(INSTRUMENTS).by("isin", isin)[0]


def published(world: World, add: Callable[..., object]) -> None:
    """Add the published sandbox instruments that the world does not have yet."""
    for isin, bid, ask, story in PUBLISHED:
        if not world.table(INSTRUMENTS).by("isin", isin):
            add(world, isin=isin, bid=Decimal(bid), ask=Decimal(ask), story=story, name=f"Sandbox {isin}")
    for isin in MOVING:
        if not world.table(INSTRUMENTS).by("isin", isin):
            add(world, isin=isin, bid=MOVING_FROM, ask=MOVING_FROM, volatility=MOVING_BY, name=f"Sandbox {isin}")


@operation("list_instruments")
def list_instruments(world: World, call: Call[None]) -> Listing:
    status = call.query.get("trading_status")
    listing = by_time(world.table(INSTRUMENTS).sorted_by, call)
    if status is None:
        return listing
    return Listing([row for row in listing.rows if getattr(row, "trading_status", None) == status], listing.sort)


@operation("retrieve_instrument")
def retrieve_instrument(world: World, call: Call[None]) -> Instrument:
    reference = call.path["instrument_id"]
    found = find(world, reference)
    if found is None:
        raise UNKNOWN.refuse(what="instrument", id=reference)
    return found
