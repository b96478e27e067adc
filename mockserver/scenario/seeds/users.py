"""The people of a scenario."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from mockserver.domain import seeding
from mockserver.models.base import Uuid
from mockserver.models.common import CountryCode
from mockserver.models.users import UserGender, UserSalutation, UserTitle
from mockserver.scenario.families import Generated, SeedFamily
from mockserver.scenario.fields import Closed, Instant, Named, Text
from mockserver.scenario.generating.crowds import Crowd
from mockserver.scenario.generating.specs import GeneratedUsers


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


USERS = SeedFamily(
    name="users",
    entry=User,
    put=seeding.user,
    generated=Generated(GeneratedUsers, Crowd.users),
    after=("instruments",),  # what is generated is numbered in this order
    says="the members of a user of either licence, see below",
    without="an adult in Berlin, ACTIVE",
)
