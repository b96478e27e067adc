"""Companies and sole traders, with their roles and checks."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from mockserver.domain import seeding
from mockserver.models.businesses import (
    BusinessIndustry,
    BusinessRelationshipPurpose,
    BusinessTaxIdentificationType,
)
from mockserver.models.common import CountryCode
from mockserver.models.roles import BusinessRoleType
from mockserver.scenario.document import Found, Path
from mockserver.scenario.families import Generated, SeedFamily
from mockserver.scenario.fields import Closed, Instant, Named, Text
from mockserver.scenario.generating.crowds import Crowd
from mockserver.scenario.generating.specs import GeneratedBusinesses
from mockserver.scenario.references import ToBusiness, ToUser
from mockserver.scenario.seeds.users import Address, Consent


class TaxInformation(Closed):
    """What is left out is that of a company in Berlin."""

    tax_country_code: CountryCode | None = None
    tax_identification_type: BusinessTaxIdentificationType | None = None
    tax_identification_number: Text | None = None
    is_resident_in_multiple_tax_jurisdictions: bool = False
    is_subject_to_fatca: bool = False


class ReportingStandards(Closed):
    is_passive_non_financial_entity: bool = False
    is_financial_institution: bool = False


class Identification(Closed):
    """The members of both types; a sole trader has neither court nor legal entity identifier."""

    company_name: Text | None = None
    incorporation_date: date | None = None
    district_court: Annotated[str, StringConstraints(min_length=1, max_length=40)] | None = None
    legal_designation: (
        Literal[
            "GESELLSCHAFT_MIT_BESCHRAENKTER_HAFTUNG",
            "UNTERNEHMERGESELLSCHAFT",
            "AKTIENGESELLSCHAFT",
            "EINZELUNTERNEHMER",
            "FREIBERUFLER",
            "EINGETRAGENER_KAUFMANN",
            "EINGETRAGENE_KAUFFRAU",
        ]
        | None
    ) = None
    legal_entity_identifier: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{18}[0-9]{2}$")] | None = None
    common_reporting_standards: ReportingStandards | None = None


class BusinessRole(Closed):
    """What a user is in the business; ACTIVE where the user is."""

    user_id: ToUser
    role_type: BusinessRoleType


class Business(Named):
    """A business with its roles; without ``roles`` one user is made who has all that an ACTIVE one needs."""

    business_type: Literal["LIMITED_LIABILITY_COMPANY", "SOLE_TRADER"] = "LIMITED_LIABILITY_COMPANY"
    contact_email: Text | None = None
    registered_address: Address | None = None
    registration_number: Text | None = None
    tax_information: TaxInformation | None = None
    identification: Identification | None = None
    terms_and_conditions: Consent | None = None
    data_privacy_and_sharing_agreement: Consent | None = None
    roles: tuple[BusinessRole, ...] | None = None
    status: Literal["ACTIVE", "INACTIVE", "OFFBOARDING", "OFFBOARDED"] = "ACTIVE"
    deactivated: bool = Field(False, description="INACTIVE by Upvest, and not for want of checks: stays so")


class MonetaryRange(Closed):
    currency: Literal["EUR", "GBP"] = "EUR"
    lower_bound: float = Field(0, ge=0, allow_inf_nan=False)
    upper_bound: float | None = Field(None, ge=0, allow_inf_nan=False)


class BusinessCheck(Named):
    """A check of a business; what its type needs beyond these is made up."""

    business_id: ToBusiness
    type: Literal["KYB", "BUSINESS_SELF_ASSESSMENT"] = "KYB"
    status: Literal["IN_PROGRESS", "PASSED", "FAILED"] = "PASSED"
    originally_confirmed_at: Instant | None = Field(None, description="of KYB; without: now")
    check_confirmed_at: Instant | None = Field(None, description="without: now")
    data_download_link: Text | None = Field(None, description="of KYB")
    business_industry: BusinessIndustry | None = None
    purpose_of_business_relationship: BusinessRelationshipPurpose | None = None
    primary_countries_of_activity: Annotated[tuple[CountryCode, ...], Field(min_length=1)] | None = None
    annual_revenue: MonetaryRange | None = None
    expected_volume_of_investment: MonetaryRange | None = None
    total_asset_value: MonetaryRange | None = None


_OF_KYB = ("originally_confirmed_at", "data_download_link")
_OF_ASSESSMENT = (
    "business_industry",
    "purpose_of_business_relationship",
    "primary_countries_of_activity",
    "annual_revenue",
    "expected_volume_of_investment",
    "total_asset_value",
)


def _check(_: object, path: Path, entry: Any) -> Found:
    """Members that a check of this type does not have."""
    for member in _OF_ASSESSMENT if entry.type == "KYB" else _OF_KYB:
        if getattr(entry, member) is not None:
            yield (*path, member), f"is not a member of a check of the type {entry.type}"


BUSINESSES = SeedFamily(
    name="businesses",
    entry=Business,
    put=seeding.business,
    generated=Generated(GeneratedBusinesses, Crowd.businesses),
    says="the members of a business, and `roles: [{user_id, role_type}]`, see [Businesses](businesses.md)",
    without="a company in Berlin, ACTIVE; a user is made who has the roles that it needs",
)

BUSINESS_CHECKS = SeedFamily(
    name="business_checks",
    entry=BusinessCheck,
    put=seeding.business_check,
    check=_check,
    says="`business_id`, `type` (KYB or BUSINESS_SELF_ASSESSMENT), `status`, and the members of a check of that type",
    without="KYB, PASSED; what the type needs is made up",
)
