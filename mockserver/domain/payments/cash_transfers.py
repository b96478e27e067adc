"""Cash balance transfers: settled cash from one account group of a holder to another (payments.md §8.2)."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from pydantic import Field

from mockserver.domain import topics
from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, AccountGroup, group
from mockserver.domain.accounts.holders import holder_ids, holders, in_path
from mockserver.domain.ledger import cash
from mockserver.domain.listing import by_time
from mockserver.domain.payments.admission import Direction, check_holder, positive, two_decimals
from mockserver.domain.payments.bookings import record_payment
from mockserver.domain.payments.refusals import (
    TRANSFER_CURRENCY,
    TRANSFER_FINAL,
    TRANSFER_GROUP_STATUS,
    TRANSFER_GROUP_TYPE,
    TRANSFER_HOLDERS,
    TRANSFER_SAME_GROUP,
    TRANSFER_TYPES_DIFFER,
    TRANSFERS_OFF,
)
from mockserver.domain.payments.under_way import UNDER_WAY, UnderWay
from mockserver.domain.refusals import UNKNOWN
from mockserver.kernel.lifecycle import Hold, LifeCycle, Row
from mockserver.kernel.money import ZERO, decimal, wire_amount
from mockserver.kernel.operations import Call, Listing, Nothing, operation
from mockserver.kernel.stages import Stage
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models import payments as wire
from mockserver.models.accounts import AccountGroupType, AccountStatus
from mockserver.models.common import PortfolioCurrency
from mockserver.models.payments import CashBalanceTransferStatus

if TYPE_CHECKING:
    from mockserver.models.messages.payments import CashBalanceTransferCreateRequest

TYPES: Final[tuple[str, ...]] = (AccountGroupType.PERSONAL, AccountGroupType.CHILD, "BUSINESS")
"""The types of account groups between which cash is transferred (payments.md §8.2 [A, G])."""

INSUFFICIENT_FUNDS: Final = "INSUFFICIENT_FUNDS"
CANCELLED_BY_CLIENT: Final = "CANCELLED_BY_CLIENT"
CANCELLED_BY_UPVEST: Final = "CANCELLED_BY_UPVEST"
GROUP_NOT_ACTIVE: Final = "ACCOUNT_GROUP_NOT_ACTIVE"
"""Texts of ``cancellation_reason``; its values are not published (payments.md §8.2, inferred)."""


class CashTransfer(wire.CashBalanceTransfer):
    """Cash on its way between two groups; ``funded``: the source has it reserved until the transfer ends (hidden)."""

    funded: bool = Field(False, exclude=True)


def _groups(transfer: CashTransfer) -> tuple[str, ...]:
    return transfer.source_account_group_id, transfer.target_account_group_id


CASH_TRANSFERS: Kind[CashTransfer] = Kind(
    "cash_balance_transfers", indexes={"group": _groups, "source": attrgetter("source_account_group_id")}
)

CASH_TRANSFER_LIFE: Final = LifeCycle(
    CASH_TRANSFERS,
    [
        Row(None, "ISSUED", "CASH_BALANCE_TRANSFER.ISSUED", "requested by the client", "payments.md §8.2 [E]"),
        Row("ISSUED", "CONFIRMED", "CASH_BALANCE_TRANSFER.CONFIRMED", "a second later", "payments.md §8.2 [E]"),
        Row(
            "ISSUED",
            "CANCELLED",
            "CASH_BALANCE_TRANSFER.CANCELLED",
            "by the client, for want of cash, or an account group is not ACTIVE any more",
            "payments.md §8.2 [A]; reasons inferred",
        ),
    ],
)


def switched_off(world: World) -> None:
    """Transfers belong to pre-funding alone, where a client chose one of the two (payments.md §8.2)."""
    if world.profile.payments.cash_model == "post_trade":
        raise TRANSFERS_OFF.refuse()


@operation("create_cash_balance_transfer", gate=switched_off)
def create_cash_balance_transfer(world: World, call: Call[CashBalanceTransferCreateRequest]) -> CashTransfer:
    """The source's cash is reserved at once; without enough of it the transfer is CANCELLED later (§8.2, inferred)."""
    body = call.body
    source, target = group(world, body.source_account_group_id), group(world, body.target_account_group_id)
    check_pair(world, source, target)
    _check_active(world, source, target)
    if body.currency != PortfolioCurrency.EUR:
        raise TRANSFER_CURRENCY.refuse(currency=body.currency)
    amount = positive(body.amount, "amount")
    there = cash.cash(world, source.id, body.currency).for_withdrawal
    transfer = CashTransfer(
        id=world.ids.new("cash_balance_transfer"),
        created_at=world.now,
        updated_at=world.now,
        source_account_group_id=source.id,
        target_account_group_id=target.id,
        amount=two_decimals(amount),
        currency=body.currency,
        status=CashBalanceTransferStatus.ISSUED,
        cancellation_reason=None,
        funded=there >= amount,
    )
    CASH_TRANSFER_LIFE.enter(world, transfer, "requested by the client")
    if transfer.funded:
        cash.book(world, source.id, transfer.currency, reserved=amount)
    return transfer


def check_pair(world: World, source: AccountGroup, target: AccountGroup) -> None:
    """Two groups of one holder and of one type, which is one that transfers cash (payments.md §8.2)."""
    if source.id == target.id:
        raise TRANSFER_SAME_GROUP.refuse(id=source.id)
    by_whom = [sorted(holder_ids(of)) for of in (source, target)]
    if by_whom[0] != by_whom[1]:
        raise TRANSFER_HOLDERS.refuse(source=source.id, target=target.id)
    if source.type != target.type:
        raise TRANSFER_TYPES_DIFFER.refuse(source=source.type, target=target.type)
    if source.type not in TYPES:
        raise TRANSFER_GROUP_TYPE.refuse(type=source.type, types=", ".join(TYPES))


def _check_active(world: World, source: AccountGroup, target: AccountGroup) -> None:
    """Both groups and their holder are ACTIVE (payments.md §8.2, inferred)."""
    for member, of in (("source", source), ("target", target)):
        if of.status != AccountStatus.ACTIVE:
            raise TRANSFER_GROUP_STATUS.refuse(member=member, id=of.id, status=of.status)
    for each in holders(world, source):
        check_holder(each, Direction.IN)


def _outcome(world: World, transfer: CashTransfer) -> str | None:
    return "CANCELLED" if _obstacle(world, transfer) is not None else None


Stage("cash_balance_transfer.confirm", CASH_TRANSFER_LIFE, "ISSUED", "CONFIRMED", outcome=_outcome)


def _obstacle(world: World, transfer: CashTransfer) -> str | None:
    """Why a transfer is not confirmed, as its ``cancellation_reason`` says; ``None``: nothing keeps it."""
    if not transfer.funded:
        return INSUFFICIENT_FUNDS
    groups = world.table(ACCOUNT_GROUPS)
    source, target = groups[transfer.source_account_group_id], groups[transfer.target_account_group_id]
    gone = target.status != AccountStatus.ACTIVE or source.status == AccountStatus.CLOSED
    return GROUP_NOT_ACTIVE if gone else None


@CASH_TRANSFER_LIFE.does("ISSUED", "CONFIRMED")
def confirm(world: World, transfer: CashTransfer) -> None:
    """What the source pays the target gets, in two transactions; the sum of both balances stays (payments.md §8.2).

    Raises :class:`Hold` while the source is LOCKED or lacks the cash, and where one of the groups is CLOSED.
    """
    amount, groups = decimal(transfer.amount), world.table(ACCOUNT_GROUPS)
    source, target = groups[transfer.source_account_group_id], groups[transfer.target_account_group_id]
    for of in (source, target):
        if of.status == AccountStatus.CLOSED:
            raise Hold(f"account group {of.id} is CLOSED")
    row = cash.cash(world, source.id, transfer.currency)
    if source.status == AccountStatus.LOCKED:
        raise Hold(f"account group {source.id} is LOCKED", topic=topics.group(source.id))
    if not transfer.funded and row.for_withdrawal < amount:
        there = wire_amount(row.for_withdrawal)
        raise Hold(
            f"{there} {transfer.currency} of account group {source.id} are available for withdrawal, and "
            f"{transfer.amount} are needed",
            topic=row.withdrawal_topic,
        )
    CASH_TRANSFER_LIFE.move(world, transfer, "CONFIRMED", "the cash is booked over")
    for of, part in ((source, amount.copy_negate()), (target, amount)):
        record_payment(
            world,
            "INTERNAL_CASH_TRANSFER",
            group_id=of.id,
            amount=part,
            currency=transfer.currency,
            id=transfer.id,
            reference="CASH_BALANCE_TRANSFER",
        )
    held = amount if transfer.funded else ZERO
    cash.book(world, source.id, transfer.currency, balance=amount.copy_negate(), reserved=held.copy_negate())
    cash.book(world, target.id, transfer.currency, balance=amount)


@CASH_TRANSFER_LIFE.does("ISSUED", "CANCELLED")
def cancel(world: World, transfer: CashTransfer, cancellation_reason: str | None = None) -> None:
    """What the source has reserved is free again. Without a reason: what keeps it, or a decision of Upvest's."""
    reason = cancellation_reason or _obstacle(world, transfer) or CANCELLED_BY_UPVEST
    CASH_TRANSFER_LIFE.move(world, transfer, "CANCELLED", f"cancelled: {reason}", cancellation_reason=reason)
    if transfer.funded:
        back = decimal(transfer.amount).copy_negate()
        cash.book(world, transfer.source_account_group_id, transfer.currency, reserved=back)


UNDER_WAY.append(UnderWay("cash balance transfer", CASH_TRANSFERS, frozenset({"ISSUED"})))


def _transfer(world: World, call: Call[None]) -> CashTransfer:
    """The transfer of the path, or a refusal (404)."""
    identity = call.path["cash_balance_transfer_id"]
    found = world.table(CASH_TRANSFERS).get(identity)
    if found is None:
        raise UNKNOWN.refuse(what="cash balance transfer", id=identity)
    return found


@operation("retrieve_cash_balance_transfer", gate=switched_off)
def retrieve_cash_balance_transfer(world: World, call: Call[None]) -> CashTransfer:
    return _transfer(world, call)


@operation("cancel_cash_balance_transfer", gate=switched_off)
def cancel_cash_balance_transfer(world: World, call: Call[None]) -> Nothing:
    transfer = _transfer(world, call)
    if (transfer.status, "CANCELLED") not in CASH_TRANSFER_LIFE.rows:
        raise TRANSFER_FINAL.refuse(id=transfer.id, status=transfer.status)
    cancel(world, transfer, CANCELLED_BY_CLIENT)
    return Nothing()


@operation("list_cash_balance_transfers", gate=switched_off)
def list_cash_balance_transfers(world: World, call: Call[None]) -> Listing:
    return by_time(world.table(CASH_TRANSFERS).sorted_by, call)


@operation("list_user_cash_balance_transfers", gate=switched_off)
@operation("list_business_cash_balance_transfers", gate=switched_off)
def list_cash_balance_transfers_of_holder(world: World, call: Call[None]) -> Listing:
    """Those whose source group has the user as a member, or is of the business (payments.md §8.2, inferred)."""
    member = in_path(world, call)
    sort = call.query["sort"]
    table = world.table(CASH_TRANSFERS)
    groups = world.table(ACCOUNT_GROUPS).by("holder", member.id)
    rows: Sequence[CashTransfer] = sorted(
        (row for of in groups for row in table.by("source", of.id)), key=attrgetter(sort, "id")
    )
    return Listing(rows, sort)
