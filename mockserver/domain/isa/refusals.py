"""Refusals of tax wrappers, and of money that an ISA does not take (payments.md §12.2)."""

from __future__ import annotations

from typing import Final

from mockserver.kernel.rules import Rule

WRAPPER_GROUP_TYPE: Final = Rule(
    "isa-wrapper.group-type",
    400,
    "(root).account_group_id: account group {id} is of type {type}; a stocks and shares ISA is put around one of "
    "type ISA.",
    "payments.md §12.2 [D], code inferred",
)
WRAPPER_GROUP_STATUS: Final = Rule(
    "isa-wrapper.group-status",
    400,
    "(root).account_group_id: account group {id} is {status}; expected one that is neither CLOSING nor CLOSED.",
    "payments.md §12.2, inferred",
)
WRAPPER_EXISTS: Final = Rule(
    "isa-wrapper.exists",
    400,
    "(root).account_group_id: account group {id} has tax wrapper {wrapper_id} already; a group has one.",
    "payments.md §12.2, inferred",
)

# Money in
SUBSCRIPTIONS_STOPPED: Final = Rule(
    "isa-subscription.wrapper-inactive",
    400,
    "(root).account_group_id: {reason}; an ACTIVE one would pass.",
    "payments.md §12.2 [D], code inferred",
)
OVER_SUBSCRIBED: Final = Rule(
    "isa-subscription.allowance",
    400,
    "(root).{member}: {reason}; less would pass, or any amount with the profile setting "
    "isa.over_subscriptions: accepted.",
    "payments.md §12.2, inferred",
)
