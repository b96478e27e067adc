"""R, the cash that is promised away: made anew from the payments that promise it (payments.md §18, laws 1 and 2)."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

import orjson

from mockserver.domain.ledger.cash import CASH
from mockserver.domain.payments.cash_transfers import CASH_TRANSFERS
from mockserver.domain.payments.withdrawals import WITHDRAWALS
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World

PROMISES: tuple[tuple[Kind[Any], str, frozenset[str]], ...] = (
    (WITHDRAWALS, "account_group_id", frozenset({"NEW", "PROCESSING"})),
    (CASH_TRANSFERS, "source_account_group_id", frozenset({"ISSUED"})),
)
"""Which payments promise cash, of which account group, and in which states; those that are ``funded``."""


def check_promises(world: World) -> None:
    """What is reserved is what is promised, and is neither for trading nor for withdrawal."""
    promised: dict[str, Decimal] = defaultdict(Decimal)
    for kind, member, states in PROMISES:
        for row in world.table(kind):
            if row.funded and row.status in states:
                promised[f"{getattr(row, member)}/{row.currency}"] += Decimal(row.amount)
    for books in world.table(CASH):
        assert books.reserved == promised[books.id], f"{books} reserves what nobody was promised: {promised[books.id]}"
        shown = orjson.loads(books.wire)
        names = (
            "balance",
            "locked_for_trading",
            "pending_settlement",
            "available_for_trading",
            "available_for_withdrawal",
        )
        b, locked, unsettled, t, w = (Decimal(shown[name]) for name in names)
        assert (t, w) == (b - locked - books.reserved, b - locked - books.reserved - unsettled), shown
