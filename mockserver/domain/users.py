"""Users: who owns account groups and accounts. Reading only; onboarding has rules of its own."""

from __future__ import annotations

from typing import Any

from mockserver.domain.refusals.lists import UNKNOWN
from mockserver.kernel.operations import Call, Listing, operation
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.users import UserByol


class User(UserByol):
    """A natural person, as the client sees it."""


USERS: Kind[User] = Kind("users")


def user(world: World, user_id: str) -> User:
    """The user, or a refusal (404)."""
    found = world.table(USERS).get(user_id)
    if found is None:
        raise UNKNOWN.refuse(what="user", id=user_id)
    return found


@operation("list_users")
def list_users(world: World, call: Call[None]) -> Listing:
    return by_time(world.table(USERS).sorted_by, call)


@operation("retrieve_user")
def retrieve_user(world: World, call: Call[None]) -> User:
    return user(world, call.path["user_id"])


def by_time(sorted_by: Any, call: Call[Any]) -> Listing:
    """A whole table by ``created_at`` or ``updated_at``, ties by id (trading.md §17)."""
    sort = call.query["sort"]
    return Listing(sorted_by(sort, "id"), sort)
