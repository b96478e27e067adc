"""How orders end and what they tell on the way: the documented sequences (trading.md §11), and short readings."""

from __future__ import annotations

from typing import Any

import orjson

from tests.domain.support.desk import Desk

PLACED = ["ORDER.NEW", "CASH_BALANCE.UPDATED"]
BOUGHT = [
    "EXECUTION.FILLED",
    "CASH_BALANCE.UPDATED",
    "POSITION.UPDATED",
    "CASH_TRANSACTION.EXECUTED",
    "SECURITY_TRANSACTION.EXECUTED",
    "ORDER.FILLED",
]
SOLD = [
    "EXECUTION.FILLED",
    "POSITION.UPDATED",
    "CASH_BALANCE.UPDATED",
    "CASH_TRANSACTION.EXECUTED",
    "SECURITY_TRANSACTION.EXECUTED",
    "ORDER.FILLED",
]
BUY_SETTLED = ["EXECUTION.SETTLED", "POSITION.UPDATED"]


def statuses(desk: Desk, order_id: str) -> tuple[str, list[str]]:
    """The status of a portfolio order and those of the single orders that it shows."""
    order = desk.portfolio_order(order_id)
    return str(order.status), [str(item.status) for item in order.orders]


def amounts(desk: Desk, order_id: str) -> list[tuple[str, str]]:
    """Instrument and amount of the single orders of a portfolio order."""
    return [(order.instrument_id, order.cash_amount) for order in desk.single_orders(order_id)]


def reason(desk: Desk, order_id: str) -> tuple[str, str]:
    """Reason and details of a cancelled portfolio order."""
    order = desk.portfolio_order(order_id)
    assert order.status == "CANCELLED"
    return str(order.cancellation_reason), order.cancellation_details


def refused(desk: Desk, order_id: str) -> tuple[str, str]:
    """The same of one that was cancelled before it had single orders, and was told so."""
    order = desk.portfolio_order(order_id)
    assert order.orders == ()
    assert desk.told("PORTFOLIO_ORDER.CANCELLED")[-1] == orjson.loads(order.wire)
    return reason(desk, order_id)


def order_of(desk: Desk, order_id: str) -> Any:
    """A single order as it is now."""
    return desk.call("retrieve_order", {"order_id": order_id})


def status(desk: Desk, order_id: str) -> str:
    return str(order_of(desk, order_id).status)


def executed(desk: Desk, order_id: str) -> list[str]:
    """The amounts of the executions of a single order."""
    return [each.cash_amount for each in order_of(desk, order_id).executions]
