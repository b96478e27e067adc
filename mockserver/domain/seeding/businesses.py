"""Businesses and their checks as a scenario has them: there from the start, without events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from mockserver.domain.accounts.roles import drafted_in_business
from mockserver.domain.accounts.roles import put as put_role
from mockserver.domain.businesses.businesses import BUSINESS_LIFE, BUSINESSES, FORMS, Business
from mockserver.domain.businesses.checks import BUSINESS_CHECK_LIFE, BUSINESS_CHECKS, KYB, BusinessCheck
from mockserver.domain.businesses.checks import FORMS as CHECK_FORMS
from mockserver.domain.onboarding.business_activation import ROLES
from mockserver.domain.seeding.people import CONSENTS, go_on, user
from mockserver.domain.users.users import USERS
from mockserver.kernel.world import World
from mockserver.models.businesses import BusinessStatus
from mockserver.models.roles import BusinessRoleType, RoleStatus
from mockserver.models.users import UserStatus

_TAXES: Final = {
    "tax_country_code": "DE",
    "tax_identification_type": "STEUERNUMMER",
    "tax_identification_number": "12345678901",
    "is_resident_in_multiple_tax_jurisdictions": False,
    "is_subject_to_fatca": False,
}
_ADDRESS: Final = {"address_line1": "Schonhauser Allee 110", "postcode": "10119", "city": "Berlin", "country": "DE"}
_IDENTIFICATION: Final[dict[str, dict[str, Any]]] = {
    "LIMITED_LIABILITY_COMPANY": {
        "company_name": "Acme Corporation",
        "incorporation_date": date(2000, 10, 10),
        "legal_designation": "GESELLSCHAFT_MIT_BESCHRAENKTER_HAFTUNG",
        "common_reporting_standards": {"is_passive_non_financial_entity": False, "is_financial_institution": False},
    },
    "SOLE_TRADER": {"company_name": "Erika Mustermann", "legal_designation": "EINZELUNTERNEHMER"},
}
"""The business of the published examples, as far as a scenario says nothing else."""

_RANGE: Final = {"currency": "EUR", "lower_bound": 0.0, "upper_bound": 1_000_000.0}


def business(
    world: World,
    *,
    id: str | None = None,
    business_type: str = "LIMITED_LIABILITY_COMPANY",
    status: str = "ACTIVE",
    deactivated: bool = False,
    identification: Mapping[str, Any] | None = None,
    tax_information: Mapping[str, Any] | None = None,
    roles: Iterable[Mapping[str, Any]] | None = None,
    **members: Any,
) -> Business:
    """A business with its roles; an ACTIVE one has at least those that its type needs.

    Without ``roles`` one user is made who has them all. ``deactivated``: INACTIVE by Upvest, and stays so.
    """
    form = FORMS.get(business_type)
    if form is None:
        raise ValueError(f"the type of a business is {' or '.join(FORMS)}, not {business_type}")
    if deactivated and status != "INACTIVE":
        raise ValueError(f"a business that was deactivated is INACTIVE, not {status}")
    consents = {
        name: {"consent_document_id": document, "confirmed_at": world.now, **(members.pop(name, None) or {})}
        for name, document in CONSENTS.items()
    }
    row: Business = form.model_validate(
        {
            "contact_email": "acme.corporation@example.com",
            "registered_address": _ADDRESS,
            **{name: value for name, value in members.items() if value is not None},
            **consents,
            "tax_information": {**_TAXES, **(tax_information or {})},
            "identification": {**_IDENTIFICATION[business_type], **(identification or {})},
            "business_type": business_type,
            "id": id or world.ids.new("business"),
            "created_at": world.now,
            "updated_at": world.now,
            "status": status,
            "deactivated": "Upvest" if deactivated else "",
        }
    )
    world.table(BUSINESSES).put(row)
    _give(world, row, roles)
    go_on(world, BUSINESS_LIFE, row)
    return row


def _give(world: World, of: Business, given: Iterable[Mapping[str, Any]] | None) -> None:
    """The roles in a business; PENDING where the user is not ACTIVE yet."""
    needed, active = ROLES[of.business_type], of.status == BusinessStatus.ACTIVE
    named = [(str(each["user_id"]), BusinessRoleType(each["role_type"])) for each in given or ()]
    if given is None and active:
        person = user(world).id
        named = [(person, each) for each in needed]
    if len(set(named)) < len(named):
        raise ValueError("a role is given to a user twice")
    for user_id, type_ in named:
        found = world.table(USERS).get(user_id)
        if found is None:
            raise LookupError(f"there is no user {user_id}")
        if type_ == BusinessRoleType.SOLE_TRADER and of.business_type != "SOLE_TRADER":
            raise ValueError(f"SOLE_TRADER is a role in a business of the type SOLE_TRADER, not {of.business_type}")
        status = RoleStatus.ACTIVE if found.status == UserStatus.ACTIVE else RoleStatus.PENDING
        put_role(world, drafted_in_business(world, of.id, user_id, type_, status))
    have = {type_ for user_id, type_ in named if world.table(USERS)[user_id].status == UserStatus.ACTIVE}
    if active and (lacking := [each for each in needed if each not in have]):
        raise ValueError(f"a business that is ACTIVE has an active user as {', '.join(lacking)}")


def business_check(
    world: World,
    *,
    business_id: str,
    type: str = KYB,
    id: str | None = None,
    status: str = "PASSED",
    **members: Any,
) -> BusinessCheck:
    """A check of a business; what its type needs is made up. One that is IN_PROGRESS goes on by itself."""
    if business_id not in world.table(BUSINESSES):
        raise LookupError(f"there is no business {business_id}")
    made: dict[str, Any] = {"check_confirmed_at": world.now}
    if type == KYB:
        made["originally_confirmed_at"] = world.now
        made["data_download_link"] = "https://bucket.customer.com/por/kyb.zip"
        made["document_type"] = "KYB_DOCUMENTS"
    else:
        made["business_industry"] = "INFORMATION_TECHNOLOGY_AND_MEDIA"
        made["purpose_of_business_relationship"] = "WEALTH_GROWTH"
        made["primary_countries_of_activity"] = ("DE",)
        made |= dict.fromkeys(("annual_revenue", "expected_volume_of_investment", "total_asset_value"), _RANGE)
    row = CHECK_FORMS[type].model_validate(
        {
            **made,
            **{name: value for name, value in members.items() if value is not None},
            "id": id or world.ids.new("business_check"),
            "business_id": business_id,
            "type": type,
            "status": status,
        }
    )
    world.table(BUSINESS_CHECKS).put(row)
    go_on(world, BUSINESS_CHECK_LIFE, row)
    return row
