"""An event of any type on command: it reaches subscriptions as any other, and changes no state."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.contract import contract
from mockserver.replay.player import replay
from mockserver.scenario.load import load
from mockserver.server import ServerSettings, start
from tests.conftest import Api

EVENTS = "/_mock/worlds/default/events"


async def test_an_event_of_a_family_without_operations_is_emitted(client: Api) -> None:
    answer = await client.post(EVENTS, json={"type": "CORPORATE_ACTION.UPDATED"})
    assert answer.status == 201
    assert answer.json["event"]["type"] == "CORPORATE_ACTION.UPDATED"
    assert answer.json["counts"]["events"] == 1
    (event,) = (await client.get(EVENTS)).json["events"]
    assert event == answer.json["event"]


@pytest.mark.parametrize("family", contract().families)
async def test_every_family_can_be_emitted(client: Api, family: str) -> None:
    for type_ in contract().families[family]:
        assert (await client.post(EVENTS, json={"type": type_})).status == 201


async def test_no_state_changes(client: Api) -> None:
    before = (await client.get("/_mock/worlds/default/state")).json
    await client.post(EVENTS, json={"type": "ORDER.FILLED"})
    assert (await client.get("/_mock/worlds/default/state")).json == before


async def test_two_have_ids_of_their_own(client: Api) -> None:
    first, second = [(await client.post(EVENTS, json={"type": "ORDER.FILLED"})).json["event"] for _ in range(2)]
    assert first["id"] != second["id"]
    assert first["object"]["id"] != second["object"]["id"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"type": "ORDER.FILED"}, "'ORDER.FILED' is no event of the API (did you mean ORDER.FILLED"),
        ({"type": "ORDER"}, "'ORDER' is no event of the API"),
        (
            {"type": "ORDER.NEW", "object": {"side": "KEEP"}},
            "No ORDER.NEW has such an object: (root).object.side",
        ),
        ({"type": "ORDER.FILLED", "objekt": {}}, "objekt"),
        ({}, "type"),
        ({"type": "ORDER.FILLED", "object": []}, "object"),
    ],
)
async def test_what_cannot_be_meant_is_refused_and_emits_nothing(client: Api, body: Any, text: str) -> None:
    answer = await client.post(EVENTS, json=body)
    assert answer.status == 400
    assert text in answer.detail
    assert (await client.get(EVENTS)).json["events"] == []


async def test_a_scenario_emits_it_to_its_webhook_with_its_members() -> None:
    debit = {"cash_amount": "25.00", "remittance_information": "${what}"}
    scenario = {
        "name": "refused-debit",
        "webhooks": [{"url": "${receiver}", "type": ["DIRECT_DEBIT"]}],
        "steps": [
            {"request": {"path": "/users"}, "expect": {"status": 200}, "save": {"what": "meta.order"}},
            {"emit": {"type": "DIRECT_DEBIT.CANCELLED", "object": debit}},
            {"emit": "DIRECT_DEBIT.NEW"},
            {"advance": "idle"},
            {"expect_webhook": [{"type": "DIRECT_DEBIT.CANCELLED", "object": {**debit, "status": "CANCELLED"}}]},
        ],
    }
    async with await start(ServerSettings(port=0)) as server:
        played = await replay(load(scenario), server.url)
    assert [entry.problems for entry in played.failures] == []


async def test_it_meets_the_faults_of_deliveries() -> None:
    scenario = {
        "name": "twice",
        "webhooks": [{"url": "${receiver}", "type": ["TOPUP"]}],
        "faults": [{"webhook": {"type": "TOPUP.SETTLED"}, "duplicate": 1}],
        "steps": [
            {"emit": "TOPUP.SETTLED"},
            {"advance": "1m"},
            {"expect_event": {"type": "TOPUP.SETTLED", "count": 1}},
            {"expect_webhook": {"type": "TOPUP.SETTLED", "count": 2}},
        ],
    }
    async with await start(ServerSettings(port=0)) as server:
        played = await replay(load(scenario), server.url)
    assert [entry.problems for entry in played.failures] == []
