"""What the client will receive or pay for the trades and fees of its customers, until a file reports it (§13.3)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final

from mockserver.domain.fees.collections import FeeCollection
from mockserver.domain.orders.trades import Execution
from mockserver.kernel.frozen import frozen
from mockserver.kernel.money import decimal, plus
from mockserver.kernel.moves import Moved
from mockserver.kernel.record import Record
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.orders import OrderSide
from mockserver.models.reports import TreasuryReportType

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


SETTLEMENTS: Final[Kind[Settlement]] = Kind("treasury_settlements")


def trade_booked(world: World, trade: Execution, moved: Moved) -> None:
    """Every trade, the tax on a sell, and the fee that Upvest took of it where the client pays in advance."""
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


def _trade(world: World, trade: Execution, sign: int) -> None:
    amount = decimal(trade.cash_amount)
    buys = trade.side == OrderSide.BUY
    # The transaction tax of a buy is settled with it, that of a sell by the file of taxes (§13.3 [E, I]).
    settled = plus(amount, trade.tax).copy_negate() if buys else amount
    _note(world, TreasuryReportType.TRADING, trade, trade.currency, settled, sign)
    if trade.tax and not buys:
        _note(world, TreasuryReportType.TAX, trade, trade.currency, trade.tax.copy_negate(), sign)
    if trade.fee and world.profile.payments.cash_model == "prefunded":
        _note(world, TreasuryReportType.TRANSACTION_FEE, trade, trade.currency, trade.fee, sign)


def _note(world: World, type_: TreasuryReportType, subject: Any, currency: str, amount: Decimal, sign: int = 1) -> None:
    if currency not in SETTLED_IN:
        return
    row = Settlement(
        id=world.ids.new("treasury_settlement"),
        type=type_,
        day=world.calendar.day_of(world.now),
        currency=currency,
        amount=amount if sign > 0 else amount.copy_negate(),
        subject=subject,
        sign=sign,
    )
    world.table(SETTLEMENTS).put(row)
