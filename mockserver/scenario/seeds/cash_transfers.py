"""Cash balance transfers that were requested before the scenario begins."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from mockserver.domain.accounts.accounts import group
from mockserver.domain.ledger import cash
from mockserver.domain.payments.admission import two_decimals
from mockserver.domain.payments.cash_transfers import (
    CANCELLED_BY_CLIENT,
    CASH_TRANSFER_LIFE,
    CASH_TRANSFERS,
    CashTransfer,
    check_pair,
)
from mockserver.domain.seeding.people import go_on
from mockserver.kernel.world import World
from mockserver.models.accounts import AccountStatus
from mockserver.models.common import PortfolioCurrency
from mockserver.models.payments import CashBalanceTransferStatus
from mockserver.scenario.families import SeedFamily
from mockserver.scenario.fields import Named, PaymentAmount
from mockserver.scenario.references import ToAccountGroup


class CashBalanceTransfer(Named):
    """Cash between two groups of one holder; one that is final is history and books nothing: ``cash`` says what is
    there."""

    source_account_group_id: ToAccountGroup
    target_account_group_id: ToAccountGroup
    amount: PaymentAmount
    currency: Literal["EUR"] = "EUR"
    status: Literal["ISSUED", "CONFIRMED", "CANCELLED"] = "ISSUED"
    cancellation_reason: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = Field(
        None, description="of a CANCELLED one; without: CANCELLED_BY_CLIENT"
    )


def cash_transfer(
    world: World,
    *,
    source_account_group_id: str,
    target_account_group_id: str,
    amount: Decimal,
    currency: str = "EUR",
    id: str | None = None,
    status: str = "ISSUED",
    cancellation_reason: str | None = None,
) -> CashTransfer:
    """A transfer; an ISSUED one reserves what the source has, as by request, and goes on by itself."""
    source, target = group(world, source_account_group_id), group(world, target_account_group_id)
    check_pair(world, source, target)
    if status == "CANCELLED":
        cancellation_reason = cancellation_reason or CANCELLED_BY_CLIENT
    elif cancellation_reason is not None:
        raise ValueError(f"cancellation_reason is for a transfer that is CANCELLED, not {status}")
    issued = status == "ISSUED"
    if issued and (closed := [of.id for of in (source, target) if of.status == AccountStatus.CLOSED]):
        raise ValueError(f"account group {closed[0]} is CLOSED: its transfers are final")
    row = CashTransfer(
        id=id or world.ids.new("cash_balance_transfer"),
        created_at=world.now,
        updated_at=world.now,
        source_account_group_id=source.id,
        target_account_group_id=target.id,
        amount=two_decimals(amount),
        currency=PortfolioCurrency(currency),
        status=CashBalanceTransferStatus(status),
        cancellation_reason=cancellation_reason,
        funded=issued and cash.cash(world, source.id, currency).for_withdrawal >= amount,
    )
    world.table(CASH_TRANSFERS).put(row)
    if row.funded:
        cash.book(world, source.id, currency, reserved=amount, silent=True)
    go_on(world, CASH_TRANSFER_LIFE, row)
    return row


CASH_BALANCE_TRANSFERS = SeedFamily(
    name="cash_balance_transfers",
    entry=CashBalanceTransfer,
    put=cash_transfer,
    after=("cash",),
    without="EUR; ISSUED, and goes on by itself",
)
