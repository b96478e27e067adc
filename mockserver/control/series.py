"""Series that are ready to be drawn: an account by day, and what happened in a world over time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import orjson

from mockserver.domain.accounts.accounts import Account
from mockserver.domain.ledger.cash import CASH, UPDATED
from mockserver.domain.portfolios.allocations import allocation
from mockserver.domain.portfolios.configurations import CONFIGURATIONS
from mockserver.domain.portfolios.drift import legs
from mockserver.domain.valuations.returns import RETURNS
from mockserver.domain.valuations.valuations import VALUATIONS
from mockserver.hosting.tenants import Tenant
from mockserver.kernel.events import stamp
from mockserver.kernel.money import ZERO, fraction, minus, over, total, wire_amount
from mockserver.kernel.world import World

MOST_STEPS: Final = 60
"""Steps of time in a series of a world."""
STEPS: Final = tuple(
    timedelta(seconds=seconds)
    for seconds in (1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 86_400, 7 * 86_400, 30 * 86_400, 365 * 86_400)
)
"""How long a step may be: the first with which the whole time has few enough of them."""
DECIMALS: Final = 10
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

BOOKS: Final = (
    "balance",
    "locked_for_trading",
    "pending_settlement",
    "available_for_trading",
    "available_for_withdrawal",
)


def of_account(world: World, of: Account) -> dict[str, Any]:
    """Value and returns by day, the books of its group's cash at each change, and how far it is from its target."""
    return {
        "value": [
            {"at": stamp(row.at), "currency": row.currency, "value": wire_amount(row.total)}
            for row in world.table(VALUATIONS).by("account", of.id)
        ],
        "returns": [
            {
                "day": row.day.isoformat(),
                "daily": _number(row.daily),
                "cumulative": _number(row.cumulative),
            }
            for row in world.table(RETURNS).by("account", of.id)
        ],
        "cash": _cash(world, of.account_group_id),
        "drift": _drift(world, of),
    }


def _cash(world: World, group_id: str) -> list[dict[str, Any]]:
    """The books at each change that an event told, and as they are now."""
    found = [
        _books(event.created_at, orjson.loads(event.object.wire))
        for event in world.events
        if event.type == UPDATED and getattr(event.object, "account_group_id", None) == group_id
    ]
    found += [_books(world.now, orjson.loads(row.wire)) for row in world.table(CASH).by("group", group_id)]
    return found


def _books(at: datetime, shown: dict[str, Any]) -> dict[str, Any]:
    return {"at": stamp(at), "currency": shown["currency"], **{name: shown[name] for name in BOOKS}}


def _drift(world: World, of: Account) -> list[dict[str, Any]]:
    """Each instrument that is held or wanted: its weight, its target and the difference; empty without a target."""
    configured = world.table(CONFIGURATIONS).get(of.id)
    if configured is None:
        return []
    rows = legs(world, of.id, allocation(world, configured.allocation_id))
    base = total(leg.value for leg in rows)
    found = []
    for leg in rows:
        weight = over(leg.value, base, 30) if base else ZERO
        found.append(
            {
                "instrument_id": leg.instrument.id,
                "isin": leg.instrument.isin,
                "weight": fraction(weight, DECIMALS),
                "target": fraction(leg.target, DECIMALS),
                "drift": fraction(minus(weight, leg.target), DECIMALS),
            }
        )
    return found


def _number(value: Decimal | None) -> str | None:
    return None if value is None else fraction(value, DECIMALS)


def of_world(tenant: Tenant) -> dict[str, Any]:
    """Events, deliveries that were made, and attempts that failed, counted by steps of the world's time."""
    world, outbox = tenant.world, tenant.outbox
    deliveries = [] if outbox is None else outbox.deliveries()
    attempts = [attempt for delivery in deliveries for attempt in delivery.attempts]
    series = {
        "events": [event.created_at for event in world.events],
        "deliveries": [delivery.created_at for delivery in deliveries],
        "attempts": [attempt.at for attempt in attempts],
        "failed_attempts": [attempt.at for attempt in attempts if not attempt.outcome.delivered],
    }
    everything = [at for times in series.values() for at in times]
    if not everything:
        return {"step_seconds": 0, "steps": []}
    first, last = min(everything), max(everything)
    step = next((each for each in STEPS if (last - first) / each < MOST_STEPS - 1), STEPS[-1])
    begin = _EPOCH + (first - _EPOCH) // step * step
    starts = [begin + number * step for number in range(int((last - begin) / step) + 1)]
    counts = {name: _counted(times, starts) for name, times in series.items()}
    return {
        "step_seconds": int(step.total_seconds()),
        "steps": [
            {"from": stamp(start), **{name: counted[number] for name, counted in counts.items()}}
            for number, start in enumerate(starts)
        ],
    }


def _counted(times: Iterable[datetime], starts: list[datetime]) -> list[int]:
    counts = [0] * len(starts)
    for at in times:
        counts[bisect_right(starts, at) - 1] += 1
    return counts
