"""The people of a scenario and what their onboarding has brought so far; account groups and accounts."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BeforeValidator, Field, StringConstraints

from mockserver.models.accounts import AccountGroupType, AccountGroupUserType
from mockserver.models.base import Uuid
from mockserver.models.common import CountryCode
from mockserver.models.users import (
    MissingTinReason,
    UserCheckKycMethod,
    UserGender,
    UserSalutation,
    UserTitle,
    UsWithholdingTaxDocumentationType,
    UsWithholdingTaxPersonType,
)
from mockserver.scenario.entries import Closed, Currency, Named, Reference

Text = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
Instant = Annotated[AwareDatetime, BeforeValidator(lambda value: None if isinstance(value, int | float) else value)]


class Address(Closed):
    address_line1: str
    address_line2: str | None = None
    postcode: str
    city: str
    state: str | None = None
    country: CountryCode


class Fatca(Closed):
    status: bool = Field(False, description="whether the user is a US person")
    confirmed_at: Instant | None = Field(None, description="without: now")


class Consent(Closed):
    consent_document_id: Uuid | None = Field(None, description="without: one from the published examples")
    confirmed_at: Instant | None = Field(None, description="without: now")


class User(Named):
    """The members of both licences; a world takes those that are given, whatever its licence."""

    first_name: str | None = None
    last_name: str | None = None
    birth_date: date | None = None
    birth_city: Text | None = None
    birth_country: CountryCode | None = None
    birth_name: str | None = None
    nationalities: Annotated[tuple[CountryCode, ...], Field(min_length=1)] | None = None
    address: Address | None = None
    postal_address: Address | None = None
    email: str | None = None
    phone_number: str | None = None
    salutation: UserSalutation | None = None
    title: UserTitle | None = None
    gender: UserGender | None = None
    fatca: Fatca | None = None
    terms_and_conditions: Consent | None = None
    data_privacy_and_sharing_agreement: Consent | None = None
    social_security_number: str | None = None
    branch_id: Uuid | None = None
    tags: tuple[Literal["CLIENT_EMPLOYEE"], ...] | None = None
    decease_date: date | None = None
    status: Literal["ACTIVE", "INACTIVE", "OFFBOARDING", "OFFBOARDED"] | None = None
    deactivated: bool = Field(False, description="INACTIVE by Upvest, and not for want of checks: stays so")


class Identifier(Named):
    """Another than the CONCAT that users of some nationalities have by themselves."""

    user_id: Reference
    type: Literal["NATIONAL_ID", "PASSPORT"] = "NATIONAL_ID"
    issuing_country: CountryCode | None = Field(None, description="without: the nationality that decides")
    identifier_standard: str | None = Field(None, description="without: the country's first")
    identifier: str | None = None


class Suitability(Closed):
    suitability: bool = True


class Check(Named):
    """A check of any type; what its type needs beyond these is made up."""

    user_id: Reference
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

    user_id: Reference
    tax_residencies: Annotated[tuple[TaxResidency, ...], Field(min_length=1)]
    status: Literal["PENDING", "ACTIVE"] = "ACTIVE"


GroupStatus = Literal["PENDING_APPROVAL", "ACTIVE", "LOCKED", "CLOSING", "CLOSED"]


class Member(Closed):
    """What a user is in an account group."""

    id: Reference
    type: AccountGroupUserType = AccountGroupUserType.OWNER


def _member(value: Any) -> Any:
    """``users: [erika]`` is short for an owner."""
    return {"id": value} if isinstance(value, str) else value


class AccountGroup(Named):
    """Of one user (``user_id``), or of several (``users``); without either they are made, as many as the type needs."""

    user_id: Reference | None = None
    users: tuple[Annotated[Member, BeforeValidator(_member, json_schema_input_type=str | Member)], ...] | None = Field(
        None, min_length=1
    )
    type: AccountGroupType = AccountGroupType.PERSONAL
    status: GroupStatus = "ACTIVE"
    securities_account_number: Annotated[str, StringConstraints(pattern=r"^[0-9]{7,12}$")] | None = None
    currency: Currency | None = Field(None, description="of its cash; without: EUR, of an ISA GBP")


class Account(Named):
    """Without a group and a user, both are made."""

    user_id: Reference | None = None
    account_group_id: Reference | None = None
    type: Literal["PORTFOLIO", "TRADING"] = "PORTFOLIO"
    name: str = ""
    status: GroupStatus = "ACTIVE"
