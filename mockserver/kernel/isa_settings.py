"""The section ``isa`` of a profile: the chosen answers about tax wrappers and their account groups."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field

from mockserver.kernel.payment_settings import Amount
from mockserver.kernel.settings import Section


class Isa(Section):
    """Tax wrappers; each answer to an open question is one line to change."""

    groups_wait: bool = Field(
        True, description="an ISA group is ACTIVE after its wrapper only; payments.md §12.2 [D], setting inferred"
    )
    over_subscriptions: Literal["refused", "accepted"] = Field(
        "refused",
        description="money in above what remains of the allowance: refused, or accepted and not counted; "
        "payments.md §12.2, inferred",
    )
    external_value: Amount = Field(
        Decimal("10000.00"),
        description="value of an ISA_EXTERNAL transfer in that is requested without one; payments.md §11.3, inferred",
    )
    closes_at_year_end: bool = Field(
        False, description="a CLOSING group of a UK user waits for 6 April; payments.md §16.2 [D], default inferred"
    )
    pea_groups_wait: bool = Field(
        True, description="a FRENCH_PEA group waits for a tax residency with a tax number; newer.md §11 [D]"
    )
