"""Playing a world's scenario by command: in parts, over resets and snapshots, and where an expectation fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from mockserver.client import AsyncMockServer, AsyncWorld, ControlError, NotAsExpectedError
from mockserver.protocol.clients import Auth
from mockserver.replay.player import replay
from mockserver.scenario.load import load_text
from mockserver.server import RunningServer, ServerSettings, start
from tests.webhooks.targets import target

SCENARIO = """\
name: buying
clock: 2023-01-10T08:00:00Z
accounts: [{as: savings}]
steps:
  - request: {method: POST, path: /users, body: {first_name: Mia}}
    expect: {status: 400}
  - advance: 1h
  - request: {path: "/accounts/${savings}"}
    save: {user: "users[0].id"}
  - snapshot: before
  - advance: 1d
  - request: {path: "/users/${user}"}
    expect: {body: {id: "${user}"}}
  - restore: before
  - advance: 2h
"""
RED = """\
name: red
accounts: [{as: savings}]
steps:
  - advance: 1h
  - request: {path: "/accounts/${savings}"}
    expect: {body: {status: CLOSED}}
  - advance: 1d
"""


@pytest.fixture(params=[Auth.TOKEN, Auth.STRICT, Auth.OFF])
async def running(request: pytest.FixtureRequest) -> AsyncIterator[RunningServer]:
    settings = ServerSettings(port=0, clock="manual", auth=request.param, control_token="a-token")
    async with await start(settings) as server:
        yield server


@pytest.fixture
async def client(running: RunningServer) -> AsyncIterator[AsyncMockServer]:
    async with AsyncMockServer(running.url, "a-token") as client:
        yield client


async def world_of(client: AsyncMockServer, scenario: Any = SCENARIO, **more: Any) -> AsyncWorld:
    return await client.worlds.create(scenario, **more)


async def sent(world: AsyncWorld) -> list[tuple[str, str, int]]:
    """The requests of the steps, without those for tokens."""
    return [(each.method, each.path, each.status) for each in await world.requests.list() if "auth" not in each.path]


async def test_all_steps_in_one_go(client: AsyncMockServer) -> None:
    world = await world_of(client)
    before = (await world.show()).auth
    played = await world.play()
    assert [step.number for step in played.played] == list(range(1, 9))
    assert (played.passed, played.position, played.steps, played.next) == (True, 8, 8, None)
    assert (await world.clock.now()).isoformat() == "2023-01-10T11:00:00+00:00"  # 9:00 restored, two hours on
    assert (await world.show()).auth == before
    assert played.played[2].line == 8


async def test_in_parts_it_ends_as_in_one_go(client: AsyncMockServer) -> None:
    whole, parts = await world_of(client), await world_of(client)
    await whole.play()
    for number in range(1, 9):
        assert (await parts.script()).position == number - 1
        played = await parts.play(1)
        assert ([step.number for step in played.played], played.position) == ([number], number)
    assert (await parts.script()).next is None
    assert await sent(parts) == await sent(whole)
    assert await parts.clock.now() == await whole.clock.now()


async def test_more_steps_than_there_are_left(client: AsyncMockServer) -> None:
    world = await world_of(client)
    await world.play(6)
    assert (await world.play(100)).position == 8
    with pytest.raises(ControlError, match="All 8 steps of the scenario buying were played; reset the world"):
        await world.play()


async def test_what_is_done_between_two_parts_is_seen_by_the_next(client: AsyncMockServer) -> None:
    world = await world_of(client, {"name": "x", "steps": [{"note": "one"}, {"expect_event": "TOPUP.SETTLED"}]})
    await world.play(1)
    await world.events.emit("TOPUP.SETTLED")
    assert (await world.play()).passed


async def test_after_a_reset_it_starts_over(client: AsyncMockServer) -> None:
    world = await world_of(client)
    first = await world.play()
    await world.reset()
    script = await world.script()
    assert (script.position, script.next and script.next.caption) == (0, "POST /users")
    assert [step.json for step in (await world.play()).played] == [step.json for step in first.played]


async def test_a_snapshot_knows_the_position(client: AsyncMockServer) -> None:
    world = await world_of(client)
    await world.play(3)
    taken = await world.snapshot()
    await world.play()
    await world.restore(taken)
    assert (await world.script()).position == 3
    assert [step.number for step in (await world.play()).played] == [4, 5, 6, 7, 8]


async def test_so_does_one_that_a_step_took(client: AsyncMockServer) -> None:
    world = await world_of(client)
    await world.play()
    (taken,) = await world.snapshots()
    await world.restore(taken)
    assert (await world.script()).position == 4
    assert [step.number for step in (await world.play()).played] == [5, 6, 7, 8]


async def test_a_failed_expectation_leaves_the_world_where_it_failed(client: AsyncMockServer) -> None:
    world = await world_of(client, RED)
    with pytest.raises(NotAsExpectedError) as caught:
        await world.play()
    (first, *_) = str(caught.value).splitlines()
    assert first.startswith('scenario:5: GET /accounts/{savings} → 200: (root).status: expected "CLOSED"')
    assert "after step 2 of 3" in str(caught.value)
    played = caught.value.played
    assert [step.passed for step in played.played] == [True, False]
    assert (await world.clock.now()).isoformat() == "2023-01-10T09:00:00+00:00"  # an hour after the usual morning
    rest = await world.play()
    assert (rest.passed, [step.number for step in rest.played]) == (True, [3])


async def test_it_may_be_looked_at_without_an_error(client: AsyncMockServer) -> None:
    world = await world_of(client, RED)
    played = await world.play(check=False)
    assert (played.passed, played.position) == (False, 2)
    assert played.played[-1].problems


async def test_a_command_that_is_refused_is_a_problem_of_its_step(client: AsyncMockServer) -> None:
    steps = [{"move": {"resource": "accounts", "id": "${savings}", "to": "ACTIVE"}}, {"advance": "1d"}]
    world = await world_of(client, {"name": "x", "accounts": [{"as": "savings"}], "steps": steps})
    played = await world.play(check=False)
    assert (played.passed, played.position) == (False, 1)
    assert "answered 409" in played.played[0].problems[0]


@pytest.mark.parametrize(
    ("scenario", "made"), [(None, "from no scenario"), ({"name": "bare"}, "from the scenario 'bare'")]
)
async def test_a_world_without_steps_says_so(client: AsyncMockServer, scenario: Any, made: str) -> None:
    world = await world_of(client, scenario)
    for ask in (world.play, world.script):
        with pytest.raises(ControlError, match=f"no steps to play: the world was made {made}, which has none"):
            await ask()


@pytest.mark.parametrize(("steps", "wrong"), [(0, "at least 1"), (-1, "at least 1"), ("2", "steps"), (1.5, "steps")])
async def test_a_number_of_steps_that_is_none(client: AsyncMockServer, steps: Any, wrong: str) -> None:
    world = await world_of(client)
    with pytest.raises(ControlError, match=wrong) as caught:
        await world.play(steps)
    assert caught.value.status == 400
    assert (await world.script()).position == 0


async def test_two_at_a_time_are_refused(client: AsyncMockServer) -> None:
    """The second comes while a receiver keeps the first one waiting."""
    called, answer = asyncio.Event(), asyncio.Event()

    async def handler(request: Any) -> Any:
        called.set()
        await answer.wait()
        return web.Response()

    async with target(handler) as receiver:
        steps = [{"emit": "TOPUP.SETTLED"}, {"advance": "1m"}, {"advance": "1m"}]
        world = await world_of(client, {"name": "x", "webhooks": [{"url": receiver.url}], "steps": steps})
        first = asyncio.create_task(world.play())
        await called.wait()
        with pytest.raises(ControlError, match=r"are being played already, step 2 of 3 now: wait for that answer"):
            await world.play()
        assert (await world.script()).playing
        answer.set()
        assert (await first).position == 3
    assert not (await world.script()).playing


async def test_a_reset_by_another_command_ends_it(client: AsyncMockServer) -> None:
    worlds: list[AsyncWorld] = []
    tasks: list[asyncio.Task[Any]] = []

    async def handler(request: Any) -> Any:
        if not tasks:
            tasks.append(asyncio.create_task(worlds[0].reset()))
        return web.Response()

    async with target(handler) as receiver:
        steps = [{"emit": "TOPUP.SETTLED"}, {"advance": "1m"}, *[{"advance": "1s"}] * 50]
        worlds.append(await world_of(client, {"name": "x", "webhooks": [{"url": receiver.url}], "steps": steps}))
        with pytest.raises(ControlError, match="was reset or restored by another command while step"):
            await worlds[0].play()
        await tasks[0]
        assert (await worlds[0].script()).position == 0


async def test_a_clock_that_runs_is_frozen_meanwhile_and_runs_again(client: AsyncMockServer) -> None:
    world = await world_of(client, {"name": "x", "steps": [{"reset": True}, {"advance": "1d"}]}, clock="x60")
    await world.play()
    assert (await world.show()).mode == "x60"


async def test_what_was_played_is_recorded_and_replays(running: RunningServer, client: AsyncMockServer) -> None:
    world = await world_of(client)
    await world.play(5)
    recorded = await world.scenario()
    scenario = load_text(recorded)
    assert (await replay(scenario, running.url, control_token="a-token")).passed
    assert [step.action for step in scenario.steps] == ["request", "advance", "request", "snapshot", "advance"]


async def test_what_serve_played_is_gone_on_with() -> None:
    settings = ServerSettings(port=0, scenarios=["portfolio-switch"], play=12, auth=Auth.STRICT)
    async with await start(settings) as server, AsyncMockServer(server.url) as client:
        world = await client.worlds.get()
        assert (await world.script()).position == 12
        played = await world.play()
        assert (played.passed, played.played[0].number, played.next) == (True, 13, None)
