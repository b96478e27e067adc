"""The links from a request to its moves, events, deliveries and attempts, as the control API tells them."""

from __future__ import annotations

import shlex
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from aiohttp import ClientError
from yarl import URL

from benchmarks.growth import ONE_ACCOUNT, ORDER
from mockserver.domain.accounts.accounts import ACCOUNTS
from mockserver.domain.accounts.holders import first_holder
from mockserver.kernel import system
from mockserver.kernel.world import World
from mockserver.protocol.journal import Journal
from mockserver.scenario.build import build_world
from mockserver.scenario.load import load
from mockserver.webhooks.subscriptions import seed_subscription
from tests.conftest import Answer, Api
from tests.webhooks.targets import Target, target

DEFAULT = "/_mock/worlds/default"


@pytest.fixture
def world() -> World:
    return build_world(load(ONE_ACCOUNT))


@pytest.fixture
async def receiver(world: World) -> AsyncIterator[Target]:
    async with target() as receiver:
        seed_subscription(world, url=receiver.url, config={"delay": "1s"})
        yield receiver


async def place(client: Api, **members: Any) -> Answer:
    (account,) = client.world.table(ACCOUNTS)
    body = {"account_id": account.id, "user_id": first_holder(account), **ORDER, **members}
    return await client.post("/orders", json=body)


async def asked(client: Api, number: int) -> Any:
    return (await client.get(f"{DEFAULT}/requests/{number}")).json


async def test_a_request_names_its_moves_events_and_deliveries(client: Api, receiver: Target) -> None:
    await client.get("/orders/00000000-0000-4000-8000-000000000000")
    order = (await place(client)).json["id"]
    assert (await asked(client, 1))["led_to"] == {"moves": [], "events": [], "deliveries": []}
    led_to = (await asked(client, 2))["led_to"]
    (placed,) = [move for move in led_to["moves"] if move["id"] == order]
    assert (placed["to"], placed["caused_by"]) == ("NEW", {"kind": "request", "number": 2, "name": None})
    (event,) = [event for event in led_to["events"] if event["type"] == "ORDER.NEW"]
    assert event["caused_by"] == {"kind": "move", "number": placed["number"], "name": None}
    assert led_to["deliveries"] == [], "the bundle is not closed yet"
    await client.post(f"{DEFAULT}/clock/advance", json={"by": "1s"})
    (delivery_id,) = (await asked(client, 2))["led_to"]["deliveries"]
    delivery = (await client.get(f"{DEFAULT}/deliveries/{delivery_id}")).json
    assert event["number"] in [each["number"] for each in delivery["events"]]
    assert [each["number"] for each in delivery["attempts"]] == [1]


async def test_what_falls_due_is_caused_by_its_stage(client: Api) -> None:
    order = (await place(client)).json["id"]
    await client.post(f"{DEFAULT}/clock/advance", json={"until": "idle"})
    moves = (await client.get(f"{DEFAULT}/moves?id={order}&to=FILLED")).json["moves"]
    assert [(each["caused_by"]["kind"], each["caused_by"]["name"]) for each in moves] == [("due", "order.execute")]


async def test_a_forced_move_is_caused_by_its_command(client: Api) -> None:
    order = (await place(client)).json["id"]
    await client.get(f"{DEFAULT}/clock")  # looks, and has no number
    for to in ("PROCESSING", "CANCELLED"):
        await client.post(f"{DEFAULT}/moves", json={"resource": "orders", "id": order, "to": to})
    moves = (await client.get(f"{DEFAULT}/moves?resource=orders")).json["moves"]
    name = "POST /_mock/worlds/{world}/moves"
    assert [each["caused_by"] for each in moves] == [
        {"kind": "request", "number": 1, "name": None},
        {"kind": "command", "number": 1, "name": name},
        {"kind": "command", "number": 2, "name": name},
    ]


async def test_a_run_by_command_is_caused_by_it(client: Api) -> None:
    await place(client)
    await client.post(f"{DEFAULT}/clock/advance", json={"until": "idle"})
    happened = (await client.post(f"{DEFAULT}/runs", json={"run": "valuations"})).json
    events = happened["events"]
    assert "ACCOUNT_VALUATION.CREATED" in {each["type"] for each in events}
    assert {each["caused_by"]["name"] for each in events} == {"POST /_mock/worlds/{world}/runs"}


async def test_a_refused_request_shows_rule_source_and_violations(client: Api) -> None:
    await place(client, side="HOLD", cash_amount=10)
    shown = await asked(client, 1)
    assert shown["rule"]["name"] == shown["refusal"]
    assert shown["rule"]["source"]
    assert shown["answer_headers"] == {
        "upvest-request-id": shown["request_id"],
        "content-type": "application/problem+json",
    }
    by_place = {each["place"]: each for each in shown["violations"]}
    assert by_place["side"] == {
        "in": "body",
        "place": "side",
        "value": "HOLD",
        "problem": "must be 'BUY' or 'SELL', not 'HOLD'",
        "allowed": "'BUY' or 'SELL'",
    }
    assert by_place["cash_amount"]["value"] == 10


async def test_what_is_wrong_in_a_query_is_a_violation_too(client: Api) -> None:
    await client.get("/orders/executions?limit=many")
    await client.get("/users?limit=many")
    (violation,) = (await asked(client, 2))["violations"]
    assert (violation["in"], violation["place"]) == ("query", "limit")


async def test_a_sound_request_was_refused_by_nothing(client: Api) -> None:
    await client.get("/users")
    shown = await asked(client, 1)
    assert (shown["rule"], shown["violations"], shown["refusal"]) == (None, [], None)


async def test_the_time_a_request_took_is_the_machines(client: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    times = [datetime.fromisoformat("2030-01-01T12:00:00+00:00")]

    def later() -> datetime:
        times.append(times[-1] + timedelta(milliseconds=5))
        return times[-1]

    monkeypatch.setattr(system, "wall_now", later)
    await client.get("/users")
    monkeypatch.undo()
    shown = await asked(client, 1)
    assert shown["machine"]["began"].startswith("2030-01-01T12:00:00.")
    assert shown["machine"]["milliseconds"] % 5 == 0
    assert shown["machine"]["milliseconds"] > 0
    assert "machine" not in (await client.get(f"{DEFAULT}/requests")).json["requests"][0], "equal replays are equal"


@pytest.mark.parametrize("number", ["0", "3", "-1", "x", "1" * 30])
async def test_a_request_that_is_not_there(client: Api, number: str) -> None:
    await client.get("/users")
    await client.get("/users")
    answer = await client.get(f"{DEFAULT}/requests/{number}")
    assert (answer.status, answer.json["detail"].endswith("the journal has those from 1 to 2.")) == (404, True)


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("operation=list_users", [1, 4]),
        ("method=POST", [3]),
        ("path=/users/*", [2]),
        ("status=200", [1, 4]),
        ("refused=true", [2, 3]),
        ("before=3", [1, 2]),
        ("before=4&limit=1", [3]),
        ("since=2", [3, 4]),
    ],
)
async def test_requests_are_chosen(client: Api, query: str, numbers: list[int]) -> None:
    await client.get("/users")
    await client.get("/users/00000000-0000-4000-8000-000000000000")
    await client.post("/users", json={})
    await client.get("/users")
    shown = (await client.get(f"{DEFAULT}/requests?{query}")).json
    assert [each["number"] for each in shown["requests"]] == numbers


async def test_moves_and_events_are_paged_by_number(client: Api) -> None:
    for _ in range(3):
        await place(client)
    for name in ("moves", "events"):
        everything = (await client.get(f"{DEFAULT}/{name}")).json[name]
        numbers = [each["number"] for each in everything]
        assert numbers == list(range(1, len(numbers) + 1))
        seen, since = list[int](), 0
        while len(seen) < len(numbers):
            answer = (await client.get(f"{DEFAULT}/{name}?since={since}&limit=2")).json
            seen += [each["number"] for each in answer[name]]
            assert answer["next"] == seen[-1]
            since = answer["next"]
        assert seen == numbers
        back = (await client.get(f"{DEFAULT}/{name}?before=3&limit=1")).json[name]
        assert [each["number"] for each in back] == [2]


async def test_deliveries_are_chosen(client: Api, receiver: Target) -> None:
    for _ in range(3):
        await place(client)
        await client.post(f"{DEFAULT}/clock/advance", json={"by": "1s"})

    async def numbers(query: str) -> list[int]:
        return [each["number"] for each in (await client.get(f"{DEFAULT}/deliveries?{query}")).json["deliveries"]]

    everything = await numbers("")
    assert everything == list(range(1, len(everything) + 1))
    assert await numbers("state=DELIVERED") == everything
    assert await numbers("state=RETRYING") == []
    assert await numbers("type=ORDER.NEW") == [
        each["number"]
        for each in (await client.get(f"{DEFAULT}/deliveries")).json["deliveries"]
        if any(event["type"] == "ORDER.NEW" for event in each["events"])
    ]
    assert await numbers("since=1&limit=1") == [2]
    assert await numbers("before=3&limit=1") == [2]
    assert (await client.get(f"{DEFAULT}/deliveries?type=ORDER.NEWS")).status == 400


async def test_an_attempt_shows_what_was_sent_and_signed(client: Api, receiver: Target) -> None:
    await place(client)
    await client.post(f"{DEFAULT}/clock/advance", json={"by": "1s"})
    (listed,) = (await client.get(f"{DEFAULT}/deliveries")).json["deliveries"]
    assert "sent" not in listed["attempts"][0], "its nonce and time are the machine's"
    (attempt,) = (await client.get(f"{DEFAULT}/deliveries/{listed['id']}")).json["attempts"]
    (got,) = receiver.requests
    sent = attempt["sent"]
    assert {name: got.headers[name] for name in sent["headers"]} == sent["headers"]
    assert sent["headers"]["signature-input"].partition("=")[2] in sent["signature_base"]


async def test_a_delivery_that_is_not_there(client: Api) -> None:
    answer = await client.get(f"{DEFAULT}/deliveries/none")
    assert (answer.status, answer.json["detail"].startswith("There is no delivery 'none'")) == (404, True)


async def test_numbers_of_commands_and_requests_go_on_after_a_reset(client: Api) -> None:
    await place(client)
    await client.post(f"{DEFAULT}/reset")
    order = (await place(client)).json["id"]
    moves = (await client.get(f"{DEFAULT}/moves?id={order}")).json["moves"]
    assert [(each["number"], each["caused_by"]["number"]) for each in moves] == [(1, 2)]
    assert isinstance(client.tenant.journal, Journal)


async def test_a_request_can_be_sent_again_from_a_shell(client: Api) -> None:
    first = await place(client)
    command = (await asked(client, 1))["curl"]
    words = shlex.split(command)
    assert words[:3] == ["curl", "-X", "POST"]
    url = URL(words[3])
    headers = dict(word.split(": ", 1) for name, word in pairwise(words) if name == "-H")
    again = await client.request("POST", url.path, data=words[-1], headers=headers)
    assert (again.status, again.json) == (first.status, first.json), "the same idempotency key, the same answer"


async def test_a_request_has_its_step(client: Api) -> None:
    await client.get("/users?limit=5")
    step = (await asked(client, 1))["step"]
    assert step["request"] == {"path": "/users", "query": {"limit": "5"}}
    assert step["expect"]["status"] == 200


async def test_a_request_that_no_scenario_can_have_says_why(client: Api) -> None:
    await client.post(f"{DEFAULT}/faults", json={"request": {"path": "/users"}, "reset": True})
    with suppress(ClientError):
        await client.get("/users")
    shown = await asked(client, 1)
    assert (shown["step"], "cut off by a fault" in shown["no_step"]) == (None, True)
