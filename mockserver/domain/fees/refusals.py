"""Refusals of fee collections and fee configurations (payments.md §10.1, §10.5)."""

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

# Fee collections
COLLECTION_ACCOUNT_STATUS: Final = Rule(
    "fee-collection.account-status",
    400,
    "(root).account_id: account {id} is {status}; fees are collected from one that is ACTIVE, LOCKED or CLOSING.",
    "payments.md §10.1 [D]",
)
COLLECTION_GROUP_CLOSED: Final = Rule(
    "fee-collection.group-closed",
    400,
    "(root).account_id: account group {group_id} of account {id} is CLOSED; nothing can be collected from it.",
    "payments.md §18, inferred",
)
COLLECTION_CURRENCY: Final = Rule(
    "fee-collection.currency",
    400,
    "(root).currency: the cash of account {id} is in {held}, not in {currency}.",
    "payments.md §10.1, inferred",
)
COLLECTION_AMOUNT: Final = Rule(
    "fee-collection.amount",
    400,
    "(root).collection_amount: must be more than 0, got {amount}.",
    "payments.md §10.1, inferred",
)
COLLECTION_PERIOD: Final = Rule(
    "fee-collection.period",
    400,
    "(root).period_end: {end} is before period_start, {start}.",
    "payments.md §10.1, inferred",
)
