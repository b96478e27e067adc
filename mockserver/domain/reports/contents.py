"""What a report says: labels and values in order, from the record alone (payments.md §13.1, inferred)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from mockserver.domain.accounts.accounts import AccountGroup
from mockserver.domain.corporate_actions.bookings import Booking
from mockserver.domain.fees.collections import FeeCollection
from mockserver.domain.orders.orders import Order
from mockserver.domain.orders.trades import Execution
from mockserver.domain.payments.bank_details import BankDetails
from mockserver.domain.reports.bookings import Bookings
from mockserver.domain.reports.records import ReportRecord
from mockserver.domain.reports.statement_contents import of_bookings, of_statement
from mockserver.domain.reports.statements import Statement
from mockserver.domain.tax_collections.collections import TaxCollection
from mockserver.domain.transfers.securities import SecuritiesTransfer
from mockserver.kernel.money import ZERO, minus, wire_amount, wire_number
from mockserver.models.orders import OrderExecutionStatus
from mockserver.models.reports import ReportType
from mockserver.models.transactions import CashTransaction

Lines = list[tuple[str, str]]
"""Label and value; an empty value: a heading."""


def contents(record: ReportRecord) -> Lines:
    """What the report says: labels and values, in order."""
    lines: Lines = [
        ("Report", record.id),
        ("Type", record.type.value),
        ("Created", _moment(record.created_at)),
        ("Holder", record.holder_id),
        ("Name", record.holder.name),
    ]
    if record.account_id is not None:
        lines.append(("Account", record.account_id))
    if record.substitutes is not None:
        lines.append(("Replaces report", record.substitutes))
    lines += next((write(record) for kind, write in WRITTEN if isinstance(record.subject, kind)), [])
    if record.text:
        lines += [("Text", line) for line in record.text.splitlines()]
    return lines


def _order(record: ReportRecord) -> Lines:
    order: Order = record.subject
    lines: Lines = [
        ("Order", order.id),
        ("Side", order.side.value),
        ("Order type", order.order_type.value),
        ("Instrument", order.instrument_id),
    ]
    lines.append(
        ("Units", order.quantity) if not order.nominal else ("Amount", f"{order.cash_amount} {order.currency}")
    )
    if order.cancellation_reason is not None:
        lines.append(("Cancelled", order.cancellation_reason.value))
    for number, execution in enumerate(order.executions, 1):
        if isinstance(execution, Execution) and execution.status == OrderExecutionStatus.SETTLED:
            lines += [(f"Execution {number}", ""), *_execution(execution)]
    return lines


def _revoked(record: ReportRecord) -> Lines:
    execution: Execution = record.subject
    return [("Order", execution.order_id), ("Revoked", ""), *_execution(execution)]


def _execution(execution: Execution) -> Lines:
    unit = execution.currency.value
    lines: Lines = [
        ("Execution", execution.id),
        ("Traded", _moment(execution.transaction_time)),
        ("Units", execution.share_quantity),
        ("Price", f"{execution.price} {unit}"),
        ("Amount", f"{execution.cash_amount} {unit}"),
    ]
    for label, amount in (("Tax", execution.tax), ("Fee", execution.fee)):
        if amount:
            lines.append((label, f"{_amount(amount)} {unit}"))
    lines.append(("Net", f"{_amount(execution.net)} {unit}"))
    if execution.settlement_date:
        lines.append(("Settled", str(execution.settlement_date)))
    return lines


def _collection(record: ReportRecord) -> Lines:
    row: FeeCollection = record.subject
    unit = row.currency.value
    return [
        ("Fee collection", row.id),
        ("Fee", row.type.value),
        ("Period", f"{_day(row.period_start)} to {_day(row.period_end)}"),
        ("Amount", f"{row.collection_amount} {unit}"),
        ("From cash", f"{row.processed_amount.cash_balance} {unit}"),
        ("From sells", f"{row.processed_amount.sell_to_cover} {unit}"),
    ]


def _group(record: ReportRecord) -> Lines:
    of: AccountGroup = record.subject
    return [("Account group", of.id), ("Securities account", of.securities_account_number)]


def _bank(record: ReportRecord) -> Lines:
    of: BankDetails = record.subject
    return [("Bank account", of.iban)]  # obfuscated, as everywhere


def _transfer(record: ReportRecord) -> Lines:
    row: SecuritiesTransfer = record.subject
    return [
        ("Securities transfer", row.id),
        ("Direction", row.direction.value),
        ("Instrument", row.instrument_id),
        ("Units", row.quantity),
        ("Settled", str(row.actual_settlement_date)),
    ]


def _action(record: ReportRecord) -> Lines:
    """Cash in the report of the cash, units in that of the units."""
    row: Booking = record.subject
    lines: Lines = [("Corporate action", row.corporate_action_id), ("Transaction", row.id)]
    if record.type == ReportType.CORPORATE_ACTION_CASH_TRANSACTION:
        gross, tax = row.cash or ZERO, row.tax or ZERO
        if row.quantity:
            lines.append(("Units with the right to it", wire_number(row.quantity)))
        lines += [(label, f"{_amount(value)} {row.currency}") for label, value in (("Gross", gross), ("Tax", tax))]
        lines.append(("Net", f"{_amount(minus(gross, tax))} {row.currency}"))
    else:
        lines.append(("Units", wire_number(row.units or ZERO)))
    return lines


def _tax(record: ReportRecord) -> Lines:
    row: TaxCollection = record.subject
    unit, parts = row.currency, row.processed_amount
    return [
        ("Tax collection", row.id),
        ("Tax", row.type.value),
        ("Status", row.status.value),
        ("Amount", f"{row.collection_amount.amount} {unit}"),
        ("From cash", f"{parts.cash_balance.amount} {unit}"),
        ("From sells", f"{parts.sell_to_cover.amount} {unit}"),
    ]


def _refund(record: ReportRecord) -> Lines:
    row: CashTransaction = record.subject
    return [("Tax transaction", row.references[0].id), ("Refunded", f"{row.delta.amount} {row.delta.currency}")]


def _amount(value: Decimal) -> str:
    return wire_amount(value)


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _day(day: date) -> str:
    return day.isoformat()


WRITTEN: Final[tuple[tuple[Any, Callable[[ReportRecord], Lines]], ...]] = (
    (Order, _order),
    (Execution, _revoked),
    (FeeCollection, _collection),
    (BankDetails, _bank),
    (AccountGroup, _group),
    (SecuritiesTransfer, _transfer),
    (Booking, _action),
    (TaxCollection, _tax),
    (CashTransaction, _refund),
    (Statement, lambda record: of_statement(record.subject)),
    (Bookings, lambda record: of_bookings(record.type, record.subject)),
)
"""How each subject is written."""
