"""Treasury files: their names and rows, as CSV (payments.md §13.3 [E]). Made when they are read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Final

from mockserver.domain.reports.settlements import Settlement
from mockserver.kernel.frozen import frozen
from mockserver.kernel.money import ZERO, total
from mockserver.kernel.store import Kind
from mockserver.models.payments import PaymentCurrency
from mockserver.models.reports import TreasuryReport, TreasuryReportDirection, TreasuryReportType

Cell = Callable[[Settlement], str]


@frozen
class TreasuryFile:
    """What one treasury report announces; its content is made of the rows at each read."""

    id: str
    created_at: datetime
    type: TreasuryReportType
    currency: str
    report_date: date
    direction: TreasuryReportDirection
    filename: str
    rows: tuple[Settlement, ...]

    @property
    def amount(self) -> Decimal:
        """The sum of the rows; the event shows it without its sign."""
        return total(row.amount for row in self.rows)

    @property
    def wire(self) -> bytes:
        return TreasuryReport(
            id=self.id,
            type=self.type,
            currency=PaymentCurrency(self.currency),
            settlement_amount=f"{self.amount.copy_abs():.2f}",
            report_date=self.report_date,
            direction=self.direction,
            filename=self.filename,
        ).wire


TREASURY_REPORTS: Final[Kind[TreasuryFile]] = Kind("treasury_reports", indexes={"filename": attrgetter("filename")})


def content(file: TreasuryFile) -> bytes:
    """The rows as CSV, below the names of the columns."""
    columns = COLUMNS[file.type]
    lines = [",".join(columns), *(",".join(cell(row) for cell in columns.values()) for row in file.rows)]
    return ("\n".join(lines) + "\n").encode()


def name(type_: TreasuryReportType, amount: Decimal, day: date, form: str, taken: Callable[[str], bool]) -> str:
    """The name of a file; ``_2`` before ``.csv`` for the second one of a day (§13.3 [D])."""
    stem = ("trading_sell" if amount > 0 else "trading_buy") if type_ is TreasuryReportType.TRADING else STEMS[type_]
    written = f"{day:%Y-%m-%d}" if type_ is TreasuryReportType.TRANSACTION_FEE else f"{day:{form}}"
    number, found = 1, f"{stem}_{written}.csv"
    while taken(found):
        number += 1
        found = f"{stem}_{written}_{number}.csv"
    return found


def direction(type_: TreasuryReportType, amount: Decimal) -> TreasuryReportDirection:
    """By the sign of the sum: what the client receives or pays; NA for trades that net to nothing.

    Other types have the direction of their name where the sum is 0, which a correction of the same day makes. Where
    corrections are more than what they correct, the direction turns (inferred).
    """
    if amount:
        return TreasuryReportDirection.INCOMING if amount > 0 else TreasuryReportDirection.OUTGOING
    if type_ is TreasuryReportType.TRADING:
        return TreasuryReportDirection.NA
    return TreasuryReportDirection.OUTGOING if type_ in PAYABLE else TreasuryReportDirection.INCOMING


PAYABLE: Final = frozenset({TreasuryReportType.TAX, TreasuryReportType.TAX_ADJUSTMENT_PAYABLE})

STEMS: Final = {
    TreasuryReportType.CORPORATE_ACTION: "incoming_ca",
    TreasuryReportType.FEE: "fee_payable",
    TreasuryReportType.TAX: "post_processing_tax",
    TreasuryReportType.TAX_ADJUSTMENT_RECEIVABLE: "tax_adjustment_receivable",
    TreasuryReportType.TAX_ADJUSTMENT_PAYABLE: "tax_adjustment_payable",
    TreasuryReportType.TRANSACTION_FEE: "transaction_fee_execution",
}


def _amount(row: Settlement) -> str:
    return f"{row.amount:.2f}"


def _tax(row: Settlement) -> str:
    return f"{row.sign * row.subject.tax:.2f}"


def _day(row: Settlement) -> str:
    return f"{row.day.isoformat()}T00:00:00Z"


def _cents(member: str) -> Cell:
    found = attrgetter(member)
    return lambda row: f"{found(row.subject) or ZERO:.2f}"


def _date(member: str) -> Cell:
    """A day of the subject; that of the row where it has none."""
    found = attrgetter(member)
    return lambda row: f"{found(row.subject) or row.day}T00:00:00Z"


def _own(member: str) -> Cell:
    found = attrgetter(member)
    return lambda row: str(found(row.subject))


def _currency(row: Settlement) -> str:
    return row.currency


def _constant(text: str) -> Cell:
    return lambda _: text


ADJUSTMENT: Final[dict[str, Cell]] = {
    "tax_transaction_id": _own("id"),
    "settlement_amount": _amount,
    "currency": _currency,
    "transaction_date": _day,
}

COLUMNS: Final[dict[TreasuryReportType, dict[str, Cell]]] = {
    TreasuryReportType.TRADING: {
        "order_execution_id": _own("id"),
        "order_id": _own("order_id"),
        "transaction_date": _day,
        "tax_amount": _tax,
        "settlement_amount": _amount,
        "gross_amount": _amount,
        "instrument": _own("instrument.isin"),
        "currency": _currency,
        "instrument_id": _own("instrument.id"),
    },
    TreasuryReportType.CORPORATE_ACTION: {
        "corporate_action_transaction_id": _own("booking.id"),
        "transaction_date": _day,
        "tax_amount": _cents("booking.tax"),
        "settlement_amount": _amount,
        "gross_amount": _cents("booking.cash"),
        "instrument": _own("isin"),
        "currency": _currency,
        "type": _own("action.type.name"),
        "payment_date": _date("action.payment_date"),
        "settlement_date": _day,
        "instrument_id": _own("booking.instrument_id"),
    },
    TreasuryReportType.FEE: {
        "fee_collection_id": _own("id"),
        "settlement_amount": _amount,
        "currency": _currency,
        "transaction_date": _day,
    },
    TreasuryReportType.TAX: {
        "transaction_id": _own("id"),
        "transaction_type": _constant("OrderExecution"),
        "tax_amount": _tax,
        "tax_currency": _currency,
        "tax_type": _constant("TAX_TYPE_CAPITAL_GAINS_TAX"),
        "transaction_date": _day,
        "order_id": _own("order_id"),
    },
    TreasuryReportType.TAX_ADJUSTMENT_RECEIVABLE: ADJUSTMENT,
    TreasuryReportType.TAX_ADJUSTMENT_PAYABLE: ADJUSTMENT,
    TreasuryReportType.TRANSACTION_FEE: {
        "transaction_fee_execution_id": _own("id"),
        "order_id": _own("order_id"),
        "order_execution_id": _own("id"),
        "settlement_amount": _amount,
        "currency": _currency,
        "transaction_date": _day,
    },
}
"""The columns of each file in their order, and what a row has in them."""
