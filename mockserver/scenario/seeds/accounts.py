"""Account groups and accounts."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from mockserver.domain import seeding
from mockserver.models.accounts import AccountGroupType, AccountGroupUserType
from mockserver.scenario.document import Found, Path
from mockserver.scenario.families import Generated, SeedFamily
from mockserver.scenario.fields import Closed, Currency, Named
from mockserver.scenario.generating.crowds import Crowd
from mockserver.scenario.generating.specs import GeneratedAccounts
from mockserver.scenario.references import ToAccountGroup, ToBusiness, ToUser

GroupStatus = Literal["PENDING_APPROVAL", "ACTIVE", "LOCKED", "CLOSING", "CLOSED"]


class Member(Closed):
    """What a user is in an account group."""

    id: ToUser
    type: AccountGroupUserType = AccountGroupUserType.OWNER


def _member(value: Any) -> Any:
    """``users: [erika]`` is short for an owner."""
    return {"id": value} if isinstance(value, str) else value


class AccountGroup(Named):
    """Of one user (``user_id``), of several (``users``) or of a business.

    Without any of these, users are made: as many as the type needs.
    """

    user_id: ToUser | None = None
    business_id: ToBusiness | None = None
    users: tuple[Annotated[Member, BeforeValidator(_member, json_schema_input_type=str | Member)], ...] | None = Field(
        None, min_length=1
    )
    type: AccountGroupType | Literal["BUSINESS"] | None = Field(
        None, description="without: PERSONAL, BUSINESS where it is of a business"
    )
    status: GroupStatus = "ACTIVE"
    securities_account_number: Annotated[str, StringConstraints(pattern=r"^[0-9]{7,12}$")] | None = None
    currency: Currency | None = Field(None, description="of its cash; without: EUR, of an ISA GBP")


class Account(Named):
    """Without a group and an owner, both are made."""

    user_id: ToUser | None = None
    business_id: ToBusiness | None = None
    account_group_id: ToAccountGroup | None = None
    type: Literal["PORTFOLIO", "TRADING"] = "PORTFOLIO"
    name: str = ""
    status: GroupStatus = "ACTIVE"


def ranges(_: object, path: Path, entry: Any) -> Found:
    """A range goes from less to more."""
    for member in ("invested", "cash") if isinstance(entry, GeneratedAccounts) else ():
        limits = getattr(entry, member)
        if limits is not None and limits[0] > limits[1]:
            yield (*path, member), f"is a range from less to more, not from {limits[0]} to {limits[1]}"


ACCOUNT_GROUPS = SeedFamily(
    name="account_groups",
    entry=AccountGroup,
    put=seeding.account_group,
    after=("identifiers", "tax_residencies"),  # a group may be waiting for them
    says="`user_id`, `users` or `business_id`, `type` (PERSONAL, JOINT, CHILD, ISA, …, BUSINESS), `status`, "
    "`securities_account_number`, `currency`",
    without="users are made; PERSONAL, ACTIVE, EUR (ISA: GBP)",
)

ACCOUNTS = SeedFamily(
    name="accounts",
    entry=Account,
    put=seeding.account,
    generated=Generated(GeneratedAccounts, Crowd.accounts),
    after=("checks",),
    check=ranges,
    says="`account_group_id`, `user_id` or `business_id`, `type` (PORTFOLIO or TRADING), `name`, `status`",
    without="group and user are made; PORTFOLIO, ACTIVE",
)
