"""Fee collections that were requested before the scenario begins."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from mockserver.domain.accounts.accounts import account, currency_of
from mockserver.domain.fees.collections import COLLECTIONS, FeeCollection, closed, processed, take_turns
from mockserver.kernel.money import ZERO, minus, plus
from mockserver.kernel.world import World
from mockserver.models.accounts import AccountStatus
from mockserver.models.common import PortfolioCurrency
from mockserver.models.fees import FeeCollectionStatus, FeeCollectionType
from mockserver.scenario.document import Found, Path
from mockserver.scenario.families import SeedFamily
from mockserver.scenario.fields import Named, PaymentAmount
from mockserver.scenario.references import ToAccount


class SeededFeeCollection(Named):
    """A fee of an account; one that is final is history and books nothing: ``cash`` says what is there."""

    account_id: ToAccount
    type: Literal["SERVICE_FEE", "SERVICE_FEE_LIQUIDATION"] = "SERVICE_FEE"
    collection_amount: PaymentAmount
    period_start: date | None = Field(None, description="without: the first of the month before")
    period_end: date | None = Field(None, description="without: the last of the month before")
    status: Literal["PROCESSING", "FINALISED", "CANCELLED"] = "PROCESSING"
    sell_to_cover: PaymentAmount | None = Field(None, description="of a FINALISED one: what of it sells brought")
    total_residual_amount: PaymentAmount | None = Field(None, description="of a FINALISED one: what stayed uncovered")


def _check(_: object, path: Path, entry: Any) -> Found:
    """Only a FINALISED one has parts."""
    for member in ("sell_to_cover", "total_residual_amount"):
        if getattr(entry, member) is not None and entry.status != "FINALISED":
            yield (*path, member), f"is for a fee collection that is FINALISED, not {entry.status}"


def fee_collection(
    world: World,
    *,
    account_id: str,
    collection_amount: Decimal,
    id: str | None = None,
    type: str = "SERVICE_FEE",
    period_start: date | None = None,
    period_end: date | None = None,
    status: str = "PROCESSING",
    sell_to_cover: Decimal | None = None,
    total_residual_amount: Decimal | None = None,
) -> FeeCollection:
    """A collection; one that is PROCESSING has the cash that is there reserved, as by request, and goes on."""
    of = account(world, account_id)
    if status == "PROCESSING" and of.status in (AccountStatus.PENDING_APPROVAL, AccountStatus.CLOSED):
        raise ValueError(f"account {of.id} is {of.status}: its fee collections are final")
    if status == "PROCESSING" and closed(world, of):
        raise ValueError(f"account group {of.account_group_id} is CLOSED: its fee collections are final")
    last = world.now.date().replace(day=1) - timedelta(days=1)
    end = period_end or (last if period_start is None else max(last, period_start))
    start = period_start or end.replace(day=1)
    if end < start:
        raise ValueError(f"period_end, {end}, is before period_start, {start}")
    sold, rest = sell_to_cover or ZERO, total_residual_amount or ZERO
    from_cash = minus(collection_amount, plus(sold, rest)) if status == "FINALISED" else ZERO
    if from_cash < 0 or (status == "FINALISED" and not plus(from_cash, sold)):
        raise ValueError(
            f"of {collection_amount:.2f}, {sold:.2f} came from sells and {rest:.2f} stayed uncovered: "
            "expected at most the amount in all, and something that was taken"
        )
    final = status != "PROCESSING"
    row = FeeCollection(
        id=id or world.ids.new("fee_collection"),
        created_at=world.now,
        updated_at=world.now,
        account_id=of.id,
        account_group_id=of.account_group_id,
        type=FeeCollectionType(type),
        collection_amount=f"{collection_amount:.2f}",
        processed_amount=processed(from_cash, sold, final=final, rest=rest if rest or sold else None),
        currency=PortfolioCurrency(currency_of(world, of)),
        status=FeeCollectionStatus(status),
        period_start=start,
        period_end=end,
        begun=final,
    )
    world.table(COLLECTIONS).put(row)
    take_turns(world, of.id, silent=True)
    return world.table(COLLECTIONS)[row.id]


FEE_COLLECTIONS = SeedFamily(
    name="fee_collections",
    entry=SeededFeeCollection,
    put=fee_collection,
    check=_check,
    after=("cash", "positions"),
    without="SERVICE_FEE of the month before; PROCESSING, and goes on by itself",
)
