"""Identifiers of users for transaction reporting: made by Upvest where it can, else by the client (trading.md §3)."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from mockserver.domain import topics
from mockserver.domain.refusals import UNKNOWN
from mockserver.domain.users.identifier_standards import (
    CONCAT,
    GENERATED,
    decisive_nationality,
    first_standard,
    fits,
    home,
    pattern_of,
    priority,
)
from mockserver.domain.users.refusals import (
    CONCAT_IDENTIFIER,
    IDENTIFIER_FORMAT,
    IDENTIFIER_MISSING,
    STANDARD_ELSEWHERE,
)
from mockserver.domain.users.users import User, user
from mockserver.kernel.moves import Moved
from mockserver.kernel.operations import Call, Listing, operation
from mockserver.kernel.stages import stir
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.users import UserIdentifier, UserIdentifierType

if TYPE_CHECKING:
    from mockserver.models.messages.users import UserIdentifierCreateRequest, UserIdentifierUpdateRequest


class Identifier(UserIdentifier):
    """What a user is reported under, as one country knows the user."""


IDENTIFIERS: Final[Kind[Identifier]] = Kind("identifiers", indexes={"user": attrgetter("user_id")})


def decisive(world: World, of: User) -> Identifier | None:
    """The identifier that counts: of the decisive nationality, first by priority; ``None`` while there is none."""
    country = nationality(world, of)
    issued = [row for row in world.table(IDENTIFIERS).by("user", of.id) if row.issuing_country == country]
    return min(issued, key=lambda row: priority(country, row.identifier_standard), default=None)


def nationality(world: World, of: User) -> str:
    """The nationality of the user that decides which identifier is needed."""
    return decisive_nationality(of.nationalities, world.profile.behaviour.jurisdiction)


def wanted(world: World, of: User) -> str:
    """The identifier that the user needs, in words: for who asks why onboarding waits."""
    country = nationality(world, of)
    return f"an identifier issued by {country} ({first_standard(country, UserIdentifierType.NATIONAL_ID)})"


def generate(world: World, of: User) -> None:
    """Make the CONCAT of every nationality that has it by itself, unless there is one (§3 [D]; the list [X])."""
    issued = {row.issuing_country for row in world.table(IDENTIFIERS).by("user", of.id)}
    for country in dict.fromkeys(of.nationalities):
        if country in GENERATED and country not in issued:
            _add(world, of, UserIdentifierType.NATIONAL_ID, country, CONCAT, "")


def created(world: World, of: User, moved: Moved) -> None:
    """Identifiers are made with the user (§3, inferred)."""
    if moved.source is None:
        generate(world, of)


def _add(world: World, of: User, type_: UserIdentifierType, country: str, standard: str, identifier: str) -> Identifier:
    row = Identifier(
        id=world.ids.new("identifier"),
        created_at=world.now,
        updated_at=world.now,
        user_id=of.id,
        type=type_,
        issuing_country=country,
        identifier_standard=standard,
        identifier=identifier,
    )
    return world.table(IDENTIFIERS).put(row)


def _check(country: str, standard: str, identifier: str) -> None:
    """Refuse an identifier that its standard does not allow, as far as the standard is known."""
    at_home = home(standard)
    if at_home is not None and at_home != country:
        raise STANDARD_ELSEWHERE.refuse(standard=standard, home=at_home, country=country)
    if standard == CONCAT:
        if identifier:
            raise CONCAT_IDENTIFIER.refuse(country=country)
        return
    if not identifier:
        raise IDENTIFIER_MISSING.refuse(standard=standard, country=country)
    pattern = pattern_of(country, standard)
    if pattern is not None and not fits(identifier, pattern):
        raise IDENTIFIER_FORMAT.refuse(identifier=identifier, standard=standard, country=country, pattern=pattern)


@operation("list_user_identifiers")
def list_user_identifiers(world: World, call: Call[None]) -> Listing:
    """All of them, in order of creation (§17)."""
    return Listing(world.table(IDENTIFIERS).by("user", user(world, call.path["user_id"]).id), "id")


@operation("create_identifier")
def create_identifier(world: World, call: Call[UserIdentifierCreateRequest]) -> Identifier:
    """Without ``identifier_standard`` of the country's first standard (§3 [N]); it may complete the onboarding."""
    of, body = user(world, call.path["user_id"]), call.body
    country = body.issuing_country
    standard = body.identifier_standard or first_standard(country, body.type)
    identifier = body.identifier or ""
    _check(country, standard, identifier)
    row = _add(world, of, body.type, country, standard, identifier)
    stir(world, topics.onboarding(of.id))
    return row


@operation("retrieve_identifier")
def retrieve_identifier(world: World, call: Call[None]) -> Identifier:
    return _identifier(world, call)


@operation("update_identifier")
def update_identifier(world: World, call: Call[UserIdentifierUpdateRequest]) -> Identifier:
    """Only the identifier itself changes (§3 [N])."""
    row = _identifier(world, call)
    _check(row.issuing_country, row.identifier_standard, call.body.identifier)
    new = row.evolve(identifier=call.body.identifier, updated_at=world.now)
    return world.table(IDENTIFIERS).put(new)


def _identifier(world: World, call: Call[Any]) -> Identifier:
    of, identity = user(world, call.path["user_id"]), call.path["identifier_id"]
    found = world.table(IDENTIFIERS).get(identity)
    if found is None or found.user_id != of.id:
        raise UNKNOWN.refuse(what="identifier", id=identity)
    return found
