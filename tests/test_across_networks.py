"""What docs/ci and docs/container.md promise, with the server on another machine: a namespace of its own.

The files for pipelines are run by their own commands. Only the images are replaced: the server is that of this checkout
with the variables of the Dockerfile, and ``pip install`` installs nothing.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import orjson
import pytest
import yaml

from mockserver.scenario import shipped
from tests.networks import ROOT, Network, network
from tests.test_container import instructions

pytestmark = pytest.mark.slow

PORT: Final = 8080
SCENARIOS: Final = ("portfolio-switch", "sell-and-liquidate")
"""Those of the project whose pipeline runs: they expect webhooks."""

TEST: Final = """
import pytest

@pytest.mark.mockserver(scenario="accounts: [{as: savings}]\\n")
def test_a_webhook_crosses_the_network(mockserver):
    receiver = mockserver.receiver("ACCOUNT")
    mockserver.moves.force("accounts", mockserver.state.list("accounts")[0].id, "CLOSING")
    mockserver.clock.advance("1m")
    receiver.wait_for("ACCOUNT")
    assert [each.problem for each in receiver.received] == [None]
"""
STUBS: Final = {
    "mockserver": 'exec "{python}" -m mockserver "$@"',
    "pytest": 'exec "{python}" -m pytest "$@"',
    "pip": '[ "$*" = "install -r requirements-test.txt" ]',
}
"""Commands of the images that the pipelines name."""


@pytest.fixture(scope="module")
def machines() -> Iterator[Network]:
    if os.name != "posix" or os.geteuid() != 0:
        pytest.skip("NOT TESTED HERE: replays across a network, since network namespaces need root on Linux")
    try:
        with network() as made:
            yield made
    except OSError as error:
        pytest.skip(f"NOT TESTED HERE: replays across a network, since namespaces cannot be made: {error}")


@pytest.fixture
def joined(machines: Network) -> Iterator[Network]:
    yield machines
    for machine in (machines.tests, machines.server):
        machine.stop()
        machine.resolves({})


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A user's project: a test, and scenarios."""
    folder = tmp_path / "project"
    (folder / "scenarios").mkdir(parents=True)
    (folder / "test_mine.py").write_text(TEST, encoding="utf-8")
    (folder / "requirements-test.txt").touch()
    for name in SCENARIOS:
        shutil.copy(shipped.files()[name], folder / "scenarios")
    commands = folder / "bin"
    commands.mkdir()
    for name, line in STUBS.items():
        (commands / name).write_text(f"#!/bin/sh\n{line.format(python=sys.executable)}\n", encoding="utf-8")
        (commands / name).chmod(0o755)
    return folder


def environment(project: Path, variables: Mapping[str, Any] | None = None) -> dict[str, str]:
    """That of a fresh container: nothing of the machine's own, but what finds this checkout."""
    given = {name: str(value) for name, value in (variables or {}).items()}
    own = {"PATH": f"{project / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "HOME": str(project)}
    plugins = "-p xdist -p mockserver.pytest_plugin -p no:cacheprovider"  # and not what else is installed here
    pytest = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": plugins}
    return {**own, **pytest, "LANG": "C.UTF-8", **given}


def image(project: Path, variables: Mapping[str, Any] | None = None) -> dict[str, str]:
    """The environment of a container of the image."""
    (line,) = instructions("ENV")
    own = {name: value for name, value in re.findall(r"\b([A-Z_]+)=(\S+)", line) if name != "PATH"}
    folder = project / "mounted"
    folder.mkdir(exist_ok=True)
    return environment(project, {**own, "MOCKSERVER_SCENARIOS": folder, **(variables or {})})


def serve(
    network: Network,
    project: Path,
    variables: Mapping[str, Any] | None = None,
    command: str = "serve",
    health_check: Sequence[str] | None = None,
) -> None:
    """Run the image on the server's machine; the health check, by default its own, is green then."""
    given = image(project, variables)
    (entry,) = map(orjson.loads, instructions("ENTRYPOINT"))
    line = network.server.start([*entry, *command.split()], project, given)
    assert "mockserver listens on" in line
    if health_check is None:
        (check,) = instructions("HEALTHCHECK")
        health_check = orjson.loads(check[check.index("[") :])
    _, *arguments = health_check
    healthy = network.server.run([sys.executable, *arguments], project, given)
    assert healthy.returncode == 0, healthy.stderr


def run(network: Network, project: Path, script: str, variables: Mapping[str, Any] | None = None) -> str:
    """Run a script on the tests' machine, as pipelines do: the first command that fails ends it."""
    ran = network.tests.run(["bash", "-e", "-c", script], project, environment(project, variables))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def assert_played(project: Path) -> None:
    """The JUnit report has each scenario of the project, webhook expectations among its steps, and no failure."""
    suites = ET.parse(project / "replay.xml").getroot().findall("testsuite")
    assert {suite.get("name") for suite in suites} == set(SCENARIOS)
    assert [suite.get("failures") for suite in suites] == ["0"] * len(SCENARIOS)


def example(name: str) -> Any:
    return yaml.safe_load((ROOT / "docs" / "ci" / name).read_text(encoding="utf-8"))


# --- Replays ---


def test_all_shipped_scenarios_are_green_and_their_webhooks_arrive(joined: Network, project: Path) -> None:
    serve(joined, project)
    names = " ".join(sorted(shipped.files()))
    report = orjson.loads(
        run(joined, project, f"mockserver replay {names} --json --url http://{joined.server.address}:{PORT}")
    )
    assert report["passed"]
    assert {each["scenario"] for each in report["scenarios"]} == set(shipped.files())
    actions = [step["action"] for each in report["scenarios"] for step in each["steps"]]
    assert actions.count("expect_webhook") > 10


def test_the_fixtures_need_no_receiver_host_either(joined: Network, project: Path) -> None:
    serve(joined, project)
    run(joined, project, f"pytest --mockserver-url http://{joined.server.address}:{PORT}")


def test_a_receiver_out_of_reach_is_named_with_the_remedy(joined: Network, project: Path) -> None:
    """As when the receiver host is forgotten, and the server, behind a published port, calls its own loopback."""
    serve(joined, project)
    joined.tests.publish(PORT, joined.server, project)
    url = f"http://localhost:{PORT}"
    replayed = joined.tests.run(["mockserver", "replay", SCENARIOS[0], "--url", url], project, environment(project))
    assert replayed.returncode == 1
    assert "connection refused" in replayed.stdout
    assert "give --receiver-host (MOCKSERVER_RECEIVER_HOST)" in replayed.stdout
    tested = joined.tests.run(["pytest", "--mockserver-url", url], project, environment(project))
    assert tested.returncode == 1
    assert "connection refused" in tested.stdout
    assert "give --mockserver-receiver-host (MOCKSERVER_RECEIVER_HOST)" in tested.stdout


def test_it_works_over_ipv6(joined: Network, project: Path) -> None:
    line = joined.server.start(["mockserver", "serve", "--host", "::"], project, image(project))
    assert "on all IPv6 interfaces" in line
    run(joined, project, f"mockserver replay portfolio-switch --url http://[{joined.server.address_6}]:{PORT}")


def test_a_name_of_this_machine_may_be_given(joined: Network, project: Path) -> None:
    serve(joined, project)
    joined.server.resolves({"tests": joined.tests.address})
    command = "mockserver replay portfolio-switch --receiver-host tests --receiver-bind"
    run(joined, project, f"{command} {joined.tests.address} --url http://{joined.server.address}:{PORT}")


@pytest.mark.parametrize(
    ("name", "command", "said"),
    [
        ("upvest", "serve --control loopback", "--control anywhere"),
        ("mock.example.com", "serve", "--control-host"),
    ],
)
def test_a_server_that_takes_no_commands_from_here_says_how_it_would(
    joined: Network, project: Path, name: str, command: str, said: str
) -> None:
    serve(joined, project, command=command)
    joined.tests.resolves({name: joined.server.address})
    shown = joined.tests.run(
        ["mockserver", "replay", "portfolio-switch", "--url", f"http://{name}:{PORT}"], project, environment(project)
    )
    assert shown.returncode == 2
    assert said in shown.stderr


def test_a_service_of_one_word_takes_commands_without_a_token(joined: Network, project: Path) -> None:
    serve(joined, project)
    joined.tests.resolves({"upvest": joined.server.address})
    run(joined, project, f"mockserver replay portfolio-switch --url http://upvest:{PORT}")


# --- The examples for pipelines, by their own commands ---


def test_the_compose_file(joined: Network, project: Path) -> None:
    services = example("docker-compose.yml")["services"]
    upvest, tests = services["upvest"], services["tests"]
    assert tests["depends_on"] == {"upvest": {"condition": "service_healthy"}}
    kind, *health_check = upvest["healthcheck"]["test"]
    assert kind == "CMD"
    serve(joined, project, upvest["environment"], upvest["command"], health_check)
    joined.server.resolves({"tests": joined.tests.address})
    joined.tests.resolves({"upvest": joined.server.address})
    entry, option, script = tests["command"]
    assert (entry, option) == ("sh", "-ec")
    run(joined, project, script, tests["environment"])
    assert_played(project)


def test_the_github_workflow_with_a_container(joined: Network, project: Path) -> None:
    job = example("github-actions.yml")["jobs"]["with-a-container"]
    service = job["services"]["upvest"]
    assert (service["ports"], service["options"]) == (
        [f"{PORT}:{PORT}"],
        "--add-host host.docker.internal:host-gateway",
    )
    serve(joined, project, service["env"])
    joined.server.resolves({"host.docker.internal": joined.tests.address})
    joined.tests.publish(PORT, joined.server, project)
    for step in job["steps"]:
        if "run" in step:
            run(joined, project, step["run"], job["env"])
    assert_played(project)


def test_the_github_workflow_without_one(joined: Network, project: Path) -> None:
    for step in example("github-actions.yml")["jobs"]["without"]["steps"]:
        if "run" in step:
            run(joined, project, step["run"])


def test_the_gitlab_pipeline(joined: Network, project: Path) -> None:
    job = example("gitlab-ci.yml")["integration"]
    (service,) = job["services"]
    assert job["variables"]["FF_NETWORK_PER_BUILD"] == "true"
    serve(joined, project, job["variables"])
    joined.server.resolves({"build": joined.tests.address})
    joined.tests.resolves({service["alias"]: joined.server.address})
    run(joined, project, "\n".join(job["script"]), job["variables"])
    assert_played(project)
