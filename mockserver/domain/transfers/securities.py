"""Securities transfers: whole units of one instrument, to or from another custodian (payments.md §11.1).

Units on their way out are locked from the request until the transfer is final. What clients may request is in
``requests`` and ``bundles``, what happens by itself in ``progress``.
"""

from __future__ import annotations

from decimal import Decimal
from operator import attrgetter
from typing import Final

from pydantic import Field

from mockserver.domain.instruments.instruments import INSTRUMENTS, Instrument
from mockserver.domain.ledger import positions
from mockserver.domain.ledger.transactions import book_units
from mockserver.domain.payments.under_way import UNDER_WAY, UnderWay
from mockserver.domain.transfers.dates import LAST
from mockserver.kernel.clock import Task
from mockserver.kernel.lifecycle import IllegalMoveError, LifeCycle, Row
from mockserver.kernel.money import ZERO, decimal
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models import transfers as wire
from mockserver.models.transfers import SecuritiesTransferStatus, TransferDelayReason, TransferDirection

OPEN: Final = frozenset({SecuritiesTransferStatus.NEW, SecuritiesTransferStatus.PROCESSING})

DEFAULT_DELAY: Final = TransferDelayReason.COUNTERPARTY_NOT_RESPONDING
"""Why a transfer is late where nothing says why: the reason of the published example (payments.md §11.1 [E])."""


class SecuritiesTransfer(wire.SecuritiesTransfer):
    """A transfer with what the API does not show of it."""

    account_group_id: str = Field("", exclude=True)
    account_transfer_id: str | None = Field(None, exclude=True)
    """The account transfer that it is a line of."""
    instrument_uuid: str = Field("", exclude=True)
    expiry: Task | None = Field(None, exclude=True)
    """When it is given up without settlement."""
    settlement: Task | None = Field(None, exclude=True)
    """When it settles, by its settlement date."""

    @property
    def incoming(self) -> bool:
        return self.direction == TransferDirection.INCOMING

    @property
    def open(self) -> bool:
        return self.status in OPEN

    @property
    def units(self) -> Decimal:
        return decimal(self.quantity)


SECURITIES_TRANSFERS: Final[Kind[SecuritiesTransfer]] = Kind(
    "securities_transfers",
    indexes={
        "group": attrgetter("account_group_id"),
        "account": attrgetter("account_id"),
        "bundle": attrgetter("account_transfer_id"),
    },
)

SECURITIES_TRANSFER_LIFE: Final = LifeCycle(
    SECURITIES_TRANSFERS,
    [
        Row(None, "NEW", "SECURITIES_TRANSFER.NEW", "requested by the client", "payments.md §11.1 [A]"),
        Row("NEW", "PROCESSING", "SECURITIES_TRANSFER.PROCESSING", "instructed in the market", "payments.md §11.1 [D]"),
        Row(
            "PROCESSING", "SETTLED", "SECURITIES_TRANSFER.SETTLED", "executed by the custodian", "payments.md §11.1 [D]"
        ),
        Row(
            "PROCESSING",
            "PROCESSING",
            "SECURITIES_TRANSFER.DATA_CHANGED",
            "late: the counterparty delays it, so that it settles a business day later",
            "payments.md §11.1 [D], that it moves the settlement date inferred",
        ),
        Row("NEW", "CANCELLED", "SECURITIES_TRANSFER.CANCELLED", "given up or refused", "payments.md §11.1 [D]"),
        Row("PROCESSING", "CANCELLED", "SECURITIES_TRANSFER.CANCELLED", "given up or refused", "payments.md §11.1 [D]"),
    ],
)


def request(world: World, of: SecuritiesTransfer) -> SecuritiesTransfer:
    """Enter a transfer in NEW; one out locks its units (payments.md §11.1, inferred)."""
    SECURITIES_TRANSFER_LIFE.enter(world, of, "requested by the client")
    if not of.incoming:
        lock(world, of, of.units)
    return of


def lock(world: World, of: SecuritiesTransfer, units: Decimal, *, silent: bool = False) -> None:
    """Keep units for a transfer out (negative: give them back)."""
    positions.book(world, of.account_id, instrument_of(world, of), locked=units, silent=silent)


def instrument_of(world: World, of: SecuritiesTransfer) -> Instrument:
    return world.table(INSTRUMENTS)[of.instrument_uuid]


@SECURITIES_TRANSFER_LIFE.does("NEW", "PROCESSING")
def instruct(world: World, of: SecuritiesTransfer) -> None:
    """It is under way in the market; nothing is booked yet."""
    SECURITIES_TRANSFER_LIFE.move(world, of, "PROCESSING", "instructed in the market")


@SECURITIES_TRANSFER_LIFE.does("PROCESSING", "SETTLED")
def settle(world: World, of: SecuritiesTransfer) -> None:
    """The units are booked: position, then transaction (payments.md §11.1, order inferred)."""
    today, units = world.calendar.day_of(world.now), of.units
    SECURITIES_TRANSFER_LIFE.move(
        world,
        of,
        "SETTLED",
        "settled by the custodian",
        quantity_settled=of.quantity,
        actual_settlement_date=today,
    )
    came, instrument = units if of.incoming else units.copy_negate(), instrument_of(world, of)
    positions.book(world, of.account_id, instrument, quantity=came, locked=ZERO if of.incoming else came)
    book_units(
        world,
        type_="SECURITIES_TRANSFER",
        group_id=of.account_group_id,
        account_id=of.account_id,
        instrument=instrument,
        quantity=came,
        references=(),
        value_date=today,
    )


@SECURITIES_TRANSFER_LIFE.does("PROCESSING", "PROCESSING")
def delay(world: World, of: SecuritiesTransfer, delay_reason: TransferDelayReason = DEFAULT_DELAY) -> None:
    """The settlement date moves on by a business day; what was due for the old one is dropped."""
    before = of.settlement_date
    if before >= LAST:
        raise IllegalMoveError(f"the settlement date of securities transfer {of.id} is {before}, the last there is")
    if of.settlement is not None:
        world.clock.drop(of.settlement)
    reason = TransferDelayReason(delay_reason)
    SECURITIES_TRANSFER_LIFE.move(
        world,
        of,
        "PROCESSING",
        f"late: {reason.lower().replace('_', ' ')}",
        delay_reason=reason,
        settlement_date=world.calendar.add_business_days(before, 1),
    )


@SECURITIES_TRANSFER_LIFE.does("NEW", "CANCELLED")
@SECURITIES_TRANSFER_LIFE.does("PROCESSING", "CANCELLED")
def cancel(world: World, of: SecuritiesTransfer, reason: str = "refused by Upvest or the custodian") -> None:
    """Units that were on their way out are available again."""
    SECURITIES_TRANSFER_LIFE.move(world, of, "CANCELLED", reason)
    if not of.incoming:
        lock(world, of, of.units.copy_negate())


UNDER_WAY.append(
    UnderWay(
        "securities transfer",
        SECURITIES_TRANSFERS,
        OPEN,
        of_account=True,
        ended_with={"reason": "its account was closed by hand"},
    )
)
