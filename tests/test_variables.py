"""Variables called MOCKSERVER_…: mistakes are named, and what Kubernetes and Docker set by themselves does no harm."""

from __future__ import annotations

import re
import subprocess
import sys

import click
import orjson
import pytest
from click.testing import CliRunner, Result

from mockserver.cli import COMMANDS, main
from mockserver.cli.variables import PLUGIN, is_of_a_service, of_command, set_apart
from mockserver.pytest_plugin import OPTIONS
from tests.test_container import instructions

KUBERNETES = {
    "MOCKSERVER_SERVICE_HOST": "10.0.0.11",
    "MOCKSERVER_SERVICE_PORT": "8080",
    "MOCKSERVER_SERVICE_PORT_HTTP": "8080",
    "MOCKSERVER_PORT": "tcp://10.0.0.11:8080",
    "MOCKSERVER_PORT_8080_TCP": "tcp://10.0.0.11:8080",
    "MOCKSERVER_PORT_8080_TCP_PROTO": "tcp",
    "MOCKSERVER_PORT_8080_TCP_PORT": "8080",
    "MOCKSERVER_PORT_8080_TCP_ADDR": "10.0.0.11",
    # of a second service, called mockserver-live
    "MOCKSERVER_LIVE_SERVICE_HOST": "10.0.0.12",
    "MOCKSERVER_LIVE_PORT": "tcp://10.0.0.12:80",
    "MOCKSERVER_LIVE_PORT_80_TCP_ADDR": "10.0.0.12",
}
DOCKER = {
    "MOCKSERVER_NAME": "/app/mockserver",
    "MOCKSERVER_PORT": "tcp://172.17.0.5:8080",
    "MOCKSERVER_PORT_8080_TCP_START": "tcp://172.17.0.5:8080",
    "MOCKSERVER_PORT_8080_TCP_END": "tcp://172.17.0.5:8090",
    "MOCKSERVER_ENV_PYTHON_VERSION": "3.12",
}


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(main, arguments, env=environment, catch_exceptions=False)


def commands() -> dict[str, click.Command]:
    assert isinstance(main, click.Group)
    found = {name: main.get_command(click.Context(main), name) for name in COMMANDS}
    return {name: command for name, command in found.items() if command is not None}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("MOCKSERVER_PROT", "did you mean MOCKSERVER_PORT?"),
        ("MOCKSERVER_LOGLEVEL", "did you mean MOCKSERVER_LOG_LEVEL?"),
        ("MOCKSERVER_SCENARIOES", "did you mean MOCKSERVER_SCENARIO"),
        ("MOCKSERVER_XYZZY", "`mockserver COMMAND --help` names those of a command"),
    ],
)
def test_a_variable_that_no_command_has_is_named_with_what_was_meant(name: str, said: str) -> None:
    shown = run("scenarios", **{name: "1"})
    assert shown.exit_code == 0
    assert f"{name} is not a variable of mockserver: {said}" in shown.stderr


def options(command: click.Command) -> list[click.Option]:
    own = [each for each in command.params if isinstance(each, click.Option)]
    inner = command.commands.values() if isinstance(command, click.Group) else ()
    return own + [option for each in inner for option in options(each)]


def test_every_option_is_a_variable_and_its_help_says_so() -> None:
    for command in commands().values():
        for option in options(command):
            flag = next(each for each in option.opts if each.startswith("--"))
            variable = f"MOCKSERVER_{flag[2:].replace('-', '_').upper()}"
            assert option.envvar == variable
            shown = option.get_help_record(click.Context(command))
            assert shown is not None
            assert f"env var: {variable}" in shown[1]


def test_a_variable_is_read_as_its_option_is() -> None:
    assert "rules" in orjson.loads(run("coverage", MOCKSERVER_JSON="1").stdout)


def test_the_warning_does_not_mix_with_what_a_program_reads() -> None:
    shown = run("coverage", "--json", MOCKSERVER_PROT="1")
    assert "MOCKSERVER_PROT" in shown.stderr
    assert "operations" in orjson.loads(shown.stdout)


@pytest.mark.parametrize("variable", sorted(set().union(PLUGIN, *map(of_command, commands().values()))))
def test_a_variable_of_any_command_is_known_to_all(variable: str) -> None:
    assert "is not a variable" not in run("scenarios", **{variable: "x"}).stderr


def test_the_variables_of_the_plugin_are_known() -> None:
    assert {variable for variable, _ in OPTIONS.values()} == PLUGIN


@pytest.mark.parametrize("environment", [KUBERNETES, DOCKER], ids=["Kubernetes", "Docker"])
def test_variables_of_a_service_called_mockserver_are_neither_mistakes_nor_options(environment: dict[str, str]) -> None:
    given = environment | {"MOCKSERVER_AUTH": "off"}
    found = set_apart(given, ["MOCKSERVER_AUTH", "MOCKSERVER_PORT"])
    assert (set(found.service), found.unknown) == (set(environment), ())
    assert given == {"MOCKSERVER_AUTH": "off"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MOCKSERVER_PORT", "8080"),
        ("MOCKSERVER_HOST", "0.0.0.0"),
        ("MOCKSERVER_PORTS_SERVICE", "1"),
        ("MOCKSERVER_SERVICE", "1"),
        ("MOCKSERVER_PORT_8080", "tcp://10.0.0.11:8080"),
        ("MOCKSERVER_RECEIVER", "http://localhost:9000"),
        ("MOCKSERVER_NAME", "mine"),
    ],
)
def test_other_variables_are_not_taken_for_those_of_a_service(name: str, value: str) -> None:
    assert not is_of_a_service(name, value)


@pytest.mark.parametrize("environment", [KUBERNETES, DOCKER], ids=["Kubernetes", "Docker"])
def test_the_server_starts_beside_a_service_of_its_name_and_says_which_variable_it_ignores(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ports: list[int] = []
    monkeypatch.setattr("mockserver.cli.serving.run", lambda settings, _: ports.append(settings.port))
    shown = run("serve", **environment)
    assert (shown.exit_code, ports) == (0, [8080])
    (line,) = shown.stderr.splitlines()
    assert re.search("MOCKSERVER_PORT is ignored: .*Choose the port by --port", line)


def test_a_server_with_json_lines_warns_in_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.cli.serving.run", lambda *_: None)
    shown = run("serve", "--log", "json", MOCKSERVER_PROT="1")
    (line,) = map(orjson.loads, shown.stderr.splitlines())
    assert (line["level"], line["message"].split(":")[0]) == (
        "warning",
        "MOCKSERVER_PROT is not a variable of mockserver",
    )


def test_the_health_check_of_the_image_reads_no_address_as_a_port() -> None:
    (check,) = instructions("HEALTHCHECK")
    _, *arguments = orjson.loads(check[check.index("[") :])
    shown = subprocess.run(
        [sys.executable, *arguments], env={"MOCKSERVER_PORT": KUBERNETES["MOCKSERVER_PORT"]}, capture_output=True
    )
    assert b"ValueError" not in shown.stderr
