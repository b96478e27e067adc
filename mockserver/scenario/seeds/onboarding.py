"""What the onboarding of users has brought so far: identifiers, checks, tax residencies."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from mockserver.domain import seeding
from mockserver.models.base import Uuid
from mockserver.models.common import CountryCode
from mockserver.models.users import (
    MissingTinReason,
    UserCheckKycMethod,
    UsWithholdingTaxDocumentationType,
    UsWithholdingTaxPersonType,
)
from mockserver.scenario.families import SeedFamily
from mockserver.scenario.fields import Closed, Instant, Named, Text
from mockserver.scenario.references import ToUser
from mockserver.scenario.seeds.users import Address


class Identifier(Named):
    """Another than the CONCAT that users of some nationalities have by themselves."""

    user_id: ToUser
    type: Literal["NATIONAL_ID", "PASSPORT"] = "NATIONAL_ID"
    issuing_country: CountryCode | None = Field(None, description="without: the nationality that decides")
    identifier_standard: str | None = Field(None, description="without: the country's first")
    identifier: str | None = None


class Suitability(Closed):
    suitability: bool = True


class Check(Named):
    """A check of any type; what its type needs beyond these is made up."""

    user_id: ToUser
    type: Literal["KYC", "POR", "INSTRUMENT_FIT", "COMPLIANCE", "GUARDIAN", "US_WITHHOLDING_TAX_STATUS"]
    status: Literal["IN_PROGRESS", "PASSED", "FAILED"] = "PASSED"
    check_confirmed_at: Instant | None = Field(None, description="without: now")
    data_download_link: Text | None = None
    document_type: str | None = None
    document_expiration_date: date | None = None
    nationality: CountryCode | None = None
    provider: Text | None = None
    method: UserCheckKycMethod | None = None
    confirmed_address: Address | None = None
    issuance_date: date | None = None
    instrument_suitability: Suitability | None = None
    role_id: Uuid | None = Field(None, description="without: the user's latest role as a guardian")
    person_type: UsWithholdingTaxPersonType | None = None
    documentation_type: UsWithholdingTaxDocumentationType | None = None
    valid_from: date | None = None
    valid_to: date | None = None


class TaxResidency(Closed):
    country: CountryCode
    tax_identifier_number: Annotated[str, StringConstraints(min_length=1, max_length=20)] | None = None
    missing_tin_reason: MissingTinReason | None = None


class TaxResidencies(Closed):
    """Where a user pays taxes: the whole set."""

    user_id: ToUser
    tax_residencies: Annotated[tuple[TaxResidency, ...], Field(min_length=1)]
    status: Literal["PENDING", "ACTIVE"] = "ACTIVE"


IDENTIFIERS = SeedFamily(
    name="identifiers",
    entry=Identifier,
    put=seeding.identifier,
    without="the nationality that decides, its first standard",
)

TAX_RESIDENCIES = SeedFamily(
    name="tax_residencies",
    entry=TaxResidencies,
    put=seeding.tax_residencies,
    says="`user_id`, `tax_residencies: [{country, tax_identifier_number}]`, or `missing_tin_reason` instead of a "
    "number; `status`",
    without="ACTIVE",
)

CHECKS = SeedFamily(
    name="checks",
    entry=Check,
    put=seeding.check,
    after=("account_groups",),  # a guardian's check is about the role in a group
    says="`user_id`, `type`, `status`, and the members of a check of that type, see below",
    without="PASSED; what the type needs is made up",
)
