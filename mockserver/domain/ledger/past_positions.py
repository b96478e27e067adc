"""How many units a position had at an earlier instant, read off the securities transactions since."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from mockserver.domain.ledger.positions import Position
from mockserver.domain.ledger.transactions import SECURITY_TRANSACTIONS
from mockserver.kernel.money import decimal, minus, stripped, total
from mockserver.kernel.world import World


def quantity_at(world: World, held: Position, at: datetime) -> Decimal:
    """The units of a position at an instant, now or earlier: trades, transfers and splits since are taken back."""
    since = (
        decimal(row.delta.amount)
        for row in world.table(SECURITY_TRANSACTIONS).by("account", held.account_id)
        if row.instrument.uuid == held.instrument_id and row.created_at >= at
    )
    return stripped(minus(held.quantity, total(since)))
