"""What the cash bookings of a period say of fees, taxes and income: the figures of reports of a holder (§13.1).

payments.md §13.1: ex-post costs hold all fees that were processed [D]; which bookings count is inferred.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, AccountGroup
from mockserver.domain.accounts.holders import holder_ids
from mockserver.domain.ledger.transactions import CASH_TRANSACTIONS
from mockserver.domain.reports.periods import Period
from mockserver.domain.reports.statements import booked
from mockserver.kernel.frozen import frozen
from mockserver.kernel.money import ZERO, decimal, plus
from mockserver.kernel.world import World
from mockserver.models.transactions import CashTransaction, CashTransactionType

Sums = dict[tuple[str, str], Decimal]
"""Amounts by their name and currency, in the order in which they first occur."""

FEES: Final = {
    CashTransactionType.FEE_COLLECTION: "Fee collections",
    CashTransactionType.DD_REFUND_REJECT_FEE: "Reject fees",
}
"""Transactions that are a fee as a whole."""
TRADED: Final = "Transaction fees"
"""The fees that Upvest took of orders."""

TAXES: Final = {
    CashTransactionType.TAX_PREPAYMENT_DE: "Vorabpauschale",
    CashTransactionType.TAX_PAYMENT: "Tax payments",
    CashTransactionType.TAX_REFUND: "Tax refunds",
}
"""Transactions that are a tax as a whole; a refund counts against the others."""

ACTION: Final = "CORPORATE_ACTION_TRANSACTION_ID"


@frozen
class Bookings:
    """The cash transactions of a holder in a period, of all his account groups."""

    period: Period
    rows: tuple[CashTransaction, ...]

    def fees(self) -> Sums:
        """What was taken, above 0; a fee that was given back counts against it."""
        sums: Sums = {}
        for row in self.rows:
            currency = row.delta.currency
            if (name := FEES.get(row.type)) is not None:
                _add(sums, name, currency, decimal(row.delta.amount).copy_negate())
            for fee in row.fees or ():
                _add(sums, TRADED, currency, decimal(fee.amount))
        return sums

    def taxes(self) -> Sums:
        """What was withheld, by kind, and what was collected apart."""
        sums: Sums = {}
        for row in self.rows:
            for tax in row.taxes_details.tax_breakdown:
                _add(sums, tax.type.replace("_", " ").capitalize(), tax.currency, decimal(tax.amount))
            if (name := TAXES.get(row.type)) is not None:
                _add(sums, name, row.delta.currency, decimal(row.delta.amount).copy_negate())
        return sums

    def income(self) -> Sums:
        """What securities brought before tax, by ISIN."""
        sums: Sums = {}
        for row in self.rows:
            if any(each.type == ACTION for each in row.references):
                isin = "" if row.instrument is None else row.instrument.isin or ""
                name = f"{row.type.replace('_', ' ').capitalize()} {isin}".rstrip()
                gross = plus(decimal(row.delta.amount), decimal(row.taxes_details.total_amount.amount))
                _add(sums, name, row.delta.currency, gross)
        return sums


def bookings(world: World, groups: Iterable[AccountGroup], period: Period) -> Bookings:
    """What was booked in the groups of one holder."""
    table = world.table(CASH_TRANSACTIONS)
    return Bookings(period, tuple(row for group in groups for row in booked(table.by("group", group.id), period)))


def groups_by_holder(world: World) -> dict[str, list[AccountGroup]]:
    """The account groups of each holder, closed ones, too; whoever had the first comes first."""
    found: dict[str, list[AccountGroup]] = {}
    for group in world.table(ACCOUNT_GROUPS):
        for each in holder_ids(group):
            found.setdefault(each, []).append(group)
    return found


def _add(sums: Sums, name: str, currency: str, amount: Decimal) -> None:
    sums[name, currency] = plus(sums.get((name, currency), ZERO), amount)
