"""The receiver: it keeps what comes, misbehaves when told to, and is waited for without polling."""

from __future__ import annotations

import asyncio
import http.client
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import orjson
import pytest

from mockserver.kernel.world import World
from mockserver.testing import AsyncReceiver, Check, NotReceivedError, Receiver
from mockserver.testing.receiver import Inbox, Outlook
from mockserver.webhooks.keys import keys_of
from mockserver.webhooks.sender import Sender


def bundle(*types: str) -> bytes:
    events = [{"id": str(number), "type": type, "object": {}, "webhook_id": "w"} for number, type in enumerate(types)]
    return orjson.dumps({"payload": events})


def post(receiver: Inbox, body: bytes, path: str = "/") -> int:
    """The status; 0: the connection was closed."""
    connection = http.client.HTTPConnection(urlsplit(receiver.url).netloc, timeout=10)
    try:
        connection.request("POST", path, body)
        response = connection.getresponse()
        response.read()
        return response.status
    except (ConnectionError, http.client.RemoteDisconnected):
        return 0
    finally:
        connection.close()


def statuses(receiver: Inbox, calls: int) -> list[int]:
    return [post(receiver, bundle("ORDER.NEW")) for _ in range(calls)]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


# --- What came ---


def test_it_keeps_what_comes(receiver: Receiver) -> None:
    assert post(receiver, bundle("ORDER.NEW", "ORDER.FILLED"), "/a%20b?x=1") == 200
    (received,) = receiver.received
    assert (received.path, received.query, received.webhook_id) == ("/a%20b", "x=1", "w")
    assert [event["type"] for event in receiver.events] == ["ORDER.NEW", "ORDER.FILLED"]


def test_it_forgets_on_demand(receiver: Receiver) -> None:
    post(receiver, bundle("ORDER.NEW"))
    receiver.clear()
    assert (receiver.received, receiver.events) == ([], [])


def test_a_body_that_is_no_bundle_is_kept_too(receiver: Receiver) -> None:
    post(receiver, b"hello")
    assert (len(receiver.received), receiver.events) == (1, [])


# --- How it answers ---


def test_it_fails_until_it_recovers(receiver: Receiver) -> None:
    receiver.fail(503)
    assert statuses(receiver, 2) == [503, 503]
    receiver.recover()
    assert statuses(receiver, 1) == [200]


def test_it_fails_at_the_nth_call_from_now_on(receiver: Receiver) -> None:
    statuses(receiver, 3)
    receiver.fail(nth=2)
    assert statuses(receiver, 3) == [200, 500, 200]


def test_it_fails_so_many_times(receiver: Receiver) -> None:
    receiver.fail(nth=2, times=2)
    assert statuses(receiver, 4) == [200, 500, 500, 200]
    receiver.fail(times=1)
    assert statuses(receiver, 2) == [500, 200]


def test_it_closes_the_connection(receiver: Receiver) -> None:
    receiver.refuse(nth=1)
    assert statuses(receiver, 2) == [0, 200]
    assert [each.status for each in receiver.received] == [0, 200]


def test_it_waits_before_it_answers(receiver: Receiver) -> None:
    receiver.delay(60.0, nth=1)
    connection = http.client.HTTPConnection(urlsplit(receiver.url).netloc, timeout=10)
    connection.request("POST", "/", bundle("ORDER.NEW"))
    receiver.wait_for("ORDER.NEW")  # it came, and is not answered yet
    connection.close()
    assert statuses(receiver, 1) == [200]


def test_of_two_statuses_the_later_counts(receiver: Receiver) -> None:
    receiver.fail(500)
    receiver.fail(502, nth=1)
    assert statuses(receiver, 2) == [502, 500]


@pytest.mark.parametrize(("nth", "times"), [(0, None), (None, 0), (-1, 1)])
def test_calls_are_counted_from_one(receiver: Receiver, nth: int | None, times: int | None) -> None:
    with pytest.raises(ValueError, match=r"counted from 1|at least once"):
        receiver.fail(nth=nth, times=times)


def test_what_it_did_not_accept_is_no_event(receiver: Receiver) -> None:
    receiver.fail(nth=1)
    post(receiver, bundle("ORDER.NEW"))
    post(receiver, bundle("ORDER.FILLED"))
    assert [event["type"] for event in receiver.events] == ["ORDER.FILLED"]


# --- Waiting ---


def test_what_came_already_is_there_at_once(receiver: Receiver) -> None:
    post(receiver, bundle("ORDER.NEW", "ORDER.FILLED"))
    assert [event["id"] for event in receiver.wait_for("ORDER.FILLED", timeout=0)] == ["1"]
    assert len(receiver.wait_for("ORDER", 2, timeout=0)) == 2


def test_a_wait_ends_when_the_last_has_come(receiver: Receiver) -> None:
    def send() -> None:
        post(receiver, bundle("ORDER.NEW"))
        post(receiver, bundle("USER.CREATED"))
        post(receiver, bundle("ORDER.FILLED"))

    thread = threading.Thread(target=send)
    thread.start()
    assert [event["type"] for event in receiver.wait_for("ORDER", 2)] == ["ORDER.NEW", "ORDER.FILLED"]
    thread.join()


def test_a_wait_in_vain_tells_what_came(receiver: Receiver) -> None:
    post(receiver, bundle("ORDER.NEW", "ORDER.NEW"))
    receiver.fail(503, nth=1)
    post(receiver, bundle("ORDER.FILLED"))
    post(receiver, b"hello")
    with pytest.raises(NotReceivedError) as caught:
        receiver.wait_for("ORDER.FILLED", timeout=0)
    assert str(caught.value).splitlines() == [
        "no ORDER.FILLED came within 0 s",
        "  2 × ORDER.NEW came",
        "  1 × a body that is no bundle came",
        "  1 × a bundle was answered 503",
    ]


def test_a_wait_for_more_than_came_tells_how_many(receiver: Receiver) -> None:
    with pytest.raises(NotReceivedError, match="none of 2 ORDER came within 0 s\n  nothing came at all"):
        receiver.wait_for("ORDER", 2, timeout=0)
    post(receiver, bundle("ORDER.NEW"))
    with pytest.raises(NotReceivedError, match="only 1 of 2 ORDER came"):
        receiver.wait_for("ORDER", 2, timeout=0)


def test_advice_is_added() -> None:
    with (
        Receiver(outlook=lambda _: Outlook(False, "  move the clock")) as receiver,
        pytest.raises(NotReceivedError, match="within 0 s\n  nothing came at all\n  move the clock"),
    ):
        receiver.wait_for("ORDER", timeout=0)


HOPELESS = Outlook(True, "  the clock is frozen")
AT_ONCE = "no ORDER came, and nothing is under way that could bring it\n  nothing came at all\n  the clock is frozen"


def test_a_wait_ends_at_once_where_nothing_can_come() -> None:
    with Receiver(outlook=lambda _: HOPELESS) as receiver, pytest.raises(NotReceivedError, match=AT_ONCE):
        receiver.wait_for("ORDER", timeout=3600)


async def test_an_awaited_wait_ends_at_once_where_nothing_can_come() -> None:
    async with AsyncReceiver(outlook=lambda _: HOPELESS) as receiver:
        with pytest.raises(NotReceivedError, match=AT_ONCE):
            await receiver.wait_for("ORDER", timeout=3600)


def test_a_wait_ends_when_nothing_can_come_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.testing.receiver.LOOK_AGAIN", 0.001)
    looks = iter([Outlook(False, ""), Outlook(False, ""), HOPELESS])
    with Receiver(outlook=lambda _: next(looks)) as receiver, pytest.raises(NotReceivedError, match=AT_ONCE):
        receiver.wait_for("ORDER", timeout=3600)


def test_what_comes_while_the_world_is_looked_at_is_not_missed() -> None:
    def outlook(_: str) -> Outlook:
        post(sought, bundle("ORDER.NEW"))
        return HOPELESS

    with Receiver(outlook=outlook) as sought:
        assert len(sought.wait_for("ORDER", timeout=3600)) == 1


def never(_: str) -> Outlook:
    """What must not be asked: somebody else may move the clock."""
    raise AssertionError


async def test_beside_other_tasks_a_wait_goes_on() -> None:
    async with AsyncReceiver(outlook=never) as receiver:
        waiting = asyncio.create_task(receiver.wait_for("ORDER", timeout=3600))
        await asyncio.sleep(0)
        await asyncio.to_thread(post, receiver, bundle("ORDER.NEW"))
        assert len(await waiting) == 1


async def test_in_another_thread_a_wait_goes_on() -> None:
    with Receiver(outlook=never) as receiver:
        waiting = asyncio.create_task(asyncio.to_thread(receiver.wait_for, "ORDER", timeout=3600))
        await asyncio.to_thread(post, receiver, bundle("ORDER.NEW"))
        assert len(await waiting) == 1


def test_a_patient_wait_looks_at_no_world() -> None:
    with Receiver(outlook=never) as receiver:
        thread = threading.Thread(target=post, args=(receiver, bundle("ORDER.NEW")))
        thread.start()
        assert len(receiver.wait_for("ORDER", timeout=3600, patient=True)) == 1
        thread.join()


@pytest.mark.parametrize(("name", "meant"), [("ORDER.FILED", "ORDER.FILLED"), ("ORDERS", "ORDER"), ("order", "ORDER")])
def test_a_type_that_there_is_not_is_refused(receiver: Receiver, name: str, meant: str) -> None:
    with pytest.raises(ValueError, match=rf"'{name}' is no event of the API \(did you mean {meant}\b"):
        receiver.wait_for(name)


async def test_a_wait_is_awaited() -> None:
    async with AsyncReceiver() as receiver:
        waiting = asyncio.create_task(receiver.wait_for("ORDER.NEW"))
        assert await asyncio.to_thread(post, receiver, bundle("ORDER.NEW")) == 200
        assert len(await waiting) == 1
        with pytest.raises(NotReceivedError, match=r"no USER came within 0\.01 s"):
            await receiver.wait_for("USER", timeout=0.01)


async def test_a_wait_that_was_given_up_hurts_nobody() -> None:
    async with AsyncReceiver() as receiver:
        waiting = asyncio.create_task(receiver.wait_for("ORDER.NEW"))
        await asyncio.sleep(0)
        waiting.cancel()
        assert await asyncio.to_thread(post, receiver, bundle("ORDER.NEW")) == 200


# --- Signatures ---


def published(world: World) -> dict[str, object]:
    return {"keys": [orjson.loads(key.public.wire) for key in keys_of(world).published]}


async def test_a_signature_is_checked(world: World) -> None:
    sender = Sender()
    async with AsyncReceiver(published(world)) as receiver:
        assert (await sender.send(world, f"{receiver.url}/hooks?x=%20", bundle("ORDER.NEW"))).status == 200
        assert await asyncio.to_thread(post, receiver, bundle("ORDER.FILLED")) == 401
    await sender.close()
    first, second = receiver.received
    assert first.verified is not None
    assert first.verified.kid == keys_of(world).signing.kid
    assert second.problem is not None
    assert second.problem.check is Check.HEADERS
    assert [event["type"] for event in receiver.events] == ["ORDER.NEW"]


async def test_keys_that_rotated_are_fetched_again(world: World) -> None:
    fetched = 0

    async def fetch() -> dict[str, object]:
        nonlocal fetched
        fetched += 1
        return published(world)

    sender = Sender()
    async with AsyncReceiver(fetch) as receiver:
        for _ in range(2):
            await sender.send(world, receiver.url, bundle("ORDER.NEW"))
        assert fetched == 1
        keys_of(world).rotate()
        await sender.send(world, receiver.url, bundle("ORDER.NEW"))
    await sender.close()
    assert fetched == 2
    assert all(each.verified for each in receiver.received)


async def test_where_nothing_is_signed_nothing_is_checked() -> None:
    async def fetch() -> None:
        return None

    async with AsyncReceiver(fetch) as receiver:
        assert await asyncio.to_thread(post, receiver, bundle("ORDER.NEW")) == 200


# --- Its end ---


def test_its_thread_ends_with_it() -> None:
    with Receiver() as receiver:
        names = [thread.name for thread in threading.enumerate()]
        assert "mockserver receiver" in names
    assert "mockserver receiver" not in [thread.name for thread in threading.enumerate()]
    assert post(receiver, b"") == 0
