"""Holders: the user or the business to which an account group, and all that is made with it, belongs.

The members of a group act for it. Owners and children hold it, too; guardians act for a child and hold nothing
(payments.md §2.1). No other module reads the members of a group or an account.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from mockserver.domain.businesses.businesses import BUSINESSES, Business, business
from mockserver.domain.users.users import USERS, User, user
from mockserver.kernel.frozen import frozen
from mockserver.kernel.operations import Call
from mockserver.kernel.world import World
from mockserver.models.accounts import AccountGroupUser, AccountGroupUserType, BusinessAccount, BusinessAccountGroup

if TYPE_CHECKING:
    from mockserver.domain.accounts.accounts import Account, AccountGroup


@frozen
class Holder:
    """A user or a business, as far as payments and plans look at one."""

    what: str
    """Its name in messages: ``user``, ``business``."""
    id: str
    status: str
    name: str
    """As banks write it: first and last name, or the name of the company."""

    def __str__(self) -> str:
        """As messages begin: ``User`` and the id."""
        return f"{self.what.capitalize()} {self.id}"

    @property
    def member(self) -> dict[str, str]:
        """The member of requests and resources that names it, with its id."""
        return {f"{self.what}_id": self.id}


def business_of(of: Account | AccountGroup) -> str | None:
    """The id of the business that it belongs to; ``None`` where it belongs to users."""
    return of.business_id if isinstance(of, BusinessAccountGroup | BusinessAccount) else None


def members(of: Account | AccountGroup) -> tuple[AccountGroupUser, ...]:
    """The users who act for it, and what each is in it; none where it belongs to a business."""
    return () if isinstance(of, BusinessAccountGroup | BusinessAccount) else of.users


def member_ids(of: Account | AccountGroup) -> tuple[str, ...]:
    """Who acts for it, each once: users, or a business."""
    if isinstance(of, BusinessAccountGroup | BusinessAccount):
        return (of.business_id,)
    return tuple(dict.fromkeys(member.id for member in of.users))


def owned_by(of: Account | AccountGroup, member_id: str) -> bool:
    """Whether it belongs to this business, or to this user: as owner, child or guardian."""
    if isinstance(of, BusinessAccountGroup | BusinessAccount):
        return of.business_id == member_id
    return any(member.id == member_id for member in of.users)


def holder_ids(of: Account | AccountGroup) -> list[str]:
    """Who holds it, in the order in which it names them."""
    if isinstance(of, BusinessAccountGroup | BusinessAccount):
        return [of.business_id]
    return [member.id for member in of.users if member.type != AccountGroupUserType.GUARDIAN]


def first_holder(of: Account | AccountGroup) -> str:
    """Who is shown where nobody is named: the first holder."""
    return holder_ids(of)[0]


def shown(of: Account | AccountGroup, member_id: str | None = None) -> dict[str, Any]:
    """What names the owner in an order or a plan for it: ``member_id``, else the first holder."""
    member = "user_id" if business_of(of) is None else "business_id"
    return {member: member_id or first_holder(of)}


def holders(world: World, of: Account | AccountGroup) -> Iterator[Holder]:
    """Who holds it, looked up."""
    business_id = business_of(of)
    if business_id is not None:
        return iter((_of_business(world.table(BUSINESSES)[business_id]),))
    users = world.table(USERS)
    return (_of_user(users[each]) for each in holder_ids(of))


def holder(world: World, user_id: str | None, business_id: str | None) -> Holder:
    """Who is named by the one of two ids that a request gives; a refusal (404) if unknown."""
    if user_id is not None:
        return _of_user(user(world, user_id))
    return _of_business(business(world, business_id or ""))


def in_path(world: World, call: Call[Any]) -> Holder:
    """The user or the business in the path of a request; a refusal (404) if unknown."""
    return holder(world, call.path.get("user_id"), call.path.get("business_id"))


def _of_user(of: User) -> Holder:
    return Holder("user", of.id, of.status, f"{of.first_name} {of.last_name}")


def _of_business(of: Business) -> Holder:
    return Holder("business", of.id, of.status, of.identification.company_name)
