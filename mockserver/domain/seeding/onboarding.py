"""Identifiers, checks and tax residencies as a scenario has them: what a user's onboarding has brought so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from mockserver.domain.accounts import roles
from mockserver.domain.onboarding.checks import CHECK_LIFE, READ_FORMS, USER_CHECKS, Compliance
from mockserver.domain.seeding.people import go_on
from mockserver.domain.seeding.portfolios import unrefused
from mockserver.domain.users.identifiers import IDENTIFIERS, Identifier, create_identifier, nationality
from mockserver.domain.users.tax_residencies import RESIDENCY_LIFE, TAX_RESIDENCIES, TaxResidencies
from mockserver.domain.users.users import USERS, User
from mockserver.kernel.operations import Call
from mockserver.kernel.world import World
from mockserver.models import model
from mockserver.models.roles import AccountGroupRoleType
from mockserver.models.users import UserCheck

FORMS: Final[dict[str, Any]] = {**READ_FORMS, "COMPLIANCE": Compliance}

LINK: Final = "https://example.com/documents.zip"

DOCUMENTS: Final = {"KYC": "PASSPORT", "POR": "UTILITY_BILL", "GUARDIAN": "BIRTH_CERTIFICATE"}

GUARDIAN: Final = AccountGroupRoleType.GUARDIAN

DOCUMENTED: Final = timedelta(days=5 * 365)
"""For how much longer a made up document is good."""


def identifier(
    world: World,
    *,
    user_id: str,
    id: str | None = None,
    type: str = "NATIONAL_ID",
    issuing_country: str | None = None,
    **members: Any,
) -> Identifier:
    """An identifier of a user that keeps the rules of a request for one."""
    of = _user(world, user_id)
    country = issuing_country or nationality(world, of)
    body = model("UserIdentifierCreateRequest").model_validate({"type": type, "issuing_country": country, **members})
    row: Identifier = unrefused(create_identifier, world, Call({"user_id": of.id}, {}, body))
    if id is not None:
        world.table(IDENTIFIERS).remove(row.id)
        row = world.table(IDENTIFIERS).put(row.evolve(id=id))
    return row


def check(
    world: World, *, user_id: str, type: str, id: str | None = None, status: str = "PASSED", **members: Any
) -> UserCheck:
    """A check of a user, by itself: a passed KYC check is not followed by a COMPLIANCE check here.

    What its type needs and is not given is made up. ``ValueError``: a member that its type does not have.
    """
    of, form = _user(world, user_id), FORMS[type]
    known = form.model_fields
    if unknown := [name for name in members if name not in known]:
        shown = ", ".join(name for name, member in known.items() if not member.exclude)
        raise ValueError(f"a {type} check has no {', '.join(unknown)}; it has {shown}")
    made_up = {name: value for name, value in _made_up(world, of, type).items() if name in known}
    row = form.model_validate(
        {
            **made_up,
            **members,
            "id": id or world.ids.new("user_check"),
            "user_id": of.id,
            "type": type,
            "status": status,
        }
    )
    world.table(USER_CHECKS).put(row)
    go_on(world, CHECK_LIFE, row)
    made: UserCheck = row
    return made


def tax_residencies(
    world: World, *, user_id: str, tax_residencies: Iterable[Mapping[str, Any]], status: str = "ACTIVE"
) -> TaxResidencies:
    """Where a user pays taxes; each country once, with a number or a reason for having none."""
    of, entries = _user(world, user_id), [dict(entry) for entry in tax_residencies]
    countries = [entry["country"] for entry in entries]
    if twice := [country for country in dict.fromkeys(countries) if countries.count(country) > 1]:
        raise ValueError(f"{', '.join(twice)} stands among the tax residencies twice")
    for entry in entries:
        if ("tax_identifier_number" in entry) == ("missing_tin_reason" in entry):
            raise ValueError(f"{entry['country']} needs either tax_identifier_number or missing_tin_reason")
    row = TaxResidencies.model_validate(
        {
            "created_at": world.now,
            "updated_at": world.now,
            "tax_residencies": entries,
            "status": status,
            "user_id": of.id,
        }
    )
    world.table(TAX_RESIDENCIES).put(row)
    go_on(world, RESIDENCY_LIFE, row)
    return row


def _made_up(world: World, of: User, type_: str) -> dict[str, Any]:
    """A value for every member that some type of check needs."""
    today = world.now.date()
    guarding = [role.id for role in world.table(roles.ROLES).by("user", of.id) if role.role_type == GUARDIAN]
    return {
        **({"role_id": guarding[-1]} if guarding else {}),
        "check_confirmed_at": world.now,
        "data_download_link": LINK,
        "document_type": DOCUMENTS.get(type_),
        "document_expiration_date": today + DOCUMENTED,
        "nationality": of.nationalities[0],
        "provider": "IDnow",
        "method": "VIDEO_ID",
        "confirmed_address": of.address.model_dump(exclude_unset=True),
        "issuance_date": today,
        "instrument_suitability": {"suitability": True},
        "person_type": "NON_RESIDENT_ALIEN",
        "documentation_type": "KYC",
        "valid_from": today,
        "valid_to": None,
    }


def _user(world: World, user_id: str) -> User:
    found = world.table(USERS).get(user_id)
    if found is None:
        raise LookupError(f"there is no user {user_id}")
    return found
