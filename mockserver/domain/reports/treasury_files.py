"""Treasury files: their names and rows, as CSV (payments.md §13.3 [E]). Made when they are read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Final

from mockserver.domain.reports.settlements import Settlement
from mockserver.kernel.frozen import frozen
from mockserver.kernel.money import total
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
    """By name, but for trades: by their net."""
    if type_ is TreasuryReportType.TRADING:
        if not amount:
            return TreasuryReportDirection.NA
        return TreasuryReportDirection.INCOMING if amount > 0 else TreasuryReportDirection.OUTGOING
    return TreasuryReportDirection.OUTGOING if type_ is TreasuryReportType.TAX else TreasuryReportDirection.INCOMING


STEMS: Final = {
    TreasuryReportType.FEE: "fee_payable",
    TreasuryReportType.TAX: "post_processing_tax",
    TreasuryReportType.TRANSACTION_FEE: "transaction_fee_execution",
}


def _amount(row: Settlement) -> str:
    return f"{row.amount:.2f}"


def _tax(row: Settlement) -> str:
    return f"{row.sign * row.subject.tax:.2f}"


def _day(row: Settlement) -> str:
    return f"{row.day.isoformat()}T00:00:00Z"


def _own(member: str) -> Cell:
    found = attrgetter(member)
    return lambda row: str(found(row.subject))


def _currency(row: Settlement) -> str:
    return row.currency


def _constant(text: str) -> Cell:
    return lambda _: text


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
