"""trading.md §2.3: changes of user data, asked for now and applied later."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from mockserver.domain.users.data_changes import DATA_CHANGES
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import NOBODY, Desk
from tests.domain.support.people import ADDRESS, BYOL, TIED, TOL, created, offboard, shown, waits

LINK = "https://bucket.customer.com/ident/user3.zip"
PROOF = {"issuance_date": "2022-01-01", "data_download_link": LINK, "document_type": "ID_CARD"}
MOVED = {**ADDRESS, "address_line1": "Tulpenweg 1"}
NAME = {"first_name": "Carla", "last_name": "Schmitt", **PROOF}
NATIONALITY = {"nationalities": ["FR"], **PROOF}
NEW_ADDRESS = {"address": MOVED, **PROOF, "document_type": "UTILITY_BILL"}
UNPROVEN = {"email": "max@example.com", "phone_number": "4930901821"}
FORMS: list[dict[str, Any]] = [NAME, NATIONALITY, NEW_ADDRESS, UNPROVEN]
"""The four forms of TOL clients, by the contract's examples."""
EVERYTHING: dict[str, Any] = {
    "first_name": "Carla",
    "last_name": "Schmitt",
    "birth_date": "1972-01-30",
    "nationalities": ["AT", "CH"],
    "address": MOVED,
    "email": "max@example.com",
    "salutation": "SALUTATION_FEMALE",
    "title": "PROF_DR",
    "birth_city": "Wien",
    "birth_country": "AT",
    "birth_name": "Meier",
    "postal_address": MOVED,
    "branch_id": "a1752f00-93d5-4b77-a148-959cd315581b",
    "gender": "FEMALE",
    "social_security_number": "12300112A123",
    "tags": ["CLIENT_EMPLOYEE"],
    "decease_date": "2022-12-31",
}
"""All that a BYOL client can change."""
PATH = "user_data_change"


def change(desk: Desk, user_id: str, **body: Any) -> None:
    desk.call(PATH, {"user_id": user_id}, body=body)


def refused(desk: Desk, user_id: str, body: dict[str, Any]) -> Any:
    return desk.refused(PATH, {"user_id": user_id}, body=body)


def data_of(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in PROOF}


def pending(desk: Desk) -> list[str]:
    return [row.id for row in desk.world.table(DATA_CHANGES) if row.status == "PENDING"]


@pytest.fixture
def user_id(desk: Desk) -> str:
    """Of an active user of a BYOL client."""
    user_id = created(desk, BYOL)
    desk.advance()
    return user_id


@pytest.fixture
def tied(open_desk: OpenDesk) -> Desk:
    return open_desk(overrides=TIED)


@pytest.fixture
def customer(tied: Desk) -> str:
    """Of a user of a TOL client."""
    user_id = created(tied, TOL)
    tied.advance()
    return user_id


# --- Applied ---


def test_the_old_data_are_shown_until_the_event(desk: Desk, user_id: str) -> None:
    before = shown(desk, user_id)
    change(desk, user_id, first_name="Carla")
    assert shown(desk, user_id) == before
    assert desk.advance("1s") == ["USER.DATA_CHANGED"]
    assert shown(desk, user_id) == {**before, "first_name": "Carla", "updated_at": "2023-01-10T09:00:01.100000Z"}


def test_the_event_shows_the_changed_user(desk: Desk, user_id: str) -> None:
    change(desk, user_id, first_name="Carla")
    desk.advance()
    assert desk.told("USER.DATA_CHANGED") == [shown(desk, user_id)]


@pytest.mark.parametrize("member", sorted(EVERYTHING))
def test_a_byol_client_changes_any_one_member(desk: Desk, user_id: str, member: str) -> None:
    before = shown(desk, user_id)
    change(desk, user_id, **{member: EVERYTHING[member]})
    desk.advance()
    after = shown(desk, user_id)
    assert {**after, "updated_at": ""} == {**before, member: EVERYTHING[member], "updated_at": ""}


def test_a_byol_client_changes_everything_at_once(desk: Desk, user_id: str) -> None:
    change(desk, user_id, **EVERYTHING)
    desk.advance()
    assert {name: shown(desk, user_id)[name] for name in EVERYTHING} == EVERYTHING


def test_proof_is_ignored_where_none_is_needed(desk: Desk, user_id: str) -> None:
    change(desk, user_id, **NAME, birth_date="1972-01-30", phone_number="4930901821")
    assert desk.advance() == ["USER.DATA_CHANGED"]
    after = shown(desk, user_id)
    assert (after["first_name"], after["birth_date"]) == ("Carla", "1972-01-30")
    assert not set(after) & {*PROOF, "phone_number"}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: next(iter(form)))
def test_a_tol_client_sends_one_of_four_forms(tied: Desk, customer: str, form: dict[str, Any]) -> None:
    before = shown(tied, customer)
    change(tied, customer, **form)
    assert tied.advance() == ["USER.DATA_CHANGED"]
    assert {**shown(tied, customer), "updated_at": ""} == {**before, **data_of(form), "updated_at": ""}


@pytest.mark.parametrize("other", sorted(set(EVERYTHING) - {"birth_date", "birth_city", "birth_country"}))
def test_each_other_member_is_of_a_form(tied: Desk, customer: str, other: str) -> None:
    forms: dict[str, dict[str, Any]] = {
        "first_name": NAME,
        "last_name": NAME,
        "nationalities": NATIONALITY,
        "address": NEW_ADDRESS,
    }
    change(tied, customer, **forms.get(other, {other: EVERYTHING[other]}))
    assert tied.advance() == ["USER.DATA_CHANGED"]


def test_tags_replace_the_set_and_empty_ones_go(desk: Desk, user_id: str) -> None:
    change(desk, user_id, tags=["CLIENT_EMPLOYEE"])
    desk.advance()
    assert shown(desk, user_id)["tags"] == ["CLIENT_EMPLOYEE"]
    change(desk, user_id, tags=[])
    desk.advance()
    assert "tags" not in shown(desk, user_id)


def test_an_empty_decease_date_clears_it(desk: Desk, user_id: str) -> None:
    change(desk, user_id, decease_date="2022-12-31")
    desk.advance()
    assert shown(desk, user_id)["decease_date"] == "2022-12-31"
    change(desk, user_id, decease_date="")
    desk.advance()
    assert shown(desk, user_id)["decease_date"] is None


def test_a_postal_address_can_be_taken_away(desk: Desk, user_id: str) -> None:
    change(desk, user_id, postal_address=None)
    desk.advance()
    assert shown(desk, user_id)["postal_address"] is None


def test_a_seeded_user_changes_too(desk: Desk) -> None:
    change(desk, desk.user_id, first_name="Carla")
    desk.advance()
    assert shown(desk, desk.user_id)["first_name"] == "Carla"


# --- A new nationality ---


def test_a_new_nationality_has_its_concat(desk: Desk, user_id: str) -> None:
    change(desk, user_id, nationalities=["AT", "DE"])
    desk.advance()
    rows = desk.rows("list_user_identifiers", {"user_id": user_id})
    assert [(row.issuing_country, row.identifier_standard) for row in rows] == [("DE", "CONCAT"), ("AT", "CONCAT")]


def test_a_new_nationality_may_complete_the_onboarding(desk: Desk) -> None:
    user_id = created(desk, nationalities=["PL"])
    assert desk.advance("1h") == []
    change(desk, user_id, nationalities=["DE"])
    assert desk.advance() == ["USER.DATA_CHANGED", "USER.ACTIVATED"]


# --- In order of arrival ---


def test_changes_are_applied_in_order_of_arrival(desk: Desk, user_id: str) -> None:
    for name in ("Anna", "Berta", "Carla"):
        change(desk, user_id, first_name=name)
    desk.advance()
    assert [told["first_name"] for told in desk.told("USER.DATA_CHANGED")] == ["Anna", "Berta", "Carla"]


def test_a_later_change_waits_for_an_earlier_one(open_desk: OpenDesk) -> None:
    slow = {"match": {"data_download_link": LINK}, "delay": "1h"}
    desk = open_desk(overrides={**TIED, "stages": {"user.data_change": {"overrides": [slow]}}})
    user_id = created(desk, TOL)
    change(desk, user_id, **NAME)
    change(desk, user_id, email="max@example.com")
    assert desk.advance("59m") == []
    first, second = pending(desk)
    assert waits(desk, "data_changes", second) == f"data change {first} of the same user came first"
    assert desk.advance("2m") == ["USER.DATA_CHANGED", "USER.DATA_CHANGED"]
    assert [told["email"] for told in desk.told("USER.DATA_CHANGED")] == [TOL["email"], "max@example.com"]


def test_a_failed_change_lets_the_next_one_go_on(open_desk: OpenDesk) -> None:
    desk = open_desk("manual")
    user_id = created(desk)
    change(desk, user_id, first_name="Anna")
    change(desk, user_id, last_name="Meier")
    first, second = pending(desk)
    assert desk.move("data_changes", first, "FAILED") == ["USER.DATA_CHANGE_FAILED"]
    assert desk.move("data_changes", second, "APPLIED") == ["USER.DATA_CHANGED"]
    assert (shown(desk, user_id)["first_name"], shown(desk, user_id)["last_name"]) == ("Karl", "Meier")


ALONE: dict[str, Any] = {"behaviour": {"data_changes": "one_at_a_time"}}


@pytest.mark.parametrize("opened", [("sandbox", ALONE), ("sandbox-strict",)])
def test_by_setting_a_change_beside_a_pending_one_fails(open_desk: OpenDesk, opened: tuple[Any, ...]) -> None:
    desk = open_desk(*opened)
    user_id = created(desk)
    desk.advance("1m")
    for name in ("Anna", "Berta", "Carla"):
        change(desk, user_id, first_name=name)
    told = desk.advance("1m")
    assert told == ["USER.DATA_CHANGED", "USER.DATA_CHANGE_FAILED", "USER.DATA_CHANGE_FAILED"]
    failed = {"user_id": user_id, "reason": "Another data change of the user is pending"}
    assert desk.told("USER.DATA_CHANGE_FAILED") == [failed, failed]
    assert shown(desk, user_id)["first_name"] == "Anna"
    change(desk, user_id, first_name="Dora")  # after the webhook
    assert desk.advance("1m") == ["USER.DATA_CHANGED"]


def test_by_setting_changes_of_two_users_do_not_meet(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides=ALONE)
    two = [created(desk), created(desk)]
    desk.advance("1m")
    for user_id in two:
        change(desk, user_id, first_name="Anna")
    assert desk.advance("1m") == ["USER.DATA_CHANGED"] * 2


def test_changes_of_different_users_do_not_wait_for_each_other(open_desk: OpenDesk) -> None:
    desk = open_desk("manual")
    change(desk, created(desk), first_name="Anna")
    change(desk, created(desk), first_name="Berta")
    _, second = pending(desk)
    assert desk.move("data_changes", second, "APPLIED") == ["USER.DATA_CHANGED"]


# --- Failed ---


@pytest.mark.parametrize("form", FORMS[:3], ids=lambda form: next(iter(form)))
def test_a_marker_in_the_link_makes_a_change_fail(tied: Desk, customer: str, form: dict[str, Any]) -> None:
    before = shown(tied, customer)
    change(tied, customer, **{**form, "data_download_link": "https://bucket.customer.com/FAIL.zip"})
    assert tied.advance() == ["USER.DATA_CHANGE_FAILED"]
    assert tied.told("USER.DATA_CHANGE_FAILED") == [{"user_id": customer, "reason": "Document not readable"}]
    assert shown(tied, customer) == before


def test_the_profile_makes_changes_fail(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"stages": {"user.data_change": {"outcomes": {"FAILED": 1}}}})
    change(desk, desk.user_id, first_name="Anna")
    assert desk.advance() == ["USER.DATA_CHANGE_FAILED"]


def test_a_command_makes_a_change_fail_with_a_reason(open_desk: OpenDesk) -> None:
    desk = open_desk("manual")
    change(desk, desk.user_id, first_name="Anna")
    [row] = pending(desk)
    desk.move("data_changes", row, "FAILED", reason="Name differs")
    assert desk.told("USER.DATA_CHANGE_FAILED") == [{"user_id": desk.user_id, "reason": "Name differs"}]


def test_a_reason_has_at_most_100_characters(open_desk: OpenDesk) -> None:
    desk = open_desk("manual")
    change(desk, desk.user_id, first_name="Anna")
    [row] = pending(desk)
    with pytest.raises(ValidationError):
        desk.move("data_changes", row, "FAILED", reason="x" * 101)
    assert desk.types_since() == []


def test_a_change_fails_that_comes_after_the_end(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"stages": {"user.data_change": {"delay": "1h"}}})
    user_id = created(desk)
    change(desk, user_id, first_name="Anna")
    offboard(desk, user_id)
    assert desk.advance("2h") == ["USER.OFFBOARDED", "USER.DATA_CHANGE_FAILED"]
    assert desk.told("USER.DATA_CHANGE_FAILED") == [{"user_id": user_id, "reason": "User is offboarded"}]


# --- Refused ---


@pytest.mark.parametrize("body", [{}, {"favourite_colour": "red"}])
def test_at_least_one_member_has_to_change(desk: Desk, user_id: str, body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        change(desk, user_id, **body)


@pytest.mark.parametrize(
    "body", [{"phone_number": "4930901820"}, {**NAME, "birth_date": "yesterday"}, {**UNPROVEN, "last_name": "X"}]
)
def test_a_byol_client_keeps_to_the_byol_form(desk: Desk, user_id: str, body: dict[str, Any]) -> None:
    refusal = refused(desk, user_id, body)
    assert (refusal.rule.name, refusal.rule.status) == ("data-change.form", 400)
    assert "licence is BYOL" in refusal.detail


@pytest.mark.parametrize(
    "body",
    [
        {"first_name": "Carla"},
        {"first_name": "Carla", "last_name": "Schmitt"},
        {"nationalities": ["FR"]},
        {"address": MOVED},
        {**NAME, "issuance_date": "yesterday"},
        {**UNPROVEN, "phone_number": "+49 30"},
    ],
)
def test_a_tol_form_is_whole(tied: Desk, customer: str, body: dict[str, Any]) -> None:
    refusal = refused(tied, customer, body)
    assert (refusal.rule.name, refusal.rule.status) == ("data-change.form", 400)
    assert "licence is TOL" in refusal.detail


@pytest.mark.parametrize(
    "body",
    [
        {**NAME, **UNPROVEN},
        {**NAME, **NATIONALITY},
        {**NATIONALITY, **NEW_ADDRESS},
        {**NEW_ADDRESS, "title": "DR"},
        {**NAME, "decease_date": ""},
        {**NAME, "nationalities": 5},
    ],
)
def test_a_tol_change_is_of_one_form_only(tied: Desk, customer: str, body: dict[str, Any]) -> None:
    refusal = refused(tied, customer, body)
    assert (refusal.rule.name, refusal.rule.status) == ("data-change.one-form", 400)
    assert "are of 2 forms" in refusal.detail


@pytest.mark.parametrize("member", ["birth_date", "birth_city", "birth_country"])
@pytest.mark.parametrize("form", [{}, UNPROVEN, NAME])
def test_birth_data_are_not_offered_to_tol(tied: Desk, customer: str, member: str, form: dict[str, Any]) -> None:
    refusal = refused(tied, customer, {**form, member: EVERYTHING[member]})
    assert (refusal.rule.name, refusal.rule.status) == ("data-change.one-form", 400)
    assert f"{member} cannot be changed" in refusal.detail


@pytest.mark.parametrize("date", ["2022-02-30", "2023-02-29", "0000-01-01"])
def test_a_decease_date_is_a_day_of_the_calendar(desk: Desk, user_id: str, date: str) -> None:
    refusal = refused(desk, user_id, {"decease_date": date})
    assert (refusal.rule.name, refusal.rule.status) == ("data-change.decease-date", 400)


@pytest.mark.parametrize("member", ["address", "postal_address"])
def test_a_new_address_is_no_post_box(desk: Desk, user_id: str, member: str) -> None:
    refusal = refused(desk, user_id, {member: {**ADDRESS, "address_line2": "Postfach 4"}})
    assert (refusal.rule.name, refusal.rule.status) == ("user.address", 400)


@pytest.mark.parametrize("gone", [False, True])
def test_who_leaves_changes_no_more(desk: Desk, user_id: str, gone: bool) -> None:
    offboard(desk, user_id)
    if gone:
        desk.advance()
    refusal = refused(desk, user_id, {"first_name": "Anna"})
    assert (refusal.rule.name, refusal.rule.status) == ("user.leaves", 400)


def test_a_last_name_needs_two_letters_now(desk: Desk, user_id: str) -> None:
    assert created(desk, last_name="X")  # one is enough on creation (§20)
    with pytest.raises(ValidationError):
        change(desk, user_id, last_name="X")


def test_an_unknown_user_is_404(desk: Desk) -> None:
    assert refused(desk, NOBODY, {"first_name": "Anna"}).rule.status == 404
