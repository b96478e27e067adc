"""The section ``savings_plans`` of a profile: the chosen answers about plans and their dates."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mockserver.kernel.integers import Integer
from mockserver.kernel.settings import Section


class SavingsPlans(Section):
    """Savings plans; each answer to an open question is one line to change."""

    reminder: Integer | None = Field(
        2,
        ge=0,
        le=30,
        description="trading days from the reminder to the execution, None: no reminder; payments.md §9.3 [D], "
        "default inferred",
    )
    funding: Literal["until_close", "at_once"] = Field(
        "until_close",
        description="missing cash: waits until the market closes, or is cancelled at once; payments.md §9.3, inferred",
    )
    direct_debit: Literal["off"] = Field(
        "off",
        description="collecting the amount before by direct debit is newer than the contract, which has no member for "
        "the mandate: not built; newer.md §8 [D]",
    )
