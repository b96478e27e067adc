"""The section ``fees`` of a profile: the fee models of a client, which Upvest sets up, and when fees are collected."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from mockserver.kernel.settings import Section, Share

Bps = Annotated[Decimal, Field(ge=0, le=10_000, max_digits=12)]
"""Basis points a year: 100 are one percent."""
ModelId = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"),
    AfterValidator(str.lower),
]


class FeeModel(Section):
    """What a fee model takes of the value of an account's securities, in basis points a year."""

    service: Bps = Field(Decimal(0), description="component SERVICE; payments.md §10.3 [D]")
    platform: Bps = Field(Decimal(0), description="component PLATFORM; payments.md §10.3 [D]")
    transaction_lump_sum: Bps = Field(Decimal(0), description="component TRANSACTION_LUMP_SUM; payments.md §10.3 [D]")
    vat: Share = Field(
        Decimal(0),
        description="component VAT: share of the sum of the others, 0.19 is 19 %; payments.md §10.3 [D, I]",
    )


NO_FEES = FeeModel.model_construct()
"""The model of an id that the table does not have."""


class Fees(Section):
    """Fees that Upvest calculates from the value of an account's securities."""

    models: dict[ModelId, FeeModel] = Field(
        {},
        description="fee model id -> service, platform, transaction_lump_sum (bps a year), vat (share); an id that is "
        "not here takes nothing; payments.md §10.3 [D], table inferred",
    )
    schedule: Literal["monthly", "yearly", "never"] = Field(
        "monthly",
        description="collected after the valuations of each 1st, or of 1 January; never: only by command; "
        "payments.md §10.3, inferred",
    )

    def model(self, fee_model_id: str) -> FeeModel:
        """The model with this id; one that takes nothing for an id that the table does not have."""
        return self.models.get(fee_model_id, NO_FEES)
