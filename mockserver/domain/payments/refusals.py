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
    "{holder} is {status}: money {direction} needs a {what} who is {needed}.",
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
HOLDER_GONE: Final = Rule(
    "reference-account.holder",
    400,
    "User {id} is OFFBOARDED: nothing can be paid out to them any more.",
    "payments.md §2.2, inferred",
)
CONFIRMED_IN_FUTURE: Final = Rule(
    "bank-details.confirmed-at",
    400,
    "(root).confirmed_at: {at} has not come yet, it is {now} here (profile setting refusals.future_confirmations).",
    "payments.md §3.1, inferred",
)
LAST_REFERENCE_ACCOUNT: Final = Rule(
    "reference-account.last",
    403,
    "Reference account {id} is the only one of {holder}, who needs one; create the new one first, then delete it.",
    "payments.md §3.1 [G], code inferred",
)

# Mandates

# Direct debits

# Top-ups
TOP_UPS_OFF: Final = Rule(
    "topup.off",
    403,
    "Top-ups are switched off for this client (profile setting payments.topups).",
    "payments.md §16.2 [G], code inferred",
)
TOP_UP_FINAL: Final = Rule(
    "topup.final", 422, "Top-up {id} is {status}: only one that is CONFIRMED can be cancelled.", "payments.md §5 [A]"
)
TOP_UP_OF_CLOSED: Final = Rule(
    "topup.group-closed",
    422,
    "Account group {group_id} is CLOSED: top-up {id} cannot be taken off its balance any more.",
    "payments.md §2.5, inferred",
)

# Credit fundings and incoming transfers (trading.md §16)
CREDIT_FUNDINGS_OFF: Final = Rule(
    "credit-funding.off",
    403,
    "Credit fundings are switched off for this client (profile setting payments.credit_funding).",
    "payments.md §16.2 [G], code inferred",
)
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
VIRTUAL_ACCOUNTS_OFF: Final = Rule(
    "virtual-bank-account.off",
    403,
    "Virtual bank accounts are switched off for this client (profile setting payments.virtual_accounts).",
    "payments.md §16.2 [G], code inferred",
)
VIRTUAL_ACCOUNT_GROUP: Final = Rule(
    "virtual-bank-account.group-status",
    400,
    "Account group {id} is {status}: a virtual bank account needs one that is ACTIVE.",
    "payments.md §6.1, code inferred",
)

# Withdrawals
WITHDRAWAL_FUNDS: Final = Rule(
    "withdrawal.funds",
    400,
    "(root).amount: {amount} {currency} is more than the {available} {currency} available for withdrawal (profile "
    "setting payments.withdrawal_funding).",
    "payments.md §7, inferred",
)
WITHDRAWAL_NOT_NEW: Final = Rule(
    "withdrawal.state",
    422,
    "The withdrawal {id} is {status}; only one that is NEW can be cancelled.",
    "payments.md §7 [A]",
)

# Virtual cash
VIRTUAL_CASH_OFF: Final = Rule(
    "virtual-cash.prefunded",
    403,
    "Virtual cash belongs to post-trade settlement, and this world is set up for pre-funding (profile setting "
    "payments.cash_model).",
    "payments.md §8 [D], code inferred",
)
DECREASE_FINAL: Final = Rule(
    "virtual-cash.decrease-final",
    422,
    "Virtual cash decrease {id} is {status}; one that is ISSUED or QUEUED can be cancelled.",
    "payments.md §8.1 [A]",
)

# Cash balance transfers
TRANSFERS_OFF: Final = Rule(
    "cash-transfer.post-trade",
    403,
    "Cash balance transfers belong to pre-funding, and this world is set up for post-trade settlement (profile setting "
    "payments.cash_model).",
    "payments.md §8 [D], code inferred",
)
TRANSFER_SAME_GROUP: Final = Rule(
    "cash-transfer.same-group",
    400,
    "(root).target_account_group_id: {id} is the source, too; expected another account group of the holder.",
    "payments.md §8.2 [A], code inferred",
)
TRANSFER_HOLDERS: Final = Rule(
    "cash-transfer.holders",
    400,
    "Account groups {source} and {target} have different holders; cash is transferred between groups of one holder.",
    "payments.md §8.2 [A], code inferred",
)
TRANSFER_TYPES_DIFFER: Final = Rule(
    "cash-transfer.types-differ",
    400,
    "The source account group is of type {source}, the target of type {target}; expected two of the same type.",
    "payments.md §8.2 [A], code inferred",
)
TRANSFER_GROUP_TYPE: Final = Rule(
    "cash-transfer.group-type",
    400,
    "Account groups of type {type} transfer no cash; expected one of {types}.",
    "payments.md §8.2 [A], code inferred",
)
TRANSFER_GROUP_STATUS: Final = Rule(
    "cash-transfer.group-status",
    400,
    "(root).{member}_account_group_id: account group {id} is {status}; both have to be ACTIVE.",
    "payments.md §8.2, inferred",
)
TRANSFER_CURRENCY: Final = Rule(
    "cash-transfer.currency",
    400,
    "(root).currency: cash balance transfers are in EUR, not in {currency}.",
    "payments.md §8.2 [A], code inferred",
)
TRANSFER_FINAL: Final = Rule(
    "cash-transfer.final",
    422,
    "Cash balance transfer {id} is {status}; one that is ISSUED can be cancelled.",
    "payments.md §8.2 [A]",
)
