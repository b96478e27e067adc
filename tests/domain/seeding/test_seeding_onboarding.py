"""Seeding an onboarding: users, identifiers, checks, tax residencies, and how they go on once time moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from mockserver.domain import seeding
from mockserver.domain.accounts.roles import ROLES
from mockserver.domain.users.identifiers import IDENTIFIERS
from mockserver.domain.users.tax_residencies import TAX_RESIDENCIES
from mockserver.domain.users.users import USERS
from mockserver.kernel.profile import profile
from mockserver.kernel.store import Version
from mockserver.kernel.world import World
from tests.domain.support.desk import MORNING, NOBODY, check_wire


@pytest.fixture
def empty(worlds: list[World]) -> World:
    world = World(profile("sandbox"), MORNING, 1)
    worlds.append(world)
    return world


def read(row: Version) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(row.wire)
    return found


def pass_a_day(world: World) -> list[str]:
    """What a day tells."""
    world.run(MORNING + timedelta(days=1))
    return [event.type for event in world.events]


TOL = {"behaviour": {"licence": "TOL"}}


@pytest.fixture
def tol(worlds: list[World]) -> World:
    """An empty world of a client that uses Upvest's licence."""
    world = World(profile("sandbox", TOL), MORNING, 1)
    worlds.append(world)
    return world


def test_a_user_takes_the_members_of_both_licences(empty: World) -> None:
    given: dict[str, Any] = {
        "salutation": "SALUTATION_FEMALE",
        "title": "DR",
        "birth_city": "London",
        "birth_country": "GB",
        "phone_number": "4915112345678",
        "fatca": {"status": True, "confirmed_at": datetime(2022, 1, 1, tzinfo=UTC)},
        "tags": ("CLIENT_EMPLOYEE",),
    }
    found = read(seeding.user(empty, **given))
    given["fatca"] = {"status": True, "confirmed_at": "2022-01-01T00:00:00Z"}
    assert {name: found[name] for name in given} == given | {"tags": ["CLIENT_EMPLOYEE"]}
    check_wire("User", seeding.user(empty, **given).wire)


def test_consents_and_fatca_may_be_empty(empty: World) -> None:
    found = read(seeding.user(empty, fatca={}, terms_and_conditions={}, data_privacy_and_sharing_agreement={}))
    assert found["fatca"] == {"status": False, "confirmed_at": "2023-01-10T09:00:00Z"}
    for name in ("terms_and_conditions", "data_privacy_and_sharing_agreement"):
        assert found[name]["confirmed_at"] == "2023-01-10T09:00:00Z"
        assert found[name]["consent_document_id"]


def test_a_user_has_the_identifiers_that_upvest_makes(empty: World) -> None:
    """trading.md §3: a CONCAT for AT, DE, FR, HU, IE and LU."""
    user = seeding.user(empty, nationalities=("FR", "ES", "DE"))
    made = empty.table(IDENTIFIERS).by("user", user.id)
    assert [(row.issuing_country, row.identifier_standard) for row in made] == [("FR", "CONCAT"), ("DE", "CONCAT")]


def test_an_identifier_is_of_the_nationality_that_decides_and_its_first_standard(empty: World) -> None:
    user = seeding.user(empty, nationalities=("US", "PL", "ES"))
    row = seeding.identifier(empty, user_id=user.id, identifier="12345678Z", id=NOBODY)
    assert (row.id, row.issuing_country, row.identifier_standard) == (NOBODY, "ES", "STIN")
    assert [row.id for row in empty.table(IDENTIFIERS)] == [NOBODY]


def test_an_identifier_keeps_the_rules_of_a_request(empty: World) -> None:
    user = seeding.user(empty, nationalities=("ES",))
    with pytest.raises(ValueError, match="STIN"):
        seeding.identifier(empty, user_id=user.id, identifier="short")
    assert not len(empty.table(IDENTIFIERS))


@pytest.mark.parametrize("type_", ["KYC", "POR", "INSTRUMENT_FIT", "COMPLIANCE", "US_WITHHOLDING_TAX_STATUS"])
def test_a_check_is_passed_and_made_up_from_its_user(empty: World, type_: str) -> None:
    user = seeding.user(empty, nationalities=("AT",))
    row = seeding.check(empty, user_id=user.id, type=type_)
    check_wire("UserCheck", row.wire)
    found = read(row)
    assert (found["status"], found["user_id"]) == ("PASSED", user.id)
    assert found.get("nationality", "AT") == "AT"
    assert found.get("confirmed_address", read(user)["address"]) == read(user)["address"]
    assert pass_a_day(empty) == []


def test_a_check_takes_what_is_given(empty: World) -> None:
    user = seeding.user(empty)
    given: dict[str, Any] = {
        "status": "FAILED",
        "instrument_suitability": {"suitability": False},
        "check_confirmed_at": MORNING,
    }
    found = read(seeding.check(empty, user_id=user.id, type="INSTRUMENT_FIT", **given))
    assert (found["status"], found["instrument_suitability"]) == ("FAILED", {"suitability": False})
    with pytest.raises(ValueError, match="INSTRUMENT_FIT check has no provider; it has id, user_id, type"):
        seeding.check(empty, user_id=user.id, type="INSTRUMENT_FIT", provider="IDnow")


def test_a_check_in_progress_is_decided_once_time_moves(empty: World) -> None:
    user = seeding.user(empty)
    seeding.check(empty, user_id=user.id, type="INSTRUMENT_FIT", status="IN_PROGRESS")
    assert not len(empty.events)
    assert pass_a_day(empty) == ["USER_CHECK.PASSED"]


def test_a_guardians_check_is_for_the_role_in_the_childs_group(empty: World) -> None:
    child, guardian = seeding.user(empty), seeding.user(empty)
    members = ({"id": child.id, "type": "CHILD"}, {"id": guardian.id, "type": "GUARDIAN"})
    seeding.account_group(empty, type="CHILD", users=members)
    row = seeding.check(empty, user_id=guardian.id, type="GUARDIAN")
    (role,) = (role for role in empty.table(ROLES) if role.user_id == guardian.id)
    assert read(row)["role_id"] == role.id
    with pytest.raises(ValueError, match="role_id"):
        seeding.check(empty, user_id=child.id, type="GUARDIAN")


def test_tax_residencies_are_one_record_a_user(empty: World) -> None:
    user = seeding.user(empty)
    entries = [
        {"country": "DE", "tax_identifier_number": "86095742719"},
        {"country": "FR", "missing_tin_reason": "OTHER_REASONS"},
    ]
    row = seeding.tax_residencies(empty, user_id=user.id, tax_residencies=entries)
    check_wire("TaxResidencies", row.wire)
    assert (read(row)["tax_residencies"], read(row)["status"]) == (entries, "ACTIVE")


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([{"country": "DE", "tax_identifier_number": "1"}, {"country": "DE", "tax_identifier_number": "2"}], "twice"),
        ([{"country": "DE"}], "DE needs either"),
        ([{"country": "DE", "tax_identifier_number": "1", "missing_tin_reason": "OTHER_REASONS"}], "DE needs either"),
    ],
)
def test_tax_residencies_keep_the_rules_of_a_request(empty: World, entries: Any, message: str) -> None:
    user = seeding.user(empty)
    with pytest.raises(ValueError, match=message):
        seeding.tax_residencies(empty, user_id=user.id, tax_residencies=entries)
    assert not len(empty.table(TAX_RESIDENCIES))


@pytest.mark.parametrize("seed", [seeding.identifier, seeding.tax_residencies, seeding.check])
def test_what_belongs_to_an_unknown_user_is_a_lookup_error(empty: World, seed: Any) -> None:
    others: dict[Any, dict[str, Any]] = {
        seeding.check: {"type": "KYC"},
        seeding.tax_residencies: {"tax_residencies": ()},
    }
    with pytest.raises(LookupError, match="there is no user"):
        seed(empty, user_id=NOBODY, **others.get(seed, {}))


def test_an_inactive_user_becomes_active_with_what_is_seeded(tol: World) -> None:
    consents: dict[str, Any] = {"terms_and_conditions": {}, "data_privacy_and_sharing_agreement": {}}
    user = seeding.user(tol, status="INACTIVE", fatca={}, **consents)
    group = seeding.account_group(tol, user_id=user.id, status="PENDING_APPROVAL")
    seeding.account(tol, account_group_id=group.id, status="PENDING_APPROVAL")
    for type_ in ("KYC", "COMPLIANCE", "INSTRUMENT_FIT"):
        seeding.check(tol, user_id=user.id, type=type_)
    entries = [{"country": "DE", "tax_identifier_number": "86095742719"}]
    seeding.tax_residencies(tol, user_id=user.id, tax_residencies=entries)
    assert not len(tol.events)
    activated = ["USER.ACTIVATED", "ROLE.ACTIVATED", "ACCOUNT_GROUP.ACTIVATED", "ACCOUNT.ACTIVATED"]
    assert pass_a_day(tol) == [*activated, "REPORT.CREATED"]


def test_an_inactive_user_waits_for_the_last_check(tol: World) -> None:
    user = seeding.user(tol, status="INACTIVE")
    assert pass_a_day(tol) == []
    held = tol.holds.get("users", user.id)
    assert held is not None
    assert held.topic == f"onboarding/{user.id}"


def test_a_deactivated_user_stays_so(empty: World) -> None:
    """Under BYOL a German user needs nothing, but what Upvest has ended only a command takes up again."""
    kept = seeding.user(empty, status="INACTIVE", deactivated=True)
    seeding.user(empty, status="INACTIVE")
    assert pass_a_day(empty) == ["USER.ACTIVATED"]
    assert empty.table(USERS)[kept.id].status == "INACTIVE"
