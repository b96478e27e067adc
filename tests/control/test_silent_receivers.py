"""Receivers that do not answer, or send a command of the clock before they do, with a server around their world."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import ClientSession, web
from click.testing import CliRunner

from mockserver.cli import main
from mockserver.client import AsyncMockServer
from mockserver.domain import seeding
from mockserver.hosting.tenants import Tenant
from mockserver.kernel.events import emit
from mockserver.pytest_plugin.report import _delivery
from mockserver.server import RunningServer, ServerSettings, start
from mockserver.webhooks.delivery import DeliveryState
from mockserver.webhooks.subscriptions import seed_subscription
from tests.webhooks.targets import no_content, target

WORLD = "/_mock/worlds/default"
ADVANCE = f"{WORLD}/clock/advance"
SCENARIO = {"name": "one", "accounts": [{"as": "a"}], "profile": {"base": "sandbox", "webhooks": {"timeout": "200ms"}}}
"""Receivers have a fifth of a second."""

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Served:
    """A server with one world."""

    def __init__(self, server: RunningServer) -> None:
        self.server = server
        tenant = server.worlds.default
        assert tenant is not None
        self.tenant: Tenant = tenant

    def tell(self, url: str) -> None:
        """One event to a new subscription, to be delivered as soon as the clock goes."""
        world = self.tenant.world
        seed_subscription(world, url=url, type=["ACCOUNT"], config={"delay": "1s", "max_package_size": 100})
        emit(world, "ACCOUNT.UPDATED", seeding.account(world))
        world.undo.clear()
        self.tenant.driver.wake()

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        async with ClientSession(self.server.url) as session, session.request(method, path, json=body) as answer:
            return answer.status, await answer.json()

    async def advance(self, by: str) -> Any:
        status, told = await self.ask("POST", ADVANCE, {"by": by})
        assert status == 200, told
        return told

    async def deliveries(self) -> list[Any]:
        return list((await self.ask("GET", f"{WORLD}/deliveries"))[1]["deliveries"])


async def serving(clock: str) -> AsyncIterator[Served]:
    settings = ServerSettings(scenarios=[SCENARIO], clock=clock, auth="off", port=0)
    async with await start(settings) as server:
        yield Served(server)


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async for each in serving("manual"):
        yield each


@pytest.fixture
async def running() -> AsyncIterator[Served]:
    """Its world goes by itself."""
    async for each in serving("real"):
        yield each


@pytest.fixture
async def silence() -> AsyncIterator[Callable[[int], Answer]]:
    """Makes answers that do not come before the end of the test: to the first ``times`` requests."""
    released = asyncio.Event()

    def silent(times: int) -> Answer:
        left = [None] * times

        async def answer(request: web.Request) -> web.StreamResponse:
            if left:
                left.pop()
                await released.wait()
            return await no_content(request)

        return answer

    yield silent
    released.set()


# --- Slow and dead receivers ---


async def test_a_receiver_that_is_slow_once_gets_its_delivery_at_the_next_attempt(
    served: Served, silence: Callable[[int], Answer]
) -> None:
    async with target(silence(1)) as receiver:
        served.tell(receiver.url)
        told = await served.advance("1h")
    assert len(receiver.requests) == 2
    assert (told["counts"]["deliveries"], told["counts"]["skipped"], told["skipped"]) == (2, 0, [])
    assert [delivery["state"] for delivery in told["deliveries"]] == ["RETRYING", "DELIVERED"]
    # Each entry has its own attempt, and not those before it again.
    assert [[attempt["number"] for attempt in each["attempts"]] for each in told["deliveries"]] == [[1], [2]]
    assert [each["attempts_made"] for each in told["deliveries"]] == [1, 2]


async def test_a_dead_receiver_is_tried_a_few_times_in_a_move_and_the_answer_says_what_was_skipped(
    served: Served, silence: Callable[[int], Answer]
) -> None:
    async with target(silence(1000)) as receiver:
        served.tell(receiver.url)
        told = await served.advance("1d")
        origin = receiver.url.removesuffix("/hooks")
        assert len(receiver.requests) == 4
    (skipped,) = told["skipped"]
    (delivery,) = await served.deliveries()
    reason = f"{origin} did not answer within 200ms, 3 times in a row in this move of the clock"
    assert (skipped["delivery_id"], skipped["webhook_id"]) == (delivery["id"], delivery["webhook_id"])
    assert (skipped["after_attempt"], skipped["reason"]) == (3, reason)
    assert skipped["count"] == told["counts"]["skipped"] > 100
    assert (told["counts"]["deliveries"], delivery["attempts_made"], len(delivery["attempts"])) == (4, 4, 4)
    assert delivery["skipped"] == [skipped]
    assert [each["skipped"] for each in told["deliveries"]] == [[], [], [], [skipped]]


async def test_a_time_out_that_a_fault_pretends_costs_nothing_and_skips_nothing(served: Served) -> None:
    async with target() as receiver:
        served.tell(receiver.url)
        fault = {"webhook": {}, "fail": "timeout", "attempts": 9}
        assert (await served.ask("POST", f"{WORLD}/faults", fault))[0] == 201
        emit(served.tenant.world, "ACCOUNT.UPDATED", seeding.account(served.tenant.world))
        served.tenant.world.undo.clear()
        told = await served.advance("1h")
    problems = [each["attempts"][0]["problem"] for each in told["deliveries"]]
    origin = receiver.url.removesuffix("/hooks")
    assert problems == [None, *[f"{origin} did not answer within 200ms"] * 9, None]
    assert told["counts"]["skipped"] == 0


async def test_a_move_until_idle_ends_with_an_attempt(served: Served, silence: Callable[[int], Answer]) -> None:
    # Three attempts time out at 0, 1 and 3 s; the one that is due at 6 s is skipped, as it may not be the last.
    async with target(silence(3)) as receiver, target() as other:
        served.tell(receiver.url)
        webhook = seed_subscription(served.tenant.world, url=other.url, type=["ORDER"], config={"delay": "7s"})
        emit(served.tenant.world, "ORDER.NEW", seeding.account(served.tenant.world))
        served.tenant.world.undo.clear()
        status, told = await served.ask("POST", ADVANCE, {"until": "idle"})
    assert status == 200
    assert told["counts"]["skipped"] == 1
    assert [(each["webhook_id"] == webhook.id, each["state"]) for each in told["deliveries"][-2:]] == [
        (True, "DELIVERED"),
        (False, "DELIVERED"),
    ]
    assert told["now"] == told["deliveries"][-1]["attempts"][0]["at"]


async def test_clients_and_the_command_line_are_told(served: Served, silence: Callable[[int], Answer]) -> None:
    async with target(silence(1000)) as receiver:
        served.tell(receiver.url)
        async with AsyncMockServer(served.server.url) as mock:
            world = await mock.worlds.get("default")
            happened = await world.clock.advance("1h")
            (delivery,) = await world.deliveries.list()
        command = ["clock", "advance", "1d", "--url", served.server.url]
        printed = (await asyncio.to_thread(CliRunner().invoke, main, command)).output
    (skipped,) = happened.skipped
    assert (skipped.count, skipped.after_attempt) == (happened.counts["skipped"], 3)
    assert skipped.since < skipped.to < delivery.attempts[-1].at
    assert (delivery.skipped, delivery.attempts_made) == ([skipped], 4)
    # What the report of a failing test prints.
    assert list(_delivery(delivery))[-1] == (
        f"  {skipped.count} attempts until {skipped.json['to']} were skipped: {skipped.reason}"
    )
    assert " attempts skipped: http://127.0.0.1:" in printed
    assert "did not answer within 200ms, 3 times in a row in this move of the clock" in printed


# --- Commands from inside a handler ---


class CallingBack:
    """A handler that sends a command before it answers."""

    def __init__(self, served: Served, method: str, path: str, body: Any) -> None:
        self.served, self.command = served, (method, path, body)
        self.told: list[tuple[int, Any]] = []
        self.answered = asyncio.Event()

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        self.told.append(await self.served.ask(*self.command))
        self.answered.set()
        return await no_content(request)


COMMANDS = {
    "advance": ("POST", ADVANCE, {"by": "1d"}),
    "next": ("POST", ADVANCE, {"next": True}),
    "until idle": ("POST", ADVANCE, {"until": "idle"}),
    "another mode": ("PATCH", f"{WORLD}/clock", {"mode": "real"}),
    "reset": ("POST", f"{WORLD}/reset", None),
    "take a snapshot": ("POST", f"{WORLD}/snapshots", None),
    "restore": ("POST", f"{WORLD}/snapshots/s1/restore", None),
    "redeliver": ("POST", f"{WORLD}/deliveries/404b170a-9042-41ed-9a51-2eabd0c03f8a/redeliver", None),
}
"""Whatever moves the clock or needs it to stand still."""


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
async def test_a_command_that_would_wait_for_its_own_handler_is_refused_at_once(
    served: Served, command: tuple[str, str, Any]
) -> None:
    handler = CallingBack(served, *command)
    async with target(handler) as receiver:
        served.tell(receiver.url)
        assert (await served.ask("POST", f"{WORLD}/snapshots"))[0] == 201
        told = await served.advance("5s")
    (delivery,) = await served.deliveries()
    ((status, problem),) = handler.told
    assert status == 409
    assert f"The delivery {delivery['id']} is not answered yet" in problem["detail"]
    assert "answer first" in problem["detail"]
    # The handler had its time: nothing failed, and the move did what it should.
    assert (delivery["state"], delivery["attempts_made"]) == ("DELIVERED", 1)
    assert (told["counts"]["deliveries"], str(served.tenant.driver.mode)) == (1, "manual")


@pytest.mark.parametrize(
    "command",
    [
        ("GET", f"{WORLD}/clock", None),
        ("GET", f"{WORLD}/deliveries", None),
        ("POST", f"{WORLD}/runs", {"run": "valuations"}),
        ("POST", "/_mock/worlds", {}),
    ],
    ids=["clock", "deliveries", "run", "another world"],
)
async def test_what_needs_no_standing_clock_passes_inside_a_handler(
    served: Served, command: tuple[str, str, Any]
) -> None:
    handler = CallingBack(served, *command)
    async with target(handler) as receiver:
        served.tell(receiver.url)
        await served.advance("5s")
    ((status, told),) = handler.told
    assert status in (200, 201), told


async def test_another_world_may_be_moved_inside_a_handler(served: Served) -> None:
    _, other = await served.ask("POST", "/_mock/worlds", {"clock": "manual"})
    handler = CallingBack(served, "POST", f"/_mock/worlds/{other['client_id']}/clock/advance", {"by": "1d"})
    async with target(handler) as receiver:
        served.tell(receiver.url)
        await served.advance("5s")
    assert [status for status, _ in handler.told] == [200]


async def test_a_command_sent_just_before_the_answer_waits_for_its_turn(served: Served) -> None:
    """As a handler does that passes its work to another thread, and answers."""
    sent: list[asyncio.Task[tuple[int, Any]]] = []

    async def pass_on(request: web.Request) -> web.StreamResponse:
        sent.append(asyncio.create_task(served.ask("POST", ADVANCE, {"by": "1d"})))
        return await no_content(request)

    async with target(pass_on) as receiver:
        served.tell(receiver.url)
        first = await served.advance("5s")
        status, second = await sent[0]
    assert (status, second["from"]) == (200, first["now"])


async def test_anybody_elses_command_is_refused_too_while_a_delivery_is_unanswered(
    served: Served, silence: Callable[[int], Answer]
) -> None:
    came = asyncio.Event()
    never = silence(1)

    async def hang(request: web.Request) -> web.StreamResponse:
        came.set()
        return await never(request)

    async with target(hang) as receiver:
        served.tell(receiver.url)
        move = asyncio.create_task(served.advance("5s"))
        await came.wait()
        status, problem = await served.ask("POST", ADVANCE, {"by": "1s"})
        await move
        again, _ = await served.ask("POST", ADVANCE, {"by": "1s"})
    (delivery,) = await served.deliveries()
    assert (status, again) == (409, 200)
    assert delivery["id"] in problem["detail"]


async def test_in_real_time_a_move_from_inside_a_handler_is_refused_too(running: Served) -> None:
    handler = CallingBack(running, "POST", ADVANCE, {"by": "1d"})
    async with target(handler) as receiver:
        running.tell(receiver.url)
        await handler.answered.wait()
        await running.advance("1d")  # which waits for what is under way
    ((status, problem),) = handler.told
    assert status == 409
    assert running.tenant.outbox is not None
    (delivery,) = running.tenant.outbox.deliveries()
    assert delivery.id in problem["detail"]
    assert (delivery.state, len(delivery.attempts)) == (DeliveryState.DELIVERED, 1)
