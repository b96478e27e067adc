"""``requests``, ``events`` and ``deliveries`` print what happened, and with ``--follow`` what happens."""

from __future__ import annotations

from collections.abc import Iterator

import orjson
import pytest
from click.testing import CliRunner, Result

from mockserver.cli import main
from mockserver.client import FeedEntry, MockServer, World
from mockserver.protocol.refusals import UNKNOWN_PATH
from mockserver.server import RunningServer, ServerSettings, start
from mockserver.testing.background_loop import BackgroundLoop
from tests.client.asking import ask


@pytest.fixture
def running() -> Iterator[tuple[World, RunningServer, BackgroundLoop]]:
    with BackgroundLoop() as background:
        server = background.call(start(ServerSettings(port=0, auth="off", clock="manual")))
        with MockServer(server.url) as found:
            yield found.worlds.get(), server, background
        background.call(server.stop())


@pytest.fixture
def world(running: tuple[World, RunningServer, BackgroundLoop]) -> World:
    world = running[0]
    ask(world, "GET", "/users?limit=5")
    ask(world, "GET", "/nowhere")
    world.events.emit("ORDER.NEW")
    world.events.emit("USER.CREATED")
    return world


def printed(world: World, *arguments: str) -> Result:
    result = CliRunner().invoke(main, [*arguments, "--url", world.url])
    assert result.exit_code == 0, result.output
    return result


def test_requests_with_what_they_were_answered(world: World) -> None:
    assert printed(world, "requests").output.splitlines() == [
        "#1 2023-01-10T08:00:00Z  GET /users?limit=5 → 200",
        f"#2 2023-01-10T08:00:00Z  GET /nowhere → 404  {UNKNOWN_PATH.name}",
    ]
    assert printed(world, "requests", "--refused", "--since", "1").output.startswith("#2 ")
    assert printed(world, "requests", "--operation", "list_users", "--limit", "1").output.startswith("#1 ")


def test_events_with_what_caused_them(world: World) -> None:
    command = "command POST /_mock/worlds/{world}/events"
    assert printed(world, "events").output.splitlines() == [
        f"#1 2023-01-10T08:00:00Z  ORDER.NEW  by {command}",
        f"#2 2023-01-10T08:00:00Z  USER.CREATED  by {command}",
    ]
    assert printed(world, "events", "USER").output.startswith("#2 ")


def test_deliveries_with_how_they_went(world: World) -> None:
    world.subscribe("http://127.0.0.1:1/hooks", delay="1s")
    world.events.emit("ORDER.NEW")
    world.clock.advance("1s")
    (line,) = printed(world, "deliveries", "--state", "RETRYING").output.splitlines()
    assert line.startswith("#1 2023-01-10T08:00:01Z  ")
    assert line.endswith(" RETRYING, again at 2023-01-10T08:00:02Z  1 attempts: ORDER.NEW")


def test_as_json_it_is_the_answer_of_the_control_api(world: World) -> None:
    answer = orjson.loads(printed(world, "events", "--json").output)
    assert [each["number"] for each in answer["events"]] == [1, 2]


@pytest.mark.parametrize("command", ["requests", "events"])
def test_what_comes_is_printed_after_what_is_there_until_the_server_stops(
    world: World, running: tuple[World, RunningServer, BackgroundLoop], monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    _, server, background = running
    feed = World.feed

    def followed(self: World, *kinds: str, **options: object) -> Iterator[FeedEntry]:
        entries = feed(self, *kinds, **options)  # type: ignore[arg-type]
        ask(self, "GET", "/accounts")
        self.events.emit("ORDER.FILLED")

        def until_it_came() -> Iterator[FeedEntry]:
            for entry in entries:
                yield entry
                if entry.json[kinds[0]]["number"] == 3:
                    background.call(_end(server))

        return until_it_came()

    monkeypatch.setattr(World, "feed", followed)
    lines = printed(world, command, "--follow", "--json").output.splitlines()
    assert [orjson.loads(line)["number"] for line in lines] == [1, 2, 3]
    assert {"requests": "/accounts", "events": "ORDER.FILLED"}[command] in lines[2]


async def _end(server: RunningServer) -> None:
    server.worlds.end_feeds()
