"""What lets an order through to the partner: account, knowledge, instrument, market, funds (trading.md §10, §11)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from mockserver.domain import topics
from mockserver.domain.accounts.accounts import account, barred
from mockserver.domain.instruments.instruments import Instrument
from mockserver.domain.ledger.cash import cash
from mockserver.domain.onboarding.checks import instrument_fit
from mockserver.domain.orders.blocks import block_of
from mockserver.domain.orders.orders import ORDER_LIFE, ORDERS, Order, cancel, hold_back, instrument_of
from mockserver.domain.orders.price_limits import price_of
from mockserver.domain.orders.reservations import cost_of_buy, needed
from mockserver.kernel.lifecycle import Hold
from mockserver.kernel.money import decimal, wire_amount
from mockserver.kernel.stages import Stage, stir
from mockserver.kernel.world import World
from mockserver.models.instruments import InstrumentTradingStatus
from mockserver.models.orders import OrderCancellationReason, OrderExecutionFlow, OrderSide, OrderStatus, OrderType

PLATFORM: Final = OrderCancellationReason.CANCELLED_BY_UPVEST_PLATFORM

START: Final = Stage(
    "order.start",
    ORDER_LIFE,
    "NEW",
    "PROCESSING",
    reads=("calendar", "runs.blocks", "behaviour.funding", "behaviour.untradable"),
)


@ORDER_LIFE.does("NEW", "PROCESSING")
def start(world: World, order: Order) -> None:
    """Hand the order to the partner once everything allows it; it waits in NEW until then.

    One that goes in a block is looked at when that closes; what does not fit then goes on to a later one (§10.6 [D]).
    """
    of = account(world, order.account_id)
    if barred(world, of, sell=order.side == OrderSide.SELL) or _unfit(world, order):
        cancel(world, order, PLATFORM)
        return
    block = block_of(world, order)
    instrument = instrument_of(world, order)
    hold = _untradable(order, instrument)
    if hold is not None and world.profile.behaviour.untradable == "wait":
        raise hold
    if instrument is None or hold is not None or _in_fractions(order, instrument):
        cancel(world, order, PLATFORM)
        return
    if order.order_type == OrderType.MARKET or world.profile.behaviour.unit_buy_estimate == "market":
        price_of(world, instrument, order.side)
    if block is None and not world.calendar.is_open(world.now):
        raise Hold("the market is closed", until=world.calendar.next_open(world.now))
    if not order.funded:
        funded = _fund(world, order, instrument)
        if funded is None:
            return
        order = funded
    ORDER_LIFE.move(world, order, "PROCESSING", "sent to the trading partner", block=block)


def deal_block(world: World) -> Iterator[Order]:
    """Close a block now: every order that waits for one goes with it, and it is dealt at once (by command)."""
    for order in world.table(ORDERS):
        if order.status == OrderStatus.NEW and order.execution_flow == OrderExecutionFlow.BLOCK:
            taken = world.table(ORDERS).put(order.evolve(block=world.now))
            held = world.holds.get(ORDERS.name, order.id)
            if held is None or held.topic != topics.block():
                START.due(world, taken, world.now)
            yield taken
    stir(world, topics.block())


def _unfit(world: World, order: Order) -> bool:
    """Whether the user neither knows the instruments nor acknowledged that (§10.2 [S, D]).

    Upvest asks only under its own licence (TOL); which reason the rejected order shows is inferred.
    """
    if world.profile.behaviour.licence != "TOL" or order.user_instrument_fit_acknowledgement or order.user_id is None:
        return False
    return not instrument_fit(world, order.user_id)


def _untradable(order: Order, instrument: Instrument | None) -> Hold | None:
    """Why nothing can be traded as the order says, as things are (§10.1 [D], §18 [D])."""
    if instrument is None:
        return Hold(f"there is no instrument {order.instrument_id}", topic=topics.instrument(order.instrument_id))
    topic = topics.instrument(instrument.id)
    if instrument.trading_status != InstrumentTradingStatus.ACTIVE:
        return Hold(f"instrument {instrument.isin} is not tradable now", topic=topic)
    if order.currency != instrument.currency:
        return Hold(
            f"instrument {instrument.isin} trades in {instrument.currency}, not in {order.currency}", topic=topic
        )
    return None


def _in_fractions(order: Order, instrument: Instrument) -> bool:
    """Whether a client orders a fraction of what trades in whole units only (§9, inferred).

    A larger order may sell one that is held all the same: there is no other way to be rid of it.
    """
    quantity = decimal(order.quantity)
    whole: Decimal = quantity.to_integral_value()
    return not instrument.fractional_trading and not order.parent and quantity != whole


def _fund(world: World, order: Order, instrument: Instrument) -> Order | None:
    """Lock now what was not there at placing; without it the order waits, or is cancelled (a setting)."""
    locks = needed(world, order, order.account_group_id, instrument)
    if locks is None:
        if world.profile.behaviour.funding == "cancel":
            cancel(world, order, PLATFORM)
            return None
        price = topics.price(instrument.id)  # what is there may be enough at another one
        if order.side == OrderSide.BUY:
            held = cash(world, order.account_group_id, order.currency)
            wanted = cost_of_buy(world, order, instrument)
            why = _too_little(order, held.for_trading, wanted)
            raise Hold(why, topic=held.trading_topic, also=price, wanted=wanted, free=held.for_trading)
        raise Hold("not enough units", topic=topics.position(order.account_id, instrument.id), also=price)
    funded = order.evolve(funded=True, locked_cash=locks.cash, locked_units=locks.units)
    world.table(ORDERS).put(funded)
    hold_back(world, funded, instrument, locks)
    return funded


def _too_little(order: Order, free: Decimal, wanted: Decimal | None) -> str:
    if wanted is None:
        return "not enough cash"
    return f"not enough cash: {wire_amount(free)} of {wire_amount(wanted)} {order.currency} is available for trading"
