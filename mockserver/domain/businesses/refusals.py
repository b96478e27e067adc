"""Refusals of businesses (payments.md §14.1, §14.2)."""

from __future__ import annotations

from typing import Final

from mockserver.kernel.rules import Rule

BUSINESS_LEAVES: Final = Rule(
    "business.offboarding",
    400,
    "Business {id} is {status}: nothing new can be opened or requested for it.",
    "payments.md §14.1, inferred",
)
BUSINESS_DEACTIVATED: Final = Rule(
    "business.deactivated",
    400,
    "Business {id} was deactivated and takes no new account group; it needs to be ACTIVE again.",
    "payments.md §14.1, inferred",
)
