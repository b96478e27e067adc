"""``replay`` on a running server: where its receiver of webhooks listens, and how that is said."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result

from mockserver.cli import main
from mockserver.server import ServerSettings, start
from mockserver.testing.background_loop import BackgroundLoop

SCENARIO = "portfolio-switch"
"""It expects webhooks."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with BackgroundLoop() as background:
        server = background.call(start(ServerSettings(port=0, clock="manual", auth="token")))
        yield server.url
        background.call(server.stop())


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(main, ["replay", SCENARIO, *arguments], env=environment, catch_exceptions=False)


def test_the_server_calls_the_receiver_under_the_host_that_is_given(url: str) -> None:
    shown = run("--url", url, "--receiver-host", "127.0.0.9", "--receiver-bind", "127.0.0.1")
    assert shown.exit_code == 1
    assert "RETRYING http://127.0.0.9:" in shown.output
    assert "--receiver-host (MOCKSERVER_RECEIVER_HOST)" in shown.output


def test_it_listens_where_it_is_bound(url: str) -> None:
    shown = run("--url", url, "--receiver-host", "127.0.0.9", "--receiver-bind", "127.0.0.9")
    assert shown.exit_code == 0, shown.output


def test_both_are_variables(url: str) -> None:
    elsewhere = {"MOCKSERVER_RECEIVER_HOST": "127.0.0.9", "MOCKSERVER_RECEIVER_BIND": "127.0.0.1"}
    assert run("--url", url, **elsewhere).exit_code == 1
    assert run("--url", url, **elsewhere | {"MOCKSERVER_RECEIVER_BIND": "127.0.0.9"}).exit_code == 0


def test_variables_do_not_matter_to_a_server_that_is_started_for_the_replay() -> None:
    assert run(MOCKSERVER_RECEIVER_HOST="host.docker.internal", MOCKSERVER_RECEIVER_BIND="192.0.2.1").exit_code == 0


@pytest.mark.parametrize("option", ["--receiver-host", "--receiver-bind"])
def test_options_are_refused_without_a_running_server(option: str) -> None:
    shown = run(option, "127.0.0.1")
    assert shown.exit_code == 2
    assert f"{option} goes with --url" in shown.stderr


def test_a_host_with_a_scheme_is_an_error(url: str) -> None:
    shown = run("--url", url, "--receiver-host", "http://tests:9000")
    assert shown.exit_code == 2
    assert "--receiver-host: 'http://tests:9000' is not a host" in shown.stderr


def test_an_address_that_is_not_of_this_machine_cannot_be_listened_on(url: str) -> None:
    shown = run("--url", url, "--receiver-bind", "192.0.2.200")
    assert shown.exit_code == 2
    assert "the receiver of webhooks cannot listen on 192.0.2.200" in shown.stderr
