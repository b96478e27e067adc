"""``mockserver control`` gives any command of the control API by its name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from mockserver.cli import main
from mockserver.client import MockServer
from mockserver.control.commands import command
from mockserver.server import ServerSettings, start
from mockserver.testing.background_loop import BackgroundLoop


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with BackgroundLoop() as background:
        running = background.call(start(ServerSettings(port=0, clock="manual", control_token="a-token")))
        yield running.url
        background.call(running.stop())


def control(url: str, *arguments: str, text: str | None = None) -> Result:
    given = ["control", *arguments, "--url", url, "--control-token", "a-token"]
    return CliRunner().invoke(main, given, input=text)


def test_without_a_name_it_lists_them_all(url: str) -> None:
    result = control(url)
    assert result.exit_code == 0, result.output
    listed = {line.split()[0] for line in result.output.splitlines() if line and not line.startswith(" ")}
    assert listed == {each.name.strip("_") for each in command.all if each.answers[0] == "application/json"}
    assert "change_fault ID [BODY]" in result.output


def test_a_command_is_given_with_what_its_path_and_body_take(url: str, tmp_path: Path) -> None:
    made = control(url, "set_fault", '{"as": "busy", "request": {}, "status": 503}')
    assert orjson.loads(made.output)["as"] == "busy"
    (tmp_path / "changes.json").write_text('{"status": 500}')
    assert orjson.loads(control(url, "change_fault", "busy", f"@{tmp_path / 'changes.json'}").output)["status"] == 500
    assert orjson.loads(control(url, "change_fault", "busy", "-", text='{"status": 404}').output)["status"] == 404
    removed = control(url, "remove_fault", "busy")
    assert (removed.exit_code, removed.output) == (0, "")


def test_of_the_world_that_is_named(url: str) -> None:
    with MockServer(url, "a-token") as server:
        world = server.worlds.create(clock="manual").client_id
    result = control(url, "advance", '{"by": "1d"}', "--world", world, "--query", "limit=0")
    assert orjson.loads(result.output)["now"] == "2023-01-11T08:00:00Z"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["set_fualt"],
            "the control API has no command 'set_fualt' (did you mean set_fault?): 'mockserver control' lists",
        ),
        (["remove_fault"], "expected: mockserver control remove_fault ID, got 0 arguments"),
        (["remove_fault", "r1", "{}"], "expected: mockserver control remove_fault ID, got 2 arguments"),
        (["set_fault", "{"], "the body is not JSON"),
        (["set_fault", "@nowhere.json"], "nowhere.json cannot be read: No such file or directory"),
        (["set_fault", "{}"], "a fault has either request or webhook"),
        (["requests", "--query", "limit"], "--query limit: expected NAME=VALUE, for example --query limit=5"),
        (["requests", "--query", "most=5"], "(query).most: is unknown; this command takes"),
    ],
)
def test_a_wrong_use_is_one_line_that_says_what_would_pass(url: str, arguments: list[str], said: str) -> None:
    result = control(url, *arguments)
    assert result.exit_code == 2
    assert said in result.output
