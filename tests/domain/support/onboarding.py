"""What a client sends to onboard a user: bodies of checks and tax residencies, by the contract's examples."""

from __future__ import annotations

from typing import Any

import orjson

from mockserver.domain.accounts.roles import ROLES, drafted
from mockserver.models.roles import AccountGroupRoleType
from tests.domain.support import people
from tests.domain.support.desk import Desk
from tests.domain.support.people import ADDRESS

LINK = "https://bucket.customer.com/ident/user3.zip"
CONFIRMED = "2022-08-24T14:15:22Z"
"""Four months before the desk's morning."""
ROLE = "6b1c7a4e-52f4-4a3c-9d2c-6d2f6f0f7a11"
"""The role that the desk's user has after :func:`entrust`."""


def _with(body: dict[str, Any], others: dict[str, Any]) -> dict[str, Any]:
    """``body`` with ``others`` laid on it; ``None`` leaves a member out."""
    return {name: value for name, value in {**body, **others}.items() if value is not None}


def kyc(**others: Any) -> dict[str, Any]:
    body = {
        "type": "KYC",
        "check_confirmed_at": CONFIRMED,
        "data_download_link": LINK,
        "document_type": "ID_CARD",
        "document_expiration_date": "2030-01-01",
        "nationality": "DE",
        "provider": "KYC provider",
        "method": "VIDEO_ID",
        "confirmed_address": ADDRESS,
    }
    return _with(body, others)


def por(**others: Any) -> dict[str, Any]:
    body = {
        "type": "POR",
        "check_confirmed_at": CONFIRMED,
        "issuance_date": "2022-08-01",
        "data_download_link": "https://bucket.customer.com/por/user3.zip",
        "document_type": "UTILITY_BILL",
        "confirmed_address": ADDRESS,
    }
    return _with(body, others)


def fit(*, suitability: bool = True) -> dict[str, Any]:
    return {
        "type": "INSTRUMENT_FIT",
        "check_confirmed_at": CONFIRMED,
        "instrument_suitability": {"suitability": suitability},
    }


def guardian(role_id: str = ROLE, **others: Any) -> dict[str, Any]:
    body = {
        "type": "GUARDIAN",
        "check_confirmed_at": CONFIRMED,
        "role_id": role_id,
        "document_type": "SOLE_CUSTODY_PROOF",
        "data_download_link": "https://bucket.customer.com/custody/user3.zip",
    }
    return _with(body, others)


def withholding(person: str = "NON_RESIDENT_ALIEN", documentation: str = "W8-BEN", **others: Any) -> dict[str, Any]:
    body = {
        "type": "US_WITHHOLDING_TAX_STATUS",
        "check_confirmed_at": CONFIRMED,
        "person_type": person,
        "documentation_type": documentation,
        "valid_from": "2022-08-24",
    }
    return _with(body, others)


SELF_ASSESSMENT: dict[str, Any] = {
    "type": "USER_SELF_ASSESSMENT",
    "check_confirmed_at": CONFIRMED,
    "user_occupation": "EMPLOYEE",
    "user_industry": "EDUCATION",
    "yearly_gross_income": {"currency": "EUR", "lower_bound": 20000, "upper_bound": 40000},
    "income_sources": ["EMPLOYMENT_INCOME"],
}

EVERY_READ_FORM = (kyc(), por(), fit(), guardian(), withholding(documentation="UNDOCUMENTED"))
"""One body of each type that can be read again, which passes whatever else is known of the user."""


def residencies(*codes: str) -> dict[str, Any]:
    return {"tax_residencies": [{"country": code, "tax_identifier_number": "12345678901"} for code in codes or ("DE",)]}


def entrust(desk: Desk, role_id: str = ROLE, type_: str = "GUARDIAN", user_id: str | None = None) -> Desk:
    """Give the desk's user, or another, a role in the desk's group."""
    role = drafted(desk.world, desk.group_id, user_id or desk.user_id, AccountGroupRoleType(type_))
    desk.world.table(ROLES).put(role.evolve(id=role_id))
    return desk


def send(desk: Desk, body: dict[str, Any], user_id: str | None = None) -> str:
    """Create a check; its id."""
    created: str = desk.call("create_user_check", {"user_id": user_id or desk.user_id}, body=body).id
    return created


def shown(desk: Desk, check_id: str, user_id: str | None = None) -> dict[str, Any]:
    path = {"user_id": user_id or desk.user_id, "check_id": check_id}
    check: dict[str, Any] = orjson.loads(desk.call("retrieve_user_check", path).wire)
    return check


def decided(desk: Desk, body: dict[str, Any], user_id: str | None = None) -> str:
    """Create a check and let it be decided; its status."""
    check_id = send(desk, body, user_id)
    desk.advance("1m")
    return str(shown(desk, check_id, user_id)["status"])


def listed(desk: Desk, **query: Any) -> list[Any]:
    return desk.rows("list_user_checks", {"user_id": desk.user_id}, **query)


def set_residencies(desk: Desk, *codes: str, user_id: str | None = None) -> Any:
    return desk.call("set_tax_residencies", {"user_id": user_id or desk.user_id}, body=residencies(*codes))


# --- The whole road ---

CLIENTS_LICENCE: dict[str, Any] = {"behaviour": {"licence": "BYOL"}}
"""Settings of a client who holds the licence."""


def newcomer(desk: Desk, **others: Any) -> str:
    """Create a German as a TOL client does, and as a BYOL client may; the id."""
    body = _with({**people.TOL, "nationalities": ["DE"]}, others)
    return str(desk.call("create_user", body=body).id)
