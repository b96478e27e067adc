"""Rebalancing: a batch over accounts, one execution order each, carried out by a portfolio order (portfolios.md §5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from pydantic import Field

from mockserver.domain.accounts.accounts import ACCOUNTS, Account, currency_of
from mockserver.domain.ledger.positions import of_account
from mockserver.domain.listing import created_between
from mockserver.domain.portfolios.allocations import allocation
from mockserver.domain.portfolios.cancellation import cancel as cancel_portfolio_order
from mockserver.domain.portfolios.configurations import CONFIGURATIONS
from mockserver.domain.portfolios.drift import is_balanced
from mockserver.domain.portfolios.orders import (
    PORTFOLIO_ORDER_LIFE,
    PORTFOLIO_ORDERS,
    PortfolioOrder,
    enter,
)
from mockserver.domain.portfolios.refusals import NOTHING_TO_REBALANCE
from mockserver.domain.refusals import UNKNOWN
from mockserver.kernel.lifecycle import Awaited, LifeCycle, Row
from mockserver.kernel.moves import Moved
from mockserver.kernel.operations import Call, Listing, operation
from mockserver.kernel.stages import Stage
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.accounts import AccountStatus, AccountType
from mockserver.models.portfolios import ExecutionOrderCancellationReason as Reason
from mockserver.models.portfolios import (
    ExecutionOrderStatus,
    PortfolioOrderCancellationReason,
    PortfolioOrderType,
    PortfoliosRebalancingExecution,
    PortfoliosRebalancingExecutionOrder,
    PortfoliosRebalancingTriggerResponse,
)

if TYPE_CHECKING:
    from mockserver.models.messages.portfolios import PortfoliosRebalancingTriggerRequest


class RebalancingExecution(PortfoliosRebalancingExecution):
    """A batch as it was requested; it has no state of its own."""


class ExecutionOrder(PortfoliosRebalancingExecutionOrder):
    """One account of a batch."""

    number: int = Field(0, exclude=True)
    """Order of creation inside the world: the order of lists within a status."""

    @property
    def stage(self) -> int:
        """How far in the order of the life its status is: the order of lists (§5.4, inferred)."""
        return STATUSES.index(self.status)


STATUSES: Final = tuple(ExecutionOrderStatus)


REBALANCINGS: Kind[RebalancingExecution] = Kind("rebalancing_executions")
EXECUTION_ORDERS: Kind[ExecutionOrder] = Kind(
    "rebalancing_execution_orders",
    indexes={"execution": attrgetter("execution_id"), "portfolio_order": attrgetter("portfolio_order_id")},
)

_FAMILY = "REBALANCING_EXECUTION_ORDER"

EXECUTION_ORDER_LIFE: Final = LifeCycle(
    EXECUTION_ORDERS,
    [
        Row(None, "NEW", f"{_FAMILY}.NEW", "registered, being checked", "portfolios.md §5.2 [S, G]"),
        Row(
            "NEW",
            "PROCESSING",
            f"{_FAMILY}.PROCESSING",
            "its portfolio order starts executing",
            "portfolios.md §5.2 [G]",
        ),
        Row("PROCESSING", "FILLED", f"{_FAMILY}.FILLED", "its portfolio order is done", "portfolios.md §5.2 [G]"),
        Row(
            "NEW", "CANCELLED", f"{_FAMILY}.CANCELLED", "a check fails, or it is cancelled", "portfolios.md §5.2 [S, G]"
        ),
        Row(
            "PROCESSING",
            "CANCELLED",
            f"{_FAMILY}.CANCELLED",
            "its portfolio order is cancelled",
            "portfolios.md §5.2 [G]",
        ),
    ],
)

DETAILS: Final = {
    Reason.ACCOUNT_NOT_FOUND: "Account not found.",
    Reason.INVALID_ACCOUNT_TYPE: "Account is not a portfolio account.",
    Reason.CONFIGURATION_IS_MISSING: "Portfolio configuration is missing.",
    Reason.UNKNOWN: "Account is not active.",
    Reason.ACCOUNT_IS_EMPTY: "Account has no positions.",
    Reason.PORTFOLIO_IS_BALANCED: "Portfolio is balanced, no need to rebalance.",
    Reason.CANCELLED_BY_CLIENT: "Cancelled by client.",
    Reason.CANCELLED_BY_UPVEST: "Cancelled by Upvest.",
}
"""Texts of the reasons (portfolios.md §5.2: the balanced one published, the others inferred)."""


def _not_a_portfolio(world: World, of: Account) -> bool:
    return of.type != AccountType.PORTFOLIO


def _not_configured(world: World, of: Account) -> bool:
    return of.id not in world.table(CONFIGURATIONS)


def _not_active(world: World, of: Account) -> bool:
    return of.status != AccountStatus.ACTIVE


def _empty(world: World, of: Account) -> bool:
    return not of_account(world, of.id)


def _balanced(world: World, of: Account) -> bool:
    target = allocation(world, world.table(CONFIGURATIONS)[of.id].allocation_id)
    return is_balanced(world, of.id, target)


CHECKS: Final[tuple[tuple[Reason, Callable[[World, Account], bool]], ...]] = (
    # Reasons as portfolios.md §5.2 [G], in the order of its table (order inferred); the account exists
    (Reason.INVALID_ACCOUNT_TYPE, _not_a_portfolio),
    (Reason.CONFIGURATION_IS_MISSING, _not_configured),
    (Reason.UNKNOWN, _not_active),
    (Reason.ACCOUNT_IS_EMPTY, _empty),
    (Reason.PORTFOLIO_IS_BALANCED, _balanced),
)

_FROM_PORTFOLIO_ORDER: Final = {
    PortfolioOrderCancellationReason.ACCOUNT_IS_EMPTY: Reason.ACCOUNT_IS_EMPTY,
    PortfolioOrderCancellationReason.CANCELLED_BY_CLIENT: Reason.CANCELLED_BY_CLIENT,
    PortfolioOrderCancellationReason.CANCELLED_BY_UPVEST: Reason.CANCELLED_BY_UPVEST,
    PortfolioOrderCancellationReason.PORTFOLIO_IS_BALANCED: Reason.PORTFOLIO_IS_BALANCED,
    PortfolioOrderCancellationReason.SELL_LIMIT_EXCEEDED: Reason.UNKNOWN,
}


def execute(
    world: World, accounts: Iterable[str], *, requested: tuple[str, ...] = (), allocations: tuple[str, ...] = ()
) -> RebalancingExecution:
    """Rebalance ``accounts``, each once; the execution shows what was requested (§5.1)."""
    execution = world.table(REBALANCINGS).put(
        RebalancingExecution(
            id=world.ids.new("rebalancing_execution"),
            created_at=world.now,
            updated_at=world.now,
            accounts=requested,
            allocations=allocations,
        )
    )
    for account_id in dict.fromkeys(accounts):
        row = ExecutionOrder(
            id=world.ids.new("execution_order"),
            execution_id=execution.id,
            account_id=account_id,
            portfolio_order_id=None,
            status=ExecutionOrderStatus.NEW,
            created_at=world.now,
            updated_at=world.now,
            number=len(world.table(EXECUTION_ORDERS)),
        )
        EXECUTION_ORDER_LIFE.enter(world, row, "rebalancing triggered")
    return execution


def check(world: World, order: ExecutionOrder) -> None:
    """The checks of a NEW execution order (§5.2); one that passes gets a portfolio order and stays NEW."""
    if order.portfolio_order_id is not None:
        return
    of = world.table(ACCOUNTS).get(order.account_id)
    if of is None:
        reason = Reason.ACCOUNT_NOT_FOUND
    else:
        failed = next((reason for reason, applies in CHECKS if applies(world, of)), None)
        if failed is None:
            _begin(world, order, of)
            return
        reason = failed
    cancel(world, order, reason)


Stage("rebalancing_order.check", EXECUTION_ORDER_LIFE, "NEW", "PROCESSING", runs=check)


def _begin(world: World, order: ExecutionOrder, of: Account) -> None:
    created = enter(
        world,
        account_id=of.id,
        allocation_id=world.table(CONFIGURATIONS)[of.id].allocation_id,
        type_=PortfolioOrderType.REBALANCING,
        amount="0",
        currency=currency_of(world, of),
        cause=f"rebalancing execution order {order.id}",
        reference=order.execution_id,
    )
    world.table(EXECUTION_ORDERS).put(order.evolve(portfolio_order_id=created.id, updated_at=world.now))
    _touch(world, order)


def _touch(world: World, order: ExecutionOrder) -> None:
    """An execution has no status; its ``updated_at`` follows its orders (§5.1, inferred)."""
    execution = world.table(REBALANCINGS)[order.execution_id]
    if execution.updated_at != world.now:
        world.table(REBALANCINGS).put(execution.evolve(updated_at=world.now))


def moved_on(world: World, order: ExecutionOrder, moved: Moved) -> None:
    _touch(world, order)


@EXECUTION_ORDER_LIFE.does("NEW", "PROCESSING")
def process(world: World, order: ExecutionOrder) -> None:
    """Forced by command: check now, and start the portfolio order; the execution order follows it."""
    check(world, order)
    checked = world.table(EXECUTION_ORDERS)[order.id]
    parent = world.table(PORTFOLIO_ORDERS).get(checked.portfolio_order_id or "")
    if parent is not None and parent.open:
        PORTFOLIO_ORDER_LIFE.carry(world, parent, "PROCESSING")


@EXECUTION_ORDER_LIFE.does("PROCESSING", "FILLED")
def fill(world: World, order: ExecutionOrder) -> None:
    """Forced by command: fill the portfolio order; the execution order follows it."""
    parent = world.table(PORTFOLIO_ORDERS)[order.portfolio_order_id or ""]
    PORTFOLIO_ORDER_LIFE.carry(world, parent, "FILLED")


@EXECUTION_ORDER_LIFE.does("NEW", "CANCELLED")
@EXECUTION_ORDER_LIFE.does("PROCESSING", "CANCELLED")
def cancel(
    world: World, order: ExecutionOrder, reason: str = Reason.CANCELLED_BY_UPVEST, details: str | None = None
) -> None:
    """Cancel an execution order; one that has a portfolio order follows its cancellation (§5.2)."""
    why = Reason(reason)
    parent = world.table(PORTFOLIO_ORDERS).get(order.portfolio_order_id or "")
    if parent is not None and parent.open:
        cancel_portfolio_order(world, parent, _on_portfolio_order(why), details)
        return
    EXECUTION_ORDER_LIFE.move(
        world,
        order,
        "CANCELLED",
        why.value,
        cancellation_reason=why,
        cancellation_details=details or DETAILS[why],
    )


def _on_portfolio_order(reason: Reason) -> PortfolioOrderCancellationReason:
    """The reason as a portfolio order can give it; what it lacks is the platform's doing."""
    if reason.value in PortfolioOrderCancellationReason.__members__:
        return PortfolioOrderCancellationReason[reason.value]
    return PortfolioOrderCancellationReason.CANCELLED_BY_UPVEST


def follow(world: World, parent: PortfolioOrder, moved: Moved) -> None:
    """The execution order goes the way of its portfolio order (§5.2 [G])."""
    for order in world.table(EXECUTION_ORDERS).by("portfolio_order", parent.id):
        if moved.to != "CANCELLED":
            EXECUTION_ORDER_LIFE.move(world, order, moved.to, f"portfolio order {parent.id}")
        else:
            assert parent.cancellation_reason is not None
            EXECUTION_ORDER_LIFE.move(
                world,
                order,
                "CANCELLED",
                f"portfolio order {parent.id}",
                cancellation_reason=_FROM_PORTFOLIO_ORDER[parent.cancellation_reason],
                cancellation_details=parent.cancellation_details,
            )


@EXECUTION_ORDER_LIFE.explains("NEW", "PROCESSING")
def waits_for_portfolio_order(world: World, order: ExecutionOrder) -> Awaited | None:
    parent = world.table(PORTFOLIO_ORDERS).get(order.portfolio_order_id or "")
    if parent is None or not parent.open:
        return None
    return Awaited(f"its portfolio order {parent.id} is {parent.status}", f"portfolio_orders/{parent.id}")


@operation("trigger_portfolio_rebalancing")
def trigger_portfolio_rebalancing(
    world: World, call: Call[PortfoliosRebalancingTriggerRequest]
) -> PortfoliosRebalancingTriggerResponse:
    """By accounts (unknown ones are no error: they show as cancelled) or by allocations (§5.1)."""
    # lazy: 2 ms of classes that only a request like this needs
    from mockserver.models.messages.portfolios import PortfoliosRebalancingTriggerByAccounts

    body = call.body
    if isinstance(body, PortfoliosRebalancingTriggerByAccounts):
        if not body.accounts:
            raise NOTHING_TO_REBALANCE.refuse(field="accounts")
        execution = execute(world, body.accounts, requested=body.accounts)
    else:
        if not body.allocations:
            raise NOTHING_TO_REBALANCE.refuse(field="allocations")
        of = [allocation(world, allocation_id).id for allocation_id in body.allocations]
        table = world.table(CONFIGURATIONS)
        accounts = (row.account_id for allocation_id in of for row in table.by("allocation", allocation_id))
        execution = execute(world, accounts, allocations=body.allocations)
    return PortfoliosRebalancingTriggerResponse(id=execution.id)


@operation("retrieve_portfolios_rebalancing_execution")
def retrieve_portfolios_rebalancing_execution(world: World, call: Call[None]) -> RebalancingExecution:
    return _execution(world, call.path["execution_id"])


@operation("list_portfolio_rebalancing_execution_orders")
def list_portfolio_rebalancing_execution_orders(world: World, call: Call[None]) -> Listing:
    """By status in the order of the life, then by creation (§5.4, inferred)."""
    execution = _execution(world, call.path["execution_id"])
    rows = world.table(EXECUTION_ORDERS).sorted_under("execution", execution.id, "stage", "number")
    return Listing(created_between(rows, call.query.get("start_date"), call.query.get("end_date")), "status")


def _execution(world: World, execution_id: str) -> RebalancingExecution:
    found = world.table(REBALANCINGS).get(execution_id)
    if found is None:
        raise UNKNOWN.refuse(what="rebalancing execution", id=execution_id)
    return found
