"""The life of an ISA transfer: what it reserves, books and counts (payments.md §11.3)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import Final

from pydantic import Field

from mockserver.domain import topics
from mockserver.domain.accounts.accounts import group
from mockserver.domain.isa import subscriptions, tax_years
from mockserver.domain.ledger import cash
from mockserver.domain.payments.bookings import book_payment
from mockserver.domain.payments.cut_offs import READS, after_business_days
from mockserver.domain.payments.under_way import UNDER_WAY, UnderWay
from mockserver.kernel.lifecycle import Hold, IllegalMoveError, LifeCycle, Row
from mockserver.kernel.money import ZERO, decimal
from mockserver.kernel.stages import Stage
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models import transfers as wire
from mockserver.models.accounts import AccountStatus
from mockserver.models.transfers import IsaTransferStatus, IsaTransferType, TransferDirection

EXTERNAL: Final = IsaTransferType.ISA_EXTERNAL
INTERNAL: Final = IsaTransferType.ISA_INTERNAL


class IsaTransfer(wire.IsaTransfer):
    """Cash that moves into an ISA group or out of it."""

    value: Decimal = Field(ZERO, exclude=True)
    """The value in pounds, which one of the whole account shows from DISCOVERY_CONFIRMED on."""

    @property
    def incoming(self) -> bool:
        return self.direction == TransferDirection.INCOMING

    @property
    def part(self) -> Decimal:
        """What of it was subscribed in the current tax year; 0 for the whole account (§11.3, inferred)."""
        return ZERO if self.details is None else decimal(self.details.current_year_subscription.transfer_amount)


ISA_TRANSFERS: Final[Kind[IsaTransfer]] = Kind("isa_transfers", indexes={"group": attrgetter("account_group_id")})

_D = "payments.md §11.3 [D]"

ISA_TRANSFER_LIFE: Final = LifeCycle(
    ISA_TRANSFERS,
    [
        Row(None, "NEW", "ISA_TRANSFER.NEW", "requested by the client", _D),
        Row("NEW", "DISCOVERY", "ISA_TRANSFER.DISCOVERY", "the other manager is asked for the account", _D),
        Row("NEW", "PROCESSING", "ISA_TRANSFER.PROCESSING", "inside one manager", "newer.md §11 [D]"),
        Row("DISCOVERY", "DISCOVERY_CONFIRMED", "ISA_TRANSFER.DISCOVERY_CONFIRMED", "the account was found", _D),
        Row("DISCOVERY_CONFIRMED", "INSTRUCTED", "ISA_TRANSFER.INSTRUCTED", "the transfer was instructed", _D),
        Row("INSTRUCTED", "PROCESSING", "ISA_TRANSFER.PROCESSING", "the other manager acts", _D),
        Row("PROCESSING", "SETTLED", "ISA_TRANSFER.SETTLED", "the cash has moved", _D),
    ],
)

OPEN: Final = frozenset(each for each in IsaTransferStatus if each != IsaTransferStatus.SETTLED)
UNDER_WAY.append(UnderWay("ISA transfer", ISA_TRANSFERS, OPEN))


def _kind(world: World, of: IsaTransfer) -> str | None:
    return "PROCESSING" if of.transfer_type == INTERNAL else None


_NEXT_DAY: Final = after_business_days(1)

Stage("isa_transfer.discover", ISA_TRANSFER_LIFE, "NEW", "DISCOVERY", when=_NEXT_DAY, outcome=_kind, reads=READS)
Stage("isa_transfer.confirm", ISA_TRANSFER_LIFE, "DISCOVERY", "DISCOVERY_CONFIRMED", when=_NEXT_DAY, reads=READS)
Stage("isa_transfer.instruct", ISA_TRANSFER_LIFE, "DISCOVERY_CONFIRMED", "INSTRUCTED", when=_NEXT_DAY, reads=READS)
Stage("isa_transfer.process", ISA_TRANSFER_LIFE, "INSTRUCTED", "PROCESSING", when=_NEXT_DAY, reads=READS)
Stage("isa_transfer.settle", ISA_TRANSFER_LIFE, "PROCESSING", "SETTLED", when=_NEXT_DAY, reads=READS)


@ISA_TRANSFER_LIFE.does("NEW", "DISCOVERY")
def discover(world: World, of: IsaTransfer) -> None:
    """Only between two managers (newer.md §11 [D])."""
    _only(of, EXTERNAL, "PROCESSING")
    ISA_TRANSFER_LIFE.move(world, of, "DISCOVERY", "the other manager is asked for the account")


@ISA_TRANSFER_LIFE.does("NEW", "PROCESSING")
def process_at_once(world: World, of: IsaTransfer) -> None:
    """Only inside one manager, which has nothing to discover (newer.md §11 [D])."""
    _only(of, INTERNAL, "DISCOVERY")
    ISA_TRANSFER_LIFE.move(world, of, "PROCESSING", "inside one manager")


def _only(of: IsaTransfer, kind: IsaTransferType, other: str) -> None:
    if of.transfer_type != kind:
        raise IllegalMoveError(f"ISA transfer {of.id} is {of.transfer_type}: after NEW it becomes {other}")


@ISA_TRANSFER_LIFE.does("DISCOVERY", "DISCOVERY_CONFIRMED")
def confirm(world: World, of: IsaTransfer) -> None:
    """The account was found: its value shows from now on (payments.md §11.3, inferred)."""
    value = f"{of.value:.2f}"
    ISA_TRANSFER_LIFE.move(world, of, "DISCOVERY_CONFIRMED", "the account was found", transfer_value=value)


@ISA_TRANSFER_LIFE.does("PROCESSING", "SETTLED")
def settle(world: World, of: IsaTransfer) -> None:
    """Transaction, balance, allowance, in this order; out of a LOCKED group it waits (payments.md §11.3, inferred)."""
    holder = group(world, of.account_group_id)
    if holder.status == AccountStatus.LOCKED and not of.incoming:
        raise Hold(f"account group {holder.id} is LOCKED", topic=topics.group(holder.id))
    ISA_TRANSFER_LIFE.move(world, of, "SETTLED", "the cash has moved")
    amount = of.value if of.incoming else of.value.copy_negate()
    book_payment(
        world,
        "ISA_TRANSFER",
        group_id=of.account_group_id,
        amount=amount,
        currency=of.currency,
        id=of.id,
        reference="ISA_TRANSFER",
        reserved=ZERO if of.incoming else amount,
    )
    if of.details is not None and of_this_year(world, of.transfer_date):
        first = of.details.current_year_subscription.first_subscription_at
        part = of.part if of.incoming else of.part.copy_negate()
        subscriptions.transferred(world, of.account_group_id, part, first if of.incoming else None)


def of_this_year(world: World, transfer_date: datetime) -> bool:
    """Whether the part of a transfer counts: one that the user began in a past tax year changes no allowance."""
    return tax_years.year_of(transfer_date) >= tax_years.year_of(world.now)


def enter(world: World, of: IsaTransfer) -> IsaTransfer:
    """Begin a transfer; what goes out is reserved (payments.md §11.3, inferred)."""
    ISA_TRANSFER_LIFE.enter(world, of, "requested by the client")
    reserve(world, of)
    return of


def reserve(world: World, of: IsaTransfer, *, silent: bool = False) -> None:
    """Take the value of a transfer out off what is available."""
    if not of.incoming:
        cash.book(world, of.account_group_id, of.currency, reserved=of.value, silent=silent)
