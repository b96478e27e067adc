"""``trigger`` emits an event of any type in a running server's world."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from mockserver.cli import main
from mockserver.client import MockServer
from mockserver.server import ServerSettings, start
from mockserver.testing.background_loop import BackgroundLoop


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with BackgroundLoop() as background:
        running = background.call(start(ServerSettings(port=0)))
        yield running.url
        background.call(running.stop())


def trigger(url: str, *arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(main, ["trigger", *arguments, "--url", url], input=text)


def emitted(url: str) -> list[str]:
    with MockServer(url) as server:
        return [event.type for event in server.worlds.get().events.list()]


def test_the_event_is_emitted_and_shown(url: str) -> None:
    result = trigger(url, "TAX_COLLECTION.FINALISED")
    assert result.exit_code == 0, result.output
    assert "TAX_COLLECTION.FINALISED" in result.output
    assert '"status": "FINALISED"' in result.output
    assert emitted(url)[-1] == "TAX_COLLECTION.FINALISED"


def test_members_come_from_a_file_or_standard_input(url: str, tmp_path: Path) -> None:
    path = tmp_path / "topup.json"
    path.write_text('{"cash_amount": "25.00"}')
    for arguments, text in (([str(path)], None), (["-"], path.read_text())):
        result = trigger(url, "TOPUP.SETTLED", "--object", *arguments, "--json", text=text)
        assert orjson.loads(result.output)["object"]["cash_amount"] == "25.00"


@pytest.mark.parametrize(
    ("arguments", "text", "said"),
    [
        (["TOPUP.SETLED"], None, "did you mean TOPUP.SETTLED"),
        (["TOPUP.SETTLED", "--object", "nowhere.json"], None, "nowhere.json cannot be read: No such file"),
        (["TOPUP.SETTLED", "--object", "-"], "{", "- is not JSON"),
        (["TOPUP.SETTLED", "--object", "-"], "[]", "must hold a JSON object"),
        (["TOPUP.SETTLED", "--object", "-"], '{"cash_amount": 5}', "(root).object.cash_amount"),
    ],
)
def test_what_cannot_be_meant_ends_with_one_line(url: str, arguments: list[str], text: str | None, said: str) -> None:
    before = len(emitted(url))
    result = trigger(url, *arguments, text=text)
    assert result.exit_code == 2
    assert said in result.output
    assert result.output.count("\n") == 1
    assert len(emitted(url)) == before
