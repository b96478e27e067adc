"""Refused requests leave nothing to the garbage collector: no frame, no exception, none of their bytes."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any

import pytest

from mockserver.protocol.clients import Auth
from tests.conftest import Api
from tests.protocol.allocations import PATH
from tests.protocol.conftest import Serve
from tests.protocol.raw import Wire, raw

KEY = "404b170a-9042-41ed-9a51-2eabd0c03f8a"
UNKNOWN = "9ed77463-c18e-4794-ab5c-17423f9b801a"
MARK = b"m" * 50_000
JSON = b'{"' + MARK + b'": 1}'
SIGNED = {
    "signature-input": f'sig1=("@method" "@path");keyid="{UNKNOWN}";created=1673341200;expires=1673341260;nonce="n"',
    "signature": "sig1=:AAAA:",
    "upvest-signature-version": "15",
}

REFUSED: dict[str, tuple[Auth, bytes]] = {
    "malformed JSON": (Auth.OFF, raw("POST", PATH, JSON[:-1], idempotency_key=KEY)),
    "unknown member": (Auth.OFF, raw("POST", PATH, JSON, idempotency_key=KEY)),
    "too large": (Auth.OFF, raw("POST", PATH, MARK * 60)),
    "too large, in pieces": (
        Auth.OFF,
        raw("POST", PATH, transfer_encoding="chunked") + b"2dc6c0\r\n" + MARK * 60 + b"\r\n0\r\n\r\n",
    ),
    "not unpacked": (Auth.OFF, raw("POST", PATH, MARK, content_encoding="gzip")),
    "another media type": (Auth.OFF, raw("POST", PATH, JSON, content_type="text/plain", idempotency_key=KEY)),
    "no idempotency key": (Auth.OFF, raw("POST", PATH, JSON)),
    "malformed idempotency key": (Auth.OFF, raw("POST", PATH, JSON, idempotency_key="x")),
    "unknown path": (Auth.OFF, raw("POST", "/nowhere", JSON)),
    "wrong method": (Auth.OFF, raw("PUT", PATH, JSON)),
    "malformed id in the path": (Auth.OFF, raw("GET", "/orders/x", MARK)),
    "the same of nobody": (Auth.OFF, raw("GET", "/orders/x", MARK, upvest_client_id=UNKNOWN)),
    "malformed query": (Auth.OFF, raw("GET", "/orders?limit=x", MARK)),
    "not accepted": (Auth.OFF, raw("GET", "/orders", MARK, accept="image/png")),
    "no such object": (Auth.OFF, raw("GET", f"/orders/{UNKNOWN}", MARK)),
    "unknown client": (Auth.OFF, raw("POST", PATH, JSON, upvest_client_id=UNKNOWN)),
    "no client": (Auth.TOKEN, raw("POST", PATH, JSON, upvest_client_id="")),
    "no token": (Auth.TOKEN, raw("POST", PATH, JSON)),
    "bad token": (Auth.TOKEN, raw("POST", PATH, JSON, authorization="Bearer ory_at_x")),
    "bad form": (Auth.TOKEN, raw("POST", "/auth/token", MARK[:10_000], content_type="text/plain")),
    "no signature": (Auth.STRICT, raw("POST", PATH, JSON)),
    "bad signature": (Auth.STRICT, raw("POST", PATH, JSON, **SIGNED)),
    "no HTTP": (Auth.OFF, b"GET / HTTP/1.1\r\n" + MARK[:5_000] + b"\r\n\r\n"),
    "a fault of ours": (Auth.OFF, raw("GET", "/users", MARK)),
    "control: unknown path": (Auth.OFF, raw("POST", "/_mock/nowhere", JSON)),
    "control: wrong method": (Auth.OFF, raw("PUT", "/_mock/worlds", JSON)),
    "control: malformed JSON": (Auth.OFF, raw("POST", "/_mock/worlds", JSON[:-1])),
    "control: unknown member": (Auth.OFF, raw("POST", "/_mock/worlds", JSON)),
    "control: bad scenario": (Auth.OFF, raw("POST", "/_mock/worlds", b'{"scenario": ' + JSON + b"}")),
    "control: no such world": (Auth.OFF, raw("POST", "/_mock/worlds/nobody/reset", MARK)),
    "control: bad query": (Auth.OFF, raw("GET", "/_mock/worlds/default/events?limit=x", MARK)),
    "control: back in time": (
        Auth.OFF,
        raw("POST", "/_mock/worlds/default/clock/advance", b'{"to": "2001-01-01T00:00:00Z"}' + b" " * 50_000),
    ),
    "control: no such move": (Auth.OFF, raw("POST", "/_mock/worlds/default/moves", JSON)),
    "control: bad fault": (Auth.OFF, raw("POST", "/_mock/worlds/default/faults", JSON)),
}


@pytest.fixture
def auth(request: pytest.FixtureRequest) -> Auth:
    kind = request.node.callspec.params.get("kind") if hasattr(request.node, "callspec") else None
    return Auth.OFF if kind is None else REFUSED[kind][0]


@contextmanager
def garbage() -> Iterator[list[Any]]:
    """What is unreachable after the block, and only the collector would have found."""
    found: list[Any] = []
    gc.disable()
    gc.freeze()  # what was there before is not looked at: that is most of a test process
    try:
        yield found
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        found += gc.garbage
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.unfreeze()
        gc.enable()


def left(found: list[Any]) -> list[str]:
    """What of it should have gone with its request."""
    kinds = [repr(each)[:200] for each in found if isinstance(each, FrameType | TracebackType | BaseException)]
    held = [each for one in found for each in gc.get_referents(one) if isinstance(each, bytes | bytearray | str)]
    return kinds + [f"{len(each)} of {type(each).__name__}" for each in held if len(each) >= 5_000]


async def repeated(send: Callable[[], Awaitable[object]]) -> list[str]:
    for _ in range(2):  # what is made once for all: models, compiled patterns, remembered paths
        await send()
    with garbage() as found:
        for _ in range(5):
            await send()
        await asyncio.sleep(0)
    return left(found)


@pytest.mark.parametrize("kind", [kind for kind in REFUSED if kind != "a fault of ours"])
async def test_a_refused_request_leaves_nothing_to_collect(client: Api, kind: str) -> None:
    _, request = REFUSED[kind]
    async with Wire(client) as wire:

        async def refused() -> None:
            assert 400 <= await wire.send(request) < 500
            if kind == "not unpacked":
                await wire.close()  # the server closes it: what follows such a body cannot be read

        assert await repeated(refused) == []
        assert await wire.send(raw("GET", "/_mock/health")) == 200  # so all of the last request has been received


async def test_nor_does_one_that_fails_inside(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    def broken(*_: object) -> Any:
        raise ValueError("out of order")

    api = await serve({"list_users": broken})
    async with Wire(api) as wire:

        async def failed() -> None:
            assert await wire.send(REFUSED["a fault of ours"][1]) == 500
            caplog.clear()  # a record of the log has the traceback

        assert await repeated(failed) == []


@pytest.mark.parametrize("path", [PATH, "/_mock/worlds"])
async def test_nor_does_a_client_that_leaves_in_the_middle(
    client: Api, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    half = raw("POST", path, MARK * 10)[: -len(MARK)]
    async with Wire(client) as wire:

        async def gone() -> None:
            await wire.leave(half)
            await wire.send(raw("GET", "/_mock/health"))  # the other connection was taken before this one is served
            if serving := asyncio.all_tasks() - before:
                await asyncio.wait(serving)

        await wire.send(raw("GET", "/_mock/health"))
        before = asyncio.all_tasks()
        assert await repeated(gone) == []
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_a_body_that_cannot_be_unpacked_is_refused_without_a_line_of_the_log(
    client: Api, caplog: pytest.LogCaptureFixture
) -> None:
    async with Wire(client) as wire:
        assert await wire.send(REFUSED["not unpacked"][1]) == 400
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
