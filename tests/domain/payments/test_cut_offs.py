"""payments.md §16: bank files go out at the cut-off of business days, where the profile has one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from mockserver.domain.payments.cut_offs import after_business_days, next_cut_off
from tests.domain.conftest import OpenDesk


@dataclass(frozen=True)
class Made:
    created_at: datetime


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


MONDAY, FRIDAY, SATURDAY = "2023-01-09", "2023-01-06", "2023-01-07"


@pytest.mark.parametrize(
    ("now", "file", "money"),
    [
        # 12:00 in Berlin is 11:00Z; the money is there two business days after the creation day.
        (f"{MONDAY}T10:00", f"{MONDAY}T11:00", "2023-01-11T11:00"),
        (f"{MONDAY}T11:00", "2023-01-10T11:00", "2023-01-11T11:00"),
        (f"{FRIDAY}T15:00", f"{MONDAY}T11:00", "2023-01-10T11:00"),
        (f"{SATURDAY}T15:00", f"{MONDAY}T11:00", "2023-01-10T11:00"),
    ],
)
def test_live_acts_at_noon_of_business_days(open_desk: OpenDesk, now: str, file: str, money: str) -> None:
    world = open_desk("live", now=at(now)).world
    made = Made(world.now)
    assert next_cut_off(world, made) == at(file)
    world.clock.reach(at(file))
    assert after_business_days(2, "created_at")(world, made) == at(money)


def test_without_a_member_the_days_count_from_now(open_desk: OpenDesk) -> None:
    world = open_desk("live", now=at(f"{MONDAY}T11:00")).world
    assert after_business_days(1)(world, Made(at("2022-12-01"))) == at("2023-01-10T11:00")


def test_an_instant_that_has_passed_is_now(open_desk: OpenDesk) -> None:
    world = open_desk("live", now=at(f"{MONDAY}T14:00")).world
    assert after_business_days(1, "created_at")(world, Made(at("2022-12-01"))) == world.now


@pytest.mark.parametrize("profile", ["sandbox", "sandbox-strict", "manual"])
def test_the_other_profiles_leave_it_to_the_delay(open_desk: OpenDesk, profile: str) -> None:
    world = open_desk(profile).world
    assert next_cut_off(world, None) is None
    assert after_business_days(2)(world, None) is None


def test_a_cut_off_is_a_setting(open_desk: OpenDesk) -> None:
    world = open_desk("sandbox", {"payments": {"cut_off": "09:30"}}, now=at(f"{MONDAY}T08:00")).world
    assert next_cut_off(world, None) == at(f"{MONDAY}T08:30")
