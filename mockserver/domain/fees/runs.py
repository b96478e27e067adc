"""Collections of what accrued: at the end of a period, by command, with a liquidation (payments.md §10.3, §10.4)."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.domain.accounts.accounts import ACCOUNTS, Account, currency_of
from mockserver.domain.fees import accrual
from mockserver.domain.fees.accrual import ACCRUALS
from mockserver.domain.fees.breakdown import breakdown
from mockserver.domain.fees.collections import NOT_COLLECTED_FROM, SERVICE_FEE, FeeCollection, closed, collect
from mockserver.kernel.moves import Moved
from mockserver.kernel.world import World
from mockserver.models.fees import FeeCollectionType


def collect_unpaid(
    world: World, of: Account, *, type_: FeeCollectionType = SERVICE_FEE, payer_id: str = "", cause: str
) -> FeeCollection | None:
    """Collect the unpaid days of an account, if they cost more than one cent; whole cents, the rest is carried on."""
    row = accrual.accrual(world, of.id)
    amount = row.due
    if amount is None or of.status in NOT_COLLECTED_FROM or closed(world, of):
        return None
    made = collect(
        world,
        of,
        amount,
        currency=currency_of(world, of),
        period=(row.stretches[0].start, row.stretches[-1].end),
        type_=type_,
        breakdown=breakdown(row.stretches, amount),
        payer_id=payer_id,
        cause=cause,
    )
    accrual.collected(world, of.id, made.id, amount)
    return made


def collect_all(world: World) -> Iterator[FeeCollection | None]:
    """Collect from every account with unpaid days, one after the other, in order of their first."""
    for row in world.table(ACCRUALS):
        yield collect_unpaid(world, world.table(ACCOUNTS)[row.account_id], cause="accrued fees are due")


def collection_ended(world: World, collection: FeeCollection, moved: Moved) -> None:
    """The days of a FINALISED collection are paid, whatever stays uncovered; those of a CANCELLED one are unpaid."""
    accrual.settle(world, collection.account_id, collection.id, paid=moved.to == "FINALISED")
