"""Instruments and their prices."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from mockserver.domain import seeding
from mockserver.domain.instruments.instruments import AssetClass, InstrumentBehaviour
from mockserver.models.base import Uuid
from mockserver.scenario.document import Found, Path
from mockserver.scenario.families import Generated, SeedFamily
from mockserver.scenario.fields import Closed, Currency, Isin, Named, Rate, UnitPrice
from mockserver.scenario.generating.crowds import Crowd
from mockserver.scenario.generating.specs import GeneratedInstruments
from mockserver.scenario.references import ToInstrument


class Details(Closed):
    distribution_countries: tuple[str, ...] | None = None


class InstrumentMembers(Closed):
    """What the API shows of an instrument, and what the mock knows of it."""

    isin: Isin
    name: str | None = None
    wkn: Annotated[str, StringConstraints(pattern=r"^[A-HJ-NP-Z0-9]{6}$")] | None = None
    asset_class: AssetClass = Field(AssetClass.ETF, description="FUND: executed once a day")
    fractional_trading: bool = True
    trading_status: Literal["ACTIVE", "INACTIVE"] = "ACTIVE"
    currency: Currency = "EUR"
    bid: UnitPrice | None = Field(None, description="what a SELL gets")
    ask: UnitPrice | None = Field(None, description="what a BUY pays")
    volatility: Rate = Field(Decimal(0), description="how far the quote moves in a day, as a share; 0: it stands")
    story: InstrumentBehaviour = Field(
        InstrumentBehaviour.FILLS, description="how orders on it go: the sandbox has partial fills, for example"
    )
    buy_tax: Rate = Field(Decimal(0), description="transaction tax: share of the amount that a BUY pays on top")
    sell_tax: Rate | None = Field(None, description="share of the proceeds that a SELL is taxed; none: by residency")
    details: Details | None = None


class Instrument(InstrumentMembers, Named):
    """One that is there from the start, told by no event."""


class ListedInstrument(InstrumentMembers):
    """One that is onboarded in a step, or changes in the members that are given."""

    id: Uuid | None = Field(None, description="of a new one; without: from the seed of the world")


class Price(Closed):
    """An end-of-day price of a day, or what is bid and asked now."""

    instrument: ToInstrument
    day: date | None = None
    eod: UnitPrice | None = None
    bid: UnitPrice | None = None
    ask: UnitPrice | None = None


def of_a_day_or_now(_: object, path: Path, entry: Any) -> Found:
    """A price is of a day, or of now."""
    given = entry.model_fields_set
    if "day" in given and "eod" not in given:
        yield path, "gives a day without its end-of-day price: add eod (null: no price that day)"
    if "eod" in given and "day" not in given:
        yield path, "gives an end-of-day price without its day: add day"
    if not given & {"eod", "bid", "ask"}:
        yield path, "gives no price: add eod with day, or bid and ask"
    if given & {"bid", "ask"} and "day" in given:
        yield path, "bid and ask are prices of now: give the day's eod in an entry of its own"


INSTRUMENTS = SeedFamily(
    name="instruments",
    entry=Instrument,
    put=seeding.instrument,
    generated=Generated(GeneratedInstruments, Crowd.instruments),
    says="`isin`, `name`, `wkn`, `asset_class` (ETF, FUND, STOCK), `fractional_trading`, `trading_status`, `currency`, "
    "`bid`, `ask`, `volatility`, `story`, `buy_tax`, `sell_tax`",
    without="no price without bid and ask; no tax without rates",
)

PRICES = SeedFamily(
    name="prices",
    entry=Price,
    put=seeding.price,
    check=of_a_day_or_now,
    says="`{instrument, day, eod}`: the end-of-day price of a day, on until the next one; `eod: null`: none that day. "
    "`{instrument, bid, ask}`: from now on",
)
