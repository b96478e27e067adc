"""``…/corporate_actions``: announcing one now; it is moved and booked by :mod:`.moves` as any other resource."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from mockserver.control.bodies import Price
from mockserver.control.commands import SHOWN, CommandRequest, RequestBody, command
from mockserver.control.refusals import BAD_ACTION
from mockserver.control.views import happened_view, state_view
from mockserver.domain.corporate_actions.announcing import RATIO, announce
from mockserver.hosting.command_log import Recorded
from mockserver.hosting.outcome import mark
from mockserver.kernel.quoting import shortened
from mockserver.models.base import Uuid

IsoType = Literal["DVCA", "SPLF", "SPLR", "CAPD", "SHPR", "RHDI", "DVOP", "DRIP", "SOFF", "TEND", "CHAN", "PLAC"]


class Booking(RequestBody):
    """What one account gets (negative: gives) on the payment day: cash, units of an instrument, or both."""

    account_id: str
    cash: Annotated[str, Field(pattern=r"^-?[0-9]{1,9}(\.[0-9]{1,2})?$")] | None = None
    units: Annotated[str, Field(pattern=r"^-?[0-9]{1,14}(\.[0-9]{1,10})?$")] | None = None
    instrument: str | None = Field(None, description="of the units; without: that of the action")


class Announcement(RequestBody):
    """A corporate action of an instrument (an id or an ISIN)."""

    instrument: str
    iso_type: IsoType
    id: Uuid | None = None
    currency: Literal["EUR", "GBP", "USD"] | None = Field(None, description="without: that of the instrument")
    announcement_date: date | None = Field(None, description="without: today")
    ex_date: date | None = None
    record_date: date | None = None
    payment_date: date | None = None
    rate: Price | None = Field(None, description="cash for one unit, of a dividend")
    ratio: Annotated[str, Field(pattern=f"^{RATIO}$")] | None = Field(
        None, description="new units for old ones, of a split: 3:1"
    )
    cash_for_fractions: bool = Field(False, description="a split leaves whole units and pays for the rest")
    bookings: Annotated[tuple[Booking, ...], Field(max_length=10_000)] = ()


def announced_again(request: CommandRequest, answer: Any) -> Recorded:
    """The step that announces the same, under the id that it got."""
    given = {name: value for name, value in request.data.items() if value is not None}
    return Recorded(({"corporate_action": {**given, "id": answer.content["id"]}},))


@command("POST", "/_mock/worlds/{world}/corporate_actions", takes=Announcement, query=SHOWN, records=announced_again)
def announce_corporate_action(request: CommandRequest) -> Any:
    """Announce a dividend, a split or another corporate action to the whole client, by ``CORPORATE_ACTION.UPDATED``.

    It is confirmed and booked on its days; ``POST …/moves`` does either now, and takes ``bookings`` with the move of
    ``corporate_actions`` to BOOKED.
    """
    asked, world = request.read(Announcement), request.world
    start = mark(world)
    try:
        row = announce(
            world,
            **{name: getattr(asked, name) for name in type(asked).model_fields if name != "bookings"},
            bookings=[
                {name: value for name in type(each).model_fields if (value := getattr(each, name)) is not None}
                for each in asked.bookings
            ],
        )
    except ValueError as error:
        raise BAD_ACTION.refuse(problem=shortened(str(error), 500)) from None
    return {
        "id": row.id,
        "object": state_view(row),
        **happened_view(start.happened(world), request.value("limit", 1000)),
    }
