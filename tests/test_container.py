"""The image, as far as it can be held without a container engine: what the Dockerfile promises, and how it is used."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import orjson
import pytest
import yaml
from click.testing import CliRunner

from mockserver.cli import main, serving
from mockserver.cli.variables import of_command
from mockserver.pytest_plugin import OPTIONS
from mockserver.server import RunningServer, start
from tests.processes import Server

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
_, _, IMAGE = DOCKERFILE.rpartition("\nFROM ")
"""The instructions of the last stage."""


def instructions(name: str) -> list[str]:
    return re.findall(rf"^{name} +(.+)$", IMAGE, re.MULTILINE)


def command(name: str) -> click.Command:
    """A command of the command line."""
    assert isinstance(main, click.Group)
    found = main.get_command(click.Context(main), name)
    assert found is not None
    return found


# --- The Dockerfile ---


def test_its_base_is_an_argument() -> None:
    assert re.search(r"^ARG BASE=python:3\.\d+-slim$", DOCKERFILE, re.MULTILINE)
    assert re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE) == ["${BASE}", "${BASE}"]


def test_its_user_has_a_number_so_that_orchestrators_can_see_it_is_not_root() -> None:
    (user,) = instructions("USER")
    assert int(user) > 0


def test_it_serves_by_default() -> None:
    assert [orjson.loads(each) for each in instructions("ENTRYPOINT")] == [["mockserver"]]
    assert [orjson.loads(each) for each in instructions("CMD")] == [["serve"]]


def test_scenarios_are_named_barely() -> None:
    assert instructions("WORKDIR") == ["/scenarios"]


def test_the_variables_it_sets_are_options_of_serve() -> None:
    (environment,) = instructions("ENV")
    assert set(re.findall(r"\b(MOCKSERVER_\w+)=", environment)) <= of_command(command("serve"))


# --- Its health check ---


def probe(port: int) -> int:
    (check,) = instructions("HEALTHCHECK")
    _, *arguments = orjson.loads(check[check.index("[") :])
    environment = {**os.environ, "MOCKSERVER_PORT": str(port), "HTTP_PROXY": "http://127.0.0.1:9"}
    return subprocess.run([sys.executable, *arguments], env=environment, capture_output=True).returncode


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    running = Server("--auth", "token", "--control-token", "secret")
    yield running
    running.stop()


def test_it_is_green_while_the_server_answers_whatever_proxies_the_pipeline_has(server: Server) -> None:
    assert probe(int(server.url.rpartition(":")[2])) == 0


def test_it_is_red_where_nobody_answers() -> None:
    assert probe(9) == 1


# --- The process in it ---


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_either_signal_ends_it_well(number: signal.Signals) -> None:
    running = Server("--auth", "token", "--clock", "real")
    running.process.send_signal(number)
    assert running.process.wait(10) == 0
    assert running.process.stdout is not None
    running.process.stdout.close()


def test_a_mounted_scenario_is_served_by_its_bare_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.yaml").write_text("name: mine\nusers: [{as: erika}]\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    running = Server("--scenario", "mine.yaml", "--auth", "token")
    assert running.stop() == 0
    assert "world default: scenario mine, profile sandbox" in running.lines


@pytest.fixture
def unwritable(monkeypatch: pytest.MonkeyPatch) -> list[RunningServer]:
    """A read-only file system without a temporary folder; the servers that are introduced there end at once."""
    introduced: list[RunningServer] = []

    def refuse(*_: object, **__: object) -> str:
        raise FileNotFoundError(2, "No usable temporary directory found in ['/tmp', '/var/tmp', '/usr/tmp']")

    def run(settings: Any, ready: Any) -> None:
        async def introduce() -> None:
            async with await start(settings) as running:
                introduced.append(running)
                ready(running)

        asyncio.run(introduce())

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    monkeypatch.setattr(serving, "run", run)
    return introduced


def test_where_nothing_can_be_written_one_line_says_how_to_get_the_key(unwritable: list[RunningServer]) -> None:
    shown = CliRunner().invoke(main, ["serve", "--port", "0"], catch_exceptions=False)
    assert shown.exit_code == 0
    (line,) = [line for line in shown.output.splitlines() if "key file" in line]
    (running,) = unwritable
    tenant = running.worlds.default
    assert tenant is not None
    assert f"GET {running.url}/_mock/worlds/{tenant.client_id}/keys" in line
    assert "--key-dir" in line
    assert tenant.keys.test_key.id in shown.output


def test_nothing_is_missed_where_nobody_signs(unwritable: list[RunningServer]) -> None:
    shown = CliRunner().invoke(main, ["serve", "--port", "0", "--auth", "token", "--log", "json"])
    (world,) = orjson.loads(shown.output)["worlds"]
    assert (world["key_id"], world["key_file"]) == (None, None)


# --- The examples for pipelines ---

EXAMPLES = sorted((ROOT / "docs" / "ci").glob("*.yml"))
PLUGIN = {variable for variable, _ in OPTIONS.values()}


def texts(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for name, value in node.items():
            yield str(name)
            yield from texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from texts(value)
    else:
        yield str(node)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_uses_options_and_variables_that_there_are(example: Path) -> None:
    said = list(texts(yaml.safe_load(example.read_text(encoding="utf-8"))))
    variables = {name for text in said for name in re.findall(r"\bMOCKSERVER_\w+", text)}
    assert variables
    assert variables <= of_command(command("serve")) | of_command(command("replay")) | PLUGIN
    options = {name for text in said for name in re.findall(r"--mockserver-([\w-]+)", text)}
    assert options <= {name.replace("_", "-") for name in OPTIONS}
    for given in [each for text in said for each in re.findall(r"(?:mockserver )?\b(serve .+)", text)]:
        command("serve").make_context("serve", given.split()[1:], resilient_parsing=False)


def paths(service: dict[str, Any]) -> list[str]:
    """What a Compose service takes from the folder of its file, or from beside it."""
    build = service.get("build", ".")
    context = build if isinstance(build, str) else build["context"]
    mounted = [str(volume).partition(":")[0] for volume in service.get("volumes", ())]
    return [path for path in (context, *mounted) if "://" not in path]


def test_the_compose_file_works_outside_this_repository() -> None:
    """Only the folder of the user's own project is named, for the tests; the mock comes from an image or from Git."""
    services = yaml.safe_load((ROOT / "docs" / "ci" / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    assert paths(services["upvest"]) == []
    assert services["upvest"]["build"].endswith(".git#main")
    assert "/" in services["upvest"]["image"]
    assert {path for service in services.values() for path in paths(service)} <= {"."}
    assert not {"env_file", "extends", "configs", "secrets"} & {key for service in services.values() for key in service}


def test_the_compose_file_brings_the_health_check_that_an_oci_image_has_lost(server: Server) -> None:
    service = yaml.safe_load((ROOT / "docs" / "ci" / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    kind, _, *arguments = service["upvest"]["healthcheck"]["test"]
    assert kind == "CMD"
    code = arguments.pop().replace("8080", server.url.rpartition(":")[2])
    assert subprocess.run([sys.executable, *arguments, code], capture_output=True).returncode == 0
    assert (
        subprocess.run(
            [sys.executable, *arguments, code.replace(server.url.rpartition(":")[2], "9")], capture_output=True
        ).returncode
        == 1
    )


# --- Scenarios whose names have spaces ---


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """The scenarios that a server was started with, by name; the working directory has some."""
    names: list[str] = []
    for file, name in (("with space.yaml", "spaced"), ("d'or.yaml", "apostrophe"), ("plain.yaml", "plain")):
        (tmp_path / file).write_text(f"name: {name}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(serving, "run", lambda settings, _: names.extend(each.name for each in settings.scenarios))
    return names


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain.yaml portfolio-switch", ["plain", "portfolio-switch"]),
        ("with space.yaml", ["spaced"]),
        ('"with space.yaml"', ["spaced"]),
        ('"with space.yaml" plain.yaml', ["spaced", "plain"]),
        ('plain.yaml\n"with space.yaml"\n', ["plain", "spaced"]),
        ('./"with space.yaml"', ["spaced"]),
        ("d'or.yaml plain.yaml", ["apostrophe", "plain"]),
        ("", []),
    ],
)
def test_a_variable_names_scenarios_with_spaces(loaded: list[str], value: str, expected: list[str]) -> None:
    shown = CliRunner().invoke(main, ["serve"], env={"MOCKSERVER_SCENARIO": value}, catch_exceptions=False)
    assert (shown.exit_code, loaded) == (0, expected)


def test_an_argument_is_one_scenario_whatever_it_holds(loaded: list[str]) -> None:
    arguments = ["serve", "--scenario", "with space.yaml", "--scenario", "plain.yaml"]
    assert CliRunner().invoke(main, arguments, catch_exceptions=False).exit_code == 0
    assert loaded == ["spaced", "plain"]


def test_a_quote_that_is_not_closed_is_an_error(loaded: list[str]) -> None:
    shown = CliRunner().invoke(main, ["serve"], env={"MOCKSERVER_SCENARIO": '"with space.yaml'})
    assert shown.exit_code == 2
    assert "a double quote is not closed" in shown.stderr
    assert loaded == []


@pytest.mark.parametrize("command", ["check", "replay"])
def test_other_commands_take_paths_with_spaces(loaded: list[str], command: str) -> None:
    assert CliRunner().invoke(main, [command, "with space.yaml"], catch_exceptions=False).exit_code == 0


# --- What all examples share ---


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_serves_the_control_api_with_a_token(example: Path) -> None:
    assert "MOCKSERVER_CONTROL_TOKEN" in example.read_text(encoding="utf-8")
