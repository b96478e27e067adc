"""Looking inside over HTTP: state, events, deliveries, failures, requests."""

from __future__ import annotations

from decimal import Decimal

import orjson
import pytest

from mockserver.domain import seeding
from mockserver.domain.ledger.cash import CASH, Cash
from mockserver.kernel.world import World
from mockserver.webhooks.subscriptions import seed_subscription
from tests.conftest import Api

DEFAULT = "/_mock/worlds/default"
NOBODY = "404b170a-9042-41ed-9a51-2eabd0c03f8a"


async def test_state_counts_what_there_is(client: Api, world: World) -> None:
    seeding.account(world)
    told = (await client.get(f"{DEFAULT}/state")).json
    assert told["now"] == "2023-01-10T09:00:00Z"
    assert {name: told["resources"][name] for name in ("users", "account_groups", "accounts")} == {
        "users": 1,
        "account_groups": 1,
        "accounts": 1,
    }


async def test_the_objects_of_a_resource_in_parts(client: Api, world: World) -> None:
    accounts = [seeding.account(world) for _ in range(3)]
    told = (await client.get(f"{DEFAULT}/state/accounts?offset=1&limit=1")).json
    assert (told["resource"], told["total_count"]) == ("accounts", 3)
    (shown,) = told["data"]
    assert (shown["id"], shown["state"]) == (accounts[1].id, "ACTIVE")
    assert shown["object"] == orjson.loads(accounts[1].wire)


async def test_a_resource_may_have_nothing_yet(client: Api) -> None:
    assert (await client.get(f"{DEFAULT}/state/orders")).json == {"resource": "orders", "total_count": 0, "data": []}


async def test_an_object_explains_itself(client: Api, world: World) -> None:
    group = seeding.account_group(world, status="PENDING_APPROVAL")
    account = seeding.account(world, account_group_id=group.id, status="PENDING_APPROVAL")
    told = (await client.get(f"{DEFAULT}/state/accounts/{account.id}")).json
    assert (told["state"], told["object"]) == ("PENDING_APPROVAL", orjson.loads(account.wire))
    assert told["history"] == []
    assert [task["action"] for task in told["upcoming"]] == ["stage"]
    assert {move["to"] for move in told["possible"]} == {"ACTIVE", "CLOSING"}
    assert all(move["event"] and move["when"] and move["source"] for move in told["possible"])
    await client.post(f"{DEFAULT}/clock/advance", json={"by": "1s"})
    told = (await client.get(f"{DEFAULT}/state/accounts/{account.id}")).json
    assert [(move["from"], move["to"]) for move in told["history"]] == [("PENDING_APPROVAL", "ACTIVE")]
    assert told["waits"] is None


async def test_an_object_shows_the_events_and_requests_that_concern_it(client: Api) -> None:
    body = {"name": "x", "allocation": [{"instrument_id": "DE0005933931", "instrument_id_type": "ISIN", "weight": "1"}]}
    made = (await client.post("/portfolios/allocations", json=body)).json
    await client.post("/portfolios/allocations", json=body)
    await client.get(f"/portfolios/allocations/{made['id']}")
    told = (await client.get(f"{DEFAULT}/state/allocations/{made['id']}")).json
    assert [event["type"] for event in told["events"]] == ["PORTFOLIO_ALLOCATION.CREATED"]
    assert [(each["number"], each["operation"], each["status"]) for each in told["requests"]] == [
        (1, "create_portfolios_allocation", 200),
        (3, "retrieve_portfolios_allocation", 200),
    ]


async def test_moves_are_listed_of_all_objects_or_of_one(client: Api, world: World) -> None:
    group = seeding.account_group(world, status="PENDING_APPROVAL")
    accounts = [seeding.account(world, account_group_id=group.id, status="PENDING_APPROVAL") for _ in range(2)]
    await client.post(f"{DEFAULT}/clock/advance", json={"by": "1s"})
    told = (await client.get(f"{DEFAULT}/moves")).json
    assert {move["resource"] for move in told["moves"]} >= {"account_groups", "accounts"}
    assert told["total_count"] == len(told["moves"])
    assert len((await client.get(f"{DEFAULT}/moves?limit=1")).json["moves"]) == 1
    one = (await client.get(f"{DEFAULT}/moves?id={accounts[0].id}")).json["moves"]
    assert [(move["from"], move["to"]) for move in one] == [("PENDING_APPROVAL", "ACTIVE")]


async def test_an_object_tells_what_it_waits_for(client: Api, world: World) -> None:
    group = seeding.account_group(world, status="LOCKED")
    account = seeding.account(world, account_group_id=group.id, status="PENDING_APPROVAL")
    await client.post(f"{DEFAULT}/clock/advance", json={"by": "1s"})
    told = (await client.get(f"{DEFAULT}/state/accounts/{account.id}")).json
    assert told["waits"] == {
        "stage": "account.approve",
        "reason": f"account group {group.id} is LOCKED",
        "for": f"group/{group.id}",
    }


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("planets", "There is no resource 'planets'; there are: "),
        (f"accounts/{NOBODY}", f"accounts has no '{NOBODY}'."),
    ],
)
async def test_what_is_not_there(client: Api, path: str, detail: str) -> None:
    answer = await client.get(f"{DEFAULT}/state/{path}")
    assert (answer.status, answer.detail.startswith(detail)) == (404, True)


@pytest.mark.parametrize("resource", ["allocations", "webhooks", "portfolio_orders"])
async def test_what_there_may_be_and_is_not_is_an_empty_list(client: Api, resource: str) -> None:
    answer = await client.get(f"{DEFAULT}/state/{resource}")
    assert (answer.status, answer.json["data"]) == (200, [])


async def test_events_by_type_family_and_position(client: Api, world: World) -> None:
    group = seeding.account_group(world, status="PENDING_APPROVAL")
    seeding.account(world, account_group_id=group.id, status="PENDING_APPROVAL")
    await client.post(f"{DEFAULT}/clock/advance", json={"by": "1s"})

    async def types(query: str) -> list[str]:
        return [event["type"] for event in (await client.get(f"{DEFAULT}/events?{query}")).json["events"]]

    told = ["ACCOUNT_GROUP.ACTIVATED", "ACCOUNT.ACTIVATED", "REPORT.CREATED"]
    assert await types("") == told
    assert await types("type=ACCOUNT") == ["ACCOUNT.ACTIVATED"]
    assert await types("type=ACCOUNT_GROUP.ACTIVATED") == ["ACCOUNT_GROUP.ACTIVATED"]
    assert await types("limit=1") == told[-1:]
    assert await types("since=1") == told[1:]
    assert (await client.get(f"{DEFAULT}/events")).json["next"] == 3


async def test_deliveries_show_every_attempt(client: Api, world: World) -> None:
    webhook = seed_subscription(world, url="http://127.0.0.1:1/nobody-listens", config={"delay": "1s"})
    seeding.account_group(world, status="PENDING_APPROVAL")
    told = (await client.post(f"{DEFAULT}/clock/advance", json={"by": "3s"})).json
    assert [delivery["state"] for delivery in told["deliveries"]] == ["RETRYING"] * 2
    shown = (await client.get(f"{DEFAULT}/deliveries?webhook_id={webhook.id}")).json
    (delivery,) = shown["deliveries"]
    assert [attempt["delivered"] for attempt in delivery["attempts"]] == [False, False]
    assert delivery["payload"][0]["type"] == "ACCOUNT_GROUP.ACTIVATED"
    short = (await client.get(f"{DEFAULT}/deliveries?payload=false")).json["deliveries"]
    assert "payload" not in short[0]
    assert (await client.get(f"{DEFAULT}/deliveries?webhook_id=other")).json["total_count"] == 0


async def test_failures_show_what_broke(client: Api, world: World) -> None:
    world.clock.at(world.now, "no such action", "x", reason="made for the test")
    told = (await client.post(f"{DEFAULT}/clock/advance", json={"by": "1s"})).json
    assert told["counts"]["failures"] == 1
    (failure,) = (await client.get(f"{DEFAULT}/failures")).json["failures"]
    assert (failure["action"], failure["args"], failure["reason"]) == ("no such action", ["x"], "made for the test")
    assert "KeyError" in failure["error"]
    assert "Traceback" in failure["trace"]


async def test_requests_show_both_sides(client: Api) -> None:
    await client.get("/users?limit=1", headers={"x-mine": "é"})
    await client.post("/portfolios/allocations", data=b"{", headers={"content-type": "application/json"})
    await client.get("/_mock/health")  # not a request of the client
    shown = (await client.get(f"{DEFAULT}/requests")).json
    first, second = shown["requests"]
    assert (first["method"], first["path"], first["query"], first["operation"]) == (
        "GET",
        "/users",
        "limit=1",
        "list_users",
    )
    assert (first["status"], first["refusal"], first["answer"]["data"]) == (200, None, [])
    assert "x-mine" in first["headers"]
    assert (second["body"], second["status"], second["refusal"]) == ("{", 400, "body.malformed")
    assert (await client.get(f"{DEFAULT}/requests?since=1")).json["requests"] == [second]


# --- Chosen, in order, and with what belongs to them ---


async def shown(client: Api, query: str) -> list[str]:
    told = (await client.get(f"{DEFAULT}/state/accounts?{query}")).json
    return [each["id"] for each in told["data"]]


async def test_objects_are_chosen_by_their_state_and_text(client: Api, world: World) -> None:
    active = seeding.account(world)
    other = seeding.account(world, status="PENDING_APPROVAL")
    assert await shown(client, "state=ACTIVE") == [active.id]
    assert await shown(client, "state=PENDING_APPROVAL") == [other.id]
    assert await shown(client, "state=CLOSED") == []
    assert await shown(client, f"text={other.account_group_id}") == [other.id]
    assert await shown(client, f"text={other.account_group_id}&state=ACTIVE") == []


async def test_objects_come_newest_first_or_sorted(client: Api, world: World) -> None:
    accounts = [seeding.account(world, name=name) for name in ("b", "c", "a")]
    by_name = [accounts[2].id, accounts[0].id, accounts[1].id]
    assert await shown(client, "newest=true&limit=1") == [accounts[2].id]
    assert await shown(client, "sort=name") == by_name
    assert await shown(client, "sort=name&newest=true") == by_name[::-1]
    assert await shown(client, "sort=nothing") == [each.id for each in accounts]


async def test_a_state_that_no_object_can_have_is_refused(client: Api) -> None:
    answer = await client.get(f"{DEFAULT}/state/accounts?state=ACTIV")
    assert answer.status == 400
    assert answer.detail.startswith("(query).state: is no state of accounts (did you mean ACTIVE?): ")


async def test_amounts_are_sorted_by_size(client: Api, world: World) -> None:
    for amount in ("9", "100", "20.5"):
        group = seeding.account_group(world)
        world.table(CASH).put(Cash(group.id, "EUR", balance=Decimal(amount)))
    told = (await client.get(f"{DEFAULT}/state/cash_balances?sort=balance")).json["data"]
    amounts = [Decimal(each["object"]["balance"]) for each in told]
    assert amounts == sorted(amounts)


async def test_an_object_names_the_objects_it_belongs_to(client: Api, world: World) -> None:
    account = seeding.account(world)
    told = (await client.get(f"{DEFAULT}/state/accounts/{account.id}")).json
    related = {each["resource"]: (each["id"], each["member"]) for each in told["related"]}
    assert related["account_groups"] == (account.account_group_id, "account_group_id")
    assert "users" in related
    assert "accounts" not in related, "not itself"


async def test_an_object_has_its_earlier_versions(client: Api, world: World) -> None:
    group = seeding.account_group(world, status="PENDING_APPROVAL")
    account = seeding.account(world, account_group_id=group.id, status="PENDING_APPROVAL")
    await client.post(f"{DEFAULT}/clock/advance", json={"by": "1s"})
    await client.post(f"{DEFAULT}/moves", json={"resource": "accounts", "id": account.id, "to": "LOCKED"})
    told = (await client.get(f"{DEFAULT}/state/accounts/{account.id}")).json
    events = (await client.get(f"{DEFAULT}/events")).json["events"]
    assert [(each["event"], each["object"]) for each in told["versions"]] == [
        (event["number"], event["object"]) for event in events if event["object"]["id"] == account.id
    ]
    assert [each["object"]["status"] for each in told["versions"]] == ["ACTIVE", "LOCKED"]
