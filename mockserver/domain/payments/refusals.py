"""Refusals of bank transfers (trading.md §16)."""

from __future__ import annotations

from typing import Final

from mockserver.kernel.rules import Rule

# Pretended bank transfers (trading.md §16)
TESTS_IN_LIVE: Final = Rule(
    "tests.live",
    403,
    "The tests endpoints are for the sandbox only; this world plays live (profile setting behaviour.tests_endpoints).",
    "trading.md §16, inferred",
)
TRANSFER_OF_NOTHING: Final = Rule(
    "tests.amount-zero", 400, "(root).amount: must be more than 0.", "payments.md §2, inferred"
)
