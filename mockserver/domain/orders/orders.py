"""Single orders: their life cycle, what they lock, and how they are read (trading.md §10 to §12).

An order of a portfolio order or a liquidation names it as its ``parent``; the parent follows this life cycle. What a
client may place is in ``placement``, what lets an order through in ``admission``, how it is executed in ``execution``,
and what else may end it in ``cancellations`` and ``expiry``.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any, Final

from pydantic import Field

from mockserver.domain.accounts.accounts import Account, account, currency_of
from mockserver.domain.accounts.holders import shown
from mockserver.domain.instruments.instruments import Instrument, by_isin, find
from mockserver.domain.ledger import cash, positions
from mockserver.domain.listing import created_between
from mockserver.domain.orders.reservations import Locks, needed
from mockserver.domain.orders.trades import EXECUTIONS, Execution
from mockserver.domain.refusals import UNKNOWN
from mockserver.kernel.clock import Task
from mockserver.kernel.lifecycle import LifeCycle, Row
from mockserver.kernel.money import ZERO, decimal, plus, wire_amount, wire_number
from mockserver.kernel.moves import Moved
from mockserver.kernel.operations import Call, Listing, operation
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models import orders as wire
from mockserver.models.common import Currency
from mockserver.models.orders import (
    OrderCancellationReason,
    OrderExecutionFlow,
    OrderExecutionStatus,
    OrderInitiationFlow,
    OrderSide,
    OrderStatus,
    OrderTransactionFeeModel,
    OrderType,
)


class Order(wire.Order):
    """A single order, with its locks and its place in a larger one (hidden)."""

    parent: str = Field("", exclude=True)
    account_group_id: str = Field("", exclude=True)
    locked_cash: Decimal = Field(ZERO, exclude=True)
    locked_units: Decimal = Field(ZERO, exclude=True)
    funded: bool = Field(False, exclude=True)
    """Whether what the order needs is locked for it."""
    triggered: bool = Field(False, exclude=True)
    """STOP: whether its price was reached; from then on it deals at market."""
    block: datetime | None = Field(None, exclude=True)
    """BLOCK: when the block is dealt that the order goes with, once it goes with one."""
    expiry: Task | None = Field(None, exclude=True)
    """What ends it after its ``expiry_date``."""

    @property
    def nominal(self) -> bool:
        """An order by amount, not by units."""
        return self.quantity == "0"

    @property
    def final(self) -> bool:
        return self.status in (OrderStatus.FILLED, OrderStatus.CANCELLED)


ORDERS: Kind[Order] = Kind(
    "orders", indexes={"account": attrgetter("account_id"), "parent": lambda order: order.parent or None}
)

ORDER_LIFE: Final = LifeCycle(
    ORDERS,
    [
        Row(None, "NEW", "ORDER.NEW", "accepted", "trading.md §11 [D]"),
        Row("NEW", "PROCESSING", "ORDER.PROCESSING", "account, funds and market allow it", "trading.md §11 [D]"),
        Row("NEW", "CANCELLED", "ORDER.CANCELLED", "by client or platform", "trading.md §11 [D]"),
        Row("PROCESSING", "FILLED", "ORDER.FILLED", "filled in full", "trading.md §11 [D]"),
        Row("PROCESSING", "CANCELLED", "ORDER.CANCELLED", "by partner, client or expiry", "trading.md §11 [D]"),
    ],
)


def place(
    world: World,
    *,
    of: Account,
    instrument: Instrument,
    side: OrderSide,
    flow: OrderInitiationFlow,
    amount: Decimal | None = None,
    quantity: Decimal | None = None,
    reference: str = "",
    parent: str = "",
    member_id: str | None = None,
) -> Order:
    """Place a market order by amount (cash) or quantity (units), for the account's first holder if nobody is named."""
    order = drafted(
        world,
        world.ids.new("order"),
        of=of,
        instrument=instrument,
        side=side,
        flow=flow,
        amount=amount,
        quantity=quantity,
        reference=reference,
        parent=parent,
        member_id=member_id,
    )
    return enter(world, order)


def drafted(
    world: World,
    identity: str,
    *,
    of: Account,
    instrument: Instrument,
    side: OrderSide,
    flow: OrderInitiationFlow,
    amount: Decimal | None = None,
    quantity: Decimal | None = None,
    reference: str = "",
    parent: str = "",
    member_id: str | None = None,
    fees: tuple[OrderTransactionFeeModel, ...] = (),
) -> Order:
    """The market order that :func:`place` would place, not stored: ``cost_of_buy`` says what it would lock."""
    optional: dict[str, Any] = {"fee_configuration": fees} if fees else {}
    return Order(
        id=identity,
        created_at=world.now,
        updated_at=world.now,
        **shown(of, member_id),
        account_id=of.id,
        cash_amount=wire_amount(amount) if amount is not None else "0",
        currency=Currency(currency_of(world, of)),
        side=side,
        instrument_id=instrument.isin,
        instrument_id_type="ISIN",
        order_type=OrderType.MARKET,
        quantity=wire_number(quantity) if quantity is not None else "0",
        user_instrument_fit_acknowledgement=True,
        limit_price="",
        stop_price="",
        status=OrderStatus.NEW,
        fee="0.0",
        initiation_flow=flow,
        execution_flow=OrderExecutionFlow.STRAIGHT_THROUGH,
        executions=(),
        client_reference=reference,
        parent=parent,
        account_group_id=of.account_group_id,
        **optional,
    )


def enter(world: World, order: Order) -> Order:
    """A new order; what it needs is locked for it if that is there.

    One that goes in a block locks at its cut-off (trading.md §10.6 [D]), one that could not be executed as things are
    (unknown instrument, another currency) nothing yet (inferred).
    """
    instrument = instrument_of(world, order)
    locks = None
    if (
        instrument is not None
        and order.currency == instrument.currency
        and order.execution_flow != OrderExecutionFlow.BLOCK
    ):
        locks = needed(world, order, order.account_group_id, instrument)
    if locks is not None:
        order = order.evolve(funded=True, locked_cash=locks.cash, locked_units=locks.units)
    ORDER_LIFE.enter(world, order, "placed")
    if instrument is not None and locks is not None:
        hold_back(world, order, instrument, locks)
    return world.table(ORDERS)[order.id]


def instrument_of(world: World, order: Order) -> Instrument | None:
    """The instrument that the order names, if there is one."""
    return find(world, f"isin:{order.instrument_id}")


def hold_back(world: World, order: Order, instrument: Instrument, locks: Locks) -> None:
    """Lock cash or units for an order, and tell it."""
    if locks.cash:
        cash.book(world, order.account_group_id, order.currency, locked=locks.cash)
    if locks.units:
        positions.book(world, order.account_id, instrument, locked=locks.units)


def release(world: World, order: Order, moved: Moved) -> None:
    """Give back what a final order still locks, before a larger order that ends with it says so."""
    if order.locked_cash:
        cash.book(world, order.account_group_id, order.currency, locked=order.locked_cash.copy_negate())
    if order.locked_units:
        positions.book(
            world, order.account_id, by_isin(world, order.instrument_id), locked=order.locked_units.copy_negate()
        )
    if order.locked_cash or order.locked_units:
        world.table(ORDERS).put(order.evolve(locked_cash=ZERO, locked_units=ZERO))


@ORDER_LIFE.does("NEW", "CANCELLED")
@ORDER_LIFE.does("PROCESSING", "CANCELLED")
def cancel(world: World, order: Order, reason: str = OrderCancellationReason.CANCELLED_BY_UPVEST_OPERATIONS) -> None:
    """Cancel what is not executed yet; executions stay and settle (trading.md §12 [D])."""
    why = OrderCancellationReason(reason)
    ORDER_LIFE.move(world, order, "CANCELLED", why.value.lower().replace("_", " "), cancellation_reason=why)


def show_as_it_is(world: World, execution: Execution, moved: Moved) -> None:
    """The order shows its executions as they are now."""
    order = world.table(ORDERS)[execution.order_id]
    shown = tuple(execution if old.id == execution.id else old for old in order.executions)
    world.table(ORDERS).put(order.evolve(executions=shown))


def executed(orders: list[Order], side: OrderSide) -> Decimal:
    """The net cash that the executions of ``orders`` on one side moved, positive."""
    amount = ZERO
    for order in orders:
        for execution in order.executions:
            taken_back = execution.status == OrderExecutionStatus.CANCELLED
            if execution.side == side and isinstance(execution, Execution) and not taken_back:
                amount = plus(amount, execution.net)
    return amount


def order(world: World, order_id: str) -> Order:
    """The order, or a refusal (404)."""
    found = world.table(ORDERS).get(order_id)
    if found is None:
        raise UNKNOWN.refuse(what="order", id=order_id)
    return found


@operation("list_account_orders")
def list_account_orders(world: World, call: Call[None]) -> Listing:
    """By creation; without ``status`` the published default FILLED, or all (trading.md §21.1: a setting)."""
    of = account(world, call.path["account_id"])
    query = call.query
    status = query.get("status")
    if "status" not in call.given and world.profile.behaviour.order_list_status == "ALL":
        status = None
    rows = [
        row
        for row in world.table(ORDERS).by("account", of.id)
        if status in (None, row.status)
        and query.get("user_id") in (None, row.user_id)
        and query.get("account_group_id") in (None, row.account_group_id)
    ]
    return Listing(created_between(rows, query.get("date_created_from"), query.get("date_created_to")), "id")


@operation("retrieve_order")
def retrieve_order(world: World, call: Call[None]) -> Order:
    return order(world, call.path["order_id"])


@operation("retrieve_order_execution")
def retrieve_order_execution(world: World, call: Call[None]) -> Execution:
    found = world.table(EXECUTIONS).get(call.path["execution_id"])
    if found is None or found.order_id != order(world, call.path["order_id"]).id:
        raise UNKNOWN.refuse(what="execution", id=call.path["execution_id"])
    return found


def amount_of(placed: Order) -> Decimal:
    """The amount of a nominal order."""
    return decimal(placed.cash_amount)
