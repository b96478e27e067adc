"""Account liquidations: every position sold in full, by one unit order each (portfolios.md §9)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from mockserver.domain.accounts.accounts import account, barred, currency_of
from mockserver.domain.accounts.holders import business_of, owned_by, shown
from mockserver.domain.fees.collections import COLLECTIONS, COVER, ON_LIQUIDATION, FeeCollection, still_to_keep
from mockserver.domain.fees.runs import collect_unpaid
from mockserver.domain.instruments.instruments import INSTRUMENTS
from mockserver.domain.ledger import positions
from mockserver.domain.listing import created_between
from mockserver.domain.orders.orders import Order, place
from mockserver.domain.orders.orders import cancel as cancel_order
from mockserver.domain.orders.parents import Parent, children
from mockserver.domain.portfolios.refusals import LIQUIDATION_OPEN, LIQUIDATION_OWNER, LIQUIDATION_STARTED
from mockserver.domain.refusals import UNKNOWN
from mockserver.domain.valuations.appraisal import Appraiser
from mockserver.domain.valuations.valuations import valuate
from mockserver.kernel.lifecycle import LifeCycle, Row
from mockserver.kernel.money import decimal, total, wire_amount
from mockserver.kernel.moves import Moved
from mockserver.kernel.operations import Call, Listing, Nothing, operation
from mockserver.kernel.stages import Stage
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.common import PortfolioCurrency
from mockserver.models.fees import FeeCollectionStatus
from mockserver.models.liquidations import AccountLiquidation, AccountLiquidationOrder, AccountLiquidationStatus
from mockserver.models.orders import (
    OrderCancellationReason,
    OrderInitiationFlow,
    OrderSide,
    OrderStatus,
)
from mockserver.models.valuations import PriceQuality

if TYPE_CHECKING:
    from mockserver.models.messages.liquidations import AccountLiquidationRequest


class Liquidation(AccountLiquidation):
    """A request to sell everything."""

    @property
    def open(self) -> bool:
        return self.status in (AccountLiquidationStatus.NEW, AccountLiquidationStatus.PROCESSING)


LIQUIDATIONS: Kind[Liquidation] = Kind("liquidations", indexes={"account": attrgetter("account_id")})

_FAMILY = "ACCOUNT_LIQUIDATION"

LIQUIDATION_LIFE: Final = LifeCycle(
    LIQUIDATIONS,
    [
        Row(None, "NEW", f"{_FAMILY}.NEW", "requested; checks are running", "portfolios.md §9 [G]"),
        Row("NEW", "PROCESSING", f"{_FAMILY}.PROCESSING", "orders exist, the first goes out", "portfolios.md §9 [G]"),
        Row(
            "PROCESSING",
            "FILLED",
            f"{_FAMILY}.FILLED",
            "all orders executed, the account is empty",
            "portfolios.md §9 [G]",
        ),
        Row("FILLED", "SETTLED", f"{_FAMILY}.SETTLED", "the proceeds are settled", "portfolios.md §9 [A]"),
        Row(
            "NEW",
            "CANCELLED",
            f"{_FAMILY}.CANCELLED",
            "by the client, or nothing to sell",
            "portfolios.md §9 [A], inferred",
        ),
        Row("PROCESSING", "CANCELLED", f"{_FAMILY}.CANCELLED", "error at the trading partner", "portfolios.md §9 [G]"),
    ],
)


def start(world: World, order: Liquidation) -> None:
    """Place the sells; waits in NEW for an active account, ends CANCELLED without positions (§9, inferred)."""
    if children(world, order.id):
        return
    of = account(world, order.account_id)
    why_not = barred(world, of, sell=True)
    if why_not is not None:
        LIQUIDATION_LIFE.move(world, order, "CANCELLED", why_not)
        return
    sold = [row for row in positions.of_account(world, of.id) if row.available > 0]
    if not sold:
        LIQUIDATION_LIFE.move(world, order, "CANCELLED", "the account has no positions to sell")
        return
    for row in sold:
        place(
            world,
            of=of,
            instrument=world.table(INSTRUMENTS)[row.instrument_id],
            side=OrderSide.SELL,
            flow=OrderInitiationFlow.ACCOUNT_LIQUIDATION,
            quantity=row.available,
            reference=order.id,
            parent=order.id,
            member_id=order.user_id or order.business_id,
        )
    world.table(LIQUIDATIONS).put(order.evolve(orders=_items(children(world, order.id))))


Stage("liquidation.start", LIQUIDATION_LIFE, "NEW", "PROCESSING", runs=start)


@LIQUIDATION_LIFE.does("NEW", "CANCELLED")
@LIQUIDATION_LIFE.does("PROCESSING", "CANCELLED")
def cancel(world: World, order: Liquidation) -> None:
    """Cancel those of its orders that are not executed; it ends with the last, FILLED if any was executed before."""
    open_ones = [row for row in children(world, order.id) if not row.final]
    if not open_ones:
        LIQUIDATION_LIFE.move(world, order, "CANCELLED", "cancelled")
    for row in open_ones:
        cancel_order(world, row, OrderCancellationReason.CANCELLED_BY_CLIENT)


def advance(world: World, order: Liquidation, orders: list[Order]) -> None:
    """End with the last order: FILLED if any was, else CANCELLED."""
    if any(row.status == OrderStatus.FILLED for row in orders):
        LIQUIDATION_LIFE.move(
            world, order, "FILLED", "all orders are executed", cash_amount=wire_amount(_gross(orders))
        )
    else:
        LIQUIDATION_LIFE.move(world, order, "CANCELLED", "every order was cancelled")


def _fees_of(world: World, order: Liquidation) -> FeeCollection | None:
    return None if order.fee_collection_id is None else world.table(COLLECTIONS).get(order.fee_collection_id)


def keeps_for_fees(world: World, order: Liquidation) -> Decimal | None:
    """What of the next proceeds is reserved for its fee collection (payments.md §10.4 [D, I])."""
    fee = _fees_of(world, order)
    return None if fee is None else still_to_keep(world, fee)


def ended(world: World, order: Liquidation, moved: Moved) -> None:
    """Its fees are taken with the last settlement, and are cancelled with it (payments.md §10.4 [D, I])."""
    fee = _fees_of(world, order)
    if fee is None or fee.status != FeeCollectionStatus.PROCESSING:
        return
    if moved.to == "SETTLED":
        COVER.conclude(world, fee)
    else:
        COVER.cancel(world, fee)


Parent(
    name="liquidation",
    cycle=LIQUIDATION_LIFE,
    start=start,
    show=lambda order, orders: order.evolve(orders=_items(orders)),
    advance=advance,
    when_settled="the proceeds are settled",
    keeps=keeps_for_fees,
)


def _gross(orders: list[Order]) -> Decimal:
    """What the sells brought, before tax."""
    return total(decimal(execution.cash_amount) for row in orders for execution in row.executions)


def _items(orders: list[Order]) -> tuple[AccountLiquidationOrder, ...]:
    return tuple(AccountLiquidationOrder(id=row.id, side="SELL", status=row.status) for row in orders)


@operation("create_account_liquidation")
def create_account_liquidation(world: World, call: Call[AccountLiquidationRequest]) -> Liquidation:
    """Accepted for accounts of either type (§9); one open liquidation an account (inferred).

    Unpaid AUM fees are collected with it, from its proceeds: the collection is created first (payments.md §10.4).
    """
    of = account(world, call.path["account_id"])
    owner = call.body.user_id or call.body.business_id or ""
    if (call.body.business_id != business_of(of)) or not owned_by(of, owner):
        raise LIQUIDATION_OWNER.refuse(owner=owner, account_id=of.id)
    for row in world.table(LIQUIDATIONS).by("account", of.id):
        if row.open:
            raise LIQUIDATION_OPEN.refuse(account_id=of.id, id=row.id)
    yesterday = world.now.date() - timedelta(days=1)
    value = valuate(world, of, PriceQuality.EOD, Appraiser(world, yesterday)).total
    identity = world.ids.new("liquidation")
    fee = collect_unpaid(world, of, type_=ON_LIQUIDATION, payer_id=identity, cause="a liquidation pays what accrued")
    row = Liquidation(
        id=identity,
        created_at=world.now,
        updated_at=world.now,
        **shown(of, owner),
        account_id=of.id,
        cash_amount=wire_amount(value),
        currency=PortfolioCurrency(currency_of(world, of)),
        status=AccountLiquidationStatus.NEW,
        orders=(),
        fee_collection_id=None if fee is None else fee.id,
    )
    return LIQUIDATION_LIFE.enter(world, row, "requested by the client")


@operation("list_accounts_liquidations")
def list_accounts_liquidations(world: World, call: Call[None]) -> Listing:
    of = account(world, call.path["account_id"])
    rows = world.table(LIQUIDATIONS).sorted_under("account", of.id, "id")
    return Listing(created_between(rows, call.query.get("start_date"), call.query.get("end_date")), "id")


@operation("retrieve_account_liquidation")
def retrieve_account_liquidation(world: World, call: Call[None]) -> Liquidation:
    return _liquidation(world, call)


@operation("cancel_account_liquidation")
def cancel_account_liquidation(world: World, call: Call[None]) -> Nothing:
    """Only while NEW (§9 [A]), else 404: the one refusal that the operation declares (inferred)."""
    order = _liquidation(world, call)
    if order.status != AccountLiquidationStatus.NEW:
        raise LIQUIDATION_STARTED.refuse(id=order.id, status=order.status)
    cancel(world, order)
    return Nothing()


def _liquidation(world: World, call: Call[None]) -> Liquidation:
    of = account(world, call.path["account_id"])
    found = world.table(LIQUIDATIONS).get(call.path["account_liquidation_id"])
    if found is None or found.account_id != of.id:
        raise UNKNOWN.refuse(what="liquidation", id=call.path["account_liquidation_id"])
    return found
