"""What fee collections reserve and take, kept from nothing but the events (payments.md §10.1)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.state.market import ZERO
from tests.state.placed import Key, Trade


@dataclass
class Fee:
    """A collection that is PROCESSING."""

    id: str
    account_id: str
    key: Key
    amount: Decimal
    begun: bool = False
    """Whether its turn has come."""
    payer_id: str = ""
    """The liquidation that pays it; it takes no turn."""
    cash: Decimal = ZERO
    kept: dict[str, Decimal] = field(default_factory=dict)
    """What its sells brought it, by execution."""

    @property
    def held(self) -> Decimal:
        return self.cash + sum(self.kept.values(), ZERO)


class ToldFees:
    """The books of collections, written on event by event."""

    def __init__(self, promised: defaultdict[Key, Decimal]) -> None:
        """``promised``: what of each balance is promised away and not gone yet, to anybody."""
        self.promised = promised
        self.open: dict[str, Fee] = {}
        self.payers: dict[str, str] = {}
        """The collections that liquidations pay, by liquidation."""
        self.starting: Fee | None = None
        """Whose turn has just come: its cash is reserved before anything else happens."""
        self.paid: tuple[str, Decimal] | None = None
        """The collection whose transaction was told, and what that took: its end follows."""

    # --- Its turn ---

    def created(self, shown: dict[str, Any]) -> None:
        key = shown["account_group_id"], shown["currency"]
        fee = Fee(shown["id"], shown["account_id"], key, Decimal(shown["collection_amount"]))
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

    def reserves(self, key: Key, more: Decimal, for_withdrawal: Decimal) -> bool:
        """Whether ``more`` was reserved for a collection whose turn has come: all its amount, or all there is."""
        fee = self.starting
        if fee is None or fee.key != key or more != min(fee.amount, max(for_withdrawal + more, ZERO)):
            return False
        self.starting, fee.cash = None, more
        self.promised[key] += more
        return True

    # --- Sells ---

    def sold(self, identity: str, trade: Trade) -> None:
        """What a sell brings is reserved with its execution, up to what is short (§10.1 step 3)."""
        fee = self.open.get(trade.order.claim)
        if fee is not None:
            kept = fee.kept[identity] = min(trade.net, fee.amount - fee.held)
            self.promised[fee.key] += kept

    def taken_back(self, identity: str, trade: Trade) -> None:
        fee = self.open.get(trade.order.claim)
        if fee is not None:
            self.promised[fee.key] -= fee.kept.pop(identity)

    # --- Its end ---

    def that_took(self, key: Key, gone: Decimal) -> bool:
        """Whether a collection holds just what a balance lost without a word: the balance comes before the reason."""
        return any((fee.key, fee.held) == (key, gone) for fee in self.open.values())

    def booked(self, shown: dict[str, Any]) -> None:
        fee, amount = self.open[shown["references"][0]["id"]], -Decimal(shown["delta"]["amount"])
        assert (fee.held, shown["account_id"]) == (amount, fee.account_id), f"{shown} of {fee}"
        self.paid = fee.id, amount

    def finalised(self, shown: dict[str, Any]) -> None:
        fee, parts = self.ended(shown), shown["processed_amount"]
        assert self.paid == (fee.id, fee.held), f"{shown} was not paid: {self.paid}"
        self.paid = None
        told = [Decimal(parts[name]) for name in ("cash_balance", "sell_to_cover")]
        sold = ZERO if fee.payer_id else fee.held - fee.cash
        assert told == [fee.held - sold, sold], f"{shown} of {fee}"
        assert Decimal(parts.get("total_residual_amount", "0")) == fee.amount - fee.held, f"{shown} of {fee}"

    def cancelled(self, shown: dict[str, Any]) -> Fee:
        fee = self.ended(shown)
        assert shown["processed_amount"] == {"cash_balance": "0.00", "sell_to_cover": "0.00"}, shown
        self.promised[fee.key] -= fee.held
        return fee
