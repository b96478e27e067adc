"""Users: natural persons, from creation to the end of their onboarding or of the relation (trading.md §2)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from pydantic import Field

from mockserver.domain import topics
from mockserver.domain.forms import read_as
from mockserver.domain.listing import by_time
from mockserver.domain.refusals import UNKNOWN
from mockserver.domain.users.refusals import BORN_IN_FUTURE, NO_STREET, USER_FORM, USER_LEAVES
from mockserver.kernel.lifecycle import Hold, LifeCycle, Row
from mockserver.kernel.moves import Moved
from mockserver.kernel.operations import Call, Listing, operation
from mockserver.kernel.stages import Stage, stir
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.users import UserByol, UserStatus, UserTol

if TYPE_CHECKING:
    from mockserver.models.messages.users import UserAddressRequest, UserCreateRequest


class User(UserTol, UserByol):
    """A natural person, as the client sees it: with the members of both forms, of which BYOL leaves some unset."""

    deactivated: bool = Field(False, exclude=True)
    """Deactivated by Upvest once: while INACTIVE, only a command brings such a user back."""

    @property
    def leaves(self) -> bool:
        """Whether the relation ends or has ended."""
        return self.status in (UserStatus.OFFBOARDING, UserStatus.OFFBOARDED)


USERS: Kind[User] = Kind("users")

USER_LIFE: Final = LifeCycle(
    USERS,
    [
        Row(None, "INACTIVE", "USER.CREATED", "created", "trading.md §2.2, inferred"),
        Row(None, "ACTIVE", "USER.CREATED", "created, without onboarding", "trading.md §2.2 [X], inferred"),
        Row("INACTIVE", "ACTIVE", "USER.ACTIVATED", "onboarding is complete", "trading.md §2.2 [D, N]"),
        Row("ACTIVE", "INACTIVE", "USER.DEACTIVATED", "deactivated by Upvest", "trading.md §2.2, inferred"),
        Row("INACTIVE", "OFFBOARDING", "USER.OFFBOARDING_INITIATED", "offboarding requested", "trading.md §2.2 [N]"),
        Row("ACTIVE", "OFFBOARDING", "USER.OFFBOARDING_INITIATED", "offboarding requested", "trading.md §2.2 [N]"),
        Row("OFFBOARDING", "OFFBOARDED", "USER.OFFBOARDED", "no group or account is left open", "trading.md §2.2 [D]"),
    ],
)


def activate(world: World, of: User) -> None:
    """By itself only the first time: what Upvest's compliance ends, it alone takes up again (§2.2, inferred)."""
    if of.deactivated:
        raise Hold(f"user {of.id} was deactivated by Upvest; only a command activates it again")
    USER_LIFE.carry(world, of, "ACTIVE")


Stage("user.activate", USER_LIFE, "INACTIVE", "ACTIVE", runs=activate)


@USER_LIFE.does("ACTIVE", "INACTIVE")
def deactivate(world: World, of: User, **changes: Any) -> None:
    """Forced by command: no call of the API does it (§2.2, inferred)."""
    USER_LIFE.move(world, of, "INACTIVE", "deactivated by Upvest", **{**changes, "deactivated": True})


def status_changed(world: World, of: User, moved: Moved) -> None:
    """Roles and account groups wait for their users."""
    stir(world, topics.user(of.id))


def user(world: World, user_id: str) -> User:
    """The user, or a refusal (404)."""
    found = world.table(USERS).get(user_id)
    if found is None:
        raise UNKNOWN.refuse(what="user", id=user_id)
    return found


def present(world: World, user_id: str) -> User:
    """The user, or a refusal: 404 for an unknown one, 400 for one who leaves or has left (§2.3, §2.4, inferred)."""
    found = user(world, user_id)
    if found.leaves:
        raise USER_LEAVES.refuse(id=found.id, status=found.status)
    return found


@operation("create_user")
def create_user(world: World, call: Call[UserCreateRequest]) -> User:
    """In the form of the client's licence: TOL wants all of it, BYOL ignores what it does not know (§2.1)."""
    behaviour = world.profile.behaviour
    tol = behaviour.licence == "TOL"
    body = read_as("UserCreateRequestTol", call, USER_FORM) if tol else call.body
    known = (UserTol if tol else UserByol).model_fields
    for member in ("address", "postal_address"):
        check_street(member, getattr(body, member))
    today = world.now.date()
    if world.profile.refusals.future_birth_dates and body.birth_date > today:
        raise BORN_IN_FUTURE.refuse(date=body.birth_date, today=today)
    sent = body.model_dump(exclude_unset=True)
    shown = {name: value for name, value in sent.items() if name in known}
    if not shown.get("tags"):
        shown.pop("tags", None)  # left out when empty (§2.1 [N])
    row = User.model_validate(
        {
            "postal_address": None,
            "decease_date": None,
            **shown,
            "id": world.ids.new("user"),
            "created_at": world.now,
            "updated_at": world.now,
            "status": behaviour.new_user,
        }
    )
    return USER_LIFE.enter(world, row, "created")


_NO_STREET: Final = re.compile(
    r"\bc\s*/\s*o\b|\bp\.?\s*o\.?\s*box\b|\bpost\s*(office)?\s*box\b|\bpostfach\b|\bpostbus\b|\bbo[iî]te\s+postale\b",
    re.IGNORECASE,
)
"""Post boxes and c/o lines in the languages of the licence's countries (§2.1 [N]; the words are inferred)."""


def check_street(member: str, address: UserAddressRequest | None) -> None:
    """Refuse an address with a post box or a c/o line."""
    for name in ("address_line1", "address_line2"):
        line = getattr(address, name, None)
        if line and _NO_STREET.search(line):
            raise NO_STREET.refuse(place=f"{member}.{name}", line=line)


@operation("list_users")
def list_users(world: World, call: Call[None]) -> Listing:
    return by_time(world.table(USERS).sorted_by, call)


@operation("retrieve_user")
def retrieve_user(world: World, call: Call[None]) -> User:
    return user(world, call.path["user_id"])
