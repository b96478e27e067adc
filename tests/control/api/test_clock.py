"""Time over HTTP: show it, change its mode, move it, see what is due."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.domain import seeding
from mockserver.kernel.world import World
from tests.conftest import Api

DEFAULT = "/_mock/worlds/default"
CLOCK = f"{DEFAULT}/clock"
ADVANCE = f"{CLOCK}/advance"


async def test_the_clock_is_shown(client: Api) -> None:
    # the sandbox's valuations are due at 00:15 UTC (portfolios.md §6)
    assert (await client.get(CLOCK)).json == {
        "now": "2023-01-10T09:00:00Z",
        "mode": "manual",
        "idle": True,
        "next_due": "2023-01-11T00:15:00Z",
        "under_way": False,
        "move": None,
        "feed": client.world.feed.end,
    }


@pytest.mark.parametrize(
    ("asked", "now"),
    [
        ({"by": "1d"}, "2023-01-11T09:00:00Z"),
        ({"by": "1h30m"}, "2023-01-10T10:30:00Z"),
        ({"by": "0s"}, "2023-01-10T09:00:00Z"),
        ({"to": "2023-01-10T12:00:00+01:00"}, "2023-01-10T11:00:00Z"),
        ({"next": True}, "2023-01-11T00:15:00Z"),
        ({"until": "idle"}, "2023-01-10T09:00:00Z"),
    ],
)
async def test_the_clock_is_moved(client: Api, asked: dict[str, Any], now: str) -> None:
    answer = await client.post(ADVANCE, json=asked)
    assert (answer.status, answer.json["now"], answer.json["from"]) == (200, now, "2023-01-10T09:00:00Z")
    assert (await client.get(CLOCK)).json["now"] == now


async def test_an_advance_tells_what_happened(client: Api, world: World) -> None:
    account = seeding.account(world, account_group_id=seeding.account_group(world, status="PENDING_APPROVAL").id)
    told = (await client.post(ADVANCE, json={"by": "1s"})).json
    assert told["counts"] == {"moves": 1, "events": 2, "deliveries": 0, "skipped": 0, "failures": 0}
    (move,), (event, report) = told["moves"], told["events"]
    assert (report["type"], report["object"]["type"]) == ("REPORT.CREATED", "ACCOUNT_OPENING")
    assert (move["resource"], move["id"]) == ("account_groups", account.account_group_id)
    assert (move["from"], move["to"]) == ("PENDING_APPROVAL", "ACTIVE")
    assert event["type"] == "ACCOUNT_GROUP.ACTIVATED"
    assert event["object"]["id"] == account.account_group_id


async def test_the_lists_of_an_advance_are_cut_and_its_counts_are_not(client: Api, world: World) -> None:
    for _ in range(3):
        seeding.account_group(world, status="PENDING_APPROVAL")
    told = (await client.post(f"{ADVANCE}?limit=1", json={"by": "1s"})).json
    assert (told["counts"]["moves"], len(told["moves"]), len(told["events"])) == (3, 1, 1)


@pytest.mark.parametrize(
    ("asked", "status", "detail"),
    [
        ({}, 400, '(root): must have one of {"by": "1d"}'),
        ({"by": "1d", "next": True}, 400, "(root): must have one of"),
        ({"by": "soon"}, 400, "(root).by: 'soon' is not a duration: write for example"),
        ({"by": "-1d"}, 400, "(root).by: '-1d' is not a duration"),
        ({"by": 5}, 400, "(root).by: must be a string, not a number"),
        ({"by": "9" * 5000 + "w"}, 400, "(root).by"),
        ({"by": "99999999w"}, 409, "2200"),
        ({"to": "2023-01-09T00:00:00Z"}, 409, "does not go back"),
        ({"to": "2023-01-11"}, 400, "(root).to"),
        ({"to": "2023-01-11T00:00:00"}, 400, "(root).to"),
        ({"to": "2300-01-01T00:00:00Z"}, 409, "1900 to 2200"),
        ({"next": False}, 400, "(root).next"),
        ({"until": "ready"}, 400, "(root).until: must be 'idle', not 'ready'"),
    ],
)
async def test_moves_that_cannot_be_made(client: Api, asked: Any, status: int, detail: str) -> None:
    answer = await client.post(ADVANCE, json=asked)
    assert (answer.status, detail in answer.detail) == (status, True), answer.body
    assert (await client.get(CLOCK)).json["now"] == "2023-01-10T09:00:00Z"


async def test_the_mode_is_changed(client: Api) -> None:
    assert (await client.patch(CLOCK, json={"mode": "x0.001"})).json["mode"] == "x0.001"
    assert (await client.get(CLOCK)).json["now"].startswith("2023-01-10T09:00:00")
    assert (await client.patch(CLOCK, json={"mode": "manual"})).json["mode"] == "manual"


@pytest.mark.parametrize("asked", [{}, {"mode": "fast"}, {"mode": None}, {"mode": "real", "now": "x"}])
async def test_modes_that_are_none(client: Api, asked: Any) -> None:
    assert (await client.patch(CLOCK, json=asked)).status == 400


async def test_what_is_due_is_told_with_its_reason(client: Api) -> None:
    told = (await client.get(f"{DEFAULT}/upcoming")).json
    assert [(task["due"], task["action"], task["background"]) for task in told["upcoming"]] == [
        ("2023-01-11T00:15:00Z", "run.valuations", True),
        ("2023-01-11T05:15:00Z", "run.returns", True),
        ("2023-04-01T06:00:00Z", "run.statements", True),
    ]
    assert all(task["reason"] for task in told["upcoming"])
    assert len((await client.get(f"{DEFAULT}/upcoming?limit=1")).json["upcoming"]) == 1


@pytest.mark.parametrize("limit", ["x", "-1", "10001", ""])
async def test_limits_that_are_none(client: Api, limit: str) -> None:
    answer = await client.get(f"{DEFAULT}/upcoming?limit={limit}")
    assert (answer.status, answer.detail[:14]) == (400, "(query).limit:")
