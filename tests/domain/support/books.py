"""What must hold in every world at every moment: books that agree, events that match moves, nothing out of nowhere."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal, localcontext
from typing import Any

from mockserver.domain.ledger.cash import CASH
from mockserver.domain.ledger.positions import POSITIONS
from mockserver.domain.ledger.transactions import CASH_TRANSACTIONS, SECURITY_TRANSACTIONS
from mockserver.domain.orders.orders import ORDERS
from mockserver.domain.orders.trades import EXECUTIONS, Execution
from mockserver.domain.portfolios.orders import PORTFOLIO_ORDERS
from mockserver.domain.transfers.securities import SECURITIES_TRANSFERS
from mockserver.kernel.lifecycle import CYCLES
from mockserver.kernel.profile_changes import PART as PROFILE
from mockserver.kernel.world import World

ZERO = Decimal(0)


def cash_ledger(world: World) -> Decimal:
    """All cash, with what executions took out put back: constant while nothing comes in from outside."""
    cash = sum((row.balance for row in world.table(CASH)), ZERO)
    return cash + sum((row.net if row.side == "BUY" else -row.net for row in _standing(world)), ZERO)


def _standing(world: World) -> list[Execution]:
    """The executions that are no mistrades."""
    return [row for row in world.table(EXECUTIONS) if row.status != "CANCELLED"]


def unit_ledger(world: World) -> dict[str, Decimal]:
    """All units by instrument, with what executions moved put back: constant while nothing comes in from outside."""
    units: dict[str, Decimal] = defaultdict(Decimal)
    for row in world.table(POSITIONS):
        units[row.isin] += row.quantity
    for trade in _standing(world):
        assert trade.instrument is not None
        quantity = Decimal(trade.share_quantity)
        units[trade.instrument.isin or ""] += -quantity if trade.side == "BUY" else quantity
    return {isin: number for isin, number in units.items() if number}


def check_books(world: World) -> None:
    """Locks, pending amounts, transactions and shown orders agree with the orders and executions that made them."""
    with localcontext(prec=400):  # or else sums of long numbers are rounded here, and not there
        _check_cash(world)
        _check_positions(world)
        _check_transactions(world)
        check_collections(world)
        check_allowances(world)
    _check_shown(world)
    _check_events_match_moves(world)


TAKEN_BACK = frozenset(
    {"CREDIT_FUNDING_CHARGE_BACK", "SEPA_DIRECT_DEBIT_CHARGE_BACK", "DD_REFUND_REJECT_FEE", "TOPUP_CANCELLATION"}
)
"""Types of cash transactions that take what may be spent already, so that a balance may be below zero."""


def _check_cash(world: World) -> None:
    locked: dict[str, Decimal] = defaultdict(Decimal)
    pending: dict[str, Decimal] = defaultdict(Decimal)
    taken_back: dict[str, Decimal] = defaultdict(Decimal)  # what may be spent already
    for order in world.table(ORDERS):
        assert not (order.final and order.locked_cash), f"final order {order.id} locks cash"
        locked[f"{order.account_group_id}/{order.currency}"] += order.locked_cash
    for trade in world.table(EXECUTIONS):
        if trade.side == "SELL" and trade.status == "CANCELLED":
            taken_back[f"{trade.account_group_id}/{trade.currency}"] += trade.net
        if trade.side == "SELL" and trade.status == "FILLED":
            pending[f"{trade.account_group_id}/{trade.currency}"] += trade.net
    for entry in world.table(CASH_TRANSACTIONS):
        if entry.type in TAKEN_BACK:
            taken_back[f"{entry.account_group_id}/{entry.delta.currency}"] -= Decimal(entry.delta.amount)
    promised = _promised(world)
    for row in world.table(CASH):
        assert row.reserved == promised[row.id], f"{row.id} reserves {row.reserved}, {promised[row.id]} is promised"
        assert row.locked == locked[row.id], f"{row.id} locks {row.locked}, its orders {locked[row.id]}"
        assert row.pending == pending[row.id], f"{row.id} awaits {row.pending}, its executions {pending[row.id]}"
        assert row.balance >= -taken_back[row.id], f"{row.id} is overdrawn: {row.balance}"
        assert row.for_trading >= -taken_back[row.id], f"{row.id} locks more than it has: {row}"


PROMISES = {
    "withdrawals": ("account_group_id", {"NEW", "PROCESSING"}),
    "cash_balance_transfers": ("source_account_group_id", {"ISSUED"}),
}
"""The payments that reserve their amount: of which group, and in which states (payments.md §18)."""


def _promised(world: World) -> dict[str, Decimal]:
    promised: dict[str, Decimal] = defaultdict(Decimal)
    for kind, (group, states) in PROMISES.items():
        for row in world.store.named(kind) or ():
            if row.funded and row.status in states:
                promised[f"{getattr(row, group)}/{row.currency}"] += Decimal(row.amount)
    for row in world.store.named("isa_transfers") or ():
        if row.direction == "OUTGOING" and row.status != "SETTLED":
            promised[f"{row.account_group_id}/{row.currency}"] += row.value
    for row in world.store.named("fee_collections") or ():
        if row.status == "PROCESSING":
            promised[f"{row.account_group_id}/{row.currency}"] += collected(world, row)
    for row in world.store.named("tax_collections") or ():
        if row.status == "PROCESSING":
            promised[f"{row.account_group_id}/{row.currency}"] += taxed(world, row)
    return promised


def taxed(world: World, collection: Any) -> Decimal:
    """The cash part of a tax collection, and what its sells brought it (payments.md §12.3)."""
    orders = {order.id for order in world.table(ORDERS).by("parent", collection.id)}
    trades = [each for each in world.table(EXECUTIONS) if each.order_id in orders and each.status != "CANCELLED"]
    brought = sum((each.kept for each in trades), ZERO)
    taken = Decimal(collection.processed_amount.cash_balance.amount) + brought
    assert taken <= Decimal(collection.collection_amount.amount), f"{collection.id} takes {taken}"
    return taken


def collected(world: World, collection: Any) -> Decimal:
    """The cash part of a collection, and what its sells brought it: each at most what was still short (§10.1)."""
    orders = world.table(ORDERS).by("parent", collection.payer_id or collection.id)
    cash = Decimal(collection.processed_amount.cash_balance or "0")
    amount, brought = Decimal(collection.collection_amount), ZERO
    for order in orders:
        for trade in order.executions:
            assert isinstance(trade, Execution)
            assert trade.kept <= trade.net
            brought += trade.kept if trade.status != "CANCELLED" else ZERO
    assert cash + brought <= amount, f"{collection.id} takes {cash} and {brought}"
    return cash + brought


def check_collections(world: World) -> None:
    """What a final collection took and left sums to its amount, and is what was booked (payments.md §18)."""
    booked: dict[str, list[Decimal]] = defaultdict(list)
    for entry in world.table(CASH_TRANSACTIONS):
        if entry.type == "FEE_COLLECTION":
            booked[entry.references[0].id].append(-Decimal(entry.delta.amount))
    for row in world.store.named("fee_collections") or ():
        parts = row.processed_amount
        taken = Decimal(parts.cash_balance) + Decimal(parts.sell_to_cover)
        if row.status != "FINALISED":
            assert row.id not in booked
            assert parts.total_residual_amount is None
            assert row.status == "PROCESSING" or taken == 0
            continue
        assert booked.pop(row.id) == [taken]
        assert taken + Decimal(parts.total_residual_amount or "0") == Decimal(row.collection_amount)
    assert not booked


def check_allowances(world: World) -> None:
    """Used and remaining sum to 20000.00, both at least 0; an ACTIVE wrapper has one ACTIVE allowance (§18)."""
    active: dict[str, int] = defaultdict(int)
    for row in world.store.named("isa_wrapper_allowances") or ():
        used, left = Decimal(row.used_amount), Decimal(row.remaining_amount)
        assert used + left == 20000, f"{row.id} has used {used} and {left} remains"
        assert min(used, left) >= 0
        active[row.tax_wrapper_id] += row.status == "ACTIVE"
    for row in world.store.named("isa_wrappers") or ():
        assert row.status != "ACTIVE" or active[row.id] == 1, f"{row.id} has {active[row.id]} ACTIVE allowances"


def _check_positions(world: World) -> None:
    locked: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    bought: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    sold: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for order in world.table(ORDERS):
        assert not (order.final and order.locked_units), f"final order {order.id} locks units"
        locked[order.account_id, order.instrument_id] += order.locked_units
    for transfer in world.table(SECURITIES_TRANSFERS):
        if transfer.open and not transfer.incoming:  # payments.md §18 (19)
            locked[transfer.account_id, transfer.instrument_id] += transfer.units
    for trade in world.table(EXECUTIONS):
        if trade.status == "FILLED":
            assert trade.instrument is not None
            side = bought if trade.side == "BUY" else sold
            side[trade.account_id, trade.instrument.isin or ""] += Decimal(trade.share_quantity)
    for row in world.table(POSITIONS):
        key = row.account_id, row.isin
        assert row.locked == locked[key], f"{row} locks what no order or transfer does: {locked[key]}"
        assert (row.bought, row.sold) == (bought[key], sold[key]), f"{row} against {bought[key]}, {sold[key]}"
        assert row.quantity >= 0, f"{row} is below zero"
        assert row.available >= 0, f"{row} locks more than it has"


def _check_transactions(world: World) -> None:
    cash, units = world.table(CASH_TRANSACTIONS), world.table(SECURITY_TRANSACTIONS)
    trades = list(world.table(EXECUTIONS))
    booked = {row.references[0].id: Decimal(row.delta.amount) for row in cash if row.type == "ORDER_EXECUTION"}
    assert booked == {row.id: -row.net if row.side == "BUY" else row.net for row in trades}
    moved = {row.references[0].id: Decimal(row.delta.amount) for row in units if row.type == "ORDER_EXECUTION"}
    signs = {"BUY": 1, "SELL": -1}
    assert moved == {row.id: signs[row.side] * Decimal(row.share_quantity) for row in trades}
    for of_type in (cash, units):
        back = [row for row in of_type if row.type == "ORDER_EXECUTION_CANCELLATION"]
        assert {row.references[0].id for row in back} == {row.id for row in trades if row.status == "CANCELLED"}
        first = {row.references: Decimal(row.delta.amount) for row in of_type if row.type == "ORDER_EXECUTION"}
        assert all(Decimal(row.delta.amount) == -first[row.references] for row in back)


def _check_shown(world: World) -> None:
    trades = world.table(EXECUTIONS)
    for order in world.table(ORDERS):
        assert list(order.executions) == trades.by("order", order.id), f"order {order.id} shows old executions"
        assert (order.cancellation_reason is not None) == (order.status == "CANCELLED")
    for parent in world.table(PORTFOLIO_ORDERS):
        shown = [(item.id, item.side, item.status) for item in parent.orders]
        children = [(row.id, row.side, row.status) for row in world.table(ORDERS).by("parent", parent.id)]
        assert shown == children, f"portfolio order {parent.id} shows {shown}, its orders are {children}"
        assert (parent.cancellation_reason is not None) == (parent.status == "CANCELLED")
        if parent.status in ("FILLED", "SETTLED", "CANCELLED"):
            assert all(row.final for row in world.table(ORDERS).by("parent", parent.id))


def _check_events_match_moves(world: World) -> None:
    """Every move told its event, in the order of the moves (rebalancings tell PROCESSING again when they grow)."""
    moves = [
        (move, CYCLES[move.resource].rows[move.source, move.to].event)
        for move in world.moves
        if move.resource != PROFILE
    ]
    wanted = [(event, move.id, move.at) for move, event in moves if event is not None]
    families = {event.partition(".")[0] for event, _, _ in wanted}
    told = [(each.type, getattr(each.object, "id", ""), each.created_at) for each in world.events]
    found = [entry for entry in told if entry[0].partition(".")[0] in families]
    position = 0
    for entry in found:
        if position < len(wanted) and entry == wanted[position]:
            position += 1
        else:
            assert entry[0] in UNMOVED, f"{entry} was told without a move"
    assert position == len(wanted), f"no event for {wanted[position:]}"


UNMOVED = frozenset(
    {
        *(
            "PORTFOLIO_ORDER.PROCESSING",
            "ACCOUNT.UPDATED",
            "ACCOUNT_GROUP.UPDATED",
            "USER.DATA_CHANGED",
            "USER.DATA_CHANGE_FAILED",
        ),
        "ISA_WRAPPER_ALLOWANCE.UPDATED",
        *("BUSINESS.DATA_CHANGED", "BUSINESS.DATA_CHANGE_FAILED"),
        *("SAVINGS_PLAN_EXECUTION.REMINDER", "SAVINGS_PLAN_EXECUTION.DATA_CHANGED"),
        *("TAX_EXEMPTION.UPDATED", "TAX_EXEMPTION.CREATION_FAILED"),
        *("TAX_EXEMPTION.UPDATE_FAILED", "TAX_EXEMPTION.DELETION_FAILED"),
    }
)
"""Event types of life cycles that are told without a move too."""
