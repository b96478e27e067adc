"""Series that are ready to be drawn, against the same from the records and the API."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from benchmarks.growth import ISIN, ONE_ACCOUNT, ORDER
from mockserver.domain.accounts.accounts import ACCOUNTS
from mockserver.domain.accounts.holders import first_holder
from mockserver.kernel.world import World
from mockserver.scenario.build import build_world
from mockserver.scenario.load import load
from mockserver.webhooks.subscriptions import seed_subscription
from tests.conftest import Api

DEFAULT = "/_mock/worlds/default"


@pytest.fixture
def world() -> World:
    return build_world(load({**ONE_ACCOUNT, "cash": [{"account_id": "a", "amount": "30.00"}]}))


async def buy(client: Api) -> str:
    (account,) = client.world.table(ACCOUNTS)
    body = {"account_id": account.id, "user_id": first_holder(account), **ORDER}
    assert (await client.post("/orders", json=body)).status in (200, 201, 202)
    return str(account.id)


async def advance(client: Api, by: str) -> None:
    await client.post(f"{DEFAULT}/clock/advance", json={"by": by})


async def test_an_account_by_day(client: Api) -> None:
    account = await buy(client)
    await advance(client, "1h")
    price = {"instrument": ISIN, "bid": "20.00", "ask": "20.00"}
    await advance(client, "1d")
    await client.put(f"{DEFAULT}/prices", json={"prices": [price]})
    await advance(client, "2d")
    told = (await client.get(f"{DEFAULT}/series/accounts/{account}")).json
    valued = (await client.get(f"{DEFAULT}/state/valuations?limit=1000")).json["data"]
    assert [each["value"] for each in told["value"]] == [
        each["object"]["total_security_value"]["amount"] for each in valued
    ]
    assert len(told["value"]) == 3, "one for each night"
    assert [each["day"] for each in told["returns"]] == ["2023-01-10", "2023-01-11", "2023-01-12"]
    assert told["drift"] == []


async def test_the_books_of_cash_at_each_change(client: Api) -> None:
    account = await buy(client)
    await advance(client, "1h")
    cash = (await client.get(f"{DEFAULT}/series/accounts/{account}")).json["cash"]
    # 30.00 EUR, of which the order first locks its 10.00, and then spends them
    assert [(each["balance"], each["locked_for_trading"]) for each in cash][:1] == [("30", "10")]
    assert (cash[-1]["balance"], cash[-1]["available_for_trading"]) == ("20", "20")
    times = [datetime.fromisoformat(each["at"]) for each in cash]
    assert times == sorted(times)


async def test_the_drift_of_an_account_from_its_target(client: Api) -> None:
    account = await buy(client)
    await advance(client, "1h")
    body = {"name": "x", "allocation": [{"instrument_id": ISIN, "instrument_id_type": "ISIN", "weight": "1"}]}
    allocation = (await client.post("/portfolios/allocations", json=body)).json["id"]
    made = await client.post("/portfolios/configurations", json={"account_id": account, "allocation_id": allocation})
    assert made.status < 300, made.body
    (leg,) = (await client.get(f"{DEFAULT}/series/accounts/{account}")).json["drift"]
    assert (leg["isin"], float(leg["weight"]), float(leg["target"]), float(leg["drift"])) == (ISIN, 1, 1, 0)


async def test_a_world_over_time(client: Api, world: World) -> None:
    assert (await client.get(f"{DEFAULT}/series")).json == {"step_seconds": 0, "steps": []}
    seed_subscription(world, url="http://127.0.0.1:1/hooks", config={"delay": "1s"})
    for _ in range(2):
        for _ in range(3):
            await client.post(f"{DEFAULT}/events", json={"type": "ORDER.NEW"})
        await advance(client, "10m")
    told = (await client.get(f"{DEFAULT}/series")).json
    events = (await client.get(f"{DEFAULT}/events?limit=10000")).json["events"]
    deliveries = (await client.get(f"{DEFAULT}/deliveries?limit=10000")).json["deliveries"]
    attempts = [attempt for delivery in deliveries for attempt in delivery["attempts"]]

    def summed(name: str) -> int:
        return sum(each[name] for each in told["steps"])

    assert (summed("events"), summed("deliveries")) == (len(events), len(deliveries))
    assert summed("attempts") == summed("failed_attempts") == len(attempts) > 2
    assert 1 < len(told["steps"]) <= 60
    assert told["steps"][0]["from"] <= events[0]["created_at"]
    assert told["steps"][0]["events"] == 3


@pytest.mark.parametrize("years", [0, 1, 40])
async def test_there_are_never_too_many_steps(client: Api, years: int) -> None:
    world = client.world
    await client.post(f"{DEFAULT}/events", json={"type": "ORDER.NEW"})
    world.clock.reach(world.now + timedelta(days=365 * years))
    await client.post(f"{DEFAULT}/events", json={"type": "ORDER.NEW"})
    steps: list[Any] = (await client.get(f"{DEFAULT}/series")).json["steps"]
    assert len(steps) <= 60
    assert (steps[0]["events"] + (steps[-1]["events"] if len(steps) > 1 else 0)) == 2


async def test_of_an_account_that_is_not_there(client: Api) -> None:
    assert (await client.get(f"{DEFAULT}/series/accounts/none")).status == 404
