"""The section ``reports`` of a profile: which reports and treasury files the mock makes by itself."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, Literal

from pydantic import Field

from mockserver.kernel.settings import Section, Share

Made = Literal[
    "ACCOUNT_OPENING",
    "ACCOUNT_CLOSING",
    "BUY_ORDER",
    "SELL_ORDER",
    "CANCELLED_ORDER",
    "REVOKED_ORDER",
    "BANK_ACCOUNT_CONNECTED",
    "DIRECT_DEBIT_MANDATE",
    "FEE_COLLECTION",
    "TAX_PREPAYMENT_DE",
    "TAX_PAYMENT",
    "TAX_PREPAYMENT_DE_CANCELLATION",
    "TAX_REFUND",
    "SECURITIES_TRANSFER_INCOMING",
    "SECURITIES_TRANSFER_OUTGOING",
    "CORPORATE_ACTION_CASH_TRANSACTION",
    "CORPORATE_ACTION_SECURITY_TRANSACTION",
    "QUARTERLY_ACCOUNT_STATEMENT",
    "EX_POST_COST",
    "ANNUAL_TAX_STATEMENT",
    "ANNUAL_INCOME_STATEMENT",
]
"""The types of reports that the mock makes by itself, in the order of payments.md §13.1."""

ANNUAL: Final[tuple[Made, ...]] = ("EX_POST_COST", "ANNUAL_TAX_STATEMENT", "ANNUAL_INCOME_STATEMENT")
"""Made in the run of the new year; off by default (payments.md §13.1, inferred)."""


class Reports(Section):
    """Reports, treasury files and the figures of ex-ante costs."""

    made: Literal["on", "all", "off"] | tuple[Made, ...] = Field(
        "on",
        description="reports that the mock makes by itself: on, all (with those of a year), off, or a list of types; "
        "payments.md §16.2, setting inferred; ex-ante reports are made whatever it says",
    )
    treasury: Literal["days_with_rows", "daily", "off"] = Field(
        "days_with_rows",
        description="treasury files, at 09:00Z of trading days: where there is something to report, TRADING daily, or "
        "none; payments.md §13.3, setting inferred",
    )
    file_date: Literal["DDMMYYYY", "MMDDYYYY"] = Field(
        "DDMMYYYY", description="the date in the name of a treasury file; payments.md §13.3 [D, E]"
    )
    ongoing_cost: Share = Field(
        Decimal(0),
        description="share of the amount that a product costs a year, for ex-ante reports; payments.md §13.2, inferred",
    )
    ongoing_costs: dict[str, Share] = Field(
        {}, description="the same by ISIN, where it differs; payments.md §13.2, inferred"
    )

    def makes(self, type_: str) -> bool:
        """Whether reports of a type are made."""
        if self.made == "on":
            return type_ not in ANNUAL
        return self.made == "all" or (self.made != "off" and type_ in self.made)
