"""``clock: now``: a clock that is frozen at the machine's time when its world is made."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mockserver.client import AsyncMockServer, ControlError
from mockserver.hosting.modes import mode
from mockserver.kernel import system
from mockserver.pytest_plugin.marks import marked_world
from mockserver.pytest_plugin.misuse import MisuseError
from mockserver.replay.player import replay
from mockserver.scenario.errors import ScenarioError
from mockserver.scenario.load import load, load_text
from mockserver.server import ServerSettings, start

TODAY = datetime(2026, 3, 4, 5, 6, 7, 891, tzinfo=UTC)
WHOLE = TODAY.replace(microsecond=0)
AT = {"name": "at", "clock": "2023-03-01T08:00:00Z"}


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's time, which goes on by itself nowhere in this file."""
    monkeypatch.setattr(system, "wall_now", lambda: TODAY)


@pytest.fixture
async def client() -> AsyncIterator[AsyncMockServer]:
    async with await start(ServerSettings(port=0)) as server, AsyncMockServer(server.url) as client:
        yield client


@pytest.mark.parametrize(
    ("scenario", "asked"),
    [
        (None, {"clock": "now"}),
        ({"name": "x", "clock": "now"}, {}),
        ({"name": "x", "clock": {"mode": "now"}}, {}),
        ({"name": "x", "clock": "now"}, {"clock": "manual"}),
        (AT, {"clock": "now"}),
        ("name: x\nclock: now\n", {}),
    ],
)
async def test_it_is_frozen_at_the_second_at_which_it_was_made(
    client: AsyncMockServer, scenario: Any, asked: Any
) -> None:
    world = await client.worlds.create(scenario, **asked)
    assert (world.about.now, world.about.mode) == (WHOLE, "manual")
    await world.clock.advance("1h")
    assert (await world.reset()).now == WHOLE


async def test_another_mode_or_instant_that_is_given_wins(client: AsyncMockServer) -> None:
    scenario = {"name": "x", "clock": "now"}
    assert (await client.worlds.create(scenario, clock="x60")).about.mode == "x60"
    assert (await client.worlds.create(scenario, now="2024-01-01T00:00:00Z")).about.now.year == 2024


async def test_a_server_may_say_it_of_all_its_worlds() -> None:
    settings = ServerSettings(port=0, clock="now", scenarios=[AT])
    async with await start(settings) as server, AsyncMockServer(server.url) as client:
        assert (await client.worlds.get()).about.now == WHOLE
        assert (await client.worlds.create()).about.now == WHOLE
        assert (await client.worlds.create(AT)).about.now.year == 2023, "a scenario of a command says it itself"


async def test_a_recording_keeps_the_instant_and_replays(
    client: AsyncMockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = await client.worlds.create({"name": "x", "clock": "now", "accounts": [{"as": "savings"}]})
    await world.clock.advance("90s")
    await world.moves.force("accounts", (await world.state.list("accounts"))[0].id, "LOCKED")
    scenario = load_text(await world.scenario())
    assert scenario.clock.now == WHOLE
    first = await replay(scenario, client.url)
    monkeypatch.setattr(system, "wall_now", lambda: datetime(2027, 1, 1, tzinfo=UTC))
    second = await replay(scenario, client.url)
    assert first.passed
    assert first.bytes == second.bytes


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"clock": "today"}, "'today' is no mode of a clock: write manual, real, now (frozen at the time of the"),
        ({"clock": "now", "now": "2024-01-01T00:00:00Z"}, "clock now and an instant as now contradict: leave one out"),
    ],
)
async def test_a_wrong_use_says_what_would_pass(client: AsyncMockServer, asked: Any, said: str) -> None:
    with pytest.raises(ControlError) as caught:
        await client.worlds.create(**asked)
    assert said in str(caught.value)


def test_a_clock_that_has_started_does_not_go_to_now() -> None:
    with pytest.raises(ValueError, match=r"'now' is where a clock starts, and this one has: write manual, real"):
        mode("now")


@pytest.mark.parametrize(
    ("clock", "said"),
    [
        ("today", "clock: 'today' is no instant and no mode: write for example 2023-01-10T08:00:00Z, or manual, real"),
        ("never", "clock: 'never' is not a mode of the clock: manual, real, x60, or now"),
        ({"now": "now"}, "clock.now: 'now' is no instant"),
        ({"mode": "now", "now": "2023-01-10T08:00:00Z"}, "mode now and an instant as now contradict: leave one out"),
    ],
)
def test_a_wrong_use_in_a_scenario_too(clock: Any, said: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load({"name": "x", "clock": clock})
    assert said in str(caught.value)


def test_the_marker_takes_it() -> None:
    assert marked_world({"clock": "now"}, Path()).mode == "now"
    with pytest.raises(MisuseError, match=r"clock='today': 'manual', 'real', 'now' \(frozen at the machine's time\)"):
        marked_world({"clock": "today"}, Path())
