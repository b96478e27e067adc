"""trading.md §2.2: the status of a user, what changes it, and who waits for it."""

from __future__ import annotations

import pytest

from mockserver.domain import seeding
from mockserver.domain.users.users import USER_LIFE, USERS, present
from mockserver.kernel.holds import Held
from mockserver.kernel.lifecycle import IllegalMoveError
from mockserver.kernel.rules import Refusal
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import NOBODY, Desk
from tests.domain.support.people import created, offboard, status, waits


@pytest.fixture
def user_id(desk: Desk) -> str:
    """Of a user who was created and has become active."""
    user_id = created(desk)
    desk.advance()
    return user_id


def test_a_user_is_inactive_until_activated(desk: Desk) -> None:
    user_id = created(desk)
    assert status(desk, user_id) == "INACTIVE"
    assert desk.advance("1s") == ["USER.ACTIVATED"]
    assert status(desk, user_id) == "ACTIVE"


def test_activation_stamps_the_user(desk: Desk, user_id: str) -> None:
    (told,) = desk.told("USER.ACTIVATED")
    assert (told["id"], told["status"]) == (user_id, "ACTIVE")
    assert told["created_at"] == "2023-01-10T09:00:00Z"
    assert told["updated_at"] == "2023-01-10T09:00:00.100000Z"  # the sandbox takes a tenth of a second for each step


def test_by_command_only_in_the_manual_profile(open_desk: OpenDesk) -> None:
    desk = open_desk("manual")
    user_id = created(desk)
    assert desk.advance("1h") == []
    assert desk.move("users", user_id, "ACTIVE") == ["USER.ACTIVATED"]


def test_upvest_deactivates_a_user(desk: Desk, user_id: str) -> None:
    assert desk.move("users", user_id, "INACTIVE") == ["USER.DEACTIVATED"]
    assert status(desk, user_id) == "INACTIVE"


def test_who_was_deactivated_stays_so_until_a_command(desk: Desk, user_id: str) -> None:
    desk.move("users", user_id, "INACTIVE")
    assert desk.advance("1h") == []
    assert "only a command" in str(waits(desk, "users", user_id))
    assert desk.move("users", user_id, "ACTIVE") == ["USER.ACTIVATED"]


def test_a_second_deactivation_stays_too(desk: Desk, user_id: str) -> None:
    for to in ("INACTIVE", "ACTIVE", "INACTIVE"):
        desk.move("users", user_id, to)
    assert desk.advance("1h") == []


@pytest.mark.parametrize("to", ["OFFBOARDED", "ACTIVE"])
def test_what_the_table_does_not_list_cannot_happen(desk: Desk, user_id: str, to: str) -> None:
    with pytest.raises(IllegalMoveError):
        desk.move("users", user_id, to)


@pytest.mark.parametrize("to", ["ACTIVE", "INACTIVE", "OFFBOARDING"])
def test_every_change_of_status_wakes_who_waits_for_the_user(desk: Desk, user_id: str, to: str) -> None:
    if to == "ACTIVE":
        desk.move("users", user_id, "INACTIVE")
    desk.world.holds.set("accounts", desk.account_id, Held("account.approve", "waits", f"user/{user_id}"))
    desk.move("users", user_id, to)
    held = desk.world.holds.get("accounts", desk.account_id)
    assert held is not None  # it keeps its place until it has looked
    assert held.retry is not None
    assert held.retry.due == desk.world.now


def test_a_user_who_leaves_is_activated_no_more(desk: Desk) -> None:
    user_id = created(desk)
    offboard(desk, user_id)
    assert desk.advance("1h") == ["USER.OFFBOARDED"]


@pytest.mark.parametrize(
    ("state", "told"), [("ACTIVE", []), ("INACTIVE", ["USER.ACTIVATED"]), ("OFFBOARDING", ["USER.OFFBOARDED"])]
)
def test_a_seeded_user_goes_on_from_there(desk: Desk, state: str, told: list[str]) -> None:
    seeding.user(desk.world, status=state)
    assert desk.advance() == told


# --- What other rules ask of a user ---


@pytest.mark.parametrize("state", ["INACTIVE", "ACTIVE"])
def test_a_user_is_present_before_and_after_activation(desk: Desk, state: str) -> None:
    user_id = created(desk)
    if state == "ACTIVE":
        desk.advance()
    assert present(desk.world, user_id).status == state


@pytest.mark.parametrize("state", ["OFFBOARDING", "OFFBOARDED"])
def test_a_user_who_leaves_is_not_present(desk: Desk, user_id: str, state: str) -> None:
    offboard(desk, user_id)
    if state == "OFFBOARDED":
        desk.advance()
    with pytest.raises(Refusal) as refused:
        present(desk.world, user_id)
    assert (refused.value.rule.name, refused.value.rule.status) == ("user.leaves", 400)
    assert state in refused.value.detail


def test_nobody_is_not_present(desk: Desk) -> None:
    with pytest.raises(Refusal) as refused:
        present(desk.world, NOBODY)
    assert refused.value.rule.status == 404


def test_every_row_of_the_life_cycle_has_its_event(desk: Desk) -> None:
    assert {(row.before, row.to): row.event for row in USER_LIFE.rows.values()} == {
        (None, "INACTIVE"): "USER.CREATED",
        (None, "ACTIVE"): "USER.CREATED",
        ("INACTIVE", "ACTIVE"): "USER.ACTIVATED",
        ("ACTIVE", "INACTIVE"): "USER.DEACTIVATED",
        ("INACTIVE", "OFFBOARDING"): "USER.OFFBOARDING_INITIATED",
        ("ACTIVE", "OFFBOARDING"): "USER.OFFBOARDING_INITIATED",
        ("OFFBOARDING", "OFFBOARDED"): "USER.OFFBOARDED",
    }
    assert USER_LIFE.kind is USERS
