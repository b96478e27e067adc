"""The rate limit: so many requests in any second (concepts.md §9.1 [D])."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.kernel import system
from mockserver.kernel.profile import Profile, profile
from mockserver.kernel.rules import Refusal
from mockserver.protocol.throttle import Throttle
from tests.conftest import NOW, Api
from tests.protocol.allocations import HANDLERS, PATH
from tests.protocol.conftest import Serve

SECOND = timedelta(seconds=1)
CLIENT = "363f3305-7ab0-4e82-a158-f9d382ad08b6"


def passes(throttle: Throttle, at: datetime, limit: int = 2) -> bool:
    try:
        throttle.check(CLIENT, limit, at)
    except Refusal:
        return False
    return True


def test_as_many_pass_as_the_limit_says_until_the_second_is_over() -> None:
    throttle = Throttle()
    shortly = NOW + SECOND / 2
    assert [passes(throttle, at) for at in (NOW, shortly, shortly)] == [True, True, False]
    assert not passes(throttle, NOW + SECOND - timedelta(microseconds=1))
    assert passes(throttle, NOW + SECOND)
    assert not passes(throttle, NOW + SECOND)
    assert passes(throttle, shortly + SECOND)


def test_refused_requests_do_not_count() -> None:
    throttle = Throttle()
    assert [passes(throttle, NOW) for _ in range(100)] == [True, True] + [False] * 98
    assert passes(throttle, NOW + SECOND)


def test_a_machine_whose_time_goes_back_locks_nobody_out() -> None:
    throttle = Throttle()
    assert [passes(throttle, NOW) for _ in range(3)] == [True, True, False]
    assert passes(throttle, NOW - timedelta(hours=1))


@given(st.lists(st.integers(0, 3000), max_size=60).map(sorted), st.integers(1, 5))
def test_in_no_second_more_than_the_limit_pass_and_none_is_refused_below_it(moments: list[int], limit: int) -> None:
    throttle, passed = Throttle(), list[int]()
    for moment in moments:
        within = [earlier for earlier in passed if moment - earlier < 1000]
        assert passes(throttle, NOW + timedelta(milliseconds=moment), limit) == (len(within) < limit)
        if len(within) < limit:
            passed.append(moment)


@pytest.mark.parametrize("name", ["sandbox", "live", "manual"])
def test_it_is_off_but_in_the_profile_that_is_strict(name: str) -> None:
    assert profile(name).limits.requests_per_second is None
    assert profile("sandbox-strict").limits.requests_per_second == 300


@pytest.mark.parametrize("wrong", [0, -1, 100_001, "many"])
def test_a_limit_that_makes_no_sense_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match="requests_per_second"):
        profile("sandbox", {"limits": {"requests_per_second": wrong}})


def limited(limit: int) -> Profile:
    return profile("sandbox", {"limits": {"requests_per_second": limit}})


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    wall = [NOW]
    monkeypatch.setattr(system, "wall_now", lambda: wall[0])
    return wall


async def test_300_requests_a_second_pass_and_no_more(serve: Serve, wall: list[datetime]) -> None:
    api = await serve(HANDLERS)
    api.world.profile = limited(300)
    assert {(await api.get(PATH)).status for _ in range(300)} == {200}
    answer = await api.get(PATH)
    assert answer.status == 429
    assert answer.json["type"] == "https://docs.upvest.co/errors/too_many_requests"
    assert answer.json["title"] == "Too many requests"
    assert answer.detail == (
        f"More than 300 requests of client {CLIENT} within a second: repeat with exponential backoff."
    )
    assert "retry-after" not in answer.headers
    *_, entry = api.tenant.journal
    assert (entry.status, entry.refusal) == (429, "request.rate")
    wall[0] += SECOND
    assert (await api.get(PATH)).status == 200


async def test_off_nothing_is_counted(serve: Serve, wall: list[datetime]) -> None:
    api = await serve(HANDLERS)
    assert {(await api.get(PATH)).status for _ in range(400)} == {200}


async def test_tokens_count_and_unknown_paths_do_not(serve: Serve, wall: list[datetime]) -> None:
    api = await serve(HANDLERS)
    api.world.profile = limited(1)
    api.headers = {"upvest-client-id": CLIENT}
    assert (await api.get("/nowhere")).status == 404
    assert (await api.post("/auth/token", data=b"")).status == 400
    assert (await api.post("/auth/token", data=b"")).status == 429
    assert (await api.get("/nowhere")).status == 404


async def test_each_client_has_a_limit_of_its_own(client: Api, wall: list[datetime]) -> None:
    client.world.profile = limited(1)
    other = {
        "client_id": "404b170a-9042-41ed-9a51-2eabd0c03f8a",
        "auth": "off",
        "scenario": {"name": "limited", "profile": {"limits": {"requests_per_second": 1}}},
    }
    assert (await client.post("/_mock/worlds", json=other)).status == 201
    mine, theirs = {"upvest-client-id": CLIENT}, {"upvest-client-id": other["client_id"]}
    statuses = [(await client.get(PATH, headers=each)).status for each in (mine, theirs, mine, theirs)]
    assert statuses == [200, 200, 429, 429]


async def test_the_control_api_is_not_limited(client: Api, wall: list[datetime]) -> None:
    client.world.profile = limited(1)
    assert {(await client.get("/_mock/worlds/default/clock")).status for _ in range(3)} == {200}
