"""Allocations, configurations and strategies as a scenario has them; they keep the rules of requests for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mockserver.domain.portfolios import allocations, configurations, strategies
from mockserver.kernel.rules import Refusal
from mockserver.kernel.world import World


def allocation(
    world: World, *, allocation: Iterable[Mapping[str, Any]], id: str | None = None, name: str = ""
) -> allocations.Allocation:
    """An allocation that keeps the rules of a request for one."""
    row = allocations.Allocation.model_validate(
        {
            "id": id or world.ids.new("allocation"),
            "created_at": world.now,
            "updated_at": world.now,
            "name": name,
            "allocation": tuple(_item(**item) for item in allocation),
        }
    )
    unrefused(allocations.check, world, row.allocation)
    return world.table(allocations.ALLOCATIONS).put(row)


def _item(instrument_id: str, weight: Any, instrument_id_type: str | None = None) -> dict[str, Any]:
    """An item as the API would take it; without a type by the look of the id."""
    kind = instrument_id_type or ("ISIN" if len(instrument_id) == 12 else "UPVEST")
    return {"instrument_id": instrument_id, "instrument_id_type": kind, "weight": weight}


def configuration(
    world: World, *, account_id: str, allocation_id: str, rebalancing_strategy_ids: Iterable[str] | None = None
) -> configurations.Configuration:
    """Which account invests by which allocation."""
    ids = tuple(rebalancing_strategy_ids) if rebalancing_strategy_ids is not None else None
    made: configurations.Configuration = unrefused(configurations.configure, world, account_id, allocation_id, ids)
    return made


def strategy(
    world: World, *, name: str, conditions: Iterable[Mapping[str, Any]], id: str | None = None
) -> strategies.Strategy:
    """A rebalancing strategy."""
    row = strategies.Strategy.model_validate(
        {
            "id": id or world.ids.new("strategy"),
            "created_at": world.now,
            "updated_at": world.now,
            "name": name,
            "conditions": tuple(dict(condition) for condition in conditions),
        }
    )
    for index, condition in enumerate(row.conditions):
        unrefused(strategies.check_condition, index, condition)
    return world.table(strategies.STRATEGIES).put(row)


def unrefused(check: Any, *args: Any) -> Any:
    """Run a check of a request; its refusal is a mistake of the scenario."""
    try:
        return check(*args)
    except Refusal as refusal:
        raise ValueError(refusal.detail) from refusal
