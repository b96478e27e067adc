"""Users, account groups and accounts as a scenario has them: there from the start, nothing told.

What waits for something goes on by itself once time moves, as if it had been asked for: an INACTIVE user with the last
check, a group with its users.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from mockserver.domain.accounts import roles
from mockserver.domain.accounts.accounts import (
    ACCOUNT_GROUPS,
    ACCOUNT_LIFE,
    ACCOUNTS,
    GROUP_LIFE,
    Account,
    AccountGroup,
    GroupOfBusiness,
    GroupOfUsers,
    account_in,
)
from mockserver.domain.accounts.holders import owned_by
from mockserver.domain.businesses.businesses import BUSINESSES
from mockserver.domain.isa import seeded as wrappers
from mockserver.domain.onboarding.approval import REQUIRED
from mockserver.domain.onboarding.opening import CREATOR, MAIN_CURRENCY, free_number
from mockserver.domain.payments import virtual_bank_accounts
from mockserver.domain.users import identifiers
from mockserver.domain.users.users import USER_LIFE, USERS, User
from mockserver.kernel.lifecycle import LifeCycle
from mockserver.kernel.world import World
from mockserver.models.accounts import AccountGroupType, AccountGroupUserType
from mockserver.models.roles import AccountGroupRoleType

_SOMEBODY: Final = {
    "first_name": "Erika",
    "last_name": "Mustermann",
    "birth_date": date(1980, 8, 12),
    "nationalities": ("DE",),
    "address": {"address_line1": "Unter den Linden 1", "postcode": "10117", "city": "Berlin", "country": "DE"},
}

CONSENTS: Final = {
    "terms_and_conditions": "62814307-f14b-40af-bc66-5942a549a759",
    "data_privacy_and_sharing_agreement": "dd42b6a9-d04d-4dd2-8c3b-36386eaa843a",
}
"""Documents that the published examples agree to (concepts.md §9.4 [E])."""

ROLE: Final = {each: AccountGroupRoleType(each) for each in AccountGroupUserType}


def user(
    world: World, *, id: str | None = None, status: str = "ACTIVE", deactivated: bool = False, **members: Any
) -> User:
    """A natural person with any members of either licence; active, as onboarded ones are, with CONCAT identifiers.

    One who is INACTIVE is being onboarded, or was ``deactivated`` by Upvest and stays so.
    """
    given = {name: value for name, value in members.items() if value is not None}
    if "fatca" in given:
        given["fatca"] = {"status": False, "confirmed_at": world.now, **given["fatca"]}
    for name, document in CONSENTS.items():
        if name in given:
            given[name] = {"consent_document_id": document, "confirmed_at": world.now, **given[name]}
    row = User.model_validate(
        {
            **_SOMEBODY,
            **given,
            "id": id or world.ids.new("user"),
            "created_at": world.now,
            "updated_at": world.now,
            "status": status,
            "deactivated": deactivated,
        }
    )
    world.table(USERS).put(row)
    identifiers.generate(world, row)
    go_on(world, USER_LIFE, row)
    return row


def account_group(
    world: World,
    *,
    id: str | None = None,
    user_id: str | None = None,
    users: Iterable[Mapping[str, str]] | None = None,
    business_id: str | None = None,
    type: str | None = None,
    status: str = "ACTIVE",
    securities_account_number: str | None = None,
    currency: str | None = None,
) -> AccountGroup:
    """An account group of ``user_id``, of ``users`` with what each is in it, or of a business.

    Users who are needed and not named are made.
    """
    number = securities_account_number
    if number is not None and world.table(ACCOUNT_GROUPS).count("number", number):
        raise ValueError(f"securities account number {number} is in use")
    given = {
        "id": id or world.ids.new("account_group"),
        "created_at": world.now,
        "updated_at": world.now,
        "status": status,
    }
    if business_id is not None or type == "BUSINESS":
        if user_id is not None or users is not None or business_id is None or type not in (None, "BUSINESS"):
            raise ValueError("an account group of the type BUSINESS has a business_id and no users, the others users")
        if business_id not in world.table(BUSINESSES):
            raise LookupError(f"there is no business {business_id}")
        return _put_group(
            world,
            GroupOfBusiness.model_validate(
                {
                    **given,
                    "business_id": business_id,
                    "type": "BUSINESS",
                    "securities_account_number": number or free_number(world),
                    "currency": currency or "EUR",
                }
            ),
        )
    kind = AccountGroupType(type or "PERSONAL")
    if user_id is not None and users is not None:
        raise ValueError("name the user of an account group by user_id or the users by users, not both")
    creator = CREATOR.get(kind, AccountGroupUserType.OWNER)
    named = [(member["id"], AccountGroupUserType(member.get("type", "OWNER"))) for member in users or ()]
    if user_id is not None:
        named = [(user_id, creator)]
    named = _members(world, kind, named, waits=status == "PENDING_APPROVAL", whole=users is not None)
    return _put_group(
        world,
        GroupOfUsers.model_validate(
            {
                **given,
                "users": tuple({"id": member, "type": as_what} for member, as_what in named),
                "type": kind,
                "securities_account_number": number or free_number(world),
                "currency": currency or MAIN_CURRENCY.get(kind, "EUR"),
            }
        ),
    )


def _put_group(world: World, row: AccountGroup) -> AccountGroup:
    """The group with its roles and, where each group has one, its virtual bank account."""
    world.table(ACCOUNT_GROUPS).put(row)
    roles.seed(world, row)
    virtual_bank_accounts.seed(world, row)
    wrappers.of_approved(world, row)
    go_on(world, GROUP_LIFE, row)
    return row


def _members(
    world: World,
    kind: AccountGroupType,
    named: list[tuple[str, AccountGroupUserType]],
    *,
    waits: bool,
    whole: bool,
) -> list[tuple[str, AccountGroupUserType]]:
    """Who belongs to a group: those named, and, unless they are all, as many more as its type needs.

    A group that ``waits`` for approval needs its first member only.
    """
    needed = REQUIRED[kind]
    for member, as_what in named:
        if member not in world.table(USERS):
            raise LookupError(f"there is no user {member}")
        if ROLE[as_what] not in needed:
            raise ValueError(f"a {kind} group has {', '.join(needed)}, and no {as_what}")
    if len({member for member, _ in named}) < len(named):
        raise ValueError("a user is named twice")
    have = Counter(as_what for _, as_what in named)
    made: list[tuple[str, AccountGroupUserType]] = []
    for role, count in needed.items():
        as_what = AccountGroupUserType(role)
        if have[as_what] > count and as_what != AccountGroupUserType.GUARDIAN:
            raise ValueError(f"a {kind} group has {count} {as_what}, not {have[as_what]}")
        lacking = max(count - have[as_what], 0)
        if waits:
            lacking = 0 if named or made else 1
        elif lacking and whole:
            raise ValueError(f"a {kind} group that is approved has {count} {as_what}, not {have[as_what]}")
        made += [(user(world).id, as_what) for _ in range(lacking)]
    return [*named, *made]


def account(
    world: World,
    *,
    id: str | None = None,
    account_group_id: str | None = None,
    user_id: str | None = None,
    business_id: str | None = None,
    type: str = "PORTFOLIO",
    name: str = "",
    status: str = "ACTIVE",
) -> Account:
    """An account; its group is the one named, else the first of the user or the business, else a new one."""
    if user_id is not None and business_id is not None:
        raise ValueError("name the owner of an account by user_id or by business_id, not both")
    what, owner_id = ("user", user_id) if business_id is None else ("business", business_id)
    groups = world.table(ACCOUNT_GROUPS)
    if account_group_id is not None:
        if account_group_id not in groups:
            raise LookupError(f"there is no account group {account_group_id}")
        group = groups[account_group_id]
        if owner_id is not None and not owned_by(group, owner_id):
            raise ValueError(f"{what} {owner_id} is not a member of account group {group.id}")
    else:
        owned = groups.by("holder", owner_id) if owner_id is not None else []
        group = owned[0] if owned else account_group(world, user_id=user_id, business_id=business_id)
    row = account_in(
        group,
        id=id or world.ids.new("account"),
        created_at=world.now,
        updated_at=world.now,
        type=type,
        account_number=world.table(ACCOUNTS).count("group", group.id) + 1,
        name=name,
        status=status,
    )
    world.table(ACCOUNTS).put(row)
    go_on(world, ACCOUNT_LIFE, row)
    return row


def go_on(world: World, cycle: LifeCycle[Any], row: Any) -> None:
    """A resource seeded in a state that does not last goes on from there by itself."""
    for stage in cycle.stages.get(cycle.state_of(row), ()):
        if stage.on_entry:
            stage.schedule(world, row)
