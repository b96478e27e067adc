"""README.md does what it says, as far as no container engine is needed."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from mockserver.contract import contract
from tests.docs import shell
from tests.docs.pages import ROOT, section, text_of
from tests.docs.test_recipes import INI, INSTALLED

PAGE = "README.md"


def test_the_test_passes(tmp_path: Path) -> None:
    (example,) = [block for block in section(PAGE, "In tests") if block.language == "python"]
    (tmp_path / "test_readme.py").write_text(example.text, encoding="utf-8")
    (tmp_path / "conftest.py").write_text("" if INSTALLED else 'pytest_plugins = ["mockserver.pytest_plugin"]\n')
    (tmp_path / "pytest.ini").write_text(INI, encoding="utf-8")
    done = shell.run("python -m pytest -q -p no:cacheprovider", tmp_path, {})
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_commands_by_hand_work(tmp_path: Path) -> None:
    (example,) = section(PAGE, "By hand")
    served = re.compile(r"^mockserver serve --auth off --clock manual --scenario portfolio-switch &$", re.MULTILINE)
    commands, count = served.subn("", example.text)
    assert count == 1
    with shell.server(tmp_path, scenarios=["portfolio-switch"]) as variables:
        done = shell.run(commands.replace("http://", "").replace("localhost:8080", "$URL"), tmp_path, variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "portfolio-switch: 29 steps, all as expected" in done.stdout
    assert shell.last_json(done.stdout)["now"] == "2023-01-10T08:00:00Z"


def test_it_counts_the_operations() -> None:
    assert f"All {len(contract().operations)} operations" in text_of(PAGE)


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = text_of(PAGE).lower()
    for wanted in (*project["dependencies"], *project["optional-dependencies"]["test"]):
        name = re.match(r"[\w-]+", wanted)
        assert name is not None
        known = name[0].lower()
        assert known.startswith("types-") or re.search(rf"(?<![\w-]){known}(?![\w-])", text), known
