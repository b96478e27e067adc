"""The feed over HTTP: one numbered order of everything, resumed by a number, bounded, filtered, ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from benchmarks.growth import ONE_ACCOUNT, ORDER
from mockserver.control import feed as module
from mockserver.domain.accounts.accounts import ACCOUNTS
from mockserver.domain.accounts.holders import first_holder
from mockserver.hosting import waiters
from mockserver.kernel import feed as kernel_feed
from mockserver.kernel.world import World
from mockserver.scenario.build import build_world
from mockserver.scenario.load import load
from mockserver.webhooks.subscriptions import seed_subscription
from tests.conftest import Api
from tests.control.feed_reader import DEFAULT, FEED, Reader, reading
from tests.webhooks.targets import Target, target


@pytest.fixture
def world() -> World:
    return build_world(load(ONE_ACCOUNT))


@pytest.fixture
async def receiver(world: World) -> AsyncIterator[Target]:
    async with target() as receiver:
        seed_subscription(world, url=receiver.url, config={"delay": "1s"})
        yield receiver


async def place(client: Api) -> str:
    (account,) = client.world.table(ACCOUNTS)
    body = {"account_id": account.id, "user_id": first_holder(account), **ORDER}
    return str((await client.post("/orders", json=body)).json["id"])


async def advance(client: Api, **how: Any) -> Any:
    return (await client.post(f"{DEFAULT}/clock/advance", json=how)).json


def listened_to(client: Api) -> bool:
    return client.world.feed.heard is not None


async def whole(client: Api, query: str = "?since=0") -> list[dict[str, Any]]:
    async with reading(client, query) as reader:
        return await reader.until(client.world.feed.end)


async def test_it_has_everything_that_happens_in_one_order(client: Api, receiver: Target) -> None:
    begin = client.world.feed.end
    async with reading(client) as reader:
        await place(client)
        await advance(client, by="1s")
        found = await reader.until(client.world.feed.end)
    assert [each["number"] for each in found] == list(range(begin + 1, client.world.feed.end + 1))
    kinds = [each["kind"] for each in found]
    assert list(dict.fromkeys(kinds)) == ["move", "event", "request", "clock", "delivery", "attempt", "command"]
    assert kinds[-2:] == ["clock", "command"], "a command comes once it is done"
    assert [each["clock"]["under_way"] for each in found if each["kind"] == "clock"] == [True, False]
    (attempt,) = [each["attempt"] for each in found if each["kind"] == "attempt"]
    made, delivered = [each["delivery"] for each in found if each["kind"] == "delivery"]
    assert (made["state"], delivered["state"]) == ("DUE", "DELIVERED")
    assert (attempt["delivery"], attempt["delivery_id"]) == (made["number"], made["id"])
    (command,) = [each["command"] for each in found if each["kind"] == "command"]
    assert (command["path"], command["steps"]) == (f"{DEFAULT}/clock/advance", [{"advance": "1s"}])


async def test_it_tells_what_the_records_tell(client: Api, receiver: Target) -> None:
    for _ in range(3):
        await place(client)
        await client.post("/orders", json={})
        await advance(client, by="12h")
    await advance(client, until="idle")
    found = await whole(client)

    def of(kind: str) -> list[Any]:
        return [each[kind] for each in found if each["kind"] == kind]

    for kind in ("move", "event", "request"):
        records = (await client.get(f"{DEFAULT}/{kind}s?limit=10000")).json[f"{kind}s"]
        assert of(kind) == records, kind
    deliveries = (await client.get(f"{DEFAULT}/deliveries?payload=false&limit=10000")).json["deliveries"]
    latest = {each["number"]: each for each in of("delivery")}
    assert [each | {"attempts": []} for each in deliveries] == [
        latest[each["number"]] | {"attempts": []} for each in deliveries
    ]


async def test_attempts_name_their_delivery(client: Api, receiver: Target) -> None:
    await place(client)
    await advance(client, until="idle")
    found = await whole(client)
    told = [each["attempt"] for each in found if each["kind"] == "attempt"]
    listed = [
        {"delivery": delivery["number"], "delivery_id": delivery["id"], "webhook_id": delivery["webhook_id"], **attempt}
        for delivery in (await client.get(f"{DEFAULT}/deliveries")).json["deliveries"]
        for attempt in delivery["attempts"]
    ]
    assert told == listed


async def test_a_reader_goes_on_where_it_was(client: Api) -> None:
    await place(client)
    everything = await whole(client)
    async with reading(client, **{"Last-Event-ID": str(everything[1]["number"])}) as reader:
        assert await reader.until(client.world.feed.end) == everything[2:]
    async with reading(client, f"?since={everything[1]['number']}") as reader:
        assert await reader.until(client.world.feed.end) == everything[2:]


async def test_what_is_kept_no_more_is_a_gap(client: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_feed, "MOST", 3)
    for _ in range(5):
        await client.get("/users")
    end = client.world.feed.end
    async with reading(client, "?since=1") as reader:
        assert await reader.next() == {"number": end - 3, "kind": "gap", "after": 1, "missed": end - 3 - 1}
        assert [each["number"] for each in await reader.until(end)] == [end - 2, end - 1, end]


async def test_a_number_of_another_server_is_a_gap_too(client: Api) -> None:
    await client.get("/users")
    async with reading(client, **{"Last-Event-ID": "999"}) as reader:
        assert await reader.next() == {"number": 0, "kind": "gap", "after": 999, "missed": None}
        assert (await reader.next())["number"] == 1


@pytest.mark.parametrize("text", ["", "x", "-1", "1" * 40, "١"])
async def test_a_last_event_id_that_is_none_is_no_mistake(client: Api, text: str) -> None:
    async with reading(client, **{"Last-Event-ID": text}) as reader:
        await client.get("/users")
        assert (await reader.next())["kind"] in ("request", "gap")


async def test_kinds_are_chosen(client: Api) -> None:
    await place(client)
    async with reading(client, "?since=0&kind=request,%20event") as reader:
        found = await reader.until(client.world.feed.end)
    assert {each["kind"] for each in found} == {"request", "event"}


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("kind=requests", "(query).kind: 'requests' is no kind of entry (did you mean request?): request, move, "),
        ("resource=order", "There is no resource 'order'"),
        ("since=x", "(query).since: "),
        ("after=1", "(query).after: is unknown"),
    ],
)
async def test_what_could_never_come_is_refused(client: Api, query: str, detail: str) -> None:
    answer = await client.get(f"{FEED}?{query}")
    assert answer.status in (400, 404)
    assert answer.detail.startswith(detail)


@pytest.mark.parametrize("query", ["id={first}", "id={first}&resource=orders", "resource=orders"])
async def test_what_is_about_an_object_or_a_resource_is_chosen(client: Api, receiver: Target, query: str) -> None:
    first, second = await place(client), await place(client)
    await advance(client, by="1s")
    await client.get(f"/orders/{first}")
    await client.get("/users")
    async with reading(client, f"?since=0&{query.format(first=first)}") as reader:
        assert client.worlds is not None
        client.worlds.end_feeds()
        found = [await reader.next()]
        while found[-1]["kind"] != "end":
            found.append(await reader.next())
    ids = {first, second} if "id=" not in query else {first}
    moves = [each["move"] for each in found if each["kind"] == "move"]
    assert {(each["resource"], each["id"]) for each in moves} == {("orders", each) for each in ids}
    assert {each["event"]["object"]["id"] for each in found if each["kind"] == "event"} == ids
    others = {each["kind"] for each in found} - {"move", "event", "end"}
    assert others == {"delivery", "attempt"} | ({"request"} if query == "id={first}" else set())


async def test_without_payload_what_is_large_is_left_out(client: Api) -> None:
    await place(client)
    async with reading(client, "?since=0&payload=false") as reader:
        found = await reader.until(client.world.feed.end)
    (request,) = [each["request"] for each in found if each["kind"] == "request"]
    assert request.keys().isdisjoint({"headers", "body", "answer"})
    assert all("object" not in each["event"] for each in found if each["kind"] == "event")


async def test_a_reset_and_a_restoration_are_told_and_numbers_go_on(client: Api) -> None:
    snapshot = (await client.post(f"{DEFAULT}/snapshots")).json["id"]
    await place(client)
    async with reading(client) as reader:
        await client.post(f"{DEFAULT}/snapshots/{snapshot}/restore")
        await client.post(f"{DEFAULT}/reset")
        found = await reader.until(client.world.feed.end)
    assert [each["kind"] for each in found] == ["reset", "command", "reset", "command"]
    assert [each["reset"]["snapshot"] for each in found if each["kind"] == "reset"] == [snapshot, None]


async def test_what_looks_is_no_command(client: Api) -> None:
    before = client.world.feed.end
    await client.get(f"{DEFAULT}/state")
    await client.post(f"{DEFAULT}/requests/verify", json={"never": True})
    assert client.world.feed.end == before


async def test_a_refused_command_is_not_told(client: Api) -> None:
    before = client.world.feed.end
    await client.post(f"{DEFAULT}/moves", json={"resource": "orders", "id": "x", "to": "FILLED"})
    assert client.world.feed.end == before


async def test_a_request_that_the_journal_forgot_is_told_by_its_number(client: Api) -> None:
    await client.get("/users")
    await client.delete(f"{DEFAULT}/requests")
    (request,) = [each["request"] for each in await whole(client) if each["kind"] == "request"]
    assert request == {"number": 1, "forgotten": True}


async def test_a_world_that_is_removed_ends_its_feed(client: Api) -> None:
    made = (await client.post("/_mock/worlds", json={})).json["client_id"]
    async with client.http.get(f"/_mock/worlds/{made}/feed") as response:
        await client.delete(f"/_mock/worlds/{made}")
        reader = Reader(response)
        assert (await reader.next())["command"]["method"] == "DELETE"
        assert await reader.next() == {"kind": "end", "reason": "the world was removed"}
        assert await response.content.read() == b""


async def test_a_server_that_stops_ends_all_feeds(client: Api) -> None:
    async with reading(client) as reader:
        assert client.worlds is not None
        client.worlds.end_feeds()
        assert await reader.next() == {"kind": "end", "reason": "the server stops"}


async def test_a_slow_reader_holds_nothing_up_and_gets_a_gap(client: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_feed, "MOST", 50)
    async with reading(client) as reader:
        for _ in range(100):  # 20 MB, more than all buffers on the way
            await client.post("/users", json={"text": "x" * 200_000})
        for _ in range(60):
            await client.get("/users/00000000-0000-4000-8000-000000000000")
        end = client.world.feed.end
        found = await reader.until(end)
    assert "gap" in {each["kind"] for each in found}
    assert found[-1]["number"] == end


async def test_a_hundred_readers_get_the_same_bytes(client: Api, receiver: Target) -> None:
    async def read(ready: asyncio.Event) -> bytes:
        async with http.get(client.http.make_url(FEED)) as response:
            await response.content.readline()
            ready.set()
            text = b""
            while b"clock/advance" not in text:
                text += await asyncio.wait_for(response.content.readany(), 20)
            return text

    ready = [asyncio.Event() for _ in range(100)]
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        tasks = [asyncio.create_task(read(each)) for each in ready]
        for each in ready:
            await each.wait()
        await place(client)
        await advance(client, by="1s")
        assert len(set(await asyncio.gather(*tasks))) == 1


async def test_nobody_is_called_once_the_last_reader_has_left(client: Api) -> None:
    async with reading(client):
        assert listened_to(client)
    for _ in range(100):
        await client.get("/_mock/health")  # the server sees that the reader has left
        if not listened_to(client):
            break
    assert not listened_to(client)
    assert client.tenant.waiters is not None
    assert client.tenant.waiters.rendered == {}


async def test_more_readers_than_there_may_be_are_refused(client: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiters, "MOST_READERS", 1)
    async with reading(client):
        answer = await client.get(FEED)
    assert (answer.status, answer.detail[:29]) == (409, "1 readers follow the feed of ")


async def test_a_quiet_feed_shows_that_the_server_is_there(client: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HEARTBEAT", 0.01)
    async with client.http.get(FEED) as response:
        lines = [await response.content.readline() for _ in range(4)]
    assert lines[2:] == [b": nothing new\n", b"\n"]
