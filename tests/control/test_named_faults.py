"""Single faults are shown, changed and removed, by their ids and by the names they were given."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Api

FAULTS = "/_mock/worlds/default/faults"
BUSY = {"as": "busy", "request": {"operation": "list_users", "nth": {"from": 2}}, "status": 503}
LOST = {"as": "lost", "webhook": {"type": "ORDER"}, "drop": True}


async def statuses(client: Api, count: int) -> list[int]:
    return [(await client.get("/users")).status for _ in range(count)]


async def shown(client: Api) -> Any:
    return (await client.get(FAULTS)).json["faults"]


@pytest.mark.parametrize("called", ["busy", "r1"])
async def test_one_is_shown_changed_and_removed(client: Api, called: str) -> None:
    await client.post(FAULTS, json=BUSY)
    assert await statuses(client, 2) == [200, 503]
    acted_on = {"requests": [2], "deliveries": []}
    shown = {"id": "r1", "matched": 2, "acted": 1, **BUSY, "acted_on": acted_on}
    assert (await client.get(f"{FAULTS}/{called}")).json == shown
    changed = await client.patch(f"{FAULTS}/{called}", json={"status": 500})
    assert (changed.status, changed.json) == (200, {"id": "r1", "matched": 2, "acted": 1, **BUSY, "status": 500})
    assert await statuses(client, 1) == [500]
    assert (await client.delete(f"{FAULTS}/{called}")).status == 204
    assert await statuses(client, 1) == [200]


async def test_members_of_the_match_are_laid_over_those_there_are(client: Api) -> None:
    await client.post(FAULTS, json=BUSY)
    changed = await client.patch(f"{FAULTS}/busy", json={"request": {"nth": 3, "times": 1}, "note": "once"})
    assert changed.json["request"] == {"operation": "list_users", "nth": 3, "times": 1}
    assert await statuses(client, 4) == [200, 200, 503, 200]


async def test_null_leaves_a_member_out(client: Api) -> None:
    await client.post(FAULTS, json={**BUSY, "retry_after": 1, "delay": "1ms"})
    changed = await client.patch(
        f"{FAULTS}/busy", json={"retry_after": None, "request": {"nth": None}, "as": None, "delay": None}
    )
    assert changed.json == {
        "id": "r1",
        "matched": 0,
        "acted": 0,
        "request": {"operation": "list_users"},
        "status": 503,
    }


async def test_a_fault_of_deliveries_too(client: Api) -> None:
    await client.post(FAULTS, json=LOST)
    changed = await client.patch(f"{FAULTS}/lost", json={"drop": None, "delay": "1h", "webhook": {"nth": 2}})
    assert changed.json["webhook"] == {"type": "ORDER", "nth": 2}
    assert (changed.json["delay"], "drop" in changed.json) == ("1h", False)


async def test_the_others_keep_their_places_and_counts(client: Api) -> None:
    for each in (BUSY, {"as": "second", "request": {}, "delay": "1ms"}, LOST):
        await client.post(FAULTS, json=each)
    await statuses(client, 1)
    before = await shown(client)
    await client.patch(f"{FAULTS}/busy", json={"status": 500})
    after = await shown(client)
    assert after[1:] == before[1:]
    assert after[0] == {**before[0], "status": 500}


@pytest.mark.parametrize(
    ("called", "body", "status", "said"),
    [
        ("busi", {"status": 500}, 404, "There is no fault 'busi' (did you mean busy?); there are: busy, lost."),
        ("busy", {}, 400, "at least 1"),
        ("busy", [], 400, "object"),
        ("busy", {"stats": 500}, 400, "(root): field 'stats' is unknown"),
        ("busy", {"status": 700}, 400, "(root).status: must be"),
        ("busy", {"status": None}, 400, "does nothing: give one of delay, status"),
        ("busy", {"reset": True}, 400, "reset and status contradict each other"),
        ("busy", {"request": {"operation": "list_user"}}, 400, "(root).request.operation: 'list_user' is no"),
        ("busy", {"request": None}, 400, "a fault has either request or webhook"),
        ("busy", {"webhook": {}}, 400, "a fault has either request or webhook"),
        ("busy", {"request": None, "webhook": {}, "status": None, "drop": True}, 400, "is one of requests, and stays"),
        ("busy", {"as": "lost"}, 409, "There is a fault lost already, w1: change it (PATCH …/faults/lost)"),
        ("busy", {"as": "r7"}, 400, "'r7' is how ids of faults are made: choose another name"),
        ("busy", {"as": "not a name"}, 400, "(root).as: "),
    ],
)
async def test_what_cannot_be_is_refused_and_changes_nothing(
    client: Api, called: str, body: Any, status: int, said: str
) -> None:
    await client.post(FAULTS, json=BUSY)
    await client.post(FAULTS, json=LOST)
    before = await shown(client)
    answer = await client.patch(f"{FAULTS}/{called}", json=body)
    assert answer.status == status
    assert said in answer.detail
    assert await shown(client) == before


async def test_a_name_is_given_once(client: Api) -> None:
    await client.post(FAULTS, json=BUSY)
    answer = await client.post(FAULTS, json={**LOST, "as": "busy"})
    assert (answer.status, "remove it first, or choose another name" in answer.detail) == (409, True)
    await client.delete(f"{FAULTS}/busy")
    assert (await client.post(FAULTS, json={**LOST, "as": "busy"})).status == 201


async def test_none_is_changed_so_that_another_never_acts(client: Api) -> None:
    await client.post(FAULTS, json=BUSY)
    await client.post(FAULTS, json={"request": {"method": "GET"}, "status": 500})
    wider = await client.patch(f"{FAULTS}/busy", json={"request": {"operation": None, "nth": None}})
    assert (wider.status, "The fault r2 would never act: the fault r1 takes all" in wider.detail) == (409, True)
    await client.post(FAULTS, json={"as": "late", "request": {"operation": "list_webhooks"}, "delay": "1ms"})
    late = await client.patch(f"{FAULTS}/late", json={"status": 500})
    assert (late.status, "It would never act: the fault r2 takes all" in late.detail) == (409, True)


async def test_a_snapshot_brings_back_what_it_was(client: Api) -> None:
    await client.post(FAULTS, json=BUSY)
    await client.post(FAULTS, json=LOST)
    before = await shown(client)
    taken = (await client.post("/_mock/worlds/default/snapshots")).json["id"]
    await client.patch(f"{FAULTS}/busy", json={"status": 500})
    await client.patch(f"{FAULTS}/lost", json={"note": "another"})
    await client.post(f"/_mock/worlds/default/snapshots/{taken}/restore")
    assert await shown(client) == before
