"""Refusals of savings plans and their executions (payments.md §9)."""

from __future__ import annotations

from typing import Final

from mockserver.kernel.rules import Rule

# Creating a plan (payments.md §9.1), in the order in which it is looked at
PLAN_MEMBER: Final = Rule(
    "savings-plan.member",
    400,
    "(root).{what}_id: {what} {owner_id} is no member of account {id}.",
    "payments.md §9.1, inferred",
)
PLAN_ACCOUNT_STATUS: Final = Rule(
    "savings-plan.account-status",
    400,
    "(root).account_id: {what} {id} is {status}; a savings plan needs one that is ACTIVE.",
    "payments.md §9.1 [D], code inferred",
)
PLAN_USER_STATUS: Final = Rule(
    "savings-plan.user-status",
    400,
    "(root).{what}_id: {what} {id} is {status}; a savings plan needs one who is ACTIVE.",
    "payments.md §2.2 [G], code inferred",
)
PLAN_NOT_CONFIGURED: Final = Rule(
    "savings-plan.not-configured",
    400,
    "(root).account_id: account {id} has no portfolio configuration; a PORTFOLIO savings plan needs one.",
    "payments.md §9.1 [D], code inferred",
)
PLAN_PORTFOLIO_ACCOUNT: Final = Rule(
    "savings-plan.portfolio-account",
    400,
    "(root).account_id: account {id} is of type PORTFOLIO, which takes savings plans of type PORTFOLIO only.",
    "payments.md §9.1 [D], code inferred",
)
PLAN_INSTRUMENT: Final = Rule(
    "savings-plan.instrument",
    400,
    "(root).instrument_id: there is no instrument with the {type} {instrument}.",
    "payments.md §9.1, inferred",
)
PLAN_INSTRUMENT_INACTIVE: Final = Rule(
    "savings-plan.instrument-inactive",
    400,
    "(root).instrument_id: instrument {instrument} is not tradable now.",
    "payments.md §9.1, inferred",
)
PLAN_CURRENCY: Final = Rule(
    "savings-plan.currency",
    400,
    "(root).currency: {what} is in {held}, not in {currency}.",
    "payments.md §9.1, inferred",
)
PLAN_AMOUNT: Final = Rule(
    "savings-plan.amount",
    400,
    "(root).cash_amount: expected 0.01 to 999999999.99 in whole cents, got {amount}.",
    "payments.md §9.1, inferred",
)
PLAN_START: Final = Rule(
    "savings-plan.start",
    400,
    "(root).start_date: {date} lies in the past; today ({today}) or a later date would pass.",
    "payments.md §9.1, inferred",
)

# Ending
PLAN_CANCELLED: Final = Rule(
    "savings-plan.cancelled",
    409,
    "Savings plan {id} is CANCELLED already.",
    "payments.md §9.4 [A], pairing inferred",
)
EXECUTION_NOT_NEW: Final = Rule(
    "savings-plan-execution.not-new",
    409,
    "Savings plan execution {id} is {status}: only one that is NEW can be cancelled.",
    "payments.md §9.3 [A]",
)
