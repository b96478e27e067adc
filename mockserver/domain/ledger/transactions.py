"""Cash and securities transactions: what executions and incoming payments book, and the lists (trading.md §15, §17)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import UTC, date
from decimal import Decimal
from operator import attrgetter
from typing import Any, Final

from mockserver.domain.accounts.accounts import account, group
from mockserver.domain.instruments.instruments import Instrument
from mockserver.domain.instruments.prices import midnight
from mockserver.domain.refusals import DATES_REVERSED
from mockserver.domain.users.tax_residencies import GERMANY
from mockserver.kernel.events import emit
from mockserver.kernel.money import ZERO, decimal, total, wire_amount, wire_number
from mockserver.kernel.operations import Call, Listing, operation
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.common import Currency, FeeChargeMethod
from mockserver.models.orders import OrderSide
from mockserver.models.transactions import (
    CashTransaction,
    CashTransactionDelta,
    CashTransactionFee,
    CashTransactionReference,
    CashTransactionTax,
    CashTransactionTaxBreakdown,
    CashTransactionTaxesDetails,
    CashTransactionTaxTotal,
    CashTransactionTaxType,
    CashTransactionType,
    SecurityTransaction,
    SecurityTransactionDelta,
    SecurityTransactionReference,
    SecurityTransactionType,
    TransactionInstrument,
)

References = Sequence[tuple[str, str]]
"""Ids of what a transaction belongs to, each with its type; the nearest first."""

BY_DAY: Final = ("booking_date", "id")
"""The order of lists."""

CASH_TRANSACTIONS: Kind[CashTransaction] = Kind("cash_transactions", indexes={"group": attrgetter("account_group_id")})
SECURITY_TRANSACTIONS: Kind[SecurityTransaction] = Kind(
    "security_transactions",
    indexes={"group": attrgetter("account_group_id"), "account": attrgetter("account_id")},
)


def book_trade(
    world: World,
    *,
    side: OrderSide,
    group_id: str,
    account_id: str,
    instrument: Instrument,
    net: Decimal,
    tax: Decimal,
    fee: Decimal,
    currency: str,
    quantity: Decimal,
    order_id: str,
    execution_id: str,
    value_date: date,
    taken_back: bool = False,
) -> None:
    """One cash transaction, net of tax and collected fee, and one of securities: a buy takes cash and brings units.

    ``taken_back``: what is booked for a mistrade, with the same references and every sign turned (trading.md §15 [X];
    that of tax and fee, too: inferred).
    """
    type_ = "ORDER_EXECUTION_CANCELLATION" if taken_back else "ORDER_EXECUTION"
    references = ((execution_id, "ORDER_EXECUTION"), (order_id, "ORDER"))
    buys = (side == OrderSide.BUY) is not taken_back
    charged_tax, charged_fee = (tax.copy_negate(), fee.copy_negate()) if taken_back else (tax, fee)
    book_cash(
        world,
        type_=type_,
        group_id=group_id,
        amount=net.copy_negate() if buys else net,
        currency=currency,
        references=references,
        value_date=value_date,
        account_id=account_id,
        instrument=instrument,
        taxes=(_tax_row(instrument, side, charged_tax, currency),) if tax else (),
        fee=charged_fee,
    )
    book_units(
        world,
        type_=type_,
        group_id=group_id,
        account_id=account_id,
        instrument=instrument,
        quantity=quantity if buys else quantity.copy_negate(),
        references=references,
        value_date=value_date,
    )


def book_cash(
    world: World,
    *,
    type_: str,
    group_id: str,
    amount: Decimal,
    currency: str,
    references: References,
    value_date: date,
    account_id: str | None = None,
    instrument: Instrument | None = None,
    taxes: tuple[CashTransactionTaxBreakdown, ...] = (),
    fee: Decimal = ZERO,
) -> CashTransaction:
    """Cash that came (negative: went), after taxes and the fee that Upvest collected. Booking day is today.

    ``fees`` is there only if there is one; account and instrument only where the cash has to do with them (§15).
    """
    unit = Currency(currency)
    tax = total(decimal(row.amount) for row in taxes)
    optional: dict[str, Any] = {}
    if account_id is not None:
        optional["account_id"] = account_id
    if instrument is not None:
        optional["instrument"] = TransactionInstrument(uuid=instrument.id, isin=instrument.isin)
    if fee:
        optional["fees"] = (
            CashTransactionFee(
                amount=wire_amount(fee),
                currency=unit,
                type="TOTAL",
                charge_method=FeeChargeMethod.COLLECTED_BY_UPVEST,
            ),
        )
    row = CashTransaction(
        id=world.ids.new("cash_transaction"),
        created_at=world.now,
        updated_at=world.now,
        account_group_id=group_id,
        booking_date=midnight(world.now.date()),
        value_date=midnight(value_date),
        delta=CashTransactionDelta(amount=wire_amount(amount), currency=unit),
        taxes=(CashTransactionTax(amount=wire_amount(tax), currency=unit, type="TOTAL"),) if tax else (),
        taxes_details=CashTransactionTaxesDetails(
            total_amount=CashTransactionTaxTotal(amount=f"{tax:.2f}", currency=unit), tax_breakdown=taxes
        ),
        references=tuple(
            CashTransactionReference.model_validate({"id": identity, "type": kind}) for identity, kind in references
        ),
        type=CashTransactionType(type_),
        **optional,
    )
    world.table(CASH_TRANSACTIONS).put(row)
    emit(world, "CASH_TRANSACTION.EXECUTED", row)
    return row


def book_units(
    world: World,
    *,
    type_: str,
    group_id: str,
    account_id: str,
    instrument: Instrument,
    quantity: Decimal,
    references: References,
    value_date: date,
) -> SecurityTransaction:
    """Units that came (negative: went). Booking day is today (trading.md §15, sign inferred)."""
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
        references=tuple(
            SecurityTransactionReference.model_validate({"id": identity, "type": kind}) for identity, kind in references
        ),
        type=SecurityTransactionType(type_),
    )
    world.table(SECURITY_TRANSACTIONS).put(row)
    emit(world, "SECURITY_TRANSACTION.EXECUTED", row)
    return row


@operation("list_cash_transactions")
def list_cash_transactions(world: World, call: Call[None]) -> Listing:
    table = world.table(CASH_TRANSACTIONS)
    group_id = call.query.get("account_group_id")
    if group_id:
        return _booked(table.sorted_under("group", group(world, group_id).id, *BY_DAY), call)
    return _booked(table.sorted_by(*BY_DAY), call)


@operation("list_securities_transactions")
def list_securities_transactions(world: World, call: Call[None]) -> Listing:
    table = world.table(SECURITY_TRANSACTIONS)
    group_id, account_id = call.query.get("account_group_id"), call.query.get("account_id")
    if account_id:
        rows = table.sorted_under("account", account(world, account_id).id, *BY_DAY)
        if group_id is not None:
            rows = [row for row in rows if row.account_group_id == group_id]
    elif group_id:
        rows = table.sorted_under("group", group(world, group_id).id, *BY_DAY)
    else:
        rows = table.sorted_by(*BY_DAY)
    return _booked(rows, call)


def _booked(rows: Sequence[Any], call: Call[None]) -> Listing:
    """Cut to inclusive UTC days of the booking date, by which the rows are ordered."""
    start, end = call.query.get("start_date"), call.query.get("end_date")
    if start and end and start > end:
        raise DATES_REVERSED.refuse(start=start, end=end)
    first = 0 if start is None else bisect_left(rows, start, key=_day)
    last = len(rows) if end is None else bisect_right(rows, end, key=_day)
    return Listing(rows if start is end is None else rows[first:last], "booking_date")


def _day(row: CashTransaction | SecurityTransaction) -> date:
    return row.booking_date.astimezone(UTC).date()


def _tax_row(instrument: Instrument, side: OrderSide, tax: Decimal, currency: str) -> CashTransactionTaxBreakdown:
    """What kind of tax it is, as a cash transaction says (trading.md §10.5; read off its two examples).

    On a sell German tax on capital gains, on a buy a transaction tax of the country in the ISIN.
    """
    if side == OrderSide.SELL:
        return german_tax(tax, currency)
    return CashTransactionTaxBreakdown(
        amount=wire_amount(tax),
        currency=Currency(currency),
        type=CashTransactionTaxType.FINANCIAL_TRANSACTION_TAX,
        taxing_jurisdiction=(instrument.isin or "")[:2],
    )


def german_tax(tax: Decimal, currency: str) -> CashTransactionTaxBreakdown:
    """What is withheld of a sell or a dividend: tax on capital gains (trading.md §10.5; of dividends inferred)."""
    return CashTransactionTaxBreakdown(
        amount=wire_amount(tax),
        currency=Currency(currency),
        type=CashTransactionTaxType.CAPITAL_GAINS,
        taxing_jurisdiction=GERMANY,
    )
