"""How an execution follows the order or portfolio order that carries it out (payments.md §9.3).

Both have the same states for this: FILLED or CANCELLED ends them. A forced move of the execution carries the order
there, and the execution follows it.
"""

from __future__ import annotations

from typing import Any, Final

from mockserver.domain.orders.orders import ORDER_LIFE, ORDERS, Order
from mockserver.domain.orders.trades import EXECUTION_LIFE, EXECUTIONS, Execution
from mockserver.domain.portfolios.orders import PORTFOLIO_ORDER_LIFE, PORTFOLIO_ORDERS, PortfolioOrder
from mockserver.domain.savings_plans.executions import (
    BY_UPVEST,
    PLAN_EXECUTION_LIFE,
    PLAN_EXECUTIONS,
    PlanExecution,
    end,
    succeed,
)
from mockserver.kernel.actions import action
from mockserver.kernel.lifecycle import Awaited, LifeCycle
from mockserver.kernel.moves import Moved
from mockserver.kernel.world import World
from mockserver.models.orders import OrderExecutionStatus, OrderInitiationFlow
from mockserver.models.portfolios import PortfolioOrderInitiationFlow, PortfolioOrderStatus
from mockserver.models.savings_plans import SavingsPlanExecutionStatus, SavingsPlanType

CARRIED_OUT_BY: Final[dict[SavingsPlanType, LifeCycle[Any]]] = {
    SavingsPlanType.INSTRUMENT: ORDER_LIFE,
    SavingsPlanType.PORTFOLIO: PORTFOLIO_ORDER_LIFE,
}


# --- Followers of the orders' life cycles ---


def order_ended(world: World, order: Order, moved: Moved) -> None:
    """The order of an INSTRUMENT plan is final: filled where anything of it was executed."""
    if order.initiation_flow != OrderInitiationFlow.SAVINGS_PLAN:
        return
    reason = order.cancellation_reason
    _ended(world, order.id, filled=bool(order.executions), why_not=None if reason is None else reason.value)


def portfolio_order_ended(world: World, order: PortfolioOrder, moved: Moved) -> None:
    """The portfolio order of a PORTFOLIO plan is final."""
    if order.initiation_flow == PortfolioOrderInitiationFlow.SAVINGS_PLAN:
        filled = order.status == PortfolioOrderStatus.FILLED
        _ended(world, order.id, filled=filled, why_not=order.cancellation_details)


def trade_settled(world: World, trade: Execution, moved: Moved) -> None:
    """A trade is settled, or taken back; it comes after what the trade itself books and emits."""
    if world.table(ORDERS)[trade.order_id].initiation_flow == OrderInitiationFlow.SAVINGS_PLAN:
        _look(world, trade.order_id)


def portfolio_order_settled(world: World, order: PortfolioOrder, moved: Moved) -> None:
    """Every trade of a portfolio order is settled."""
    if order.initiation_flow == PortfolioOrderInitiationFlow.SAVINGS_PLAN:
        _look(world, order.id)


def _ended(world: World, order_id: str, *, filled: bool, why_not: str | None) -> None:
    for of in world.table(PLAN_EXECUTIONS).by("order", order_id):
        if of.status != SavingsPlanExecutionStatus.PROCESSING:
            continue
        if filled:
            filled_one = PLAN_EXECUTION_LIFE.move(world, of, "FILLED", "its order is executed")
            succeed(world, filled_one)
            _look(world, order_id)  # the sandbox settles at once, perhaps before the last part was filled
        else:
            end(world, of, BY_UPVEST, why_not)
            succeed(world, of)


def _look(world: World, order_id: str) -> None:
    """Settle it, after what is going on now, if nothing is left to settle."""
    for of in world.table(PLAN_EXECUTIONS).by("order", order_id):
        if of.status == SavingsPlanExecutionStatus.FILLED and _settled(world, of):
            reason = "its order is settled"
            world.clock.at(world.now, "savings_plan_execution.settle", of.id, reason=reason)


def _settled(world: World, of: PlanExecution) -> bool:
    """Whether its order is final and none of its trades is still to settle; a mistrade never does."""
    if of.type == SavingsPlanType.PORTFOLIO:
        order = world.table(PORTFOLIO_ORDERS)[of.order_id or ""]
        return bool(order.status == PortfolioOrderStatus.SETTLED)
    return _unsettled(world, of.order_id or "") is None


def _unsettled(world: World, order_id: str) -> Execution | None:
    trades = world.table(EXECUTIONS).by("order", order_id)
    return next((row for row in trades if row.status == OrderExecutionStatus.FILLED), None)


@action("savings_plan_execution.settle")
def settle(world: World, execution_id: str) -> None:
    of = world.table(PLAN_EXECUTIONS)[execution_id]
    if of.status == SavingsPlanExecutionStatus.FILLED and _settled(world, of):
        PLAN_EXECUTION_LIFE.move(world, of, "SETTLED", "its order is settled")


@PLAN_EXECUTION_LIFE.explains("PROCESSING", "FILLED")
def awaited(world: World, of: PlanExecution) -> Awaited:
    """The order that carries it out, or the trade that is still to settle."""
    cycle = CARRIED_OUT_BY[of.type]
    order_id = of.order_id or ""
    if of.status == SavingsPlanExecutionStatus.FILLED and of.type == SavingsPlanType.INSTRUMENT:
        trade = _unsettled(world, order_id)
        if trade is not None:
            return Awaited(f"execution {trade.id} of its order is not settled yet", f"executions/{trade.id}")
    order = world.table(cycle.kind)[order_id]
    what = cycle.kind.name.removesuffix("s").replace("_", " ")
    return Awaited(f"its {what} {order_id} is {order.status}", f"{cycle.kind.name}/{order_id}")


# --- What a command forces ---


@PLAN_EXECUTION_LIFE.does("PROCESSING", "FILLED")
def fill(world: World, of: PlanExecution) -> None:
    """Carry its order to FILLED now; the execution follows it."""
    _carry(world, of, "PROCESSING")
    _carry(world, of, "FILLED")


@PLAN_EXECUTION_LIFE.does("PROCESSING", "CANCELLED")
def cancel(world: World, of: PlanExecution) -> None:
    """Cancel its order now; the execution follows it, FILLED where something was executed before."""
    _carry(world, of, "CANCELLED")


@PLAN_EXECUTION_LIFE.does("FILLED", "SETTLED")
def settle_all(world: World, of: PlanExecution) -> None:
    """Settle every trade of its order now."""
    if of.type == SavingsPlanType.PORTFOLIO:
        _carry(world, of, "SETTLED")
    while (trade := _unsettled(world, of.order_id or "")) is not None:
        EXECUTION_LIFE.carry(world, trade, "SETTLED")
    settle(world, of.id)


def _carry(world: World, of: PlanExecution, to: str) -> None:
    """Move the order on, if that is a legal move of it now."""
    cycle = CARRIED_OUT_BY[of.type]
    order = world.table(cycle.kind)[of.order_id or ""]
    if (cycle.state_of(order), to) in cycle.rows:
        cycle.carry(world, order, to)
