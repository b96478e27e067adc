"""``mockserver play`` plays the next steps of the scenario of a running server's world."""

from __future__ import annotations

from collections.abc import Iterator

import orjson
import pytest
from click.testing import CliRunner, Result

from mockserver.cli import main
from mockserver.client import MockServer, World
from mockserver.server import ServerSettings, start
from mockserver.testing.background_loop import BackgroundLoop

RED = """\
name: red
accounts: [{as: savings}]
steps:
  - advance: 1d
  - note: Nothing is sold
    expect_event: ORDER.NEW
  - request: {path: "/accounts/${savings}"}
"""


@pytest.fixture
def world() -> Iterator[World]:
    with BackgroundLoop() as background:
        running = background.call(start(ServerSettings(port=0)))
        with MockServer(running.url) as server:
            yield server.worlds.create(RED, clock="manual")
        background.call(running.stop())


def play(world: World, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["play", *arguments, "--url", world.url, "--world", world.client_id])


def test_it_plays_as_many_as_it_is_given_and_says_what_is_next(world: World) -> None:
    result = play(world, "1")
    assert result.exit_code == 0, result.output
    assert "  1  2023-01-11T08:00:00  advance 1d" in result.output
    assert result.output.splitlines()[-1] == (
        "red: 1 of 3 steps played, now 2023-01-11T08:00:00Z; next: Nothing is sold"
    )


def test_what_is_not_as_expected_ends_it_with_1_and_its_line(world: World) -> None:
    result = play(world)
    assert result.exit_code == 1
    assert "scenario:5: no ORDER.NEW came" in result.output
    assert "red: 2 of 3 steps played" in result.output
    assert play(world).exit_code == 0, "the next one is played after it"
    over = play(world)
    assert (over.exit_code, "All 3 steps of the scenario red were played" in over.output) == (2, True)


def test_it_shows_where_the_world_is_and_plays_nothing(world: World) -> None:
    for _ in range(2):
        result = play(world, "--show")
        assert result.output == "red: 0 of 3 steps played, now 2023-01-10T08:00:00Z; next: advance 1d\n"
    assert orjson.loads(play(world, "--show", "--json").output)["next"]["number"] == 1
    assert orjson.loads(play(world, "2", "--json").output)["passed"] is False


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["0"], "at least 1"),
        (["many"], "not a valid integer"),
        (["2", "--show"], "--show plays nothing: leave out the 2"),
    ],
)
def test_wrong_uses_say_what_would_pass(world: World, arguments: list[str], said: str) -> None:
    result = play(world, *arguments)
    assert result.exit_code == 2
    assert said in result.output
