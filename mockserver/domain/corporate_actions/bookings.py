"""Bookings of a corporate action: cash and units of one account, both under one reference (payments.md §15.2)."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from operator import attrgetter
from typing import Final

import orjson

from mockserver.domain import topics
from mockserver.domain.accounts.accounts import ACCOUNTS, Account, currency_of
from mockserver.domain.corporate_actions.actions import ACTIONS, ActionStatus, CorporateAction
from mockserver.domain.corporate_actions.entitlements import closed
from mockserver.domain.instruments.instruments import INSTRUMENTS, Instrument
from mockserver.domain.ledger import cash, positions
from mockserver.domain.ledger.transactions import book_cash, book_units, german_tax
from mockserver.domain.orders.orders import place
from mockserver.domain.payments.under_way import UNDER_WAY, UnderWay
from mockserver.domain.tax_exemptions.withholding import NOTHING, Income, Withheld, use, withhold
from mockserver.domain.valuations.returns import add_flow
from mockserver.kernel.frozen import frozen
from mockserver.kernel.lifecycle import Awaited, Hold, LifeCycle, Row
from mockserver.kernel.money import LARGEST_AMOUNT, ZERO, cents_half_up, minus, plus, times, wire_amount, wire_number
from mockserver.kernel.record import Record
from mockserver.kernel.stages import Stage
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.accounts import AccountStatus
from mockserver.models.instruments import InstrumentTradingStatus
from mockserver.models.orders import OrderInitiationFlow, OrderSide

REFERENCE: Final = "CORPORATE_ACTION_TRANSACTION_ID"


class BookingStatus(StrEnum):
    """DUE from the end of the day that decides on the right; BOOKED and CANCELLED are final."""

    DUE = "DUE"
    BOOKED = "BOOKED"
    CANCELLED = "CANCELLED"


@frozen(slots=False)
class Booking(Record):
    """What one account gets of an action, or gives for it. Its id is the reference of its transactions."""

    id: str
    corporate_action_id: str
    account_id: str
    account_group_id: str
    instrument_id: str
    """The instrument of the units, and the one for which the cash is."""
    status: BookingStatus
    currency: str
    quantity: Decimal = ZERO
    """Units with the right to a dividend; its cash follows from the rate when it is booked."""
    cash: Decimal | None = None
    """Before tax; negative: paid by the account."""
    units: Decimal | None = None
    """Negative: taken from the account."""
    tax: Decimal | None = None
    """Withheld of the cash, known once it is booked."""

    @cached_property
    def wire(self) -> bytes:
        shown = {
            "id": self.id,
            "corporate_action_id": self.corporate_action_id,
            "account_id": self.account_id,
            "account_group_id": self.account_group_id,
            "instrument_id": self.instrument_id,
            "status": self.status,
            "currency": self.currency,
            "quantity": wire_number(self.quantity),
            "cash": None if self.cash is None else wire_amount(self.cash),
            "units": None if self.units is None else wire_number(self.units),
            "tax": wire_amount(self.tax) if self.tax else None,
        }
        return orjson.dumps({name: value for name, value in shown.items() if value is not None})


BOOKINGS: Final[Kind[Booking]] = Kind(
    "corporate_action_bookings",
    indexes={
        "action": attrgetter("corporate_action_id"),
        "account": attrgetter("account_id"),
        "group": attrgetter("account_group_id"),
    },
)

BOOKING_LIFE: Final = LifeCycle(
    BOOKINGS,
    [
        Row(None, "DUE", None, "the account has a right to it", "payments.md §15.2 [D]"),
        Row("DUE", "BOOKED", None, "booked on the payment day", "payments.md §15.2 [D]"),
        Row(
            "DUE",
            "CANCELLED",
            None,
            "the action is cancelled, or the account closed by hand",
            "payments.md §15.2, inferred",
        ),
    ],
    stamped=False,
)


def _action_is_booked(world: World, booking: Booking) -> bool:
    return world.table(ACTIONS)[booking.corporate_action_id].status == ActionStatus.BOOKED


LATE: Final = Stage("corporate_action_booking.book", BOOKING_LIFE, "DUE", "BOOKED", ready=_action_is_booked)
"""Books what could not be booked with its action, as soon as the account has what it is to give."""

UNDER_WAY.append(UnderWay("corporate action booking", BOOKINGS, frozenset({"DUE"}), of_account=True))


def due(
    world: World,
    action: CorporateAction,
    of: Account,
    *,
    quantity: Decimal = ZERO,
    cash: Decimal | None = None,
    units: Decimal | None = None,
    instrument_id: str | None = None,
) -> Booking:
    """Enter a booking that is due."""
    row = Booking(
        id=world.ids.new("corporate_action_booking"),
        corporate_action_id=action.id,
        account_id=of.id,
        account_group_id=of.account_group_id,
        instrument_id=instrument_id or action.instrument_id,
        status=BookingStatus.DUE,
        currency=action.currency,
        quantity=quantity,
        cash=cash,
        units=units,
    )
    return BOOKING_LIFE.enter(world, row, f"{action.type.name} of {action.isin}")


@BOOKING_LIFE.does("DUE", "BOOKED")
def book(world: World, booking: Booking) -> None:
    """Book cash and units today: balance and position first, then the transactions, as for a trade (inferred).

    Raises :class:`Hold` where it cannot be: the account is closed, or has not what it is to give.
    """
    action, of = world.table(ACTIONS)[booking.corporate_action_id], world.table(ACCOUNTS)[booking.account_id]
    instrument, gross = world.table(INSTRUMENTS)[booking.instrument_id], gross_of(action, booking)
    check(world, booking)
    withheld = tax_on(world, of, instrument, gross or ZERO, booking.currency)
    cause = f"{action.type.name} of {action.isin}"
    BOOKING_LIFE.move(world, booking, "BOOKED", cause, cash=gross, tax=withheld.tax if gross else None)
    if booking.units:
        positions.book(world, of.id, instrument, quantity=booking.units)
        record_units(world, booking, action, of, instrument)
    if gross:
        net = pay(world, booking, action, of, instrument, gross, withheld)
        if booking.units and (gross > ZERO) is not (booking.units > ZERO):
            add_flow(world, of.id, gross.copy_negate())  # the cash replaces units, as a trade's does (inferred)
        if action.type.right == "dividend" and world.profile.corporate_actions.reinvest == "on":
            _reinvest(world, of, instrument, net, action.currency)


@BOOKING_LIFE.does("DUE", "CANCELLED")
def cancel(world: World, booking: Booking) -> None:
    """Book it never."""
    BOOKING_LIFE.move(world, booking, "CANCELLED", "the action is cancelled, or the account closed by hand")


@BOOKING_LIFE.explains("DUE")
def awaits_its_action(world: World, booking: Booking) -> Awaited | None:
    """It is booked with its action."""
    of = world.table(ACTIONS)[booking.corporate_action_id]
    return Awaited(f"its corporate action {of.id} is {of.status}", f"corporate_actions/{of.id}") if of.open else None


def gross_of(action: CorporateAction, booking: Booking) -> Decimal | None:
    """The cash before tax: as declared, else units x rate, half up to cents (rounding inferred)."""
    if booking.cash is not None or action.rate is None or not booking.quantity:
        return booking.cash
    return cents_half_up(times(booking.quantity, action.rate))


def check(world: World, booking: Booking) -> None:
    """Raise :class:`Hold` where the booking cannot be made now."""
    of, instrument = world.table(ACCOUNTS)[booking.account_id], world.table(INSTRUMENTS)[booking.instrument_id]
    if closed(world, of):
        raise Hold(f"account {of.id} or its group is CLOSED: nothing is booked in it")
    gross = gross_of(world.table(ACTIONS)[booking.corporate_action_id], booking) or ZERO
    if gross.copy_abs() > LARGEST_AMOUNT:
        raise Hold(f"a cash transaction is of at most {wire_amount(LARGEST_AMOUNT)}, not {wire_amount(gross)}")
    balance = cash.cash(world, booking.account_group_id, booking.currency)
    if gross < ZERO and plus(balance.for_withdrawal, gross) < ZERO:
        raise Hold(
            f"{wire_amount(gross.copy_negate())} {booking.currency} are to be paid, and "
            f"{wire_amount(balance.for_withdrawal)} are available",
            topic=balance.withdrawal_topic,
        )
    held = positions.position(world, booking.account_id, instrument)
    taken = (booking.units or ZERO).copy_negate()
    if taken > ZERO and held.available < taken:
        raise Hold(
            f"{wire_number(taken)} units of {instrument.isin} are to be given, and {wire_number(held.available)} are "
            "available",
            topic=topics.position(booking.account_id, instrument.id),
        )


def record_units(world: World, booking: Booking, action: CorporateAction, of: Account, instrument: Instrument) -> None:
    """The securities transaction of the booking."""
    assert booking.units is not None
    book_units(
        world,
        type_=action.type.name,
        group_id=of.account_group_id,
        account_id=of.id,
        instrument=instrument,
        quantity=booking.units,
        references=((booking.id, REFERENCE),),
        value_date=world.now.date(),
    )


def tax_on(world: World, of: Account, instrument: Instrument, gross: Decimal, currency: str) -> Withheld:
    """The tax on cash that comes; nothing is withheld of cash that goes."""
    if gross <= ZERO:
        return NOTHING
    return withhold(world, of=of, instrument=instrument, income=Income.DIVIDEND, amount=gross, currency=currency)


def pay(
    world: World,
    booking: Booking,
    action: CorporateAction,
    of: Account,
    instrument: Instrument,
    gross: Decimal,
    withheld: Withheld,
) -> Decimal:
    """Book cash less the tax on it; what came in."""
    net = minus(gross, withheld.tax)
    cash.book(world, of.account_group_id, booking.currency, balance=net)
    book_cash(
        world,
        type_=action.type.name,
        group_id=of.account_group_id,
        amount=net,
        currency=booking.currency,
        references=((booking.id, REFERENCE),),
        value_date=world.now.date(),
        account_id=of.id,
        instrument=instrument,
        taxes=(german_tax(withheld.tax, booking.currency),) if withheld.tax else (),
    )
    use(world, withheld)
    return net


def _reinvest(world: World, of: Account, instrument: Instrument, amount: Decimal, currency: str) -> None:
    """Buy for a dividend what it was paid on, where the account can (payments.md §15.2, inferred)."""
    trades = instrument.trading_status == InstrumentTradingStatus.ACTIVE and of.status == AccountStatus.ACTIVE
    if amount > ZERO and trades and currency == currency_of(world, of) == instrument.currency:
        flow = OrderInitiationFlow.CASH_DIVIDEND_REINVESTMENT
        place(world, of=of, instrument=instrument, side=OrderSide.BUY, flow=flow, amount=amount)
