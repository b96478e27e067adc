"""Waiting for requests: as soon as they are there, and no longer than something may bring them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from mockserver.control import request_waits
from mockserver.control.refusals import WORLD_REMOVED
from mockserver.control.request_waits import Found
from mockserver.control.verification import Pattern
from mockserver.hosting import waiters
from mockserver.hosting.refusals import TOO_MANY_WAITS
from mockserver.hosting.tenants import Tenant
from mockserver.kernel.rules import Refusal
from mockserver.webhooks.subscriptions import seed_subscription
from tests.conftest import Api
from tests.webhooks.targets import Answer, Target, no_content, target

WAIT = "/_mock/worlds/default/requests/wait"
LONG = 3600.0
"""Seconds that no test waits: what ends by this time only would be seen."""


async def wait(client: Api, **body: Any) -> Any:
    answer = await client.post(WAIT, json={"timeout": "10m", **body})
    assert answer.status == 200, answer.detail
    return answer.json


def waiters_of(client: Api) -> int:
    waiters = client.tenant.waiters
    return 0 if waiters is None else len(waiters)


async def eventually(true: Callable[[], bool]) -> None:
    """Let the server work until something is so."""
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110 - what is looked at has no event
            await asyncio.sleep(0)


class Waiting:
    """A wait that has begun, in the event loop of the server."""

    def __init__(self, tenant: Tenant, count: int = 1, *, patient: bool = False, **pattern: Any) -> None:
        self.left = asyncio.get_running_loop().create_future()
        asked = Pattern.model_validate(pattern)
        work = request_waits.wait(tenant, asked, count, LONG, self.left, patient=patient)
        self.task: asyncio.Task[Found] = asyncio.create_task(work)

    async def goes_on(self) -> bool:
        """Whether it still waits once everybody had a turn."""
        for _ in range(5):
            await asyncio.sleep(0)
        return not self.task.done()


@pytest.fixture
async def waiting(client: Api) -> Any:
    """Begins waits, and ends those that are left."""
    begun: list[Waiting] = []

    def begin(*arguments: Any, **pattern: Any) -> Waiting:
        begun.append(Waiting(client.tenant, *arguments, **pattern))
        return begun[-1]

    yield begin
    for each in begun:
        each.task.cancel()
    await asyncio.gather(*(each.task for each in begun), return_exceptions=True)
    assert client.tenant.world.feed.heard is None  # the journal has nobody to wake any more


Begin = Callable[..., Waiting]


# --- What is there ---


async def test_what_is_in_the_journal_is_answered_at_once(client: Api) -> None:
    await client.get("/users?limit=5")
    await client.get("/accounts")
    told = await wait(client, method="GET", path="/users")
    assert (told["verified"], told["matched"], told["expected"], told["reason"]) == (True, 1, "at least 1", None)
    (request,) = told["requests"]
    assert (request["number"], request["path"], request["query"], request["status"]) == (1, "/users", "limit=5", 200)
    assert request["answer"] == {"meta": request["answer"]["meta"], "data": []}


async def test_only_what_came_after_the_mark_counts(client: Api) -> None:
    await client.get("/users")
    mark = (await client.get("/_mock/worlds/default/requests?limit=0")).json["last"]
    assert mark == 1
    assert not (await wait(client, path="/users", since=mark))["verified"]
    await client.get("/users?offset=0")
    (request,) = (await wait(client, path="/users", since=mark))["requests"]
    assert request["number"] == 2


async def test_the_first_of_them_are_answered(client: Api) -> None:
    for _ in range(3):
        await client.get("/users")
    told = await wait(client, path="/users", count=2)
    assert (told["matched"], [each["number"] for each in told["requests"]]) == (3, [1, 2])


# --- What comes ---


async def test_a_request_ends_the_wait_as_soon_as_it_is_in_the_journal(client: Api, waiting: Begin) -> None:
    wait = waiting(2, patient=True, path="/users")
    assert await wait.goes_on()
    await client.get("/users")
    await client.get("/accounts")
    assert await wait.goes_on()
    await client.get("/users?limit=1")
    found = await wait.task
    assert [(entry.number, entry.query) for entry in found.matched] == [(1, ""), (3, "limit=1")]
    assert found.reason is None


async def test_several_wait_for_different_things(client: Api, waiting: Begin) -> None:
    users, accounts = waiting(patient=True, path="/users"), waiting(patient=True, path="/accounts")
    assert await users.goes_on()
    await client.get("/accounts")
    assert [entry.path for entry in (await accounts.task).matched] == ["/accounts"]
    assert await users.goes_on()


async def test_a_journal_that_is_emptied_goes_on(client: Api, waiting: Begin) -> None:
    wait = waiting(patient=True, path="/users")
    assert await wait.goes_on()
    client.tenant.journal.clear()
    await client.get("/users")
    assert [entry.number for entry in (await wait.task).matched] == [1]


# --- Under way, or not ---


async def refusing(_: web.Request) -> web.Response:
    return web.Response(status=503)


async def test_where_nothing_is_under_way_it_fails_at_once_with_the_nearest_misses(client: Api) -> None:
    await client.get("/users?limit=5")
    told = await wait(client, method="GET", path="/users", query={"limit": "6"})
    assert not told["verified"]
    assert told["reason"].startswith("nothing is under way that could bring it: the clock is frozen and no command ")
    assert "no webhook was delivered so far" in told["reason"]
    (miss,) = told["nearest"]
    assert miss["missed"] == ['query limit: expected "6", got "5"']


async def test_patience_waits_all_the_same(client: Api) -> None:
    told = await wait(client, path="/users", patient=True, timeout="1ms")
    assert told["reason"] == "none more came within 0.001 s"


async def test_a_clock_that_runs_may_bring_it(client: Api) -> None:
    await client.request("PATCH", "/_mock/worlds/default/clock", json={"mode": "x60"})
    assert (await wait(client, path="/users", timeout="1ms"))["reason"] == "none more came within 0.001 s"


async def test_a_move_of_the_clock_may_bring_it_until_it_is_over(client: Api, waiting: Begin) -> None:
    async with client.tenant.driver.still():
        wait = waiting(path="/users")
        assert await wait.goes_on()
    assert "nothing is under way" in str((await wait.task).reason)


async def test_a_request_that_waits_for_its_answer_may_be_it(client: Api, waiting: Begin) -> None:
    answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    halted = asyncio.create_task(client.tenant.meanwhile(answer))
    await asyncio.sleep(0)
    wait = waiting(path="/users")
    assert await wait.goes_on()
    answer.set_result(None)
    await halted
    await client.get("/accounts")
    assert "no request is waiting for its answer" in str((await wait.task).reason)


async def test_a_delay_on_purpose_is_such_a_wait(client: Api, waiting: Begin) -> None:
    await client.post("/_mock/worlds/default/faults", json={"request": {"path": "/users"}, "delay": "50ms"})
    request = asyncio.create_task(client.get("/users"))
    await eventually(lambda: client.tenant.halted == 1)
    wait = waiting(path="/users")
    assert await wait.goes_on()
    await request
    assert [entry.path for entry in (await wait.task).matched] == ["/users"]
    assert client.tenant.halted == 0


@pytest.mark.parametrize("answer", [no_content, refusing])
async def test_whoever_got_a_webhook_since_the_mark_may_still_work(client: Api, answer: Answer) -> None:
    async with target(answer) as receiver:
        await _delivered(client, receiver)


async def _delivered(client: Api, receiver: Target) -> None:
    seed_subscription(client.world, url=receiver.url, config={"delay": "1s"})
    await client.post("/_mock/worlds/default/events", json={"type": "ORDER.NEW"})
    before = (await wait(client, path="/users"))["reason"]
    assert "nothing is under way" in before  # emitted, and not sent: the clock is frozen
    await client.get("/accounts")
    await client.post("/_mock/worlds/default/clock/advance", json={"by": "5s"})
    assert (await wait(client, path="/users", timeout="1ms"))["reason"] == "none more came within 0.001 s"
    assert (await wait(client, path="/users", since=1, timeout="1ms"))["reason"] == "none more came within 0.001 s"
    await client.post("/_mock/worlds/default/clock/advance", json={"by": "500ms"})
    await client.get("/accounts")  # later than the delivery, in the world's time
    told = await wait(client, path="/users", since=2)
    assert "no webhook was delivered since the request #2" in told["reason"]


async def test_whoever_got_a_test_event_may_still_work(client: Api) -> None:
    async with target() as receiver:
        webhook = seed_subscription(client.world, url=receiver.url)
        await client.post(f"/webhooks/{webhook.id}/test")
        assert len(receiver.bodies) == 1
        assert (await wait(client, path="/users", timeout="1ms"))["reason"] == "none more came within 0.001 s"
        assert "nothing is under way" in (await wait(client, path="/users", since=1))["reason"]


# --- Ends ---


async def test_a_world_that_is_removed_ends_the_wait(client: Api) -> None:
    made = (await client.post("/_mock/worlds", json={"clock": "manual"})).json
    assert client.worlds is not None
    tenant = client.worlds.get(made["client_id"])
    wait = Waiting(tenant, patient=True)
    assert await wait.goes_on()
    await client.request("DELETE", f"/_mock/worlds/{made['client_id']}")
    with pytest.raises(Refusal) as refusal:
        await wait.task
    assert refusal.value.rule is WORLD_REMOVED
    assert made["client_id"] in refusal.value.detail
    assert refusal.value.rule.status == 404


async def test_a_client_that_leaves_is_not_waited_for(client: Api) -> None:
    address = client.http.server
    _, writer = await asyncio.open_connection(address.host, address.port)
    body = b'{"path": "/users", "patient": true, "timeout": "10m"}'
    head = f"POST {WAIT} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"
    writer.write(head.encode() + b"\r\n\r\n" + body)
    await eventually(lambda: waiters_of(client) == 1)
    writer.close()
    await eventually(lambda: waiters_of(client) == 0)
    assert client.tenant.world.feed.heard is None


async def test_there_is_a_limit(client: Api, waiting: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiters, "MOST_WAITS", 1)
    first = waiting(patient=True)
    assert await first.goes_on()
    answer = await client.post(WAIT, json={})
    assert (answer.status, answer.detail) == (TOO_MANY_WAITS.status, TOO_MANY_WAITS.refuse(limit=1).detail)


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"path": "/usres"}, "(root).path: the API has no path '/usres' (did you mean /users?)"),
        ({"operation": "list_usres"}, "(root).operation: 'list_usres' is no operation of the API (did you mean "),
        ({"timeout": "soon"}, "(root).timeout: 'soon' is not a duration: write for example 250ms, 5s"),
        ({"timeout": "11m"}, "(root).timeout: must be at most 10m, not 11m"),
        ({"count": 0}, "(root).count: must be at least 1"),
        ({"never": True}, "(root): field 'never' is unknown"),
    ],
)
async def test_what_cannot_be_meant_is_refused(client: Api, body: Any, detail: str) -> None:
    answer = await client.post(WAIT, json=body)
    assert (answer.status, answer.detail[: len(detail)]) == (400, detail)
