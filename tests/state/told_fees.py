"""What fee collections reserve and take, kept from nothing but the events (payments.md §10.1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.state.market import ZERO
from tests.state.placed import Key
from tests.state.told_collections import Claim, ToldCollections


@dataclass
class Fee(Claim):
    """A fee collection that is PROCESSING."""

    account_id: str = ""
    begun: bool = False
    """Whether its turn has come."""
    payer_id: str = ""
    """The liquidation that pays it; it takes no turn."""


class ToldFees(ToldCollections):
    """The books of fee collections."""

    transactions = frozenset({"FEE_COLLECTION"})
    end = "FEE_COLLECTION.FINALISED"

    def __init__(self, promised: defaultdict[Key, Decimal]) -> None:
        super().__init__(promised)
        self.open: dict[str, Fee] = {}
        self.payers: dict[str, str] = {}
        """The collections that liquidations pay, by liquidation."""

    def claims(self) -> Sequence[Claim]:
        return list(self.open.values())

    def claim(self, identity: str) -> Fee | None:
        return self.open.get(identity)

    # --- Its turn ---

    def created(self, shown: dict[str, Any]) -> None:
        key = shown["account_group_id"], shown["currency"]
        fee = Fee(shown["id"], key, Decimal(shown["collection_amount"]), account_id=shown["account_id"])
        self.open[fee.id] = fee
        self._next(fee.account_id)
        assert shown["processed_amount"] == {"cash_balance": "0", "sell_to_cover": "0"}, shown

    def liquidated(self, shown: dict[str, Any]) -> None:
        """A liquidation names the collection that it pays, whose creation came just before (§10.4)."""
        identity = shown.get("fee_collection_id")
        if identity is not None:
            self.payers[shown["id"]] = identity
            self.open[identity].payer_id = shown["id"]

    def claim_of(self, order: dict[str, Any]) -> str:
        """The collection that an order sells for."""
        if order["initiation_flow"] == "SELL_TO_COVER_FEES":
            return str(order["client_reference"])
        return self.payers.get(order["client_reference"], "")

    def ended(self, shown: dict[str, Any]) -> Fee:
        """The next one of the account has its turn."""
        fee = self.open.pop(shown["id"])
        self._next(fee.account_id)
        return fee

    def _next(self, account_id: str) -> None:
        queue = (each for each in self.open.values() if each.account_id == account_id and not each.payer_id)
        fee = next(queue, None)
        self.starting = fee if fee is not None and not fee.begun else None
        if self.starting is not None:
            self.starting.begun = True

    # --- Its end ---

    def booked(self, shown: dict[str, Any]) -> Claim:
        claim = super().booked(shown)
        assert shown["account_id"] == self.open[claim.id].account_id, f"{shown} of {claim}"
        return claim

    def finalised(self, shown: dict[str, Any]) -> None:
        fee, parts = self.ended(shown), shown["processed_amount"]
        self._check_paid(fee)
        told = [Decimal(parts[name]) for name in ("cash_balance", "sell_to_cover")]
        sold = ZERO if fee.payer_id else fee.held - fee.cash
        assert told == [fee.held - sold, sold], f"{shown} of {fee}"
        assert Decimal(parts.get("total_residual_amount", "0")) == fee.amount - fee.held, f"{shown} of {fee}"

    def cancelled(self, shown: dict[str, Any]) -> Fee:
        fee = self.ended(shown)
        assert shown["processed_amount"] == {"cash_balance": "0.00", "sell_to_cover": "0.00"}, shown
        self.promised[fee.key] -= fee.held
        return fee
