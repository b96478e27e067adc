"""docs/recipes.md: every recipe does what it says."""

from __future__ import annotations

import re
from importlib.metadata import entry_points
from pathlib import Path

import orjson
import pytest

from tests.docs import shell
from tests.docs.pages import blocks, headings, section, slug, text_of
from tests.foreign_plugins import WITHOUT_FOREIGN
from tests.plugin.conftest import MODULES

PAGE = "docs/recipes.md"

INI = """
[pytest]
addopts = --strict-markers --strict-config --import-mode=importlib
asyncio_mode = auto
asyncio_default_fixture_loop_scope = function
filterwarnings = error
"""
IN_A_SHELL = list(dict.fromkeys(block.heading for block in blocks(PAGE, "sh")))
INSTALLED = any(each.value in MODULES for each in entry_points(group="pytest11"))
"""The plugin is found by its entry point where the package is installed; else it is named."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the files of the page, and a test file for each of its recipes in Python."""
    plugin = "" if INSTALLED else 'pytest_plugins = ["mockserver.pytest_plugin"]\n'
    for block in blocks(PAGE, "python", "yaml"):
        name = block.file or f"test_{slug(block.heading).replace('-', '_')}.py"
        assert not (tmp_path / name).exists(), f"{block.heading} has two files {name}"
        (tmp_path / name).write_text((plugin if name == "conftest.py" else "") + block.text, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text(INI, encoding="utf-8")
    return tmp_path


def test_the_recipes_for_pytest_pass(project: Path) -> None:
    done = shell.run(f"python -m pytest -q {' '.join(WITHOUT_FOREIGN)} -p no:cacheprovider -p no:randomly", project, {})
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(re.findall(r'^(?:async )?def test_', text_of(PAGE), re.MULTILINE))} passed" in done.stdout


@pytest.mark.parametrize("recipe", IN_A_SHELL, ids=slug)
def test_a_recipe_for_the_shell_works(recipe: str, project: Path) -> None:
    given = section(PAGE, recipe)
    commands = "\n".join(block.text for block in given if block.language == "sh").replace("-n 8", "-n 2")  # takes 10 s
    with shell.server(project, scenarios=[str(project / "customer.yaml")]) as variables:
        done = shell.run(commands, project, variables)
    assert done.returncode == 0, done.stdout + done.stderr
    for shown in (block.text for block in given if block.language == "json"):
        assert shell.agrees(orjson.loads(shown), shell.last_json(done.stdout)), done.stdout


def test_there_are_many() -> None:
    assert len(set(headings(PAGE))) >= 2 + 30


def test_every_recipe_is_in_the_list_at_its_top() -> None:
    listed = re.findall(r"\]\(#([\w-]+)\)", text_of(PAGE))
    assert listed == list(dict.fromkeys(listed))
    assert set(listed) == {slug(heading) for heading in headings(PAGE)[2:]}
