"""Cash and securities transactions: what an execution books (trading.md §15)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Any

from mockserver.domain.accounts import account, group
from mockserver.domain.instruments import Instrument
from mockserver.domain.prices import midnight
from mockserver.domain.refusals.lists import DATES_REVERSED
from mockserver.kernel.events import emit
from mockserver.kernel.money import wire_amount, wire_number
from mockserver.kernel.operations import Call, Listing, operation
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.common import Currency
from mockserver.models.transactions import (
    CashTransaction,
    CashTransactionDelta,
    CashTransactionReference,
    CashTransactionTax,
    CashTransactionTaxesDetails,
    CashTransactionTaxTotal,
    SecurityTransaction,
    SecurityTransactionDelta,
    SecurityTransactionReference,
    TransactionInstrument,
)

CASH_TRANSACTIONS: Kind[CashTransaction] = Kind("cash_transactions", indexes={"group": attrgetter("account_group_id")})
SECURITY_TRANSACTIONS: Kind[SecurityTransaction] = Kind(
    "security_transactions",
    indexes={"group": attrgetter("account_group_id"), "account": attrgetter("account_id")},
)


def book_cash(
    world: World,
    *,
    group_id: str,
    account_id: str,
    instrument: Instrument,
    amount: Decimal,
    tax: Decimal,
    currency: str,
    order_id: str,
    execution_id: str,
    value_date: date,
) -> CashTransaction:
    """The cash side of an execution, net of tax; a buy is negative. Booking day is today (trading.md §15)."""
    unit = Currency(currency)
    row = CashTransaction(
        id=world.ids.new("cash_transaction"),
        created_at=world.now,
        updated_at=world.now,
        account_group_id=group_id,
        account_id=account_id,
        booking_date=midnight(world.now.date()),
        value_date=midnight(value_date),
        delta=CashTransactionDelta(amount=wire_amount(amount), currency=unit),
        instrument=TransactionInstrument(uuid=instrument.id, isin=instrument.isin),
        taxes=(CashTransactionTax(amount=wire_amount(tax), currency=unit, type="TOTAL"),) if tax else (),
        taxes_details=CashTransactionTaxesDetails(
            total_amount=CashTransactionTaxTotal(amount=f"{tax:.2f}", currency=unit), tax_breakdown=()
        ),
        references=(
            CashTransactionReference.model_validate({"id": execution_id, "type": "ORDER_EXECUTION"}),
            CashTransactionReference.model_validate({"id": order_id, "type": "ORDER"}),
        ),
        type="ORDER_EXECUTION",
    )
    world.table(CASH_TRANSACTIONS).put(row)
    emit(world, "CASH_TRANSACTION.EXECUTED", row)
    return row


def book_units(
    world: World,
    *,
    group_id: str,
    account_id: str,
    instrument: Instrument,
    quantity: Decimal,
    order_id: str,
    execution_id: str,
    value_date: date,
) -> SecurityTransaction:
    """The securities side of an execution; a buy is positive (trading.md §15, sign inferred)."""
    row = SecurityTransaction(
        id=world.ids.new("security_transaction"),
        created_at=world.now,
        updated_at=world.now,
        account_group_id=group_id,
        account_id=account_id,
        booking_date=midnight(world.now.date()),
        value_date=midnight(value_date),
        delta=SecurityTransactionDelta(amount=wire_number(quantity)),
        instrument=TransactionInstrument(uuid=instrument.id, isin=instrument.isin),
        references=(
            SecurityTransactionReference.model_validate({"id": execution_id, "type": "ORDER_EXECUTION"}),
            SecurityTransactionReference.model_validate({"id": order_id, "type": "ORDER"}),
        ),
        type="ORDER_EXECUTION",
    )
    world.table(SECURITY_TRANSACTIONS).put(row)
    emit(world, "SECURITY_TRANSACTION.EXECUTED", row)
    return row


@operation("list_cash_transactions")
def list_cash_transactions(world: World, call: Call[None]) -> Listing:
    table = world.table(CASH_TRANSACTIONS)
    group_id = call.query.get("account_group_id")
    return _booked(table.by("group", group(world, group_id).id) if group_id else table, call)


@operation("list_securities_transactions")
def list_securities_transactions(world: World, call: Call[None]) -> Listing:
    table = world.table(SECURITY_TRANSACTIONS)
    group_id, account_id = call.query.get("account_group_id"), call.query.get("account_id")
    rows: Iterable[SecurityTransaction] = table
    if account_id:
        rows = table.by("account", account(world, account_id).id)
        rows = [row for row in rows if group_id in (None, row.account_group_id)]
    elif group_id:
        rows = table.by("group", group(world, group_id).id)
    return _booked(rows, call)


def _booked(rows: Iterable[Any], call: Call[None]) -> Listing:
    """Filtered by inclusive UTC days of the booking date."""
    start, end = call.query.get("start_date"), call.query.get("end_date")
    if start and end and start > end:
        raise DATES_REVERSED.refuse(start=start, end=end)
    kept = [
        row
        for row in rows
        if (start is None or row.booking_date.date() >= start) and (end is None or row.booking_date.date() <= end)
    ]
    return Listing(sorted(kept, key=attrgetter("booking_date", "id")), "booking_date")
