"""The corporate actions that the vendor processes, by their ISO 15022 code (payments.md §15.1 [D], codes inferred)."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

Right = Literal["dividend", "split"]
"""What an action books by itself: cash for each unit, or units for units. Every other is booked by command."""


class ActionType(NamedTuple):
    """One type; ``name`` is that of the announcement and the type of its transactions."""

    iso_type: str
    name: str
    participation: Literal["MANDATORY", "VOLUNTARY", "CHOOSABLE"] = "MANDATORY"
    right: Right | None = None


_ALL: Final = (
    ActionType("DVCA", "CASH_DIVIDEND", right="dividend"),
    ActionType("SPLF", "STOCK_SPLIT", right="split"),
    ActionType("SPLR", "REVERSE_STOCK_SPLIT", right="split"),
    ActionType("CAPD", "CAPITAL_DISTRIBUTION"),
    ActionType("SHPR", "SHARES_PREMIUM_DIVIDEND"),
    ActionType("RHDI", "INTERMEDIATE_SECURITIES_DISTRIBUTION"),
    ActionType("DVOP", "DIVIDEND_OPTION", "CHOOSABLE"),
    ActionType("DRIP", "DIVIDEND_REINVESTMENT", "CHOOSABLE"),
    ActionType("SOFF", "SPIN_OFF"),
    ActionType("TEND", "TENDER", "VOLUNTARY"),
    ActionType("CHAN", "CHANGE"),
    ActionType("PLAC", "PLACE_OF_INCORPORATION"),
)

TYPES: Final = {each.iso_type: each for each in _ALL}
