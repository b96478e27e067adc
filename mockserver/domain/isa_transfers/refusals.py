"""Refusals of ISA transfers (payments.md §11.3)."""

from __future__ import annotations

from typing import Final

from mockserver.kernel.rules import Rule

_SOURCE: Final = "payments.md §11.3, inferred"

NOT_AN_ISA: Final = Rule(
    "isa-transfer.group-type",
    400,
    "(root).account_group_id: account group {id} is of type {type}; only one of type ISA has ISA transfers.",
    "payments.md §11.3 [A], code inferred",
)
WRAPPER_NOT_ACTIVE: Final = Rule(
    "isa-transfer.wrapper",
    400,
    "(root).account_group_id: account group {id} has {state}; a transfer in needs one that is ACTIVE.",
    _SOURCE,
)
TOO_MUCH: Final = Rule(
    "isa-transfer.value",
    400,
    "(root).transfer_value: {available} GBP is available for withdrawal, {value} is not.",
    _SOURCE,
)
NOTHING_THERE: Final = Rule(
    "isa-transfer.nothing",
    400,
    "(root).account_group_id: {available} GBP is available for withdrawal in account group {id}; a transfer out "
    "without transfer_value takes all of it and needs more than 0.",
    _SOURCE,
)
PART_ABOVE_VALUE: Final = Rule(
    "isa-transfer.part",
    400,
    "(root).details.current_year_subscription.transfer_amount: {part} is more than transfer_value, {value}.",
    _SOURCE,
)
PART_ABOVE_ALLOWANCE: Final = Rule(
    "isa-transfer.allowance",
    400,
    "(root).details.current_year_subscription.transfer_amount: {part} is more than {member} of the allowance, {left}.",
    _SOURCE,
)
