"""What statements and the reports of a year say, line by line (payments.md §13.1, inferred)."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from mockserver.domain.reports.bookings import Bookings, Sums
from mockserver.domain.reports.statements import Statement
from mockserver.kernel.money import ZERO, decimal, plus, wire_amount, wire_number
from mockserver.models.reports import ReportType
from mockserver.models.transactions import CashTransaction, SecurityTransaction

Lines = list[tuple[str, str]]

SECTIONS: Final = {"Fees": Bookings.fees, "Taxes": Bookings.taxes, "Income before tax": Bookings.income}

SHOWN: Final[dict[ReportType, tuple[str, ...]]] = {
    ReportType.EX_POST_COST: ("Fees",),
    ReportType.MONTHLY_BILLING_STATEMENT: ("Fees",),
    ReportType.ANNUAL_TAX_STATEMENT: ("Taxes", "Income before tax"),
    ReportType.TAX_CONSOLIDATED_CERTIFICATE_UK: ("Taxes", "Income before tax"),
    ReportType.FRENCH_IFU: ("Taxes", "Income before tax"),
    ReportType.ANNUAL_INCOME_STATEMENT: ("Income before tax",),
    ReportType.INCOME_DISTRIBUTION: ("Income before tax",),
}
"""The sections of each report of a holder, in order."""


def of_statement(shown: Statement) -> Lines:
    """Holdings with their values, cash before and after, and each booking between."""
    lines: Lines = [("Period", str(shown.period)), ("Holdings", "")]
    for held in shown.holdings:
        worth = "no price" if held.value is None else f"at {held.price}: {wire_amount(held.value)} {shown.currency}"
        lines.append((held.instrument.isin or held.instrument.id, f"{wire_number(held.units)} {worth}"))
    lines.append(("Value of the securities", f"{wire_amount(shown.value)} {shown.currency}"))
    lines.append(("Cash of the account group", ""))
    for balance in shown.cash:
        lines.append(("Before", f"{wire_amount(balance.opening)} {balance.currency}"))
        lines += [_cash(row) for row in shown.cash_booked if row.delta.currency == balance.currency]
        lines.append(("At the end", f"{wire_amount(balance.closing)} {balance.currency}"))
    if shown.units_booked:
        lines.append(("Units", ""))
        lines += [_units(row) for row in shown.units_booked]
    return lines


def of_bookings(type_: ReportType, shown: Bookings) -> Lines:
    """The sections of the type: each amount, and the total of each currency."""
    lines: Lines = [("Period", str(shown.period))]
    for title in SHOWN.get(type_, ()):
        lines += [(title, ""), *_sums(SECTIONS[title](shown))]
    return lines


def _sums(sums: Sums) -> Lines:
    lines: Lines = [(name, f"{wire_amount(amount)} {currency}") for (name, currency), amount in sums.items()]
    totals: dict[str, Decimal] = {}
    for (_, currency), amount in sums.items():
        totals[currency] = plus(totals.get(currency, ZERO), amount)
    lines += [("Total", f"{wire_amount(amount)} {currency}") for currency, amount in totals.items()]
    return lines or [("Total", "0")]


def _cash(row: CashTransaction) -> tuple[str, str]:
    return f"{row.booking_date:%Y-%m-%d}", f"{_signed(row.delta.amount)} {row.delta.currency} {_type(row)}"


def _units(row: SecurityTransaction) -> tuple[str, str]:
    return f"{row.booking_date:%Y-%m-%d}", f"{_signed(row.delta.amount)} {row.instrument.isin} {_type(row)}"


def _type(row: CashTransaction | SecurityTransaction) -> str:
    return row.type.replace("_", " ").lower()


def _signed(amount: str) -> str:
    return amount if decimal(amount) < 0 else f"+{amount}"
