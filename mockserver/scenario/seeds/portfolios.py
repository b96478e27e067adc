"""Allocations, rebalancing strategies, and which account invests by which of them."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from pydantic import Field

from mockserver.domain import seeding
from mockserver.kernel.money import total
from mockserver.scenario.document import Found, Path
from mockserver.scenario.families import Others, SeedFamily
from mockserver.scenario.fields import Closed, Named, Weight
from mockserver.scenario.references import ToAccount, ToAllocation, ToInstrument, ToStrategy


class AllocationItem(Closed):
    instrument_id: ToInstrument
    instrument_id_type: Literal["ISIN", "UPVEST"] | None = Field(None, description="without: by the look of the id")
    weight: Weight


class Allocation(Named):
    name: str | None = None
    allocation: tuple[AllocationItem, ...] = Field(min_length=1)


class Configuration(Closed):
    account_id: ToAccount
    allocation_id: ToAllocation
    rebalancing_strategy_ids: tuple[ToStrategy, ...] = ()


class Strategy(Named):
    name: str
    conditions: tuple[dict[str, Any], ...]


def weights(parts: Others, path: Path, entry: Allocation) -> Found:
    """The weights of an allocation are above zero and sum to the whole, exactly (portfolios.md §2)."""
    behaviour = parts.settings.get("behaviour")
    strict = isinstance(behaviour, dict) and behaviour.get("weights_sum") == "one"
    numbers = []
    for index, item in enumerate(entry.allocation):
        try:
            number = Decimal(item.weight)
        except InvalidOperation:
            number = Decimal(0)
        if not number.is_finite() or number <= 0:
            yield (*path, "allocation", index, "weight"), f'{item.weight!r} is no weight: write for example "0.6"'
            break
        numbers.append(number)
    else:
        whole = total(numbers)
        if whole != 1 and (strict or whole != 100):
            yield (*path, "allocation"), f"the weights sum to {whole}, not to exactly {'1' if strict else '1 or 100'}"
    instruments = [item.instrument_id for item in entry.allocation]
    for index, reference in enumerate(instruments):
        if reference in instruments[:index]:
            yield (*path, "allocation", index), f"instrument {reference} stands in this allocation twice"


def of_a_portfolio(parts: Others, path: Path, entry: Any) -> Found:
    """Only accounts of the type PORTFOLIO have a configuration."""
    account = parts.by_name["accounts"].get(entry.account_id)
    if account is not None and account.type != "PORTFOLIO":
        yield (*path, "account_id"), f"only PORTFOLIO accounts have one: {entry.account_id!r} is {account.type}"


STRATEGIES = SeedFamily(name="strategies", entry=Strategy, put=seeding.strategy)

ALLOCATIONS = SeedFamily(
    name="allocations",
    entry=Allocation,
    put=seeding.allocation,
    check=weights,
    says="`name`, `allocation: [{instrument_id, instrument_id_type, weight}]`; the weights sum to 1 or 100",
    without="the id type by the look of the id",
)

CONFIGURATIONS = SeedFamily(
    name="configurations",
    entry=Configuration,
    put=seeding.configuration,
    unique=("account_id",),
    check=of_a_portfolio,
)
