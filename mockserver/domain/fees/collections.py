"""Fee collections: a fee is taken from the cash of an account, then from what its positions bring (payments.md §10.1).

One at a time per account. A client requests one with an amount of its own (``requests``); what accrued on the value of
an account, and what a liquidation pays, is collected by :func:`collect`, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Final

from pydantic import Field

from mockserver.domain import topics
from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, ACCOUNTS, Account
from mockserver.domain.ledger import cash
from mockserver.domain.ledger.transactions import book_cash
from mockserver.domain.orders.parents import kept
from mockserver.domain.orders.sell_to_cover import SellToCover, Sold
from mockserver.domain.payments.under_way import UNDER_WAY, UnderWay
from mockserver.kernel.lifecycle import Awaited, Hold, LifeCycle, Row
from mockserver.kernel.money import ZERO, decimal, minus, plus
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models import fees as wire
from mockserver.models.accounts import AccountStatus
from mockserver.models.common import PortfolioCurrency
from mockserver.models.fees import (
    FeeCalculationSubperiod,
    FeeCollectionProcessedAmount,
    FeeCollectionSellToCoverOrder,
    FeeCollectionStatus,
    FeeCollectionType,
)
from mockserver.models.orders import OrderInitiationFlow

PROCESSING: Final = FeeCollectionStatus.PROCESSING
SERVICE_FEE: Final = FeeCollectionType.SERVICE_FEE
ON_LIQUIDATION: Final = FeeCollectionType.SERVICE_FEE_LIQUIDATION
NOT_COLLECTED_FROM: Final = frozenset({AccountStatus.PENDING_APPROVAL, AccountStatus.CLOSED})
"""Accounts from which no fee is collected (payments.md §10.1 [D])."""


class FeeCollection(wire.FeeCollection):
    """A fee that is being collected, with what its progress needs (hidden)."""

    begun: bool = Field(False, exclude=True)
    """Whether its turn has come: its cash is reserved."""
    payer_id: str = Field("", exclude=True)
    """The liquidation whose proceeds pay it, and nothing else."""

    @property
    def amount(self) -> Decimal:
        return decimal(self.collection_amount)

    @property
    def cash_part(self) -> Decimal:
        return decimal(self.processed_amount.cash_balance or "0")

    @property
    def to_sell(self) -> Decimal:
        """What sells have to bring: what the cash does not cover. Nothing is sold for one on a liquidation."""
        return minus(self.amount, self.cash_part) if self.type == SERVICE_FEE else ZERO


def _taking_turns(row: FeeCollection) -> str | None:
    """The account in which a collection has its turn or waits for it; what a liquidation pays takes no turn."""
    return row.account_id if row.status == PROCESSING and not row.payer_id else None


COLLECTIONS: Kind[FeeCollection] = Kind(
    "fee_collections",
    indexes={"account": attrgetter("account_id"), "group": attrgetter("account_group_id"), "turn": _taking_turns},
)

COLLECTION_LIFE: Final = LifeCycle(
    COLLECTIONS,
    [
        Row(None, "PROCESSING", "FEE_COLLECTION.CREATED", "requested by the client, or due", "payments.md §10.1 [D]"),
        Row(
            "PROCESSING",
            "FINALISED",
            "FEE_COLLECTION.FINALISED",
            "what there was is taken, its sells are settled",
            "payments.md §10.1 [D]",
        ),
        Row("PROCESSING", "CANCELLED", "FEE_COLLECTION.CANCELLED", "nothing could be taken", "payments.md §10.1 [E]"),
    ],
)


def collect(
    world: World,
    of: Account,
    amount: Decimal,
    *,
    currency: str,
    period: tuple[date, date],
    type_: FeeCollectionType = SERVICE_FEE,
    breakdown: Sequence[FeeCalculationSubperiod] = (),
    payer_id: str = "",
    cause: str = "requested by the client",
) -> FeeCollection:
    """Enter a collection, and reserve its cash if no earlier one of the account is under way.

    ``period``: first and last day that it pays. ``payer_id``: the liquidation that pays it; whoever carries that out
    ends the collection with ``COVER.conclude`` or ``COVER.cancel``.
    """
    optional = {"calculation_breakdown": tuple(breakdown)} if breakdown else {}
    row = FeeCollection(
        id=world.ids.new("fee_collection"),
        created_at=world.now,
        updated_at=world.now,
        account_id=of.id,
        account_group_id=of.account_group_id,
        type=type_,
        collection_amount=f"{amount:.2f}",
        processed_amount=processed(ZERO, ZERO),
        currency=PortfolioCurrency(currency),
        status=PROCESSING,
        period_start=period[0],
        period_end=period[1],
        begun=bool(payer_id),
        payer_id=payer_id,
        **optional,
    )
    COLLECTION_LIFE.enter(world, row, cause)
    take_turns(world, of.id)
    return world.table(COLLECTIONS)[row.id]


def take_turns(world: World, account_id: str, *, silent: bool = False) -> None:
    """Begin the oldest collection of the account that is not through, unless it has begun (§10.1, inferred).

    ``silent``: no event tells the balance.
    """
    row = _first(world, account_id)
    if row is None or row.begun or _closed(world, row):
        return
    available = cash.cash(world, row.account_group_id, row.currency).for_withdrawal
    part = min(row.amount, max(available, ZERO))
    world.table(COLLECTIONS).put(row.evolve(begun=True, processed_amount=processed(part, ZERO)))
    if part:
        cash.book(world, row.account_group_id, row.currency, reserved=part, silent=silent)
    COVER.begin(world, world.table(COLLECTIONS)[row.id])


def closed(world: World, of: Account | FeeCollection) -> bool:
    """Whether the account group was closed, by hand if an account in it is still open: nothing comes out of it."""
    return world.table(ACCOUNT_GROUPS)[of.account_group_id].status == AccountStatus.CLOSED


def _closed(world: World, row: FeeCollection) -> bool:
    """Whether its account or account group was closed by hand, which cancels all that is under way."""
    return world.table(ACCOUNTS)[row.account_id].status == AccountStatus.CLOSED or closed(world, row)


def _first(world: World, account_id: str) -> FeeCollection | None:
    """The collection of the account whose turn it is."""
    return next(iter(world.table(COLLECTIONS).by("turn", account_id)), None)


def check(world: World, row: FeeCollection) -> None:
    """Raise :class:`Hold` while nothing may be taken: before its turn, and while the account is LOCKED (§10.1)."""
    if row.payer_id:
        raise Hold(f"liquidation {row.payer_id} pays it, with its last settlement")
    first = _first(world, row.account_id)
    if first is not None and first.id != row.id:
        raise Hold(f"fee collection {first.id} of the account comes first")
    if world.table(ACCOUNTS)[row.account_id].status == AccountStatus.LOCKED:
        raise Hold(f"account {row.account_id} is LOCKED", topic=topics.account(row.account_id))


def still_to_keep(world: World, row: FeeCollection) -> Decimal | None:
    """What more of its proceeds the liquidation that pays a collection keeps for it; ``None`` once that is final."""
    return minus(row.amount, kept(world, row.payer_id)) if row.status == PROCESSING else None


def processed(
    from_cash: Decimal, from_sells: Decimal, *, final: bool = False, rest: Decimal | None = None
) -> FeeCollectionProcessedAmount:
    """``"0"`` for nothing yet, ``"0.00"`` for nothing at all; ``rest``: the part that stays uncovered (§10.1 [E])."""

    def shown(amount: Decimal) -> str:
        return f"{amount:.2f}" if amount or final else "0"

    residual = {} if rest is None else {"total_residual_amount": shown(rest)}
    return FeeCollectionProcessedAmount(cash_balance=shown(from_cash), sell_to_cover=shown(from_sells), **residual)


def _book(world: World, row: FeeCollection, amount: Decimal) -> None:
    book_cash(
        world,
        type_="FEE_COLLECTION",
        group_id=row.account_group_id,
        amount=amount,
        currency=row.currency,
        references=((row.id, "FEE_COLLECTION"),),
        value_date=world.now.date(),
        account_id=row.account_id,
    )


def _processed(row: FeeCollection, from_cash: Decimal, from_sells: Decimal) -> FeeCollectionProcessedAmount:
    """What a liquidation brings counts as cash (payments.md §10.4 [D, I])."""
    taken = plus(from_cash, from_sells)
    parts = (taken, ZERO) if row.payer_id else (from_cash, from_sells)
    rest = minus(row.amount, taken)
    residual = bool(taken) and (bool(rest) or bool(row.sell_to_cover_orders))
    return processed(*parts, final=True, rest=rest if residual else None)


def _next_turn(world: World, row: FeeCollection) -> None:
    take_turns(world, row.account_id)


def _show(row: FeeCollection, sold: tuple[Sold, ...]) -> FeeCollection:
    items = tuple(
        FeeCollectionSellToCoverOrder(id=each.order_id, residual_amount=f"{each.uncovered:.2f}") for each in sold
    )
    return row.evolve(sell_to_cover_orders=items)


COVER: Final = SellToCover(
    name="fee_collection",
    cycle=COLLECTION_LIFE,
    flow=OrderInitiationFlow.SELL_TO_COVER_FEES,
    account=lambda world, row: world.table(ACCOUNTS)[row.account_id],
    target=attrgetter("to_sell"),
    show=_show,
    check=check,
    book=_book,
    processed=_processed,
    payer=lambda row: row.payer_id or row.id,
    ended=_next_turn,
)

UNDER_WAY.append(UnderWay("fee collection", COLLECTIONS, frozenset({PROCESSING}), of_account=True))


@COLLECTION_LIFE.explains("PROCESSING")
def awaited(world: World, row: FeeCollection) -> Awaited | None:
    """The liquidation that pays it, or the collection before it."""
    if row.payer_id:
        return Awaited(f"liquidation {row.payer_id} pays it, with its last settlement", f"liquidations/{row.payer_id}")
    first = _first(world, row.account_id)
    if first is not None and first.id != row.id:
        return Awaited(f"fee collection {first.id} of the account comes first", f"fee_collections/{first.id}")
    return None
