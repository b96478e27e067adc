"""Portfolio orders: an amount spread over an allocation (portfolios.md §4): placed, shown, and their life cycle."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from pydantic import Field

from mockserver.domain.accounts.accounts import account, currency_of
from mockserver.domain.accounts.holders import holder, owned_by
from mockserver.domain.listing import created_between
from mockserver.domain.orders.orders import Order
from mockserver.domain.portfolios.configurations import CONFIGURATIONS
from mockserver.domain.portfolios.refusals import AMOUNT_FORMAT, AMOUNT_ZERO, CURRENCY, NOT_CONFIGURED, NOT_THE_OWNER
from mockserver.domain.refusals import UNKNOWN
from mockserver.kernel.lifecycle import LifeCycle, Row
from mockserver.kernel.money import decimal
from mockserver.kernel.operations import Call, Listing, operation
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.portfolios import (
    PortfolioOrderCancellationReason,
    PortfolioOrderInitiationFlow,
    PortfolioOrderStatus,
    PortfolioOrderType,
    PortfoliosOrder,
    PortfoliosOrderItem,
)

if TYPE_CHECKING:
    from mockserver.models.messages.portfolios import PortfoliosOrderPlaceRequest


class PortfolioOrder(PortfoliosOrder):
    """A portfolio order, with what its progress needs (hidden)."""

    wanted: tuple[tuple[str, Decimal], ...] = Field((), exclude=True)
    """REBALANCING: instrument id and amount to buy, once the sells have brought the money in."""
    stop_reason: PortfolioOrderCancellationReason | None = Field(None, exclude=True)
    """Set when it is being cancelled while its orders are under way; ``stop_details`` are the details given then."""
    stop_details: str | None = Field(None, exclude=True)

    @property
    def open(self) -> bool:
        return self.status in (PortfolioOrderStatus.NEW, PortfolioOrderStatus.PROCESSING)


PORTFOLIO_ORDERS: Kind[PortfolioOrder] = Kind("portfolio_orders", indexes={"account": attrgetter("account_id")})

PORTFOLIO_ORDER_LIFE: Final = LifeCycle(
    PORTFOLIO_ORDERS,
    [
        Row(None, "NEW", "PORTFOLIO_ORDER.NEW", "placed; checks are running", "portfolios.md §4.1 [G, E]"),
        Row(
            "NEW",
            "PROCESSING",
            "PORTFOLIO_ORDER.PROCESSING",
            "the first single order goes out",
            "portfolios.md §4.1 [G]",
        ),
        Row(
            "PROCESSING", "FILLED", "PORTFOLIO_ORDER.FILLED", "every single order is executed", "portfolios.md §4.1 [G]"
        ),
        Row(
            "FILLED", "SETTLED", "PORTFOLIO_ORDER.SETTLED", "all executions are settled", "portfolios.md §4.1, inferred"
        ),
        Row(
            "NEW", "CANCELLED", "PORTFOLIO_ORDER.CANCELLED", "by client, platform or a check", "portfolios.md §4.1 [G]"
        ),
        Row(
            "PROCESSING",
            "CANCELLED",
            "PORTFOLIO_ORDER.CANCELLED",
            "every single order was cancelled",
            "portfolios.md §4.1, inferred",
        ),
    ],
)

DETAILS: Final = {
    PortfolioOrderCancellationReason.ACCOUNT_IS_EMPTY: "Account has no positions.",
    PortfolioOrderCancellationReason.CANCELLED_BY_CLIENT: "Cancelled by client.",
    PortfolioOrderCancellationReason.CANCELLED_BY_UPVEST: "Cancelled by Upvest.",
    PortfolioOrderCancellationReason.PORTFOLIO_IS_BALANCED: "Portfolio is balanced, no need to rebalance.",
    PortfolioOrderCancellationReason.SELL_LIMIT_EXCEEDED: "Sell amount exceeds 90% of the portfolio value.",
}
"""Texts of the cancellation reasons (portfolios.md §4.5: the balanced one published, the others inferred)."""

_AMOUNT = re.compile(r"\d{1,9}(\.\d{2})?")


def items(orders: list[Order]) -> tuple[PortfoliosOrderItem, ...]:
    """What a portfolio order shows of its single orders."""
    return tuple(PortfoliosOrderItem(id=row.id, side=row.side, status=row.status) for row in orders)


def enter(
    world: World,
    *,
    account_id: str,
    allocation_id: str,
    type_: PortfolioOrderType,
    amount: str,
    currency: str,
    cause: str,
    owner: Mapping[str, str] | None = None,
    post_tax: bool = False,
    reference: str = "",
    flow: PortfolioOrderInitiationFlow = PortfolioOrderInitiationFlow.API,
    id: str | None = None,
) -> PortfolioOrder:
    """A new portfolio order in NEW; ``owner``: the member that names it. A rebalancing has none (§4.5 [E])."""
    row = PortfolioOrder.model_validate(
        {
            "id": id or world.ids.new("portfolio_order"),
            "created_at": world.now,
            "updated_at": world.now,
            **(owner or {}),
            "account_id": account_id,
            "allocation_id": allocation_id,
            "cash_amount": amount,
            "currency": currency,
            "status": "NEW",
            "type": type_,
            "post_tax": post_tax,
            "orders": (),
            "client_reference": reference,
            "initiation_flow": flow,
        }
    )
    return PORTFOLIO_ORDER_LIFE.enter(world, row, cause)


def portfolio_order(world: World, order_id: str) -> PortfolioOrder:
    """The portfolio order, or a refusal (404)."""
    found = world.table(PORTFOLIO_ORDERS).get(order_id)
    if found is None:
        raise UNKNOWN.refuse(what="portfolio order", id=order_id)
    return found


@operation("create_portfolios_order")
def create_portfolios_order(world: World, call: Call[PortfoliosOrderPlaceRequest]) -> PortfolioOrder:
    """What is checked at once (portfolios.md §4.2); the rest shows later, as the order stays NEW or is cancelled."""
    body = call.body
    if not _AMOUNT.fullmatch(body.cash_amount):
        raise AMOUNT_FORMAT.refuse(amount=body.cash_amount[:80])
    if not decimal(body.cash_amount):
        raise AMOUNT_ZERO.refuse()
    owner = holder(world, body.user_id, body.business_id)
    of = account(world, body.account_id)
    if not owned_by(of, owner.id):
        raise NOT_THE_OWNER.refuse(owner=owner, account_id=of.id)
    configured = world.table(CONFIGURATIONS).get(of.id)
    if configured is None:
        raise NOT_CONFIGURED.refuse(id=of.id)
    held = currency_of(world, of)
    if body.currency != held:
        raise CURRENCY.refuse(id=of.id, held=held, currency=body.currency)
    return enter(
        world,
        account_id=of.id,
        allocation_id=configured.allocation_id,
        type_=PortfolioOrderType(body.side),
        amount=body.cash_amount,
        currency=held,
        cause="placed by the client",
        owner=owner.member,
        post_tax=body.post_tax,
    )


@operation("list_portfolios_orders")
def list_portfolios_orders(world: World, call: Call[None]) -> Listing:
    query = call.query
    table = world.table(PORTFOLIO_ORDERS)
    account_id, allocation_id = query.get("account_id"), query.get("allocation_id")
    rows = table.sorted_under("account", account_id, "id") if account_id else table.sorted_by("id")
    rows = created_between(rows, query.get("start_date"), query.get("end_date"))
    if allocation_id is not None:
        rows = [row for row in rows if row.allocation_id == allocation_id]
    return Listing(rows, "id")


@operation("retrieve_portfolios_order")
def retrieve_portfolios_order(world: World, call: Call[None]) -> PortfolioOrder:
    return portfolio_order(world, call.path["portfolio_order_id"])
