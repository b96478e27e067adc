"""What a scenario seeds: the resources of a world as they stand before the first step.

The names of the members are those of the API. Wherever an id is asked for, the id or the name that the resource was
given with ``as`` may stand; an instrument is also named by its ISIN.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, StringConstraints, Tag

from mockserver.domain.instruments import AssetClass, Story
from mockserver.kernel.money import decimal
from mockserver.models.base import Uuid

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=60)]
"""How a scenario calls something: ``${name}`` in the steps."""
Reference = Annotated[str, StringConstraints(min_length=1, max_length=100)]
"""An id, or a name given with ``as``."""
Isin = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[A-Z0-9]{9}[0-9]$")]
Currency = Literal["EUR", "GBP", "USD"]


def _number(value: object) -> object:
    """Numbers as the API writes them (text keeps its zeros: ``"1.00"``), and plain YAML numbers."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        value = f"{Decimal(repr(value)):f}"
    return decimal(value) if isinstance(value, str) else value


Number = Annotated[
    Decimal,
    BeforeValidator(_number, json_schema_input_type=str | int | float),
]
NotNegative = Annotated[Number, Field(ge=0)]
Positive = Annotated[Number, Field(gt=0)]
Weight = Annotated[str, BeforeValidator(lambda value: str(value) if isinstance(value, int | float) else value)]


class Closed(BaseModel):
    """A part of a scenario: a member it does not know is a mistake and not a silence."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True, defer_build=True
    )


class Named(Closed):
    """A resource that the steps can speak of."""

    id: Uuid | None = Field(None, description="without: made from the name, or else from the seed of the world")
    as_: Name | None = Field(None, alias="as", description="the name by which the scenario speaks of it")


class Address(Closed):
    address_line1: str
    address_line2: str | None = None
    postcode: str
    city: str
    state: str | None = None
    country: str


class User(Named):
    first_name: str | None = None
    last_name: str | None = None
    birth_date: date | None = None
    nationalities: tuple[str, ...] | None = None
    address: Address | None = None
    email: str | None = None
    status: Literal["ACTIVE", "INACTIVE", "OFFBOARDING", "OFFBOARDED"] | None = None


GroupStatus = Literal["PENDING_APPROVAL", "ACTIVE", "LOCKED", "CLOSING", "CLOSED"]


class AccountGroup(Named):
    user_id: Reference | None = None
    type: Literal["PERSONAL"] = "PERSONAL"
    status: GroupStatus = "ACTIVE"
    securities_account_number: Annotated[str, StringConstraints(pattern=r"^[0-9]{7,12}$")] | None = None
    currency: Currency = "EUR"


class Account(Named):
    """Without a group and a user, both are made."""

    user_id: Reference | None = None
    account_group_id: Reference | None = None
    type: Literal["PORTFOLIO", "TRADING"] = "PORTFOLIO"
    name: str = ""
    status: GroupStatus = "ACTIVE"


class GeneratedUsers(Closed):
    """``{generate: 100}``: people with German names and addresses, drawn from the seed."""

    generate: int = Field(ge=1, le=100_000)


class GeneratedAccounts(Closed):
    """``{generate: 1000}``: as many people, each with a group and a PORTFOLIO account.

    With an allocation the accounts are configured with it and hold positions near its weights; with ``cash`` their
    groups hold an amount drawn from that range.
    """

    generate: int = Field(ge=1, le=100_000)
    allocation_id: Reference | None = None
    invested: tuple[NotNegative, NotNegative] = Field(
        (Decimal(100), Decimal(50_000)), description="range of the value of the positions, in the allocation's weights"
    )
    cash: tuple[NotNegative, NotNegative] | None = Field(None, description="range of the cash of each group, in EUR")


class Instrument(Named):
    isin: Isin
    name: str | None = None
    wkn: str | None = None
    asset_class: AssetClass = Field(AssetClass.ETF, description="FUND: executed once a day")
    fractional_trading: bool = True
    trading_status: Literal["ACTIVE", "INACTIVE"] = "ACTIVE"
    currency: Currency = "EUR"
    bid: Positive | None = Field(None, description="what a SELL gets")
    ask: Positive | None = Field(None, description="what a BUY pays")
    story: Story = Field(Story.FILLS, description="how orders on it go: the sandbox has partial fills, for example")


class Price(Closed):
    """An end-of-day price of a day, or what is bid and asked now."""

    instrument: Reference
    day: date | None = None
    eod: Positive | None = None
    bid: Positive | None = None
    ask: Positive | None = None


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
    quantity: Positive


class Cash(Closed):
    """Money of an account group; an account names its group."""

    account_group_id: Reference | None = None
    account_id: Reference | None = None
    amount: NotNegative
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
    generates = (
        "generate" in value if isinstance(value, dict) else isinstance(value, GeneratedUsers | GeneratedAccounts)
    )
    return "generate" if generates else "one"


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
