"""Activation: what a user needs under each licence, point by point (trading.md §6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mockserver.domain.onboarding.activation import missing
from mockserver.domain.users.users import USERS
from mockserver.kernel.lifecycle import Hold
from tests.conftest import Api
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import Desk
from tests.domain.support.onboarding import (
    CLIENTS_LICENCE,
    fit,
    guardian,
    kyc,
    newcomer,
    por,
    send,
    set_residencies,
)
from tests.domain.support.openings import give_role, open_group
from tests.domain.support.people import TIED, status, waits

FAIL = "https://bucket.customer.com/fail.zip"
FAIL_COMPLIANCE = "https://bucket.customer.com/fail-compliance.zip"

Step = Callable[[Desk, str], Any]
STEPS: dict[str, Step] = {
    "KYC": lambda desk, user_id: send(desk, kyc(), user_id),
    "INSTRUMENT_FIT": lambda desk, user_id: send(desk, fit(), user_id),
    "tax residencies": lambda desk, user_id: set_residencies(desk, user_id=user_id),
}
"""What a German has to do whose KYC check confirms the address."""


@pytest.fixture
def desk(open_desk: OpenDesk) -> Desk:
    return open_desk("sandbox", TIED)


def walk(desk: Desk, user_id: str, *without: str) -> str:
    """Do all steps but some, and let them take effect; the user's status."""
    for name, step in STEPS.items():
        if name not in without:
            step(desk, user_id)
    desk.advance("1m")
    return status(desk, user_id)


def reason(desk: Desk, user_id: str) -> str:
    """Why the user is not activated yet; nothing when it waits for nothing."""
    return waits(desk, "users", user_id) or ""


def lacks(desk: Desk, user_id: str) -> list[str]:
    return missing(desk.world, desk.world.table(USERS)[user_id])


# --- TOL, in the order of §6 ---


def test_a_user_with_all_seven_is_activated(desk: Desk) -> None:
    user_id = newcomer(desk)
    assert status(desk, user_id) == "INACTIVE"
    assert walk(desk, user_id) == "ACTIVE"
    assert [each["id"] for each in desk.told("USER.ACTIVATED")] == [user_id]
    assert lacks(desk, user_id) == []


def test_a_new_german_lacks_five_of_the_seven(desk: Desk) -> None:
    user_id = newcomer(desk)
    words = ("KYC", "POR", "INSTRUMENT_FIT", "COMPLIANCE", "tax residencies")
    found = lacks(desk, user_id)
    assert len(found) == len(words)
    assert all(word in text for word, text in zip(words, found, strict=True))
    assert all("there is none yet" in text for text in found[:4])


@pytest.mark.parametrize("left_out", STEPS)
def test_a_user_waits_for_a_step_left_out_and_is_told_so(desk: Desk, left_out: str) -> None:
    user_id = newcomer(desk)
    assert walk(desk, user_id, left_out) == "INACTIVE"
    assert left_out in reason(desk, user_id)
    STEPS[left_out](desk, user_id)
    desk.advance("1m")
    assert status(desk, user_id) == "ACTIVE"


def test_only_what_is_missing_is_told(desk: Desk) -> None:
    user_id = newcomer(desk)
    walk(desk, user_id, "INSTRUMENT_FIT")
    assert reason(desk, user_id) == f"user {user_id} still needs a passed INSTRUMENT_FIT check (there is none yet)"


def test_an_address_that_kyc_does_not_confirm_is_proved_by_por(desk: Desk) -> None:
    user_id = newcomer(desk)
    send(desk, kyc(confirmed_address=None), user_id)
    assert walk(desk, user_id, "KYC") == "INACTIVE"
    [text] = lacks(desk, user_id)
    assert "POR" in text
    assert "the KYC check confirms no address" in text
    send(desk, por(), user_id)
    desk.advance("1m")
    assert status(desk, user_id) == "ACTIVE"


def test_a_failed_por_proves_nothing_until_a_newer_one_passes(desk: Desk) -> None:
    user_id = newcomer(desk)
    send(desk, kyc(confirmed_address=None), user_id)
    send(desk, por(data_download_link=FAIL), user_id)
    assert walk(desk, user_id, "KYC") == "INACTIVE"
    assert "is FAILED" in reason(desk, user_id)
    send(desk, por(), user_id)
    desk.advance("1m")
    assert status(desk, user_id) == "ACTIVE"


@pytest.mark.parametrize(("link", "type_"), [(FAIL, "KYC"), (FAIL_COMPLIANCE, "COMPLIANCE")])
def test_a_failed_kyc_or_compliance_check_stops_until_a_newer_one_passes(desk: Desk, link: str, type_: str) -> None:
    user_id = newcomer(desk)
    send(desk, kyc(data_download_link=link), user_id)
    assert walk(desk, user_id, "KYC") == "INACTIVE"
    assert f"a passed {type_} check (the newest, " in reason(desk, user_id)
    send(desk, kyc(), user_id)
    desk.advance("1m")
    assert status(desk, user_id) == "ACTIVE"


@pytest.mark.parametrize("link", [FAIL, FAIL_COMPLIANCE])
def test_the_newest_counts_also_where_an_older_one_passed(desk: Desk, link: str) -> None:
    user_id = newcomer(desk)
    send(desk, kyc(), user_id)
    desk.advance("1m")
    send(desk, kyc(data_download_link=link), user_id)
    assert walk(desk, user_id, "KYC") == "INACTIVE"
    assert "is FAILED" in reason(desk, user_id)


def test_a_check_in_progress_is_not_enough(open_desk: OpenDesk) -> None:
    slow = {"match": {"type": "INSTRUMENT_FIT"}, "delay": "1h"}
    desk = open_desk("sandbox", {**TIED, "stages": {"user_check.decide": {"overrides": [slow]}}})
    user_id = newcomer(desk)
    assert walk(desk, user_id) == "INACTIVE"
    assert "is IN_PROGRESS" in reason(desk, user_id)
    desk.advance("1h")
    assert status(desk, user_id) == "ACTIVE"


def test_an_unsuitable_user_is_activated_too(desk: Desk) -> None:
    user_id = newcomer(desk)
    send(desk, fit(suitability=False), user_id)
    assert walk(desk, user_id, "INSTRUMENT_FIT") == "ACTIVE"


def test_pending_tax_residencies_are_not_enough(open_desk: OpenDesk) -> None:
    overrides = {
        "behaviour": {"licence": "TOL", "tax_residencies": "PENDING"},
        "stages": {"tax_residencies.accept": {"delay": "1h"}},
    }
    desk = open_desk("sandbox", overrides)
    user_id = newcomer(desk)
    assert walk(desk, user_id) == "INACTIVE"
    assert "they are PENDING" in reason(desk, user_id)
    assert "USER.ACTIVATED" in desk.advance("1h")


@pytest.mark.parametrize("overrides", [TIED, CLIENTS_LICENCE], ids=["TOL", "BYOL"])
def test_a_nationality_without_an_automatic_identifier_waits_for_one(
    open_desk: OpenDesk, overrides: dict[str, Any]
) -> None:
    desk = open_desk("sandbox", overrides)
    user_id = newcomer(desk, nationalities=["ES"])
    assert walk(desk, user_id) == "INACTIVE"
    [text] = lacks(desk, user_id)
    assert "an identifier issued by ES" in text
    body = {"type": "NATIONAL_ID", "issuing_country": "ES", "identifier": "12345678Z"}
    desk.call("create_identifier", {"user_id": user_id}, body=body)
    assert "USER.ACTIVATED" in desk.advance("1m")


@pytest.mark.parametrize("name", ["terms_and_conditions", "data_privacy_and_sharing_agreement"])
def test_an_owner_needs_both_consents(desk: Desk, name: str) -> None:
    user_id = newcomer(desk, **{name: None})
    assert walk(desk, user_id) == "INACTIVE"
    assert reason(desk, user_id) == f"user {user_id} still needs {name}, given with POST /users"


def test_a_user_who_is_only_a_child_needs_no_consents(desk: Desk) -> None:
    user_id = newcomer(desk, terms_and_conditions=None, data_privacy_and_sharing_agreement=None)
    assert walk(desk, user_id) == "INACTIVE"
    desk.call("create_account_group", body={"user_id": user_id, "type": "CHILD"})
    assert "USER.ACTIVATED" in desk.advance("1m")


def test_a_child_who_also_owns_needs_them(desk: Desk) -> None:
    user_id = newcomer(desk, terms_and_conditions=None)
    for type_ in ("PERSONAL", "CHILD"):
        desk.call("create_account_group", body={"user_id": user_id, "type": type_})
    assert walk(desk, user_id) == "INACTIVE"


# --- By role (§6: a role is activated when the requirements of its type are met) ---


def child(desk: Desk, *groups: str) -> str:
    user_id = newcomer(desk)
    for type_ in groups:
        desk.call("create_account_group", body={"user_id": user_id, "type": type_})
    return user_id


def test_a_child_needs_no_checks_of_its_own(desk: Desk) -> None:
    user_id = child(desk, "CHILD")
    desk.advance("1m")
    assert lacks(desk, user_id) == [reason(desk, user_id).removeprefix(f"user {user_id} still needs ")]
    set_residencies(desk, user_id=user_id)
    assert desk.advance("1m") == ["USER.ACTIVATED", "ROLE.ACTIVATED"]


def test_a_role_does_not_wait_for_what_another_role_of_its_user_needs(desk: Desk) -> None:
    user_id = child(desk, "CHILD", "PERSONAL")
    set_residencies(desk, user_id=user_id)
    assert [told for told in desk.advance("1m") if told.endswith(".ACTIVATED")] == ["ROLE.ACTIVATED"]
    assert [role["role_type"] for role in desk.told("ROLE.ACTIVATED")] == ["CHILD"]
    assert status(desk, user_id) == "INACTIVE"
    assert walk(desk, user_id) == "ACTIVE"
    assert [role["role_type"] for role in desk.told("ROLE.ACTIVATED")] == ["CHILD", "OWNER"]


@pytest.mark.parametrize("type_", ["OWNER", "GUARDIAN"])
def test_another_role_of_an_active_child_waits_for_the_rest(desk: Desk, type_: str) -> None:
    """What a child needs says nothing of what an owner or a guardian needs (trading.md §6)."""
    user_id = child(desk, "CHILD")
    set_residencies(desk, user_id=user_id)
    desk.advance("1m")
    assert status(desk, user_id) == "ACTIVE"
    role_id = another_role(desk, user_id, type_)
    desk.advance("1m")
    assert desk.call("retrieve_role", {"role_id": role_id}).status == "PENDING"
    waiting = waits(desk, "roles", role_id) or ""
    assert all(check in waiting for check in ("KYC", "INSTRUMENT_FIT", "COMPLIANCE"))
    walk(desk, user_id)
    if type_ == "GUARDIAN":
        send(desk, guardian(role_id), user_id)
        desk.advance("1m")
    assert [role["id"] for role in desk.told("ROLE.ACTIVATED")][1:] == [role_id]


@pytest.mark.parametrize("type_", ["OWNER", "GUARDIAN"])
def test_by_setting_another_role_of_a_child_is_active_with_its_user(open_desk: OpenDesk, type_: str) -> None:
    desk = open_desk("sandbox", {"behaviour": {"licence": "TOL", "role_activation": "user"}})
    user_id = child(desk, "CHILD")
    walk(desk, user_id)
    role_id = another_role(desk, user_id, type_)
    desk.advance("1m")
    waiting = waits(desk, "roles", role_id) or ""
    assert "KYC" not in waiting


def another_role(desk: Desk, user_id: str, type_: str) -> str:
    """A role for the user: in a group of its own, or as the guardian of another child."""
    if type_ == "OWNER":
        open_group(desk, user_id, "PERSONAL")
        return str(desk.rows("list_roles", user_id=user_id)[-1].id)
    ward = open_group(desk, newcomer(desk), "CHILD")
    return str(give_role(desk, ward.id, user_id, "GUARDIAN").id)


def test_by_setting_a_child_needs_all_that_an_owner_needs(open_desk: OpenDesk) -> None:
    desk = open_desk("sandbox", {"behaviour": {"licence": "TOL", "role_activation": "user"}})
    user_id = child(desk, "CHILD")
    set_residencies(desk, user_id=user_id)
    assert not [told for told in desk.advance("1m") if told.endswith(".ACTIVATED")]
    assert walk(desk, user_id) == "ACTIVE"


# --- BYOL ---


def test_a_byol_user_needs_nothing_but_an_identifier(open_desk: OpenDesk) -> None:
    desk = open_desk("sandbox", CLIENTS_LICENCE)
    user_id = newcomer(desk)
    assert desk.types_since() == ["USER.CREATED"]
    assert desk.advance("1m") == ["USER.ACTIVATED"]
    assert status(desk, user_id) == "ACTIVE"


def test_clients_of_funds_only_do_without_an_identifier(open_desk: OpenDesk) -> None:
    desk = open_desk("sandbox", {"behaviour": {"licence": "BYOL", "identifiers_needed": False}})
    newcomer(desk, nationalities=["ES"])
    assert desk.advance("1m") == ["USER.ACTIVATED"]


def test_a_tol_user_needs_an_identifier_whatever_that_setting(open_desk: OpenDesk) -> None:
    desk = open_desk("sandbox", {"behaviour": {"licence": "TOL", "identifiers_needed": False}})
    assert walk(desk, newcomer(desk, nationalities=["ES"])) == "INACTIVE"


# --- By command, and afterwards ---


def test_a_command_does_not_skip_what_is_missing(open_desk: OpenDesk) -> None:
    desk = open_desk("manual", TIED)
    user_id = newcomer(desk)
    with pytest.raises(Hold, match="still needs a passed KYC check"):
        desk.move("users", user_id, "ACTIVE")
    assert status(desk, user_id) == "INACTIVE"


def test_by_command_the_whole_road_can_be_walked(open_desk: OpenDesk) -> None:
    desk = open_desk("manual", TIED)
    user_id = newcomer(desk)
    for body in (kyc(), fit()):
        desk.move("user_checks", send(desk, body, user_id), "PASSED")
    [screening] = desk.rows("list_user_checks", {"user_id": user_id}, type="COMPLIANCE")
    desk.move("user_checks", screening.id, "PASSED")
    set_residencies(desk, user_id=user_id)
    assert desk.advance("1d") == []
    assert desk.move("users", user_id, "ACTIVE") == ["USER.ACTIVATED"]


async def test_the_control_api_says_what_is_missing(client: Api, desk: Desk) -> None:
    user_id = newcomer(desk)
    desk.advance("1m")
    shown = await client.get(f"/_mock/worlds/default/state/users/{user_id}")
    assert shown.json["waits"]["for"] == f"onboarding/{user_id}"
    assert "a passed COMPLIANCE check (there is none yet)" in shown.json["waits"]["reason"]
    forced = await client.post("/_mock/worlds/default/moves", json={"resource": "users", "id": user_id, "to": "ACTIVE"})
    assert forced.status == 409
    assert "INSTRUMENT_FIT" in forced.detail


def test_an_active_user_stays_so_whatever_checks_fail_later(desk: Desk) -> None:
    user_id = newcomer(desk)
    walk(desk, user_id)
    send(desk, kyc(data_download_link=FAIL, kyc_update=True), user_id)
    desk.advance("1m")
    assert status(desk, user_id) == "ACTIVE"


def test_a_deactivated_user_comes_back_by_command_only(desk: Desk) -> None:
    desk.move("users", desk.user_id, "INACTIVE")  # was there before the first request, without checks
    send(desk, fit())
    desk.advance("1m")
    assert status(desk, desk.user_id) == "INACTIVE"
    assert desk.move("users", desk.user_id, "ACTIVE") == ["USER.ACTIVATED"]
    assert not desk.world.table(USERS)[desk.user_id].deactivated


def test_a_user_who_leaves_is_not_activated_any_more(desk: Desk) -> None:
    user_id = newcomer(desk)
    for step in STEPS.values():
        step(desk, user_id)
    desk.call("offboard_user", {"user_id": user_id})
    desk.advance("1m")
    assert status(desk, user_id) == "OFFBOARDED"
    assert not desk.told("USER.ACTIVATED")


def test_users_do_not_wait_for_each_other(desk: Desk) -> None:
    first, second = newcomer(desk), newcomer(desk)
    walk(desk, second)
    assert [status(desk, each) for each in (first, second)] == ["INACTIVE", "ACTIVE"]
