"""What collections of fees and taxes reserve and take, kept from nothing but the events (payments.md §10.1, §12.3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar

from tests.state.market import ZERO
from tests.state.placed import Key, Trade


@dataclass
class Claim:
    """A collection that is PROCESSING."""

    id: str
    key: Key
    amount: Decimal
    cash: Decimal = ZERO
    kept: dict[str, Decimal] = field(default_factory=dict)
    """What its sells brought it, by execution."""

    @property
    def held(self) -> Decimal:
        return self.cash + sum(self.kept.values(), ZERO)


class ToldCollections:
    """The books of one kind of collection, written on event by event."""

    transactions: ClassVar[frozenset[str]]
    """The types of the cash transactions that take what is collected."""
    end: ClassVar[str]
    """The event of a collection that took something."""

    def __init__(self, promised: defaultdict[Key, Decimal]) -> None:
        """``promised``: what of each balance is promised away and not gone yet, to anybody."""
        self.promised = promised
        self.starting: Claim | None = None
        """Whose turn has just come: its cash is reserved before anything else happens."""
        self.paid: tuple[str, Decimal] | None = None
        """The collection whose transaction was told, and what that took: its end follows."""

    def claims(self) -> Sequence[Claim]:
        """Those that are open."""
        raise NotImplementedError

    def claim(self, identity: str) -> Claim | None:
        return next((each for each in self.claims() if each.id == identity), None)

    def reserves(self, key: Key, more: Decimal, for_withdrawal: Decimal) -> bool:
        """Whether ``more`` was reserved for a collection whose turn has come: all its amount, or all there is."""
        claim = self.starting
        if claim is None or claim.key != key or more != min(claim.amount, max(for_withdrawal + more, ZERO)):
            return False
        self.starting, claim.cash = None, more
        self.promised[key] += more
        return True

    def sold(self, identity: str, trade: Trade) -> None:
        """What a sell brings is reserved with its execution, up to what is short (§10.1 step 3)."""
        claim = self.claim(trade.order.claim)
        if claim is not None:
            kept = claim.kept[identity] = min(trade.net, claim.amount - claim.held)
            self.promised[claim.key] += kept

    def taken_back(self, identity: str, trade: Trade) -> None:
        claim = self.claim(trade.order.claim)
        if claim is not None:
            self.promised[claim.key] -= claim.kept.pop(identity)

    def that_took(self, key: Key, gone: Decimal) -> bool:
        """Whether a collection holds just what a balance lost without a word: the balance comes before the reason."""
        return any((claim.key, claim.held) == (key, gone) for claim in self.claims())

    def booked(self, shown: dict[str, Any]) -> Claim:
        claim, amount = self.claim(shown["references"][0]["id"]), -Decimal(shown["delta"]["amount"])
        assert claim is not None, f"{shown} of a collection that is not open"
        assert claim.held == amount, f"{shown} of {claim}"
        self.paid = claim.id, amount
        return claim

    def _check_paid(self, claim: Claim) -> None:
        assert self.paid == (claim.id, claim.held), f"{claim} was not paid: {self.paid}"
        self.paid = None
