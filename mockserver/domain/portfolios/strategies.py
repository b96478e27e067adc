"""Rebalancing strategies: drift and schedule conditions (portfolios.md §5.5; endpoints of version 1.9.0 only)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from mockserver.domain.portfolios.refusals import CONDITION_INCOMPLETE
from mockserver.domain.refusals import UNKNOWN
from mockserver.kernel.money import decimal
from mockserver.kernel.operations import Call, Listing, operation
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.portfolios import (
    PortfoliosRebalancingStrategy,
    PortfoliosRebalancingStrategyCondition,
    RebalancingConditionType,
)

if TYPE_CHECKING:
    from mockserver.models.messages.portfolios import PortfoliosRebalancingStrategyRequest

PERIODS: Final = ("WEEK", "MONTH")
"""The published periods (portfolios.md §5.5 [O]); DAY and YEAR are in no example."""

_PERCENT = re.compile(r"[0-9]{1,3}(\.[0-9]{1,10})?")


class Strategy(PortfoliosRebalancingStrategy):
    """Conditions under which accounts are rebalanced by themselves."""


STRATEGIES: Kind[Strategy] = Kind("strategies")


def strategy(world: World, strategy_id: str) -> Strategy:
    """The strategy, or a refusal (404)."""
    found = world.table(STRATEGIES).get(strategy_id)
    if found is None:
        raise UNKNOWN.refuse(what="rebalancing strategy", id=strategy_id)
    return found


def check_strategies(world: World, ids: Iterable[str]) -> None:
    """Refuse ids that no strategy has."""
    for strategy_id in ids:
        strategy(world, strategy_id)


def check_condition(index: int, condition: PortfoliosRebalancingStrategyCondition) -> None:
    """Refuse a condition without the fields of its type (read off the published examples)."""
    if condition.type == RebalancingConditionType.DRIFT:
        if not _PERCENT.fullmatch(condition.value or ""):
            raise CONDITION_INCOMPLETE.refuse(index=index, problem="DRIFT needs value, a percentage such as '1.0'")
        return
    if condition.start_date is None or condition.period not in PERIODS or (condition.interval_count or 0) < 1:
        raise CONDITION_INCOMPLETE.refuse(
            index=index, problem="SCHEDULED needs start_date, period (WEEK or MONTH) and interval_count of at least 1"
        )


def drift_of(condition: PortfoliosRebalancingStrategyCondition) -> Decimal:
    """The drift of a DRIFT condition as a fraction: ``"1.0"`` percent is 0.01."""
    return decimal(condition.value or "0") / 100


def falls_on(condition: PortfoliosRebalancingStrategyCondition, first: date, last: date) -> bool:
    """Whether a SCHEDULED condition has one of its days from ``first`` to ``last``: every n periods from its start."""
    start, every = condition.start_date, condition.interval_count or 1
    if start is None or start > last:
        return False
    if condition.period == "WEEK":
        step = 7 * every
        return (last - start).days // step * step >= max((first - start).days, 0)
    months = (last.year - start.year) * 12 + last.month - start.month
    return any(
        first <= _months_later(start, count) <= last
        for count in range(max(months - every, 0), months + 1)
        if count % every == 0
    )


def _months_later(start: date, count: int) -> date:
    """The same day ``count`` months later, or the last day of a shorter month."""
    year, month = divmod(start.year * 12 + start.month - 1 + count, 12)
    for day in range(start.day, 27, -1):
        try:
            return date(year, month + 1, day)
        except ValueError:
            continue
    return date(year, month + 1, min(start.day, 28))


@operation("list_portfolios_rebalancing_strategies")
def list_portfolios_rebalancing_strategies(world: World, call: Call[None]) -> Listing:
    return Listing(world.table(STRATEGIES).sorted_by("id"), "id")


@operation("create_portfolios_rebalancing_strategy")
def create_portfolios_rebalancing_strategy(world: World, call: Call[PortfoliosRebalancingStrategyRequest]) -> Strategy:
    for index, condition in enumerate(call.body.conditions):
        check_condition(index, condition)
    return world.table(STRATEGIES).put(
        Strategy(
            id=world.ids.new("strategy"),
            created_at=world.now,
            updated_at=world.now,
            name=call.body.name,
            conditions=call.body.conditions,
        )
    )


@operation("retrieve_portfolios_rebalancing_strategy")
def retrieve_portfolios_rebalancing_strategy(world: World, call: Call[None]) -> Strategy:
    return strategy(world, call.path["strategy_id"])
