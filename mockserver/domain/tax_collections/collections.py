"""Tax collections: a tax is taken from the cash of a group, then from what its positions bring (payments.md §12.3).

Webhook only: the Vorabpauschale of each January (``prepayments``), and other taxes by command.
"""

from __future__ import annotations

from decimal import Decimal
from operator import attrgetter
from typing import Any, Final

from pydantic import Field

from mockserver.domain import topics
from mockserver.domain.accounts.accounts import ACCOUNTS, Account, AccountGroup
from mockserver.domain.instruments.instruments import INSTRUMENTS, Instrument
from mockserver.domain.instruments.prices import dealing
from mockserver.domain.ledger import cash, positions
from mockserver.domain.ledger.transactions import book_cash
from mockserver.domain.orders.sell_to_cover import SellToCover
from mockserver.domain.payments.under_way import UNDER_WAY, UnderWay
from mockserver.kernel.lifecycle import Hold, LifeCycle, Row
from mockserver.kernel.money import ZERO, decimal, minus, times
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models import taxes as wire
from mockserver.models.accounts import AccountStatus
from mockserver.models.common import PortfolioCurrency
from mockserver.models.orders import OrderInitiationFlow, OrderSide
from mockserver.models.taxes import (
    TaxAmount,
    TaxCollectionInstrument,
    TaxCollectionProcessedAmount,
    TaxCollectionStatus,
    TaxCollectionType,
)

PROCESSING: Final = TaxCollectionStatus.PROCESSING
NOT_COLLECTED_FROM: Final = frozenset({AccountStatus.PENDING_APPROVAL, AccountStatus.CLOSED})
"""Account groups from which no tax is collected (inferred)."""


class TaxCollection(wire.TaxCollection):
    """A tax that is being collected, with what its progress needs (hidden)."""

    account_group_id: str = ""
    seller_id: str = Field("", exclude=True)
    """The account whose positions are sold; empty: the group has none."""

    @property
    def amount(self) -> Decimal:
        return decimal(self.collection_amount.amount)

    @property
    def currency(self) -> str:
        return self.collection_amount.currency

    @property
    def cash_part(self) -> Decimal:
        return decimal(self.processed_amount.cash_balance.amount)

    @property
    def to_sell(self) -> Decimal:
        """What sells have to bring: what the cash does not cover."""
        return minus(self.amount, self.cash_part) if self.seller_id else ZERO


TAX_COLLECTIONS: Kind[TaxCollection] = Kind("tax_collections", indexes={"group": attrgetter("account_group_id")})

TAX_LIFE: Final = LifeCycle(
    TAX_COLLECTIONS,
    [
        Row(None, "PROCESSING", "TAX_COLLECTION.CREATED", "a tax is due", "payments.md §12.3 [D]"),
        Row(
            "PROCESSING",
            "FINALISED",
            "TAX_COLLECTION.FINALISED",
            "what there was is taken, its sells are settled",
            "payments.md §12.3 [D]",
        ),
        Row("PROCESSING", "CANCELLED", "TAX_COLLECTION.CANCELLED", "nothing could be taken", "payments.md §12.3 [D]"),
    ],
)


def collect(
    world: World,
    of: AccountGroup,
    amount: Decimal,
    *,
    type_: TaxCollectionType = TaxCollectionType.TAX_PAYMENT,
    instrument: Instrument | None = None,
    offset: Decimal = ZERO,
    cause: str = "a tax is due",
) -> TaxCollection:
    """Enter a collection in the main currency of the group, reserve its cash, and sell for what is short.

    ``offset``: how much of the income an exemption kept free of the tax.
    """
    row = drafted(world, of, amount, type_=type_, instrument=instrument, offset=offset)
    TAX_LIFE.enter(world, row, cause)
    start(world, row)
    return world.table(TAX_COLLECTIONS)[row.id]


def drafted(
    world: World,
    of: AccountGroup,
    amount: Decimal,
    *,
    type_: TaxCollectionType,
    instrument: Instrument | None,
    offset: Decimal,
) -> TaxCollection:
    """A collection that is in no table yet: PROCESSING, nothing is reserved."""
    seller = _seller(world, of, instrument)
    optional: dict[str, Any] = {}
    if instrument is not None:
        optional["instrument"] = TaxCollectionInstrument(uuid=instrument.id, isin=instrument.isin)
    return TaxCollection(
        id=world.ids.new("tax_collection"),
        created_at=world.now,
        updated_at=world.now,
        account_group_id=of.id,
        type=type_,
        collection_amount=_shown(amount, of.currency),
        processed_amount=processed(of.currency, ZERO, ZERO, offset),
        status=PROCESSING,
        references=(),
        seller_id="" if seller is None else seller.id,
        **optional,
    )


def start(world: World, row: TaxCollection, *, silent: bool = False) -> None:
    """Reserve the cash that there is, and sell for what is short; ``silent``: no event tells the balance."""
    available = cash.cash(world, row.account_group_id, row.currency).for_withdrawal
    part = min(row.amount, max(available, ZERO))
    row = world.table(TAX_COLLECTIONS).put(
        row.evolve(processed_amount=processed(row.currency, part, ZERO, _offset(row)))
    )
    if part:
        cash.book(world, row.account_group_id, row.currency, reserved=part, silent=silent)
    COVER.begin(world, row)


def _seller(world: World, of: AccountGroup, instrument: Instrument | None) -> Account | None:
    """The account with the largest position in the instrument; without one, with the largest position (§12.3 [D, I]).

    The first of equal ones; the first account where no position has a price.
    """
    best: tuple[Decimal, Account] | None = None
    for account in world.table(ACCOUNTS).by("group", of.id):
        if account.status in NOT_COLLECTED_FROM:
            continue
        size = _size(world, account, instrument)
        if best is None or size > best[0]:
            best = size, account
    if best is not None and instrument is not None and not best[0]:
        return _seller(world, of, None)
    return None if best is None else best[1]


def _size(world: World, account: Account, instrument: Instrument | None) -> Decimal:
    """The units of an instrument, or the value of the largest position."""
    if instrument is not None:
        return positions.position(world, account.id, instrument).quantity
    values = (
        times(row.quantity, dealing(world, world.table(INSTRUMENTS)[row.instrument_id], OrderSide.SELL) or ZERO)
        for row in positions.of_account(world, account.id)
    )
    return max(values, default=ZERO)


def processed(
    currency: str, from_cash: Decimal, from_sells: Decimal, offset: Decimal = ZERO
) -> TaxCollectionProcessedAmount:
    """Two decimals always (read off the published event); ``offset_amount`` only where there is one."""
    optional = {"offset_amount": _shown(offset, currency)} if offset else {}
    return TaxCollectionProcessedAmount(
        cash_balance=_shown(from_cash, currency), sell_to_cover=_shown(from_sells, currency), **optional
    )


def _shown(amount: Decimal, currency: str) -> TaxAmount:
    return TaxAmount(amount=f"{amount:.2f}", currency=PortfolioCurrency(currency))


def _offset(row: TaxCollection) -> Decimal:
    offset = getattr(row.processed_amount, "offset_amount", None)
    return ZERO if offset is None else decimal(offset.amount)


def check(world: World, row: TaxCollection) -> None:
    """Raise :class:`Hold` while nothing may be taken: the account that sells is LOCKED (as for fees, inferred)."""
    if row.seller_id and world.table(ACCOUNTS)[row.seller_id].status == AccountStatus.LOCKED:
        raise Hold(f"account {row.seller_id} is LOCKED", topic=topics.account(row.seller_id))


def _book(world: World, row: TaxCollection, amount: Decimal) -> None:
    book_cash(
        world,
        type_=row.type,
        group_id=row.account_group_id,
        amount=amount,
        currency=row.currency,
        references=((row.id, "TAX_TRANSACTION"),),
        value_date=world.now.date(),
        instrument=_instrument(world, row),
    )


def _instrument(world: World, row: TaxCollection) -> Instrument | None:
    known = getattr(row, "instrument", None)
    return None if known is None else world.table(INSTRUMENTS)[known.uuid]


COVER: Final = SellToCover(
    name="tax_collection",
    cycle=TAX_LIFE,
    flow=OrderInitiationFlow.SELL_TO_COVER_TAXES,
    account=lambda world, row: world.table(ACCOUNTS)[row.seller_id],
    target=attrgetter("to_sell"),
    show=lambda row, _: row,
    check=check,
    book=_book,
    processed=lambda row, from_cash, from_sells: processed(row.currency, from_cash, from_sells, _offset(row)),
)

UNDER_WAY.append(UnderWay("tax collection", TAX_COLLECTIONS, frozenset({PROCESSING})))
