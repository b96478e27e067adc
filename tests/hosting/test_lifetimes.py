"""Worlds that are removed by themselves: after a time without use, or when nobody renews their lease."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from mockserver.hosting.lifetimes import Lifetime
from mockserver.hosting.refusals import BAD_SETTING
from mockserver.hosting.registry import DEFAULT_CLIENT_ID
from mockserver.kernel import system
from mockserver.kernel.rules import Refusal
from mockserver.server import ServerSettings, host_of
from tests.conftest import Api

WORLDS = "/_mock/worlds"
CLIENT = "404b170a-9042-41ed-9a51-2eabd0c03f8a"
WORLD = f"{WORLDS}/{CLIENT}"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)

Later = Callable[[float], None]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """``later(60)``: a minute of the machine's time has gone."""
    gone = [1_000.0]
    monkeypatch.setattr(system, "stopwatch", lambda: gone[0])
    monkeypatch.setattr(system, "wall_now", lambda: NOW + timedelta(seconds=gone[0] - 1_000))

    def move(seconds: float) -> None:
        gone[0] += seconds

    return move


@pytest.fixture
def look(client: Api, later: Later) -> Callable[..., None]:
    """``look(after=60)``: the server looks at its worlds after so many seconds."""
    worlds = client.worlds
    assert worlds is not None

    def looked(after: float) -> None:
        later(after)
        worlds.lifetimes.end_those_over()

    return looked


Look = Callable[..., None]


async def make(client: Api, **members: object) -> dict[str, object]:
    answer = await client.post(WORLDS, json={"client_id": CLIENT, "auth": "off", **members})
    assert answer.status == 201, answer.body
    made: dict[str, object] = answer.json
    return made


async def there(client: Api) -> bool:
    return CLIENT in [each["client_id"] for each in (await client.get(WORLDS)).json["worlds"]]


async def test_a_world_stays_by_default(client: Api, look: Look) -> None:
    made = await make(client)
    assert (made["ttl"], made["lease"], made["removed_at"]) == (None, None, None)
    look(after=10**9)
    assert await there(client)


async def test_a_world_is_removed_after_its_time_without_use(client: Api, look: Look) -> None:
    made = await make(client, ttl="10m")
    assert (made["ttl"], made["lease"], made["removed_at"]) == ("10m", None, "2026-03-02T09:10:00Z")
    look(after=599)
    assert await there(client)
    look(after=1)
    assert not await there(client)
    answer = await client.get(WORLD)
    assert answer.status == 404
    assert "It was removed after 10m without a request (--world-ttl)." in answer.detail


@pytest.mark.parametrize("path", ["/users", "/auth/token"])
async def test_a_request_to_a_removed_world_is_told_why(client: Api, look: Look, path: str) -> None:
    await make(client, ttl="10m")
    look(after=600)
    answer = await client.get("/users", headers={"upvest-client-id": CLIENT.upper()})
    assert answer.status == 401
    assert "It was removed after 10m without a request (--world-ttl)." in answer.detail


async def test_a_client_that_never_was_is_told_nothing_of_it(client: Api) -> None:
    answer = await client.get("/users", headers={"upvest-client-id": CLIENT})
    assert answer.status == 401
    assert "removed" not in answer.detail


async def test_requests_keep_a_world(client: Api, look: Look) -> None:
    await make(client, ttl="10m")
    for _ in range(5):
        look(after=500)
        await client.get("/users", headers={"upvest-client-id": CLIENT})
        look(after=1)
    look(after=599)  # a use counts from when it was seen
    assert await there(client)
    look(after=1)
    assert not await there(client)


async def test_commands_keep_a_world(client: Api, look: Look) -> None:
    await make(client, ttl="10m")
    for _ in range(5):
        look(after=500)
        shown = (await client.get(f"{WORLD}/clock")).status
        assert shown == 200
        look(after=1)
    assert await there(client)
    look(after=600)
    assert not await there(client)


async def test_a_list_of_worlds_keeps_none(client: Api, look: Look) -> None:
    await make(client, ttl="10m")
    look(after=599)
    assert await there(client)
    look(after=1)
    assert not await there(client)


async def test_showing_a_world_says_when_it_would_be_removed(client: Api, later: Later) -> None:
    await make(client, ttl="10m")
    later(300)
    (_, shown) = (await client.get(WORLDS)).json["worlds"]
    assert shown["removed_at"] == "2026-03-02T09:10:00Z"
    assert (await client.get(WORLD)).json["removed_at"] == "2026-03-02T09:15:00Z"  # that was a use


async def test_a_lease_ends_whatever_the_world_is_used_for(client: Api, look: Look) -> None:
    made = await make(client, lease="2m")
    assert (made["ttl"], made["lease"], made["removed_at"]) == (None, "2m", "2026-03-02T09:02:00Z")
    for _ in range(3):
        look(after=39)
        assert (await client.get(WORLD)).status == 200
        await client.get("/users", headers={"upvest-client-id": CLIENT})
    look(after=3)
    answer = await client.get(WORLD)
    assert answer.status == 404
    assert "It was removed: its lease of 2m was not renewed." in answer.detail


async def test_a_lease_is_renewed(client: Api, look: Look) -> None:
    await make(client, lease="2m")
    for count in range(1, 6):
        look(after=100)
        answer = await client.put(f"{WORLD}/lease")
        assert (answer.status, answer.json["lease"]) == (200, "2m")
        assert answer.json["removed_at"] == f"{NOW + timedelta(seconds=100 * count + 120):%Y-%m-%dT%H:%M:%SZ}"
    answer = await client.put(f"{WORLD}/lease", json={"lease": "1h"})
    assert answer.json["lease"] == "1h"
    look(after=3_599)
    assert await there(client)
    look(after=1)
    assert not await there(client)


async def test_only_a_world_with_a_lease_can_renew_it_without_saying_how_long(client: Api) -> None:
    await make(client)
    answer = await client.put(f"{WORLD}/lease")
    assert answer.status == 409
    assert '{"lease": "2m"}' in answer.detail
    assert (await client.put(f"{WORLD}/lease", json={"lease": "2m"})).status == 200


async def test_the_default_world_takes_no_lease(client: Api) -> None:
    assert (await client.put(f"{WORLDS}/default/lease", json={"lease": "2m"})).status == 409


@pytest.mark.parametrize(
    ("members", "problem"),
    [
        ({"ttl": "soon"}, "(root).ttl: 'soon' is not a duration: write for example 250ms, 5s, 1h30m, 2d or 1w"),
        ({"lease": "0s"}, "(root).lease: expected a duration of more than 0 and at most 366d, got '0s'"),
        ({"ttl": "1000w"}, "(root).ttl: expected a duration of more than 0 and at most 366d, got '1000w'"),
        ({"ttl": "1m", "lease": "1m"}, "(root).ttl: expected a ttl or a lease, got both"),
    ],
)
async def test_a_lifetime_that_is_none_is_refused(client: Api, members: dict[str, str], problem: str) -> None:
    answer = await client.post(WORLDS, json={"client_id": CLIENT, **members})
    assert (answer.status, answer.detail) == (400, problem)
    assert not await there(client)


async def test_a_world_that_is_moved_for_long_is_in_use(client: Api, look: Look) -> None:
    await make(client, ttl="10m")
    worlds = client.worlds
    assert worlds is not None
    async with worlds.get(CLIENT).driver.still():
        look(after=6_000)
    assert await there(client)
    look(after=599)
    assert await there(client)
    look(after=1)
    assert not await there(client)


async def test_the_server_looks_by_itself(client: Api, later: Later, monkeypatch: pytest.MonkeyPatch) -> None:
    await make(client, ttl="10m")
    later(600)
    loop = asyncio.get_running_loop()
    real = loop.time
    monkeypatch.setattr(loop, "time", lambda: real() + 60)  # a tenth of its span, for the timer
    await client.get("/_mock/health")
    assert not await there(client)


async def test_a_client_id_that_was_left_is_taken_over(client: Api) -> None:
    first = await make(client, seed=1)
    answer = await client.post(WORLDS, json={"client_id": CLIENT, "auth": "off", "seed": 2})
    assert answer.status == 409
    assert '"take_over": true' in answer.detail
    assert "--mockserver-take-over" in answer.detail
    second = await make(client, seed=2, take_over=True)
    assert (first["seed"], second["seed"], (await client.get(WORLD)).json["seed"]) == (1, 2, 2)
    assert (await client.get("/_mock/health")).json["worlds"] == 2


async def test_so_is_one_that_the_scenario_names_and_one_that_nobody_has(client: Api) -> None:
    scenario = {"name": "fixed", "client": {"id": CLIENT}}
    for expected, take_over in ((201, True), (409, False), (201, True)):
        answer = await client.post(WORLDS, json={"scenario": scenario, "take_over": take_over})
        assert answer.status == expected


async def test_a_take_over_that_is_refused_leaves_the_world(client: Api) -> None:
    await make(client, seed=1)
    answer = await client.post(WORLDS, json={"client_id": CLIENT, "profile": "nothing", "take_over": True})
    assert answer.status == 400
    assert (await client.get(WORLD)).json["seed"] == 1


async def test_the_default_world_is_not_taken_over(client: Api) -> None:
    answer = await client.post(WORLDS, json={"client_id": DEFAULT_CLIENT_ID, "take_over": True})
    assert answer.status == 409
    assert "reset it instead" in answer.detail


async def test_a_server_sets_the_time_of_worlds_made_by_command_and_not_of_its_own() -> None:
    host = host_of(ServerSettings(scenarios=["portfolio-switch"], world_ttl="10m"))
    assert host.defaults.lifetime == Lifetime(timedelta(minutes=10))
    assert [host.worlds.lifetimes.of(tenant) for tenant in host.worlds] == [None]


def test_a_server_refuses_a_time_that_is_none() -> None:
    with pytest.raises(Refusal, match="world-ttl: 'soon' is not a duration") as refused:
        host_of(ServerSettings(world_ttl="soon"))
    assert refused.value.rule is BAD_SETTING
