"""What payments promise, move and book, kept from nothing but the events (payments.md §2.3 to §8).

Three things are followed: what is promised away and not gone yet, what each payment moves, and in which order its
events come: its own, its transactions, the balances.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NamedTuple

from tests.state.market import ZERO
from tests.state.placed import Key, Trade
from tests.state.told_collections import ToldCollections
from tests.state.told_fees import ToldFees
from tests.state.told_taxes import ToldTaxes

Sums = defaultdict[Key, Decimal]

TRANSACTION: Final = "CASH_TRANSACTION.EXECUTED"
BALANCE: Final = "CASH_BALANCE.UPDATED"

MOVES: Final[Mapping[str, tuple[int, str]]] = {
    "DIRECT_DEBIT.CONFIRMED": (1, "SEPA_DIRECT_DEBIT"),
    "TOPUP.CONFIRMED": (1, "TOPUP"),
    "TOPUP.CANCELLED": (-1, "TOPUP_CANCELLATION"),
    "CREDIT_FUNDING.CONFIRMED": (1, "CREDIT_FUNDING"),
    "CREDIT_FUNDING.CANCELLED": (-1, "CREDIT_FUNDING_CHARGE_BACK"),
    "WITHDRAWAL.CONFIRMED": (-1, "WITHDRAWAL"),
    "VIRTUAL_CASH_INCREASE.CONFIRMED": (1, "VIRTUAL_CASH_INCREASE"),
    "VIRTUAL_CASH_DECREASE.CONFIRMED": (-1, "VIRTUAL_CASH_DECREASE"),
}
"""Which events move cash of a group, which way, and by which transaction (the table of §2.3)."""
TAKES_BACK: Final = frozenset(
    ("TOPUP_CANCELLATION", "CREDIT_FUNDING_CHARGE_BACK", "SEPA_DIRECT_DEBIT_CHARGE_BACK", "DD_REFUND_REJECT_FEE")
)
"""Transactions that may leave a balance below zero, since what they take may be spent (§18)."""


@dataclass
class Promise:
    """A withdrawal or transfer that was asked for and is neither through nor cancelled."""

    key: Key
    amount: Decimal
    funded: bool = False


class Next(NamedTuple):
    """An event that has to come next: a transaction (of an object, with a type and an amount) or a balance."""

    type: str
    key: Key
    of: str = ""
    transactions: frozenset[str] = frozenset()
    """The types that it may have."""
    amount: Decimal = ZERO


class ToldPayments:
    """The books of payments, written on event by event."""

    def __init__(self, cash: Sums, taken_back: Sums) -> None:
        """``cash`` and ``taken_back``: of the books that trades are written in, too."""
        self.cash, self.taken_back = cash, taken_back
        self.promised: defaultdict[Key, Decimal] = defaultdict(Decimal)
        self.reserved: defaultdict[Key, Decimal] = defaultdict(Decimal)
        """What the balances told last say is promised."""
        self.asked: dict[str, Promise] = {}
        self.sent: dict[str, Promise] = {}
        """Withdrawals that were paid out, and may come back."""
        self.collected: dict[str, tuple[Key, Decimal]] = {}
        """Direct debits that were paid, and not returned yet."""
        self.fees = ToldFees(self.promised)
        self.taxes = ToldTaxes(self.promised)
        self.collections: tuple[ToldCollections, ...] = (self.fees, self.taxes)
        self.following: list[Next] = []
        self.fee_of: str = ""
        """The direct debit just returned, for which a fee may follow."""
        self.queued: dict[str, Promise] = {}
        """Decreases that wait for cash, in the order of their events."""
        self.forced: set[str] = set()
        """Payments that a command moved, whoever waited before them."""
        self.covered: set[Key] = set()
        """Balances that just paid from what was available for withdrawal."""

    def tell(self, type_: str, shown: dict[str, Any]) -> None:
        """Any event: the one that has to follow the last, and what it moves.

        No other comes between, reports neither: they are made in the background, after all they report on (§13.1).
        """
        if self.following and not self._fee_follows(type_, shown):
            self._check_next(self.following.pop(0), type_, shown)
        if type_ in MOVES:
            sign, transaction = MOVES[type_]
            amount = Decimal(shown["cash_amount"] if "cash_amount" in shown else shown["amount"])
            self._move(_key(shown), sign * amount, shown["id"], transaction)
            self.following.append(Next(BALANCE, _key(shown)))
        if type_ != BALANCE:
            for each in self.collections:
                each.starting = None
        if (doer := getattr(self, "_" + type_.lower().replace(".", "_"), None)) is not None:
            doer(shown)

    def rest(self) -> None:
        """Nothing is under way now: all events came, and the balances told last show what is promised."""
        assert not self.following, f"{self.following} did not come"
        for key in self.promised.keys() | self.reserved.keys():
            promised, told = self.promised[key], self.reserved[key]
            assert promised == told, f"{key}: {promised} is promised, but the balance told last reserves {told}"

    def _move(self, key: Key, amount: Decimal, of: str, transaction: str) -> None:
        self.cash[key] += amount
        if transaction in TAKES_BACK:
            self.taken_back[key] -= amount
        self.following.append(Next(TRANSACTION, key, of, frozenset({transaction}), amount))

    def _check_next(self, next_: Next, type_: str, shown: dict[str, Any]) -> None:
        assert type_ == next_.type, f"{next_} has to come, not {type_}: {shown}"
        if type_ == BALANCE:
            assert _key(shown) == next_.key, f"{next_} has to come, not {shown}"
            return
        if type_ != TRANSACTION:
            return  # the end of a collection: which one its transaction says
        delta = shown["delta"]
        assert (shown["account_group_id"], delta["currency"]) == next_.key, f"{next_}, not {shown}"
        assert shown["type"] in next_.transactions, f"{next_}, not {shown}"
        assert Decimal(delta["amount"]) == next_.amount, f"{next_}, not {shown}"
        assert next_.of in ("", shown["references"][0]["id"]), f"{next_} has to come, not {shown}"

    # --- Withdrawals ---

    def _withdrawal_new(self, shown: dict[str, Any]) -> None:
        self.asked[shown["id"]] = Promise(_key(shown), Decimal(shown["amount"]))

    def _withdrawal_processing(self, shown: dict[str, Any]) -> None:
        assert self.asked[shown["id"]].funded, f"{shown} was sent to the bank, and no cash is reserved for it"

    def _withdrawal_confirmed(self, shown: dict[str, Any]) -> None:
        promise = self.sent[shown["id"]] = self.asked.pop(shown["id"])
        assert promise.funded, f"{shown} was paid, and no cash was reserved for it"
        self.promised[promise.key] -= promise.amount

    def _withdrawal_cancelled(self, shown: dict[str, Any]) -> None:
        if shown["id"] in self.asked:
            self._give_back(shown["id"])
            return
        back = self.sent.pop(shown["id"])
        self._move(back.key, back.amount, shown["id"], "WITHDRAWAL_CANCELLATION")
        self.following.append(Next(BALANCE, back.key))

    def _give_back(self, identity: str) -> None:
        promise = self.asked.pop(identity)
        if promise.funded:
            self.promised[promise.key] -= promise.amount
            self.following.append(Next(BALANCE, promise.key))

    # --- Virtual cash ---

    def _virtual_cash_decrease_queued(self, shown: dict[str, Any]) -> None:
        self.queued[shown["id"]] = Promise(_key(shown), Decimal(shown["amount"]))

    def _virtual_cash_decrease_confirmed(self, shown: dict[str, Any]) -> None:
        """One that waited longer, and would have fitted as well, is served first (§2.4)."""
        self.covered.add(_key(shown))
        served = self.queued.get(shown["id"])
        if served is not None and shown["id"] not in self.forced:
            for identity, other in self.queued.items():
                if identity == shown["id"]:
                    break
                passed_over = other.key == served.key and other.amount <= served.amount
                assert not passed_over, f"{shown} was served before {identity} of {other.amount}"
        self.queued.pop(shown["id"], None)

    def _virtual_cash_decrease_cancelled(self, shown: dict[str, Any]) -> None:
        self.queued.pop(shown["id"], None)

    # --- Transfers ---

    def _cash_balance_transfer_issued(self, shown: dict[str, Any]) -> None:
        key = shown["source_account_group_id"], shown["currency"]
        self.asked[shown["id"]] = Promise(key, Decimal(shown["amount"]))

    def _cash_balance_transfer_confirmed(self, shown: dict[str, Any]) -> None:
        promise, identity = self.asked.pop(shown["id"]), shown["id"]
        if promise.funded:
            self.promised[promise.key] -= promise.amount
        else:
            self.covered.add(promise.key)
        target = shown["target_account_group_id"], shown["currency"]
        self._move(promise.key, -promise.amount, identity, "INTERNAL_CASH_TRANSFER")
        self._move(target, promise.amount, identity, "INTERNAL_CASH_TRANSFER")
        self.following += [Next(BALANCE, promise.key), Next(BALANCE, target)]

    def _cash_balance_transfer_cancelled(self, shown: dict[str, Any]) -> None:
        self._give_back(shown["id"])

    def _isa_transfer_new(self, shown: dict[str, Any]) -> None:
        if shown["direction"] == "OUTGOING":
            self.asked[shown["id"]] = Promise(_key(shown), Decimal(shown["transfer_value"]))

    def _isa_transfer_settled(self, shown: dict[str, Any]) -> None:
        value, key = Decimal(shown["transfer_value"]), _key(shown)
        if shown["direction"] == "OUTGOING":
            promise, value = self.asked.pop(shown["id"]), -value
            assert promise.funded, f"{shown} went out, and no cash was reserved for it"
            self.promised[key] -= promise.amount
        self._move(key, value, shown["id"], "ISA_TRANSFER")
        self.following.append(Next(BALANCE, key))

    # --- Fees and taxes ---

    def collect(self, key: Key, gone: Decimal) -> None:
        """A collection takes what it holds: the balance first, then transaction and end (§10.1 step 5, §12.3)."""
        taking = next((each for each in self.collections if each.that_took(key, gone)), None) if gone > 0 else None
        if taking is not None:
            self.cash[key] -= gone
            self.promised[key] -= gone
            self.following += [Next(TRANSACTION, key, "", taking.transactions, -gone), Next(taking.end, key)]

    def claim_of(self, order: dict[str, Any]) -> str:
        """The collection that an order sells for."""
        return self.fees.claim_of(order) or self.taxes.claim_of(order)

    def sold(self, identity: str, trade: Trade) -> None:
        for each in self.collections:
            each.sold(identity, trade)

    def trade_taken_back(self, identity: str, trade: Trade) -> None:
        for each in self.collections:
            each.taken_back(identity, trade)

    def _fee_collection_created(self, shown: dict[str, Any]) -> None:
        self.fees.created(shown)

    def _account_liquidation_new(self, shown: dict[str, Any]) -> None:
        self.fees.liquidated(shown)

    def _fee_collection_finalised(self, shown: dict[str, Any]) -> None:
        self.fees.finalised(shown)

    def _fee_collection_cancelled(self, shown: dict[str, Any]) -> None:
        fee = self.fees.cancelled(shown)
        if fee.held:
            self.following.append(Next(BALANCE, fee.key))

    def _tax_collection_created(self, shown: dict[str, Any]) -> None:
        self.taxes.created(shown)

    def _tax_collection_finalised(self, shown: dict[str, Any]) -> None:
        self.taxes.finalised(shown)

    def _tax_collection_cancelled(self, shown: dict[str, Any]) -> None:
        claim = self.taxes.cancelled(shown)
        if claim.held:
            self.following.append(Next(BALANCE, claim.key))

    # --- Direct debits that are returned ---

    def _direct_debit_confirmed(self, shown: dict[str, Any]) -> None:
        self.collected[shown["id"]] = _key(shown), Decimal(shown["cash_amount"])

    def _cash_transaction_executed(self, shown: dict[str, Any]) -> None:
        """No event of the direct debit tells of its return: only the transactions and the balance do."""
        self.fee_of = ""
        type_, amount = shown["type"], Decimal(shown["delta"]["amount"])
        for each in self.collections:
            if type_ in each.transactions:
                each.booked(shown)
        key = shown["account_group_id"], shown["delta"]["currency"]
        if type_ == "SEPA_DIRECT_DEBIT_CHARGE_BACK":
            self.fee_of = shown["references"][0]["id"]
            assert self.collected.pop(self.fee_of) == (key, -amount), f"{shown} returns what was not collected so"
            self.following.append(Next(BALANCE, key))
        if type_ in ("SEPA_DIRECT_DEBIT_CHARGE_BACK", "DD_REFUND_REJECT_FEE"):
            assert amount < 0, f"{shown} takes nothing"
            self.cash[key] += amount
            self.taken_back[key] -= amount

    def _fee_follows(self, type_: str, shown: dict[str, Any]) -> bool:
        """Between a return and its balance there may be the fee for it."""
        is_fee = type_ == TRANSACTION and shown["type"] == "DD_REFUND_REJECT_FEE"
        return is_fee and bool(self.fee_of) and shown["references"][0]["id"] == self.fee_of

    # --- Balances ---

    def check_balance(self, key: Key, reserved: Decimal, for_withdrawal: Decimal, shown: Any) -> None:
        """A balance reserves what is promised; more only for one that was asked for, and is covered (§18)."""
        more = reserved - self.promised[key]
        if more > 0 and not any(each.reserves(key, more, for_withdrawal) for each in self.collections):
            waiting = [each for each in self.asked.values() if (each.key, each.amount) == (key, more)]
            unfunded = [each for each in waiting if not each.funded]
            assert unfunded, f"{shown}: {more} more is reserved than was promised"
            assert for_withdrawal >= 0, f"{shown}: {more} was reserved, and was not available for withdrawal"
            unfunded[0].funded = True
            self.promised[key] += more
        assert reserved == self.promised[key], f"{shown}: {self.promised[key]} is promised"
        assert key not in self.covered or for_withdrawal >= 0, f"{shown}: more was paid than could be withdrawn"
        self.covered.discard(key)
        self.reserved[key] = reserved


def _key(shown: dict[str, Any]) -> Key:
    return shown["account_group_id"], shown["currency"]
