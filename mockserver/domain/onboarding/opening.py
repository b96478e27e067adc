"""Opening account groups and accounts, and renaming accounts (trading.md §7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

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
    account,
    account_in,
    group,
)
from mockserver.domain.accounts.holders import owned_by
from mockserver.domain.businesses import businesses
from mockserver.domain.businesses.refusals import BUSINESS_DEACTIVATED
from mockserver.domain.forms import members_of
from mockserver.domain.onboarding.approval import REQUIRED, awaited, gated
from mockserver.domain.onboarding.refusals import (
    GROUP_CLOSES,
    NOT_A_MEMBER,
    NUMBER_IN_USE,
    OWNER_PENDING,
    SECOND_PERSONAL,
    TWO_HOLDERS,
)
from mockserver.domain.onboarding.role_assignment import give
from mockserver.domain.users.users import present
from mockserver.kernel.events import emit
from mockserver.kernel.operations import Call, operation
from mockserver.kernel.world import World
from mockserver.models.accounts import AccountGroupType, AccountGroupUser, AccountGroupUserType, AccountStatus
from mockserver.models.businesses import BusinessStatus
from mockserver.models.roles import AccountGroupRoleType, RoleStatus

if TYPE_CHECKING:
    from mockserver.models.messages.accounts import (
        AccountCreateRequest,
        AccountGroupCreateRequest,
        AccountUpdateRequest,
        BusinessAccountGroupCreateRequest,
    )

CREATOR: Final = {AccountGroupType.CHILD: AccountGroupUserType.CHILD}
"""What the user of the request is in a group of a type; OWNER in all others (trading.md §7.1 [N])."""

MAIN_CURRENCY: Final = {AccountGroupType.ISA: "GBP"}
"""The currency of a group's cash before any has come; EUR for all other types (trading.md §14, inferred)."""

NUMBER_DIGITS: Final = 9
"""Of a securities account number that Upvest gives (trading.md §7.1 [X])."""


@operation("create_account_group")
def create_account_group(world: World, call: Call[AccountGroupCreateRequest]) -> AccountGroup:
    """A group with the role of its first user; approved when its roles are (trading.md §7)."""
    # lazy: 2 ms of classes that only a request like this needs
    from mockserver.models.messages.accounts import BusinessAccountGroupCreateRequest

    body = call.body
    if {"user_id", "business_id"} <= members_of(call):
        raise TWO_HOLDERS.refuse()
    if isinstance(body, BusinessAccountGroupCreateRequest):
        return _group_of_business(world, body)
    user = present(world, body.user_id)
    if body.type == AccountGroupType.PERSONAL and world.profile.payments.personal_groups == "one":
        for other in world.table(ACCOUNT_GROUPS).by("holder", user.id):
            if other.type == AccountGroupType.PERSONAL and other.status != AccountStatus.CLOSED:
                raise SECOND_PERSONAL.refuse(user_id=user.id, group_id=other.id)
    number = _number(world, body.securities_account_number)
    identity = world.ids.new("account_group")
    creator = CREATOR.get(body.type, AccountGroupUserType.OWNER)
    role = roles.drafted(world, identity, user.id, AccountGroupRoleType(creator))
    alone = REQUIRED[body.type] == {role.role_type: 1}
    at_once = world.profile.behaviour.new_account == "ACTIVE" and alone and awaited(world, role) is None
    row = GroupOfUsers(
        id=identity,
        created_at=world.now,
        updated_at=world.now,
        users=(AccountGroupUser(id=user.id, type=creator),),
        status=AccountStatus.PENDING_APPROVAL,
        type=body.type,
        securities_account_number=number,
        currency=MAIN_CURRENCY.get(body.type, "EUR"),
    )
    if at_once and gated(world, row) is None:
        row = row.evolve(status=AccountStatus.ACTIVE)
    GROUP_LIFE.enter(world, row, "opened by the client")
    give(world, role)
    return row


def _group_of_business(world: World, body: BusinessAccountGroupCreateRequest) -> AccountGroup:
    """Any number of groups of a business; each is ACTIVE with it (payments.md §14.1 [D])."""
    of = businesses.present(world, body.business_id)
    if of.deactivated:
        raise BUSINESS_DEACTIVATED.refuse(id=of.id)
    at_once = world.profile.behaviour.new_account == "ACTIVE" and of.status == BusinessStatus.ACTIVE
    row = GroupOfBusiness(
        id=world.ids.new("account_group"),
        created_at=world.now,
        updated_at=world.now,
        business_id=of.id,
        status=AccountStatus.ACTIVE if at_once else AccountStatus.PENDING_APPROVAL,
        type="BUSINESS",
        securities_account_number=_number(world, body.securities_account_number),
    )
    return GROUP_LIFE.enter(world, row, "opened by the client")


def _number(world: World, wanted: str | None) -> str:
    """The securities account number that is wanted, or a free one; refuses one that a group has."""
    if wanted is None:
        return free_number(world)
    if world.table(ACCOUNT_GROUPS).count("number", wanted):
        raise NUMBER_IN_USE.refuse(number=wanted)
    return wanted


def free_number(world: World) -> str:
    """A securities account number that no group has."""
    while True:
        number = world.ids.digits("securities_account", NUMBER_DIGITS)
        if not world.table(ACCOUNT_GROUPS).count("number", number):
            return number


@operation("create_account")
def create_account(world: World, call: Call[AccountCreateRequest]) -> Account:
    """An account in a group, approved after it; all members of the group are its users (trading.md §7, inferred)."""
    # lazy: 2 ms of classes that only a request like this needs
    from mockserver.models.messages.accounts import BusinessAccountCreateRequest

    body = call.body
    if isinstance(body, BusinessAccountCreateRequest):
        what, owner_id = "business", businesses.present(world, body.business_id).id
    else:
        what, owner_id = "user", present(world, body.user_id).id
    holder = group(world, body.account_group_id)
    _check_member(world, holder, what, owner_id)
    if holder.status not in (AccountStatus.PENDING_APPROVAL, AccountStatus.ACTIVE):
        raise GROUP_CLOSES.refuse(id=holder.id, status=holder.status)
    at_once = world.profile.behaviour.new_account == "ACTIVE" and holder.status == AccountStatus.ACTIVE
    row = account_in(
        holder,
        id=world.ids.new("account"),
        created_at=world.now,
        updated_at=world.now,
        type=body.type,
        account_number=world.table(ACCOUNTS).count("group", holder.id) + 1,
        name=body.name or "",
        status=AccountStatus.ACTIVE if at_once else AccountStatus.PENDING_APPROVAL,
    )
    return ACCOUNT_LIFE.enter(world, row, "opened by the client")


def _check_member(world: World, holder: AccountGroup, what: str, owner_id: str) -> None:
    """The group is of the business, or the user is a member: in a JOINT one an owner with an active role (§7.3)."""
    if not owned_by(holder, owner_id):
        raise NOT_A_MEMBER.refuse(group_id=holder.id, what=what, owner_id=owner_id)
    if holder.type == AccountGroupType.JOINT:
        statuses = [role.status for role in roles.of_entity(world, holder.id) if role.user_id == owner_id]
        if RoleStatus.ACTIVE not in statuses:
            raise OWNER_PENDING.refuse(group_id=holder.id, user_id=owner_id)


@operation("update_account")
def update_account(world: World, call: Call[AccountUpdateRequest]) -> Account:
    """A new name, in any status (inferred). Without one nothing changes, and nothing is told (inferred)."""
    of = account(world, call.path["account_id"])
    if call.body.name is None:
        return of
    changes: dict[str, Any] = {"name": call.body.name, "updated_at": world.now}
    renamed = world.table(ACCOUNTS).put(of.evolve(**changes))
    emit(world, "ACCOUNT.UPDATED", renamed)
    return renamed
