"""Sending over HTTP: what the target sees, and what becomes of answers, silence and refusals."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any, cast

import pytest
from aiohttp import ClientConnectorDNSError, ClientConnectorError, web
from yarl import URL

from mockserver.kernel.world import World
from mockserver.protocol.redaction import MASK
from mockserver.webhooks.delivery import Delivery, DeliveryState
from mockserver.webhooks.receiver_errors import LARGEST_ANSWER, explain, origin
from mockserver.webhooks.sender import EXCERPT, Sender, Turn
from mockserver.webhooks.signing import Signed
from tests.webhooks.targets import answering, speaking, target
from tests.webhooks.tenants import MORNING, Tenant, tenant

BODY = b'{"payload":[]}'


@pytest.fixture
async def sender() -> AsyncIterator[Sender]:
    sender = Sender()
    yield sender
    await sender.close()


@pytest.fixture(name="hasty")
def hasty_fixture() -> Tenant:
    """A world that waits a fifth of a second for an answer."""
    return tenant({"webhooks": {"timeout": "200ms"}})


async def advance(tenant: Tenant, sender: Sender, seconds: float) -> list[Delivery]:
    """Move the clock as the server does."""
    until = tenant.world.now + timedelta(seconds=seconds)
    with Turn(sender, tenant.world) as turn:
        turn.ends(until)
        while not tenant.world.run(until):
            await turn.deliver_ready()
        tenant.world.clock.reach(until)
        return list(turn.answered)


@pytest.fixture
def closed_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def subscribe_each(tenant: Tenant, *urls: str) -> None:
    for number, url in enumerate(urls):
        tenant.subscribe(url=url, created_at=MORNING + timedelta(microseconds=number))


# --- What the target sees ---


async def test_a_bundle_is_posted_as_json(tenant: Tenant, sender: Sender) -> None:
    async with target() as receiver:
        tenant.subscribe(url=receiver.url + "?key=a%20b%7E")
        tenant.tell("a", "b")
        [delivery] = await advance(tenant, sender, 1)
        [request] = receiver.requests
    assert (request.method, request.raw_path) == ("POST", "/hooks?key=a%20b%7E")
    assert request.headers["content-type"] == "application/json"
    assert request.headers["content-length"] == str(len(delivery.body))
    assert request.headers["user-agent"] == "mockserver-webhooks"
    assert "accept-encoding" not in request.headers
    assert receiver.bodies == [delivery.body]
    assert delivery.state is DeliveryState.DELIVERED


async def test_one_connection_serves_many_bundles(tenant: Tenant, sender: Sender) -> None:
    async with target() as receiver:
        tenant.subscribe(url=receiver.url, config={"max_package_size": 100})
        tenant.tell(*map(str, range(50)))
        await advance(tenant, sender, 1)
    assert receiver.names == [[str(number)] for number in range(50)]
    assert len(receiver.connections) == 1


async def test_worlds_share_the_connections_but_no_cookies(sender: Sender) -> None:
    one, two = tenant(), tenant()
    async with target(answering(headers={"set-cookie": "world=one"})) as receiver:
        for world in (one, two):
            world.subscribe(url=receiver.url.replace("127.0.0.1", "localhost"))  # a name: addresses set no cookies
            world.tell("a")
            await advance(world, sender, 1)
    assert len(receiver.connections) == 1
    assert all("cookie" not in request.headers for request in receiver.requests)


async def test_a_signer_adds_headers_that_may_depend_on_everything(tenant: Tenant) -> None:
    def sign(world: World, url: URL, headers: Mapping[str, str], body: bytes) -> Signed:
        return Signed({"signature": f"{world.seed} {url} {len(body)} {sorted(headers)}"}, None)

    sender = Sender(sign=sign)
    async with target() as receiver:
        await sender.send(tenant.world, receiver.url, BODY)
        await sender.close()
    expected = f"7 {receiver.url} {len(BODY)} ['content-type', 'user-agent']"
    assert receiver.requests[0].headers["signature"] == expected


# --- Answers ---


async def test_an_answer_is_kept_without_what_differs_between_runs(tenant: Tenant, sender: Sender) -> None:
    headers = [("x-colour", "red"), ("x-colour", "blue"), ("date", "Tue, 10 Jan 2023 08:00:00 GMT")]
    async with target(answering(418, text="no coffee", headers=dict(headers[1:]) | {"x-b": "c"})) as receiver:
        outcome = await sender.send(tenant.world, receiver.url, BODY)
    assert (outcome.status, outcome.body, outcome.error) == (418, "no coffee", None)
    kept = {name.lower(): value for name, value in outcome.headers}
    assert (kept["x-colour"], kept["x-b"]) == ("blue", "c")
    assert kept.keys().isdisjoint({"date", "connection"})


async def test_headers_sent_twice_are_joined_and_broken_ones_made_readable(tenant: Tenant, sender: Sender) -> None:
    answer = b"HTTP/1.1 200 OK\r\nX-A: 1\r\nX-A: 2\r\nX-B: caf\xe9\r\nContent-Length: 2\r\n\r\n\xff!"
    async with speaking([answer]) as url:
        outcome = await sender.send(tenant.world, url, BODY)
    assert dict(outcome.headers) | {} == {"X-A": "1, 2", "X-B": "caf\ufffd", "Content-Length": "2"}
    assert outcome.body == "\ufffd!"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_a_failure_and_is_not_followed(tenant: Tenant, sender: Sender, status: int) -> None:
    async with target() as elsewhere, target(answering(status, headers={"location": elsewhere.url})) as receiver:
        tenant.subscribe(url=receiver.url)
        tenant.tell("a")
        [delivery] = await advance(tenant, sender, 1)
    assert elsewhere.requests == []
    assert delivery.state is DeliveryState.RETRYING
    assert delivery.attempts[0].outcome.problem == f"it answered {status}, and redirects are not followed"


@pytest.mark.parametrize("size", [LARGEST_ANSWER - 1, LARGEST_ANSWER, LARGEST_ANSWER + 1, 10 * LARGEST_ANSWER])
async def test_a_long_answer_is_cut(tenant: Tenant, sender: Sender, size: int) -> None:
    async with target(answering(body=b"x" * size)) as receiver:
        outcome = await sender.send(tenant.world, receiver.url, BODY)
        assert outcome.status == 200
        assert len(outcome.body) == min(size, LARGEST_ANSWER)
        tenant.subscribe(url=receiver.url)
        tenant.tell("a")
        [delivery] = await advance(tenant, sender, 1)
    assert len(delivery.attempts[0].outcome.body) == EXCERPT
    assert delivery.state is DeliveryState.DELIVERED


async def test_the_same_story_leaves_the_same_record(sender: Sender) -> None:
    async with target(answering(text="thanks")) as receiver:
        records = []
        for _ in range(2):
            world = tenant(seed=9)
            world.subscribe(url=receiver.url)
            world.tell("a")
            records.append(await advance(world, sender, 1))
    assert records[0] == records[1]


# --- No answers ---


async def test_a_refused_connection_is_an_ordinary_failure(tenant: Tenant, sender: Sender, closed_port: int) -> None:
    where = f"http://127.0.0.1:{closed_port}"
    tenant.subscribe(url=f"{where}/hooks")
    tenant.tell("a")
    attempts = (await advance(tenant, sender, 12))[-1].attempts
    assert [attempt.at - MORNING for attempt in attempts] == [timedelta(seconds=at) for at in (1, 2, 4, 7, 12)]
    assert {attempt.outcome.error for attempt in attempts} == {f"nothing listens at {where}: connection refused"}


async def test_a_refusal_reads_the_same_for_a_name_of_several_addresses(
    tenant: Tenant, sender: Sender, closed_port: int
) -> None:
    outcome = await sender.send(tenant.world, f"http://localhost:{closed_port}/", BODY)
    assert outcome.error == f"nothing listens at http://localhost:{closed_port}: connection refused"


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (None, "closed the connection without an answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", "did not answer within 200ms"),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "did not give a whole answer in HTTP"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n", "did not give a whole answer in HTTP"),
    ],
)
async def test_no_whole_answer_is_no_answer(hasty: Tenant, sender: Sender, answer: bytes | None, problem: str) -> None:
    async with speaking([answer]) as url:
        outcome = await sender.send(hasty.world, url, BODY)
    assert outcome.error == f"{url.removesuffix('/hooks')} {problem}"
    assert (outcome.status, outcome.headers, outcome.body) == (0, (), "")


async def test_https_to_a_target_that_speaks_http_is_a_failure(tenant: Tenant, sender: Sender) -> None:
    async with target() as receiver:
        outcome = await sender.send(tenant.world, receiver.url.replace("http:", "https:"), BODY)
    assert outcome.error is not None
    assert outcome.error.startswith("no TLS with https://127.0.0.1:")


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ClientConnectorDNSError(cast(Any, None), OSError(-2, "unknown")), "the host name of {} does not resolve"),
        (ClientConnectorError(cast(Any, None), OSError(113, "no route")), "{} cannot be reached"),
        (ValueError("odd"), "{} cannot be called: ValueError"),
    ],
)
def test_what_cannot_be_tried_on_loopback_is_explained_too(error: Exception, text: str) -> None:
    where = "http://tenant.tld:8000"
    assert explain(error, f"{where}/hooks", timedelta(seconds=2)) == text.format(where)


def test_nothing_is_shown_of_what_is_no_url() -> None:
    """It may hold a secret."""
    assert origin("nonsense") == MASK


async def test_a_kept_connection_that_the_target_closed_is_no_failure(tenant: Tenant, sender: Sender) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    async with speaking([answer, None, answer]) as url:
        assert (await sender.send(tenant.world, url, BODY)).delivered
        assert (await sender.send(tenant.world, url, BODY)).delivered


async def test_a_target_that_always_closes_is_asked_once_on_a_fresh_connection(tenant: Tenant, sender: Sender) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    answers: list[bytes | None] = [answer, None, None, answer]
    async with speaking(answers) as url:
        assert (await sender.send(tenant.world, url, BODY)).delivered
        assert not (await sender.send(tenant.world, url, BODY)).delivered
    assert answers == [answer]


# --- Turns ---


async def test_answers_count_in_the_order_of_subscriptions_not_of_arrival(tenant: Tenant, sender: Sender) -> None:
    second_came = asyncio.Event()

    async def late(request: web.Request) -> web.StreamResponse:
        await second_came.wait()
        return web.Response(status=500)

    async def early(request: web.Request) -> web.StreamResponse:
        second_came.set()
        return web.Response(status=500)

    async with target(late) as slow, target(early) as quick:
        subscribe_each(tenant, slow.url, quick.url)
        tenant.tell("a")
        sent = await advance(tenant, sender, 1)
    assert [delivery.url for delivery in sent] == [slow.url, quick.url]
    retries = [task.args[1] for task in tenant.world.clock.upcoming() if task.action == "webhook.retry"]
    assert retries == [delivery.id for delivery in sent]


async def test_a_turn_that_is_cancelled_leaves_its_deliveries_to_be_sent(tenant: Tenant, sender: Sender) -> None:
    came, released = asyncio.Event(), asyncio.Event()

    async def hang(request: web.Request) -> web.StreamResponse:
        came.set()
        await released.wait()
        return web.Response()

    async with target(hang) as receiver:
        tenant.subscribe(url=receiver.url)
        tenant.tell("a")
        move = asyncio.create_task(advance(tenant, sender, 1))
        await came.wait()
        move.cancel()
        with pytest.raises(asyncio.CancelledError):
            await move
        released.set()
        assert tenant.outbox.pending
        await advance(tenant, sender, 0)
    assert [delivery.state for delivery in tenant.outbox.deliveries()] == [DeliveryState.DELIVERED]


async def test_a_request_that_is_refused_takes_back_no_delivery(tenant: Tenant, sender: Sender) -> None:
    async def refuse(request: web.Request) -> web.StreamResponse:
        tenant.world.undo.roll_back()
        return web.Response()

    async with target(refuse) as receiver:
        tenant.subscribe(url=receiver.url)
        tenant.tell("a", "b")
        await advance(tenant, sender, 1)
        tenant.world.undo.roll_back()
        await advance(tenant, sender, 60)
    assert receiver.names == [["a", "b"]]
    assert [delivery.state for delivery in tenant.outbox.deliveries()] == [DeliveryState.DELIVERED]


async def at_once() -> None:
    """Nothing moves the world's clock meanwhile."""


async def test_a_world_without_an_outbox_has_nothing_to_send(tenant: Tenant, sender: Sender) -> None:
    tenant.world.parts.pop("outbox")
    with Turn(sender, tenant.world) as turn:
        await turn.deliver_ready()
        assert turn.answered == ()
        assert not turn.try_skipped()
    sender.dispatch(tenant.world, at_once)
    await sender.settle(tenant.world)


# --- In real time ---


async def test_dispatching_does_not_wait_and_empties_the_queue(tenant: Tenant) -> None:
    heard: list[str] = []
    sender = Sender(heard=lambda _, delivery: heard.append(delivery.state.value))
    async with target() as receiver:
        tenant.subscribe(url=receiver.url, config={"max_package_size": 100})
        tenant.tell("a", "b", "c")
        sender.dispatch(tenant.world, at_once)
        assert not tenant.outbox.pending
        assert tenant.world.run(tenant.world.now)
        await sender.settle(tenant.world)
        assert receiver.names == [["a"], ["b"], ["c"]]
        await sender.close()
    assert heard == ["DELIVERED"] * 3


async def test_a_dispatched_failure_is_tried_again_in_the_worlds_time(
    tenant: Tenant, sender: Sender, closed_port: int
) -> None:
    tenant.subscribe(url=f"http://127.0.0.1:{closed_port}", config={"max_package_size": 100})
    tenant.tell("a")
    sender.dispatch(tenant.world, at_once)
    await sender.settle(tenant.world)
    [delivery] = tenant.outbox.deliveries()
    assert (delivery.state, delivery.retry_at) == (DeliveryState.RETRYING, MORNING + timedelta(seconds=1))


async def test_a_sender_that_closes_leaves_what_is_under_way_to_be_sent(tenant: Tenant) -> None:
    came, released = asyncio.Event(), asyncio.Event()

    async def hang(request: web.Request) -> web.StreamResponse:
        came.set()
        await released.wait()
        return web.Response()

    sender = Sender()
    async with target(hang) as receiver:
        tenant.subscribe(url=receiver.url, config={"max_package_size": 100})
        tenant.tell("a")
        sender.dispatch(tenant.world, at_once)
        await came.wait()
        await sender.close()
        released.set()
    assert tenant.outbox.pending
