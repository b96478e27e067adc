"""A desk from whose account fees are collected."""

from __future__ import annotations

from typing import Any

import orjson

from tests.domain.support.desk import Desk

PERIOD = {"period_start": "2022-12-01", "period_end": "2022-12-31"}


def body(desk: Desk, amount: str = "12.41", **others: Any) -> dict[str, Any]:
    """The body of a request for a collection."""
    return {
        "account_id": desk.account_id,
        "type": "SERVICE_FEE",
        "collection_amount": amount,
        "currency": "EUR",
        **PERIOD,
        **others,
    }


def collect(desk: Desk, amount: str = "12.41", **others: Any) -> Any:
    """Request a collection; the answer."""
    return desk.call("create_fee_collection", body=body(desk, amount, **others))


def shown(desk: Desk, collection: Any) -> dict[str, Any]:
    """The collection as it is now."""
    reply = desk.call("retrieve_fee_collection", {"fee_collection_id": collection.id})
    result: dict[str, Any] = orjson.loads(reply.wire)
    return result


def end(desk: Desk, collection: Any) -> tuple[str, dict[str, str]]:
    """Status and parts of the collection."""
    row = shown(desk, collection)
    return row["status"], row["processed_amount"]


def sells(desk: Desk, collection: Any) -> list[Any]:
    """The sells of the collection, as they are now, in the order of their creation."""
    items = shown(desk, collection).get("sell_to_cover_orders", [])
    return [desk.call("retrieve_order", {"order_id": item["id"]}) for item in items]


def books(desk: Desk) -> tuple[str, str, str]:
    """Balance, available for trading, available for withdrawal."""
    row = desk.cash()
    return row["balance"], row["available_for_trading"], row["available_for_withdrawal"]


OTHER = "IE00B4L5Y983"
CHEAP = "IE00B4L5Y984"
"""Instruments that a test prices itself."""


def hold_two(desk: Desk) -> None:
    """Three units at 10, and one unit at 40: the larger position."""
    desk.instrument(OTHER, "10")
    desk.instrument(CHEAP, "40")
    desk.hold(OTHER, "3")
    desk.hold(CHEAP, "1")
