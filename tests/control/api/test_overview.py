"""The server and its worlds at a glance."""

from __future__ import annotations

from typing import Any

from mockserver import __version__
from mockserver.domain import seeding
from mockserver.kernel.world import World
from mockserver.scenario import shipped
from mockserver.webhooks.subscriptions import seed_subscription
from tests.conftest import Api

DEFAULT = "/_mock/worlds/default"


async def overview(client: Api) -> Any:
    return (await client.get("/_mock/overview")).json


async def test_it_has_the_server_and_its_scenarios(client: Api) -> None:
    told = await overview(client)
    assert told["version"] == __version__
    assert told["uptime_seconds"] >= 0
    assert told["scenarios"] == sorted(shipped.files())


async def test_it_has_every_world_in_a_few_numbers(client: Api, world: World) -> None:
    seeding.account(world)
    made = (await client.post("/_mock/worlds", json={"profile": "live"})).json["client_id"]
    first, second = (await overview(client))["worlds"]
    assert (first["world"], first["profile"], first["now"], first["mode"]) == (
        "default",
        "sandbox",
        "2023-01-10T09:00:00Z",
        "manual",
    )
    assert first["counts"]["objects"] == sum(len(world.store.named(name) or ()) for name in world.store.names())
    assert first["latest_request"] is None
    assert (second["world"], second["client_id"], second["profile"]) == (made, made, "live")
    clock = (await client.get(f"{DEFAULT}/clock")).json
    assert {name: first[name] for name in ("idle", "next_due", "under_way", "feed")} == {
        name: clock[name] for name in ("idle", "next_due", "under_way", "feed")
    }


async def test_it_says_what_the_client_asked_last(client: Api) -> None:
    await client.get("/users")
    await client.get("/nowhere")
    (shown,) = (await overview(client))["worlds"]
    latest = shown["latest_request"]
    assert (latest["number"], latest["path"], latest["status"]) == (2, "/nowhere", 404)
    assert shown["counts"]["requests"] == 2


async def test_it_says_what_needs_a_look_and_not_what_was_on_purpose(client: Api, world: World) -> None:
    seed_subscription(world, url="http://127.0.0.1:1/hooks", config={"delay": "1s"})
    await client.post(f"{DEFAULT}/faults", json={"request": {"path": "/accounts"}, "status": 503})
    await client.get("/accounts")
    await client.get("/nowhere")
    await client.post(f"{DEFAULT}/events", json={"type": "ORDER.NEW"})
    await client.post(f"{DEFAULT}/clock/advance", json={"by": "1s"})
    (shown,) = (await overview(client))["worlds"]
    assert shown["needs_a_look"] == {"failures": 0, "retrying": 1, "refused": 1, "waiting": 0}
    assert shown["counts"]["faults"] == 1
