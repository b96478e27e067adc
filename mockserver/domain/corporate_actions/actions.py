"""Corporate actions as announced: what is known of them, their states and their dates (payments.md §15.1).

No call of the API makes one; the market does, and here the control API or a scenario. Clients hear of it by webhook.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from operator import attrgetter
from typing import Any, Final, NamedTuple

from mockserver.domain.corporate_actions.types import TYPES, ActionType
from mockserver.domain.instruments.prices import midnight
from mockserver.domain.instruments.splits import Ratio
from mockserver.kernel.frozen import frozen
from mockserver.kernel.lifecycle import LifeCycle, Row
from mockserver.kernel.money import wire_number
from mockserver.kernel.record import Record
from mockserver.kernel.stages import Stage
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models import corporate_actions as wire

UPDATED: Final = "CORPORATE_ACTION.UPDATED"


class ActionStatus(StrEnum):
    """States of the mock; a client sees them by ``function_of_message`` and ``announcement_status``."""

    ANNOUNCED = "ANNOUNCED"
    CONFIRMED = "CONFIRMED"
    BOOKED = "BOOKED"
    CANCELLED = "CANCELLED"


MESSAGES: Final = {
    ActionStatus.ANNOUNCED: ("NEW", "PRELIMINARY_ANNOUNCEMENT_CONFIRMED"),
    ActionStatus.CONFIRMED: ("REPLACEMENT", "COMPLETE"),
    ActionStatus.BOOKED: ("REPLACEMENT", "COMPLETE"),
    ActionStatus.CANCELLED: ("CANCELLATION_ADVICE", None),
}
"""``function_of_message`` and ``announcement_status`` of each state (payments.md §15.1; BOOKED sends none)."""


class Declared(NamedTuple):
    """What a command has booked for one account: cash, units, or both, with their signs."""

    account_id: str
    cash: Decimal | None
    units: Decimal | None
    instrument_id: str
    """The instrument of the units; a spin-off brings another one's."""


@frozen(slots=False)
class CorporateAction(Record):
    """An announcement with what the mock knows of it: rate, ratio, payment day."""

    shown_as = wire.CorporateAction

    id: str
    iso_type: str
    instrument_id: str
    isin: str
    instrument_name: str
    currency: str
    announcement_date: date
    status: ActionStatus
    ex_date: date | None = None
    record_date: date | None = None
    payment_date: date | None = None
    rate: Decimal | None = None
    """Cash for one unit, of a dividend."""
    ratio: Ratio | None = None
    """New units for old ones, of a split."""
    cash_for_fractions: bool = False
    """Whether a split leaves whole units, and pays for the rest."""
    declared: tuple[Declared, ...] = ()
    """Bookings for single accounts, on the payment day."""

    @property
    def type(self) -> ActionType:
        return TYPES[self.iso_type]

    @property
    def open(self) -> bool:
        """Neither booked nor cancelled."""
        return self.status in (ActionStatus.ANNOUNCED, ActionStatus.CONFIRMED)

    @property
    def booking_date(self) -> date | None:
        """The day on which it is booked; ``None``: by command only."""
        return self.ex_date if self.type.right == "split" else self.payment_date

    @property
    def cut_off(self) -> datetime | None:
        """The end of the day whose holders have the right to a dividend (payments.md §15.2 [D], record day inferred).

        The day before ``ex_date``; without one the ``record_date``.
        """
        if self.ex_date is not None:
            return midnight(self.ex_date)
        return None if self.record_date is None else midnight(self.record_date + timedelta(days=1))

    @cached_property
    def wire(self) -> bytes:
        return wire.CorporateAction.model_validate(self._members()).wire

    @property
    def inside(self) -> bytes:
        """With what the API does not show: in the control API alone."""
        hidden: dict[str, Any] = {
            "status": self.status,
            "payment_date": self.payment_date,
            "rate": None if self.rate is None else wire_number(self.rate),
            "ratio": None if self.ratio is None else str(self.ratio),
        }
        more = ",".join(f'"{name}":"{value}"' for name, value in hidden.items() if value is not None)
        return self.wire[:-1] + f",{more}}}".encode()

    def _members(self) -> dict[str, Any]:
        function, announced = MESSAGES[self.status]
        members = {
            "id": self.id,
            "iso_type": self.iso_type,
            "instrument": {"uuid": self.instrument_id, "isin": self.isin, "name": self.instrument_name},
            "name": self.type.name,
            "currency_denomination": self.currency,
            "mandatory_voluntary_indicator": self.type.participation,
            "announcement_status": announced,
            "function_of_message": function,
            "announcement_date": self.announcement_date,
            "ex_date": self.ex_date,
            "record_date": self.record_date,
            "options": (),
        }
        return {name: value for name, value in members.items() if value is not None}


ACTIONS: Final[Kind[CorporateAction]] = Kind("corporate_actions", indexes={"instrument": attrgetter("instrument_id")})

ACTION_LIFE: Final = LifeCycle(
    ACTIONS,
    [
        Row(None, "ANNOUNCED", UPDATED, "announced", "payments.md §15.1 [D]"),
        Row(
            "ANNOUNCED",
            "CONFIRMED",
            UPDATED,
            "complete: a replacement of the announcement",
            "payments.md §15.1, inferred",
        ),
        Row("ANNOUNCED", "CANCELLED", UPDATED, "taken back by the issuer", "payments.md §15.1, inferred"),
        Row("CONFIRMED", "BOOKED", None, "its day has come, or by command", "payments.md §15.2 [D]"),
        Row("CONFIRMED", "CANCELLED", UPDATED, "taken back by the issuer", "payments.md §15.1, inferred"),
    ],
    stamped=False,
)


def settlement_hour(world: World, day: date) -> datetime:
    """When bookings of a day are made, in UTC: after the valuation of the day before (payments.md §15.2, inferred)."""
    return datetime.combine(day, world.profile.settlement.at, UTC)


def _confirmed_at(world: World, of: CorporateAction) -> datetime | None:
    """On the business day before its first date; at once where that is over, and without dates (inferred)."""
    first = min((day for day in (of.ex_date, of.record_date, of.booking_date) if day is not None), default=None)
    if first is None:
        return world.now
    day = first - timedelta(days=1)
    while not world.calendar.is_business_day(day):
        day -= timedelta(days=1)
    return max(settlement_hour(world, day), world.now)


def _booked_at(world: World, of: CorporateAction) -> datetime | None:
    day = of.booking_date
    return None if day is None else max(settlement_hour(world, day), world.now)


def books_itself(world: World, of: CorporateAction) -> bool:
    """A dividend, a split, or one whose bookings were declared for a day."""
    return of.booking_date is not None and (of.type.right is not None or bool(of.declared))


Stage("corporate_action.confirm", ACTION_LIFE, "ANNOUNCED", "CONFIRMED", when=_confirmed_at, reads=("settlement.at",))
BOOK: Final = Stage(
    "corporate_action.book",
    ACTION_LIFE,
    "CONFIRMED",
    "BOOKED",
    when=_booked_at,
    ready=books_itself,
    reads=("settlement.at",),
)
