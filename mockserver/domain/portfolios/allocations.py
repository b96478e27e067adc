"""Portfolio allocations: instruments with target weights (portfolios.md §2)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from mockserver.domain.instruments.instruments import Instrument, find
from mockserver.domain.listing import created_between
from mockserver.domain.portfolios.refusals import (
    INSTRUMENT_ID_TYPE,
    INSTRUMENT_INACTIVE,
    INSTRUMENT_TWICE,
    INSTRUMENT_UNKNOWN,
    WEIGHT_ZERO,
    WEIGHTS_SUM,
)
from mockserver.domain.portfolios.strategies import check_strategies
from mockserver.domain.refusals import UNKNOWN
from mockserver.kernel.events import emit
from mockserver.kernel.money import decimal, over, total, wire_number
from mockserver.kernel.operations import Call, Listing, operation
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.instruments import InstrumentTradingStatus
from mockserver.models.portfolios import PortfolioInstrumentIdType, PortfoliosAllocation, PortfoliosAllocationItem

if TYPE_CHECKING:
    from mockserver.models.messages.portfolios import (
        PortfoliosAllocationCreateRequest,
        PortfoliosAllocationUpdateRequest,
    )


class Allocation(PortfoliosAllocation):
    """A target: which instruments, with which weights."""


ALLOCATIONS: Kind[Allocation] = Kind("allocations")

CREATED: Final = "PORTFOLIO_ALLOCATION.CREATED"
CHANGED: Final = "PORTFOLIO_ALLOCATION.CHANGED"

WEIGHT_SUMS: Final = {"one": (Decimal(1),), "one or hundred": (Decimal(1), Decimal(100))}
"""The sums that pass, by the setting ``weights_sum`` (portfolios.md §2, choice for the sum)."""

WEIGHT_PRECISION: Final = 30


def allocation(world: World, allocation_id: str) -> Allocation:
    """The allocation, or a refusal (404)."""
    found = world.table(ALLOCATIONS).get(allocation_id)
    if found is None:
        raise UNKNOWN.refuse(what="allocation", id=allocation_id)
    return found


def check(world: World, items: tuple[PortfoliosAllocationItem, ...]) -> None:
    """Refuse a target that breaks a rule of portfolios.md §2: twice, zero, unknown, not tradable, sum."""
    seen: set[str] = set()
    for index, item in enumerate(items):
        named = item.instrument_id
        if (len(named) == 12) != (item.instrument_id_type == PortfolioInstrumentIdType.ISIN):
            raise INSTRUMENT_ID_TYPE.refuse(index=index, instrument=named, type=item.instrument_id_type)
        instrument = find(world, named)
        if instrument is None:
            raise INSTRUMENT_UNKNOWN.refuse(instrument=named)
        if instrument.id in seen:
            raise INSTRUMENT_TWICE.refuse(index=index, instrument=named)
        seen.add(instrument.id)
        if instrument.trading_status != InstrumentTradingStatus.ACTIVE:
            raise INSTRUMENT_INACTIVE.refuse(index=index, instrument=named)
        if not decimal(item.weight):
            raise WEIGHT_ZERO.refuse(index=index)
    passing = WEIGHT_SUMS[world.profile.behaviour.weights_sum]
    whole = total(decimal(item.weight) for item in items)
    if whole not in passing:
        wanted = " or ".join(str(sum_) for sum_ in passing)
        raise WEIGHTS_SUM.refuse(sum=wire_number(whole), wanted=wanted)


def targets(world: World, of: Allocation) -> list[tuple[Instrument, Decimal]]:
    """The instruments with their weights as fractions of one, in the order of the allocation."""
    weights = [decimal(item.weight) for item in of.allocation]
    whole = total(weights)
    rows = []
    for item, weight in zip(of.allocation, weights, strict=True):
        instrument = find(world, item.instrument_id)
        if instrument is not None:
            rows.append((instrument, over(weight, whole, WEIGHT_PRECISION)))
    return rows


@operation("list_portfolios_allocations")
def list_portfolios_allocations(world: World, call: Call[None]) -> Listing:
    rows = created_between(
        world.table(ALLOCATIONS).sorted_by("id"), call.query.get("start_date"), call.query.get("end_date")
    )
    wanted = call.query.get("instrument_ids")
    if wanted:
        rows = [row for row in rows if _contains_any(world, row, wanted)]
    return Listing(rows, "id")


@operation("create_portfolios_allocation")
def create_portfolios_allocation(world: World, call: Call[PortfoliosAllocationCreateRequest]) -> Allocation:
    body = call.body
    check(world, body.allocation)
    check_strategies(world, body.rebalancing_strategy_ids or ())
    row = Allocation(
        id=world.ids.new("allocation"),
        created_at=world.now,
        updated_at=world.now,
        name=body.name or "",
        allocation=body.allocation,
    )
    world.table(ALLOCATIONS).put(row)
    emit(world, CREATED, row)
    return row


@operation("retrieve_portfolios_allocation")
def retrieve_portfolios_allocation(world: World, call: Call[None]) -> Allocation:
    return allocation(world, call.path["allocation_id"])


@operation("update_portfolios_allocation")
def update_portfolios_allocation(world: World, call: Call[PortfoliosAllocationUpdateRequest]) -> Allocation:
    """The whole new target; accounts come to it at their next order or rebalancing (portfolios.md §2 [A])."""
    old = allocation(world, call.path["allocation_id"])
    check(world, call.body.allocation)
    name = old.name if call.body.name is None else call.body.name
    new = old.evolve(name=name, allocation=call.body.allocation, updated_at=world.now)
    world.table(ALLOCATIONS).put(new)
    emit(world, CHANGED, new)
    return new


def _contains_any(world: World, row: Allocation, wanted: str) -> bool:
    """``wanted``: comma-separated UUIDs and ISINs (portfolios.md §2, inferred)."""
    instruments = (find(world, reference) for part in wanted.split(",") if (reference := part.strip()))
    ids = {instrument.id for instrument in instruments if instrument is not None}
    return any(instrument.id in ids for instrument, _ in targets(world, row))
