"""``profile`` shows and changes the settings of a running server's world."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

import mockserver.domain  # noqa: F401 - fills STAGES
from mockserver.cli import main
from mockserver.cli.profile import assigned
from mockserver.client import MockServer
from mockserver.kernel.stages import STAGES
from mockserver.server import ServerSettings, start
from mockserver.testing.background_loop import BackgroundLoop


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with BackgroundLoop() as background:
        running = background.call(start(ServerSettings(port=0, clock="manual")))
        yield running.url
        background.call(running.stop())


@pytest.fixture
def url(server: str) -> Iterator[str]:
    """Of a server whose default world is as it was made."""
    yield server
    with MockServer(server) as client:
        client.worlds.get().reset()


def profile(url: str, *arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(main, ["profile", *arguments, "--url", url], input=text)


def test_settings_are_set_shown_and_restored(url: str) -> None:
    assert "as the world was made" in profile(url, "show").output
    result = profile(url, "set", "settlement.buy=1", "stages.order.execute.delay=1h", "calendar.hours=null")
    assert result.exit_code == 0, result.output
    for line in (
        "settlement.buy: 1 (was null) since 2023",
        "stages.order.execute.delay: 1h (was ",
        "calendar.hours: null",
    ):
        assert line in result.output
    assert profile(url, "show").output == result.output
    assert "as the world was made" in profile(url, "restore").output


def test_dates_plan_a_change(url: str) -> None:
    result = profile(url, "set", "settlement.buy=1", "--from", "2100-01-01", "--until", "2100-01-02T00:00:00Z")
    line = "settlement.buy: 1 from 2099-12-31T23:00:00Z until 2100-01-02T00:00:00Z, PATCH …/profile"
    assert line in result.output


def test_every_setting_can_be_shown(url: str) -> None:
    assert "settlement.at: 06:00:00" in profile(url, "show", "--all").output
    told = orjson.loads(profile(url, "show", "--json").output)
    assert told["settings"]["settlement"]["at"] == "06:00:00"


def test_settings_come_from_a_file_or_standard_input(url: str, tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"settlement": {"sell": 3}}')
    for arguments, text in (([str(path)], None), (["-"], path.read_text())):
        assert "settlement.sell: 3" in profile(url, "set", "--settings", *arguments, text=text).output


@pytest.mark.parametrize("name", STAGES)
def test_every_stage_can_be_named(name: str) -> None:
    assert assigned([f"stages.{name}.delay=1h"]) == {"stages": {name: {"delay": "1h"}}}


@pytest.mark.parametrize(
    ("arguments", "text", "said"),
    [
        ([], None, "give settings, as settlement.buy=1, or --settings FILE, and not both"),
        (["settlement.buy=1", "--settings", "-"], "{}", "and not both"),
        (["settlement.buy"], None, "'settlement.buy' is no setting: expected NAME=VALUE"),
        (["settlement..buy=1"], None, "'settlement..buy=1' is no setting"),
        (
            ["settlement=1", "settlement.buy=1"],
            None,
            "settlement.buy lies inside settlement, which has a value already",
        ),
        (["settlement.bye=1"], None, "did you mean 'buy'"),
        (["settlement.buy=1", "--from", "soon"], None, "'soon' is no day and no instant"),
        (["--settings", "nowhere.json"], None, "nowhere.json cannot be read: No such file"),
        (["--settings", "-"], "{", "- is not JSON"),
        (["--settings", "-"], "[]", "must hold a JSON object of settings"),
    ],
)
def test_what_cannot_be_meant_ends_with_one_line(url: str, arguments: list[str], text: str | None, said: str) -> None:
    result = profile(url, "set", *arguments, text=text)
    assert result.exit_code == 2
    assert said in result.output
    assert result.output.count("\n") == 1
    assert "as the world was made" in profile(url, "show").output
