"""Commands that act on a running server's world, each with what it prints and what it says where it cannot be done."""

from __future__ import annotations

from collections.abc import Iterator

import orjson
import pytest
from click.testing import CliRunner, Result

from mockserver.cli import main
from mockserver.client import MockServer, World
from mockserver.server import ServerSettings, start
from mockserver.testing.background_loop import BackgroundLoop

BUSY = '{"as": "busy", "request": {"operation": "list_users"}, "status": 503}'


@pytest.fixture
def world() -> Iterator[World]:
    with BackgroundLoop() as background:
        running = background.call(start(ServerSettings(port=0)))
        with MockServer(running.url) as server:
            yield server.worlds.create({"name": "x", "accounts": [{"as": "savings"}]}, clock="manual")
        background.call(running.stop())


def run(world: World, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--url", world.url, "--world", world.client_id])


def test_a_move(world: World) -> None:
    (account,) = world.state.list("accounts")
    result = run(world, "move", f"accounts/{account.id}", "LOCKED")
    assert result.output == f"2023-01-10T08:00:00Z  accounts/{account.id}  LOCKED\n"
    assert world.state.get("accounts", account.id).state == "LOCKED"
    assert run(world, "move", f"accounts/{account.id}", "LOCKED").exit_code == 2


def test_faults_from_their_setting_to_their_end(world: World) -> None:
    assert run(world, "fault", "add", BUSY).output.startswith("r1 (busy)  matched 0, acted 0  ")
    assert orjson.loads(run(world, "fault", "change", "busy", '{"status": 500}', "--json").output)["status"] == 500
    assert "'status': 500" in run(world, "fault", "list").output
    assert run(world, "fault", "remove", "busy").exit_code == 0
    run(world, "fault", "add", BUSY)
    assert run(world, "fault", "clear").exit_code == 0
    assert world.faults.list() == []


def test_there_and_back(world: World) -> None:
    taken = run(world, "snapshot").output.strip()
    world.clock.advance("1d")
    assert run(world, "restore", taken).output == f"2023-01-10T08:00:00Z  {taken}\n"
    world.clock.advance("1d")
    assert run(world, "reset").output == "2023-01-10T08:00:00Z  manual\n"
    assert world.clock.now().day == 10


def test_a_delivery_again(world: World) -> None:
    world.subscribe("http://127.0.0.1:9/hooks")
    world.events.emit("TOPUP.SETTLED")
    world.clock.advance("30s")
    (delivery,) = world.deliveries.list()
    result = run(world, "resend", delivery.id, "--json")
    assert result.exit_code == 0, result.output
    assert len(orjson.loads(result.output)["attempts"]) == len(delivery.attempts) + 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["move", "accounts", "LOCKED"], "accounts: expected RESOURCE/ID, for example orders/8d4997a8"),
        (["move", "account/1", "LOCKED"], "account"),
        (["move", "accounts/1", "LOCKED", "--with", "{"], "--with is not JSON"),
        (["fault", "add", "[]"], "the fault must be a JSON object, for example '{\"status\": 503}'"),
        (["fault", "add", "{}"], "a fault has either request or webhook"),
        (["fault", "change", "busy", '{"status": 500}'], "There is no fault 'busy'; there are: none."),
        (["fault", "remove", "r1"], "There is no fault 'r1'"),
        (["restore", "s9"], "There is no snapshot s9; there are: none."),
        (["resend", "d9"], "There is no delivery 'd9'"),
    ],
)
def test_what_cannot_be_done_is_one_line(world: World, arguments: list[str], said: str) -> None:
    result = run(world, *arguments)
    assert result.exit_code == 2
    assert said in result.output
