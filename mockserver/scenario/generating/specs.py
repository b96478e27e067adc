"""``{generate: 100}``: so many resources of a kind, drawn from the seed of the world."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from mockserver.domain.instruments.instruments import AssetClass
from mockserver.scenario.fields import Amount, Closed, Currency, Payment, Rate
from mockserver.scenario.generating.countries import HOMELANDS
from mockserver.scenario.references import ToAllocation

MOST = 100_000


def _known(weights: dict[str, float]) -> dict[str, float]:
    unknown = [country for country in weights if country not in HOMELANDS]
    if unknown:
        raise ValueError(f"people come from {', '.join(HOMELANDS)}, not from {', '.join(unknown)}")
    if not any(weights.values()):
        raise ValueError("no country has a weight above zero")
    return weights


Countries = Annotated[dict[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]], AfterValidator(_known)]


class Crowd(Closed):
    """People: names, addresses, birth places, tax numbers of their country, with right check digits."""

    generate: int = Field(ge=1, le=MOST)
    countries: Countries | None = Field(
        None, description="how likely each is, as {DE: 3, FR: 1}; of " + ", ".join(HOMELANDS)
    )


class GeneratedUsers(Crowd):
    """``{generate: 100}``: as many people."""


class GeneratedAccounts(Crowd):
    """``{generate: 1000}``: as many people, each with a group and an account.

    With an allocation the accounts are configured with it and hold positions near its weights; with ``cash`` their
    groups hold an amount drawn from that range, which came from the person's bank account.
    """

    type: Literal["PORTFOLIO", "TRADING"] = "PORTFOLIO"
    allocation_id: ToAllocation | None = None
    invested: tuple[Amount, Amount] = Field(
        (Decimal(100), Decimal(50_000)), description="range of the value of the positions, in the allocation's weights"
    )
    cash: tuple[Payment, Payment] | None = Field(None, description="range of the cash of each group, in EUR")


class GeneratedBusinesses(Crowd):
    """``{generate: 20}``: as many companies, each with a person who has the roles that it needs."""

    business_type: Literal["LIMITED_LIABILITY_COMPANY", "SOLE_TRADER"] = "LIMITED_LIABILITY_COMPANY"


class GeneratedInstruments(Closed):
    """``{generate: 50}``: as many instruments with names, ISINs and quotes of their own."""

    generate: int = Field(ge=1, le=MOST)
    asset_class: AssetClass = AssetClass.ETF
    currency: Currency = "EUR"
    volatility: Rate = Field(Decimal(0), description="how far their quotes move in a day; 0: they stand")
