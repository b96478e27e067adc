"""``mockserver init`` writes a first scenario and a first test that run green as they are written."""

from __future__ import annotations

from pathlib import Path

import jsonschema_rs
import orjson
import pytest
from click.testing import CliRunner, Result

from mockserver.cli import main
from mockserver.scenario.document import parse
from tests.docs import shell
from tests.docs.test_recipes import INI, INSTALLED
from tests.foreign_plugins import WITHOUT_FOREIGN

FILES = ["customer.yaml", "mockserver.schema.json", "test_customer.py"]


def init(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["init", *map(str, arguments)])


@pytest.mark.slow  # starts four processes
def test_what_it_writes_runs_green_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text(INI)
    (tmp_path / "conftest.py").write_text("" if INSTALLED else 'pytest_plugins = ["mockserver.pytest_plugin"]\n')
    commands = f"""
        mockserver init first
        mockserver check first/customer.yaml
        mockserver replay first/customer.yaml
        python -m pytest -q {" ".join(WITHOUT_FOREIGN)} -p no:cacheprovider first
    """
    done = shell.run(commands, tmp_path, {})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "customer: 5 steps, all as expected" in done.stdout
    assert "2 passed" in done.stdout


def test_the_commands_that_it_names_are_those_to_try(tmp_path: Path) -> None:
    result = init(tmp_path / "first")
    assert (result.exit_code, sorted(path.name for path in (tmp_path / "first").iterdir())) == (0, FILES)
    for command in ("mockserver check", "mockserver replay", "pytest"):
        assert f"  {command} {tmp_path / 'first'}" in result.output


def test_the_schema_that_its_first_line_names_takes_the_scenario(tmp_path: Path) -> None:
    init(tmp_path)
    text = (tmp_path / "customer.yaml").read_text()
    named = text.splitlines()[0].partition("# yaml-language-server: $schema=")[2]
    schema = orjson.loads((tmp_path / named).read_bytes())
    jsonschema_rs.validator_for(schema).validate(parse(text, "customer.yaml").data)


@pytest.mark.parametrize("name", FILES)
def test_it_overwrites_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    result = init(tmp_path)
    assert (result.exit_code, [path.name for path in tmp_path.iterdir()]) == (2, [name])
    assert f"{tmp_path / name} exists already: choose another folder, or --force" in result.output
    assert (tmp_path / name).read_text() == "mine"


def test_but_with_force(tmp_path: Path) -> None:
    (tmp_path / "customer.yaml").write_text("mine")
    assert init(tmp_path, "--force").exit_code == 0
    assert (tmp_path / "customer.yaml").read_text().startswith("# yaml-language-server")


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = init(tmp_path / "file" / "folder")
    assert result.exit_code == 2
    assert "cannot be written: Not a directory" in result.output
