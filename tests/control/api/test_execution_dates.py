"""Another date for an execution of a savings plan, on command: over HTTP, from a scenario, and in a recording."""

from __future__ import annotations

from datetime import date
from typing import Any

import aiohttp
import pytest

from mockserver.client import AsyncMockServer
from mockserver.client.errors import ControlError
from mockserver.kernel.world import World
from mockserver.replay.player import replay
from mockserver.scenario.document import Document, parse
from mockserver.scenario.errors import ScenarioError
from mockserver.scenario.load import load, read
from mockserver.server import ServerSettings, start
from tests.conftest import Api
from tests.domain.support.desk import NOBODY, Desk, open_desk
from tests.domain.support.plans import create, executions

CHANGE = "/_mock/worlds/default/execution_dates"
CHANGED = "SAVINGS_PLAN_EXECUTION.DATA_CHANGED"


@pytest.fixture
def desk() -> Desk:
    return open_desk()


@pytest.fixture
def world(desk: Desk) -> World:
    return desk.world


async def test_an_execution_gets_another_date_and_its_client_is_told(client: Api, desk: Desk) -> None:
    (execution,) = executions(desk, create(desk).id)
    body = {"savings_plan_execution_id": execution.id, "execution_date": "2023-01-18"}
    answer = await client.post(CHANGE, json=body)
    assert answer.status == 200, answer.body
    assert [event["type"] for event in answer.json["events"]] == [CHANGED]
    assert answer.json["object"]["execution_date"] == "2023-01-18"


@pytest.mark.parametrize(
    ("changes", "status", "text"),
    [
        ({"execution_date": "2023-01-21"}, 409, "2023-01-23 would pass"),
        ({"execution_date": "2023-02-30"}, 400, "execution_date"),
        ({"execution_date": None}, 400, "execution_date"),
        ({"savings_plan_execution_id": NOBODY}, 404, NOBODY),
        ({"day": "2023-01-18"}, 400, "day"),
    ],
)
async def test_what_cannot_be_is_refused(
    client: Api, desk: Desk, changes: dict[str, Any], status: int, text: str
) -> None:
    (execution,) = executions(desk, create(desk).id)
    body = {"savings_plan_execution_id": execution.id, "execution_date": "2023-01-18", **changes}
    answer = await client.post(CHANGE, json=body)
    assert (answer.status, text in answer.detail) == (status, True)
    assert CHANGED not in desk.types_since()


SCENARIO: dict[str, Any] = {
    "name": "moved",
    "clock": "2023-01-10T08:00:00Z",
    "accounts": [{"as": "account", "type": "TRADING"}],
    "instruments": [{"isin": "IE00B4L5Y983", "bid": "100.00", "ask": "100.00"}],
    "savings_plans": [
        {
            "as": "plan",
            "account_id": "account",
            "instrument_id": "IE00B4L5Y983",
            "cash_amount": "50.00",
            "start_date": "2023-01-16",
        }
    ],
}
LISTED = {"request": {"path": "/savings_plans/${plan}/executions"}, "save": {"execution": "data[0].id"}}


def moves(**members: Any) -> dict[str, Any]:
    return {"execution_date": {"savings_plan_execution_id": "${execution}", "execution_date": "2023-01-18", **members}}


async def test_a_step_moves_it() -> None:
    wanted = {"expect_event": {"type": CHANGED, "object": {"id": "${execution}", "execution_date": "2023-01-18"}}}
    async with await start(ServerSettings(port=0)) as server:
        timeline = await replay(load({**SCENARIO, "steps": [LISTED, moves(), wanted]}), server.url)
    assert [entry.problems for entry in timeline.failures] == []


async def test_a_step_that_cannot_be_done_fails_with_the_reason() -> None:
    async with await start(ServerSettings(port=0)) as server:
        timeline = await replay(load({**SCENARIO, "steps": [LISTED, moves(execution_date="2023-01-21")]}), server.url)
    ((problem,),) = [entry.problems for entry in timeline.failures]
    assert "2023-01-21 is not a trading day" in problem


def test_a_mistake_in_a_step_is_found_before_it_is_played() -> None:
    with pytest.raises(ScenarioError, match="execution_date"):
        load({**SCENARIO, "steps": [LISTED, moves(execution_date="soon")]})


async def test_a_recording_has_the_step() -> None:
    settings = ServerSettings(port=0, auth="off", clock="manual", scenarios=[SCENARIO])
    async with await start(settings) as server, aiohttp.ClientSession(server.url) as http:
        plan = (await (await http.get("/_mock/worlds/default/state/savings_plans")).json())["data"][0]["id"]
        rows = await (await http.get(f"/savings_plans/{plan}/executions")).json()
        asked = {"savings_plan_execution_id": rows["data"][0]["id"], "execution_date": "2023-01-18"}
        assert (await http.post(CHANGE, json=asked)).status == 200
        text = await (await http.get("/_mock/worlds/default/scenario")).text()
    data = dict(parse(text, "recorded.yaml").data)
    (step,) = [each["execution_date"] for each in data["steps"] if "execution_date" in each]
    assert step["execution_date"] == "2023-01-18"
    assert step["savings_plan_execution_id"].startswith("${")
    async with await start(ServerSettings(port=0)) as server:
        again = await replay(read(Document("recorded", data)), server.url)
    assert [entry.problems for entry in again.failures] == []


async def test_the_client_moves_it() -> None:
    async with await start(ServerSettings(port=0, scenarios=[SCENARIO])) as server, AsyncMockServer(server.url) as mock:
        world = await mock.worlds.get("default")
        (execution,) = await world.state.list("savings_plan_executions")
        moved = await world.savings_plans.change_date(execution.id, date(2023, 1, 18))
        assert [event.type for event in moved.events] == [CHANGED]
        with pytest.raises(ControlError, match="2023-01-23 would pass"):
            await world.savings_plans.change_date(execution.id, "2023-01-21")
