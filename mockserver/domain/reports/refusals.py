"""Refusals of reports and files (payments.md §13)."""

from __future__ import annotations

from typing import Final

from mockserver.kernel.rules import Rule

# Ex-ante costs, looked at in the order 404, 400
NO_OWNER: Final = Rule(
    "report.owner",
    400,
    "(root).order.{member}: {id} does not own account {account_id}; an owner of it would pass.",
    "payments.md §13.2, inferred",
)
NO_AMOUNT: Final = Rule(
    "report.amount",
    400,
    "(root).order: expected either cash_amount or quantity, more than 0, got {given}.",
    "payments.md §13.2, inferred",
)
NO_PRICE: Final = Rule(
    "report.price",
    400,
    "(root).order.quantity: instrument {isin} has no price, so its costs are unknown; cash_amount would pass.",
    "payments.md §13.2, inferred",
)
INTERVAL: Final = Rule(
    "report.interval", 400, "(root).order.interval: must be at least 1, got {interval}.", "payments.md §13.2, inferred"
)

# Reading
NO_PDF: Final = Rule(
    "report.no-pdf",
    406,
    "Report {id} is of the type {type}, which there is as application/json only.",
    "payments.md §13.1 [A, I]",
)
