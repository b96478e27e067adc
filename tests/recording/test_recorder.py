"""The recorded scenario: what was done by hand replays green, holds no secrets, and is never wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import uuid4

import aiohttp
import orjson
import pytest

from mockserver.protocol import journal
from mockserver.replay.player import replay
from mockserver.scenario.document import Document, parse
from mockserver.scenario.load import read
from mockserver.server import RunningServer, ServerSettings, start
from tests.conftest import Api
from tests.webhooks.targets import target

ISIN = "IE00B4L5Y983"
SCENARIO: dict[str, Any] = {
    "name": "buying",
    "seed": 5,
    "clock": "2023-01-10T08:00:00Z",
    "profile": {"base": "sandbox", "stages": {"order.execute": {"delay": "1h"}}},
    "client": {"secret": "hush-hush", "id": "404b170a-9042-41ed-9a51-2eabd0c03f8a"},
    "users": [{"as": "erika"}],
    "accounts": [{"as": "savings", "user_id": "erika"}],
    "cash": [{"account_id": "savings", "amount": "1000.00"}],
    "instruments": [{"isin": ISIN, "bid": "80.00", "ask": "80.00"}],
    "allocations": [{"as": "world", "allocation": [{"instrument_id": ISIN, "weight": "1"}]}],
    "configurations": [{"account_id": "savings", "allocation_id": "world"}],
    "steps": [{"note": "none of these are kept"}],
}
DEFAULT = "/_mock/worlds/default"


class Hand:
    """Somebody who tries things by hand: a client and commands, on the default world."""

    def __init__(self, server: RunningServer, http: aiohttp.ClientSession) -> None:
        self.server = server
        self.http = http

    async def ask(self, method: str, path: str, body: Any = None, data: bytes | None = None, **headers: Any) -> Any:
        content = data if body is None else orjson.dumps(body)
        sent: dict[str, str | None] = {"content-type": "application/json"} if content is not None else {}
        if method in ("POST", "PATCH"):
            sent["idempotency-key"] = str(uuid4())
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        own = {name: value for name, value in sent.items() if value is not None}
        async with self.http.request(method, path, data=content, headers=own) as response:
            told = await response.read()
        try:
            return orjson.loads(told)
        except ValueError:
            return told

    async def command(self, method: str, path: str, body: Any = None) -> Any:
        return await self.ask(method, DEFAULT + path, body)

    async def known(self) -> tuple[str, str]:
        """The user and the account of the scenario."""
        user = (await self.ask("GET", "/users"))["data"][0]["id"]
        return user, (await self.ask("GET", f"/users/{user}/accounts"))["data"][0]["id"]

    async def buy(self, amount: str = "100.00") -> Any:
        user, account = await self.known()
        body = {"user_id": user, "account_id": account, "side": "BUY", "cash_amount": amount, "currency": "EUR"}
        return await self.ask("POST", "/portfolios/orders", body)

    async def recorded(self) -> Mapping[str, Any]:
        async with self.http.get(f"{DEFAULT}/scenario") as response:
            text = await response.text()
            assert response.status == 200, text
            assert response.content_type == "application/yaml"
        found = parse(text, "recorded.yaml").data
        assert found == await self.ask("GET", f"{DEFAULT}/scenario?format=json")
        return dict(found)

    async def refusal(self) -> str:
        async with self.http.get(f"{DEFAULT}/scenario") as response:
            assert response.status == 409, await response.text()
            return str((await response.json(content_type=None))["detail"])

    async def replayed(self) -> Mapping[str, Any]:
        """The recording, once it has replayed green against a fresh world of another server."""
        data = await self.recorded()
        async with await start(ServerSettings(port=0, profile="live", seed=99)) as other:
            played = await replay(read(Document("recorded", dict(data))), other.url)
        assert [(entry.number, entry.title, entry.problems) for entry in played.failures] == []
        assert len(played.entries) == len(data["steps"])
        return data


@pytest.fixture
def settings() -> ServerSettings:
    return ServerSettings(port=0, auth="off", clock="manual", scenarios=[SCENARIO])


@pytest.fixture
async def hand(settings: ServerSettings) -> AsyncIterator[Hand]:
    async with await start(settings) as server, aiohttp.ClientSession(server.url) as http:
        yield Hand(server, http)


def requests(data: Mapping[str, Any]) -> list[str]:
    return [
        f"{step['request'].get('method', 'GET')} {step['request']['path']}"
        for step in data["steps"]
        if "request" in step
    ]


# --- It replays green ---


async def test_a_portfolio_order_from_new_to_settled(hand: Hand) -> None:
    order = await hand.buy()
    await hand.command("POST", "/clock/advance", {"by": "30m"})
    await hand.ask("GET", f"/portfolios/orders/{order['id']}")
    await hand.command("POST", "/clock/advance", {"until": "idle"})
    settled = await hand.ask("GET", f"/portfolios/orders/{order['id']}")
    assert settled["status"] == "SETTLED"
    data = await hand.replayed()
    assert requests(data) == [
        "GET /users",
        "GET /users/${erika}/accounts",
        "POST /portfolios/orders",
        "GET /portfolios/orders/${order}",
        "GET /portfolios/orders/${order}",
    ]
    assert [step["advance"] for step in data["steps"] if "advance" in step] == ["30m", "idle"]
    (made,) = [step for step in data["steps"] if "save" in step]
    assert made["save"] == {"order": "id"}
    assert made["request"]["body"]["account_id"] == "${savings}"
    assert made["expect"]["body"]["id"] == "${uuid}"
    assert made["expect"]["body"]["status"] == "NEW"


async def test_allocations_from_their_making_to_their_end(hand: Hand) -> None:
    body = {"name": "Mine", "allocation": [{"instrument_id": ISIN, "instrument_id_type": "ISIN", "weight": "1"}]}
    made = [await hand.ask("POST", "/portfolios/allocations", body) for _ in range(2)]
    for each in made:
        path = f"/portfolios/allocations/{each['id']}"
        await hand.ask("GET", path)
        await hand.ask("PUT", path, {**body, "name": "Yours"})
    await hand.ask("GET", "/portfolios/allocations?limit=2&offset=1&order=DESC")
    data = await hand.replayed()
    assert "PUT /portfolios/allocations/${allocation_2}" in requests(data)
    assert data["steps"][-1]["request"]["query"] == {"limit": "2", "offset": "1", "order": "DESC"}


async def test_requests_that_fail(hand: Hand) -> None:
    await hand.ask("GET", "/users/404b170a-9042-41ed-9a51-2eabd0c03f8a")
    await hand.ask("GET", "/nowhere")
    await hand.ask("DELETE", "/users")
    await hand.ask("GET", "/users", accept="text/html")
    await hand.ask("GET", "/users?limit=x")
    await hand.ask("GET", "/users", upvest_api_version="2")
    await hand.ask("POST", "/portfolios/allocations", data=b'{"broken')
    await hand.ask("POST", "/portfolios/allocations", data=b"")
    await hand.ask("POST", "/portfolios/allocations", {"allocation": [{"weight": 0.5}], "name": 10**30 // 10**12})
    await hand.ask("POST", "/portfolios/allocations", "text", content_type="text/plain")
    await hand.ask("POST", "/portfolios/allocations", {}, idempotency_key=None)
    await hand.ask("POST", "/portfolios/allocations", {}, idempotency_key="seven")
    await hand.buy("100000000.00")
    data = await hand.replayed()
    statuses = [step["expect"]["status"] for step in data["steps"]]
    assert statuses[:12] == [404, 404, 405, 406, 400, 400, 400, 400, 400, 400, 400, 400]


async def test_the_same_key_twice(hand: Hand) -> None:
    body = {"name": "Mine", "allocation": [{"instrument_id": ISIN, "instrument_id_type": "ISIN", "weight": "1"}]}
    key = str(uuid4())
    for name in ("Mine", "Mine", "Yours"):
        await hand.ask("POST", "/portfolios/allocations", {**body, "name": name}, idempotency_key=key)
    data = await hand.replayed()
    assert [step["request"]["idempotency_key"] for step in data["steps"]] == [key] * 3


@pytest.mark.parametrize("end", ["all", "key"])
async def test_the_same_key_twice_with_its_end_between(hand: Hand, end: str) -> None:
    body = {"name": "Mine", "allocation": [{"instrument_id": ISIN, "instrument_id_type": "ISIN", "weight": "1"}]}
    keys = [str(uuid4()) for _ in range(3)]
    for key in keys:
        await hand.ask("POST", "/portfolios/allocations", body, idempotency_key=key)
    await hand.command("POST", "/idempotency_keys/expire", {"all": True} if end == "all" else {"key": keys[1].upper()})
    again = keys[0 if end == "all" else 1]
    await hand.ask("POST", "/portfolios/allocations", {**body, "name": "Yours"}, idempotency_key=again)
    data = await hand.replayed()
    assert data["steps"][3] == {"expire": "idempotency_keys" if end == "all" else {"idempotency_key": keys[1]}}


async def test_a_key_that_was_ended_and_not_used_again_is_kept(hand: Hand) -> None:
    body = {"name": "Mine", "allocation": [{"instrument_id": ISIN, "instrument_id_type": "ISIN", "weight": "1"}]}
    key = str(uuid4())
    await hand.ask("POST", "/portfolios/allocations", body, idempotency_key=key)
    await hand.command("POST", "/idempotency_keys/expire", {"key": key})
    assert (await hand.replayed())["steps"][0]["request"]["idempotency_key"] == key


async def test_forced_moves_prices_runs_and_snapshots(hand: Hand) -> None:
    order = await hand.buy()
    taken = await hand.command("POST", "/snapshots")
    await hand.command("POST", "/moves", {"resource": "portfolio_orders", "id": order["id"], "to": "PROCESSING"})
    await hand.ask("GET", f"/portfolios/orders/{order['id']}")
    await hand.command("PUT", "/prices", {"prices": [{"instrument": ISIN, "bid": "40", "ask": 40.5, "day": None}]})
    await hand.command("PUT", "/prices", {"prices": [{"instrument": ISIN, "day": "2023-01-09", "eod": None}]})
    await hand.command("POST", "/runs", {"run": "valuations"})
    await hand.command("POST", f"/snapshots/{taken['id']}/restore")
    await hand.ask("GET", f"/portfolios/orders/{order['id']}")
    await hand.command("POST", "/clock/advance", {"next": True})
    await hand.command("POST", "/clock/advance", {"to": "2023-01-12T00:00:00Z"})
    await hand.ask("GET", f"/portfolios/orders/{order['id']}")
    data = await hand.replayed()
    steps = [next(iter(step)) for step in data["steps"]]
    assert steps[3:] == [
        "snapshot", "move", "request", "prices", "prices", "run", "restore", "request", "advance", "advance", "request",
    ]  # fmt: skip
    assert data["steps"][4]["move"] == {"resource": "portfolio_orders", "id": "${order}", "to": "PROCESSING"}


async def test_a_reset_begins_anew(hand: Hand) -> None:
    await hand.buy()
    await hand.command("POST", "/clock/advance", {"by": "1d"})
    await hand.command("POST", "/reset")
    await hand.ask("GET", "/users")
    assert requests(await hand.replayed()) == ["GET /users"]


async def test_webhooks_go_to_the_receiver_of_the_replay(hand: Hand) -> None:
    async with target() as receiver:
        made = await hand.ask("POST", "/webhooks", {"title": "mine", "url": receiver.url, "type": ["PORTFOLIO_ORDER"]})
        await hand.ask("PATCH", f"/webhooks/{made['id']}", {"enabled": True})
        await hand.ask("POST", f"/webhooks/{made['id']}/test")
        await hand.buy()
        await hand.command("POST", "/clock/advance", {"until": "idle"})
        await hand.ask("GET", "/webhooks")
        data = await hand.replayed()
    assert data["steps"][0]["request"]["body"]["url"] == "${receiver}/hooks"
    assert data["steps"][0]["expect"]["body"]["url"] == "${receiver}/hooks"
    assert "127.0.0.1" not in str(data)


async def test_a_world_of_no_scenario(hand: Hand) -> None:
    made = await hand.ask("POST", "/_mock/worlds", {"auth": "off", "clock": "manual", "profile": "manual", "seed": 8})
    own = {"upvest_client_id": made["client_id"]}
    await hand.ask("GET", "/users", **own)
    async with hand.http.get(f"/_mock/worlds/{made['client_id']}/scenario?format=json") as response:
        data = await response.json()
    assert (data["name"], data["seed"], data["profile"]) == ("world-recorded", 8, "manual")
    assert (await replay(read(Document("recorded", data)), hand.server.url)).passed


async def test_a_world_in_real_time(settings: ServerSettings) -> None:
    running = ServerSettings(port=0, auth="off", clock="x1000", scenarios=[SCENARIO])
    async with await start(running) as server, aiohttp.ClientSession(server.url) as http:
        hand = Hand(server, http)
        order = await hand.buy()
        for _ in range(5):
            await hand.ask("GET", f"/portfolios/orders/{order['id']}")
            await hand.command("POST", "/clock/advance", {"by": "20m"})
        data = await hand.replayed()
    assert "to" in data["steps"][0]["advance"]


async def test_requests_from_a_webhooks_handler_come_in_the_middle_of_a_move(hand: Hand) -> None:
    async def answer(request: aiohttp.web.Request) -> aiohttp.web.StreamResponse:
        await hand.ask("GET", "/portfolios/orders")
        return aiohttp.web.Response()

    async with target(answer) as receiver:
        made = await hand.ask("POST", "/webhooks", {"title": "mine", "url": receiver.url, "type": ["PORTFOLIO_ORDER"]})
        await hand.ask("PATCH", f"/webhooks/{made['id']}", {"enabled": True})
        await hand.buy()
        await hand.command("POST", "/clock/advance", {"by": "2h"})
        await hand.ask("GET", "/portfolios/orders")
        data = await hand.replayed()
    assert requests(data).count("GET /portfolios/orders") > 1


# --- What it does not tell ---


async def test_secrets_are_never_in_it(settings: ServerSettings) -> None:
    strict = ServerSettings(port=0, auth="token", clock="manual", scenarios=[SCENARIO])
    async with await start(strict) as server, aiohttp.ClientSession(server.url) as http:
        hand = Hand(server, http)
        client_id = server.worlds.get("default").client_id
        form = f"grant_type=client_credentials&client_id={client_id}&client_secret=hush-hush&scope=users:read".encode()
        token = (await hand.ask("POST", "/auth/token", data=form, content_type="application/x-www-form-urlencoded"))[
            "access_token"
        ]
        own: dict[str, Any] = {"upvest_client_id": client_id}
        await hand.ask("GET", "/users", authorization=f"Bearer {token}", **own)
        await hand.ask("GET", "/users", authorization="Bearer wrong", **own)
        await hand.ask("GET", "/accounts", authorization=f"Bearer {token}", **own)
        data = await hand.replayed()
        text = str(data)
    for secret in ("hush-hush", token, token[:15], client_id, "Bearer"):
        assert secret not in text
    assert requests(data) == ["GET /users"]
    assert [step["note"] for step in data["steps"] if "note" in step] == [
        "Left out: GET /users was answered 401, and was refused (token.unknown): a replay logs in by itself",
        "Left out: GET /accounts was answered 403, and was refused (token.scope): a replay logs in by itself",
    ]


async def test_a_binary_body_that_was_refused_is_left_out_with_a_note(hand: Hand) -> None:
    await hand.ask("POST", "/portfolios/allocations", data=b"\xff\xfe")
    data = await hand.replayed()
    assert data["steps"] == [
        {
            "note": "Left out: POST /portfolios/allocations was answered 400, and has a binary body, which no scenario "
            "can hold"
        }
    ]


# --- What cannot be recorded ---


async def test_a_journal_that_lost_its_beginning(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "MOST_ENTRIES", 2)
    for _ in range(5):
        await hand.ask("GET", "/users")
    told = await hand.refusal()
    assert "the journal has lost its beginning, the requests 1 to 3" in told
    await hand.command("POST", "/reset")
    await hand.ask("GET", "/users")
    assert requests(await hand.replayed()) == ["GET /users"]


async def test_a_journal_that_was_emptied(hand: Hand) -> None:
    await hand.ask("GET", "/users")
    await hand.command("DELETE", "/requests")
    assert "the requests 1." in await hand.refusal()


async def test_a_request_that_was_cut_off(hand: Hand) -> None:
    await hand.command("POST", "/faults", {"request": {}, "reset": True})
    with pytest.raises(aiohttp.ClientConnectionError):
        await hand.ask("GET", "/users")
    assert "the request 1, GET /users, was cut off by a fault" in await hand.refusal()


async def test_a_text_that_a_scenario_would_fill_in(hand: Hand) -> None:
    body = {"name": "${x}", "allocation": [{"instrument_id": ISIN, "instrument_id_type": "ISIN", "weight": "1"}]}
    assert "id" in await hand.ask("POST", "/portfolios/allocations", body)
    assert "has a text with ${, which a scenario would fill in" in await hand.refusal()


async def test_a_world_that_a_program_put_together(client: Api) -> None:
    answer = await client.get(f"{DEFAULT}/scenario")
    assert (answer.status, "put together by a program" in answer.detail) == (409, True)


async def test_a_format_that_there_is_not(client: Api) -> None:
    answer = await client.get(f"{DEFAULT}/scenario?format=xml")
    assert (answer.status, answer.detail[:15]) == (400, "(query).format:")
