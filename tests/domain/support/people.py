"""Users as a client creates them, by the contract's examples."""

from __future__ import annotations

from typing import Any

import orjson

from tests.domain.support.desk import Desk

ADDRESS = {
    "address_line1": "Rosenweg 221",
    "address_line2": "apt. 33",
    "postcode": "45678",
    "city": "Berlin",
    "state": "BE",
    "country": "DE",
}
BYOL: dict[str, Any] = {
    "first_name": "Karl",
    "last_name": "Schmidt",
    "email": "karl.schmidt@example.com",
    "salutation": "SALUTATION_MALE",
    "title": "DR",
    "birth_date": "1972-09-30",
    "birth_city": "Berlin",
    "birth_country": "DE",
    "birth_name": "Schmidt",
    "nationalities": ["DE", "AU"],
    "postal_address": ADDRESS,
    "address": ADDRESS,
}
OF_TOL: dict[str, Any] = {
    "phone_number": "4930901820",
    "fatca": {"status": False, "confirmed_at": "2020-08-24T14:15:22Z"},
    "terms_and_conditions": {
        "consent_document_id": "a8a87268-4f3c-4de2-abb9-a553a3bb7608",
        "confirmed_at": "2020-08-24T14:14:22Z",
    },
    "data_privacy_and_sharing_agreement": {
        "consent_document_id": "fb1827c3-2b29-47e1-84da-996d09517edc",
        "confirmed_at": "2020-08-24T14:16:22Z",
    },
}
"""What the TOL form has beyond the other."""
TOL = BYOL | OF_TOL
LEAST: dict[str, Any] = {name: BYOL[name] for name in ("first_name", "last_name", "birth_date", "address")} | {
    "nationalities": ["DE"]
}
"""What no user is created without."""

TIED = {"behaviour": {"licence": "TOL"}}
"""Settings of a client for whom Upvest holds the licence."""


def create(desk: Desk, body: dict[str, Any] | None = None, **others: Any) -> dict[str, Any]:
    """Create a user from ``body`` (the least there is), with other members; the answer."""
    answer: dict[str, Any] = orjson.loads(desk.call("create_user", body={**(body or LEAST), **others}).wire)
    return answer


def created(desk: Desk, body: dict[str, Any] | None = None, **others: Any) -> str:
    """The same; the id."""
    return str(create(desk, body, **others)["id"])


def shown(desk: Desk, user_id: str) -> dict[str, Any]:
    """The user as GET shows it now."""
    answer: dict[str, Any] = orjson.loads(desk.call("retrieve_user", {"user_id": user_id}).wire)
    return answer


def status(desk: Desk, user_id: str) -> str:
    return str(shown(desk, user_id)["status"])


def offboard(desk: Desk, user_id: str) -> None:
    desk.call("offboard_user", {"user_id": user_id})


def waits(desk: Desk, resource: str, identity: str) -> str | None:
    """Why the resource does not go on, if it waits."""
    held = desk.world.holds.get(resource, identity)
    return held.reason if held else None
