"""What a scenario seeds: the resources of a world as they stand before the first step.

The names of the members are those of the API. Wherever an id is asked for, the id or the name that the resource was
given with ``as`` may stand; an instrument is also named by its ISIN.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, StringConstraints, Tag

from mockserver.domain.instruments.instruments import AssetClass, Story
from mockserver.models.base import Uuid
from mockserver.scenario.crowds import GeneratedAccounts, GeneratedInstruments, GeneratedUsers
from mockserver.scenario.entries import (
    Amount,
    Closed,
    Currency,
    Isin,
    Named,
    Quantity,
    Rate,
    Reference,
    UnitPrice,
    Weight,
)
from mockserver.scenario.people import Account, User


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
    story: Story = Field(Story.FILLS, description="how orders on it go: the sandbox has partial fills, for example")
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

    instrument: Reference
    day: date | None = None
    eod: UnitPrice | None = None
    bid: UnitPrice | None = None
    ask: UnitPrice | None = None


class AllocationItem(Closed):
    instrument_id: Reference
    instrument_id_type: Literal["ISIN", "UPVEST"] | None = Field(None, description="without: by the look of the id")
    weight: Weight


class Allocation(Named):
    name: str | None = None
    allocation: tuple[AllocationItem, ...] = Field(min_length=1)


class Configuration(Closed):
    account_id: Reference
    allocation_id: Reference
    rebalancing_strategy_ids: tuple[Reference, ...] = ()


class Strategy(Named):
    name: str
    conditions: tuple[dict[str, Any], ...]


class Position(Closed):
    account_id: Reference
    instrument: Reference
    quantity: Quantity


class Cash(Closed):
    """Money of an account group; an account names its group."""

    account_group_id: Reference | None = None
    account_id: Reference | None = None
    amount: Amount
    currency: Currency = "EUR"


class WebhookConfig(Closed):
    delay: Annotated[str, StringConstraints(pattern=r"^([1-9]|[12][0-9]|30)s$")] | None = None
    max_package_size: int | None = Field(None, ge=100, le=1_048_576)


class Webhook(Named):
    """A subscription. ``${receiver}`` in its URL is the receiver that a replay brings along."""

    title: Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9 ()\[\]{}.-]{1,32}$")] = "Scenario webhook"
    url: Annotated[str, StringConstraints(pattern=r"^(https?://|\$\{receiver\})", max_length=1000)]
    enabled: bool = True
    type: tuple[str, ...] = ("ALL",)
    exclude_type: tuple[str, ...] | None = None
    config: WebhookConfig | None = None


def _one_or_generate(value: Any) -> str:
    return "generate" if ("generate" in value if isinstance(value, dict) else hasattr(value, "generate")) else "one"


def _as_list(value: object) -> object:
    """``users: {generate: 100}`` is short for a list of that one entry."""
    return [value] if isinstance(value, dict) else value


Users = Annotated[
    tuple[
        Annotated[
            Annotated[User, Tag("one")] | Annotated[GeneratedUsers, Tag("generate")], Discriminator(_one_or_generate)
        ],
        ...,
    ],
    BeforeValidator(_as_list, json_schema_input_type=list[User | GeneratedUsers] | GeneratedUsers),
]
Accounts = Annotated[
    tuple[
        Annotated[
            Annotated[Account, Tag("one")] | Annotated[GeneratedAccounts, Tag("generate")],
            Discriminator(_one_or_generate),
        ],
        ...,
    ],
    BeforeValidator(_as_list, json_schema_input_type=list[Account | GeneratedAccounts] | GeneratedAccounts),
]
Instruments = Annotated[
    tuple[
        Annotated[
            Annotated[Instrument, Tag("one")] | Annotated[GeneratedInstruments, Tag("generate")],
            Discriminator(_one_or_generate),
        ],
        ...,
    ],
    BeforeValidator(_as_list, json_schema_input_type=list[Instrument | GeneratedInstruments] | GeneratedInstruments),
]
