"""What tests of payments ask for: bank details, collections, and what the client sees of them."""

from __future__ import annotations

from typing import Any

import orjson

from tests.domain.support.desk import Desk

IBAN = "DE02100500000054540402"
"""The published example of a reference account (contract of reference accounts)."""
CONFIRMED_AT = "2023-01-09T14:15:22Z"
"""The day before the morning of the desk."""


def ending_in(end: str) -> str:
    """An IBAN with these last four characters; its check digits are wrong, which nobody minds (payments.md §2.1)."""
    return f"DE0210050000005454{end}"


def details(desk: Desk, **others: Any) -> dict[str, Any]:
    """Bank details of the user of the desk; ``None`` leaves a member out."""
    body = {"user_id": desk.user_id, "iban": IBAN, "bic": "BELADEBE", "confirmed_at": CONFIRMED_AT, **others}
    return {name: value for name, value in body.items() if value is not None}


def reference_account(desk: Desk, **others: Any) -> Any:
    """Register an account to withdraw to; the answer."""
    return desk.call("create_reference_account", body=details(desk, **{"account_owner": "Erika", **others}))


def mandate(desk: Desk, **others: Any) -> Any:
    """Register a mandate; the answer."""
    return desk.call("create_mandate", body=details(desk, **others))


def collection(desk: Desk, mandate_id: str, **others: Any) -> dict[str, Any]:
    """The body of a direct debit of 200 EUR; ``None`` leaves a member out."""
    body = {"account_group_id": desk.group_id, "mandate_id": mandate_id, "cash_amount": "200.00", **others}
    return {name: value for name, value in body.items() if value is not None}


def collect(desk: Desk, end: str = "0402", **others: Any) -> Any:
    """A direct debit from an IBAN with these last four characters; the answer."""
    given = mandate(desk, iban=ending_in(end))
    return desk.call("create_direct_debit", body=collection(desk, given.id, **others))


def debit(desk: Desk, identity: str) -> dict[str, Any]:
    """A direct debit as the client sees it."""
    found: dict[str, Any] = orjson.loads(desk.call("retrieve_direct_debit", {"direct_debit_id": identity}).wire)
    return found


def booked(desk: Desk) -> list[tuple[str, str]]:
    """The cash transactions: type and amount, by creation."""
    rows = sorted(desk.rows("list_cash_transactions"), key=lambda row: row.created_at)
    return [(row.type, row.delta.amount) for row in rows]


def triple(desk: Desk) -> tuple[str, str, str]:
    """B, T and W of the group of the desk."""
    cash = desk.cash()
    return cash["balance"], cash["available_for_trading"], cash["available_for_withdrawal"]
