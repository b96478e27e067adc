"""Faults with dates: they act from an instant on, until another, of the world's time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from mockserver.client import AsyncMockServer
from mockserver.kernel.world import World
from mockserver.protocol.faults import RequestMatch
from mockserver.scenario.build import build_world
from mockserver.scenario.errors import ScenarioError
from mockserver.scenario.load import load
from mockserver.server import ServerSettings, start
from tests.conftest import Api

DEFAULT = "/_mock/worlds/default"
FAULTS = f"{DEFAULT}/faults"
TEN, ELEVEN = "2023-01-10T10:00:00Z", "2023-01-10T11:00:00Z"
OUTAGE = {"from": TEN, "until": ELEVEN}


@pytest.fixture
def world() -> World:
    webhooks = [{"url": "http://127.0.0.1:9/nobody"}]
    return build_world(load({"name": "dates", "clock": "2023-01-10T09:00:00Z", "webhooks": webhooks}))


async def statuses(client: Api, *instants: str) -> list[int]:
    found = []
    for instant in instants:
        await client.post(f"{DEFAULT}/clock/advance", json={"to": instant})
        found.append((await client.get("/users")).status)
    return found


async def test_an_outage_lasts_from_ten_to_eleven(client: Api) -> None:
    await client.post(FAULTS, json={"request": OUTAGE, "status": 503})
    instants = ("2023-01-10T09:59:59Z", TEN, "2023-01-10T10:59:59Z", ELEVEN)
    assert await statuses(client, *instants) == [200, 503, 503, 200]


async def test_requests_outside_are_not_counted(client: Api) -> None:
    await client.post(FAULTS, json={"request": {**OUTAGE, "nth": 2}, "status": 503})
    assert await statuses(client, "2023-01-10T09:30:00Z", TEN, TEN, TEN, ELEVEN) == [200, 200, 503, 200, 200]
    (fault,) = (await client.get(FAULTS)).json["faults"]
    assert (fault["matched"], fault["acted"]) == (3, 1)


async def test_one_date_is_enough(client: Api) -> None:
    await client.post(FAULTS, json={"request": {"until": TEN}, "status": 503})
    await client.post(FAULTS, json={"request": {"from": ELEVEN}, "status": 500})
    assert await statuses(client, "2023-01-10T09:30:00Z", TEN, ELEVEN) == [503, 200, 500]


async def test_it_is_shown_as_it_was_written(client: Api) -> None:
    made = (await client.post(FAULTS, json={"request": {"from": "2023-01-10T11:00:00+01:00"}, "status": 503})).json
    assert made["request"] == {"from": TEN}


async def test_its_dates_are_in_the_queue_and_go_with_it(client: Api) -> None:
    before = (await client.get(f"{DEFAULT}/upcoming")).json
    fault = (await client.post(FAULTS, json={"request": OUTAGE, "status": 503})).json["id"]
    upcoming = (await client.get(f"{DEFAULT}/upcoming")).json["upcoming"]
    assert [(each["due"], each["reason"], each["background"]) for each in upcoming[:2]] == [
        (TEN, f"fault {fault} begins to act", True),
        (ELEVEN, f"fault {fault} acts no more", True),
    ]
    await client.request("DELETE", f"{FAULTS}/{fault}")
    assert (await client.get(f"{DEFAULT}/upcoming")).json == before


async def test_changed_dates_take_the_place_of_those_before(client: Api) -> None:
    fault = (await client.post(FAULTS, json={"request": OUTAGE, "status": 503})).json["id"]
    await client.patch(f"{FAULTS}/{fault}", json={"request": {"from": None, "until": "2023-01-10T09:30:00Z"}})
    upcoming = (await client.get(f"{DEFAULT}/upcoming")).json["upcoming"]
    assert [each["due"] for each in upcoming if "fault" in each["action"]] == ["2023-01-10T09:30:00Z"]
    assert await statuses(client, "2023-01-10T09:15:00Z", TEN) == [503, 200]


async def test_a_scenario_has_them_and_a_reset_brings_them_back() -> None:
    scenario = {"name": "dates", "clock": "2023-01-10T09:59:00Z", "faults": [{"request": OUTAGE, "status": 503}]}
    server = await start(ServerSettings(port=0, auth="off", clock="manual", scenarios=[scenario]))
    async with server, AsyncMockServer(server.url) as client:
        world = await client.worlds.get()
        for _ in range(2):
            due = (await world.upcoming())[0]
            assert (due.json["due"], due.reason) == (TEN, "fault r1 begins to act")
            await world.clock.next()
            await world.faults.clear()
            await world.reset()


async def test_deliveries_fail_between_two_dates(client: Api) -> None:
    webhook = {"from": TEN, "until": ELEVEN}
    made = (await client.post(FAULTS, json={"webhook": webhook, "drop": True})).json
    assert made["webhook"] == webhook
    seen = []
    for instant in ("2023-01-10T09:30:00Z", TEN, ELEVEN):
        await client.post(f"{DEFAULT}/clock/advance", json={"to": instant})
        await client.post(f"{DEFAULT}/events", json={"type": "ORDER.NEW"})
        await client.post(f"{DEFAULT}/clock/advance", json={"by": "10s"})
        (fault,) = (await client.get(FAULTS)).json["faults"]
        seen.append((fault["matched"], fault["acted"]))
    assert seen == [(0, 0), (1, 1), (1, 1)]


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (
            {"from": ELEVEN, "until": TEN},
            "until 2023-01-10T10:00:00+00:00 is not after from, 2023-01-10T11:00:00+00:00",
        ),
        ({"from": "2023-01-10"}, "'2023-01-10' has no time zone: write for example 2024-05-28T10:00:00Z"),
        ({"from": "ten"}, "'ten' is no instant: write for example 2024-05-28T10:00:00Z"),
        ({"until": 10}, "10 is no instant: write for example 2024-05-28T10:00:00Z"),
    ],
)
async def test_dates_that_cannot_be_are_refused(client: Api, request_: Any, said: str) -> None:
    fault = {"request": request_, "status": 503}
    assert said in (await client.post(FAULTS, json=fault)).detail
    with pytest.raises(ScenarioError) as caught:
        load({"name": "x", "faults": [fault]})
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("standing", "other", "shadowed"),
    [
        ({}, OUTAGE, True),
        (OUTAGE, {}, False),
        (OUTAGE, OUTAGE, True),
        (OUTAGE, {"from": TEN}, False),
        ({"from": TEN}, OUTAGE, True),
        ({"until": ELEVEN}, OUTAGE, True),
        ({"until": TEN}, {"from": TEN}, False),
    ],
)
async def test_one_that_never_acts_is_refused(client: Api, standing: Any, other: Any, shadowed: bool) -> None:
    assert (await client.post(FAULTS, json={"request": standing, "status": 503})).status == 201
    assert (await client.post(FAULTS, json={"request": other, "status": 500})).status == (409 if shadowed else 201)


def test_a_window_has_its_beginning_and_not_its_end() -> None:
    match = RequestMatch.model_validate(OUTAGE)
    hours = {hour: match.holds(datetime(2023, 1, 10, hour, tzinfo=UTC)) for hour in (9, 10, 11)}
    assert hours == {9: False, 10: True, 11: False}
