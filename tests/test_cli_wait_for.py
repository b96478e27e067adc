"""``wait-for`` waits for a request of a running server's client."""

from __future__ import annotations

from collections.abc import Iterator

import orjson
import pytest
from click.testing import CliRunner, Result

from mockserver.cli import main
from mockserver.client import MockServer, World
from mockserver.server import ServerSettings, start
from mockserver.testing.background_loop import BackgroundLoop
from tests.client.asking import ask


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with BackgroundLoop() as background:
        running = background.call(start(ServerSettings(port=0, auth="off", clock="manual")))
        with MockServer(running.url) as server:
            found = server.worlds.get()
            ask(found, "GET", "/users?limit=5")
            ask(found, "GET", "/accounts")
            yield found
        background.call(running.stop())


def wait_for(world: World, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["wait-for", *arguments, "--url", world.url])


def test_the_request_is_printed(world: World) -> None:
    result = wait_for(world, "GET", "/users")
    assert result.exit_code == 0, result.output
    assert result.output == "#1 2023-01-10T08:00:00Z  GET /users?limit=5 → 200\n"


def test_it_is_printed_as_json(world: World) -> None:
    result = wait_for(world, "GET", "/*", "--count", "2", "--json")
    assert [each["path"] for each in orjson.loads(result.output)] == ["/users", "/accounts"]


def test_where_none_can_come_it_fails_at_once_with_the_nearest_misses(world: World) -> None:
    result = wait_for(world, "GET", "/users", "--since", "1", "--status", "404", "--timeout", "10m")
    assert result.exit_code == 1
    assert "nothing is under way that could bring it" in result.output
    assert "near: #2 GET /accounts → 200" in result.output


def test_patience_lasts_its_timeout(world: World) -> None:
    result = wait_for(world, "DELETE", "/users/*", "--patient", "--timeout", "1ms")
    assert result.exit_code == 1
    assert "none more came within 0.001 s" in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["GET", "/usres"], "did you mean /users?"),
        (["GET", "/users", "--timeout", "soon"], "'soon' is not a duration: write for example 250ms"),
        (["GET", "/users", "--timeout", "11m"], "must be at most 10m, not 11m"),
        (["GET", "/users", "--count", "0"], "must be at least 1"),
        (["GET"], "Missing argument 'PATH'"),
    ],
)
def test_what_cannot_be_waited_for_is_refused(world: World, arguments: list[str], said: str) -> None:
    result = wait_for(world, *arguments)
    assert result.exit_code == 2
    assert said in result.output
