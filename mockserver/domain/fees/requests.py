"""What clients request of fee collections: one of an amount of their own, the list, one of them (payments.md §10.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.domain.accounts.accounts import account, currency_of
from mockserver.domain.fees.collections import COLLECTIONS, NOT_COLLECTED_FROM, FeeCollection, closed, collect
from mockserver.domain.fees.refusals import (
    COLLECTION_ACCOUNT_STATUS,
    COLLECTION_AMOUNT,
    COLLECTION_CURRENCY,
    COLLECTION_GROUP_CLOSED,
    COLLECTION_PERIOD,
)
from mockserver.domain.refusals import UNKNOWN
from mockserver.kernel.money import decimal
from mockserver.kernel.operations import Call, Listing, operation
from mockserver.kernel.world import World

if TYPE_CHECKING:
    from mockserver.models.messages.fees import FeeCollectionCreateRequest


@operation("create_fee_collection")
def create_fee_collection(world: World, call: Call[FeeCollectionCreateRequest]) -> FeeCollection:
    """PROCESSING, with the cash that is there; one that has to wait for its turn has nothing yet."""
    body = call.body
    of = account(world, body.account_id)
    if of.status in NOT_COLLECTED_FROM:
        raise COLLECTION_ACCOUNT_STATUS.refuse(id=of.id, status=of.status)
    if closed(world, of):
        raise COLLECTION_GROUP_CLOSED.refuse(id=of.id, group_id=of.account_group_id)
    held = currency_of(world, of)
    if body.currency != held:
        raise COLLECTION_CURRENCY.refuse(id=of.id, held=held, currency=body.currency)
    amount = decimal(body.collection_amount)
    if amount <= 0:
        raise COLLECTION_AMOUNT.refuse(amount=body.collection_amount)
    start, end = body.period_start, body.period_end
    if end < start:
        raise COLLECTION_PERIOD.refuse(start=start, end=end)
    return collect(world, of, amount, currency=held, period=(start, end), type_=body.type)


@operation("list_fee_collections")
def list_fee_collections(world: World, call: Call[None]) -> Listing:
    """Of an account, of a group, of both together, or all; an unknown id finds nothing (§10.1 [A])."""
    query, sort = call.query, call.query["sort"]
    account_id, group_id = query.get("account_id"), query.get("account_group_id")
    table = world.table(COLLECTIONS)
    if account_id is not None:
        rows = table.sorted_under("account", account_id, sort, "id")
        return Listing([row for row in rows if group_id in (None, row.account_group_id)], sort)
    if group_id is not None:
        return Listing(table.sorted_under("group", group_id, sort, "id"), sort)
    return Listing(table.sorted_by(sort, "id"), sort)


@operation("retrieve_fee_collection")
def retrieve_fee_collection(world: World, call: Call[None]) -> FeeCollection:
    identity = call.path["fee_collection_id"]
    found = world.table(COLLECTIONS).get(identity)
    if found is None:
        raise UNKNOWN.refuse(what="fee collection", id=identity)
    return found
