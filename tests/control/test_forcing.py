"""Making things happen over HTTP: moves, prices, runs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from mockserver.domain import seeding
from mockserver.kernel.world import World
from tests.conftest import Api

DEFAULT = "/_mock/worlds/default"
MOVES, PRICES, RUNS = f"{DEFAULT}/moves", f"{DEFAULT}/prices", f"{DEFAULT}/runs"
ISIN = "DE0007664005"
NOBODY = "404b170a-9042-41ed-9a51-2eabd0c03f8a"


async def test_a_legal_move_is_made_with_its_event(client: Api, world: World) -> None:
    account = seeding.account(world)
    told = (await client.post(MOVES, json={"resource": "accounts", "id": account.id, "to": "LOCKED"})).json
    assert told["object"]["status"] == "LOCKED"
    assert [move["to"] for move in told["moves"]] == ["LOCKED"]
    assert [event["type"] for event in told["events"]] == ["ACCOUNT.LOCKED"]
    assert (await client.get(f"/accounts/{account.id}")).json["status"] == "LOCKED"


async def test_a_move_may_change_members(client: Api, world: World) -> None:
    account = seeding.account(world)
    asked = {"resource": "accounts", "id": account.id, "to": "LOCKED", "with": {"name": "Frozen"}}
    assert (await client.post(MOVES, json=asked)).json["object"]["name"] == "Frozen"


@pytest.mark.parametrize(
    "options",
    [{"name": 5}, {"users": "nobody"}, {"cause": "x"}, {"to": "x"}, {"id": []}, {"id": NOBODY}, {"colour": "red"}],
)
async def test_members_that_the_contract_forbids_are_refused(client: Api, world: World, options: Any) -> None:
    account = seeding.account(world)
    asked = {"resource": "accounts", "id": account.id, "to": "LOCKED", "with": options}
    answer = await client.post(MOVES, json=asked)
    assert (answer.status, answer.detail[:12]) == (400, "(root).with:")
    assert (await client.get(f"/accounts/{account.id}")).json["status"] == "ACTIVE"
    assert (await client.get(f"{DEFAULT}/events")).json["total_count"] == 0


async def test_times_among_the_members_stay_times(client: Api, world: World) -> None:
    account = seeding.account(world)
    asked = {"resource": "accounts", "id": account.id, "to": "LOCKED", "with": {"created_at": "2022-01-01T00:00:00Z"}}
    assert (await client.post(MOVES, json=asked)).status == 200
    assert (await client.get("/accounts")).json["data"][0]["created_at"] == "2022-01-01T00:00:00Z"


async def test_an_illegal_move_says_what_is_legal(client: Api, world: World) -> None:
    account = seeding.account(world)
    answer = await client.post(MOVES, json={"resource": "accounts", "id": account.id, "to": "CLOSED"})
    assert (answer.status, answer.detail) == (
        409,
        f"accounts {account.id} is ACTIVE and cannot become CLOSED (possible: LOCKED, CLOSING)",
    )


async def test_a_move_whose_conditions_are_not_met_says_why(client: Api, world: World) -> None:
    group = seeding.account_group(world, status="LOCKED")
    account = seeding.account(world, account_group_id=group.id, status="PENDING_APPROVAL")
    answer = await client.post(MOVES, json={"resource": "accounts", "id": account.id, "to": "ACTIVE"})
    assert (answer.status, f"account group {group.id} is LOCKED" in answer.detail) == (409, True)
    assert (await client.get(f"/accounts/{account.id}")).json["status"] == "PENDING_APPROVAL"


@pytest.mark.parametrize(
    ("asked", "status", "detail"),
    [
        ({}, 400, "(root): field 'resource' was not filled"),
        ({"resource": "planets", "id": "x", "to": "x"}, 400, "'planets' has no life cycle"),
        ({"resource": "accounts", "id": NOBODY, "to": "LOCKED"}, 404, f"accounts has no '{NOBODY}'"),
        ({"resource": "orders", "id": NOBODY, "to": "FILLED"}, 404, f"orders has no '{NOBODY}'"),
        ({"resource": "accounts", "id": 5, "to": "LOCKED"}, 400, "(root).id: must be a string"),
        ({"resource": "accounts", "id": "x", "to": "y", "with": []}, 400, "(root).with: must be an object"),
    ],
)
async def test_moves_that_are_none(client: Api, asked: Any, status: int, detail: str) -> None:
    answer = await client.post(MOVES, json=asked)
    assert (answer.status, detail in answer.detail) == (status, True), answer.body


async def test_a_price_moves_a_valuation(client: Api, world: World) -> None:
    instrument = seeding.instrument(world, isin=ISIN)
    account = seeding.account(world)
    seeding.position(world, account_id=account.id, instrument=instrument.id, quantity=Decimal(2))
    prices = [{"instrument": ISIN, "day": "2023-01-09", "eod": "10.50"}, {"instrument": ISIN, "bid": 20, "ask": "22"}]
    assert (await client.put(PRICES, json={"prices": prices})).status == 200
    path = f"/accounts/{account.id}/valuations/current?price_quality="
    # two units at the close of 10.50, and at the middle of 20 and 22
    assert (await client.get(f"{path}EOD")).json["total_security_value"]["amount"] == "21"
    assert (await client.get(f"{path}HIGHEST_AVAILABLE")).json["total_security_value"]["amount"] == "42"


@pytest.mark.parametrize(
    ("price", "detail"),
    [
        ({"instrument": "XX0000000000", "bid": "1"}, "(root).prices.1: there is no instrument XX0000000000"),
        ({"instrument": ISIN}, "(root).prices.1: nothing to set"),
        ({"instrument": ISIN, "eod": "1"}, "(root).prices.1: an end-of-day price needs the day"),
        ({"instrument": ISIN, "bid": "0"}, "(root).prices.1.bid: must be greater than 0"),
        ({"instrument": ISIN, "bid": "-1"}, "(root).prices.1.bid"),
        ({"instrument": ISIN, "bid": "1e400"}, "(root).prices.1.bid"),
        ({"instrument": ISIN, "bid": "NaN"}, "(root).prices.1.bid"),
        ({"instrument": ISIN, "day": "2023-02-30", "eod": "1"}, "(root).prices.1.day"),
        ({"bid": "1"}, "(root).prices.1: field 'instrument' was not filled"),
    ],
)
async def test_of_prices_all_are_set_or_none(client: Api, world: World, price: Any, detail: str) -> None:
    seeding.instrument(world, isin=ISIN)
    before = world.store.named("prices")
    answer = await client.put(PRICES, json={"prices": [{"instrument": ISIN, "bid": "5"}, price]})
    assert (answer.status, answer.detail.startswith(detail)) == (400, True), answer.body
    assert not before
    assert not len(world.store.named("prices") or ())


async def test_no_prices_at_all_are_a_mistake(client: Api) -> None:
    assert (await client.put(PRICES, json={"prices": []})).status == 400


@pytest.mark.parametrize("run", ["intraday", "valuations", "returns", "strategies", "blocks"])
async def test_every_run_can_be_made(client: Api, run: str) -> None:
    assert (await client.post(RUNS, json={"run": run})).status == 200


async def test_an_intraday_valuation_is_told(client: Api, world: World) -> None:
    instrument = seeding.instrument(world, isin=ISIN)
    account = seeding.account(world)
    seeding.position(world, account_id=account.id, instrument=instrument.id, quantity=Decimal(2))
    await client.put(PRICES, json={"prices": [{"instrument": ISIN, "bid": "20"}]})
    await client.post(RUNS, json={"run": "intraday"})
    await client.post(f"{DEFAULT}/clock/advance", json={"by": "1m"})
    types = [event["type"] for event in (await client.get(f"{DEFAULT}/events")).json["events"]]
    assert types == ["INTRADAY_ACCOUNT_VALUATION.CREATED"]


@pytest.mark.parametrize("asked", [{}, {"run": "everything"}, {"run": 1}])
async def test_runs_that_are_none(client: Api, asked: Any) -> None:
    assert (await client.post(RUNS, json=asked)).status == 400
