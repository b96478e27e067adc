"""Tax exemptions at a desk whose user is taxed in Germany."""

from __future__ import annotations

from typing import Any

import orjson

from tests.domain.support.desk import Desk

RATES = {"taxes": {"sells": "0.25"}}
"""A quarter of what a sell brings."""


def settle_in_germany(desk: Desk, *user_ids: str) -> None:
    """Give the users (without: the desk's own) a German tax residency with a number, ACTIVE at once."""
    residency = {"country": "DE", "tax_identifier_number": "86095742719"}
    for user_id in user_ids or (desk.user_id,):
        desk.call("set_tax_residencies", {"user_id": user_id}, body={"tax_residencies": [residency]})


def wanted(desk: Desk, amount: str = "1000", **others: Any) -> dict[str, Any]:
    """The body of a request; ``type``, ``currency`` and every member of the body may be another."""
    type_, currency = others.pop("type", "SINGLE"), others.pop("currency", "EUR")
    details: dict[str, Any] = {"tax_exemption_amount": {"amount": amount, "currency": currency}}
    if type_ is not None:
        details["tax_exemption_type"] = type_
    return {"user_ids": [desk.user_id], "tax_exemption_details": details, "country": "DE", **others}


def ordered(desk: Desk, amount: str = "1000", **others: Any) -> Any:
    """Order an exemption; the answer."""
    return desk.call("create_tax_exemption", body=wanted(desk, amount, **others))


def active(desk: Desk, amount: str = "1000", **others: Any) -> str:
    """An exemption that is ACTIVE, of users who are taxed in Germany; its id. A second passes."""
    settle_in_germany(desk, *others.get("user_ids", ()))
    row = ordered(desk, amount, **others)
    desk.advance()
    assert shown(desk, row.id)["status"] == "ACTIVE"
    return str(row.id)


def replace(desk: Desk, identity: str, amount: str, **others: Any) -> Any:
    """Replace an exemption by PUT; the answer."""
    body = wanted(desk, amount, **others)
    return desk.call("update_tax_exemption", {"tax_exemption_id": identity}, body=body)


def delete(desk: Desk, identity: str) -> None:
    desk.call("delete_tax_exemption", {"tax_exemption_id": identity})


def shown(desk: Desk, identity: str) -> dict[str, Any]:
    """The exemption as GET shows it."""
    reply = desk.call("retrieve_tax_exemption_by_id", {"tax_exemption_id": identity})
    row: dict[str, Any] = orjson.loads(reply.wire)
    return row


def amounts(row: dict[str, Any]) -> tuple[str, str, str]:
    """The exemption, what of it is used, and what remains."""
    details = row["tax_exemption_details"]
    names = ("tax_exemption_amount", "utilized_amount", "remaining_amount")
    amount, used, remaining = (details[name]["amount"] for name in names)
    return amount, used, remaining
