"""Faults through the control API: set, shown with their counts, refused, taken away, brought back by a reset."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import orjson
import pytest

from mockserver.kernel.events import emit
from mockserver.protocol.faults import MOST_FAULTS, RequestFault
from mockserver.server import RunningServer, ServerSettings, start
from mockserver.webhooks.subscriptions import seed_subscription
from tests.conftest import Api
from tests.webhooks.targets import target
from tests.webhooks.tenants import Thing

FAULTS = "/_mock/worlds/default/faults"
BUSY = {"request": {"operation": "list_users", "nth": 2}, "status": 503}
LOST = {"webhook": {"type": "ORDER", "nth": 2}, "drop": True}


async def statuses(client: Api, count: int) -> list[int]:
    return [(await client.get("/users")).status for _ in range(count)]


async def test_a_fault_is_set_shown_and_taken_away(client: Api) -> None:
    made = await client.post(FAULTS, json=BUSY)
    assert (made.status, made.json) == (201, {"id": "r1", "matched": 0, "acted": 0, **BUSY})
    assert await statuses(client, 3) == [200, 503, 200]
    assert (await client.get(FAULTS)).json == {"faults": [{"id": "r1", "matched": 3, "acted": 1, **BUSY}]}
    assert (await client.get(f"{FAULTS}/r1")).json["acted"] == 1
    assert (await client.delete(f"{FAULTS}/r1")).status == 204
    assert (await client.get(FAULTS)).json == {"faults": []}


async def test_faults_of_both_sorts_stand_side_by_side(client: Api) -> None:
    await client.post(FAULTS, json=BUSY)
    assert (await client.post(FAULTS, json=LOST)).json == {"id": "w1", "matched": 0, "acted": 0, **LOST}
    assert [each["id"] for each in (await client.get(FAULTS)).json["faults"]] == ["r1", "w1"]
    assert (await client.delete(FAULTS)).status == 204
    assert (await client.get(FAULTS)).json == {"faults": []}
    assert (await client.post(FAULTS, json=BUSY)).json["id"] == "r2", "ids are never used twice"


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        ({}, 400, "(root): a fault has either request or webhook"),
        ([], 400, "(root): a fault has either request or webhook"),
        ({"status": 503}, 400, "(root): a fault has either request or webhook"),
        ({"request": {}, "webhook": {}, "status": 503}, 400, "(root): a fault has either request or webhook"),
        ({"request": {}, "status": 503, "reset": True}, 400, "(root): reset and status contradict each other"),
        (
            {"request": {"nth": 0}, "status": 503},
            400,
            "(root).request.nth: must be at least 1 and at most 1000000, not 0",
        ),
        ({"request": {"probability": 0}, "status": 503}, 400, "(root).request.probability: "),
        ({"request": {"operation": "list_user"}, "status": 503}, 400, "(root).request.operation: 'list_user' is no"),
        (
            {"request": {"operation": "list_users", "method": "POST"}, "status": 503},
            400,
            "(root).request.method: list_users is GET /users, never POST",
        ),
        (
            {"request": {"account": "savings"}, "status": 503},
            400,
            "(root).request.account: 'savings' is no id of accou",
        ),
        ({"request": {}, "stats": 503}, 400, "(root): field 'stats' is unknown"),
        ({"webhook": {}, "drop": True, "split": 1}, 400, "(root): drop and split lose the events that webhook.type or"),
        ({"webhook": {}, "drop": True, "delay": "1s"}, 400, "(root): drop and delay contradict each other: what is"),
        (
            {"webhook": {}, "overtaken_by": "later"},
            400,
            "(root).overtaken_by: 'later': expected next, an event such as",
        ),
        ({"webhook": {}, "overtaken_by": "ORDR"}, 400, "(root).overtaken_by.type: 'ORDR' is no event of the API"),
        ({"webhook": {}, "overtaken_by": {"account": "a"}}, 400, "(root).overtaken_by.account: 'a' is no id of acc"),
        ({"webhook": {}, "overtaken_by": {"webhook_id": "a"}}, 400, "(root).overtaken_by.webhook_id: 'a' is no id of"),
        ({"webhook": {}, "json": "pretty"}, 400, "(root).json: "),
        ({"webhook": {"type": "ORDR"}, "drop": True}, 400, "(root).webhook.type: 'ORDR' is no event of the API"),
        ({"webhook": {"webhook_id": "mine"}, "drop": True}, 400, "(root).webhook.webhook_id: 'mine' is no id"),
        ({"request": {"operation": "list_users"}, "status": 500}, 409, "It would never act: the fault r1 takes all"),
        ({"webhook": {"nth": 3}, "delay": "1s"}, 409, "It would never act: the fault w1 takes all"),
    ],
)
async def test_what_cannot_be_is_refused_and_changes_nothing(client: Api, body: Any, status: int, detail: str) -> None:
    await client.post(FAULTS, json={"request": {"method": "GET"}, "status": 503})
    await client.post(FAULTS, json={"webhook": {}, "drop": True})
    before = (await client.get(FAULTS)).json
    answer = await client.post(FAULTS, json=body)
    assert (answer.status, answer.detail[: len(detail)]) == (status, detail)
    assert (await client.get(FAULTS)).json == before


async def test_a_fault_that_there_is_not(client: Api) -> None:
    await client.post(FAULTS, json=BUSY)
    for method in ("GET", "DELETE"):
        answer = await client.request(method, f"{FAULTS}/r9")
        assert (answer.status, answer.detail) == (404, "There is no fault 'r9'; there are: r1.")


async def test_there_are_only_so_many(client: Api) -> None:
    rule = RequestFault.model_validate({"request": {"nth": 5}, "delay": "1ms"})
    for _ in range(MOST_FAULTS):
        client.tenant.faults.add(rule)
    answer = await client.post(FAULTS, json=BUSY)
    assert (answer.status, answer.detail) == (409, "There are 1000 faults already; delete some.")


# --- A part of the world ---


SCENARIO: dict[str, Any] = {
    "accounts": [{"as": "savings"}, {"as": "other"}],
    "webhooks": [{"as": "hooks", "url": "http://127.0.0.1:9/hooks"}],
    "faults": [
        {"request": {"account": "savings", "nth": 2}, "status": 503},
        {"webhook": {"webhook_id": "hooks", "nth": 1}, "drop": True},
    ],
}


@pytest.fixture
async def server() -> AsyncIterator[RunningServer]:
    settings = ServerSettings(port=0, auth="off", clock="manual", scenarios=[SCENARIO])
    async with await start(settings) as server:
        yield server


@pytest.fixture
async def http(server: RunningServer) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(server.url) as session:
        yield session


async def ask(http: aiohttp.ClientSession, method: str, path: str, body: Any = None) -> Any:
    async with http.request(method, path, data=None if body is None else orjson.dumps(body)) as response:
        content = await response.read()
        return orjson.loads(content) if content else None


async def positions(http: aiohttp.ClientSession, server: RunningServer, count: int) -> list[int]:
    tenant = server.worlds.get("default")
    account = next(iter(tenant.faults)).rule.request.account
    found = []
    for _ in range(count):
        async with http.get(f"/accounts/{account}/positions") as response:
            found.append(response.status)
    return found


async def test_a_scenario_has_faults_that_a_reset_brings_back(
    http: aiohttp.ClientSession, server: RunningServer
) -> None:
    assert await positions(http, server, 3) == [200, 503, 200]
    await ask(http, "DELETE", FAULTS)
    assert (await ask(http, "GET", FAULTS))["faults"] == []
    await ask(http, "POST", FAULTS, BUSY)
    await ask(http, "POST", "/_mock/worlds/default/reset")
    shown = (await ask(http, "GET", FAULTS))["faults"]
    assert [(each["id"], each["matched"], each["acted"]) for each in shown] == [("r1", 0, 0), ("w1", 0, 0)]
    assert await positions(http, server, 3) == [200, 503, 200]


async def test_a_snapshot_brings_back_what_was_counted(http: aiohttp.ClientSession, server: RunningServer) -> None:
    assert await positions(http, server, 1) == [200]
    taken = await ask(http, "POST", "/_mock/worlds/default/snapshots")
    for _ in range(2):
        assert await positions(http, server, 2) == [503, 200]
        await ask(http, "POST", f"/_mock/worlds/default/snapshots/{taken['id']}/restore")


# --- Switched off, and what they acted on ---


async def test_a_fault_that_is_disabled_acts_on_nothing_and_keeps_its_counts(client: Api) -> None:
    await client.post(FAULTS, json={"request": {"operation": "list_users"}, "status": 503})
    assert await statuses(client, 2) == [503, 503]
    off = (await client.patch(f"{FAULTS}/r1", json={"disabled": True})).json
    assert (off["disabled"], off["matched"], off["acted"]) == (True, 2, 2)
    assert await statuses(client, 2) == [200, 200]
    on = (await client.patch(f"{FAULTS}/r1", json={"disabled": None})).json
    assert (on.get("disabled"), on["matched"], on["acted"]) == (None, 2, 2)
    assert await statuses(client, 1) == [503]


async def test_one_that_is_disabled_keeps_no_other_from_acting(client: Api) -> None:
    await client.post(FAULTS, json={"request": {}, "status": 503, "disabled": True})
    assert (await client.post(FAULTS, json={"request": {"operation": "list_users"}, "status": 500})).status == 201
    assert await statuses(client, 1) == [500]
    refused = await client.patch(f"{FAULTS}/r1", json={"disabled": None})
    assert (refused.status, "r2" in refused.detail) == (409, True)


async def test_a_fault_of_deliveries_is_disabled_alike(client: Api) -> None:
    await client.post(FAULTS, json={"webhook": {}, "drop": True, "disabled": True})
    async with target() as receiver:
        seed_subscription(client.world, url=receiver.url, config={"delay": "1s"})
        emit(client.world, "ORDER.NEW", Thing("a"))
        await client.post("/_mock/worlds/default/clock/advance", json={"by": "1s"})
        assert receiver.names == [["a"]]
        assert (await client.get(f"{FAULTS}/w1")).json["matched"] == 0
        await client.patch(f"{FAULTS}/w1", json={"disabled": None})
        emit(client.world, "ORDER.NEW", Thing("b"))
        await client.post("/_mock/worlds/default/clock/advance", json={"by": "1s"})
        assert receiver.names == [["a"]]
    (_, dropped) = (await client.get("/_mock/worlds/default/deliveries")).json["deliveries"]
    assert (await client.get(f"{FAULTS}/w1")).json["acted_on"] == {"requests": [], "deliveries": [dropped["id"]]}


async def test_a_fault_says_which_requests_it_answered(client: Api) -> None:
    await client.post(FAULTS, json=BUSY)
    await client.post(FAULTS, json={"request": {"operation": "list_accounts"}, "truncated": True, "status": 500})
    await statuses(client, 3)
    assert (await client.get(f"{FAULTS}/r1")).json["acted_on"] == {"requests": [2], "deliveries": []}
    assert (await client.get(f"{FAULTS}/r2")).json["acted_on"] == {"requests": [], "deliveries": []}
