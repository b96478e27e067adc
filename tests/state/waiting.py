"""Nothing is forgotten: what goes on by itself has its next step due, or waits for what has not happened yet."""

from __future__ import annotations

from typing import Any

from mockserver.domain.orders.orders import ORDERS
from mockserver.kernel.holds import Held
from mockserver.kernel.lifecycle import CYCLES, Hold
from mockserver.kernel.stages import STAGES
from mockserver.kernel.world import World
from tests.state.laws import PARENTS

EVER = 1_000_000


def check_nothing_is_stuck(world: World) -> None:
    """What goes on by itself has its next step due, or waits for something that has not happened."""
    due = {(task.args[0], task.args[1]) for task in world.clock.upcoming(EVER) if task.action == "stage"}
    for stage in STAGES.values():
        setting = world.profile.stages.get(stage.name)
        if stage.exceptional or (setting is not None and setting.delay == "never"):
            continue
        kind = stage.cycle.kind
        for row in world.table(kind):
            if stage.cycle.state_of(row) != stage.state or _waits_for_its_orders(world, kind.name, row):
                continue
            identity = kind.identify(row)
            held = world.holds.get(kind.name, identity)
            steps = [stage] if stage.on_entry else stage.cycle.stages[stage.state]  # another one may come before it
            found = any((each.name, identity) in due for each in steps)
            assert held is not None or found, f"{stage.name} of {row} is neither due nor held"

    for kind, name in zip(PARENTS, ("portfolio_order.settle", "liquidation.settle"), strict=True):
        expected = {task.args[0] for task in world.clock.upcoming(EVER) if task.action == name}
        for row in world.table(kind):
            trades = [each for child in world.table(ORDERS).by("parent", row.id) for each in child.executions]
            if row.status == "FILLED" and all(each.status == "SETTLED" for each in trades):
                assert row.id in expected, f"{row} is settled, and does not know it"


def _waits_for_its_orders(world: World, kind: str, row: Any) -> bool:
    if kind == "rebalancing_execution_orders":
        return row.portfolio_order_id is not None
    if kind == "fee_collections":
        return not row.begun or bool(row.payer_id) or _sells(world, "fee_collection", row)
    if kind == "tax_collections":
        return _sells(world, "tax_collection", row)
    return kind in ("portfolio_orders", "liquidations") and bool(world.table(ORDERS).by("parent", row.id))


def _sells(world: World, name: str, row: Any) -> bool:
    """Whether a collection waits for a sell, or looks for the next one now."""
    orders = world.table(ORDERS).by("parent", row.id)
    if any(not order.final or any(each.status == "FILLED" for each in order.executions) for order in orders):
        return True
    due = ((task.action, task.args) for task in world.clock.upcoming(EVER) if task.due <= world.now)
    return (f"{name}.settle", (row.id,)) in due


def held(world: World) -> list[tuple[str, str, Held]]:
    """Who waits: kind, id, and for what."""
    rows = ((name, cycle.kind, row) for name, cycle in CYCLES.items() for row in world.table(cycle.kind))
    waiting = ((name, kind.identify(row), world.holds.get(name, kind.identify(row))) for name, kind, row in rows)
    return [(name, identity, entry) for name, identity, entry in waiting if entry is not None]


def check_nothing_oversleeps(world: World) -> None:
    """Whoever waits would still have to wait: nobody missed what it was waiting for. The world stays as it is.

    Who looks again at a set time anyway, when the market opens, may learn only then that there is no going on.
    """
    now_due = {task.args for task in world.clock.upcoming(EVER) if task.due <= world.now}
    for name, identity, entry in held(world):
        kind, stage = CYCLES[name].kind, STAGES[entry.stage]
        row = world.table(kind)[identity]
        if CYCLES[name].state_of(row) != stage.state or (entry.stage, identity) in now_due:
            continue
        world.undo.clear()
        try:
            setting = world.profile.stages.get(stage.name)
            drawn = setting is not None and bool(setting.outcomes or setting.overrides)  # it would draw another lot
            outcome = stage.to if drawn else stage.decide(world, row)
            if outcome == stage.state and stage.exceptional:
                continue
            stage.go_on(world, row, outcome)
        except Hold:
            continue
        else:
            then = world.table(kind)[identity]
            later = entry.retry is not None and CYCLES[name].state_of(then) == "CANCELLED"
            assert later, f"{row} waits ({entry.reason}), but would go on: {then}"
        finally:
            world.undo.roll_back()
