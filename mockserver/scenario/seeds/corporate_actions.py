"""Corporate actions that were announced before the scenario begins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from mockserver.domain.corporate_actions.actions import ACTION_LIFE, ACTIONS, ActionStatus, CorporateAction
from mockserver.domain.corporate_actions.announcing import RATIO, await_booking, await_cut_off, check_ahead, described
from mockserver.domain.seeding.people import go_on
from mockserver.kernel.money import HOLDINGS_BELOW, LARGEST_AMOUNT, QUANTITY_DECIMALS
from mockserver.kernel.world import World
from mockserver.scenario.families import SeedFamily
from mockserver.scenario.fields import Closed, Currency, Named, Number, UnitPrice
from mockserver.scenario.references import ToAccount, ToInstrument

SignedCash = Annotated[Number, Field(ge=-LARGEST_AMOUNT, le=LARGEST_AMOUNT, decimal_places=2)]
SignedUnits = Annotated[Number, Field(gt=-HOLDINGS_BELOW, lt=HOLDINGS_BELOW, decimal_places=QUANTITY_DECIMALS)]


class ActionBooking(Closed):
    """What one account gets (negative: gives) on the payment day: cash, units, or both."""

    account_id: ToAccount
    cash: SignedCash | None = None
    units: SignedUnits | None = None
    instrument: ToInstrument | None = Field(None, description="of the units; without: that of the action")


class AnnouncedAction(Named):
    """A corporate action; `iso_type` says which: DVCA a cash dividend, SPLF a split, SPLR a reverse split."""

    instrument: ToInstrument
    iso_type: Literal["DVCA", "SPLF", "SPLR", "CAPD", "SHPR", "RHDI", "DVOP", "DRIP", "SOFF", "TEND", "CHAN", "PLAC"]
    currency: Currency | None = Field(None, description="without: that of the instrument")
    announcement_date: date | None = Field(None, description="without: today")
    ex_date: date | None = Field(None, description="who holds it the day before has the right to a dividend")
    record_date: date | None = None
    payment_date: date | None = None
    rate: UnitPrice | None = Field(None, description="cash for one unit, of a dividend")
    ratio: Annotated[str, StringConstraints(pattern=f"^{RATIO}$")] | None = Field(
        None, description='new units for old ones, of a split, in quotes: "3:1"'
    )
    cash_for_fractions: bool = Field(False, description="a split leaves whole units and pays for the rest")
    bookings: tuple[ActionBooking, ...] = Field((), description="by account, on the payment day")


class SeededAction(AnnouncedAction):
    """One that is there from the start; one that is BOOKED is history: `positions` and `cash` say what came of it."""

    status: Literal["ANNOUNCED", "CONFIRMED", "BOOKED", "CANCELLED"] = "ANNOUNCED"


def corporate_action(
    world: World,
    *,
    instrument: str,
    iso_type: str,
    id: str | None = None,
    rate: Decimal | None = None,
    bookings: Iterable[Mapping[str, Any]] = (),
    **members: Any,
) -> CorporateAction:
    """An action that goes on by itself from its state, without an event."""
    row = world.table(ACTIONS).put(
        described(world, instrument=instrument, iso_type=iso_type, id=id, rate=rate, bookings=bookings, **members)
    )
    if row.open:
        check_ahead(world, row)
        await_cut_off(world, row)
        go_on(world, ACTION_LIFE, row)
    if row.status == ActionStatus.CONFIRMED:
        await_booking(world, row)
    return row


CORPORATE_ACTIONS = SeedFamily(
    name="corporate_actions",
    entry=SeededAction,
    put=corporate_action,
    after=("positions", "cash"),
    without="ANNOUNCED today, in the currency of the instrument; its days come by themselves. `bookings` are "
    "`[{account_id, cash, units, instrument}]`",
)
