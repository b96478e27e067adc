"""Tax collections that began before the scenario does."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from mockserver.domain.accounts.accounts import group
from mockserver.domain.instruments.instruments import find
from mockserver.domain.tax_collections.collections import (
    NOT_COLLECTED_FROM,
    TAX_COLLECTIONS,
    TaxCollection,
    drafted,
    processed,
    start,
)
from mockserver.kernel.money import ZERO, minus
from mockserver.kernel.world import World
from mockserver.models.accounts import AccountStatus
from mockserver.models.taxes import TaxCollectionStatus, TaxCollectionType
from mockserver.scenario.document import Found, Path
from mockserver.scenario.families import SeedFamily
from mockserver.scenario.fields import Named, PaymentAmount
from mockserver.scenario.references import ToAccountGroup, ToInstrument

PARTS = ("cash_balance", "sell_to_cover")


class SeededTaxCollection(Named):
    """A tax of an account group; one that is final is history and books nothing: ``cash`` says what is there."""

    account_group_id: ToAccountGroup
    type: Literal["TAX_PAYMENT", "TAX_PREPAYMENT_DE"] = "TAX_PAYMENT"
    collection_amount: PaymentAmount
    instrument: ToInstrument | None = Field(None, description="that it is owed for; without: none")
    offset_amount: PaymentAmount | None = Field(None, description="what of the income is exempt; without: nothing")
    status: Literal["PROCESSING", "FINALISED", "CANCELLED"] = "PROCESSING"
    cash_balance: PaymentAmount | None = Field(
        None, description="of a FINALISED one: what the cash paid; without: what sells did not bring"
    )
    sell_to_cover: PaymentAmount | None = Field(None, description="of a FINALISED one: what of it sells brought")


def _check(_: object, path: Path, entry: Any) -> Found:
    """Only a FINALISED one has parts; the Vorabpauschale is of an instrument."""
    for member in PARTS:
        if getattr(entry, member) is not None and entry.status != "FINALISED":
            yield (*path, member), f"is for a tax collection that is FINALISED, not {entry.status}"
    if entry.type == "TAX_PREPAYMENT_DE" and entry.instrument is None:
        yield (*path, "instrument"), "is missing: a TAX_PREPAYMENT_DE is owed for a fund or an ETF"


def tax_collection(
    world: World,
    *,
    account_group_id: str,
    collection_amount: Decimal,
    id: str | None = None,
    type: str = "TAX_PAYMENT",
    instrument: str | None = None,
    offset_amount: Decimal | None = None,
    status: str = "PROCESSING",
    cash_balance: Decimal | None = None,
    sell_to_cover: Decimal | None = None,
) -> TaxCollection:
    """A collection; one that is PROCESSING has the cash that is there reserved, as by command, and goes on."""
    of = group(world, account_group_id)
    if status == "PROCESSING" and of.status in NOT_COLLECTED_FROM:
        later = "final" if of.status == AccountStatus.CLOSED else "made once it is approved"
        raise ValueError(f"account group {of.id} is {of.status}: its tax collections are {later}")
    found = None if instrument is None else find(world, instrument)
    if instrument is not None and found is None:
        raise LookupError(f"there is no instrument {instrument}")
    final, sold = status == "FINALISED", sell_to_cover or ZERO
    from_cash = (minus(collection_amount, sold) if cash_balance is None else cash_balance) if final else ZERO
    if from_cash < 0 or from_cash + sold > collection_amount or (final and not from_cash + sold):
        raise ValueError(
            f"of {collection_amount:.2f}, {from_cash:.2f} came from the cash and {sold:.2f} from sells: "
            "expected at most the amount in all, and something that was taken"
        )
    offset = offset_amount or ZERO
    row = drafted(world, of, collection_amount, type_=TaxCollectionType(type), instrument=found, offset=offset)
    row = row.evolve(
        id=id or row.id,
        status=TaxCollectionStatus(status),
        processed_amount=processed(of.currency, from_cash, sold, offset),
    )
    world.table(TAX_COLLECTIONS).put(row)
    if status == "PROCESSING":
        start(world, row, silent=True)
    return world.table(TAX_COLLECTIONS)[row.id]


TAX_COLLECTIONS_OF_GROUPS = SeedFamily(
    name="tax_collections",
    entry=SeededTaxCollection,
    put=tax_collection,
    check=_check,
    after=("cash", "positions"),
    without="TAX_PAYMENT, of no instrument; PROCESSING, and goes on by itself",
)
