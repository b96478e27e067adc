"""docs/corporate-actions.md: its tests pass, its table of types and its stages are those of the mock."""

from __future__ import annotations

import re
from pathlib import Path

from mockserver.domain.corporate_actions.types import TYPES
from mockserver.kernel.corporate_action_settings import CorporateActions
from mockserver.kernel.stages import STAGES
from tests.docs import shell
from tests.docs.pages import blocks, text_of
from tests.docs.test_recipes import INI, INSTALLED
from tests.foreign_plugins import WITHOUT_FOREIGN

PAGE = "docs/corporate-actions.md"


def test_its_tests_pass(tmp_path: Path) -> None:
    examples = blocks(PAGE, "python")
    plugin = "" if INSTALLED else 'pytest_plugins = ["mockserver.pytest_plugin"]\n'
    (tmp_path / "conftest.py").write_text(plugin, encoding="utf-8")
    for number, example in enumerate(examples):
        (tmp_path / f"test_example_{number}.py").write_text(example.text, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text(INI, encoding="utf-8")
    command = f"python -m pytest -q {' '.join(WITHOUT_FOREIGN)} -p no:cacheprovider -p no:randomly"
    done = shell.run(command, tmp_path, {})
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(examples)} passed" in done.stdout


def test_its_types_are_those_that_can_be_announced() -> None:
    rows = re.findall(r"^\| ([A-Z]{4}) \| ([A-Z_]+) \|", text_of(PAGE), re.MULTILINE)
    assert rows == [(each.iso_type, each.name) for each in TYPES.values()]


def test_it_names_every_stage_and_setting() -> None:
    text = text_of(PAGE)
    stages = {name for name in STAGES if name.startswith("corporate_action.")}
    assert stages <= set(re.findall(r"`(corporate_action\.\w+)`", text))
    assert all(f"corporate_actions: {{{name}: on}}" in text for name in CorporateActions.model_fields)
