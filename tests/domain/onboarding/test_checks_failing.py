"""Checks that are refused with the request, and checks that fail: by the rules, and on demand (trading.md §4)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from mockserver.domain import seeding
from mockserver.domain.onboarding.check_rules import FAILING
from mockserver.domain.onboarding.checks import USER_CHECKS
from tests.conftest import Api
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import Desk
from tests.domain.support.onboarding import (
    EVERY_READ_FORM,
    ROLE,
    decided,
    entrust,
    fit,
    guardian,
    kyc,
    listed,
    por,
    send,
    set_residencies,
    shown,
    withholding,
)
from tests.domain.support.people import ADDRESS

TYPE = [body["type"] for body in EVERY_READ_FORM]
OTHER_ROLE = "9df39835-be87-4243-9018-f2500b39cee6"


@pytest.fixture
def desk(open_desk: OpenDesk) -> Desk:
    """Whose user is somebody's guardian, too."""
    return entrust(open_desk())


def resident(desk: Desk, country: str) -> str:
    return seeding.user(desk.world, address={**ADDRESS, "country": country}).id


def cause(desk: Desk) -> str:
    """Why the last move was made."""
    return list(desk.world.moves)[-1].cause


# --- Refused with the request ---


def test_a_liveness_photo_is_not_for_residents_of_germany(desk: Desk) -> None:
    body = kyc(method="LIVENESS_PHOTO_ID")
    refusal = desk.refused("create_user_check", {"user_id": resident(desk, "DE")}, body=body)
    assert (refusal.rule.status, refusal.rule.name) == (400, "check.liveness-photo")


@pytest.mark.parametrize("country", ["AT", "FR", "GB"])
def test_elsewhere_a_liveness_photo_will_do(desk: Desk, country: str) -> None:
    assert decided(desk, kyc(method="LIVENESS_PHOTO_ID"), resident(desk, country)) == "PASSED"


@pytest.mark.parametrize("country", ["DE", "AT", "US"])
def test_two_plus_two_is_only_for_residents_of_great_britain(desk: Desk, country: str) -> None:
    body = kyc(method="TWO_PLUS_TWO_VERIFICATION")
    refusal = desk.refused("create_user_check", {"user_id": resident(desk, country)}, body=body)
    assert (refusal.rule.status, refusal.rule.name) == (400, "check.two-plus-two")
    assert country in refusal.detail


def test_a_british_resident_may_be_checked_by_two_plus_two(desk: Desk) -> None:
    assert decided(desk, kyc(method="TWO_PLUS_TWO_VERIFICATION"), resident(desk, "GB")) == "PASSED"


@pytest.mark.parametrize("type_", ["OWNER", "CHILD"])
def test_a_guardian_is_checked_for_a_role_as_guardian(desk: Desk, type_: str) -> None:
    entrust(desk, OTHER_ROLE, type_)
    refusal = desk.refused("create_user_check", {"user_id": desk.user_id}, body=guardian(OTHER_ROLE))
    assert (refusal.rule.status, refusal.rule.name) == (404, "check.guardian-role")


def test_a_guardian_is_checked_for_a_role_of_their_own(desk: Desk) -> None:
    child = seeding.user(desk.world).id
    assert desk.refused("create_user_check", {"user_id": child}, body=guardian(ROLE)).rule.status == 404
    assert desk.refused("create_user_check", {"user_id": child}, body=guardian(OTHER_ROLE)).rule.status == 404


VALID_PAIRS = {
    ("NON_RESIDENT_ALIEN", "KYC"),
    ("NON_RESIDENT_ALIEN", "W8-BEN"),
    ("NON_RESIDENT_ALIEN", "UNDOCUMENTED"),
    ("US_PERSON", "W9"),
    ("US_PERSON", "UNDOCUMENTED"),
}
ALL_PAIRS = {
    (person, document)
    for person in ("NON_RESIDENT_ALIEN", "US_PERSON")
    for document in ("KYC", "W8-BEN", "W9", "UNDOCUMENTED")
}


@pytest.mark.parametrize(("person", "documentation"), sorted(VALID_PAIRS))
def test_a_valid_pair_of_person_and_documentation_is_accepted(desk: Desk, person: str, documentation: str) -> None:
    set_residencies(desk, "US" if person == "US_PERSON" else "DE")
    assert decided(desk, withholding(person, documentation)) == "PASSED"


@pytest.mark.parametrize(("person", "documentation"), sorted(ALL_PAIRS - VALID_PAIRS))
def test_any_other_pair_is_refused(desk: Desk, person: str, documentation: str) -> None:
    refusal = desk.refused("create_user_check", {"user_id": desk.user_id}, body=withholding(person, documentation))
    assert (refusal.rule.status, refusal.rule.name) == (400, "check.withholding-pair")


# --- Failed by the rules ---


@pytest.mark.parametrize(
    ("confirmed", "status"),
    [
        ("2021-01-10T09:00:01Z", "PASSED"),  # 24 months and 1 s before the decision, to the second
        ("2021-01-10T08:59:59Z", "FAILED"),
        ("2019-08-24T14:15:22Z", "FAILED"),
        ("2023-01-10T09:00:00Z", "PASSED"),
        ("0001-01-01T00:00:00+14:00", "FAILED"),
        ("9999-12-31T23:59:59-12:00", "PASSED"),
    ],
)
def test_a_kyc_check_of_more_than_24_months_ago_fails(desk: Desk, confirmed: str, status: str) -> None:
    assert decided(desk, kyc(check_confirmed_at=confirmed)) == status


@pytest.mark.parametrize(("confirmed", "status"), [("2022-02-28", "PASSED"), ("2022-02-27", "FAILED")])
def test_24_months_before_a_leap_day_is_the_28th(open_desk: OpenDesk, confirmed: str, status: str) -> None:
    desk = open_desk(now=datetime(2024, 2, 29, 9, tzinfo=UTC))
    assert decided(desk, kyc(check_confirmed_at=f"{confirmed}T09:00:01Z")) == status


@pytest.mark.parametrize("body", [por, guardian], ids=["POR", "GUARDIAN"])
def test_only_kyc_checks_grow_old(desk: Desk, body: Any) -> None:
    assert decided(desk, body(check_confirmed_at="2019-08-24T14:15:22Z")) == "PASSED"


@pytest.mark.parametrize(
    ("person", "documentation"),
    [("NON_RESIDENT_ALIEN", "KYC"), ("NON_RESIDENT_ALIEN", "W8-BEN"), ("US_PERSON", "W9")],
)
class TestDocumentedStatus:
    def test_fails_without_a_tax_residency(self, desk: Desk, person: str, documentation: str) -> None:
        assert decided(desk, withholding(person, documentation)) == "FAILED"

    def test_fails_while_the_residency_is_pending(self, open_desk: OpenDesk, person: str, documentation: str) -> None:
        never = {"stages": {"tax_residencies.accept": {"delay": "never"}}}
        desk = open_desk("sandbox", {"behaviour": {"tax_residencies": "PENDING"}, **never})
        set_residencies(desk, "US" if person == "US_PERSON" else "DE")
        assert decided(desk, withholding(person, documentation)) == "FAILED"
        assert "no ACTIVE tax residency" in cause(desk)

    def test_fails_when_the_residencies_contradict_it(self, desk: Desk, person: str, documentation: str) -> None:
        set_residencies(desk, *(["DE", "FR"] if person == "US_PERSON" else ["DE", "US"]))
        assert decided(desk, withholding(person, documentation)) == "FAILED"
        assert "contradicts the tax residencies" in cause(desk)

    def test_passes_when_they_agree(self, desk: Desk, person: str, documentation: str) -> None:
        set_residencies(desk, *(["DE", "US"] if person == "US_PERSON" else ["DE", "FR"]))
        assert decided(desk, withholding(person, documentation)) == "PASSED"


@pytest.mark.parametrize("person", ["NON_RESIDENT_ALIEN", "US_PERSON"])
@pytest.mark.parametrize("countries", [(), ("US",), ("DE",)])
def test_an_undocumented_status_is_compared_with_nothing(desk: Desk, person: str, countries: tuple[str, ...]) -> None:
    if countries:
        set_residencies(desk, *countries)
    assert decided(desk, withholding(person, "UNDOCUMENTED")) == "PASSED"


def test_every_reason_to_fail_has_a_name_and_a_source() -> None:
    assert len({row.name for row in FAILING}) == len(FAILING)
    assert all(row.source.startswith("trading.md §4") and row.text for row in FAILING)


# --- Failed on demand ---


@pytest.mark.parametrize("link", ["https://bucket.customer.com/fail.zip", "https://bucket.customer.com/user3-FAIL.zip"])
@pytest.mark.parametrize("body", [kyc, por, guardian, withholding], ids=["KYC", "POR", "GUARDIAN", "US"])
def test_a_marker_in_the_link_makes_a_check_fail(desk: Desk, body: Any, link: str) -> None:
    set_residencies(desk, "DE")
    assert decided(desk, body(data_download_link=link)) == "FAILED"
    assert "check_fail_marker" in cause(desk)
    assert [each["data_download_link"] for each in desk.told("USER_CHECK.FAILED")] == [link]


def test_the_marker_is_the_profiles(open_desk: OpenDesk) -> None:
    desk = open_desk("sandbox", {"behaviour": {"check_fail_marker": "forged"}})
    assert decided(desk, kyc(data_download_link="https://bucket.customer.com/fail.zip")) == "PASSED"
    assert decided(desk, kyc(data_download_link="https://bucket.customer.com/forged.zip")) == "FAILED"


@pytest.mark.parametrize("body", EVERY_READ_FORM, ids=TYPE)
def test_the_profile_lets_checks_of_a_type_fail(open_desk: OpenDesk, body: dict[str, Any]) -> None:
    override = {"match": {"type": body["type"]}, "outcomes": {"FAILED": 1}}
    desk = entrust(open_desk("sandbox", {"stages": {"user_check.decide": {"overrides": [override]}}}))
    assert decided(desk, body) == "FAILED"
    other = por() if body["type"] != "POR" else fit()
    assert decided(desk, other) == "PASSED"


@pytest.mark.parametrize("body", EVERY_READ_FORM, ids=TYPE)
@pytest.mark.parametrize("to", ["PASSED", "FAILED"])
def test_a_command_decides_any_check(open_desk: OpenDesk, body: dict[str, Any], to: str) -> None:
    desk = entrust(open_desk("manual"))
    check_id = send(desk, body)
    assert desk.advance("1d") == []
    assert f"USER_CHECK.{to}" in desk.move("user_checks", check_id, to)
    assert shown(desk, check_id)["status"] == to


def test_a_failure_on_demand_says_so(desk: Desk) -> None:
    desk.move("user_checks", send(desk, fit()), "FAILED")
    assert cause(desk) == "failed on demand"


def test_a_failed_check_is_answered_by_a_new_one(desk: Desk) -> None:
    assert decided(desk, kyc(data_download_link="https://bucket.customer.com/fail.zip")) == "FAILED"
    assert decided(desk, kyc()) == "PASSED"
    assert [row.status for row in listed(desk, type="KYC", list_history=True)] == ["FAILED", "PASSED"]


def test_the_profile_lets_compliance_fail(open_desk: OpenDesk) -> None:
    override = {"match": {"type": "COMPLIANCE"}, "outcomes": {"FAILED": 1}}
    desk = open_desk("sandbox", {"stages": {"user_check.decide": {"overrides": [override]}}})
    assert decided(desk, kyc()) == "PASSED"
    assert [row.status for row in listed(desk, type="COMPLIANCE")] == ["FAILED"]


def test_a_marker_lets_compliance_fail_and_kyc_pass(desk: Desk) -> None:
    assert decided(desk, kyc(data_download_link="https://bucket.customer.com/fail-compliance.zip")) == "PASSED"
    assert [row.status for row in listed(desk, type="COMPLIANCE")] == ["FAILED"]


def test_on_another_check_that_marker_is_one_like_any(desk: Desk) -> None:
    assert decided(desk, por(data_download_link="https://bucket.customer.com/fail-compliance.zip")) == "FAILED"


def test_a_command_lets_compliance_fail(open_desk: OpenDesk) -> None:
    desk = open_desk("manual")
    desk.move("user_checks", send(desk, kyc()), "PASSED")
    [screening] = listed(desk, type="COMPLIANCE")
    assert desk.move("user_checks", screening.id, "FAILED") == ["USER_CHECK.FAILED"]


async def test_the_control_api_lets_a_check_fail(client: Api, desk: Desk) -> None:
    created = await client.post(f"/users/{desk.user_id}/checks", json=kyc())
    move = {"resource": "user_checks", "id": created.json["id"], "to": "FAILED"}
    moved = await client.post("/_mock/worlds/default/moves", json=move)
    assert (moved.status, moved.json["object"]["status"]) == (200, "FAILED")
    assert [event["type"] for event in moved.json["events"]] == ["USER_CHECK.FAILED"]
    assert len(desk.world.table(USER_CHECKS)) == 1
