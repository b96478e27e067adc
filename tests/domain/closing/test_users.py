"""trading.md §2.4: the end of the relation with a user."""

from __future__ import annotations

import pytest

from mockserver.domain import seeding
from mockserver.kernel.lifecycle import Hold
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import NOBODY, Desk
from tests.domain.support.people import created, offboard, shown, status, waits


@pytest.fixture
def leaver(open_desk: OpenDesk) -> Desk:
    """Whose user has one group with one empty account."""
    return open_desk(cash="0", configured=False)


def close(desk: Desk, resource: str, identity: str) -> list[str]:
    """Close an account or group, and let happen what that brings."""
    desk.move(resource, identity, "CLOSING")
    return desk.advance("1m")


@pytest.mark.parametrize("active", [True, False])
def test_a_user_without_accounts_is_gone_soon(desk: Desk, active: bool) -> None:
    user_id = created(desk)
    if active:
        desk.advance()
    position = desk.world.events.end
    offboard(desk, user_id)
    assert desk.types_since(position) == ["USER.OFFBOARDING_INITIATED"]
    assert status(desk, user_id) == "OFFBOARDING"
    assert desk.advance("1s") == ["USER.OFFBOARDED"]
    assert status(desk, user_id) == "OFFBOARDED"


def test_both_events_show_the_user(desk: Desk) -> None:
    user_id = created(desk)
    offboard(desk, user_id)
    assert desk.told("USER.OFFBOARDING_INITIATED") == [shown(desk, user_id)]
    desk.advance()
    assert desk.told("USER.OFFBOARDED") == [shown(desk, user_id)]


def test_it_is_accepted_with_open_accounts_and_waits(leaver: Desk) -> None:
    offboard(leaver, leaver.user_id)
    assert leaver.advance("30d") == []
    reason = waits(leaver, "users", leaver.user_id)
    assert reason == f"account {leaver.account_id} is ACTIVE (2 still open)"


def test_the_last_one_closed_ends_it(leaver: Desk) -> None:
    offboard(leaver, leaver.user_id)
    leaver.advance()
    close(leaver, "accounts", leaver.account_id)
    assert waits(leaver, "users", leaver.user_id) == f"account group {leaver.group_id} is ACTIVE (1 still open)"
    told = close(leaver, "account_groups", leaver.group_id)
    assert told == ["ACCOUNT_GROUP.CLOSED", "USER.OFFBOARDED"]


def test_with_all_closed_before_nothing_is_waited_for(leaver: Desk) -> None:
    close(leaver, "accounts", leaver.account_id)
    close(leaver, "account_groups", leaver.group_id)
    offboard(leaver, leaver.user_id)
    assert leaver.advance("1s") == ["USER.OFFBOARDED"]


def test_somebody_elses_accounts_do_not_count(desk: Desk) -> None:
    seeding.account(desk.world)
    user_id = created(desk)
    offboard(desk, user_id)
    desk.advance()
    assert status(desk, user_id) == "OFFBOARDED"


def test_no_command_ends_it_early(leaver: Desk) -> None:
    offboard(leaver, leaver.user_id)
    with pytest.raises(Hold, match=f"account {leaver.account_id} is ACTIVE"):
        leaver.move("users", leaver.user_id, "OFFBOARDED")
    assert status(leaver, leaver.user_id) == "OFFBOARDING"


@pytest.mark.parametrize("later", [False, True])
def test_a_second_time_is_accepted_and_tells_nothing(desk: Desk, later: bool) -> None:
    user_id = created(desk)
    offboard(desk, user_id)
    if later:
        desk.advance()
    before = shown(desk, user_id)
    position = desk.world.events.end
    offboard(desk, user_id)
    assert desk.types_since(position) == []
    assert shown(desk, user_id) == before


def test_the_history_stays_readable(leaver: Desk) -> None:
    close(leaver, "accounts", leaver.account_id)
    close(leaver, "account_groups", leaver.group_id)
    offboard(leaver, leaver.user_id)
    leaver.advance()
    assert [row.id for row in leaver.rows("list_users")] == [leaver.user_id]
    assert [row.id for row in leaver.rows("list_user_accounts", {"user_id": leaver.user_id})] == [leaver.account_id]


def test_an_unknown_user_is_404(desk: Desk) -> None:
    assert desk.refused("offboard_user", {"user_id": NOBODY}).rule.status == 404
