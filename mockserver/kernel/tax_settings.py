"""The section ``taxes`` of a profile: the rates at which income is taxed in Germany, all of them 0 by default."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field, StringConstraints

from mockserver.kernel.settings import Section, Share

IsinKey = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[A-Z0-9]{9}[0-9]$")]


class InstrumentTaxes(Section):
    """Rates of one instrument in place of the general ones; ``None``: the general rate."""

    sells: Share | None = Field(None, description="share of what a sell brings; payments.md §12, inferred")
    dividends: Share | None = Field(None, description="share of a dividend; payments.md §12, inferred")
    prepayment: Share | None = Field(
        None, description="share of the value that counts as income of the year; payments.md §12.3, inferred"
    )


class Taxes(Section):
    """What is withheld from holders who are taxed in Germany, and what is collected from them."""

    sells: Share = Field(
        Decimal(0),
        description="share of what a sell brings, in place of a share of the gain, which needs what the units once "
        "cost; trading.md §10.5, inferred",
    )
    dividends: Share = Field(Decimal(0), description="share of a dividend; payments.md §12, inferred")
    prepayment: Share = Field(
        Decimal(0),
        description="Vorabpauschale: share of the value of funds and ETFs that counts as income of the year, of which "
        "25 % are collected; payments.md §12.3, inferred",
    )
    instruments: dict[IsinKey, InstrumentTaxes] = Field(
        {}, description="ISIN -> sells, dividends, prepayment; payments.md §16.2, inferred"
    )

    def of_sells(self, isin: str | None) -> Decimal:
        """The rate on what sells of an instrument bring."""
        own = self.instruments.get(isin) if isin and self.instruments else None
        return self.sells if own is None or own.sells is None else own.sells

    def of_dividends(self, isin: str | None) -> Decimal:
        """The rate on dividends of an instrument."""
        own = self.instruments.get(isin) if isin and self.instruments else None
        return self.dividends if own is None or own.dividends is None else own.dividends

    def of_prepayment(self, isin: str | None) -> Decimal:
        """The share of the value of an instrument that counts as income of the year."""
        own = self.instruments.get(isin) if isin and self.instruments else None
        return self.prepayment if own is None or own.prepayment is None else own.prepayment
