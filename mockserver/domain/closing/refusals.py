"""Refusals of closing accounts and account groups (trading.md §8)."""

from __future__ import annotations

from typing import Final

from mockserver.kernel.rules import Rule

# Closing (trading.md §8)
NOT_CLOSABLE: Final = Rule(
    "closing.state",
    409,
    "Operation not available in the current state: the {what} {id} is {status}; one that is ACTIVE can be closed.",
    "trading.md §8, inferred",
)
WITHDRAWAL_OUTSTANDING: Final = Rule(
    "closing.withdrawal",
    409,
    "Operation not available in the current state: account group {id} has an outstanding withdrawal; wait until it is "
    "CONFIRMED or CANCELLED, or cancel one that is NEW.",
    "trading.md §8 [D], code inferred",
)
