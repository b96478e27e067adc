"""``serve --play`` plays scenarios before it serves, and ``replay --keep`` leaves a world on a running server."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mockserver.cli import main
from mockserver.client import MockServer
from mockserver.kernel.rules import Refusal
from mockserver.protocol.clients import Auth
from mockserver.scenario import shipped
from mockserver.scenario.load import load
from mockserver.server import NotAsExpectedError, ServerSettings, create_app, start
from mockserver.testing.background_loop import BackgroundLoop
from tests.processes import Server

RED = """\
name: red
accounts: [{as: savings}]
steps:
  - advance: 1d
  - request: {path: "/accounts/${savings}"}
  - expect_event: ORDER.NEW
  - advance: 1d
"""


def run(*arguments: str, **variables: str) -> Result:
    return CliRunner().invoke(main, arguments, env=variables)


@pytest.fixture
def red(tmp_path: Path) -> str:
    (tmp_path / "red.yaml").write_text(RED)
    return str(tmp_path / "red.yaml")


@pytest.mark.parametrize("auth", [Auth.STRICT, Auth.TOKEN, Auth.OFF])
async def test_the_world_is_as_its_steps_leave_it_whatever_it_asks_for(auth: Auth) -> None:
    settings = ServerSettings(port=0, scenarios=["portfolio-switch"], play=True, auth=auth, control_token="a-token")
    async with await start(settings) as server:
        (tenant,) = server.worlds
        (played,) = server.played
        assert tenant.auth is auth
        assert len(played.entries) == len(load("portfolio-switch").steps)
        assert tenant.world.store.named("portfolio_orders")
        assert str(tenant.driver.mode) == "manual"


async def test_the_first_steps_alone(red: str) -> None:
    async with await start(ServerSettings(port=0, scenarios=[red, "portfolio-switch"], play=2)) as server:
        assert [len(played.entries) for played in server.played] == [2, 2]
        first, second = server.worlds
        assert [entry.path.partition("/accounts")[1] for entry in first.journal][-1] == "/accounts"
        assert second.world.store.named("allocations") is not None


async def test_a_clock_that_is_named_runs_on_from_there(red: str) -> None:
    async with await start(ServerSettings(port=0, scenarios=[red], play=1, clock="x60")) as server:
        (tenant,) = server.worlds
        assert str(tenant.driver.mode) == "x60"


async def test_what_is_not_as_expected_is_raised_and_nothing_listens(red: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(NotAsExpectedError, match=r"red: 1 of 4 steps not as expected, first step 3: .*--play 2"):
        await start(ServerSettings(port=port, scenarios=[red], play=True))
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


@pytest.mark.parametrize(
    "settings", [ServerSettings(play=True), ServerSettings(play=3), ServerSettings(play=True, scenarios=[None])]
)
async def test_a_world_without_a_scenario_has_no_steps(settings: ServerSettings) -> None:
    with pytest.raises(Refusal, match="no steps to play"):
        await start(settings)


def test_an_application_plays_nothing() -> None:
    with pytest.raises(Refusal, match="play"):
        create_app(ServerSettings(play=True, scenarios=["portfolio-switch"]))


def test_the_command_prints_what_failed_and_exits_with_1(red: str) -> None:
    result = run("serve", "--port", "0", "--scenario", red, "--play")
    assert (result.exit_code, result.stdout) == (1, "")
    assert re.search(r"✗ +3 .* expect ORDER\.NEW\n", result.stderr)
    assert f"{red}:6: no ORDER.NEW came" in result.stderr
    assert "mockserver: red: 1 of 4 steps not as expected, first step 3: 'serve --play 2' stops" in result.stderr


@pytest.mark.parametrize("given", ["0", "-1", "soon", "1.5"])
def test_a_number_that_is_none_is_refused(given: str, red: str) -> None:
    result = run("serve", "--scenario", red, MOCKSERVER_PLAY=given)
    assert result.exit_code == 2
    assert f"expected a number of steps from 1 on, or all, got '{given}'" in result.stderr


def test_the_command_serves_the_world_and_says_how_many_steps_it_has_behind_it(red: str) -> None:
    running = Server("--scenario", red, "--auth", "off", "--play", "2")
    try:
        assert "  played         2 steps, all as expected" in running.lines
        with MockServer(running.url) as server:
            world = server.worlds.get()
            assert world.show().now.isoformat() == "2023-01-11T08:00:00+00:00"  # a day after the usual morning
            world.reset()
            assert world.show().now.isoformat() == "2023-01-10T08:00:00+00:00"
    finally:
        assert running.stop() == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", shipped.files())
async def test_every_shipped_scenario_plays(name: str) -> None:
    async with await start(ServerSettings(port=0, scenarios=[name], play=True, auth=Auth.STRICT)) as server:
        assert server.played[0].passed


# --- replay --keep ---


def test_a_kept_world_stays_where_it_is_said_to_be(red: str) -> None:
    with BackgroundLoop() as background:
        running = background.call(start(ServerSettings(port=0)))
        result = run("replay", red, "portfolio-switch", "--url", running.url, "--keep")
        assert result.exit_code == 1  # a failure is what one keeps a world for
        kept = re.findall(r": its world stays, \S+/_mock/worlds/(\S+)$", result.stdout, re.MULTILINE)
        with MockServer(running.url) as server:
            assert [server.worlds.get(each).show().scenario for each in kept] == ["red", "portfolio-switch"]
        shown = run("clock", "show", "--url", running.url, "--world", kept[1])
        assert shown.exit_code == 0
        background.call(running.stop())


def test_without_it_the_world_is_removed(red: str) -> None:
    with BackgroundLoop() as background:
        running = background.call(start(ServerSettings(port=0)))
        assert "its world stays" not in run("replay", red, "--url", running.url).stdout
        with MockServer(running.url) as server:
            assert len(server.worlds.list()) == 1
        background.call(running.stop())


def test_a_world_can_only_be_kept_on_a_running_server(red: str) -> None:
    result = run("replay", red, "--keep")
    assert result.exit_code == 2
    assert result.stderr.startswith("mockserver: --keep needs the --url of a running server")


async def test_the_names_of_a_scenario_follow_the_seed_of_the_server(tmp_path: Path) -> None:
    file = tmp_path / "named.yaml"
    file.write_text(
        "name: named\naccounts: [{as: savings}]\nsteps:\n"
        '  - request: {path: "/accounts/${savings}"}\n'
        "    expect: {status: 200}\n"
        '  - expect_state: {resource: accounts, id: "${savings}"}\n'
    )
    ids = set()
    for seed in (None, 7, 8):
        settings = ServerSettings(port=0, scenarios=[str(file)], play=True, seed=seed, control_token="a-token")
        async with await start(settings) as server:
            (tenant,) = server.worlds
            table = tenant.world.store.named("accounts")
            ids |= {row.id for row in table or ()}
    assert len(ids) == 3
