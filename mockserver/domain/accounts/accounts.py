"""Account groups and accounts: the group holds the cash, the account the units (trading.md §7)."""

from __future__ import annotations

from operator import attrgetter
from typing import Any, Final

from pydantic import Field

from mockserver.domain import topics
from mockserver.domain.accounts.holders import in_path, member_ids, members
from mockserver.domain.listing import by_time
from mockserver.domain.refusals import UNKNOWN
from mockserver.kernel.lifecycle import Hold, LifeCycle, Row
from mockserver.kernel.moves import Moved
from mockserver.kernel.operations import Call, Listing, operation
from mockserver.kernel.stages import Stage, stir
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.accounts import (
    AccountStatus,
    BusinessAccount,
    BusinessAccountGroup,
    UserAccount,
    UserAccountGroup,
)


class GroupOfUsers(UserAccountGroup):
    """The custody account of users; ``currency`` is the main currency of its cash (hidden)."""

    currency: str = Field("EUR", exclude=True)
    closure_reason: str | None = Field(None, exclude=True)
    """Why the client closes it, or gave notice that it will."""


class GroupOfBusiness(BusinessAccountGroup):
    """The custody account of a business, with the same hidden members."""

    currency: str = Field("EUR", exclude=True)
    closure_reason: str | None = Field(None, exclude=True)


AccountGroup = GroupOfUsers | GroupOfBusiness
Account = UserAccount | BusinessAccount
"""An account inside a group."""

ACCOUNT_GROUPS: Kind[AccountGroup] = Kind(
    "account_groups", indexes={"holder": member_ids, "number": attrgetter("securities_account_number")}
)
ACCOUNTS: Kind[Account] = Kind("accounts", indexes={"holder": member_ids, "group": attrgetter("account_group_id")})

_D = "trading.md §7.2 [D]"


def _rows(family: str) -> list[Row]:
    return [
        Row(None, "PENDING_APPROVAL", f"{family}.CREATED", "created", "trading.md §7.2 [D]"),
        Row(None, "ACTIVE", f"{family}.CREATED", "created for an active user", "trading.md §6, read off the examples"),
        Row("PENDING_APPROVAL", "ACTIVE", f"{family}.ACTIVATED", "its users are approved", _D),
        Row("ACTIVE", "LOCKED", f"{family}.LOCKED", "locked by Upvest", "trading.md §7.2, inferred"),
        Row("LOCKED", "ACTIVE", f"{family}.ACTIVATED", "unlocked by Upvest", "trading.md §7.2, event inferred"),
        Row(
            "PENDING_APPROVAL", "CLOSING", f"{family}.CLOSING_INITIATED", "closing requested", "trading.md §8, inferred"
        ),
        Row("ACTIVE", "CLOSING", f"{family}.CLOSING_INITIATED", "closing requested", _D),
        Row("CLOSING", "CLOSED", f"{family}.CLOSED", "nothing is left that blocks it", "trading.md §8 [D]"),
    ]


GROUP_LIFE: Final = LifeCycle(ACCOUNT_GROUPS, _rows("ACCOUNT_GROUP"))
ACCOUNT_LIFE: Final = LifeCycle(ACCOUNTS, _rows("ACCOUNT"))

Stage("account_group.approve", GROUP_LIFE, "PENDING_APPROVAL", "ACTIVE")
Stage("account.approve", ACCOUNT_LIFE, "PENDING_APPROVAL", "ACTIVE")


@ACCOUNT_LIFE.does("PENDING_APPROVAL", "ACTIVE")
def approve(world: World, account: Account) -> None:
    """An account is approved with its group (trading.md §7.2, inferred)."""
    holder = group(world, account.account_group_id)
    if holder.status != AccountStatus.ACTIVE:
        raise Hold(f"account group {holder.id} is {holder.status}", topic=topics.group(holder.id))
    ACCOUNT_LIFE.move(world, account, "ACTIVE", "approved with its group")


def group_changes(world: World, holder: AccountGroup, moved: Moved) -> None:
    """Accounts wait for their group, and orders too."""
    stir(world, topics.group(holder.id))


def account_changed(world: World, account: Account, moved: Moved) -> None:
    """Orders wait for their account; one that opens or closes makes them look again."""
    stir(world, topics.account(account.id))


def group(world: World, group_id: str) -> AccountGroup:
    """The account group, or a refusal (404)."""
    found = world.table(ACCOUNT_GROUPS).get(group_id)
    if found is None:
        raise UNKNOWN.refuse(what="account group", id=group_id)
    return found


def account(world: World, account_id: str) -> Account:
    """The account, or a refusal (404)."""
    found = world.table(ACCOUNTS).get(account_id)
    if found is None:
        raise UNKNOWN.refuse(what="account", id=account_id)
    return found


def account_in(of: AccountGroup, **given: Any) -> Account:
    """A new account in a group, of the same users or the same business; not entered yet."""
    if isinstance(of, GroupOfBusiness):
        return BusinessAccount.model_validate({**given, "account_group_id": of.id, "business_id": of.business_id})
    return UserAccount.model_validate({**given, "account_group_id": of.id, "users": members(of)})


def currency_of(world: World, of: Account) -> str:
    """The main currency of the account's group."""
    return group(world, of.account_group_id).currency


def barred(world: World, of: Account, *, sell: bool) -> str | None:
    """Why the account may no longer buy or sell, if it may not; raises :class:`Hold` where it may not yet.

    The statuses of the account and of its group count alike (trading.md §7.2 [D]). What never comes back counts first:
    what is closed trades nothing, what is closing only sells; then what is locked or not approved yet waits.
    """
    holder = group(world, of.account_group_id)
    waits: dict[str, tuple[str, Account | AccountGroup]] = {
        topics.account(of.id): ("account", of),
        topics.group(holder.id): ("account group", holder),
    }
    for name, row in waits.values():
        if row.status == AccountStatus.CLOSED or (row.status == AccountStatus.CLOSING and not sell):
            return f"{name.capitalize()} is {row.status}."
    for topic, (name, row) in waits.items():
        if row.status in (AccountStatus.PENDING_APPROVAL, AccountStatus.LOCKED):
            other = next(each for each in waits if each != topic)  # the other may close meanwhile
            raise Hold(f"{name} {row.id} is {row.status}", topic=topic, also=other)
    return None


@operation("list_account_groups")
def list_account_groups(world: World, call: Call[None]) -> Listing:
    return by_time(world.table(ACCOUNT_GROUPS).sorted_by, call)


@operation("retrieve_account_group")
def retrieve_account_group(world: World, call: Call[None]) -> AccountGroup:
    return group(world, call.path["account_group_id"])


@operation("list_user_account_groups")
def list_user_account_groups(world: World, call: Call[None]) -> Listing:
    return of_holder(world, ACCOUNT_GROUPS, call)


@operation("list_accounts")
def list_accounts(world: World, call: Call[None]) -> Listing:
    return by_time(world.table(ACCOUNTS).sorted_by, call)


@operation("retrieve_account")
def retrieve_account(world: World, call: Call[None]) -> Account:
    return account(world, call.path["account_id"])


@operation("list_user_accounts")
def list_user_accounts(world: World, call: Call[None]) -> Listing:
    return of_holder(world, ACCOUNTS, call)


@operation("list_business_account_groups")
def list_business_account_groups(world: World, call: Call[None]) -> Listing:
    return of_holder(world, ACCOUNT_GROUPS, call)


@operation("list_business_accounts")
def list_business_accounts(world: World, call: Call[None]) -> Listing:
    return of_holder(world, ACCOUNTS, call)


def of_holder(world: World, kind: Kind[Any], call: Call[None]) -> Listing:
    """The resources of the user or the business in the path, by the index ``holder`` of their kind."""
    owner, sort = in_path(world, call), call.query["sort"]
    return Listing(world.table(kind).sorted_under("holder", owner.id, sort, "id"), sort)
