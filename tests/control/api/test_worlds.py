"""Worlds over HTTP: list, create, show, remove, reset, snapshots."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from mockserver.contract import contract
from mockserver.domain import seeding
from mockserver.hosting import registry
from mockserver.hosting.registry import DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET
from mockserver.kernel import system
from mockserver.kernel.world import World
from tests.conftest import Api

WORLDS = "/_mock/worlds"
DEFAULT = f"{WORLDS}/default"
CLIENT = "404b170a-9042-41ed-9a51-2eabd0c03f8a"
SCENARIO = {
    "name": "one-allocation",
    "clock": "2023-03-01T08:00:00Z",
    "allocations": [{"as": "mix", "allocation": [{"instrument_id": "IE00BKBF6H24", "weight": "1"}]}],
}


async def names(client: Api) -> list[str]:
    return [each["world"] for each in (await client.get(WORLDS)).json["worlds"]]


async def test_the_health_check_is_ready(client: Api) -> None:
    answer = await client.get("/_mock/health")
    version = contract().document["info"]["version"]
    assert answer.status == 200
    assert answer.json == {"name": "mockserver", "status": "ready", "worlds": 1, "contract": version}
    assert UUID(answer.headers["upvest-request-id"]).version == 4


async def test_the_default_world_is_shown_with_its_credentials(client: Api) -> None:
    shown = (await client.get(DEFAULT)).json
    assert (shown["client_id"], shown["client_secret"]) == (DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET)
    assert (shown["now"], shown["mode"], shown["profile"]) == ("2023-01-10T09:00:00Z", "manual", "sandbox")
    assert len(shown["scopes"]) == 57
    assert (await client.get(f"{WORLDS}/{DEFAULT_CLIENT_ID}")).json == shown


async def test_a_world_is_made_from_nothing(client: Api) -> None:
    answer = await client.post(WORLDS)
    assert answer.status == 201
    made = answer.json
    assert UUID(made["client_id"]).version == 4
    assert made["client_secret"]
    assert made["world"] == made["client_id"]
    assert made["scenario"] is None
    assert await names(client) == ["default", made["world"]]


async def test_a_world_is_made_as_asked(client: Api) -> None:
    asked = {
        "scenario": SCENARIO,
        "profile": "live",
        "clock": "manual",
        "seed": 7,
        "now": "2024-02-29T12:00:00+01:00",
        "client_id": CLIENT.upper(),
        "client_secret": "secret",
        "auth": "token",
    }
    made = (await client.post(WORLDS, json=asked)).json
    assert made["client_id"] == CLIENT
    assert {key: made[key] for key in ("client_secret", "profile", "seed", "now", "mode", "auth", "scenario")} == {
        "client_secret": "secret",
        "profile": "live",
        "seed": 7,
        "now": "2024-02-29T11:00:00Z",
        "mode": "manual",
        "auth": "token",
        "scenario": "one-allocation",
    }


async def test_what_is_left_out_the_scenario_says(client: Api) -> None:
    scenario = {**SCENARIO, "seed": 9, "profile": "manual", "client": {"id": CLIENT, "scopes": ["users:read"]}}
    made = (await client.post(WORLDS, json={"scenario": scenario})).json
    assert {key: made[key] for key in ("client_id", "profile", "seed", "now", "scopes")} == {
        "client_id": CLIENT,
        "profile": "manual",
        "seed": 9,
        "now": "2023-03-01T08:00:00Z",
        "scopes": ["users:read"],
    }


async def test_what_nobody_says_the_server_says(client: Api) -> None:
    made = (await client.post(WORLDS)).json
    assert (made["mode"], made["auth"], made["seed"]) == ("manual", "off", 1)


async def test_a_world_in_real_time_begins_now(client: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "wall_now", lambda: datetime(2026, 5, 4, 12, tzinfo=UTC))
    made = (await client.post(WORLDS, json={"clock": "real"})).json
    assert (made["mode"], made["now"]) == ("real", "2026-05-04T12:00:00Z")


async def test_what_happens_in_one_world_does_not_show_in_another(client: Api) -> None:
    made = (await client.post(WORLDS, json={"scenario": SCENARIO, "auth": "off"})).json
    other = {"upvest-client-id": made["client_id"]}
    assert (await client.get("/portfolios/allocations", headers=other)).json["meta"]["total_count"] == 1
    assert (await client.get("/portfolios/allocations")).json["meta"]["total_count"] == 0
    assert (await client.get(f"{WORLDS}/{made['world']}/requests")).json["total_count"] == 1


async def test_equal_worlds_answer_equal_bytes(client: Api) -> None:
    made = [(await client.post(WORLDS, json={"scenario": SCENARIO, "auth": "off"})).json for _ in range(2)]
    answers = [
        await client.get("/portfolios/allocations", headers={"upvest-client-id": each["world"]}) for each in made
    ]
    assert answers[0].body == answers[1].body
    assert answers[0].headers["upvest-request-id"] == answers[1].headers["upvest-request-id"]


async def test_a_removed_world_is_gone(client: Api) -> None:
    made = (await client.post(WORLDS)).json
    assert (await client.delete(f"{WORLDS}/{made['world']}")).status == 204
    assert await names(client) == ["default"]
    assert (await client.get(f"{WORLDS}/{made['world']}")).status == 404
    assert (await client.get("/users", headers={"upvest-client-id": made["world"]})).status == 401


async def test_the_default_world_stays(client: Api) -> None:
    assert (await client.delete(DEFAULT)).status == 409


@pytest.mark.parametrize(
    ("asked", "status", "detail"),
    [
        ([], 400, "(root): must be an object, not an array"),
        ({"colour": "red"}, 400, "(root): field 'colour' is unknown"),
        ({"seed": "1"}, 400, "(root).seed: must be a whole number, not '1'"),
        ({"seed": 1e99}, 400, "(root).seed"),
        ({"now": "2023-01-10T09:00:00"}, 400, "(root).now"),
        ({"now": "1066-10-14T09:00:00Z"}, 400, "outside 1900 to 2200"),
        ({"clock": "fast"}, 400, "(root).clock: 'fast' is no mode of a clock"),
        ({"profile": "lively"}, 400, "(root).profile: there is no profile 'lively': the shipped ones are live"),
        ({"auth": "none"}, 400, "(root).auth: must be 'off', 'token' or 'strict'"),
        ({"client_id": "me"}, 400, "(root).client_id: 'me' is not a UUID"),
        ({"client_id": DEFAULT_CLIENT_ID}, 409, f"There is a world {DEFAULT_CLIENT_ID} already"),
        ({"scenario": "no-such-scenario"}, 404, "There is no scenario 'no-such-scenario' here; there are: "),
        ({"scenario": {"name": "x", "usres": []}}, 400, "The scenario cannot be used"),
        ({"scenario": 5}, 400, "(root).scenario"),
    ],
)
async def test_what_cannot_be_made(client: Api, asked: Any, status: int, detail: str) -> None:
    answer = await client.post(WORLDS, json=asked)
    assert (answer.status, detail in answer.detail) == (status, True), answer.body
    assert await names(client) == ["default"]


@pytest.mark.parametrize(
    "body", [b"{", b"\xff", b"[" * 10_000, b'{"seed": ' + b"9" * 10_000 + b"}", b'{"scenario": NaN}']
)
async def test_bodies_that_are_no_json(client: Api, body: bytes) -> None:
    assert (await client.post(WORLDS, data=body)).status == 400


async def test_there_is_an_end_to_worlds(client: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "MOST_WORLDS", 2)
    assert (await client.post(WORLDS)).status == 201
    assert (await client.post(WORLDS)).status == 409


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"{WORLDS}/nobody", 404),
        ("GET", f"{WORLDS}/nobody/clock", 404),
        ("GET", f"{DEFAULT}/nothing", 404),
        ("PUT", DEFAULT, 405),
        ("POST", f"{DEFAULT}/snapshots/s9/restore", 404),
        ("DELETE", f"{DEFAULT}/snapshots/s9", 404),
    ],
)
async def test_what_is_not_there(client: Api, method: str, path: str, status: int) -> None:
    answer = await client.request(method, path)
    assert answer.status == status
    assert ("allow" in answer.headers) == (status == 405)


# --- Reset and snapshots ---


async def test_a_reset_takes_everything_back(client: Api, world: World) -> None:
    before = (await client.get(f"{DEFAULT}/state")).json
    seeding.account(world)
    await client.post(f"{DEFAULT}/clock/advance", json={"by": "30d"})
    await client.patch(f"{DEFAULT}/clock", json={"mode": "x60"})
    await client.post(f"{DEFAULT}/snapshots")
    await client.get("/users")
    shown = (await client.post(f"{DEFAULT}/reset")).json
    assert (shown["now"], shown["mode"], shown["snapshots"]) == ("2023-01-10T09:00:00Z", "manual", [])
    assert (await client.get(f"{DEFAULT}/state")).json == before
    assert (await client.get(f"{DEFAULT}/requests")).json["total_count"] == 0


async def test_a_snapshot_can_be_restored_again_and_again(client: Api, world: World) -> None:
    taken = await client.post(f"{DEFAULT}/snapshots")
    assert (taken.status, taken.json) == (201, {"id": "s1", "taken_at": "2023-01-10T09:00:00Z"})
    for _ in range(2):
        seeding.user(world)
        await client.post(f"{DEFAULT}/clock/advance", json={"by": "1d"})
        restored = await client.post(f"{DEFAULT}/snapshots/s1/restore")
        assert (restored.status, restored.json) == (200, taken.json)
        assert (await client.get(f"{DEFAULT}/clock")).json["now"] == "2023-01-10T09:00:00Z"
        assert (await client.get("/users")).json["meta"]["total_count"] == 0


async def test_snapshots_are_listed_and_removed(client: Api) -> None:
    await client.post(f"{DEFAULT}/snapshots")
    await client.post(f"{DEFAULT}/clock/advance", json={"by": "1h"})
    await client.post(f"{DEFAULT}/snapshots")
    assert (await client.delete(f"{DEFAULT}/snapshots/s1")).status == 204
    assert (await client.get(f"{DEFAULT}/snapshots")).json == {
        "snapshots": [{"id": "s2", "taken_at": "2023-01-10T10:00:00Z"}]
    }
    assert (await client.post(f"{DEFAULT}/snapshots")).json["id"] == "s3"


async def test_there_is_an_end_to_snapshots(client: Api) -> None:
    for _ in range(100):
        await client.post(f"{DEFAULT}/snapshots")
    assert (await client.post(f"{DEFAULT}/snapshots")).status == 409
