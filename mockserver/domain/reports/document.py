"""A report as PDF, made when it is read: its bytes depend on the record only (payments.md §13.1, inferred).

Standard fonts, no compression, the time of the record: so the bytes are the same on every machine.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from mockserver.domain.accounts.accounts import AccountGroup
from mockserver.domain.fees.collections import FeeCollection
from mockserver.domain.orders.orders import Order
from mockserver.domain.orders.trades import Execution
from mockserver.domain.payments.bank_details import BankDetails
from mockserver.domain.reports.records import ReportRecord
from mockserver.kernel.money import wire_amount
from mockserver.models.orders import OrderExecutionStatus

if TYPE_CHECKING:
    from fpdf import FPDF

Lines = list[tuple[str, str]]

LABEL: Final = 55
"""Width of the labels in millimetres."""
LINE: Final = 7


def file_name(record: ReportRecord) -> str:
    """``BuyOrder-20230110T090000Z-<id>.pdf``: type, time of the report in UTC, id (§13.1 [E])."""
    kind = "".join(word.capitalize() for word in record.type.split("_"))
    return f"{kind}-{record.created_at:%Y%m%dT%H%M%SZ}-{record.id}.pdf"


def figures(record: ReportRecord) -> Lines:
    """What the report says: labels and values, in order."""
    subject = record.subject
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
    if isinstance(subject, Order):
        lines += _order(subject)
    elif isinstance(subject, Execution):
        lines += [("Order", subject.order_id), ("Revoked", ""), *_execution(subject)]
    elif isinstance(subject, FeeCollection):
        lines += _collection(subject)
    elif isinstance(subject, BankDetails):
        lines.append(("Bank account", subject.iban))  # obfuscated, as everywhere
    elif isinstance(subject, AccountGroup):
        lines += [("Account group", subject.id), ("Securities account", subject.securities_account_number)]
    return lines


def document(record: ReportRecord) -> bytes:
    """The PDF: one or more pages A4."""
    from fpdf import FPDF  # lazy: 1.9 s with its fonts and images, which every start would pay for

    pdf = FPDF(format="A4")
    pdf.set_compression(False)
    pdf.set_creation_date(record.created_at)
    pdf.set_producer("mockserver")
    pdf.set_title(record.type.value)
    pdf.set_lang("en")
    pdf.add_page()
    pdf.set_font("helvetica", "B", 16)
    _write(pdf, record.type.replace("_", " ").capitalize(), 0)
    pdf.ln(LINE)
    for label, value in figures(record):
        pdf.set_font("helvetica", "" if value else "B", 10)
        if value:
            _write(pdf, label, LABEL, ends=False)
        _write(pdf, value or label, 0)
    return bytes(pdf.output())


def _write(pdf: FPDF, text: str, width: int, *, ends: bool = True) -> None:
    """A cell; letters that the standard fonts do not have become question marks."""
    from fpdf.enums import XPos, YPos  # lazy: part of those 1.9 s

    known = text.encode("latin-1", "replace").decode("latin-1")
    to = (XPos.LMARGIN, YPos.NEXT) if ends else (XPos.RIGHT, YPos.TOP)
    pdf.cell(width, LINE, known, new_x=to[0], new_y=to[1])


def _order(order: Order) -> Lines:
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


def _collection(row: FeeCollection) -> Lines:
    unit = row.currency.value
    return [
        ("Fee collection", row.id),
        ("Fee", row.type.value),
        ("Period", f"{_day(row.period_start)} to {_day(row.period_end)}"),
        ("Amount", f"{row.collection_amount} {unit}"),
        ("From cash", f"{row.processed_amount.cash_balance} {unit}"),
        ("From sells", f"{row.processed_amount.sell_to_cover} {unit}"),
    ]


def _amount(value: Decimal) -> str:
    return wire_amount(value)


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _day(day: date) -> str:
    return day.isoformat()
