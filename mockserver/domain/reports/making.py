"""Reports that follow from what happens: one for each holder, by followers of life cycles (payments.md §13.1).

They are made in the background: at the same instant, after all that belongs to what they report on (§13.1, inferred).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, ACCOUNTS, Account, AccountGroup
from mockserver.domain.accounts.holders import holder, holders
from mockserver.domain.fees.collections import COLLECTIONS, FeeCollection
from mockserver.domain.orders.orders import ORDERS, Order, instrument_of
from mockserver.domain.orders.trades import EXECUTIONS, Execution
from mockserver.domain.payments.bank_details import BankDetails
from mockserver.domain.payments.mandates import Mandate
from mockserver.domain.reports.records import REPORTS, ReportRecord, add
from mockserver.kernel.actions import action
from mockserver.kernel.moves import Moved
from mockserver.kernel.world import World
from mockserver.models.accounts import AccountStatus
from mockserver.models.orders import OrderExecutionStatus, OrderSide, OrderStatus
from mockserver.models.reports import ReportReferenceType, ReportType

GROUP: Final = "report.account_group"
ORDER: Final = "report.order"
MISTRADE: Final = "report.mistrade"
FEE: Final = "report.fee_collection"

NONE: Final[Mapping[str, str]] = {}

CONFIRMATIONS = {OrderSide.BUY: ReportType.BUY_ORDER, OrderSide.SELL: ReportType.SELL_ORDER}


def make(
    world: World,
    type_: ReportType,
    of: Account | AccountGroup,
    subject: Any,
    *,
    reference: tuple[str, ReportReferenceType] | None = None,
    account_id: str | None = None,
    instrument_id: str | None = None,
    text: str = "",
) -> list[ReportRecord]:
    """Make a report for each holder.

    The caller has looked whether the profile makes reports of the type.
    """
    return [
        add(
            world,
            ReportRecord(
                id=world.ids.new("report"),
                created_at=world.now,
                type=type_,
                holder=each,
                subject=subject,
                account_id=account_id,
                instrument_id=instrument_id,
                reference=reference,
                text=text,
            ),
        )
        for each in holders(world, of)
    ]


def group_changed(world: World, group: AccountGroup, moved: Moved) -> None:
    """ACCOUNT_OPENING with the first ACTIVE, ACCOUNT_CLOSING with CLOSED."""
    closed = group.status == AccountStatus.CLOSED
    type_ = ReportType.ACCOUNT_CLOSING if closed else ReportType.ACCOUNT_OPENING
    if moved.source != AccountStatus.LOCKED and world.profile.reports.makes(type_):
        _soon(world, GROUP, group.id, type_)


def order_ended(world: World, order: Order, moved: Moved) -> None:
    """CANCELLED_ORDER where nothing was executed; else the confirmation, if all of it is settled already."""
    if order.status == OrderStatus.CANCELLED and not order.executions:
        if world.profile.reports.makes(ReportType.CANCELLED_ORDER):
            _soon(world, ORDER, order.id, ReportType.CANCELLED_ORDER)
    else:
        _confirm(world, order)


def trade_settled(world: World, trade: Execution, moved: Moved) -> None:
    """BUY_ORDER or SELL_ORDER with the last settlement of an order that is final (§13.1, inferred)."""
    _confirm(world, world.table(ORDERS)[trade.order_id])


def trade_revoked(world: World, trade: Execution, moved: Moved) -> None:
    """REVOKED_ORDER for a mistrade, which replaces the confirmation of the order, if that was made (§13.1 [D, I]).

    An order that was not confirmed may be now: nothing of it is still to settle.
    """
    order = world.table(ORDERS)[trade.order_id]
    if world.profile.reports.makes(ReportType.REVOKED_ORDER):
        _soon(world, MISTRADE, trade.id)
    if all(row.type is not CONFIRMATIONS[order.side] for row in world.table(REPORTS).by("about", order.id)):
        _confirm(world, order)


def collection_finalised(world: World, collection: FeeCollection, moved: Moved) -> None:
    """FEE_COLLECTION once the fee is taken."""
    if world.profile.reports.makes(ReportType.FEE_COLLECTION):
        _soon(world, FEE, collection.id)


def _confirm(world: World, order: Order) -> None:
    """Confirm an order that is final, of which something is settled and nothing is still to settle."""
    if order.final and world.profile.reports.makes(CONFIRMATIONS[order.side]) and _settled(order):
        _soon(world, ORDER, order.id, CONFIRMATIONS[order.side])


def _settled(order: Order) -> bool:
    """Something is settled, and nothing is still to settle."""
    settled = False
    for execution in order.executions:
        if execution.status is OrderExecutionStatus.FILLED:
            return False
        settled = settled or execution.status is OrderExecutionStatus.SETTLED
    return settled


def _soon(world: World, name: str, *args: str) -> None:
    world.clock.at(world.now, name, *args, reason="a report is made")


@action(GROUP)
def _report_group(world: World, group_id: str, type_: str) -> None:
    group = world.table(ACCOUNT_GROUPS)[group_id]
    make(world, ReportType(type_), group, group, reference=(group_id, ReportReferenceType.ACCOUNT_GROUP_ID))


@action(ORDER)
def _report_order(world: World, order_id: str, type_: str) -> None:
    order = world.table(ORDERS)[order_id]
    _make(world, ReportType(type_), order, order)


@action(MISTRADE)
def _report_mistrade(world: World, execution_id: str) -> None:
    trade = world.table(EXECUTIONS)[execution_id]
    order = world.table(ORDERS)[trade.order_id]
    kind = CONFIRMATIONS[order.side]
    made = {row.holder_id: row.id for row in world.table(REPORTS).by("about", order.id) if row.type is kind}
    _make(world, ReportType.REVOKED_ORDER, order, trade, made)


@action(FEE)
def _report_fee(world: World, collection_id: str) -> None:
    collection = world.table(COLLECTIONS)[collection_id]
    make(
        world,
        ReportType.FEE_COLLECTION,
        world.table(ACCOUNTS)[collection.account_id],
        collection,
        reference=(collection.account_id, ReportReferenceType.ACCOUNT_ID),
        account_id=collection.account_id,
    )


def bank_details_registered(world: World, row: BankDetails) -> None:
    """BANK_ACCOUNT_CONNECTED for a reference account, DIRECT_DEBIT_MANDATE for a mandate; without references."""
    type_ = ReportType.DIRECT_DEBIT_MANDATE if isinstance(row, Mandate) else ReportType.BANK_ACCOUNT_CONNECTED
    if world.profile.reports.makes(type_):
        owner = holder(world, row.user_id, row.business_id)
        add(world, ReportRecord(world.ids.new("report"), world.now, type_, owner, row))


def _make(
    world: World, type_: ReportType, order: Order, subject: Order | Execution, substitutes: Mapping[str, str] = NONE
) -> None:
    """As :func:`make`, of an order: what every trade costs, so it is short."""
    instrument_id, reference = _instrument_id(world, order), (order.id, ReportReferenceType.ORDER_ID)
    for each in holders(world, world.table(ACCOUNT_GROUPS)[order.account_group_id]):
        replaced = substitutes.get(each.id) if substitutes else None
        identity = world.ids.new("report")
        record = ReportRecord(
            identity, world.now, type_, each, subject, order.account_id, instrument_id, reference, replaced
        )
        add(world, record)


def _instrument_id(world: World, order: Order) -> str | None:
    """That of the executions, which is there already; else the one that the order names."""
    for execution in order.executions:
        if isinstance(execution, Execution) and execution.instrument is not None:
            return execution.instrument.id
    instrument = instrument_of(world, order)
    return None if instrument is None else instrument.id
