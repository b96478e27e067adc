"""What payments moved, promised and left behind, by the states in which they are (payments.md §2.3, §18)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

from mockserver.domain.ledger.transactions import CASH_TRANSACTIONS
from mockserver.kernel.world import World
from tests.domain.support.books import check_allowances, check_collections, collected, taxed
from tests.state.market import ZERO
from tests.state.told_payments import TAKES_BACK

Sums = defaultdict[tuple[str, str], Decimal]


class Moves(NamedTuple):
    """In which states payments of a kind have moved cash of their group, and which way."""

    reference: str
    states: Mapping[str, int]


KINDS: Final[Mapping[str, Moves]] = {
    "direct_debits": Moves("DIRECT_DEBIT", {"CONFIRMED": 1}),
    "topups": Moves("TOPUP", {"CONFIRMED": 1, "SETTLED": 1}),
    "credit_fundings": Moves("CREDIT_FUNDING", {"CONFIRMED": 1}),
    "withdrawals": Moves("WITHDRAWAL", {"CONFIRMED": -1}),
    "virtual_cash_increases": Moves("VIRTUAL_CASH_INCREASE", {"CONFIRMED": 1}),
    "virtual_cash_decreases": Moves("VIRTUAL_CASH_DECREASE", {"CONFIRMED": -1}),
}
TRANSFERS: Final = "cash_balance_transfers"
ISA_TRANSFERS: Final = "isa_transfers"
FEES: Final = "fee_collections"
TAXES: Final = "tax_collections"
RETURNS: Final = ("SEPA_DIRECT_DEBIT_CHARGE_BACK", "DD_REFUND_REJECT_FEE")
"""Transactions beside those of a state: the direct debit stays CONFIRMED (§4.2)."""
INSIDE: Final = frozenset({"INTERNAL_CASH_TRANSFER"})
"""Transactions whose other side is in the same world."""
PAID: Final = re.compile(r"bank transfer (\S+) pays it")
"""Why a top-up is SETTLED, where it is not by command."""
FINAL: Final = frozenset({"CONFIRMED", "SETTLED", "CANCELLED", "BOOKED", "CREDITED", "UNMATCHED", "FINALISED"})


def rows(world: World, kind: str) -> list[Any]:
    return list(world.store.named(kind) or ())


def amount_of(payment: Any) -> Decimal:
    return Decimal(payment.cash_amount if hasattr(payment, "cash_amount") else payment.amount)


def effects(world: World) -> Iterator[tuple[str, str, tuple[str, str], Decimal]]:
    """Reference type, id, group and currency, and what each payment has moved, be it nothing."""
    for kind, moves in KINDS.items():
        for row in rows(world, kind):
            sign = moves.states.get(str(row.status), 0)
            yield moves.reference, row.id, (row.account_group_id, str(row.currency)), sign * amount_of(row)
    for row in rows(world, TRANSFERS):
        moved = amount_of(row) if row.status == "CONFIRMED" else ZERO
        yield "CASH_BALANCE_TRANSFER", row.id, (row.source_account_group_id, str(row.currency)), -moved
        yield "CASH_BALANCE_TRANSFER", row.id, (row.target_account_group_id, str(row.currency)), moved
    for row in rows(world, FEES):
        parts = row.processed_amount
        taken = Decimal(parts.cash_balance) + Decimal(parts.sell_to_cover) if row.status == "FINALISED" else ZERO
        yield "FEE_COLLECTION", row.id, (row.account_group_id, str(row.currency)), -taken
    for row in rows(world, TAXES):
        shown = row.processed_amount
        taken = Decimal(shown.cash_balance.amount) + Decimal(shown.sell_to_cover.amount)
        yield (
            "TAX_TRANSACTION",
            row.id,
            (row.account_group_id, row.currency),
            -taken if row.status == "FINALISED" else ZERO,
        )
    for row in rows(world, ISA_TRANSFERS):
        went = row.value if row.direction == "INCOMING" else -row.value
        effect = went if row.status == "SETTLED" else ZERO
        yield "ISA_TRANSFER", row.id, (row.account_group_id, str(row.currency)), effect


def moved(world: World) -> Sums:
    """What all payments moved, returns of direct debits included."""
    sums: Sums = defaultdict(Decimal)
    for _, _, key, amount in effects(world):
        sums[key] += amount
    for entry in world.table(CASH_TRANSACTIONS):
        if entry.type in RETURNS:
            sums[entry.account_group_id, str(entry.delta.currency)] += Decimal(entry.delta.amount)
    return sums


def taken_back(world: World) -> Sums:
    """What was taken off balances though it may have been spent."""
    sums: Sums = defaultdict(Decimal)
    for entry in world.table(CASH_TRANSACTIONS):
        if entry.type in TAKES_BACK:
            sums[entry.account_group_id, str(entry.delta.currency)] -= Decimal(entry.delta.amount)
    return sums


def promised(world: World) -> tuple[Sums, Sums]:
    """The least and the most that can be promised: what was not sent to the bank yet may lack its cash."""
    least: Sums = defaultdict(Decimal)
    most: Sums = defaultdict(Decimal)
    for row in rows(world, "withdrawals"):
        key = row.account_group_id, str(row.currency)
        if row.status in ("NEW", "PROCESSING"):
            most[key] += amount_of(row)
        if row.status == "PROCESSING":
            least[key] += amount_of(row)
    for row in rows(world, TRANSFERS):
        if row.status == "ISSUED":
            most[row.source_account_group_id, str(row.currency)] += amount_of(row)
    for row in rows(world, FEES):
        if row.status == "PROCESSING":
            held = collected(world, row)
            least[row.account_group_id, str(row.currency)] += held
            most[row.account_group_id, str(row.currency)] += held
    for row in rows(world, TAXES):
        if row.status == "PROCESSING":
            held = taxed(world, row)
            least[row.account_group_id, row.currency] += held
            most[row.account_group_id, row.currency] += held
    for row in rows(world, ISA_TRANSFERS):
        if row.status != "SETTLED" and row.direction == "OUTGOING":
            least[row.account_group_id, str(row.currency)] += row.value
            most[row.account_group_id, str(row.currency)] += row.value
    return least, most


def check_payments(world: World) -> None:
    """Each payment has the transactions of its state; a transfer pays no more than it brings (§18)."""
    booked: defaultdict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    returned: dict[str, Decimal] = {}
    fees: set[str] = set()
    for entry in world.table(CASH_TRANSACTIONS):
        amount, reference = Decimal(entry.delta.amount), entry.references[0]
        if entry.type == "SEPA_DIRECT_DEBIT_CHARGE_BACK":
            assert reference.id not in returned, f"direct debit {reference.id} was returned twice"
            returned[reference.id] = amount
        elif entry.type == "DD_REFUND_REJECT_FEE":
            assert reference.id not in fees, f"direct debit {reference.id} had two fees"
            fees.add(reference.id)
        else:
            booked[str(reference.type), reference.id, entry.account_group_id] += amount
    for type_, identity, (group_id, _), effect in effects(world):
        found = booked[type_, identity, group_id]
        assert found == effect, f"{type_} {identity} moved {effect}, and {found} was booked"
    debits = {row.id: row for row in rows(world, "direct_debits")}
    for identity, amount in returned.items():
        debit = debits[identity]
        assert (debit.status, -amount_of(debit)) == ("CONFIRMED", amount), f"{debit} and a return of {amount}"
    assert fees <= returned.keys(), f"fees without return: {fees - returned.keys()}"
    _check_settled(world)
    check_collections(world)
    check_allowances(world)
    _check_turns(world)


def _check_settled(world: World) -> None:
    """A transfer pays top-ups of no more than its amount; one that a command settled is paid by none."""
    left = {row.id: row.amount for row in rows(world, "bank_transfers") if row.status == "SETTLED"}
    amounts = {row.id: amount_of(row) for row in rows(world, "topups")}
    for move in world.moves:
        paid_by = PAID.fullmatch(move.cause) if (move.resource, move.to) == ("topups", "SETTLED") else None
        if paid_by is not None:
            left[paid_by[1]] -= amounts[move.id]
    assert not left or min(left.values()) >= 0, f"more top-ups were paid than came for them: {left}"


def _check_turns(world: World) -> None:
    """One collection of an account at a time, the oldest; those that wait have nothing reserved (§10.1)."""
    turns: defaultdict[str, list[Any]] = defaultdict(list)
    liquidations = {row.id: row for row in rows(world, "liquidations")}
    for row in rows(world, FEES):
        if row.payer_id and row.status == "PROCESSING":
            payer = liquidations[row.payer_id]
            assert payer.status in ("NEW", "PROCESSING", "FILLED"), f"{row} is paid by {payer}"
        if row.status == "PROCESSING" and not row.payer_id:
            turns[row.account_id].append(row)
    for first, *others in turns.values():
        assert first.begun, f"{first} does not begin"
        assert not [row for row in others if row.begun or collected(world, row)], f"{others} go before {first}"


def check_total(world: World, deposits: Mapping[tuple[str, str], Decimal], balances: Decimal) -> None:
    """All cash is what came in less what went out: transfers between groups change no sum (§18)."""
    outside = sum(
        (Decimal(entry.delta.amount) for entry in world.table(CASH_TRANSACTIONS) if entry.type not in INSIDE), ZERO
    )
    came = sum(deposits.values(), ZERO)
    assert balances == came + outside, f"{balances} is there; {came} was there, {outside} came from outside"


def open_payments(world: World, group_id: str) -> list[Any]:
    """What is not through in a group, but for returns of direct debits that cannot be booked (§18)."""
    of_group = [row for kind in KINDS for row in rows(world, kind) if row.account_group_id == group_id]
    of_group += [
        row for row in rows(world, TRANSFERS) if group_id in (row.source_account_group_id, row.target_account_group_id)
    ]
    of_group += [row for row in rows(world, ISA_TRANSFERS) if row.account_group_id == group_id]
    of_group += [row for kind in (FEES, TAXES) for row in rows(world, kind) if row.account_group_id == group_id]
    return [row for row in of_group if row.status not in FINAL]
