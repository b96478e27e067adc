"""Announcing corporate actions and carrying their moves out (payments.md §15)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from re import fullmatch
from typing import Any, Final

from mockserver.domain.accounts.accounts import ACCOUNTS
from mockserver.domain.corporate_actions import unit_changes
from mockserver.domain.corporate_actions.actions import (
    ACTION_LIFE,
    ACTIONS,
    BOOK,
    ActionStatus,
    CorporateAction,
    Declared,
    books_itself,
)
from mockserver.domain.corporate_actions.bookings import BOOKING_LIFE, BOOKINGS, LATE, BookingStatus, check, due
from mockserver.domain.corporate_actions.entitlements import entitled
from mockserver.domain.corporate_actions.types import TYPES
from mockserver.domain.instruments.instruments import INSTRUMENTS, find
from mockserver.domain.instruments.splits import Ratio
from mockserver.domain.instruments.splits import ratio as lowest_terms
from mockserver.kernel.actions import action as clock_action
from mockserver.kernel.lifecycle import Hold
from mockserver.kernel.money import LARGEST_AMOUNT, PRICES_BELOW, ZERO, cents
from mockserver.kernel.spelling import did_you_mean
from mockserver.kernel.world import World

CURRENCIES: Final = ("EUR", "GBP", "USD")
RATIO: Final = r"([1-9][0-9]{0,3}):([1-9][0-9]{0,3})"
"""New units for old ones, each from 1 to 9999 (chosen)."""


def announce(
    world: World,
    *,
    instrument: str,
    iso_type: str,
    id: str | None = None,
    currency: str | None = None,
    announcement_date: date | None = None,
    ex_date: date | None = None,
    record_date: date | None = None,
    payment_date: date | None = None,
    rate: Decimal | None = None,
    ratio: str | None = None,
    cash_for_fractions: bool = False,
    bookings: Iterable[Mapping[str, Any]] = (),
) -> CorporateAction:
    """Announce an action, to the whole client; its dates are due from now on.

    ``ValueError``: it cannot be so; the text says why and what would pass.
    """
    row = described(
        world,
        instrument=instrument,
        iso_type=iso_type,
        id=id,
        currency=currency,
        announcement_date=announcement_date,
        ex_date=ex_date,
        record_date=record_date,
        payment_date=payment_date,
        rate=rate,
        ratio=ratio,
        cash_for_fractions=cash_for_fractions,
        bookings=bookings,
    )
    check_ahead(world, row)
    if row.id in world.table(ACTIONS):
        raise ValueError(f"corporate action {row.id} exists already")
    await_cut_off(world, row)
    return ACTION_LIFE.enter(world, row, "announced")


def described(
    world: World,
    *,
    instrument: str,
    iso_type: str,
    id: str | None = None,
    currency: str | None = None,
    announcement_date: date | None = None,
    ratio: str | None = None,
    bookings: Iterable[Mapping[str, Any]] = (),
    status: str = "ANNOUNCED",
    **members: Any,
) -> CorporateAction:
    """An action as ``members`` describe it, not entered; ``ValueError`` where it cannot be so."""
    found = find(world, instrument)
    if found is None:
        raise ValueError(f"instrument {instrument} does not exist")
    if iso_type not in TYPES:
        meant = did_you_mean(iso_type, list(TYPES))
        raise ValueError(f"iso_type: expected one of {', '.join(TYPES)}, got {iso_type!r}{meant}")
    row = CorporateAction(
        id=id or world.ids.new("corporate_action"),
        iso_type=iso_type,
        instrument_id=found.id,
        isin=found.isin or "",
        instrument_name=found.name or "",
        currency=currency or found.currency,
        announcement_date=announcement_date or world.now.date(),
        status=ActionStatus(status),
        ratio=None if ratio is None else read_ratio(ratio),
        declared=tuple(declared(world, found.id, bookings)),
        **members,
    )
    check_whole(row)
    return row


def check_whole(row: CorporateAction) -> None:
    """Raise ``ValueError`` where members are missing, do not belong to the type, or contradict each other."""
    kind, right = row.type, row.type.right
    needed = {"dividend": ("rate", "payment_date"), "split": ("ratio", "ex_date")}.get(right or "", ())
    for name in needed:
        if getattr(row, name) is None:
            raise ValueError(f"{kind.iso_type} ({kind.name}) needs {name}")
    if right == "dividend" and row.cut_off is None:
        raise ValueError(f"{kind.iso_type} ({kind.name}) needs ex_date or record_date: one decides who has the right")
    for name, of in (("rate", "dividend"), ("ratio", "split"), ("cash_for_fractions", "split")):
        if getattr(row, name) and right != of:
            raise ValueError(f"{name} is for a {of}, not for {kind.iso_type} ({kind.name})")
    if row.rate is not None and not 0 < row.rate < PRICES_BELOW:
        raise ValueError(f"rate: expected more than 0, got {row.rate}")
    if row.ratio is not None and (row.ratio.new > row.ratio.old) is not (kind.iso_type == "SPLF"):
        passes = "SPLF makes more units, as 3:1 does; SPLR fewer, as 1:3 does"
        raise ValueError(f"ratio {row.ratio} is not one of {kind.iso_type}: {passes}")
    if row.currency not in CURRENCIES:
        raise ValueError(f"currency: expected one of {', '.join(CURRENCIES)}, got {row.currency!r}")
    if row.declared and row.booking_date is None:
        raise ValueError("bookings need payment_date; without it a command makes them, with the move to BOOKED")
    first = row.ex_date or row.record_date
    if row.type.right == "dividend" and first is not None and row.payment_date is not None and row.payment_date < first:
        raise ValueError(f"payment_date {row.payment_date} lies before {first}, which decides who has the right")


def check_ahead(world: World, row: CorporateAction) -> None:
    """Raise ``ValueError`` where the day on which it would be booked is over."""
    today = world.now.date()
    name = "ex_date" if row.type.right == "split" else "payment_date"
    if row.booking_date is not None and row.booking_date < today:
        raise ValueError(f"{name} {row.booking_date} lies in the past; today ({today}) or a later day would pass")


def read_ratio(text: object) -> Ratio:
    """``"3:1"``: three new units for one old one. ``ValueError`` for anything else."""
    found = fullmatch(RATIO, text) if isinstance(text, str) else None
    if found is None:
        raise ValueError(f'ratio: expected new units for old ones in quotes, as "3:1" or "1:10", got {text!r}')
    ratio = lowest_terms(int(found[1]), int(found[2]))
    if ratio.new == ratio.old:
        raise ValueError(f"ratio: {text} changes nothing")
    return ratio


def declared(world: World, instrument_id: str, given: Iterable[Mapping[str, Any]]) -> Iterable[Declared]:
    """The bookings of a command, each of cash, units or both; ``ValueError`` says what is wrong."""
    for index, each in enumerate(given):
        place = f"bookings.{index}"
        unknown = each.keys() - {"account_id", "cash", "units", "instrument"}
        if unknown:
            raise ValueError(f"{place}: {min(unknown)} is unknown; expected account_id, cash, units, instrument")
        account_id = each.get("account_id")
        if account_id not in world.table(ACCOUNTS):
            raise ValueError(f"{place}: account {account_id} does not exist")
        other = each.get("instrument")
        found = world.table(INSTRUMENTS)[instrument_id] if other is None else find(world, str(other))
        if found is None:
            raise ValueError(f"{place}: instrument {other} does not exist")
        cash, units = (_signed(place, name, each.get(name)) for name in ("cash", "units"))
        if cash is None and units is None:
            raise ValueError(f"{place} needs cash, units or both")
        if cash is not None and (cents(cash) != cash or cash.copy_abs() > LARGEST_AMOUNT):
            raise ValueError(f"{place}.cash: expected whole cents, at most {LARGEST_AMOUNT}, got {cash}")
        yield Declared(str(account_id), cash, units, found.id)


def _signed(place: str, name: str, value: object) -> Decimal | None:
    if value is None:
        return None
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        number = ZERO
    exponent = number.as_tuple().exponent
    if not number or not isinstance(exponent, int) or exponent < -10 or number.copy_abs() >= PRICES_BELOW:
        raise ValueError(f"{place}.{name}: expected a number other than 0, with at most 10 decimals, got {value!r}")
    return number


# --- Moves ---


@ACTION_LIFE.does("ANNOUNCED", "CONFIRMED")
def confirm(
    world: World,
    of: CorporateAction,
    rate: Any = None,
    ratio: Any = None,
    ex_date: Any = None,
    record_date: Any = None,
    payment_date: Any = None,
) -> None:
    """Replace the announcement by the complete one: what is given is new, the rest as announced."""
    days = {"ex_date": ex_date, "record_date": record_date, "payment_date": payment_date}
    changes: dict[str, Any] = {
        name: _signed("with", name, rate) if name == "rate" else read_ratio(ratio)
        for name, given in (("rate", rate), ("ratio", ratio))
        if given is not None
    }
    changes |= {name: _day(name, day) for name, day in days.items() if day is not None}
    new: CorporateAction = of.evolve(**changes)
    check_whole(new)
    if new.booking_date != of.booking_date:
        check_ahead(world, new)
    if new.cut_off != of.cut_off:
        _cancel_due(world, of)
        await_cut_off(world, new)
    await_booking(world, ACTION_LIFE.move(world, of, "CONFIRMED", "complete", **changes))


@ACTION_LIFE.does("ANNOUNCED", "CANCELLED")
@ACTION_LIFE.does("CONFIRMED", "CANCELLED")
def cancel(world: World, of: CorporateAction) -> None:
    """Take the action back; what is due of it is never booked."""
    ACTION_LIFE.move(world, of, "CANCELLED", "taken back by the issuer")
    _cancel_due(world, of)


@ACTION_LIFE.does("CONFIRMED", "BOOKED")
def book(world: World, of: CorporateAction, bookings: Any = ()) -> None:
    """Book for every account: the right of the type, what was declared, and the ``bookings`` of a command.

    What cannot be booked, since the account has not what it is to give, stays DUE and looks again. Raises
    :class:`Hold` where this is so of a booking of the command.
    """
    if not isinstance(bookings, list | tuple) or not all(isinstance(each, Mapping) for each in bookings):
        raise ValueError("bookings: expected a list of {account_id, cash, units, instrument}")
    record(world, of)
    given = list(declared(world, of.instrument_id, bookings))
    for each in (*of.declared, *given):
        _enter(world, of, each)
    ACTION_LIFE.move(world, of, "BOOKED", "booked")
    if of.type.right == "split":
        unit_changes.split(world, of)
    rows = [row for row in world.table(BOOKINGS).by("action", of.id) if row.status == BookingStatus.DUE]
    by_command = {row.id for row in rows[len(rows) - len(given) :]} if given else set()
    for row in rows:
        try:
            check(world, row)
        except Hold:
            if row.id in by_command:
                raise
            LATE.schedule(world, row)
        else:
            BOOKING_LIFE.carry(world, row, "BOOKED")


def _enter(world: World, of: CorporateAction, each: Declared) -> None:
    account = world.table(ACCOUNTS)[each.account_id]
    due(world, of, account, cash=each.cash, units=each.units, instrument_id=each.instrument_id)


def await_booking(world: World, of: CorporateAction) -> None:
    """Make the booking of a CONFIRMED action due on its day, if it has one."""
    if books_itself(world, of):
        BOOK.schedule(world, of)


# --- The day that decides ---


def await_cut_off(world: World, of: CorporateAction) -> None:
    """Make it due to record who has the right to a dividend, at the end of the day that decides.

    A background task: booking looks back, so that a world may be idle without it.
    """
    if of.type.right == "dividend" and of.cut_off is not None:
        why = f"the day ends whose holders of {of.isin} have the right to its dividend"
        world.clock.at(of.cut_off, "corporate_action.record", of.id, reason=why, background=True)


@clock_action("corporate_action.record")
def _record(world: World, action_id: str) -> None:
    of = world.table(ACTIONS).get(action_id)
    if of is not None and of.open and of.cut_off is not None and of.cut_off <= world.now:
        record(world, of)


def record(world: World, of: CorporateAction) -> None:
    """Enter the bookings of a dividend that are due, one for each account that has the right; those there stay."""
    if of.type.right != "dividend" or of.cut_off is None:
        return
    known = {row.account_id for row in world.table(BOOKINGS).by("action", of.id) if row.status != "CANCELLED"}
    for each in entitled(world, world.table(INSTRUMENTS)[of.instrument_id], min(of.cut_off, world.now)):
        if each.account.id not in known:
            due(world, of, each.account, quantity=each.quantity)


def _cancel_due(world: World, of: CorporateAction) -> None:
    for row in list(world.table(BOOKINGS).by("action", of.id)):
        if row.status == BookingStatus.DUE:
            BOOKING_LIFE.carry(world, row, "CANCELLED")


def _day(name: str, value: Any) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"{name}: expected a day such as 2023-01-16, got {value!r}") from None
