"""Subscriptions: which bookings of an ISA group use its allowance, and which give it back (payments.md §12.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

from mockserver.domain.accounts.accounts import AccountGroup
from mockserver.domain.isa import allowances, tax_years
from mockserver.domain.isa.allowances import ALLOWANCES, Allowance
from mockserver.domain.isa.refusals import OVER_SUBSCRIBED, SUBSCRIPTIONS_STOPPED
from mockserver.domain.isa.wrappers import WRAPPERS, Wrapper, of_group
from mockserver.kernel.frozen import frozen
from mockserver.kernel.money import ZERO, minus
from mockserver.kernel.record import Record
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.taxes import IsaWrapperAllowanceStatus, IsaWrapperStatus


@frozen(slots=False)
class Subscription(Record):
    """What one payment used of an allowance (negative: gave back to it); the id is that of the payment."""

    id: str
    account_group_id: str
    allowance_id: str
    amount: Decimal


SUBSCRIPTIONS: Final[Kind[Subscription]] = Kind("isa_subscriptions")


def stopped(world: World, of: AccountGroup) -> str | None:
    """Why the group takes no new subscriptions, if it does not: its wrapper is INACTIVE (§12.2 [D])."""
    wrapper = of_group(world, of.id)
    if wrapper is None or wrapper.status != IsaWrapperStatus.INACTIVE:
        return None
    return f"tax wrapper {wrapper.id} of account group {of.id} is INACTIVE"


def exceeded(world: World, of: AccountGroup, amount: Decimal, *, open: Decimal = ZERO) -> str | None:
    """Why an amount is more than what remains of the allowance, where the profile refuses that (§12.2, inferred).

    ``open``: what is to come already.
    """
    if world.profile.isa.over_subscriptions == "accepted":
        return None
    row = current(world, of.id)
    if row is None or amount <= minus(row.remaining, open):
        return None
    less = f" less {open:.2f} of open direct debits" if open else ""
    return f"{amount:.2f} GBP is more than remains of allowance {row.tax_year}: {row.remaining:.2f} GBP{less}"


def barred(world: World, of: AccountGroup, amount: Decimal) -> str | None:
    """Why the group cannot be paid an amount, if it is an ISA that cannot."""
    if not len(world.table(WRAPPERS)):
        return None
    return stopped(world, of) or exceeded(world, of, amount)


def check(
    world: World, of: AccountGroup, amount: Decimal, *, member: str = "cash_amount", open: Decimal = ZERO
) -> None:
    """Refuse what :func:`stopped` and :func:`exceeded` find, naming the ``member`` of the request."""
    if not len(world.table(WRAPPERS)):
        return
    if reason := stopped(world, of):
        raise SUBSCRIPTIONS_STOPPED.refuse(reason=reason)
    if reason := exceeded(world, of, amount, open=open):
        raise OVER_SUBSCRIBED.refuse(member=member, reason=reason)


def current(world: World, group_id: str) -> Allowance | None:
    """The ACTIVE allowance of the group's wrapper, unless its tax year is over (that of an INACTIVE one stays)."""
    wrapper = of_group(world, group_id)
    row = None if wrapper is None else allowances.active(world, wrapper.id)
    return None if row is None or row.year < tax_years.year_of(world.now) else row


# --- Payments of before ---


def stated(world: World, type_: str, *, group_id: str, amount: Decimal, currency: str, id: str) -> None:
    """Note what a payment used that a scenario seeds as booked: the scenario's ``used_amount`` includes it (inferred).

    The allowance stays as it is. When the payment comes back, it gives back its amount as any other does.
    """
    row = current(world, group_id) if currency == "GBP" and len(world.table(WRAPPERS)) else None
    effect = BOOKINGS[type_]
    if row is not None and (effect is subscribe or _flexible(of_group(world, group_id))):
        world.table(SUBSCRIPTIONS).put(Subscription(id, group_id, row.id, amount))


# --- Bookings ---


def subscribe(world: World, group_id: str, amount: Decimal, id: str) -> None:
    """Count money in, at most what remains."""
    row = current(world, group_id)
    if row is not None and (taken := min(amount, row.remaining)):
        _count(world, row, taken, id, group_id, first=world.now)


def undo(world: World, group_id: str, amount: Decimal, id: str) -> None:
    """Money in went back: give back what it used, to the allowance that counted it; to an EXPIRED one nothing."""
    of, row = _counted(world, id)
    if of is not None and row is not None and (back := min(of.amount, row.used)):
        allowances.use(world, row, back.copy_negate())


def withdraw(world: World, group_id: str, amount: Decimal, id: str) -> None:
    """Money out of a flexible ISA gives allowance back, down to nothing used; of any other ISA nothing."""
    row = current(world, group_id) if _flexible(of_group(world, group_id)) else None
    if row is not None and (back := min(amount.copy_negate(), row.used)):
        _count(world, row, back.copy_negate(), id, group_id)


def come_back(world: World, group_id: str, amount: Decimal, id: str) -> None:
    """A withdrawal comes back: what it gave back is used again, at most what remains."""
    of, row = _counted(world, id)
    if of is not None and row is not None and (again := min(of.amount.copy_negate(), row.remaining)):
        allowances.use(world, row, again)


BOOKINGS: Final[Mapping[str, Callable[[World, str, Decimal, str], None]]] = {
    "CREDIT_FUNDING": subscribe,
    "TOPUP": subscribe,
    "SEPA_DIRECT_DEBIT": subscribe,
    "VIRTUAL_CASH_INCREASE": subscribe,
    "CREDIT_FUNDING_CHARGE_BACK": undo,
    "TOPUP_CANCELLATION": undo,
    "SEPA_DIRECT_DEBIT_CHARGE_BACK": undo,
    "WITHDRAWAL": withdraw,
    "WITHDRAWAL_CANCELLATION": come_back,
}
"""What a booking does to the allowance, by the type of its transaction; every other does nothing (§12.2)."""


def booked(world: World, type_: str, *, group_id: str, amount: Decimal, currency: str, id: str) -> None:
    """Count a booking of the payment ``id``, if it is in an ISA group that has a wrapper, in pounds."""
    if not len(world.table(WRAPPERS)):
        return
    effect = BOOKINGS.get(type_)
    if effect is not None and currency == "GBP":
        effect(world, group_id, amount, id)


def transferred(world: World, group_id: str, part: Decimal, first: datetime | None = None) -> None:
    """Count the current-year part of an ISA transfer (negative: it left), clamped to what there is (§11.3)."""
    row = current(world, group_id)
    if row is None:
        return
    change = min(part, row.remaining) if part > 0 else max(part, row.used.copy_negate())
    if change:
        allowances.use(world, row, change, first=first)


def _count(
    world: World, row: Allowance, amount: Decimal, id: str, group_id: str, first: datetime | None = None
) -> None:
    world.table(SUBSCRIPTIONS).put(Subscription(id, group_id, row.id, amount))
    allowances.use(world, row, amount, first=first)


def _counted(world: World, id: str) -> tuple[Subscription | None, Allowance | None]:
    """What a payment used, and the allowance, unless that is EXPIRED."""
    of = world.table(SUBSCRIPTIONS).get(id)
    row = None if of is None else world.table(ALLOWANCES)[of.allowance_id]
    return of, None if row is None or row.status == IsaWrapperAllowanceStatus.EXPIRED else row


def _flexible(wrapper: Wrapper | None) -> bool:
    return wrapper is not None and wrapper.is_flexible
