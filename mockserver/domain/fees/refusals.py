"""Refusals of fee configurations (payments.md §10.5)."""

from __future__ import annotations

from typing import Final

from mockserver.kernel.rules import Rule

# Fee configurations, looked at in the order 404, 400, 409 (payments.md §10.5, inferred)
CONFIGURED_ACCOUNT_CLOSED: Final = Rule(
    "fee-configuration.account-closed",
    400,
    "(root).account_id: account {id} is CLOSED and accrues no fees; an account that is not closed would pass.",
    "payments.md §10.5, inferred",
)
CONFIGURED_ALREADY: Final = Rule(
    "fee-configuration.exists",
    409,
    "Account {id} has a fee configuration already; change its fee model with PATCH /fees/configurations/{id}.",
    "payments.md §10.5 [A], code inferred",
)
