"""Executions: a trade moves cash and units at once, and settles later (trading.md §10.4, §10.5, §11, §13, §14)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Final

from pydantic import Field

from mockserver.domain.instruments import splits
from mockserver.domain.instruments.instruments import INSTRUMENTS, VENUE_ID, Instrument
from mockserver.domain.ledger import cash, positions
from mockserver.domain.ledger.transactions import book_trade
from mockserver.domain.orders.settlement import settlement_day, settles_at
from mockserver.domain.tax_exemptions.withholding import NOTHING, Withheld, use
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
    """One trade of an order, with where it books and the fee that Upvest took with it (hidden)."""

    account_id: str = Field("", exclude=True)
    account_group_id: str = Field("", exclude=True)
    instrument: Instrument | None = Field(None, exclude=True)
    fee: Decimal = Field(ZERO, exclude=True)
    kept: Decimal = Field(ZERO, exclude=True)
    """What of a sell's proceeds is reserved for the larger order that it belongs to."""
    exempt: Decimal = Field(ZERO, exclude=True)
    exemption_id: str = Field("", exclude=True)
    """The tax exemption that kept ``exempt`` of the amount free of tax."""
    exact_tax: Decimal = Field(ZERO, exclude=True)
    """What was withheld of a sell, before it was rounded."""
    value_day: date | None = Field(None, exclude=True)
    """The day on which it settles if all goes well."""

    @property
    def tax(self) -> Decimal:
        return decimal(self.taxes[0].amount)

    @property
    def withheld(self) -> Withheld:
        return Withheld(self.tax, self.exempt, self.exemption_id, self.exact_tax)

    @property
    def net(self) -> Decimal:
        """What moves in cash, never below zero: see :func:`net`."""
        return net(self.side, decimal(self.cash_amount), self.tax, self.fee)


def net(side: str, amount: Decimal, tax: Decimal = ZERO, fee: Decimal = ZERO) -> Decimal:
    """What a trade moves in cash: a sell brings its amount less tax and fee, a buy costs them on top (§10.4, §10.5).

    Tax and fee take at most what a sell brings (inferred).
    """
    charges = plus(tax, fee)
    return max(minus(amount, charges), ZERO) if side == OrderSide.SELL else plus(amount, charges)


MOST_PORTIONS: Final = 100
"""Executions that one order is dealt in, and orders of one instrument that one amount is spread over; chosen."""

EXECUTIONS: Kind[Execution] = Kind("executions", indexes={"order": attrgetter("order_id")})

EXECUTION_LIFE: Final = LifeCycle(
    EXECUTIONS,
    [
        Row(None, "FILLED", "EXECUTION.FILLED", "traded; balances have moved", "trading.md §13 [D]"),
        Row("FILLED", "SETTLED", "EXECUTION.SETTLED", "settled at the custodian", "trading.md §13 [D]"),
        Row("FILLED", "CANCELLED", "EXECUTION.CANCELLED", "mistrade", "trading.md §13 [X]"),
        Row("SETTLED", "CANCELLED", "EXECUTION.CANCELLED", "mistrade, found late", "trading.md §13, inferred"),
    ],
    stamped=False,
)


def _settles_at(world: World, execution: Execution) -> datetime | None:
    assert execution.instrument is not None
    return settles_at(world, execution.side, execution.instrument)


Stage(
    "execution.settle",
    EXECUTION_LIFE,
    "FILLED",
    "SETTLED",
    when=_settles_at,
    reads=("settlement", "calendar.settlement"),
)


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
    withheld: Withheld = NOTHING,
    fee: Decimal = ZERO,
    kept: Decimal = ZERO,
) -> Execution:
    """Book one trade in the documented order of events (trading.md §11): execution, balances, transactions.

    ``amount`` is the cash gross of tax and of the ``fee`` that Upvest collects; ``unlock_*`` is what of the order's
    locks this trade uses up. Tax and then fee take at most what a sell brings (inferred). What of it was exempt from
    tax is counted after the booking.

    ``kept`` of the proceeds is reserved at once, before an order that waits for cash can spend it.
    """
    tax = withheld.tax
    if side == OrderSide.SELL:
        tax = min(tax, amount)
        fee = min(fee, minus(amount, tax))
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
        fee=fee,
        kept=kept,
        exempt=withheld.exempt,
        exemption_id=withheld.exemption_id,
        exact_tax=withheld.exact,
        value_day=settlement_day(world, side, instrument, world.now.date()),
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
        cash.book(world, account_group_id, currency, balance=execution.net, pending=execution.net, reserved=kept)
    book(world, execution)
    use(world, withheld)
    return execution


def book(world: World, execution: Execution, *, taken_back: bool = False) -> None:
    """One cash and one securities transaction of a trade; taken back, both with the opposite signs (trading.md §15)."""
    assert execution.instrument is not None
    assert execution.value_day is not None
    book_trade(
        world,
        side=execution.side,
        group_id=execution.account_group_id,
        account_id=execution.account_id,
        instrument=execution.instrument,
        net=execution.net,
        tax=execution.tax,
        fee=execution.fee,
        currency=execution.currency,
        quantity=units_of(world, execution),
        order_id=execution.order_id,
        execution_id=execution.id,
        value_date=max(execution.value_day, world.now.date()),
        taken_back=taken_back,
    )


def units_of(world: World, execution: Execution) -> Decimal:
    """The units that were traded, in units of now: a split makes more or fewer of them (payments.md §15.2)."""
    traded = execution.instrument
    assert traded is not None
    now = world.table(INSTRUMENTS)[traded.id].split
    quantity = decimal(execution.share_quantity)
    return quantity if now == traded.split else splits.units(quantity, splits.since(traded.split, now))


@EXECUTION_LIFE.does("FILLED", "SETTLED")
def settle(world: World, execution: Execution) -> None:
    """Securities and cash arrive: nothing of the trade is pending any more (trading.md §13, §14)."""
    assert execution.instrument is not None
    day = world.now.date().isoformat()
    EXECUTION_LIFE.move(world, execution, "SETTLED", "settled at the custodian", settlement_date=day)
    quantity = units_of(world, execution)
    if execution.side == OrderSide.BUY:
        positions.book(world, execution.account_id, execution.instrument, bought=quantity.copy_negate())
    else:
        positions.book(world, execution.account_id, execution.instrument, sold=quantity.copy_negate())
        cash.book(world, execution.account_group_id, execution.currency, pending=execution.net.copy_negate())


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0
