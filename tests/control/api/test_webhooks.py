"""Subscribing by the control API: as if the scenario had seeded it."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.kernel.world import World
from tests.conftest import Api

DEFAULT = "/_mock/worlds/default"
WEBHOOKS = f"{DEFAULT}/webhooks"
URL = "http://127.0.0.1:9/hooks"


async def test_a_subscription_is_enabled_and_gets_all_families(client: Api) -> None:
    answer = await client.post(WEBHOOKS, json={"url": URL})
    assert answer.status == 201
    assert {name: answer.json[name] for name in ("url", "enabled", "type")} == {
        "url": URL,
        "enabled": True,
        "type": ["ALL"],
    }
    assert (await client.get("/webhooks")).json["data"] == [answer.json]


async def test_its_members_are_those_of_the_api(client: Api) -> None:
    members = {"url": URL, "title": "Mine", "type": ["ORDER"], "enabled": False, "config": {"delay": "2s"}}
    made = (await client.post(WEBHOOKS, json=members)).json
    assert made["config"].pop("max_package_size")
    assert {name: made[name] for name in members} == members


async def test_it_leaves_no_trace_in_the_journal(client: Api) -> None:
    await client.post(WEBHOOKS, json={"url": URL})
    assert (await client.get(f"{DEFAULT}/requests")).json["total_count"] == 0


@pytest.mark.parametrize(
    ("asked", "detail"),
    [
        ({}, "(root): field 'url' was not filled"),
        ({"url": URL, "colour": "red"}, "(root): field 'colour' is unknown"),
        ({"url": URL, "type": []}, "(root).type"),
        ({"url": URL, "type": ["PLANETS"]}, "The subscription cannot be made: type.0: "),
        ({"url": URL, "config": {"delay": "soon"}}, "The subscription cannot be made: "),
        ({"url": "nowhere"}, "The subscription cannot be made: "),
    ],
)
async def test_what_is_no_subscription_is_refused(
    client: Api, world: World, asked: dict[str, Any], detail: str
) -> None:
    answer = await client.post(WEBHOOKS, json=asked)
    assert (answer.status, answer.detail[: len(detail)]) == (400, detail)
    assert (await client.get("/webhooks")).json["data"] == []
    assert world.events.end == 0


async def test_the_receiver_of_a_scenario_is_named_when_its_world_is_made(client: Api) -> None:
    scenario = {"name": "hooks", "webhooks": [{"url": "${receiver}/a"}]}
    made = (await client.post("/_mock/worlds", json={"scenario": scenario, "receiver": URL, "auth": "off"})).json
    answer = await client.get("/webhooks", headers={"upvest-client-id": made["client_id"]})
    assert [each["url"] for each in answer.json["data"]] == [f"{URL}/a"]
