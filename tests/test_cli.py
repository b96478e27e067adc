"""The command line: what each command prints, and how it fails."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import orjson
import pytest
from click.testing import CliRunner, Result

from mockserver.cli import COMMANDS, main
from mockserver.contract import contract
from mockserver.scenario import shipped
from tests.processes import Server

GREEN = """\
name: green
description: A night.
accounts: [{as: savings}]
positions: [{account_id: savings, instrument: IE00BKBF6H24, quantity: "1"}]
steps:
  - note: The night
    advance: 1d
  - expect_event: ACCOUNT_VALUATION.CREATED
"""
RED = GREEN.replace("green", "red").replace("ACCOUNT_VALUATION.CREATED", "ORDER.NEW")


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments], catch_exceptions=False)


@pytest.fixture
def green(tmp_path: Path) -> Path:
    (tmp_path / "green.yaml").write_text(GREEN)
    return tmp_path / "green.yaml"


@pytest.fixture
def red(tmp_path: Path) -> Path:
    (tmp_path / "red.yaml").write_text(RED)
    return tmp_path / "red.yaml"


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    (tmp_path / "broken.yaml").write_text("name: broken\nsed: 1\nsteps:\n  - advance: soon\n")
    return tmp_path / "broken.yaml"


# --- Help ---


def test_help_names_every_command() -> None:
    shown = run("--help").output
    assert all(f"  {name} " in shown for name in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert f"mockserver {command}" in result.output


def test_an_unknown_command_is_told() -> None:
    result = run("sevre")
    assert result.exit_code == 2
    assert "No such command 'sevre'" in result.output


# --- Scenarios ---


def test_the_shipped_scenarios_are_listed_with_their_descriptions() -> None:
    lines = run("scenarios").output.splitlines()
    assert [line.split()[0] for line in lines] == sorted(shipped.files())
    assert all(len(line.split()) > 4 for line in lines)


def test_the_json_schema_of_scenarios_is_printed() -> None:
    assert "steps" in orjson.loads(run("scenarios", "--schema").output)["properties"]


def test_check_passes_what_is_good(green: Path) -> None:
    result = run("check", green, "portfolio-switch")
    assert result.exit_code == 0
    assert result.output.splitlines()[0] == f"{green}: good (2 steps)"


def test_check_tells_every_mistake_of_every_file_with_its_line(broken: Path, green: Path) -> None:
    result = run("check", broken, green, "no-such")
    assert result.exit_code == 2
    assert f"{broken}:2: sed: 'sed' is not known here (did you mean 'seed'?)\n" in result.stderr
    assert f"{broken}:4: steps[0].advance: 'soon' is not a duration" in result.stderr
    assert "no-such: 'no-such' is neither a shipped scenario nor a file" in result.stderr
    assert f"{green}: good" in result.stdout


# --- Replay ---


def test_replay_prints_a_timeline(green: Path) -> None:
    result = run("replay", green)
    assert result.exit_code == 0
    assert result.output == (
        "\ngreen  A night.\n"
        "       The night\n"
        "    1  2023-01-11T08:00:00  advance 1d\n"
        "       ACCOUNT_VALUATION.CREATED, ACCOUNT_RETURNS.CREATED\n"
        "    2  2023-01-11T08:00:00  expect ACCOUNT_VALUATION.CREATED\n"
        "\ngreen: 2 steps, all as expected\n"
    )


def test_replay_fails_with_file_and_line_of_what_was_not_as_expected(red: Path, green: Path) -> None:
    result = run("replay", red, green)
    assert result.exit_code == 1
    assert f"✗   2  2023-01-11T08:00:00  expect ORDER.NEW\n       {red}:8: no ORDER.NEW came" in result.output
    assert "red: 2 steps, 1 not as expected\ngreen: 2 steps, all as expected\n" in result.output


def test_replay_prints_json(red: Path) -> None:
    result = run("replay", red, "--json")
    assert result.exit_code == 1
    report = orjson.loads(result.output)
    first, second = report["scenarios"][0]["steps"]
    assert (report["passed"], first["passed"], second["passed"]) == (False, True, False)
    assert (second["line"], second["action"]) == (8, "expect_event")
    assert second["problems"][0].startswith("no ORDER.NEW came")
    assert first["events"] == ["ACCOUNT_VALUATION.CREATED", "ACCOUNT_RETURNS.CREATED"]


def test_replay_gives_a_digest_of_all_bytes_that_is_the_same_every_time(green: Path, red: Path) -> None:
    def digests(*files: str | Path) -> list[str]:
        return [each["digest"] for each in orjson.loads(run("replay", *files, "--json").output)["scenarios"]]

    assert digests(green, red) == digests(green) + digests(red)
    assert len(set(digests(green, "portfolio-switch"))) == 2


def test_replay_writes_a_junit_report(red: Path, green: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    assert run("replay", red, green, "--junit", report).exit_code == 1
    suites = ET.parse(report).getroot()
    assert [(suite.get("name"), suite.get("tests"), suite.get("failures")) for suite in suites] == [
        ("red", "2", "1"),
        ("green", "2", "0"),
    ]
    (failure,) = suites.iter("failure")
    assert (failure.text or "").startswith(f"{red}:8: expect ORDER.NEW\nno ORDER.NEW came")


def test_a_failed_expectation_is_shown_line_by_line_beside_what_came(tmp_path: Path) -> None:
    file = tmp_path / "locked.yaml"
    file.write_text(
        "name: locked\naccounts: [{as: main}]\nsteps:\n"
        '  - expect_state: {resource: accounts, id: "${main}", object: {type: PORTFOLIO, status: LOCKED}}\n'
    )
    lines = ['  type: "PORTFOLIO"', '- status: "LOCKED"', '+ status: "ACTIVE"']
    report = tmp_path / "report.xml"
    printed = run("replay", file, "--junit", report)
    assert "\n".join(f"         {line}" for line in lines) in printed.output
    (failure,) = ET.parse(report).iter("failure")
    assert (failure.text or "").endswith("\n".join(lines))
    (step,) = orjson.loads(run("replay", file, "--json").output)["scenarios"][0]["steps"]
    assert step["diff"] == lines


def test_a_broken_scenario_starts_nothing(broken: Path, green: Path) -> None:
    result = run("replay", green, broken)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert f"{broken}:2: sed" in result.stderr


# --- Contract and coverage ---


def test_the_openapi_document_is_printed() -> None:
    document = orjson.loads(run("openapi").output)
    assert document["openapi"].startswith("3.1")
    assert "/portfolios/orders" in document["paths"]


def test_coverage_counts_what_is_there() -> None:
    table = orjson.loads(run("coverage", "--json").output)
    assert table["contract"] == contract().version
    assert table["operations"]["total"] == len(contract().operations)
    assert table["operations"]["implemented"] >= 50
    assert len(table["operations"]["missing"]) == table["operations"]["total"] - table["operations"]["implemented"]
    assert table["webhooks"]["total"] == len(contract().families)
    missing = set(table["webhooks"]["missing"])
    assert not missing & {"PORTFOLIO_ORDER", "ACCOUNT_VALUATION", "SAVINGS_PLAN", "FEE_COLLECTION"}
    assert len(missing) == table["webhooks"]["total"] - table["webhooks"]["implemented"]


def test_coverage_names_the_source_of_every_rule() -> None:
    rules = orjson.loads(run("coverage", "--json").output)["rules"]
    assert {rule["kind"] for rule in rules} == {"move", "outcome", "refusal", "setting"}
    by_name = {rule["name"]: rule for rule in rules}
    assert by_name["portfolio_orders: NEW → PROCESSING"]["event"] == "PORTFOLIO_ORDER.PROCESSING"
    assert by_name["configuration.exists"]["status"] == 422
    assert by_name["behaviour.balanced_below"]["inferred"]
    assert all(rule["source"] for rule in rules)


def test_coverage_can_be_read() -> None:
    shown = run("coverage").output
    assert re.search(r"^operations +[0-9]+ of 162$", shown, re.MULTILINE)
    assert re.search(rf"^contract +{re.escape(contract().version)}$", shown, re.MULTILINE)
    assert "none of" not in shown, "every family of events can come"
    assert "  portfolio_orders: → NEW  [portfolios.md §4.1 [G, E]]" in shown


# --- Serve and clock, by a real process ---


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    running = Server("--scenario", "portfolio-switch", "--scenario", "month-of-valuations")
    yield running
    assert running.stop() == 0


def test_serve_says_where_it_is_and_how_its_worlds_are_reached(server: Server) -> None:
    assert re.fullmatch(r"mockserver listens on http://127\.0\.0\.1:[0-9]+", server.lines[0])
    text = "\n".join(server.lines)
    assert (
        "world default: scenario portfolio-switch, profile sandbox\n  clock          2023-01-10T08:00:00Z, manual"
        in text
    )
    assert "scenario month-of-valuations, profile live" in text
    assert len(re.findall(r"client id      [0-9a-f-]{36}\n  client secret  \S+", text)) == 2


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_a_server_of_all_interfaces_says_so_beside_a_url_that_works(host: str) -> None:
    everywhere = Server("--host", host, "--auth", "off")
    port = everywhere.url.rpartition(":")[2]
    rows = {"0.0.0.0": ("127.0.0.1", "0.0.0.0", "IPv4"), "::": ("[::1]", "[::]", "IPv6")}
    local, bound, family = rows[host]
    assert everywhere.url == f"http://{local}:{port}"
    assert everywhere.lines[0].startswith(f"mockserver listens on all {family} interfaces ({bound}, port {port})")
    assert tried(everywhere)["meta"]["total_count"] > 20
    assert everywhere.stop() == 0


def tried(server: Server) -> Any:
    """What the suggested lines print, run by a shell whose python3 is this one."""
    script = "\n".join(server.lines[server.lines.index("Try:") + 1 : -1])
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    shell = ["sh", "-c", script]
    answer = subprocess.run(shell, capture_output=True, text=True, timeout=20, env={**os.environ, "PATH": path})
    assert answer.stdout, answer.stderr
    return orjson.loads(answer.stdout)


def test_what_serve_suggests_works(server: Server) -> None:
    assert tried(server)["meta"]["total_count"] > 20


@pytest.mark.skipif(not shutil.which("curl"), reason="it suggests curl")
@pytest.mark.parametrize("auth", ["token", "off"])
def test_what_serve_suggests_without_signatures_works(auth: str) -> None:
    running = Server("--auth", auth)
    try:
        assert tried(running)["meta"]["total_count"] > 20
        assert "key file" not in "\n".join(running.lines)
    finally:
        running.stop()


def test_every_option_is_a_variable(server: Server) -> None:
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"))
    connection.request("GET", "/_mock/worlds/default")
    assert orjson.loads(connection.getresponse().read())["seed"] == 7
    connection.close()


def clock(server: Server, *arguments: str) -> Any:
    result = run("clock", *arguments, "--url", server.url, "--json")
    assert result.exit_code == 0, result.output
    return orjson.loads(result.output)


def test_the_clock_is_shown_and_moved(server: Server) -> None:
    assert run("clock", "show", "--url", server.url).output.splitlines() == [
        "2023-01-10T08:00:00Z  manual, idle",
        "  2023-01-11T00:15:00Z  end-of-day valuations of the day before",
        "  2023-01-11T05:15:00Z  returns of the day before",
        "  2023-04-01T06:00:00Z  statements of the quarter before",
    ]
    assert clock(server, "advance", "1h")["now"] == "2023-01-10T09:00:00Z"
    assert clock(server, "to", "2023-01-10T12:00:00Z")["now"] == "2023-01-10T12:00:00Z"
    assert clock(server, "next")["now"] == "2023-01-11T00:15:00Z"
    assert clock(server, "run")["now"] == "2023-01-11T00:15:00Z"
    assert run("clock", "advance", "1s", "--url", server.url).output == "2023-01-11T00:15:00Z → 2023-01-11T00:15:01Z\n"


def test_the_clock_says_what_happened(server: Server) -> None:
    (other,) = re.findall(r"world ([0-9a-f-]{36})", "\n".join(server.lines))
    moved = run("clock", "advance", "1d", "--url", server.url, "--world", other).output
    assert moved == (
        "2023-04-03T08:00:00Z → 2023-04-04T08:00:00Z\n"
        "      2  ACCOUNT_VALUATION.CREATED\n"
        "      2  ACCOUNT_RETURNS.CREATED\n"
    )


def test_the_clock_refuses_to_go_back(server: Server) -> None:
    result = run("clock", "to", "2020-01-01T00:00:00Z", "--url", server.url)
    assert result.exit_code == 2
    assert result.output.startswith("mockserver: the clock stands at ")
    assert result.output.count("\n") == 1


def test_an_unknown_world_is_told(server: Server) -> None:
    result = run("clock", "show", "--url", server.url, "--world", "nobody")
    assert (result.exit_code, result.output.count("\n")) == (2, 1)
    assert "There is no world 'nobody'" in result.output


def test_a_replay_on_a_running_server_gives_the_same_bytes_whatever_its_seed(server: Server, green: Path) -> None:
    there = orjson.loads(run("replay", green, "portfolio-switch", "--json", "--url", server.url).output)
    here = orjson.loads(run("replay", green, "portfolio-switch", "--json").output)
    assert there == here
    assert there["passed"]


def test_a_port_in_use_is_told_in_one_line(server: Server) -> None:
    port = server.url.rpartition(":")[2]
    result = run("serve", "--port", port)
    assert result.exit_code == 2
    assert result.output == f"mockserver: 127.0.0.1:{port} is in use: choose another port, or 0 for any free one\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["serve", "--port", "0", "--scenario", "nothing"],
            "nothing: 'nothing' is neither a shipped scenario nor a file",
        ),
        (["serve", "--port", "0", "--clock", "slow"], "mockserver: --clock: 'slow' is no mode of a clock"),
        (["clock", "show", "--url", "http://127.0.0.1:1"], "mockserver: no mockserver answers at http://127.0.0.1:1 ("),
        (
            ["replay", "portfolio-switch", "--url", "http://127.0.0.1:1"],
            "mockserver: no mockserver answers at http://12",
        ),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(arguments: list[str], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.output
    assert result.output.count("\n") == 1
