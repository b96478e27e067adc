"""Placing the purchase of an execution on its day, and what keeps it waiting until the close (payments.md §9.3).

What an execution needs is looked at in one place (:func:`obstacle`): the account, the instruments, and the cash that a
buy would lock. One that still lacks something at the close is cancelled, and the plan goes on with its next date.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple

from mockserver.domain import topics
from mockserver.domain.accounts.accounts import ACCOUNTS, Account, barred
from mockserver.domain.instruments.instruments import Instrument, by_isin
from mockserver.domain.ledger import cash
from mockserver.domain.orders.orders import Order, drafted
from mockserver.domain.orders.orders import enter as enter_order
from mockserver.domain.orders.reservations import cost_of_buy
from mockserver.domain.portfolios import orders as portfolio_orders
from mockserver.domain.portfolios.allocations import Allocation, allocation, targets
from mockserver.domain.portfolios.configurations import CONFIGURATIONS
from mockserver.domain.portfolios.planning import cost, divide
from mockserver.domain.savings_plans.executions import (
    PLAN_EXECUTION_LIFE,
    PlanExecution,
    cancel,
    closing,
    opening,
)
from mockserver.kernel.frozen import frozen
from mockserver.kernel.lifecycle import Hold
from mockserver.kernel.money import decimal
from mockserver.kernel.stages import Stage
from mockserver.kernel.world import World
from mockserver.models.common import TransactionFeeType
from mockserver.models.instruments import InstrumentTradingStatus
from mockserver.models.orders import OrderInitiationFlow, OrderSide, OrderTransactionFeeModel
from mockserver.models.portfolios import PortfolioOrderInitiationFlow, PortfolioOrderType
from mockserver.models.savings_plans import SavingsPlanType

INSUFFICIENT_FUNDS: Final = "Insufficient funds"
NOT_TRADABLE: Final = "Instrument is not tradable"
NOT_PLACED: Final = "Not placed on its day"
NOT_CONFIGURED: Final = "Portfolio configuration is missing"


class Obstacle(NamedTuple):
    """Why an execution cannot be placed now."""

    details: str
    """What ``cancellation_details`` say if it lasts until the close."""
    hold: Hold | None
    """How it waits; ``None``: there is nothing to wait for."""


@frozen
class Purchase:
    """What is bought on the day of an execution."""

    account: Account
    amount: Decimal
    order: Order | None
    """Of an INSTRUMENT plan; it gets its own id when it is placed."""
    target: Allocation | None
    """Of a PORTFOLIO plan; ``None`` without a configuration."""
    instruments: tuple[Instrument, ...]


def purchase(world: World, of: PlanExecution) -> Purchase:
    """The purchase of an execution, as things are now."""
    account, amount = world.table(ACCOUNTS)[of.account_id], decimal(of.cash_amount)
    if of.type == SavingsPlanType.PORTFOLIO:
        configured = world.table(CONFIGURATIONS).get(account.id)
        target = None if configured is None else allocation(world, configured.allocation_id)
        instruments = () if target is None else tuple(row for row, _ in targets(world, target))
        return Purchase(account, amount, None, target, instruments)
    instrument = by_isin(world, of.isin)
    order = drafted(
        world,
        of.id,
        of=account,
        instrument=instrument,
        side=OrderSide.BUY,
        flow=OrderInitiationFlow.SAVINGS_PLAN,
        amount=amount,
        reference=of.id,
        member_id=of.user_id or of.business_id,
        fees=tuple(
            OrderTransactionFeeModel(
                type=TransactionFeeType(each.type), transaction_fee_model_id=each.transaction_fee_model_id
            )
            for each in of.fee_configuration or ()
        ),
    )
    return Purchase(account, amount, order, None, (instrument,))


def obstacle(world: World, of: PlanExecution, it: Purchase) -> Obstacle | None:
    """The first thing that keeps an execution from being placed: account, configuration, instruments, cash."""
    try:
        why_not = barred(world, it.account, sell=False)
    except Hold as hold:
        return Obstacle(_locked(it.account, hold), hold)
    if why_not is not None:
        return Obstacle(why_not, None)
    if it.order is None and it.target is None:
        return Obstacle(NOT_CONFIGURED, None)
    for instrument in it.instruments:
        if instrument.trading_status != InstrumentTradingStatus.ACTIVE:
            why = f"instrument {instrument.isin} is not tradable now"
            return Obstacle(NOT_TRADABLE, Hold(why, topic=topics.instrument(instrument.id)))
    held = cash.cash(world, it.account.account_group_id, of.currency)
    if not _affordable(world, of, it, held.for_trading):
        return Obstacle(INSUFFICIENT_FUNDS, Hold("not enough cash", topic=held.trading_topic))
    return None


def _locked(account: Account, hold: Hold) -> str:
    """Which of the two is locked, in the words of the decision for accounts (payments.md §9.3, inferred)."""
    return "Account is locked" if hold.topic == topics.account(account.id) else "Account group is locked"


def _affordable(world: World, of: PlanExecution, it: Purchase, free: Decimal) -> bool:
    """Whether there is what a buy of it would lock: amount, transaction tax, collected fee (payments.md §9.3)."""
    if it.order is not None:
        wanted = cost_of_buy(world, it.order, it.instruments[0])
    else:
        wanted = None if it.target is None else cost(world, it.target, it.amount)
    return wanted is not None and wanted <= free


@PLAN_EXECUTION_LIFE.does("NEW", "PROCESSING")
def place(world: World, of: PlanExecution) -> None:
    """Place the order or portfolio order; its cash is locked at the same instant, so that nothing else takes it."""
    it = purchase(world, of)
    _go_on(world, of, it, obstacle(world, of, it))


def place_on_its_day(world: World, of: PlanExecution) -> None:
    """Place it, or let it wait; where the profile does not let it wait for cash, it is cancelled at once."""
    it = purchase(world, of)
    barrier = obstacle(world, of, it)
    if barrier is not None and barrier.details == INSUFFICIENT_FUNDS and _at_once(world):
        barrier = barrier._replace(hold=None)
    _go_on(world, of, it, barrier)


def give_up(world: World, of: PlanExecution) -> None:
    """The market closes: cancel what still cannot be placed, or what only a command places."""
    it = purchase(world, of)
    barrier = obstacle(world, of, it)
    if barrier is None and PLACE.by_command(world, of):
        barrier = Obstacle(NOT_PLACED, None)
    _go_on(world, of, it, None if barrier is None else barrier._replace(hold=None))


def _at_once(world: World) -> bool:
    return world.profile.savings_plans.funding == "at_once"


def _go_on(world: World, of: PlanExecution, it: Purchase, barrier: Obstacle | None) -> None:
    if barrier is None:
        _placed(world, of, it)
    elif barrier.hold is None:
        cancel(world, of, details=barrier.details)
    else:
        raise barrier.hold


def _placed(world: World, of: PlanExecution, it: Purchase) -> None:
    order_id = world.ids.new("portfolio_order" if it.order is None else "order")
    of = PLAN_EXECUTION_LIFE.move(world, of, "PROCESSING", "its day has come", order_id=order_id, tasks=())
    if it.order is not None:
        enter_order(world, it.order.evolve(id=order_id))
        return
    assert it.target is not None
    order = portfolio_orders.enter(
        world,
        account_id=of.account_id,
        allocation_id=it.target.id,
        type_=PortfolioOrderType.BUY,
        amount=of.cash_amount,
        currency=of.currency,
        cause=f"placed by savings plan {of.savings_plan_id}",
        owner={"user_id": of.user_id} if of.user_id else {"business_id": of.business_id or ""},
        reference=of.id,
        flow=PortfolioOrderInitiationFlow.SAVINGS_PLAN,
        id=order_id,
    )
    divide(world, order)


def _opens(world: World, of: PlanExecution) -> datetime:
    return opening(world, of.execution_date)


def _closes(world: World, of: PlanExecution) -> datetime:
    return closing(world, of.execution_date)


def _has_dates(world: World, of: PlanExecution) -> bool:
    """``executions.scheduled`` makes both stages due, by the dates of the execution."""
    return True


READS: Final = ("calendar", "savings_plans.funding")
"""The settings that decide when an execution is placed, and until when it waits."""

PLACE: Final = Stage(
    "savings_plan_execution.place",
    PLAN_EXECUTION_LIFE,
    "NEW",
    "PROCESSING",
    when=_opens,
    runs=place_on_its_day,
    ready=_has_dates,
    background=True,
    reads=READS,
)
Stage(
    "savings_plan_execution.give_up",
    PLAN_EXECUTION_LIFE,
    "NEW",
    "CANCELLED",
    when=_closes,
    runs=give_up,
    ready=_has_dates,
    background=True,
    reads=READS,
)
