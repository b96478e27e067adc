"""What tax collections reserve and take, kept from nothing but the events (payments.md §12.3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tests.state.market import ZERO
from tests.state.placed import Key
from tests.state.told_collections import Claim, ToldCollections


class ToldTaxes(ToldCollections):
    """The books of tax collections; those of one group take no turns."""

    transactions = frozenset({"TAX_PAYMENT", "TAX_PREPAYMENT_DE"})
    end = "TAX_COLLECTION.FINALISED"

    def __init__(self, promised: defaultdict[Key, Decimal]) -> None:
        super().__init__(promised)
        self.open: dict[str, Claim] = {}

    def claims(self) -> Sequence[Claim]:
        return list(self.open.values())

    def claim(self, identity: str) -> Claim | None:
        return self.open.get(identity)

    def created(self, shown: dict[str, Any]) -> None:
        amount = shown["collection_amount"]
        claim = Claim(shown["id"], (shown["account_group_id"], amount["currency"]), Decimal(amount["amount"]))
        assert claim.amount > 0, f"{shown} collects nothing"
        assert _parts(shown) == [ZERO, ZERO], f"{shown} begins with something"
        self.open[claim.id] = self.starting = claim

    def claim_of(self, order: dict[str, Any]) -> str:
        """The collection that an order sells for."""
        return str(order["client_reference"]) if order["initiation_flow"] == "SELL_TO_COVER_TAXES" else ""

    def finalised(self, shown: dict[str, Any]) -> None:
        claim = self.open.pop(shown["id"])
        self._check_paid(claim)
        assert _parts(shown) == [claim.cash, claim.held - claim.cash], f"{shown} of {claim}"

    def cancelled(self, shown: dict[str, Any]) -> Claim:
        claim = self.open.pop(shown["id"])
        assert _parts(shown) == [ZERO, ZERO], f"{shown} took something"
        self.promised[claim.key] -= claim.held
        return claim


def _parts(shown: dict[str, Any]) -> list[Decimal]:
    """What cash and sells paid."""
    return [Decimal(shown["processed_amount"][name]["amount"]) for name in ("cash_balance", "sell_to_cover")]
