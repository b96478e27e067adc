"""What tax exemptions keep free of tax, kept from nothing but the events (payments.md §12.1).

Where users pay taxes no event tells: whoever sets it says so here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from tests.state.market import INSTRUMENTS, ZERO
from tests.state.placed import Placed, Trade, cents

LEAST_FORM: Final = ("CREATION_FAILED", "UPDATE_FAILED", "DELETION_FAILED")
"""Ends of event types that change nothing."""


@dataclass
class Pot:
    """An exemption as it was told last."""

    users: frozenset[str]
    amount: Decimal
    used: Decimal
    status: str

    @property
    def left(self) -> Decimal:
        return self.amount - self.used


class ToldExemptions:
    """The pots, and the tax that is withheld of sells."""

    def __init__(self, rates: Mapping[str, Decimal], general: Decimal, holders: Mapping[str, frozenset[str]]) -> None:
        """``rates``: of instruments, ``general`` of the others. ``holders``: of the first accounts."""
        self.rates, self.general, self.holders = rates, general, holders
        self.german: set[str] = set()
        """Who is taxed in Germany."""
        self.pots: dict[str, Pot] = {}
        self.due: tuple[str, Decimal] | None = None
        """The pot that is told next, and what of it is used then: a trade used it, or gave it back."""
        self.otherwise: defaultdict[str, Decimal] = defaultdict(Decimal)
        """What of each was used by no trade: by the Vorabpauschale."""

    # --- The tax on sells ---

    def withheld(self, order: Placed, gross: Decimal, trade: Trade) -> Decimal:
        """The tax on a sell of ``gross``, which uses what its holders have left (§12.1)."""
        account_id, isin = order.units
        rate = self._rate(account_id, isin)
        if not rate:
            return ZERO
        identity = self._pot_of(account_id) if order.cash[1] == "EUR" else ""
        if identity and (exempt := min(gross, self.pots[identity].left)):
            trade.exempt, trade.exemption_id = exempt, identity
            self._expect(identity, exempt)
        order.exact += (gross - trade.exempt) * rate
        return min(max(cents(order.exact) - order.tax, ZERO), gross)

    def _rate(self, account_id: str, isin: str) -> Decimal:
        own: Decimal | None = INSTRUMENTS.get(isin, {}).get("sell_tax")
        if own is not None:
            return own
        taxed = self.holders.get(account_id, frozenset()) & self.german
        return self.rates.get(isin, self.general) if taxed else ZERO

    def _pot_of(self, account_id: str) -> str:
        holders = self.holders.get(account_id)
        if not holders:
            return ""
        found = (identity for identity, pot in self.pots.items() if pot.status == "ACTIVE" and holders <= pot.users)
        return next(found, "")

    def taken_back(self, trade: Trade) -> None:
        """A mistrade gives back to the exemption that it used, whatever has become of it (§12.1)."""
        if trade.exempt:
            self._expect(trade.exemption_id, -trade.exempt)

    def _expect(self, identity: str, more: Decimal) -> None:
        assert self.due is None, f"{self.due} was not told"
        self.due = identity, self.pots[identity].used + more

    # --- The events ---

    def tell(self, type_: str, shown: dict[str, Any]) -> None:
        family, _, what = type_.partition(".")
        if family != "TAX_EXEMPTION" or what in LEAST_FORM:
            return
        new = _pot(shown)
        assert 0 <= new.used <= new.amount, shown
        if what == "CREATED":
            assert (shown["id"] in self.pots, new.used, new.status) == (False, ZERO, "ACTIVE"), shown
            others = [pot for pot in self.pots.values() if pot.status == "ACTIVE" and pot.users & new.users]
            assert not others, f"{shown} is a second one beside {others}"
        else:
            self._change(what, shown["id"], self.pots[shown["id"]], new)
        self.pots[shown["id"]] = new

    def _change(self, what: str, identity: str, old: Pot, new: Pot) -> None:
        if self.due is not None:
            assert self.due == (identity, new.used), f"{self.due} has to come, not {identity} {new}"
            assert (new.users, new.amount, new.status) == (old.users, old.amount, old.status), f"{new} was {old}"
            self.due = None
        elif what == "DELETED":
            assert (old.status, new.status, new.used) == ("ACTIVE", "CANCELLED", old.used)
        else:
            assert new.used >= old.used, f"{identity} {new} was {old}, and no trade was taken back"
            assert old.status == "ACTIVE"
            assert new.status in ("ACTIVE", "EXPIRED")
            self.otherwise[identity] += new.used - old.used

    def rest(self) -> None:
        """Nothing is under way now."""
        assert self.due is None, f"{self.due} was not told"


def _pot(shown: dict[str, Any]) -> Pot:
    details = shown["tax_exemption_details"]
    amount, used, left = (
        Decimal(details[name]["amount"]) for name in ("tax_exemption_amount", "utilized_amount", "remaining_amount")
    )
    assert used + left == amount, f"{shown} does not sum up"
    return Pot(frozenset(shown["user_ids"]), amount, used, shown["status"])
