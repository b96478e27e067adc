"""The commands about a world's profile: what holds, what changed, what changes later."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.control.api import profile
from tests.conftest import Api

DEFAULT = "/_mock/worlds/default"
PROFILE = f"{DEFAULT}/profile"
MORNING = "2023-01-10T09:00:00Z"
ONE_DAY = {"settlement": {"buy": 1}}


async def changed(client: Api) -> dict[str, Any]:
    return {each["setting"]: each["value"] for each in (await client.get(PROFILE)).json["changed"]}


async def test_a_world_begins_as_it_was_made(client: Api) -> None:
    told = (await client.get(PROFILE)).json
    assert (told["name"], told["changed"], told["changes"]) == ("sandbox", [], [])
    assert told["settings"]["settlement"]["buy"] is None
    assert told["settings"]["runs"]["valuations"]["at"] == "00:15:00"


async def test_a_change_says_what_it_was_since_when_and_by_what(client: Api) -> None:
    told = (await client.patch(PROFILE, json=ONE_DAY)).json
    assert told["settings"]["settlement"]["buy"] == 1
    by = {"by": "PATCH …/profile", "until": None}
    assert told["changed"] == [
        {"setting": "settlement.buy", "value": 1, "was": None, "since": MORNING, "change": "c1", **by}
    ]
    assert told["changes"] == [{"id": "c1", "state": "in force", "from": MORNING, "settings": ONE_DAY, **by}]
    assert (await client.get(PROFILE)).json == told


async def test_objects_are_merged_and_later_changes_win(client: Api) -> None:
    for settings in (ONE_DAY, {"settlement": {"sell": 2}}, {"settlement": {"buy": 3}}):
        await client.patch(PROFILE, json=settings)
    assert await changed(client) == {"settlement.buy": 3, "settlement.sell": 2}


async def test_a_date_is_in_the_queue_and_takes_effect_with_the_clock(client: Api) -> None:
    begin, end = "2023-01-11T00:00:00+01:00", "2023-01-12T00:00:00Z"
    told = (await client.patch(PROFILE, json={"changes": [{"from": "2023-01-11", "until": end, **ONE_DAY}]})).json
    assert (told["changed"], [each["state"] for each in told["changes"]]) == ([], ["planned"])
    upcoming = (await client.get(f"{DEFAULT}/upcoming")).json["upcoming"]
    assert [(each["due"], each["reason"], each["background"]) for each in upcoming if "profile" in each["action"]] == [
        ("2023-01-10T23:00:00Z", "profile: settlement.buy 1: PATCH …/profile", True),  # midnight in Frankfurt
        (end, "profile: settlement.buy 1 no longer hold: PATCH …/profile", True),
    ]
    happened = (await client.post(f"{DEFAULT}/clock/advance", json={"to": begin})).json
    assert [(move["resource"], move["to"]) for move in happened["moves"]] == [("profile", "in force")]
    assert await changed(client) == {"settlement.buy": 1}
    await client.post(f"{DEFAULT}/clock/advance", json={"to": end})
    assert await changed(client) == {}


async def test_a_date_that_is_past_is_now(client: Api) -> None:
    await client.patch(PROFILE, json={"changes": [{"from": "2020-01-01", **ONE_DAY}]})
    assert await changed(client) == {"settlement.buy": 1}


async def test_until_alone_begins_now(client: Api) -> None:
    await client.patch(PROFILE, json={"changes": [{"until": "2023-01-10T10:00:00Z", **ONE_DAY}]})
    assert await changed(client) == {"settlement.buy": 1}
    await client.post(f"{DEFAULT}/clock/advance", json={"by": "1h"})
    assert await changed(client) == {}


async def test_changes_are_taken_back(client: Api) -> None:
    made = (await client.get(PROFILE)).json
    upcoming = (await client.get(f"{DEFAULT}/upcoming")).json
    await client.patch(PROFILE, json={**ONE_DAY, "changes": [{"from": "2023-02-01", "settlement": {"sell": 1}}]})
    assert (await client.request("DELETE", PROFILE)).json == made
    assert (await client.get(f"{DEFAULT}/upcoming")).json == upcoming


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "(root): changes nothing: write for example {settlement: {buy: 1}}"),
        ([1], "(root): must be an object"),
        ({"settlment": {"buy": 1}}, "(root).settlment: 'settlment' is not known here (did you mean 'settlement'?)"),
        ({"settlement": {"bye": 1}}, "(root).settlement.bye: 'bye' is not known here (did you mean 'buy'?)"),
        ({"settlement": {"buy": -1}}, "(root).settlement.buy: must be at least 0, not -1"),
        ({"settlement": 1}, "(root).settlement: must be a mapping of names to values, not 1: it takes buy, sell"),
        (
            {"stages": {"order.exekute": {"delay": "1h"}}},
            "(root).stages.order.exekute: 'order.exekute' is no stage (did you mean 'order.execute'?)",
        ),
        (
            {"stages": {"order.execute": {"outcomes": {"FILED": 1}}}},
            "'FILED' is no state after PROCESSING (did you mean 'FILLED'?)",
        ),
        ({"stages": {"order.execute": {"delay": "soon"}}}, "'soon' is not a duration: write for example 250ms"),
        ({"calendar": {"timezone": "Berlin"}}, "timezone 'Berlin' is unknown; an IANA name would pass"),
        ({"calendar": {"hours": {"open": "18:00"}}}, "the market closes at 17:30:00, not after it opens at 18:00:00"),
        ({"base": "live"}, "(root).base: cannot change in a world's life: a world keeps the profile it was made with"),
        ({"instruments": "none"}, "(root).instruments: cannot change in a world's life: it is read when a world is"),
        ({"limits": {"kept": 5000}}, "(root).limits.kept: cannot change in a world's life"),
        ({"changes": {}}, "(root).changes: must be a list of at most 100 changes, each like {from: 2024-05-28"),
        ({"changes": [ONE_DAY]}, "(root).changes[0]: has neither from nor until, the days or instants between"),
        ({"changes": [{"from": "2024-05-28"}]}, "(root).changes[0]: changes nothing"),
        ({"changes": [{"from": "10:00", **ONE_DAY}]}, "(root).changes[0].from: '10:00' is no day and no instant"),
        ({"changes": [{"from": 10, **ONE_DAY}]}, "(root).changes[0].from: 10 is no day and no instant"),
        (
            {"changes": [{"from": "2024-05-28T10:00:00", **ONE_DAY}]},
            "'2024-05-28T10:00:00' has no time zone: write for example 2024-05-28T10:00:00Z",
        ),
        ({"changes": [{"from": "9999-01-01", **ONE_DAY}]}, "lies outside 1900 to 2200"),
        (
            {"changes": [{"from": "2024-05-28", "until": "2024-05-28", **ONE_DAY}]},
            "(root).changes[0].until: 2024-05-28 is not after from, 2024-05-28: it would never hold",
        ),
        (
            {"changes": [{"until": "2022-01-01", **ONE_DAY}]},
            "(root).changes[0].until: 2022-01-01 is past, the world's time is 2023-01-10T09:00:00+00:00",
        ),
        (
            {"changes": [{"from": "2024-05-28", "changes": [], **ONE_DAY}]},
            "(root).changes[0].changes: a change holds no others",
        ),
        ({"changes": [{"from": "2024-05-28", "settlement": {"bye": 1}}]}, "did you mean 'buy'"),
        ({"changes": [{"from": "2024-05-28", "name": "x"}]}, "(root).changes[0].name: cannot change"),
        (
            {
                "changes": [
                    {"from": "2024-05-28", "calendar": {"hours": {"open": "12:00"}}},
                    {"from": "2024-05-29", "calendar": {"hours": {"close": "11:00"}}},
                ]
            },
            "from 2024-05-28T22:00:00+00:00 on, together with what holds then: the market closes at 11:00:00",
        ),
    ],
)
async def test_what_is_wrong_is_refused_whole_with_what_would_pass(client: Api, body: Any, said: str) -> None:
    before = client.world.snapshot().parts["profile"]
    if isinstance(body, dict) and body:
        body = {**body, "behaviour": {"untradable": "cancel"}}  # right, and not taken
    answer = await client.patch(PROFILE, json=body)
    assert answer.status == 400
    assert said in answer.detail
    assert client.world.snapshot().parts["profile"] == before


async def test_what_was_planned_must_go_with_what_is_laid_over_now(client: Api) -> None:
    late = {"from": "2024-05-28", "calendar": {"hours": {"close": "11:00"}}}
    assert (await client.patch(PROFILE, json={"changes": [late]})).status == 200
    answer = await client.patch(PROFILE, json={"calendar": {"hours": {"open": "12:00"}}})
    assert "together with what holds then: the market closes at 11:00:00, not after it opens at 12:00" in answer.detail


async def test_a_reset_takes_back_what_was_changed(client: Api) -> None:
    await client.patch(PROFILE, json=ONE_DAY)
    await client.post(f"{DEFAULT}/reset")
    assert await changed(client) == {}


async def test_a_snapshot_keeps_what_was_changed(client: Api) -> None:
    await client.patch(PROFILE, json=ONE_DAY)
    taken = (await client.post(f"{DEFAULT}/snapshots")).json["id"]
    await client.request("DELETE", PROFILE)
    await client.post(f"{DEFAULT}/snapshots/{taken}/restore")
    assert await changed(client) == {"settlement.buy": 1}


async def test_a_setting_that_is_changed_again_and_again_keeps_one_change(client: Api) -> None:
    for days in range(5):
        await client.patch(PROFILE, json={"settlement": {"buy": days}})
    (change,) = (await client.get(PROFILE)).json["changes"]
    assert change["settings"] == {"settlement": {"buy": 4}}


async def test_what_shows_again_later_is_kept(client: Api) -> None:
    await client.patch(PROFILE, json={"settlement": {"buy": 1, "sell": 1}})
    await client.patch(PROFILE, json={"settlement": {"buy": 2}})
    await client.patch(PROFILE, json={"changes": [{"until": "2023-01-10T10:00:00Z", "settlement": {"buy": 3}}]})
    assert await changed(client) == {"settlement.sell": 1, "settlement.buy": 3}
    await client.post(f"{DEFAULT}/clock/advance", json={"by": "1h"})
    assert await changed(client) == {"settlement.sell": 1, "settlement.buy": 2}


async def test_changes_are_bounded(client: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profile, "MOST_CHANGES", 3)
    late = {"changes": [{"from": "2024-05-28", **ONE_DAY}] * 2}
    assert (await client.patch(PROFILE, json=late)).status == 200
    answer = await client.patch(PROFILE, json=late)
    assert (answer.status, "There are 2 changes of the profile" in answer.detail) == (409, True)
    assert (await client.patch(PROFILE, json=ONE_DAY)).status == 200
