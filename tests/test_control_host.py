"""``--control-host``: the names under which browsers and programs may reach the server."""

from __future__ import annotations

import pytest
import requests
from click.testing import CliRunner

from mockserver.cli import main
from tests.processes import Server


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCKSERVER_CONTROL_HOST", "mock.example.com api.example.com")


def status(server: Server, host: str, **headers: str) -> int:
    answer = requests.get(f"{server.url}/_mock/worlds", headers={"host": host, **headers}, timeout=20)
    return answer.status_code


def test_names_are_options_or_a_variable(names: None) -> None:
    server = Server("--auth", "token")
    try:
        assert [status(server, host) for host in ("mock.example.com", "api.example.com:8080", "other.example.com")] == [
            200,
            200,
            403,
        ]
        assert status(server, "upvest", origin="https://mock.example.com") == 200
        assert status(server, "upvest", origin="https://other.example.com") == 403
    finally:
        server.stop()


def test_a_name_that_is_none_is_refused_at_the_start() -> None:
    done = CliRunner().invoke(main, ["serve", "--port", "0", "--control-host", "https://mock.example.com"])
    assert done.exit_code == 2
    assert "--control-host: expected a host name without scheme and port" in done.output
    assert "got 'https://mock.example.com'" in done.output


def test_the_help_says_what_is_kept_out() -> None:
    shown = " ".join(CliRunner().invoke(main, ["serve", "--help"]).output.split())
    assert "Web pages of other sites may not in either case." in shown
    assert "--control-host NAME" in shown
