"""What an order needs before it may go, and keeps for itself meanwhile: the table of buffers (trading.md §10.3)."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from mockserver.domain.instruments.instruments import Instrument
from mockserver.domain.instruments.prices import dealing
from mockserver.domain.ledger import cash, positions
from mockserver.domain.orders.fees import collected, most_collected
from mockserver.domain.orders.taxes import transaction_tax
from mockserver.kernel.money import ZERO, cents, decimal, plus, times, total, units_for
from mockserver.kernel.world import World
from mockserver.models.orders import Order, OrderSide, OrderType


class Locks(NamedTuple):
    """What an order keeps for itself until it is executed or ends."""

    cash: Decimal
    units: Decimal


def needed(world: World, order: Order, group_id: str, instrument: Instrument) -> Locks | None:
    """What the order has to lock; None when it is not there, or cannot be estimated for want of a price."""
    return (
        _cash(world, order, group_id, instrument) if order.side == OrderSide.BUY else _units(world, order, instrument)
    )


def _cash(world: World, order: Order, group_id: str, instrument: Instrument) -> Locks | None:
    """The cash of a buy, if the group has it for trading."""
    wanted = cost_of_buy(world, order, instrument)
    if wanted is None:
        return None
    free = cash.cash(world, group_id, order.currency).for_trading
    return Locks(wanted, ZERO) if wanted <= free else None


def cost_of_buy(world: World, order: Order, instrument: Instrument) -> Decimal | None:
    """The cash that a buy locks, in its currency; None without a price to estimate a unit buy at.

    A nominal buy needs its amount and what a trade of it costs on top; a unit buy 110 % of its estimate. The fee that
    Upvest collects counts in both (trading.md §21.13, payments.md §10.7, inferred), a transaction tax in the first: the
    second has its buffer for it (inferred). ``order`` need not be placed.
    """
    if order.quantity == "0":
        amount = decimal(order.cash_amount)
        return total((amount, transaction_tax(instrument, amount), collected(world, order, amount)))
    price = _estimate(world, order, instrument)
    if price is None:
        return None
    buffered = cents(times(times(decimal(order.quantity), price), world.profile.behaviour.unit_buy_lock))
    return plus(buffered, most_collected(world, order, buffered))


def _estimate(world: World, order: Order, instrument: Instrument) -> Decimal | None:
    """The price that a unit buy is estimated at: that of the market, or the order's own limit or stop (a setting)."""
    if world.profile.behaviour.unit_buy_estimate == "own":
        own = {OrderType.LIMIT: order.limit_price, OrderType.STOP: order.stop_price}.get(order.order_type)
        if own:
            return decimal(own)
    return dealing(world, instrument, order.side)


def _units(world: World, order: Order, instrument: Instrument) -> Locks | None:
    """A unit sell needs its units; a nominal one at most 90 % of the position, and keeps 110 % of its estimate."""
    behaviour = world.profile.behaviour
    held = positions.position(world, order.account_id, instrument)
    if order.quantity != "0":
        quantity = decimal(order.quantity)
        return Locks(ZERO, quantity) if quantity <= held.available else None
    price = dealing(world, instrument, order.side)
    if price is None:
        return None
    amount = decimal(order.cash_amount)
    estimate = units_for(amount, price)
    if estimate > times(held.quantity, behaviour.nominal_sell_limit) or estimate > held.available:
        return None
    beyond = units_for(times(amount, behaviour.nominal_sell_lock), price)  # cut to the decimals of a quantity
    return Locks(ZERO, min(beyond, held.available))
