"""Reports that follow a booking or the end of a collection: transfers, corporate actions, taxes (payments.md §13.1).

Those of bookings and of collections are made in the background, so their events come after all those of the booking or
of the end: of a transfer and a tax at once (§11.1, §12.3, order inferred), of a corporate action seconds later (§13.1
[D]).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, ACCOUNTS
from mockserver.domain.corporate_actions.bookings import BOOKINGS, Booking
from mockserver.domain.reports.making import make
from mockserver.domain.tax_collections.collections import TAX_COLLECTIONS, TaxCollection
from mockserver.domain.transfers.securities import SECURITIES_TRANSFERS, SecuritiesTransfer
from mockserver.kernel.actions import action
from mockserver.kernel.moves import Moved
from mockserver.kernel.world import World
from mockserver.models.reports import ReportReferenceType, ReportType
from mockserver.models.taxes import TaxCollectionStatus, TaxCollectionType
from mockserver.models.transactions import CashTransaction

TRANSFER: Final = "report.transfer"
BOOKING: Final = "report.corporate_action"
TAX: Final = "report.tax_collection"

SECONDS_LATER: Final = timedelta(seconds=5)
"""How long the report of a corporate action comes after its booking (payments.md §13.1 [D], how many inferred)."""

CASH: Final = ReportType.CORPORATE_ACTION_CASH_TRANSACTION
UNITS: Final = ReportType.CORPORATE_ACTION_SECURITY_TRANSACTION

COLLECTED: Final = {
    TaxCollectionType.TAX_PREPAYMENT_DE: ReportType.TAX_PREPAYMENT_DE,
    TaxCollectionType.TAX_PAYMENT: ReportType.TAX_PAYMENT,
}
"""The report of a tax that was taken."""


def transfer_settled(world: World, transfer: SecuritiesTransfer, moved: Moved) -> None:
    """Report a transfer once its units are booked."""
    if world.profile.reports.makes(_of_transfer(transfer)):
        world.clock.at(world.now, TRANSFER, transfer.id, reason="a settled transfer is reported")


def action_booked(world: World, booking: Booking, moved: Moved) -> None:
    """Report the booking of a corporate action: its cash, its units, or each."""
    if _of_booking(world, booking):
        world.clock.after(SECONDS_LATER, BOOKING, booking.id, reason="the booking of a corporate action is reported")


def tax_ended(world: World, row: TaxCollection, moved: Moved) -> None:
    """Report a tax that was taken; a Vorabpauschale that was not, as cancelled (payments.md §12.3 [D])."""
    type_ = COLLECTED[row.type]
    if row.status == TaxCollectionStatus.CANCELLED:
        if row.type != TaxCollectionType.TAX_PREPAYMENT_DE:
            return  # there is no type for it
        type_ = ReportType.TAX_PREPAYMENT_DE_CANCELLATION
    if world.profile.reports.makes(type_):
        world.clock.at(world.now, TAX, row.id, type_, reason="the end of a tax collection is reported")


def tax_refunded(world: World, row: CashTransaction) -> None:
    """Report a tax that came back: nothing but its booking, which is through, belongs to it."""
    if world.profile.reports.makes(ReportType.TAX_REFUND):
        known = getattr(row, "instrument", None)
        group = world.table(ACCOUNT_GROUPS)[row.account_group_id]
        make(world, ReportType.TAX_REFUND, group, row, instrument_id=None if known is None else known.uuid)


@action(TRANSFER)
def _report_transfer(world: World, transfer_id: str) -> None:
    transfer = world.table(SECURITIES_TRANSFERS)[transfer_id]
    make(
        world,
        _of_transfer(transfer),
        world.table(ACCOUNTS)[transfer.account_id],
        transfer,
        reference=(transfer.account_id, ReportReferenceType.ACCOUNT_ID),
        account_id=transfer.account_id,
        instrument_id=transfer.instrument_uuid,
    )


@action(TAX)
def _report_tax(world: World, collection_id: str, type_: str) -> None:
    row = world.table(TAX_COLLECTIONS)[collection_id]
    known = getattr(row, "instrument", None)
    group = world.table(ACCOUNT_GROUPS)[row.account_group_id]
    make(world, ReportType(type_), group, row, instrument_id=None if known is None else known.uuid)


@action(BOOKING)
def _report_booking(world: World, booking_id: str) -> None:
    booking = world.table(BOOKINGS)[booking_id]
    for type_ in _of_booking(world, booking):
        make(
            world,
            type_,
            world.table(ACCOUNTS)[booking.account_id],
            booking,
            reference=(booking.id, ReportReferenceType.CORPORATE_ACTION_TRANSACTION_ID),
            account_id=booking.account_id,
            instrument_id=booking.instrument_id,
        )


def _of_transfer(transfer: SecuritiesTransfer) -> ReportType:
    incoming = transfer.incoming
    return ReportType.SECURITIES_TRANSFER_INCOMING if incoming else ReportType.SECURITIES_TRANSFER_OUTGOING


def _of_booking(world: World, booking: Booking) -> list[ReportType]:
    """The types that the profile makes of what was booked."""
    booked = ((CASH, booking.cash), (UNITS, booking.units))
    return [type_ for type_, what in booked if what and world.profile.reports.makes(type_)]
