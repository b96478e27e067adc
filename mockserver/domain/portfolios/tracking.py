"""How a portfolio order goes on when its single orders are done (portfolios.md §4.1, §5.3)."""

from __future__ import annotations

from mockserver.domain.accounts.accounts import account
from mockserver.domain.orders.orders import Order, executed
from mockserver.domain.orders.parents import Parent
from mockserver.domain.portfolios.orders import (
    PORTFOLIO_ORDER_LIFE,
    PORTFOLIO_ORDERS,
    PortfolioOrder,
    items,
)
from mockserver.domain.portfolios.planning import divide, purchases, refuse, send
from mockserver.kernel.events import emit
from mockserver.kernel.world import World
from mockserver.models.orders import OrderSide, OrderStatus
from mockserver.models.portfolios import PortfolioOrderCancellationReason as Reason


def advance(world: World, order: PortfolioOrder, orders: list[Order]) -> None:
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


Parent(
    name="portfolio_order",
    cycle=PORTFOLIO_ORDER_LIFE,
    start=divide,
    show=lambda order, orders: order.evolve(orders=items(orders)),
    advance=advance,
    when_settled="all executions are settled",
)
