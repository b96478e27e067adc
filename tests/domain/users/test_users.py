"""trading.md §2.1: users are created in the form of the client's licence."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from mockserver.domain.users.users import USERS
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import NOBODY, Desk
from tests.domain.support.people import ADDRESS, BYOL, LEAST, OF_TOL, TIED, TOL, create, created, shown


@pytest.fixture
def tied(open_desk: OpenDesk) -> Desk:
    return open_desk(overrides=TIED)


# --- The answer ---


def test_a_byol_user_answers_what_was_sent(desk: Desk) -> None:
    user = create(desk, BYOL)
    assert user.pop("id")
    assert user == {
        **BYOL,
        "created_at": "2023-01-10T09:00:00Z",
        "updated_at": "2023-01-10T09:00:00Z",
        "decease_date": None,
        "status": "INACTIVE",
    }


def test_a_tol_user_answers_with_consents_and_fatca(tied: Desk) -> None:
    user = create(tied, TOL)
    assert {name: user[name] for name in TOL} == TOL
    assert set(user) - set(TOL) == {"id", "created_at", "updated_at", "decease_date", "status"}


def test_what_was_not_sent_is_left_out_or_null(desk: Desk) -> None:
    user = create(desk)
    assert set(user) - set(LEAST) == {"id", "created_at", "updated_at", "status", "postal_address", "decease_date"}
    assert (user["postal_address"], user["decease_date"]) == (None, None)


def test_a_postal_address_may_be_null(desk: Desk) -> None:
    assert create(desk, BYOL, postal_address=None)["postal_address"] is None


def test_optional_texts_may_be_empty(desk: Desk) -> None:
    user = create(desk, title="", salutation="", gender="")
    assert (user["title"], user["salutation"], user["gender"]) == ("", "", "")


def test_tags_are_shown(desk: Desk) -> None:
    assert create(desk, tags=["CLIENT_EMPLOYEE"])["tags"] == ["CLIENT_EMPLOYEE"]


def test_empty_tags_are_left_out(desk: Desk) -> None:
    assert "tags" not in create(desk, tags=[])


@pytest.mark.parametrize("tags", [["VIP"], ["CLIENT_EMPLOYEE", "CLIENT_EMPLOYEE"]])
def test_tags_are_a_set_of_one_known_tag(desk: Desk, tags: list[str]) -> None:
    with pytest.raises(ValidationError):
        create(desk, tags=tags)


def test_what_was_created_can_be_read_and_is_told(desk: Desk) -> None:
    user = create(desk, BYOL)
    assert shown(desk, user["id"]) == user
    assert desk.told("USER.CREATED") == [user]


def test_the_list_has_it_in_order_of_creation(desk: Desk) -> None:
    desk.advance("1s")
    user_id = created(desk)
    assert [row.id for row in desk.rows("list_users")] == [desk.user_id, user_id]


def test_the_same_person_may_be_created_twice(desk: Desk) -> None:
    assert created(desk, BYOL) != created(desk, BYOL)


# --- The two forms ---


@pytest.mark.parametrize("extra", [OF_TOL, {"favourite_colour": "red"}, {"fatca": "no fatca at all"}])
def test_byol_ignores_what_its_form_does_not_have(desk: Desk, extra: dict[str, Any]) -> None:
    assert not set(create(desk, BYOL, **extra)) & set(extra)


def test_tol_ignores_what_no_form_has(tied: Desk) -> None:
    assert "favourite_colour" not in create(tied, TOL, favourite_colour="red")


@pytest.mark.parametrize("consent", ["terms_and_conditions", "data_privacy_and_sharing_agreement"])
def test_tol_users_may_be_created_without_consents(tied: Desk, consent: str) -> None:
    assert consent not in create(tied, {name: value for name, value in TOL.items() if name != consent})


@pytest.mark.parametrize("member", ["email", "fatca"])
def test_tol_wants_email_and_fatca(tied: Desk, member: str) -> None:
    refusal = tied.refused("create_user", body={name: value for name, value in TOL.items() if name != member})
    assert (refusal.rule.name, refusal.rule.status) == ("user.form", 400)
    assert refusal.detail.startswith(f"(root): field {member!r} was not filled.")
    assert "behaviour.licence" in refusal.detail


def test_tol_names_all_that_is_wrong(tied: Desk) -> None:
    refusal = tied.refused("create_user", body={**BYOL, "fatca": {"status": "no"}, "phone_number": "+49 30"})
    for place in ("(root).fatca.status", "(root).fatca: field 'confirmed_at'", "(root).phone_number"):
        assert place in refusal.detail


@pytest.mark.parametrize("member", sorted(LEAST))
def test_no_user_is_without(desk: Desk, member: str) -> None:
    with pytest.raises(ValidationError):
        create(desk, {name: value for name, value in LEAST.items() if name != member})


# --- Addresses ---


@pytest.mark.parametrize(
    "line", ["Postfach 12 34", "P.O. Box 7", "PO Box 7", "c/o Meier", "Rosenweg 1, C/O Meier", "Post Office Box 3"]
)
@pytest.mark.parametrize("member", ["address", "postal_address"])
@pytest.mark.parametrize("name", ["address_line1", "address_line2"])
def test_an_address_is_no_post_box_and_no_co(desk: Desk, member: str, name: str, line: str) -> None:
    refusal = desk.refused("create_user", body={**BYOL, member: {**ADDRESS, name: line}})
    assert (refusal.rule.name, refusal.rule.status) == ("user.address", 400)
    assert refusal.detail.startswith(f"(root).{member}.{name}:")


@pytest.mark.parametrize("line", ["Postfachweg 3", "Boxhagener Straße 1", "Coburger Platz 2", "Poststraße 5"])
def test_streets_may_sound_like_post(desk: Desk, line: str) -> None:
    assert create(desk, address={**ADDRESS, "address_line1": line})["address"]["address_line1"] == line


# --- The status of the answer ---


def test_a_created_user_is_active_at_once_where_the_profile_says_so(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"behaviour": {"new_user": "ACTIVE"}})
    user = create(desk)
    assert user["status"] == "ACTIVE"
    assert desk.told("USER.CREATED") == [user]
    assert desk.advance("1h") == []  # it needs no onboarding


def test_an_unknown_user_is_404(desk: Desk) -> None:
    assert desk.refused("retrieve_user", {"user_id": NOBODY}).rule.status == 404


def test_seeded_users_keep_their_form(desk: Desk) -> None:
    assert desk.world.table(USERS)[desk.user_id].wire.endswith(b'"status":"ACTIVE"}')
