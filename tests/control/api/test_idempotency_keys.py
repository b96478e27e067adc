"""Idempotency keys and nonces end by command: a repeat is a new request then."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from mockserver.kernel import system
from mockserver.protocol.idempotency import KEPT_FOR
from mockserver.replay.player import replay
from mockserver.scenario.load import load
from mockserver.server import ServerSettings, start
from tests.conftest import NOW, Api

KEYS = "/_mock/worlds/default/idempotency_keys"
EXPIRE = f"{KEYS}/expire"
PATH = "/portfolios/allocations"
KEY = "404b170a-9042-41ed-9a51-2eabd0c03f8a"
OTHER = "504b170a-9042-41ed-9a51-2eabd0c03f8a"
BODY = {
    "name": "World",
    "allocation": [{"instrument_id": "IE00BKBF6H24", "instrument_id_type": "ISIN", "weight": "1"}],
}


@pytest.fixture(autouse=True)
def wall(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    wall = [NOW]
    monkeypatch.setattr(system, "wall_now", lambda: wall[0])
    return wall


async def made(client: Api, key: str = KEY) -> str:
    """The id of what a request with this key makes, or made."""
    return str((await client.post(PATH, json=BODY, key=key)).json["id"])


async def test_the_kept_keys_are_listed(client: Api) -> None:
    assert (await client.get(KEYS)).json == {"total_count": 0, "idempotency_keys": []}
    await made(client)
    await made(client, OTHER)
    answer = (await client.get(f"{KEYS}?limit=1")).json
    assert answer == {
        "total_count": 2,
        "idempotency_keys": [
            {
                "idempotency_key": OTHER,
                "operation": "create_portfolios_allocation",
                "path": PATH,
                "status": 200,
                "expires_at": (NOW + KEPT_FOR).isoformat().replace("+00:00", "Z"),
            }
        ],
    }


@pytest.mark.parametrize("body", [None, {}, {"all": True}, {"key": KEY}, {"key": KEY.upper().replace("-", "")}])
async def test_a_repeat_after_its_end_is_a_new_request(client: Api, body: Any) -> None:
    first = await made(client)
    assert await made(client) == first
    assert (await client.post(EXPIRE, json=body)).json == {"expired": 1}
    again = await made(client)
    assert again != first
    assert await made(client) == again


async def test_another_key_stays(client: Api) -> None:
    first, second = await made(client), await made(client, OTHER)
    await client.post(EXPIRE, json={"key": OTHER})
    assert (await made(client), await made(client, OTHER) == second) == (first, False)


async def test_a_key_may_have_another_body_after_its_end(client: Api) -> None:
    await made(client)
    await client.post(EXPIRE, json={"all": True})
    assert (await client.post(PATH, json={**BODY, "name": "Europe"}, key=KEY)).json["name"] == "Europe"


async def test_a_key_that_was_over_already_does_not_count(client: Api, wall: list[datetime]) -> None:
    await made(client)
    wall[0] += KEPT_FOR + timedelta(seconds=1)
    assert (await client.post(EXPIRE, json={"all": True})).json == {"expired": 0}


async def test_a_snapshot_keeps_its_keys(client: Api) -> None:
    first = await made(client)
    taken = (await client.post("/_mock/worlds/default/snapshots")).json["id"]
    await client.post(EXPIRE, json={"all": True})
    await client.post(f"/_mock/worlds/default/snapshots/{taken}/restore")
    assert await made(client) == first


async def test_an_unknown_key_is_refused_with_where_to_look(client: Api) -> None:
    answer = await client.post(EXPIRE, json={"key": KEY})
    assert (answer.status, answer.detail) == (
        404,
        f"No answer is kept for the idempotency key {KEY}; "
        "GET /_mock/worlds/{world}/idempotency_keys lists the keys.",
    )


@pytest.mark.parametrize(
    "body", [{"all": False}, {"all": None}, {"key": None}, {"all": True, "key": KEY}, {"key": 1}, {"keys": KEY}, []]
)
async def test_what_cannot_be_meant_is_refused(client: Api, body: Any) -> None:
    first = await made(client)
    assert (await client.post(EXPIRE, json=body)).status == 400
    assert await made(client) == first


@pytest.mark.parametrize("body", [None, {}, {"all": True}])
async def test_a_nonce_may_be_used_again_after_its_end(client: Api, body: Any) -> None:
    nonces, window = client.tenant.nonces, timedelta(minutes=5)
    assert nonces.use("k", "n", NOW, window)
    assert not nonces.use("k", "n", NOW, window)
    assert (await client.post("/_mock/worlds/default/nonces/expire", json=body)).json == {"expired": 1}
    assert nonces.use("k", "n", NOW, window)


@pytest.mark.parametrize("body", [{"all": False}, {"all": None}, {"nonce": "n"}])
async def test_nonces_end_all_together(client: Api, body: Any) -> None:
    assert (await client.post("/_mock/worlds/default/nonces/expire", json=body)).status == 400


def order(note: str, key: str, name: str) -> dict[str, Any]:
    return {
        "request": {"method": "POST", "path": PATH, "body": {**BODY, "name": name}, "idempotency_key": key},
        "expect": {"status": 200},
        "save": {note: "id"},
    }


@pytest.mark.parametrize("what", ["idempotency_keys", {"idempotency_key": KEY}])
async def test_a_scenario_ends_keys(what: Any) -> None:
    steps = [order("first", KEY, "World"), {"expire": what}, order("second", KEY, "World")]
    steps += [{"expect_state": {"resource": "allocations", "count": 2}}]
    assert await problems(steps) == []


async def test_a_scenario_ends_tokens_and_logs_in_again_after_the_refusal() -> None:
    get = {"method": "GET", "path": PATH}
    steps: list[dict[str, Any]] = [{"expire": "tokens"}]
    steps += [{"request": get, "expect": {"status": status}} for status in (401, 200)]
    assert await problems(steps) == []


async def problems(steps: list[dict[str, Any]]) -> list[object]:
    async with await start(ServerSettings(port=0)) as server:
        played = await replay(load({"name": "ends", "steps": steps}), server.url)
    return [entry.problems for entry in played.failures]
