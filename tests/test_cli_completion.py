"""Shell completion knows commands, options, and scenarios: names and files. click's own protocol for bash is spoken."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from mockserver.cli import COMMANDS, main
from mockserver.scenario import shipped


def completed(*words: str) -> list[tuple[str, str]]:
    """Kind and value of what bash is offered for the last of ``words``."""
    variables = {
        "_MOCKSERVER_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(("mockserver", *words)),
        "COMP_CWORD": str(len(words)),
    }
    result = CliRunner().invoke(main, prog_name="mockserver", env=variables)
    assert result.exit_code == 0, result.output
    lines = [line.partition(",") for line in result.output.splitlines()]
    return [(kind, value) for kind, _, value in lines]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("portfolio-mine.yaml", "other.yml", "notes.txt"):
        (tmp_path / name).touch()


def test_commands() -> None:
    assert {value for _, value in completed("")} == set(COMMANDS)
    assert completed("rep") == [("plain", "replay")]


def test_options() -> None:
    assert ("plain", "--play") in completed("serve", "--pl")


@pytest.mark.parametrize("words", [("replay",), ("check",), ("serve", "--scenario")], ids=" ".join)
def test_scenarios(words: tuple[str, ...]) -> None:
    names = {value for _, value in completed(*words, "")}
    assert names == {*shipped.files(), "portfolio-mine.yaml", "other.yml"}
    of_portfolios = {name for name in names if name.startswith("portfolio-")}
    assert {"portfolio-switch", "portfolio-mine.yaml"} < of_portfolios < names
    assert {value for _, value in completed(*words, "portfolio-")} == of_portfolios


def test_a_second_scenario() -> None:
    assert completed("replay", "portfolio-switch", "month-of") == [("plain", "month-of-valuations")]


@pytest.mark.parametrize("path", ["./mine", "../", "no-such"])
def test_anything_else_is_left_to_the_shell_as_a_file(path: str) -> None:
    assert completed("replay", path) == [("file", path)]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell_is_printed(shell: str) -> None:
    result = CliRunner().invoke(main, prog_name="mockserver", env={"_MOCKSERVER_COMPLETE": f"{shell}_source"})
    assert "_MOCKSERVER_COMPLETE" in result.output


def test_help_names_the_page_and_the_line_for_bash() -> None:
    assert "_MOCKSERVER_COMPLETE=bash_source mockserver" in CliRunner().invoke(main, ["--help"]).output
