"""Cancelling portfolio orders: by the client, with their configuration, with their account (portfolios.md §3, §4.4)."""

from __future__ import annotations

from mockserver.domain.accounts.accounts import ACCOUNTS, Account, AccountGroup
from mockserver.domain.orders.orders import ORDERS
from mockserver.domain.orders.orders import cancel as cancel_order
from mockserver.domain.orders.parents import children
from mockserver.domain.portfolios.configurations import configuration, remove
from mockserver.domain.portfolios.orders import (
    PORTFOLIO_ORDER_LIFE,
    PORTFOLIO_ORDERS,
    PortfolioOrder,
    portfolio_order,
)
from mockserver.domain.portfolios.planning import refuse
from mockserver.kernel.actions import action
from mockserver.kernel.moves import Moved
from mockserver.kernel.operations import Call, Nothing, operation
from mockserver.kernel.world import World
from mockserver.models.accounts import AccountStatus
from mockserver.models.orders import OrderCancellationReason, OrderSide, OrderStatus
from mockserver.models.portfolios import PortfolioOrderCancellationReason as Reason
from mockserver.models.portfolios import PortfolioOrderInitiationFlow, PortfolioOrderStatus

PLATFORM = OrderCancellationReason.CANCELLED_BY_UPVEST_PLATFORM
CONFIGURATION_DELETED = "Portfolio configuration was deleted."
ACCOUNT_CLOSING = "Account is being closed."
GROUP_CLOSING = "Account group is being closed."


@operation("cancel_portfolios_order")
def cancel_portfolios_order(world: World, call: Call[None]) -> Nothing:
    """Accepted whatever the status, done asynchronously; without effect where it comes too late (§4.4)."""
    order = portfolio_order(world, call.path["portfolio_order_id"])
    if _cancellable(world, order):
        world.clock.at(world.now, "portfolio_order.cancel", order.id, reason="cancellation requested by the client")
    return Nothing()


def _cancellable(world: World, order: PortfolioOrder) -> bool:
    """Whether a client can cancel it: while NEW, or while open by setting; never one of a savings plan.

    portfolios.md §4.4 [G, A]; payments.md §9.3, inferred.
    """
    if order.initiation_flow == PortfolioOrderInitiationFlow.SAVINGS_PLAN:
        return False
    if world.profile.behaviour.portfolio_cancel == "best_effort":
        return order.open
    return order.status == PortfolioOrderStatus.NEW


@action("portfolio_order.cancel")
def cancel_for_client(world: World, order_id: str) -> None:
    order = world.table(PORTFOLIO_ORDERS).get(order_id)
    if order is not None and _cancellable(world, order):
        cancel(world, order)


@PORTFOLIO_ORDER_LIFE.does("NEW", "CANCELLED")
@PORTFOLIO_ORDER_LIFE.does("PROCESSING", "CANCELLED")
def cancel(
    world: World, order: PortfolioOrder, reason: str = Reason.CANCELLED_BY_CLIENT, details: str | None = None
) -> None:
    """Cancel the order and its single orders. What is executed already stays, and the order ends FILLED then."""
    why = Reason(reason)
    open_ones = [row for row in children(world, order.id) if not row.final]
    if not open_ones:
        refuse(world, order, why, details)
        return
    # The order ends with the last of its single orders, so that it shows them as they ended.
    world.table(PORTFOLIO_ORDERS).put(order.evolve(stop_reason=why, stop_details=details, wanted=()))
    by_client = why == Reason.CANCELLED_BY_CLIENT
    for row in open_ones:
        cancel_order(world, row, OrderCancellationReason.CANCELLED_BY_CLIENT if by_client else PLATFORM)


@operation("delete_portfolios_configuration")
def delete_portfolios_configuration(world: World, call: Call[None]) -> Nothing:
    """A hard delete that cancels the account's NEW portfolio orders (seed document)."""
    of = configuration(world, call.path["account_id"])
    remove(world, of)
    cancel_new(world, of.account_id, CONFIGURATION_DELETED)
    return Nothing()


def account_closes(world: World, account: Account, moved: Moved) -> None:
    """NEW portfolio orders of a closing account are cancelled (portfolios.md §13.8, inferred).

    So are single buys that are NEW, while sells go on until it is closed (trading.md §8, inferred).
    """
    _end_orders(world, account, ACCOUNT_CLOSING, sells=account.status == AccountStatus.CLOSED)


def group_closes(world: World, group: AccountGroup, moved: Moved) -> None:
    """A closing group ends the orders of all its accounts in the same way (trading.md §8, inferred)."""
    for account in world.table(ACCOUNTS).by("group", group.id):
        _end_orders(world, account, GROUP_CLOSING, sells=group.status == AccountStatus.CLOSED)


def _end_orders(world: World, account: Account, details: str, *, sells: bool) -> None:
    cancel_new(world, account.id, details)
    for row in world.table(ORDERS).by("account", account.id):
        if row.status == OrderStatus.NEW and (row.side == OrderSide.BUY or sells):
            cancel_order(world, row, PLATFORM)


def cancel_new(world: World, account_id: str, details: str) -> None:
    """Cancel every NEW portfolio order of an account, by the platform."""
    for order in world.table(PORTFOLIO_ORDERS).by("account", account_id):
        if order.status == PortfolioOrderStatus.NEW:
            cancel(world, order, Reason.CANCELLED_BY_UPVEST, details)
