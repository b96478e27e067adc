"""Checks: made, decided, listed and read (trading.md §4)."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from mockserver.domain import seeding
from mockserver.domain.onboarding import checks
from mockserver.domain.onboarding.checks import USER_CHECKS
from mockserver.domain.onboarding.self_assessments import SELF_ASSESSMENTS
from tests.conftest import Api
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import NOBODY, Desk
from tests.domain.support.onboarding import (
    EVERY_READ_FORM,
    ROLE,
    SELF_ASSESSMENT,
    decided,
    entrust,
    fit,
    guardian,
    kyc,
    listed,
    por,
    send,
    shown,
    withholding,
)
from tests.domain.support.people import ADDRESS

TYPE = [body["type"] for body in EVERY_READ_FORM]


@pytest.fixture
def desk(open_desk: OpenDesk) -> Desk:
    """Whose user is somebody's guardian, too."""
    return entrust(open_desk())


# --- Life cycle ---


@pytest.mark.parametrize("body", EVERY_READ_FORM, ids=TYPE)
def test_a_check_is_created_in_progress_and_then_passes(desk: Desk, body: dict[str, Any]) -> None:
    check_id = send(desk, body)
    assert shown(desk, check_id)["status"] == "IN_PROGRESS"
    assert desk.types_since() == ["USER_CHECK.CREATED"]
    assert "USER_CHECK.PASSED" in desk.advance("100ms")
    assert shown(desk, check_id)["status"] == "PASSED"


@pytest.mark.parametrize("body", EVERY_READ_FORM, ids=TYPE)
def test_a_check_shows_what_was_sent_and_nothing_else(desk: Desk, body: dict[str, Any]) -> None:
    check_id = send(desk, {**body, "unheard_of": 1})
    assert shown(desk, check_id) == {**body, "id": check_id, "user_id": desk.user_id, "status": "IN_PROGRESS"}


def test_the_events_carry_the_check(desk: Desk) -> None:
    check_id = send(desk, fit())
    desk.advance()
    [created], [passed] = desk.told("USER_CHECK.CREATED"), desk.told("USER_CHECK.PASSED")
    assert (created["id"], created["status"]) == (check_id, "IN_PROGRESS")
    assert passed == shown(desk, check_id)


def test_a_check_takes_as_long_as_the_profile_says(open_desk: OpenDesk) -> None:
    desk = open_desk("sandbox", {"stages": {"user_check.decide": {"delay": "1h"}}})
    send(desk, fit())
    assert desk.advance("59m") == []
    assert desk.advance("1m") == ["USER_CHECK.PASSED"]


def test_a_decided_check_does_not_change_any_more(desk: Desk) -> None:
    check_id = send(desk, fit())
    desk.advance()
    with pytest.raises(ValueError, match="it is final"):
        desk.move("user_checks", check_id, "FAILED")


def test_a_check_of_an_unsuitable_user_passes(desk: Desk) -> None:
    assert decided(desk, fit(suitability=False)) == "PASSED"


def test_a_withholding_status_may_have_no_end(desk: Desk) -> None:
    body = {**withholding(documentation="UNDOCUMENTED"), "valid_to": None}
    assert shown(desk, send(desk, body))["valid_to"] is None


def test_a_renewed_kyc_check_deactivates_nobody(desk: Desk) -> None:
    send(desk, kyc(kyc_update=True))
    desk.advance("1m")
    assert desk.call("retrieve_user", {"user_id": desk.user_id}).status == "ACTIVE"
    assert not desk.told("USER.DEACTIVATED")


# --- COMPLIANCE ---


def test_a_passed_kyc_check_is_followed_by_a_compliance_check(desk: Desk) -> None:
    send(desk, kyc())
    assert desk.advance("100ms") == ["USER_CHECK.PASSED", "USER_CHECK.CREATED"]
    assert desk.advance("100ms") == ["USER_CHECK.PASSED"]
    assert [each["type"] for each in desk.told("USER_CHECK.PASSED")] == ["KYC", "COMPLIANCE"]
    [row] = listed(desk, type="COMPLIANCE")
    assert orjson.loads(row.wire) == {
        "id": row.id,
        "user_id": desk.user_id,
        "type": "COMPLIANCE",
        "status": "PASSED",
        "check_confirmed_at": "2023-01-10T09:00:00.100000Z",
    }


def test_a_failed_kyc_check_is_followed_by_none(desk: Desk) -> None:
    send(desk, kyc(data_download_link="https://bucket.customer.com/fail.zip"))
    desk.advance("1m")
    assert listed(desk, type="COMPLIANCE") == []


@pytest.mark.parametrize("body", EVERY_READ_FORM[1:], ids=TYPE[1:])
def test_no_other_check_is_followed_by_one(desk: Desk, body: dict[str, Any]) -> None:
    send(desk, body)
    desk.advance("1m")
    assert listed(desk, type="COMPLIANCE") == []


def test_a_client_cannot_make_a_compliance_check(desk: Desk) -> None:
    with pytest.raises(ValueError, match="COMPLIANCE"):
        send(desk, {"type": "COMPLIANCE", "check_confirmed_at": "2022-08-24T14:15:22Z"})


# --- USER_SELF_ASSESSMENT ---


HIDDEN: dict[str, Any] = {"behaviour": {"self_assessments": "hidden"}}


def test_a_self_assessment_is_a_check_that_passes_with_its_events(desk: Desk) -> None:
    check_id = send(desk, SELF_ASSESSMENT)
    desk.advance("1m")
    assert desk.types_since() == ["USER_CHECK.CREATED", "USER_CHECK.PASSED"]
    (shown,) = listed(desk, type="USER_SELF_ASSESSMENT")
    assert orjson.loads(shown.wire) == {
        **SELF_ASSESSMENT,
        "id": check_id,
        "user_id": desk.user_id,
        "status": "PASSED",
    }
    (told,) = desk.told("USER_CHECK.PASSED")
    assert told == orjson.loads(shown.wire)


def test_by_setting_a_self_assessment_is_accepted_and_shown_nowhere(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides=HIDDEN)
    check_id = send(desk, SELF_ASSESSMENT)
    desk.advance("1m")
    assert desk.types_since() == []
    assert listed(desk, list_history=True) == []
    assert listed(desk, type="USER_SELF_ASSESSMENT", list_history=True) == []
    path = {"user_id": desk.user_id, "check_id": check_id}
    assert desk.refused("retrieve_user_check", path).rule.status == 404


def test_a_hidden_self_assessment_is_kept_for_whoever_looks_inside(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides=HIDDEN)
    kept = desk.world.table(SELF_ASSESSMENTS)[send(desk, SELF_ASSESSMENT)]
    answers = {name: value for name, value in SELF_ASSESSMENT.items() if name != "type"}
    assert orjson.loads(kept.wire)["answers"] == answers


# --- Lists ---


def test_the_list_shows_the_newest_of_each_type(desk: Desk) -> None:
    first = [send(desk, body) for body in (kyc(), fit(), por())]
    second = send(desk, kyc(kyc_update=True))
    assert [row.id for row in listed(desk)] == [first[1], first[2], second]


def test_the_history_shows_all_in_order(desk: Desk) -> None:
    sent = [send(desk, body) for body in (kyc(), fit(), kyc())]
    assert [row.id for row in listed(desk, list_history=True)] == sent


@pytest.mark.parametrize("history", [False, True])
def test_the_list_can_be_of_one_type(desk: Desk, history: bool) -> None:
    older, _, newer = send(desk, fit()), send(desk, por()), send(desk, fit(suitability=False))
    rows = listed(desk, type="INSTRUMENT_FIT", list_history=history)
    assert [row.id for row in rows] == ([older] if history else []) + [newer]


def test_the_checks_of_others_are_not_listed(desk: Desk) -> None:
    send(desk, fit(), seeding.user(desk.world).id)
    assert listed(desk, list_history=True) == []


def test_a_list_does_not_page(desk: Desk) -> None:
    for _ in range(101):
        send(desk, fit())
    assert len(listed(desk, list_history=True)) == 101


# --- Refusals of unknown ids ---


@pytest.mark.parametrize("operation_id", ["list_user_checks", "create_user_check", "retrieve_user_check"])
def test_an_unknown_user_is_refused(desk: Desk, operation_id: str) -> None:
    path = {"user_id": NOBODY} | ({"check_id": NOBODY} if operation_id == "retrieve_user_check" else {})
    body = fit() if operation_id == "create_user_check" else None
    assert desk.refused(operation_id, path, body=body).rule.status == 404


def test_an_unknown_check_is_refused(desk: Desk) -> None:
    refusal = desk.refused("retrieve_user_check", {"user_id": desk.user_id, "check_id": NOBODY})
    assert refusal.rule.status == 404


def test_a_check_of_somebody_else_is_refused(desk: Desk) -> None:
    check_id = send(desk, fit(), seeding.user(desk.world).id)
    refusal = desk.refused("retrieve_user_check", {"user_id": desk.user_id, "check_id": check_id})
    assert refusal.rule.status == 404


# --- What others ask ---


def test_instrument_fit_is_what_the_newest_passed_check_says(desk: Desk) -> None:
    answers = [checks.instrument_fit(desk.world, desk.user_id)]
    for suitability in (True, False):
        send(desk, fit(suitability=suitability))
        desk.advance()
        answers.append(checks.instrument_fit(desk.world, desk.user_id))
    assert answers == [None, True, False]


def test_instrument_fit_does_not_come_from_a_check_that_has_not_passed(desk: Desk) -> None:
    send(desk, fit(suitability=True))
    desk.advance()
    desk.move("user_checks", send(desk, fit(suitability=False)), "FAILED")
    send(desk, fit(suitability=False))
    assert checks.instrument_fit(desk.world, desk.user_id) is True


def test_a_guardian_has_passed_when_the_newest_check_for_that_role_has(desk: Desk) -> None:
    def passed(role_id: str = ROLE) -> bool:
        return checks.passed_guardian(desk.world, desk.user_id, role_id)

    send(desk, guardian())
    seen = [passed()]
    desk.advance()
    seen += [passed(), passed(NOBODY)]
    desk.move("user_checks", send(desk, guardian()), "FAILED")
    assert [*seen, passed()] == [False, True, False, False]


# --- On the wire ---


async def test_a_check_over_http(client: Api, desk: Desk) -> None:
    path = f"/users/{desk.user_id}/checks"
    created = await client.post(path, json=kyc(), key=None)
    assert created.status == 202
    desk.advance("1m")
    read = await client.get(f"{path}/{created.json['id']}")
    assert (read.status, read.json["status"], read.json["confirmed_address"]) == (200, "PASSED", ADDRESS)
    listed = await client.get(path)
    assert [check["type"] for check in listed.json["data"]] == ["KYC", "COMPLIANCE"]
    assert listed.json.keys() == {"data"}
    assert (await client.get(f"{path}?type=POR&list_history=true")).json == {"data": []}


@pytest.mark.parametrize("missing", ["document_expiration_date", "nationality"])
@pytest.mark.parametrize("document", ["PASSPORT", "ID_CARD", "RESIDENCE_PERMIT", "DRIVING_LICENSE"])
async def test_a_document_without_its_date_or_nationality_is_refused(
    client: Api, desk: Desk, document: str, missing: str
) -> None:
    body = kyc(**{"document_type": document, missing: None})
    answer = await client.post(f"/users/{desk.user_id}/checks", json=body)
    assert answer.status == 400
    assert missing in answer.detail
    assert len(desk.world.table(USER_CHECKS)) == 0
    assert desk.types_since() == []


async def test_a_two_plus_two_proof_needs_neither(client: Api, desk: Desk) -> None:
    resident = seeding.user(desk.world, address={**ADDRESS, "country": "GB"})
    body = kyc(
        document_type="TWO_PLUS_TWO_VERIFICATION_PROOF",
        method="TWO_PLUS_TWO_VERIFICATION",
        document_expiration_date=None,
        nationality=None,
    )
    assert (await client.post(f"/users/{resident.id}/checks", json=body)).status == 202


@pytest.mark.parametrize("body", [{}, {"type": "COMPLIANCE"}, {"type": "KYC"}, guardian(role_id="nobody")])
async def test_a_body_of_no_form_is_refused(client: Api, desk: Desk, body: dict[str, Any]) -> None:
    assert (await client.post(f"/users/{desk.user_id}/checks", json=body)).status == 400
    assert len(desk.world.table(USER_CHECKS)) == 0


async def test_a_type_that_no_check_has_is_refused(client: Api, desk: Desk) -> None:
    assert (await client.get(f"/users/{desk.user_id}/checks?type=KYB")).status == 400
