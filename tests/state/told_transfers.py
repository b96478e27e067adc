"""Securities transfers as they were told, and the units that they lock and move (payments.md §11)."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

Key = tuple[str, str]
"""Account and ISIN."""

LEGAL = {
    "NEW": (None,),
    "PROCESSING": ("NEW",),
    "DATA_CHANGED": ("PROCESSING",),
    "SETTLED": ("PROCESSING",),
    "CANCELLED": ("NEW", "PROCESSING"),
}
"""By the end of an event's type: the states before it."""


class ToldTransfers:
    """What the transfers told so far have locked and moved; written into the books of units and locks."""

    def __init__(self, units: defaultdict[Key, Decimal], locked: defaultdict[Key, Decimal]) -> None:
        self.units, self.locked = units, locked
        self.states: dict[str, str] = {}

    def tell(self, type_: str, shown: dict[str, Any]) -> None:
        family, _, what = type_.partition(".")
        if family != "SECURITIES_TRANSFER":
            return
        before = self.states.get(shown["id"])
        assert before in LEGAL[what], f"{type_} of {shown}, which was {before}"
        self.states[shown["id"]] = shown["status"]
        key, quantity = (shown["account_id"], shown["instrument_id"]), Decimal(shown["quantity"])
        assert quantity == quantity.to_integral_value() > 0, shown
        out = shown["direction"] == "OUTGOING"
        if what == "SETTLED":
            assert shown["quantity_settled"] == shown["quantity"], shown
            self.units[key] += -quantity if out else quantity
        if out and what in ("NEW", "SETTLED", "CANCELLED"):
            self.locked[key] += quantity if what == "NEW" else -quantity
