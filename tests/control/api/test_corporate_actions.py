"""Corporate actions on command: over HTTP, from a scenario, in a recording, and by the client."""

from __future__ import annotations

from datetime import date
from typing import Any

import aiohttp
import pytest

from mockserver.client import AsyncMockServer
from mockserver.client.errors import ControlError
from mockserver.kernel.world import World
from mockserver.replay.player import replay
from mockserver.scenario.build import build_world
from mockserver.scenario.document import Document, parse
from mockserver.scenario.errors import ScenarioError
from mockserver.scenario.load import load, read
from mockserver.server import ServerSettings, start
from tests.conftest import Api
from tests.domain.support.actions import UPDATED
from tests.domain.support.desk import AT_100, NOBODY, Desk, open_desk

ANNOUNCE = "/_mock/worlds/default/corporate_actions"
ISIN = "IE00B4L5Y983"
DAYS = {"ex_date": "2023-01-12", "payment_date": "2023-01-16"}
DIVIDEND = {"instrument": ISIN, "iso_type": "DVCA", "rate": "0.50", **DAYS}


@pytest.fixture
def desk() -> Desk:
    return open_desk()


@pytest.fixture
def world(desk: Desk) -> World:
    return desk.world


async def test_an_announcement_answers_what_clients_are_told_and_more(client: Api) -> None:
    answer = await client.post(ANNOUNCE, json={**DIVIDEND, "instrument": AT_100})
    assert answer.status == 200, answer.body
    assert [event["type"] for event in answer.json["events"]] == [UPDATED]
    told = answer.json["object"]
    assert (told["status"], told["rate"], told["payment_date"]) == ("ANNOUNCED", "0.50", "2023-01-16")
    assert told["id"] == answer.json["id"]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"rate": None}, "DVCA (CASH_DIVIDEND) needs rate"),
        ({"rate": "0"}, "rate"),
        ({"iso_type": "DIVI"}, "iso_type"),
        ({"ratio": "3/1"}, "ratio"),
        ({"instrument": NOBODY}, f"instrument {NOBODY} does not exist"),
        (
            {"ex_date": "2023-01-05", "payment_date": "2023-01-09"},
            "lies in the past; today (2023-01-10) or a later day would pass",
        ),
        ({"payday": "2023-01-09"}, "payday"),
        ({"bookings": [{"account_id": NOBODY, "cash": "1.00"}]}, "bookings.0: account"),
        ({"bookings": [{"account_id": NOBODY, "cash": "1.001"}]}, "cash"),
    ],
)
async def test_what_cannot_be_is_refused(client: Api, desk: Desk, changes: dict[str, Any], text: str) -> None:
    answer = await client.post(ANNOUNCE, json={**DIVIDEND, "instrument": AT_100, **changes})
    assert (answer.status, text in answer.detail) == (400, True), answer.detail
    assert UPDATED not in desk.types_since()


async def test_an_action_is_booked_by_a_move_with_bookings(client: Api, desk: Desk) -> None:
    of = (await client.post(ANNOUNCE, json={"instrument": AT_100, "iso_type": "CAPD"})).json["id"]
    moves, given = "/_mock/worlds/default/moves", [{"account_id": desk.account_id, "cash": "7.50"}]
    await client.post(moves, json={"resource": "corporate_actions", "id": of, "to": "CONFIRMED"})
    body: dict[str, Any] = {"resource": "corporate_actions", "id": of, "to": "BOOKED", "with": {"bookings": given}}
    answer = await client.post(moves, json=body)
    assert answer.status == 200, answer.detail
    assert desk.cash()["balance"] == "10007.50"
    wrong = {**body, "with": {"bookings": "all"}}
    assert (await client.post(moves, json=wrong)).status == 409  # it is BOOKED


SCENARIO: dict[str, Any] = {
    "name": "dividend",
    "clock": "2023-01-10T08:00:00Z",
    "accounts": [{"as": "account", "type": "TRADING"}],
    "instruments": [{"as": "fund", "isin": ISIN, "bid": "100.00", "ask": "100.00"}],
    "positions": [{"account_id": "account", "instrument": "fund", "quantity": 8}],
}
BOOKED: dict[str, Any] = {"expect_event": {"type": "CASH_TRANSACTION.EXECUTED", "object": {"delta": {"amount": "4"}}}}
"""8 units at 0.50."""


async def played(*steps: dict[str, Any], **members: Any) -> list[tuple[str, ...]]:
    async with await start(ServerSettings(port=0)) as server:
        timeline = await replay(load({**SCENARIO, **members, "steps": list(steps)}), server.url)
    return [tuple(entry.problems) for entry in timeline.failures]


async def test_a_step_announces_and_names_what_later_steps_move() -> None:
    step = {"corporate_action": {**DIVIDEND, "as": "paid", "instrument": "fund"}}
    moved = [{"move": {"resource": "corporate_actions", "id": "${paid}", "to": to}} for to in ("CONFIRMED", "BOOKED")]
    assert await played(step, *moved, BOOKED) == []


async def test_a_step_that_cannot_be_done_fails_with_the_reason() -> None:
    (problem,) = await played({"corporate_action": {**DIVIDEND, "payment_date": "2023-01-11"}})
    assert "payment_date 2023-01-11 lies before 2023-01-12" in problem[0]


def test_a_mistake_in_a_step_is_found_before_it_is_played() -> None:
    with pytest.raises(ScenarioError, match="iso_type"):
        load({**SCENARIO, "steps": [{"corporate_action": {**DIVIDEND, "iso_type": "DIVI"}}]})


async def test_a_seeded_one_goes_on_by_itself() -> None:
    seeded = {**DIVIDEND, "as": "paid", "instrument": "fund", "status": "CONFIRMED"}
    booked = {"expect_state": {"resource": "corporate_actions", "id": "${paid}", "object": {"status": "BOOKED"}}}
    later: list[dict[str, Any]] = [{"advance": "7d"}, booked, BOOKED]
    assert await played(*later, corporate_actions=[seeded]) == []


async def test_a_seeded_one_that_is_booked_is_history() -> None:
    past = {**DIVIDEND, "ex_date": "2022-12-01", "payment_date": "2022-12-05", "status": "BOOKED"}
    none = {"expect_event": {"type": "CASH_TRANSACTION.EXECUTED", "count": 0}}
    assert await played({"advance": "7d"}, none, corporate_actions=[past]) == []


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"instrument": "bund"}, "'bund' is not among the instruments"),
        ({"rate": None}, "needs rate"),
        ({"ratio": 181}, "ratio"),  # what YAML makes of 3:1 without quotes
    ],
)
def test_a_wrong_seed_is_named_with_its_place(changes: dict[str, Any], text: str) -> None:
    given = {name: value for name, value in {**DIVIDEND, **changes}.items() if value is not None}
    with pytest.raises(ScenarioError) as raised:
        build_world(load({**SCENARIO, "corporate_actions": [given]}))
    assert text in str(raised.value)


async def test_a_recording_has_the_step() -> None:
    settings = ServerSettings(port=0, auth="off", clock="manual", scenarios=[SCENARIO])
    async with await start(settings) as server, aiohttp.ClientSession(server.url) as http:
        assert (await http.post(ANNOUNCE, json=DIVIDEND)).status == 200
        of = (await (await http.get("/_mock/worlds/default/state/corporate_actions")).json())["data"][0]["id"]
        for to in ("CONFIRMED", "BOOKED"):
            body = {"resource": "corporate_actions", "id": of, "to": to}
            assert (await http.post("/_mock/worlds/default/moves", json=body)).status == 200
        text = await (await http.get("/_mock/worlds/default/scenario")).text()
    data = dict(parse(text, "recorded.yaml").data)
    assert [next(iter(step)) for step in data["steps"]] == ["corporate_action", "move", "move"]
    async with await start(ServerSettings(port=0)) as server:
        again = await replay(read(Document("recorded", {**data, "steps": [*data["steps"], BOOKED]})), server.url)
    assert [entry.problems for entry in again.failures] == []


async def test_the_client_announces() -> None:
    async with await start(ServerSettings(port=0, scenarios=[SCENARIO])) as server, AsyncMockServer(server.url) as mock:
        world = await mock.worlds.get("default")
        first = date(2023, 1, 12)
        paid = await world.corporate_actions.dividend(ISIN, "0.50", ex_date=first, payment_date="2023-01-16")
        assert [event.type for event in paid.events] == [UPDATED]
        for ratio, iso_type in (("3:1", "SPLF"), ("1:10", "SPLR")):
            await world.corporate_actions.split(ISIN, ratio, ex_date=date(2023, 1, 13))
            assert (await world.state.list("corporate_actions"))[-1].object["iso_type"] == iso_type
        with pytest.raises(ControlError, match="needs ex_date"):
            await world.corporate_actions.announce("SPLF", ISIN, ratio="2:1")
