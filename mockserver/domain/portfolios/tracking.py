"""A portfolio order follows its single orders (portfolios.md §4.1, §5.3)."""

from __future__ import annotations

from mockserver.domain.accounts.accounts import account
from mockserver.domain.orders.execution import awaited, finish_all, settle_executions, settled
from mockserver.domain.orders.orders import ORDERS, Order, executed
from mockserver.domain.orders.trades import Execution
from mockserver.domain.portfolios.orders import (
    PORTFOLIO_ORDER_LIFE,
    PORTFOLIO_ORDERS,
    PortfolioOrder,
    children,
    items,
)
from mockserver.domain.portfolios.planning import purchases, refuse, send
from mockserver.kernel.actions import action
from mockserver.kernel.events import emit
from mockserver.kernel.lifecycle import Awaited, Moved
from mockserver.kernel.world import World
from mockserver.models.orders import OrderSide, OrderStatus
from mockserver.models.portfolios import PortfolioOrderCancellationReason as Reason
from mockserver.models.portfolios import PortfolioOrderStatus


def begin(world: World, order: Order, moved: Moved) -> None:
    """The first single order goes to the venue: the portfolio order is PROCESSING (§4.1 [G])."""
    parent = world.table(PORTFOLIO_ORDERS).get(order.parent)
    if parent is not None and parent.status == PortfolioOrderStatus.NEW:
        PORTFOLIO_ORDER_LIFE.move(world, parent, "PROCESSING", f"order {order.id} goes to the venue")


def follow(world: World, order: Order, moved: Moved) -> None:
    """Show the single orders as they are, and end with the last of them."""
    parent = world.table(PORTFOLIO_ORDERS).get(order.parent)
    if parent is None or not parent.open:
        return
    orders = children(world, parent)
    parent = world.table(PORTFOLIO_ORDERS).put(parent.evolve(orders=items(orders)))
    if all(row.final for row in orders):
        _advance(world, parent, orders)


def _advance(world: World, order: PortfolioOrder, orders: list[Order]) -> None:
    """No single order is open: buy with what the sells brought, or end."""
    if order.wanted and order.stop_reason is None:
        leaves = purchases(world, order, executed(orders, OrderSide.SELL))
        order = world.table(PORTFOLIO_ORDERS).put(order.evolve(wanted=()))
        if leaves:
            grown = send(world, order, account(world, order.account_id), leaves)
            grown = world.table(PORTFOLIO_ORDERS).put(grown.evolve(updated_at=world.now))
            # Orders were added: the state stays, the webhook comes again (portfolios.md §5.3 [G], type inferred)
            emit(world, "PORTFOLIO_ORDER.PROCESSING", grown)
            return
    if any(row.status == OrderStatus.FILLED for row in orders):
        PORTFOLIO_ORDER_LIFE.move(world, order, "FILLED", "every single order is executed")
    else:
        refuse(world, order, order.stop_reason or Reason.CANCELLED_BY_UPVEST, order.stop_details)


def filled(world: World, order: PortfolioOrder, moved: Moved) -> None:
    """Its executions may have settled before the last order was filled (the sandbox settles at once)."""
    if settled(world, order.id):
        world.clock.at(world.now, "portfolio_order.settle", order.id, reason="all its executions are settled")


def follow_settlement(world: World, execution: Execution, moved: Moved) -> None:
    """The last execution settles the order, after what the execution itself books and tells."""
    parent = world.table(PORTFOLIO_ORDERS).get(world.table(ORDERS)[execution.order_id].parent)
    if parent is not None and parent.status == PortfolioOrderStatus.FILLED and settled(world, parent.id):
        world.clock.at(world.now, "portfolio_order.settle", parent.id, reason="its last execution is settled")


@action("portfolio_order.settle")
def settle(world: World, order_id: str) -> None:
    """FILLED becomes SETTLED with the last execution (§4.1, inferred)."""
    order = world.table(PORTFOLIO_ORDERS).get(order_id)
    if order is not None and order.status == PortfolioOrderStatus.FILLED and settled(world, order.id):
        PORTFOLIO_ORDER_LIFE.move(world, order, "SETTLED", "all executions are settled")


@PORTFOLIO_ORDER_LIFE.explains("NEW", "PROCESSING", "FILLED")
def waits_for_orders(world: World, order: PortfolioOrder) -> Awaited | None:
    return awaited(world, order.id)


@PORTFOLIO_ORDER_LIFE.does("PROCESSING", "FILLED")
def fill(world: World, order: PortfolioOrder) -> None:
    """Forced by command: every single order is sent and filled now, those that a rebalancing adds too."""
    finish_all(world, order.id)


@PORTFOLIO_ORDER_LIFE.does("FILLED", "SETTLED")
def settle_all(world: World, order: PortfolioOrder) -> None:
    """Forced by command: every execution settles now."""
    settle_executions(world, order.id)
    settle(world, order.id)
