"""Virtual cash that was requested before the scenario begins."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from mockserver.domain.accounts.accounts import group
from mockserver.domain.payments.admission import check_currency, two_decimals
from mockserver.domain.payments.virtual_cash import (
    CURRENCIES,
    DECREASE_LIFE,
    DECREASES,
    INCREASE_LIFE,
    INCREASES,
    Decrease,
    Increase,
)
from mockserver.domain.seeding.people import go_on
from mockserver.kernel.world import World
from mockserver.models.accounts import AccountStatus
from mockserver.models.common import Currency as Unit
from mockserver.models.payments import VirtualCashDecreaseStatus, VirtualCashIncreaseStatus
from mockserver.scenario.families import SeedFamily
from mockserver.scenario.fields import Currency, Named, PaymentAmount
from mockserver.scenario.references import ToAccountGroup


class VirtualCashIncrease(Named):
    """Virtual cash on its way; one that is final is history and books nothing: ``cash`` says what is there."""

    account_group_id: ToAccountGroup
    amount: PaymentAmount
    currency: Currency | None = Field(None, description="without: the main currency of the account group")
    status: Literal["ISSUED", "CONFIRMED", "CANCELLED"] = "ISSUED"


class VirtualCashDecrease(Named):
    """Virtual cash that is taken back; one that is final is history and books nothing: ``cash`` says what is there."""

    account_group_id: ToAccountGroup
    amount: PaymentAmount
    currency: Currency | None = Field(None, description="without: the main currency of the account group")
    status: Literal["ISSUED", "QUEUED", "CONFIRMED", "CANCELLED"] = "ISSUED"


def increase(world: World, *, id: str | None = None, status: str = "ISSUED", **members: Any) -> Increase:
    """An increase; an ISSUED one goes on by itself."""
    row = Increase(
        id=id or world.ids.new("virtual_cash_increase"),
        status=VirtualCashIncreaseStatus(status),
        **_shared(world, bool(INCREASE_LIFE.possible(status)), **members),
    )
    world.table(INCREASES).put(row)
    go_on(world, INCREASE_LIFE, row)
    return row


def decrease(world: World, *, id: str | None = None, status: str = "ISSUED", **members: Any) -> Decrease:
    """A decrease; one that is ISSUED or QUEUED goes on by itself."""
    row = Decrease(
        id=id or world.ids.new("virtual_cash_decrease"),
        status=VirtualCashDecreaseStatus(status),
        **_shared(world, bool(DECREASE_LIFE.possible(status)), **members),
    )
    world.table(DECREASES).put(row)
    go_on(world, DECREASE_LIFE, row)
    return row


def _shared(
    world: World, under_way: bool, *, account_group_id: str, amount: Decimal, currency: str | None = None
) -> dict[str, Any]:
    of = group(world, account_group_id)
    if under_way and of.status == AccountStatus.CLOSED:
        raise ValueError(f"account group {of.id} is CLOSED: its virtual cash is final")
    unit = Unit(currency or of.currency)
    check_currency(of, unit, CURRENCIES)
    return {
        "created_at": world.now,
        "updated_at": world.now,
        "account_group_id": of.id,
        "amount": two_decimals(amount),
        "currency": unit,
        "group_type": of.type,
    }


VIRTUAL_CASH_INCREASES = SeedFamily(
    name="virtual_cash_increases",
    entry=VirtualCashIncrease,
    put=increase,
    after=("cash",),
    without="ISSUED, and goes on by itself; the group's main currency",
)
VIRTUAL_CASH_DECREASES = SeedFamily(
    name="virtual_cash_decreases",
    entry=VirtualCashDecrease,
    put=decrease,
    after=("cash",),
    without="ISSUED, and goes on by itself; the group's main currency",
)
