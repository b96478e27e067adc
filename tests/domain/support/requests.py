"""Requests for single orders as a client of the API sends them, short."""

from __future__ import annotations

from typing import Any

from mockserver.domain.orders.orders import ORDERS, Order
from tests.domain.support.desk import AT_85, Desk


def order_request(desk: Desk, **members: Any) -> dict[str, Any]:
    """The body of ``POST /orders``: a BUY at 85.22, with ``members`` in it; ``None`` leaves a member out."""
    body = {
        "user_id": desk.user_id,
        "account_id": desk.account_id,
        "side": "BUY",
        "instrument_id": AT_85,
        "instrument_id_type": "ISIN",
        **members,
    }
    return {name: value for name, value in body.items() if value is not None}


def ordered(desk: Desk, **members: Any) -> Order:
    """Place such an order; the answer."""
    placed: Order = desk.call("place_order", body=order_request(desk, **members))
    return placed


def now(desk: Desk, order: Order) -> Order:
    """The order as it is now."""
    return desk.world.table(ORDERS)[order.id]


def limit(desk: Desk, side: str, price: str, isin: str, quantity: str = "1", **members: Any) -> Order:
    """A LIMIT order by units."""
    sized = {"side": side, "instrument_id": isin, "quantity": quantity, "order_type": "LIMIT", "limit_price": price}
    return ordered(desk, **{**sized, **members})


def stop(desk: Desk, side: str, price: str, isin: str, quantity: str = "1", **members: Any) -> Order:
    """A STOP order by units."""
    sized = {"side": side, "instrument_id": isin, "quantity": quantity, "order_type": "STOP", "stop_price": price}
    return ordered(desk, **{**sized, **members})


def waits_for(desk: Desk, order: Order) -> str:
    """Why the order waits."""
    held = desk.world.holds.get("orders", order.id)
    assert held is not None
    return held.reason
