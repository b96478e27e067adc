"""What clients request: ISA transfers into an ISA group and out of it (payments.md §11.3)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from mockserver.domain.accounts.accounts import AccountGroup, group
from mockserver.domain.accounts.holders import holder
from mockserver.domain.isa.subscriptions import current
from mockserver.domain.isa.wrappers import of_group
from mockserver.domain.isa_transfers.refusals import (
    NOT_AN_ISA,
    NOTHING_THERE,
    PART_ABOVE_ALLOWANCE,
    PART_ABOVE_VALUE,
    TOO_MUCH,
    WRAPPER_NOT_ACTIVE,
)
from mockserver.domain.isa_transfers.transfers import INTERNAL, IsaTransfer, enter, of_this_year
from mockserver.domain.ledger.cash import cash
from mockserver.domain.payments.admission import Direction, check_group, check_holder, check_members, positive
from mockserver.kernel.money import decimal, wire_amount
from mockserver.kernel.operations import Call, operation
from mockserver.kernel.world import World
from mockserver.models.accounts import AccountGroupType, AccountStatus
from mockserver.models.taxes import IsaWrapperStatus
from mockserver.models.transfers import TransferDirection

if TYPE_CHECKING:
    from mockserver.models.messages.transfers import IsaTransferCreateRequest

REFERENCE_LENGTH: Final = 18
"""Capitals and digits of a reference that the request does not give (payments.md §11.3 [E])."""


@operation("create_isa_transfer")
def create_isa_transfer(world: World, call: Call[IsaTransferCreateRequest]) -> IsaTransfer:
    """NEW; what it needs is looked at in the order of §11.3."""
    body = call.body
    of, who = group(world, body.account_group_id), holder(world, body.user_id, None)
    check_members(of, who, None)
    if of.type != AccountGroupType.ISA:
        raise NOT_AN_ISA.refuse(id=of.id, type=of.type)
    incoming = body.direction == TransferDirection.INCOMING
    direction = Direction.IN if incoming else Direction.OUT
    check_group(world, of, direction, body.currency)
    check_holder(who, direction, leaving=of.status == AccountStatus.CLOSING)
    if incoming:
        _check_wrapper(world, of)
    given = body.model_dump(exclude_unset=True)
    value = world.profile.isa.external_value
    if body.transfer_value:
        value = positive(body.transfer_value, "transfer_value")
        given["transfer_value"] = f"{value:.2f}"
    else:
        given.pop("details", None)  # the whole account: its current-year part is 0
    if not incoming:
        available = cash(world, of.id, body.currency).for_withdrawal
        if not body.transfer_value:
            value = available
            if value <= 0:
                raise NOTHING_THERE.refuse(available=wire_amount(value), id=of.id)
        elif value > available:
            raise TOO_MUCH.refuse(available=wire_amount(available), value=body.transfer_value)
    details = given.get("details")
    if details is not None:
        part = decimal(details["current_year_subscription"]["transfer_amount"])
        _check_part(world, of, body, part, value)
    row = IsaTransfer.model_validate(
        {
            **given,
            "id": world.ids.new("isa_transfer"),
            "created_at": world.now,
            "updated_at": world.now,
            "status": "NEW",
            "reference": body.reference or reference(world),
            "value": value,
        }
    )
    return enter(world, row)


def reference(world: World) -> str:
    """A reference for a transfer without one."""
    return world.ids.new("isa_transfer_reference").replace("-", "").upper()[:REFERENCE_LENGTH]


def _check_wrapper(world: World, of: AccountGroup) -> None:
    wrapper = of_group(world, of.id)
    if wrapper is None or wrapper.status != IsaWrapperStatus.ACTIVE:
        state = "no tax wrapper" if wrapper is None else f"tax wrapper {wrapper.id}, which is {wrapper.status}"
        raise WRAPPER_NOT_ACTIVE.refuse(id=of.id, state=state)


def _check_part(world: World, of: AccountGroup, body: IsaTransferCreateRequest, part: Decimal, value: Decimal) -> None:
    """The current-year part fits the value, and inside one manager the allowance."""
    if part > value:
        raise PART_ABOVE_VALUE.refuse(part=f"{part:.2f}", value=f"{value:.2f}")
    allowance = current(world, of.id)
    if body.transfer_type != INTERNAL or allowance is None or not of_this_year(world, body.transfer_date):
        return
    incoming = body.direction == TransferDirection.INCOMING
    member = "remaining_amount" if incoming else "used_amount"
    left = allowance.remaining if incoming else allowance.used
    if part > left:
        raise PART_ABOVE_ALLOWANCE.refuse(part=f"{part:.2f}", member=member, left=f"{left:.2f}")
