"""Executions: a trade moves cash and units at once, and settles later (trading.md §11, §13, §14)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Final

from pydantic import Field

from mockserver.domain import cash, positions
from mockserver.domain.instruments import VENUE_ID, Instrument
from mockserver.domain.transactions import book_cash, book_units
from mockserver.kernel.lifecycle import LifeCycle, Row
from mockserver.kernel.money import ZERO, decimal, minus, plus, wire_amount, wire_number
from mockserver.kernel.stages import Stage
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.common import Currency
from mockserver.models.orders import OrderExecution, OrderExecutionStatus, OrderExecutionTax, OrderSide

PRICE_DECIMALS: Final = 4
"""Decimals of an execution's price on the wire (trading.md §13 [N])."""


class Execution(OrderExecution):
    """One trade of an order, with where it books (hidden)."""

    account_id: str = Field("", exclude=True)
    account_group_id: str = Field("", exclude=True)
    instrument: Instrument | None = Field(None, exclude=True)

    @property
    def net(self) -> Decimal:
        """What moves in cash: the amount, less the tax of a sell, plus the tax of a buy. Always positive."""
        tax = decimal(self.taxes[0].amount)
        amount = decimal(self.cash_amount)
        return minus(amount, tax) if self.side == OrderSide.SELL else plus(amount, tax)


EXECUTIONS: Kind[Execution] = Kind("executions", indexes={"order": attrgetter("order_id")})

EXECUTION_LIFE: Final = LifeCycle(
    EXECUTIONS,
    [
        Row(None, "FILLED", "EXECUTION.FILLED", "traded; balances have moved", "trading.md §13 [D]"),
        Row("FILLED", "SETTLED", "EXECUTION.SETTLED", "settled at the custodian", "trading.md §13 [D]"),
    ],
    stamped=False,
)


def settlement_day(world: World, side: str, traded: date) -> date:
    """The day a trade settles: the profile's settlement days after the trade, or the trade day itself."""
    days = world.profile.settlement.buy if side == OrderSide.BUY else world.profile.settlement.sell
    return traded if days is None else world.calendar.add_business_days(traded, days)


def _settles_at(world: World, execution: Execution) -> datetime | None:
    """In the morning of the settlement day; None (at once) where the profile has no settlement days."""
    settlement = world.profile.settlement
    days = settlement.buy if execution.side == OrderSide.BUY else settlement.sell
    if days is None:
        return None
    day = settlement_day(world, execution.side, world.now.date())
    return max(datetime.combine(day, settlement.at, UTC), world.now)


Stage("execution.settle", EXECUTION_LIFE, "FILLED", "SETTLED", when=_settles_at)


def trade(
    world: World,
    *,
    order_id: str,
    account_id: str,
    account_group_id: str,
    instrument: Instrument,
    side: OrderSide,
    currency: str,
    quantity: Decimal,
    amount: Decimal,
    price: Decimal,
    unlock_cash: Decimal = ZERO,
    unlock_units: Decimal = ZERO,
    tax: Decimal = ZERO,
) -> Execution:
    """Book one trade in the documented order of events (trading.md §11): execution, balances, transactions.

    ``amount`` is the cash gross of tax; ``unlock_*`` is what of the order's locks this trade uses up.
    """
    execution = Execution(
        id=world.ids.new("execution"),
        cash_amount=wire_amount(amount),
        share_quantity=wire_number(quantity),
        price=wire_number(round(price, PRICE_DECIMALS) if -_exponent(price) > PRICE_DECIMALS else price),
        transaction_time=world.now,
        taxes=(OrderExecutionTax(type="TOTAL", amount=wire_amount(tax)),),
        order_id=order_id,
        status=OrderExecutionStatus.FILLED,
        side=side,
        currency=Currency(currency),
        venue_id=VENUE_ID,
        account_id=account_id,
        account_group_id=account_group_id,
        instrument=instrument,
    )
    EXECUTION_LIFE.enter(world, execution, "traded")
    if side == OrderSide.BUY:
        cash.book(
            world, account_group_id, currency, balance=execution.net.copy_negate(), locked=unlock_cash.copy_negate()
        )
        positions.book(world, account_id, instrument, quantity=quantity, bought=quantity)
    else:
        positions.book(
            world,
            account_id,
            instrument,
            quantity=quantity.copy_negate(),
            locked=unlock_units.copy_negate(),
            sold=quantity,
        )
        cash.book(world, account_group_id, currency, balance=execution.net, pending=execution.net)
    value = settlement_day(world, side, world.now.date())
    buys = side == OrderSide.BUY
    book_cash(
        world,
        group_id=account_group_id,
        account_id=account_id,
        instrument=instrument,
        amount=execution.net.copy_negate() if buys else execution.net,
        tax=tax,
        currency=currency,
        order_id=order_id,
        execution_id=execution.id,
        value_date=value,
    )
    book_units(
        world,
        group_id=account_group_id,
        account_id=account_id,
        instrument=instrument,
        quantity=quantity if buys else quantity.copy_negate(),
        order_id=order_id,
        execution_id=execution.id,
        value_date=value,
    )
    return execution


@EXECUTION_LIFE.does("FILLED", "SETTLED")
def settle(world: World, execution: Execution) -> None:
    """Securities and cash arrive: nothing of the trade is pending any more (trading.md §13, §14)."""
    assert execution.instrument is not None
    day = world.now.date().isoformat()
    EXECUTION_LIFE.move(world, execution, "SETTLED", "settled at the custodian", settlement_date=day)
    quantity = decimal(execution.share_quantity)
    if execution.side == OrderSide.BUY:
        positions.book(world, execution.account_id, execution.instrument, bought=quantity.copy_negate())
    else:
        positions.book(world, execution.account_id, execution.instrument, sold=quantity.copy_negate())
        cash.book(world, execution.account_group_id, execution.currency, pending=execution.net.copy_negate())


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0
