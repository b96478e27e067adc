"""Refusals of payments, by family (payments.md §2 to §8, trading.md §16)."""

from __future__ import annotations

from typing import Final

from mockserver.kernel.rules import Rule

# Common to all that move money (payments.md §2.2), in the order in which they are looked at
NOT_A_MEMBER: Final = Rule(
    "payment.member",
    400,
    "(root).user_id: user {user_id} is no member of account group {group_id}.",
    "payments.md §2.2, inferred",
)
OF_ANOTHER_HOLDER: Final = Rule(
    "payment.another-holder",
    400,
    "The {what} {id} is of user {user_id}, who is no member of account group {group_id}; one of its own members "
    "would pass.",
    "payments.md §2.2, inferred",
)
GROUP_STATUS: Final = Rule(
    "payment.group-status",
    400,
    "Account group {id} is {status}: money {direction} needs one that is {needed}.",
    "payments.md §2.2 [G], code inferred",
)
HOLDER_STATUS: Final = Rule(
    "payment.holder-status",
    400,
    "User {id} is {status}: money {direction} needs a user who is {needed}.",
    "payments.md §2.2 [G], code inferred",
)
CURRENCY_NOT_HELD: Final = Rule(
    "payment.currency",
    400,
    "(root).currency: account group {id} is of type {type} and holds {held}, not {currency}.",
    "payments.md §2.2, inferred",
)
AMOUNT_NOT_POSITIVE: Final = Rule(
    "payment.amount", 400, "(root).{member}: must be more than 0, got {amount}.", "payments.md §2.2, inferred"
)

# Reference accounts

# Mandates

# Direct debits

# Top-ups

# Credit fundings and incoming transfers (trading.md §16)
TESTS_IN_LIVE: Final = Rule(
    "tests.live",
    403,
    "The tests endpoints are for the sandbox only; this world plays live (profile setting behaviour.tests_endpoints).",
    "trading.md §16, inferred",
)
TRANSFER_OF_NOTHING: Final = Rule(
    "tests.amount-zero", 400, "(root).amount: must be more than 0.", "payments.md §2.2, inferred"
)

# Virtual bank accounts

# Withdrawals

# Virtual cash

# Cash balance transfers
