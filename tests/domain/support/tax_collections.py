"""Taxes that are collected from the group of a desk."""

from __future__ import annotations

from typing import Any

import orjson

from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS
from mockserver.domain.instruments.instruments import by_isin
from mockserver.domain.orders.orders import ORDERS, Order
from mockserver.domain.tax_collections.collections import TAX_COLLECTIONS, TaxCollection, collect
from mockserver.kernel.money import decimal
from tests.domain.support.desk import Desk


def owed(desk: Desk, amount: str, isin: str | None = None) -> TaxCollection:
    """Collect a tax, for an instrument or not."""
    desk.world.undo.clear()
    group = desk.world.table(ACCOUNT_GROUPS)[desk.group_id]
    instrument = None if isin is None else by_isin(desk.world, isin)
    return collect(desk.world, group, decimal(amount), instrument=instrument)


def end(desk: Desk, row: TaxCollection) -> tuple[str, str, str]:
    """Status, what the cash gave, and what sells brought."""
    now: dict[str, Any] = orjson.loads(desk.world.table(TAX_COLLECTIONS)[row.id].wire)
    parts = now["processed_amount"]
    return now["status"], parts["cash_balance"]["amount"], parts["sell_to_cover"]["amount"]


def sells(desk: Desk, row: TaxCollection) -> list[Order]:
    return desk.world.table(ORDERS).by("parent", row.id)
