"""Admission of payments: the checks that all requests which move money share (payments.md §2).

They come in one order: ids exist (404), ids belong together, states allow it, currency and amount fit (400 each). A
family looks up the ids that only it knows (a mandate, a reference account) first, then calls :func:`admit`, and
checks its own states and limits last.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Final

from mockserver.domain.accounts.accounts import AccountGroup, group
from mockserver.domain.accounts.holders import Holder, holder, holders, owned_by
from mockserver.domain.ledger.cash import cash
from mockserver.domain.payments.refusals import (
    AMOUNT_NOT_POSITIVE,
    CURRENCY_NOT_HELD,
    GROUP_STATUS,
    HOLDER_STATUS,
    NOT_A_MEMBER,
    OF_ANOTHER_HOLDER,
)
from mockserver.kernel.frozen import frozen
from mockserver.kernel.money import decimal
from mockserver.kernel.world import World
from mockserver.models.accounts import AccountGroupType, AccountStatus
from mockserver.models.users import UserStatus


class Direction(StrEnum):
    """Which way the money goes, from the point of view of the account group."""

    IN = "in"
    OUT = "out"


HELD: Final[dict[str, tuple[str, ...]]] = {AccountGroupType.ISA: ("GBP",)}
"""The currencies that groups of a type hold; all others hold EUR and GBP (payments.md §2.1, inferred)."""
_MOST_HOLD: Final = ("EUR", "GBP")


@frozen
class Admitted:
    """A request that may move money."""

    group: AccountGroup
    holder: Holder
    """Who it is shown for: the user given, else the first holder."""
    amount: Decimal
    currency: str

    @property
    def shown_user(self) -> dict[str, str]:
        """The member ``user_id``; payments of a business have none (payments.md §4.1 [A])."""
        return {"user_id": self.holder.id} if self.holder.what == "user" else {}

    @property
    def shown_amount(self) -> str:
        """The amount as payments show it: two decimals, whatever was sent (payments.md §2.1)."""
        return two_decimals(self.amount)


@frozen
class Belonging:
    """Something of a holder's that a request names beside the account group."""

    what: str
    """Its name in messages: ``mandate``."""
    id: str
    holder_id: str


def admit(
    world: World,
    direction: Direction,
    *,
    group_id: str,
    amount: str,
    currency: str | None = None,
    user_id: str | None = None,
    names: Belonging | None = None,
    member: str = "cash_amount",
    also_held: tuple[str, ...] = (),
) -> Admitted:
    """Look at what all requests share, in the documented order; raises the refusal of the first rule broken.

    ``currency`` absent: the main one of the group. ``names``: the mandate or reference account, of a member of the
    group. ``member``: the amount's name in the request. ``also_held``: further currencies of the family (virtual cash
    knows USD).
    """
    of = group(world, group_id)
    given = None if user_id is None else holder(world, user_id, None)
    check_members(of, given, names)
    currency = currency or of.currency
    check_group(world, of, direction, currency)
    holding = list(holders(world, of))
    for each in holding:
        check_holder(each, direction, leaving=of.status == AccountStatus.CLOSING)
    check_currency(of, currency, also_held)
    return Admitted(of, given or holding[0], positive(amount, member), currency)


def check_members(of: AccountGroup, given: Holder | None, names: Belonging | None) -> None:
    """User, and mandate or reference account, are of members of the group, guardians included."""
    if given is not None and not owned_by(of, given.id):
        raise NOT_A_MEMBER.refuse(user_id=given.id, group_id=of.id)
    if names is not None and not owned_by(of, names.holder_id):
        raise OF_ANOTHER_HOLDER.refuse(what=names.what, id=names.id, user_id=names.holder_id, group_id=of.id)


def check_group(world: World, of: AccountGroup, direction: Direction, currency: str) -> None:
    """Refuse where :func:`takes_money` says no."""
    if takes_money(world, of, direction, currency):
        return
    needed = "ACTIVE or CLOSING" if direction is Direction.OUT else "ACTIVE, or CLOSING with a balance below zero"
    raise GROUP_STATUS.refuse(id=of.id, status=of.status, direction=direction, needed=needed)


def takes_money(world: World, of: AccountGroup, direction: Direction, currency: str) -> bool:
    """ACTIVE; money also leaves a CLOSING group, and comes into one while its balance is below zero."""
    if of.status == AccountStatus.CLOSING:
        return direction is Direction.OUT or cash(world, of.id, currency).balance < 0
    return of.status == AccountStatus.ACTIVE


def check_holder(of: Holder, direction: Direction, *, leaving: bool = False) -> None:
    """ACTIVE for money in; money out, and what fills the balance of a group that is ``leaving``, serves all who stay.

    A holder who is OFFBOARDING has to empty the groups first (payments.md §2.2, inferred).
    """
    if direction is Direction.OUT or leaving:
        fits, needed = of.status != UserStatus.OFFBOARDED, "not OFFBOARDED"
    else:
        fits, needed = of.status == UserStatus.ACTIVE, "ACTIVE"
    if not fits:
        raise HOLDER_STATUS.refuse(holder=of, what=of.what, status=of.status, direction=direction, needed=needed)


def check_currency(of: AccountGroup, currency: str, also_held: tuple[str, ...] = ()) -> None:
    """One that groups of its type hold, or the main one that a scenario gave it."""
    held = HELD.get(of.type, (*_MOST_HOLD, *also_held))
    if currency not in (*held, of.currency):
        raise CURRENCY_NOT_HELD.refuse(id=of.id, type=of.type, held=" and ".join(held), currency=currency)


def positive(amount: str, member: str = "cash_amount") -> Decimal:
    """The amount, which is more than zero."""
    value = decimal(amount)
    if value <= 0:
        raise AMOUNT_NOT_POSITIVE.refuse(member=member, amount=amount)
    return value


def two_decimals(amount: Decimal) -> str:
    """An amount as payments show it: ``"200"`` comes back as ``"200.00"`` (payments.md §2.1, inferred)."""
    return f"{amount:.2f}"
