"""What the client will receive or pay for what its customers did, until a file reports it (payments.md §13.3)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final, NamedTuple

from mockserver.domain.corporate_actions.actions import ACTIONS, CorporateAction
from mockserver.domain.corporate_actions.bookings import Booking
from mockserver.domain.fees.collections import FeeCollection
from mockserver.domain.instruments.instruments import INSTRUMENTS
from mockserver.domain.orders.trades import Execution
from mockserver.domain.tax_collections.collections import TaxCollection
from mockserver.kernel.frozen import frozen
from mockserver.kernel.money import ZERO, decimal, minus, plus
from mockserver.kernel.moves import Moved
from mockserver.kernel.record import Record
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.orders import OrderSide
from mockserver.models.reports import TreasuryReportType
from mockserver.models.transactions import CashTransaction

RUN: Final = "run.treasury"
AT: Final = time(9)
"""UTC, of trading days (payments.md §13.3 [E])."""

SETTLED_IN: Final = frozenset({"EUR", "GBP"})
"""payments.md §13.3 [A]; a trade in another currency makes no row (inferred)."""


@frozen(slots=False)
class Settlement(Record):
    """One row of a treasury file that is to come; ``subject`` never changes."""

    id: str
    type: TreasuryReportType
    day: date
    """Of the market, not of UTC."""
    currency: str
    amount: Decimal
    """What the client receives; negative: pays."""
    subject: Any
    sign: int = 1
    """-1 for a correction, which has the opposite signs."""


class Paid(NamedTuple):
    """A booking of a corporate action, with what its row shows of the action and the instrument."""

    id: str
    booking: Booking
    action: CorporateAction
    isin: str


class Adjustment(NamedTuple):
    """A tax that was collected or refunded, by the id of its tax transaction."""

    id: str


SETTLEMENTS: Final[Kind[Settlement]] = Kind("treasury_settlements")


def plan(world: World, after: datetime | None = None) -> None:
    """Make the next run due after an instant (now), unless it is, or has nothing to look at."""
    treasury = world.profile.reports.treasury
    if treasury == "off" or (treasury != "daily" and not len(world.table(SETTLEMENTS))) or world.clock.pending(RUN):
        return
    due = world.calendar.next_time_of_day(after or world.now, AT, UTC, trading_days_only=True)
    world.clock.at(due, RUN, reason="treasury files of the days before", background=True)


def trade_booked(world: World, trade: Execution, moved: Moved) -> None:
    """Each trade, the tax on a sell, and the fee that Upvest took of it."""
    if world.profile.reports.treasury != "off":
        _trade(world, trade, 1)


def trade_revoked(world: World, trade: Execution, moved: Moved) -> None:
    """A mistrade takes all of it back, on its own day (§13.3 [E])."""
    if world.profile.reports.treasury != "off":
        _trade(world, trade, -1)


def fee_taken(world: World, collection: FeeCollection, moved: Moved) -> None:
    """The client receives what was taken of the fee."""
    if world.profile.reports.treasury != "off":
        parts = collection.processed_amount
        taken = plus(decimal(parts.cash_balance or "0"), decimal(parts.sell_to_cover or "0"))
        _note(world, TreasuryReportType.FEE, collection, collection.currency, taken)


def action_paid(world: World, booking: Booking, moved: Moved) -> None:
    """The client receives the cash of a corporate action less the tax on it (§13.3 [E])."""
    if booking.cash and world.profile.reports.treasury != "off":
        paid = Paid(
            id=booking.id,
            booking=booking,
            action=world.table(ACTIONS)[booking.corporate_action_id],
            isin=world.table(INSTRUMENTS)[booking.instrument_id].isin or "",
        )
        net = minus(booking.cash, booking.tax or ZERO)
        _note(world, TreasuryReportType.CORPORATE_ACTION, paid, booking.currency, net)


def tax_taken(world: World, row: TaxCollection, moved: Moved) -> None:
    """The client pays what was collected of a tax apart from trades (§13.3, that it is this file inferred)."""
    if world.profile.reports.treasury != "off":
        parts = row.processed_amount
        taken = plus(decimal(parts.cash_balance.amount), decimal(parts.sell_to_cover.amount))
        adjustment = Adjustment(row.id)
        _note(world, TreasuryReportType.TAX_ADJUSTMENT_PAYABLE, adjustment, row.currency, taken.copy_negate())


def tax_refunded(world: World, row: CashTransaction) -> None:
    """The client receives a tax that comes back (§13.3, that it is this file inferred)."""
    if world.profile.reports.treasury != "off":
        adjustment = Adjustment(row.references[0].id)
        amount = decimal(row.delta.amount)
        _note(world, TreasuryReportType.TAX_ADJUSTMENT_RECEIVABLE, adjustment, row.delta.currency, amount)


def _trade(world: World, trade: Execution, sign: int) -> None:
    amount = Decimal(trade.cash_amount)
    buys = trade.side == OrderSide.BUY
    # The transaction tax of a buy is settled with it, that of a sell by the file of taxes (§13.3 [E, I]).
    settled = plus(amount, trade.tax).copy_negate() if buys else amount
    model = world.profile.payments.cash_model  # with `any` both are made (§13.3, inferred)
    if model != "prefunded":
        _note(world, TreasuryReportType.TRADING, trade, trade.currency, settled, sign)
    if not buys and trade.tax:
        _note(world, TreasuryReportType.TAX, trade, trade.currency, trade.tax.copy_negate(), sign)
    if trade.fee and model != "post_trade":
        _note(world, TreasuryReportType.TRANSACTION_FEE, trade, trade.currency, trade.fee, sign)


def _note(world: World, type_: TreasuryReportType, subject: Any, currency: str, amount: Decimal, sign: int = 1) -> None:
    if currency not in SETTLED_IN:
        return
    row = Settlement(
        id=f"{type_}/{subject.id}/{sign}",  # no number of the world's: one is made for each trade
        type=type_,
        day=world.calendar.day_of(world.now),
        currency=currency,
        amount=amount if sign > 0 else amount.copy_negate(),
        subject=subject,
        sign=sign,
    )
    table = world.table(SETTLEMENTS)
    first = not len(table)
    table.put(row)
    if first:
        plan(world)
