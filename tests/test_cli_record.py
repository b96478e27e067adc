"""``mockserver record``: a file that replays, or one clear line."""

from __future__ import annotations

import socket
from pathlib import Path

import aiohttp
import pytest
from click.testing import CliRunner, Result

from mockserver.cli import main
from mockserver.server import ServerSettings, start
from tests.hostile.conftest import Target, target  # noqa: F401 - a fixture


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_what_was_done_is_written_and_replays(target: Target, tmp_path: Path) -> None:  # noqa: F811
    file = tmp_path / "recorded.yaml"
    told = run("record", "--url", target.url, "-o", str(file))
    assert told.exit_code == 0, told.output
    assert told.stderr.endswith(f"play them with: mockserver replay {file}\n")
    assert run("check", str(file)).exit_code == 0
    played = run("replay", str(file), "--url", target.url)
    assert played.exit_code == 0, played.output


def test_without_a_file_it_is_printed(target: Target) -> None:  # noqa: F811
    assert run("record", "--url", target.url).stdout.startswith("name: one-of-everything-recorded\n")


def test_an_unknown_world_is_told(target: Target, tmp_path: Path) -> None:  # noqa: F811
    told = run("record", "--url", target.url, "--world", "nobody", "-o", str(tmp_path / "x.yaml"))
    assert (told.exit_code, told.stderr[:39]) == (2, "mockserver: There is no world 'nobody';")
    assert not (tmp_path / "x.yaml").exists()


def test_a_file_that_cannot_be_written_is_told(target: Target, tmp_path: Path) -> None:  # noqa: F811
    told = run("record", "--url", target.url, "-o", str(tmp_path / "no" / "x.yaml"))
    assert told.exit_code == 2
    assert "cannot be written: No such file or directory" in told.stderr


def test_a_server_that_is_not_there_is_told() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        told = run("record", "--url", url)
    assert (told.exit_code, f"no mockserver answers at {url}" in told.stderr) == (2, True)


@pytest.mark.parametrize("reach", ["loopback", "anywhere"])
async def test_a_server_on_this_machine_is_reached_from_it_either_way(reach: str) -> None:
    async with (
        await start(ServerSettings(port=0, control=reach)) as server,
        aiohttp.ClientSession() as http,
        http.get(f"{server.url}/_mock/worlds") as response,
    ):
        assert response.status == 200
