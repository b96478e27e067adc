"""The application put together: start and stop, settings, who answers what."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from mockserver.hosting.registry import DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET
from mockserver.kernel import system
from mockserver.kernel.rules import Refusal
from mockserver.server import ServerError, ServerSettings, create_app, start
from tests.conformance import assert_problem

ROOT = Path(__file__).parent.parent
CLIENT = "404b170a-9042-41ed-9a51-2eabd0c03f8a"
FIRST = {"name": "first", "seed": 3, "users": [{"first_name": "Ada"}]}
SECOND = {"name": "second", "client": {"id": CLIENT, "secret": "hush"}, "clock": "manual"}


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def fetched(http: aiohttp.ClientSession, url: str, **headers: str) -> tuple[int, Any]:
    async with http.get(url, headers=headers) as response:
        return response.status, await response.json(content_type=None)


async def test_without_scenarios_there_is_an_empty_default_world(http: aiohttp.ClientSession) -> None:
    async with await start(ServerSettings(port=0)) as server:
        _, shown = await fetched(http, f"{server.url}/_mock/worlds")
    (world,) = shown["worlds"]
    assert (world["world"], world["client_id"], world["client_secret"]) == (
        "default",
        DEFAULT_CLIENT_ID,
        DEFAULT_CLIENT_SECRET,
    )
    assert (world["mode"], world["auth"], world["profile"], world["seed"]) == ("real", "token", "sandbox", 0)


async def test_each_scenario_makes_a_world_and_the_first_is_the_default(http: aiohttp.ClientSession) -> None:
    async with await start(ServerSettings(port=0, scenarios=[FIRST, SECOND], auth="off", clock="manual")) as server:
        _, shown = await fetched(http, f"{server.url}/_mock/worlds")
        assert [(each["world"], each["scenario"]) for each in shown["worlds"]] == [
            ("default", "first"),
            (CLIENT, "second"),
        ]
        assert shown["worlds"][1]["client_secret"] == "hush"
        _, users = await fetched(http, f"{server.url}/users")
        assert users["meta"]["total_count"] == 1
        _, users = await fetched(http, f"{server.url}/users", **{"upvest-client-id": CLIENT})
        assert users["meta"]["total_count"] == 0


async def test_what_is_set_wins_over_the_scenario() -> None:
    settings = ServerSettings(port=0, scenarios=[FIRST], seed=8, profile="live", clock="x60", auth="off")
    async with await start(settings) as server:
        tenant = server.worlds.get("default")
        assert (tenant.world.seed, tenant.world.profile.name) == (8, "live")
        assert (str(tenant.driver.mode), tenant.auth) == ("x60", "off")


async def test_a_scenarios_mode_and_seed_hold_where_nothing_is_set() -> None:
    async with await start(ServerSettings(port=0, scenarios=[SECOND, FIRST])) as server:
        first, second = server.worlds
        assert (str(first.driver.mode), str(second.driver.mode)) == ("manual", "real")
        assert (first.world.seed, second.world.seed) == (0, 3)


async def test_a_world_in_real_time_begins_at_the_machines_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 5, 4, 12, tzinfo=UTC)
    monkeypatch.setattr(system, "wall_now", lambda: now)
    async with await start(ServerSettings(port=0)) as server:
        assert server.worlds.get("default").world.now == now


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"keys": {"mine": "no PEM"}}, "'mine': this cannot be read"),
        ({"clock": "fast"}, "'fast' is no mode of a clock"),
        ({"profile": "lively"}, "there is no profile 'lively'"),
        ({"scenarios": ["no-such-scenario"]}, "The scenario cannot be used"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_at_once(settings: Any, text: str) -> None:
    with pytest.raises(Refusal, match=text):
        create_app(ServerSettings(**settings))


@pytest.mark.parametrize("auth", ["token", "off"])
def test_a_server_that_checks_no_signatures_loads_no_cryptography(auth: str) -> None:
    program = f"""
import asyncio, sys
from mockserver.server import ServerSettings, start

async def main():
    async with await start(ServerSettings(port=0, auth="{auth}")):
        assert not {{"cryptography", "http_sf"}} & set(sys.modules), "loaded for nothing"

asyncio.run(main())
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert ran.returncode == 0, ran.stderr


async def test_a_port_in_use_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(
            ServerError, match=f"127.0.0.1:{port} is in use: choose another port, or 0 for any free one"
        ):
            await start(ServerSettings(port=port))


async def test_an_address_of_another_machine_is_told() -> None:
    with pytest.raises(ServerError, match=r"cannot listen at 192.0.2.1:0"):
        await start(ServerSettings(host="192.0.2.1", port=0))


async def test_a_server_that_stopped_can_be_started_again(http: aiohttp.ClientSession) -> None:
    async with await start(ServerSettings(port=0)) as server:
        port = int(server.url.rpartition(":")[2])
        assert (await fetched(http, f"{server.url}/_mock/health"))[0] == 200
    with pytest.raises(aiohttp.ClientConnectionError):
        await fetched(http, f"{server.url}/_mock/health")
    async with await start(ServerSettings(port=port)) as server:
        assert (await fetched(http, f"{server.url}/_mock/health"))[0] == 200


async def test_stopping_waits_for_nobody(http: aiohttp.ClientSession) -> None:
    server = await start(ServerSettings(port=0))
    await fetched(http, f"{server.url}/_mock/health")  # a connection that is kept open
    async with http.post(f"{server.url}/_mock/worlds/default/clock/advance", json={"by": "1d"}) as response:
        assert response.status == 200
    await server.stop()


async def test_the_control_api_may_need_a_token(http: aiohttp.ClientSession) -> None:
    async with await start(ServerSettings(port=0, control_token="s3cret", auth="off")) as server:
        url = f"{server.url}/_mock/worlds"
        assert (await fetched(http, f"{server.url}/_mock/health"))[0] == 200
        assert (await fetched(http, url, authorization="Bearer s3cret"))[0] == 200
        assert (await fetched(http, f"{server.url}/users"))[0] == 200
        for wrong in ({}, {"authorization": "Bearer x"}, {"authorization": "s3cret"}, {"authorization": "Bearer é"}):
            async with http.get(url, headers=wrong) as response:
                assert response.status == 401
                assert_problem(response.status, response.headers, await response.read())


async def test_the_sender_of_a_large_body_is_asked_for_it(http: aiohttp.ClientSession) -> None:
    async with await start(ServerSettings(port=0, auth="off")) as server:
        url = f"{server.url}/webhooks"
        body = {"title": "mine", "url": "http://localhost/"}
        async with http.post(url, json=body, expect100=True) as response:
            assert response.status == 201


@pytest.mark.parametrize(
    "data",
    [
        b"GET /users HTTP/1.1\r\ncontent-length: -5\r\n\r\n",
        b"MAKE /users HTTP/1.1\r\n\r\n",
        b"GET /us\xffers HTTP/1.1\r\n\r\n",
        b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n",
        b"POST /webhooks HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n",
        b"\x16\x03\x01\x02\r\n\r\n",
    ],
    ids=lambda data: repr(data[:20]),
)
async def test_what_is_no_http_is_told_so(http: aiohttp.ClientSession, data: bytes) -> None:
    async with await start(ServerSettings(port=0, auth="off")) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))
        writer.write(data)
        head, _, body = (await asyncio.wait_for(reader.read(), 5)).partition(b"\r\n\r\n")
        writer.close()
        first, *lines = head.decode().split("\r\n")
        assert first.split()[1] == "400"
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        assert_problem(400, headers, body)
        assert (await fetched(http, f"{server.url}/_mock/health"))[0] == 200


async def test_a_proxys_way_to_ask_is_understood() -> None:
    async with await start(ServerSettings(port=0, auth="off")) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))
        writer.write(b"GET http://api.upvest.co/users?limit=1 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        assert (await asyncio.wait_for(reader.readline(), 5)).split()[1] == b"200"
        writer.close()


def test_a_signal_ends_it() -> None:
    script = (
        "from mockserver.server import ServerSettings, run\n"
        "run(ServerSettings(port=0), lambda server: print(server.url, flush=True))\n"
        "print('over')"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=10)[0] == "over\n"
        assert process.returncode == 0


async def test_an_application_of_somebody_else_serves_both_apis_and_its_signals_see_the_answers(
    aiohttp_client: Callable[[web.Application], Awaitable[TestClient[Any, Any]]],
) -> None:
    application = create_app(ServerSettings(auth="off", clock="manual"))

    async def open_to_all(_: web.Request, response: web.StreamResponse) -> None:
        response.headers["access-control-allow-origin"] = "*"

    application.on_response_prepare.append(open_to_all)
    client = await aiohttp_client(application)
    for path, status in (("/users", 200), ("/_mock/health", 200), ("/nowhere", 404)):
        async with client.get(path) as answer:
            assert (answer.status, answer.headers["access-control-allow-origin"]) == (status, "*")
