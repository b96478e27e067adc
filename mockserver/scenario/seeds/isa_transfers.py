"""ISA transfers that were requested before the scenario begins."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from mockserver.domain.accounts.accounts import group
from mockserver.domain.accounts.holders import first_holder
from mockserver.domain.isa_transfers.requests import reference as made_up
from mockserver.domain.isa_transfers.transfers import ISA_TRANSFER_LIFE, ISA_TRANSFERS, IsaTransfer, reserve
from mockserver.domain.ledger.cash import cash
from mockserver.domain.seeding.people import go_on
from mockserver.kernel.money import ZERO, wire_amount
from mockserver.kernel.world import World
from mockserver.models.accounts import AccountGroupType, AccountStatus
from mockserver.models.transfers import TransferReference
from mockserver.scenario.document import Found, Path
from mockserver.scenario.families import SeedFamily
from mockserver.scenario.fields import Instant, Named, Number, PaymentAmount
from mockserver.scenario.references import ToAccountGroup

Status = Literal["NEW", "DISCOVERY", "DISCOVERY_CONFIRMED", "INSTRUCTED", "PROCESSING", "SETTLED"]
BETWEEN_MANAGERS = ("DISCOVERY", "DISCOVERY_CONFIRMED", "INSTRUCTED")


class SeededIsaTransfer(Named):
    """A transfer of an ISA; one that is SETTLED is history and books nothing: ``cash`` says what is there."""

    account_group_id: ToAccountGroup
    direction: Literal["INCOMING", "OUTGOING"] = "INCOMING"
    transfer_type: Literal["ISA_INTERNAL", "ISA_EXTERNAL"] = "ISA_EXTERNAL"
    transfer_value: PaymentAmount
    current_year: Annotated[Number, Field(ge=0, decimal_places=2)] | None = Field(
        None, description="what of it was subscribed in this tax year; without: nothing"
    )
    first_subscription_at: Instant | None = Field(None, description="with current_year; without: transfer_date")
    transfer_date: Instant | None = Field(None, description="without: now")
    reference: TransferReference | None = None
    status: Status = "NEW"


def _check(_: object, path: Path, entry: Any) -> Found:
    """What belongs together."""
    if entry.transfer_type == "ISA_INTERNAL" and entry.status in BETWEEN_MANAGERS:
        yield (
            (*path, "status"),
            f"{entry.status} is for ISA_EXTERNAL: an ISA_INTERNAL one is NEW, PROCESSING or SETTLED",
        )
    if (entry.current_year or ZERO) > entry.transfer_value:
        yield (*path, "current_year"), f"is more than transfer_value, {entry.transfer_value}"
    if entry.first_subscription_at is not None and not entry.current_year:
        yield (*path, "first_subscription_at"), "is for a transfer with current_year"


def isa_transfer(
    world: World,
    *,
    account_group_id: str,
    transfer_value: Decimal,
    id: str | None = None,
    direction: str = "INCOMING",
    transfer_type: str = "ISA_EXTERNAL",
    current_year: Decimal | None = None,
    first_subscription_at: datetime | None = None,
    transfer_date: datetime | None = None,
    reference: str | None = None,
    status: str = "NEW",
) -> IsaTransfer:
    """A transfer; one that is not SETTLED goes on by itself, and has reserved what goes out."""
    of = group(world, account_group_id)
    if of.type != AccountGroupType.ISA:
        raise ValueError(f"account group {of.id} is of type {of.type}: only one of type ISA has ISA transfers")
    if of.status == AccountStatus.CLOSED and status != "SETTLED":
        raise ValueError(f"account group {of.id} is CLOSED: its ISA transfers are SETTLED")
    available = cash(world, of.id, "GBP").for_withdrawal
    if direction == "OUTGOING" and status != "SETTLED" and transfer_value > available:
        raise ValueError(
            f"{wire_amount(available)} GBP is available for withdrawal in account group {of.id}, "
            f"{transfer_value} is not: give it more in `cash`"
        )
    began = transfer_date or world.now
    optional: dict[str, Any] = {}
    if transfer_type == "ISA_EXTERNAL":
        optional["counterparty"] = {"account_number": "5WJSZB3C8"}
    if current_year or transfer_type == "ISA_INTERNAL":
        part = {
            "transfer_amount": f"{current_year or ZERO:.2f}",
            "first_subscription_at": first_subscription_at or began,
        }
        optional["details"] = {"current_year_subscription": part}
    row = IsaTransfer.model_validate(
        {
            "id": id or world.ids.new("isa_transfer"),
            "created_at": world.now,
            "updated_at": world.now,
            "status": status,
            "direction": direction,
            "transfer_type": transfer_type,
            "transfer_value": f"{transfer_value:.2f}",
            "value": transfer_value,
            "currency": "GBP",
            "transfer_method": "CASH",
            "user_id": first_holder(of),
            "account_group_id": of.id,
            "transfer_date": began,
            "reference": reference or made_up(world),
            **optional,
        }
    )
    world.table(ISA_TRANSFERS).put(row)
    if status != "SETTLED":
        reserve(world, row, silent=True)
    go_on(world, ISA_TRANSFER_LIFE, row)
    return row


ISA_TRANSFERS_OF_GROUPS = SeedFamily(
    name="isa_transfers",
    entry=SeededIsaTransfer,
    put=isa_transfer,
    check=_check,
    after=("cash", "isa_wrappers"),
    without="INCOMING, ISA_EXTERNAL, NEW, and goes on by itself",
)
