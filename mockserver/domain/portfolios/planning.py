"""A portfolio order becomes single orders (portfolios.md §4.3, §5.3): the checks that run in NEW, and the plan."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, NamedTuple

from mockserver.domain.accounts.accounts import Account, account, barred
from mockserver.domain.instruments.instruments import INSTRUMENTS, Instrument
from mockserver.domain.instruments.prices import dealing
from mockserver.domain.ledger import cash, positions
from mockserver.domain.orders.orders import place
from mockserver.domain.orders.parents import children
from mockserver.domain.orders.taxes import transaction_tax
from mockserver.domain.orders.trades import MOST_PORTIONS
from mockserver.domain.portfolios.allocations import Allocation, allocation, targets
from mockserver.domain.portfolios.drift import deltas, legs, net_asset_value
from mockserver.domain.portfolios.orders import (
    DETAILS,
    PORTFOLIO_ORDER_LIFE,
    PORTFOLIO_ORDERS,
    PortfolioOrder,
    items,
)
from mockserver.domain.portfolios.splitting import capped, portions, too_large
from mockserver.kernel.lifecycle import Hold
from mockserver.kernel.money import ZERO, decimal, floor_cents, plus, split, times, total, units_for
from mockserver.kernel.stages import Stage
from mockserver.kernel.world import World
from mockserver.models.orders import OrderInitiationFlow, OrderSide
from mockserver.models.portfolios import PortfolioOrderCancellationReason as Reason
from mockserver.models.portfolios import PortfolioOrderType


class Leaf(NamedTuple):
    """A single order to place: by amount (cents) or, in ``quantity``, by units."""

    instrument: Instrument
    side: OrderSide
    amount: Decimal | None
    quantity: Decimal | None = None


class Plan(NamedTuple):
    """The single orders to place now, and what to buy once they have brought money in; or why there are none."""

    leaves: list[Leaf]
    wanted: tuple[tuple[str, Decimal], ...] = ()
    refused: Reason | None = None
    details: str | None = None


TOO_LARGE: Final = f"More of one instrument is to be traded than {MOST_PORTIONS} orders can carry."


def divide(world: World, order: PortfolioOrder) -> None:
    """Check a NEW order and divide its amount into single orders. It waits in NEW for its account and its cash."""
    if children(world, order.id):
        return
    of = account(world, order.account_id)
    why_not = barred(world, of, sell=order.type == PortfolioOrderType.SELL)
    if why_not is not None:
        refuse(world, order, Reason.CANCELLED_BY_UPVEST, why_not)
        return
    plan = PLANS[PortfolioOrderType(order.type or "BUY")](world, order, of)
    if plan.refused is not None:
        refuse(world, order, plan.refused, plan.details)
        return
    send(world, order.evolve(wanted=plan.wanted), of, plan.leaves)


Stage("portfolio_order.divide", PORTFOLIO_ORDER_LIFE, "NEW", "PROCESSING", runs=divide)


def send(world: World, order: PortfolioOrder, of: Account, leaves: list[Leaf]) -> PortfolioOrder:
    """Place single orders of a portfolio order, which then shows them."""
    rebalancing = order.type == PortfolioOrderType.REBALANCING
    flow = OrderInitiationFlow.PORTFOLIO_REBALANCING if rebalancing else OrderInitiationFlow.PORTFOLIO
    world.table(PORTFOLIO_ORDERS).put(order)
    for leaf in leaves:
        place(
            world,
            of=of,
            instrument=leaf.instrument,
            side=leaf.side,
            flow=flow,
            amount=leaf.amount,
            quantity=leaf.quantity,
            reference=order.id,
            parent=order.id,
            member_id=order.user_id or order.business_id,
        )
    return world.table(PORTFOLIO_ORDERS).put(order.evolve(orders=items(children(world, order.id))))


def refuse(world: World, order: PortfolioOrder, reason: Reason, details: str | None = None) -> PortfolioOrder:
    """Cancel a portfolio order that has no single orders under way."""
    return PORTFOLIO_ORDER_LIFE.move(
        world,
        order,
        "CANCELLED",
        reason.value,
        cancellation_reason=reason,
        cancellation_details=details or DETAILS[reason],
    )


def purchases(world: World, order: PortfolioOrder, proceeds: Decimal) -> list[Leaf]:
    """The buys of a rebalancing: what the sells brought, split over what is missing, in cents (§5.3, inferred).

    What is more than one order can carry is spread over several.
    """
    if not order.wanted or proceeds <= 0:
        return []
    shares = split(floor_cents(proceeds), [amount for _, amount in order.wanted])
    return [
        Leaf(world.table(INSTRUMENTS)[instrument_id], OrderSide.BUY, portion)
        for (instrument_id, _), share in zip(order.wanted, shares, strict=True)
        if share
        for portion in portions(share)
    ]


def cost(world: World, target: Allocation, amount: Decimal) -> Decimal:
    """What the buys of ``amount`` lock together: it and its taxes (trading.md §10.3; portfolios.md §4.3)."""
    shares = _shares(world, target, amount)
    return plus(amount, total(transaction_tax(row, share) for row, share in shares))


def _shares(world: World, target: Allocation, amount: Decimal) -> list[tuple[Instrument, Decimal]]:
    """``amount`` over the instruments of an allocation, those left out that get nothing."""
    wanted = targets(world, target)
    shares = split(amount, [weight for _, weight in wanted])
    return [(row, share) for (row, _), share in zip(wanted, shares, strict=True) if share]


def _plan_buy(world: World, order: PortfolioOrder, of: Account) -> Plan:
    """The amount over all instruments by target weight, whatever is held (§4.3 [G])."""
    amount = decimal(order.cash_amount)
    held = cash.cash(world, of.account_group_id, order.currency)
    if held.for_trading < amount:
        if world.profile.behaviour.funding == "cancel":
            return Plan([], refused=Reason.CANCELLED_BY_UPVEST)
        raise Hold("not enough cash", topic=held.trading_topic, wanted=amount, free=held.for_trading)
    leaves = [Leaf(row, OrderSide.BUY, share) for row, share in _shares(world, _target(world, order), amount)]
    return Plan(leaves) if leaves else Plan([], refused=Reason.CANCELLED_BY_UPVEST)


def _plan_sell(world: World, order: PortfolioOrder, of: Account) -> Plan:
    """The amount by the current allocation, no share above 90 % of its position (§4.2, §4.3 [G])."""
    behaviour = world.profile.behaviour
    amount = decimal(order.cash_amount)
    if not positions.of_account(world, of.id):
        return Plan([], refused=Reason.ACCOUNT_IS_EMPTY)
    if amount > times(net_asset_value(world, of.id), behaviour.sell_limit):
        return Plan([], refused=Reason.SELL_LIMIT_EXCEEDED)
    wanted = targets(world, _target(world, order))
    caps = []
    for instrument, _ in wanted:
        held = positions.position(world, of.id, instrument)
        price = dealing(world, instrument, OrderSide.SELL)
        units = min(times(held.quantity, behaviour.nominal_sell_limit), held.available)
        caps.append(ZERO if price is None else floor_cents(times(units, price)))
    shares = capped(amount, [weight for _, weight in wanted], caps)
    if shares is None:
        return Plan([], refused=Reason.SELL_LIMIT_EXCEEDED)
    return Plan([Leaf(row, OrderSide.SELL, share) for (row, _), share in zip(wanted, shares, strict=True) if share])


def _plan_rebalancing(world: World, order: PortfolioOrder, of: Account) -> Plan:
    """First the sells of what is too much; the buys follow from their proceeds (§5.3 [G], sums inferred)."""
    if not positions.of_account(world, of.id):
        return Plan([], refused=Reason.ACCOUNT_IS_EMPTY)
    moves = deltas(legs(world, of.id, _target(world, order)))
    leaves = []
    for leg, delta in moves:
        if delta < 0 and leg.position is not None:
            sale = _sale(world, leg.instrument, leg.position, leg.target, -delta)
            if sale is not None and too_large(sale.amount or ZERO):
                return Plan([], refused=Reason.CANCELLED_BY_UPVEST, details=TOO_LARGE)
            if sale is not None:
                leaves += [sale] if sale.amount is None else [sale._replace(amount=it) for it in portions(sale.amount)]
    if not leaves:
        return Plan([], refused=Reason.PORTFOLIO_IS_BALANCED)
    return Plan(leaves, wanted=tuple((leg.instrument.id, delta) for leg, delta in moves if delta > 0))


def _sale(
    world: World, instrument: Instrument, held: positions.Position, target: Decimal, amount: Decimal
) -> Leaf | None:
    """One sell: all of an instrument outside the allocation by units, else by amount.

    More than a nominal sell may take (90 % of the position) goes by units too (inferred).
    """
    if not target:
        return Leaf(instrument, OrderSide.SELL, None, held.available) if held.available > 0 else None
    price = dealing(world, instrument, OrderSide.SELL)
    shares = floor_cents(amount)
    if price is None or shares <= 0:
        return None
    estimate = units_for(shares, price)
    most = min(times(held.quantity, world.profile.behaviour.nominal_sell_limit), held.available)
    if estimate <= most:
        return Leaf(instrument, OrderSide.SELL, shares) if estimate else None
    units = min(estimate, held.available)
    return Leaf(instrument, OrderSide.SELL, None, units) if units > 0 else None


def _target(world: World, order: PortfolioOrder) -> Allocation:
    """The allocation that the order was created with, as it is now."""
    return allocation(world, order.allocation_id or "")


PLANS: Final = {
    PortfolioOrderType.BUY: _plan_buy,
    PortfolioOrderType.SELL: _plan_sell,
    PortfolioOrderType.REBALANCING: _plan_rebalancing,
}
