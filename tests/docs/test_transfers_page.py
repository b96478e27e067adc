"""docs/transfers.md: its tests pass, its refusals and settings are those of the rules."""

from __future__ import annotations

import re
from pathlib import Path

from mockserver.kernel.stages import STAGES
from mockserver.kernel.transfer_settings import Transfers
from mockserver.scenario.document import parse
from mockserver.scenario.load import read
from tests.docs import shell
from tests.docs.pages import blocks, text_of
from tests.docs.test_recipes import INI, INSTALLED
from tests.foreign_plugins import WITHOUT_FOREIGN

PAGE = "docs/transfers.md"


def test_its_tests_pass(tmp_path: Path) -> None:
    (example,) = blocks(PAGE, "python")
    plugin = "" if INSTALLED else 'pytest_plugins = ["mockserver.pytest_plugin"]\n'
    (tmp_path / "conftest.py").write_text(plugin, encoding="utf-8")
    (tmp_path / "test_example.py").write_text(example.text, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text(INI, encoding="utf-8")
    command = f"python -m pytest -q {' '.join(WITHOUT_FOREIGN)} -p no:cacheprovider -p no:randomly"
    done = shell.run(command, tmp_path, {})
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{example.text.count('def test_')} passed" in done.stdout


def test_every_setting_is_in_the_table() -> None:
    assert set(re.findall(r"`transfers\.(\w+)`", text_of(PAGE))) == Transfers.model_fields.keys()
    stages = {name for name in STAGES if name.startswith("securities_transfer.")}
    assert {name for name in stages if name.rpartition(".")[2] in text_of(PAGE)} == stages


def test_its_settings_in_a_line_are_right() -> None:
    (short,) = re.findall(r"`(stages: \{.*?\})`", text_of(PAGE))
    read(parse(f"name: short\n{short}\n", PAGE))
