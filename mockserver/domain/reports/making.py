"""Reports that follow from what happens: one for each holder, by followers of life cycles (payments.md §13.1).

They are made in the background: at the same instant, after all that belongs to what they report on (§13.1, inferred).
"""

from __future__ import annotations

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
    substitutes: dict[str, str] | None = None,
    text: str = "",
) -> list[ReportRecord]:
    """Make a report for each holder. ``substitutes``: the report that it replaces, by holder.

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
                substitutes=(substitutes or {}).get(each.id),
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
    """REVOKED_ORDER for a mistrade, which replaces the confirmation of the order, if that was made (§13.1 [D, I])."""
    if world.profile.reports.makes(ReportType.REVOKED_ORDER):
        _soon(world, MISTRADE, trade.id)
    _confirm(world, world.table(ORDERS)[trade.order_id])


def collection_finalised(world: World, collection: FeeCollection, moved: Moved) -> None:
    """FEE_COLLECTION once the fee is taken."""
    if world.profile.reports.makes(ReportType.FEE_COLLECTION):
        _soon(world, FEE, collection.id)


def _confirm(world: World, order: Order) -> None:
    """Confirm an order that is final, of which something is settled and nothing is still to settle."""
    if order.final and world.profile.reports.makes(CONFIRMATIONS[order.side]) and _settled(order):
        _soon(world, ORDER, order.id, CONFIRMATIONS[order.side])


def _settled(order: Order) -> bool:
    statuses = {execution.status for execution in order.executions}
    return OrderExecutionStatus.SETTLED in statuses and OrderExecutionStatus.FILLED not in statuses


def _soon(world: World, name: str, *args: str) -> None:
    world.clock.at(world.now, name, *args, reason="a report is made")


@action(GROUP)
def _report_group(world: World, group_id: str, type_: str) -> None:
    group = world.table(ACCOUNT_GROUPS)[group_id]
    make(world, ReportType(type_), group, group, reference=(group_id, ReportReferenceType.ACCOUNT_GROUP_ID))


@action(ORDER)
def _report_order(world: World, order_id: str, type_: str) -> None:
    """Once for each order: it may have come to its end in two ways at one instant."""
    if all(row.type != type_ for row in world.table(REPORTS).by("order", order_id)):
        order = world.table(ORDERS)[order_id]
        _make(world, ReportType(type_), order, order)


@action(MISTRADE)
def _report_mistrade(world: World, execution_id: str) -> None:
    trade = world.table(EXECUTIONS)[execution_id]
    order = world.table(ORDERS)[trade.order_id]
    kind = CONFIRMATIONS[order.side]
    made = {row.holder_id: row.id for row in world.table(REPORTS).by("order", order.id) if row.type is kind}
    _make(world, ReportType.REVOKED_ORDER, order, trade, substitutes=made)


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
    world: World,
    type_: ReportType,
    order: Order,
    subject: Order | Execution,
    *,
    substitutes: dict[str, str] | None = None,
) -> None:
    instrument = instrument_of(world, order)
    make(
        world,
        type_,
        world.table(ACCOUNT_GROUPS)[order.account_group_id],
        subject,
        reference=(order.id, ReportReferenceType.ORDER_ID),
        account_id=order.account_id,
        instrument_id=None if instrument is None else instrument.id,
        substitutes=substitutes,
    )
