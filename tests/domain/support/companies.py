"""Businesses as a client creates them, by the contract's examples, with the checks and roles that they need."""

from __future__ import annotations

from typing import Any

import orjson

from tests.domain.support.desk import Desk
from tests.domain.support.openings import person

CONSENT = {"consent_document_id": "6a163d14-5b3d-48be-ac90-43314e96be71", "confirmed_at": "2022-10-24T14:14:22Z"}
COMPANY: dict[str, Any] = {
    "contact_email": "acme.corporation@example.com",
    "registered_address": {
        "address_line1": "110",
        "address_line2": "Schonhauser Allee",
        "postcode": "101110",
        "city": "Berlin",
        "state": "BE",
        "country": "DE",
    },
    "registration_number": "111221111",
    "tax_information": {
        "tax_country_code": "DE",
        "tax_identification_type": "STEUERNUMMER",
        "tax_identification_number": "12345678901",
        "is_resident_in_multiple_tax_jurisdictions": False,
        "is_subject_to_fatca": False,
    },
    "business_type": "LIMITED_LIABILITY_COMPANY",
    "identification": {
        "company_name": "Acme Corporation",
        "incorporation_date": "2000-10-10",
        "district_court": "Berlin Charlottenburg",
        "legal_designation": "GESELLSCHAFT_MIT_BESCHRAENKTER_HAFTUNG",
        "legal_entity_identifier": "213800K98H63P249S632",
        "common_reporting_standards": {"is_passive_non_financial_entity": False, "is_financial_institution": False},
    },
    "terms_and_conditions": CONSENT,
    "data_privacy_and_sharing_agreement": CONSENT,
}
SOLE_TRADER: dict[str, Any] = COMPANY | {
    "business_type": "SOLE_TRADER",
    "identification": {"company_name": "Backerei Erika", "legal_designation": "EINZELUNTERNEHMER"},
}
RANGE = {"currency": "EUR", "lower_bound": 100000, "upper_bound": 500000}
KYB: dict[str, Any] = {
    "type": "KYB",
    "originally_confirmed_at": "2020-08-24T14:15:22Z",
    "check_confirmed_at": "2022-08-24T14:15:22Z",
    "data_download_link": "https://bucket.customer.com/por/kyb.zip",
}
ASSESSMENT: dict[str, Any] = {
    "type": "BUSINESS_SELF_ASSESSMENT",
    "check_confirmed_at": "2022-08-24T14:15:22Z",
    "business_industry": "MANUFACTURING",
    "purpose_of_business_relationship": "TREASURY_LIQUIDITY_MANAGEMENT",
    "primary_countries_of_activity": ["DE", "FR"],
    "annual_revenue": RANGE,
    "expected_volume_of_investment": RANGE,
    "total_asset_value": RANGE,
}
REQUIRED = ("ULTIMATE_BENEFICIAL_OWNER", "LEGAL_REPRESENTATIVE", "CONTRACTING_EXECUTIVE")
"""The roles that a company needs (payments.md §14.1 [D])."""


def created(desk: Desk, body: dict[str, Any] = COMPANY, **others: Any) -> str:
    """Create a business; the id."""
    return str(desk.call("create_business", body=body | others).id)


def shown(desk: Desk, business_id: str) -> dict[str, Any]:
    """The business as GET shows it now."""
    answer: dict[str, Any] = orjson.loads(desk.call("retrieve_business", {"business_id": business_id}).wire)
    return answer


def status(desk: Desk, business_id: str) -> str:
    return str(shown(desk, business_id)["status"])


def check(desk: Desk, business_id: str, body: dict[str, Any] = KYB, **others: Any) -> str:
    """Send a check; the id."""
    return str(desk.call("create_business_check", {"business_id": business_id}, body=body | others).id)


def change_email(desk: Desk, business_id: str, email: str = "new@example.com") -> None:
    desk.call("business_data_change", {"business_id": business_id}, body={"contact_email": email})


def role_for(business_id: str, user_id: str, type_: str) -> dict[str, Any]:
    return {"user_id": user_id, "entity_type": "BUSINESS", "entity_id": business_id, "role_type": type_}


def give(desk: Desk, business_id: str, user_id: str, *types: str) -> list[str]:
    """Give a user roles in the business; their ids."""
    return [str(desk.call("create_role", body=role_for(business_id, user_id, each)).id) for each in types]


def onboarded(desk: Desk, body: dict[str, Any] = COMPANY) -> str:
    """A business that has all it needs, and is ACTIVE once time moves on; the id."""
    business_id = created(desk, body)
    for each in (KYB, ASSESSMENT):
        check(desk, business_id, each)
    of_type = ("SOLE_TRADER",) if body["business_type"] == "SOLE_TRADER" else REQUIRED
    give(desk, business_id, person(desk), *of_type)
    return business_id


def open_group(desk: Desk, business_id: str, **others: Any) -> str:
    """Open an account group of the business; the id."""
    return str(desk.call("create_account_group", body={"business_id": business_id, "type": "BUSINESS", **others}).id)


def open_account(desk: Desk, business_id: str, group_id: str, type_: str = "TRADING") -> str:
    """Open an account in a group of the business; the id."""
    body = {"business_id": business_id, "account_group_id": group_id, "type": type_}
    return str(desk.call("create_account", body=body).id)
