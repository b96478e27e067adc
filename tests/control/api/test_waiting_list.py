"""What is due and what waits, as members and not in words alone."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.growth import ONE_ACCOUNT, ORDER
from mockserver.domain.accounts.accounts import ACCOUNTS
from mockserver.domain.accounts.holders import first_holder
from mockserver.kernel.world import World
from mockserver.scenario.build import build_world
from mockserver.scenario.load import load
from tests.conftest import Api

DEFAULT = "/_mock/worlds/default"


@pytest.fixture
def world() -> World:
    return build_world(load({**ONE_ACCOUNT, "cash": [{"account_id": "a", "amount": "30.00"}]}))


async def place(client: Api, amount: str) -> str:
    (account,) = client.world.table(ACCOUNTS)
    body = {"account_id": account.id, "user_id": first_holder(account), **ORDER, "cash_amount": amount}
    return str((await client.post("/orders", json=body)).json["id"])


async def upcoming(client: Api) -> Any:
    return (await client.get(f"{DEFAULT}/upcoming")).json


async def test_what_a_stage_makes_due_names_its_object(client: Api) -> None:
    order = await place(client, "10.00")
    (due,) = [each for each in (await upcoming(client))["upcoming"] if each["id"] == order]
    assert (due["resource"], due["stage"], due["to"]) == ("orders", due["args"][0], "PROCESSING")
    assert due["event"] is not None


async def test_a_run_is_of_no_object(client: Api) -> None:
    runs = [each for each in (await upcoming(client))["upcoming"] if each["action"] != "stage"]
    assert runs
    assert {(each["stage"], each["resource"], each["id"]) for each in runs} == {(None, None, None)}


async def test_what_waits_for_cash_says_how_much_and_how_much_there_is(client: Api) -> None:
    order = await place(client, "250.00")
    await client.post(f"{DEFAULT}/clock/advance", json={"by": "1h"})
    told = await upcoming(client)
    (waiting,) = told["waiting"]
    assert told["waiting_count"] == 1
    assert {name: waiting[name] for name in ("resource", "id", "wanted", "free")} == {
        "resource": "orders",
        "id": order,
        "wanted": "250",
        "free": "30",
    }
    assert waiting["reason"].startswith("not enough cash: 30 of 250 EUR")
    shown = (await client.get(f"{DEFAULT}/state/orders/{order}")).json
    assert (shown["waits"]["wanted"], shown["waits"]["free"]) == ("250", "30")
    assert shown["waits"]["for"] == waiting["for"]


async def test_it_does_so_after_a_snapshot_too(client: Api) -> None:
    await place(client, "250.00")
    await client.post(f"{DEFAULT}/clock/advance", json={"by": "1h"})
    before = (await upcoming(client))["waiting"]
    snapshot = (await client.post(f"{DEFAULT}/snapshots")).json["id"]
    await client.post(f"{DEFAULT}/moves", json={"resource": "orders", "id": before[0]["id"], "to": "CANCELLED"})
    assert (await upcoming(client))["waiting"] == []
    await client.post(f"{DEFAULT}/snapshots/{snapshot}/restore")
    assert (await upcoming(client))["waiting"] == before
