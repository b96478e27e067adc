"""Treasury files say, day by day, what the cash of the customers moved; statements add up (payments.md §13, §18).

The sums are made anew from the cash transactions and from the bytes of the files, never from the rows they are made of.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import UTC
from decimal import Decimal
from io import StringIO
from typing import Final

from mockserver.domain.accounts.accounts import ACCOUNTS
from mockserver.domain.ledger.transactions import CASH_TRANSACTIONS, SECURITY_TRANSACTIONS
from mockserver.domain.reports.records import REPORTS
from mockserver.domain.reports.settlements import SETTLEMENTS
from mockserver.domain.reports.statements import Statement
from mockserver.domain.reports.treasury_files import TREASURY_REPORTS, content
from mockserver.kernel.world import World
from mockserver.models.transactions import CashTransaction, SecurityTransaction
from tests.state.laws import BERLIN
from tests.state.market import ZERO

Sums = defaultdict[tuple[str, str, str], Decimal]
"""By kind, market day and currency: what the client receives."""

TRADES, ACTIONS, FEES, TAXES, TRADED = "trades", "actions", "fees", "taxes", "fees of trades"
KINDS: Final = {
    "TRADING": TRADES,
    "TAX": TRADES,  # the tax on a sell, which its row of TRADING is before
    "CORPORATE_ACTION": ACTIONS,
    "FEE": FEES,
    "TAX_ADJUSTMENT_RECEIVABLE": TAXES,
    "TAX_ADJUSTMENT_PAYABLE": TAXES,
    "TRANSACTION_FEE": TRADED,
}
SETTLED: Final = ("EUR", "GBP")


def check_treasury(world: World) -> None:
    """Sums per day equal: files, and what is still to come, against the cash transactions."""
    found = _in_files(world)
    for row in world.table(SETTLEMENTS):
        found[KINDS[row.type], str(row.day), row.currency] += row.amount
    expected = _of_cash(world)
    for key in expected.keys() | found.keys():
        assert found[key] == expected[key], f"{key}: files say {found[key]}, cash transactions {expected[key]}"


def _in_files(world: World) -> Sums:
    """From the bytes of the files; each sums to the amount that its event said."""
    sums: Sums = defaultdict(lambda: ZERO)
    for file in world.table(TREASURY_REPORTS):
        amount = ZERO
        for row in csv.DictReader(StringIO(content(file).decode())):
            tax = file.type == "TAX"
            moved = -Decimal(row["tax_amount"]) if tax else Decimal(row["settlement_amount"])
            currency = row["tax_currency" if tax else "currency"]
            assert currency == file.currency
            sums[KINDS[file.type], row["transaction_date"][:10], currency] += moved
            amount += moved
        sign = {"INCOMING": 1, "OUTGOING": -1, "NA": 0}[file.direction]
        assert amount == sign * abs(file.amount), f"{file.filename}: rows say {amount}, the event {file.amount}"
    return sums


def _of_cash(world: World) -> Sums:
    """A client that funds in advance settles the tax on sells, and no trades; one that does not settles no fees."""
    sums: Sums = defaultdict(lambda: ZERO)
    model = world.profile.payments.cash_model
    for entry in world.table(CASH_TRANSACTIONS):
        day, currency = str(entry.created_at.astimezone(BERLIN).date()), str(entry.delta.currency)
        if currency not in SETTLED:
            continue
        amount, fee = Decimal(entry.delta.amount), sum((Decimal(each.amount) for each in entry.fees or ()), ZERO)
        references = {str(each.type) for each in entry.references}
        if "ORDER_EXECUTION" in references:
            taxed = [each for each in entry.taxes_details.tax_breakdown if each.type == "CAPITAL_GAINS"]
            apart = -sum((Decimal(each.amount) for each in taxed), ZERO)
            sums[TRADES, day, currency] += apart if model == "prefunded" else amount + fee
            sums[TRADED, day, currency] += ZERO if model == "post_trade" else fee
        elif "CORPORATE_ACTION_TRANSACTION_ID" in references:
            sums[ACTIONS, day, currency] += amount
        elif "FEE_COLLECTION" in references:
            sums[FEES, day, currency] -= amount
        elif "TAX_TRANSACTION" in references:
            sums[TAXES, day, currency] += amount
    return sums


def check_statements(world: World) -> None:
    """Each statement has the cash and the units of its days, by the transactions of the whole world."""
    cash, units = list(world.table(CASH_TRANSACTIONS)), list(world.table(SECURITY_TRANSACTIONS))
    for record in world.table(REPORTS):
        shown = record.subject
        if not isinstance(shown, Statement):
            continue
        group_id = world.table(ACCOUNTS)[record.account_id or ""].account_group_id
        for balance in shown.cash:
            mine = [row for row in cash if (row.account_group_id, row.delta.currency) == (group_id, balance.currency)]
            inside = [Decimal(row.delta.amount) for row in mine if _within(row, shown)]
            assert balance.closing == balance.opening + sum(inside, ZERO), f"{record} does not add up"
        came = {row.id for row in units if row.account_id == record.account_id and _within(row, shown)}
        assert {row.id for row in shown.units_booked} == came, f"{record} has other bookings of units"
        assert all(held.units > 0 for held in shown.holdings), f"{record} shows units below 0"


def _within(row: CashTransaction | SecurityTransaction, shown: Statement) -> bool:
    return shown.period.first <= row.booking_date.astimezone(UTC).date() <= shown.period.last
