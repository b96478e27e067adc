"""docs/other-tools.md: every example passes, run as its section says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import blocks
from tests.plugin.conftest import PLUGIN, ROOT
from tests.plugin.test_other_tools import ALONE

PAGE = "docs/other-tools.md"
CALLED = {
    "freezegun": ("-m", "pytest"),
    "time-machine": ("-m", "pytest"),
    "pytest-socket": ("-m", "pytest", "--disable-socket"),
    "pyfakefs": ("-m", "pytest"),
    "anyio, pytest-asyncio, pytest-aiohttp; trio": ("-m", "pytest", "-o", "asyncio_mode=strict"),
    "unittest": ("-m", "unittest", "test_example"),
    "Django": ("-m", "django", "test", "--settings=project_settings"),
}
"""How the example of each section is run."""


def test_every_example_is_run() -> None:
    assert [block.heading for block in blocks(PAGE) if block.language == "python"] == list(CALLED)


@pytest.mark.parametrize("heading", CALLED)
def test_an_example_passes(heading: str, tmp_path: Path) -> None:
    (example,) = (block.text for block in blocks(PAGE) if block.heading == heading and block.language == "python")
    (tmp_path / "test_example.py").write_text(example, encoding="utf-8")
    settings = "SECRET_KEY = 'x'\nUPVEST_URL = UPVEST_CLIENT_ID = ''\n"
    (tmp_path / "project_settings.py").write_text(settings, encoding="utf-8")
    command = [sys.executable, *CALLED[heading]]
    if "pytest" in command:
        command += [*PLUGIN, *ALONE, "-p", "no:cacheprovider"]
    paths = os.pathsep.join((str(tmp_path), str(ROOT)))
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"1 passed|Ran 1 test", done.stdout + done.stderr)
