"""Mistrades: an execution is cancelled after the fact, and what it moved goes back (trading.md §13 [X])."""

from __future__ import annotations

from mockserver.domain import topics
from mockserver.domain.accounts.accounts import account
from mockserver.domain.ledger import cash, positions
from mockserver.domain.orders.parents import to_give_back
from mockserver.domain.orders.trades import EXECUTION_LIFE, Execution, book, units_of
from mockserver.domain.tax_exemptions.withholding import give_back
from mockserver.kernel.lifecycle import Hold
from mockserver.kernel.money import ZERO, wire_number
from mockserver.kernel.world import World
from mockserver.models.accounts import AccountStatus
from mockserver.models.orders import OrderExecutionStatus, OrderSide


@EXECUTION_LIFE.does("FILLED", "CANCELLED")
@EXECUTION_LIFE.does("SETTLED", "CANCELLED")
def take_back(world: World, execution: Execution) -> None:
    """Cash and units go back in the order of a trade's events; the order stays as it is (§13, inferred).

    Raises :class:`Hold` where that cannot be: the account is closed, or units that it bought are sold or locked by now
    (no position is below zero). Proceeds that are spent leave the cash balance below zero, as a charge back does
    (payments.md §2 [O]; inferred for mistrades). What a larger order has reserved of them is given back with them,
    and what was exempt from tax counts as unused again.
    """
    instrument = execution.instrument
    assert instrument is not None
    of, currency = account(world, execution.account_id), execution.currency
    if of.status == AccountStatus.CLOSED:
        raise Hold(f"account {of.id} is CLOSED: nothing goes back into it")
    quantity, net = units_of(world, execution), execution.net
    unsettled = execution.status == OrderExecutionStatus.FILLED
    if execution.side == OrderSide.BUY:
        held = positions.position(world, of.id, instrument)
        if held.available < quantity:
            raise Hold(
                f"the {wire_number(quantity)} units that it bought are no longer there: "
                f"{wire_number(held.available)} of {instrument.isin} are available",
                topic=topics.position(of.id, instrument.id),
            )
        EXECUTION_LIFE.move(world, execution, "CANCELLED", "mistrade")
        cash.book(world, of.account_group_id, currency, balance=net)
        back = quantity.copy_negate()
        positions.book(world, of.id, instrument, quantity=back, bought=back if unsettled else ZERO)
    else:
        given_back = to_give_back(world, execution).copy_negate()
        EXECUTION_LIFE.move(world, execution, "CANCELLED", "mistrade")
        positions.book(world, of.id, instrument, quantity=quantity, sold=quantity.copy_negate() if unsettled else ZERO)
        gone = net.copy_negate()
        pending = gone if unsettled else ZERO
        cash.book(world, of.account_group_id, currency, balance=gone, pending=pending, reserved=given_back)
    book(world, execution, taken_back=True)
    give_back(world, execution.withheld)
