"""docs/feed.md does what it says: its test passes, its commands run, its table has every kind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from mockserver.control.feed import KINDS
from mockserver.kernel.feed import MOST
from tests.docs import shell
from tests.docs.pages import blocks, text_of

PAGE = "docs/feed.md"


def test_the_test_passes(tmp_path: Path) -> None:
    (block,) = blocks(PAGE, "python")
    assert block.file is not None
    (tmp_path / block.file).write_text(block.text, encoding="utf-8")
    run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", block.file]
    done = subprocess.run(run, cwd=tmp_path, check=False, stdout=subprocess.PIPE, text=True)
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


def test_the_commands_run(tmp_path: Path) -> None:
    (block,) = blocks(PAGE, "sh")
    with shell.server(tmp_path, scenarios=["live-settlement"]) as variables:
        done = shell.run(block.text, tmp_path, variables)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_table_has_every_kind() -> None:
    rows = [line.split("`")[1] for line in text_of(PAGE).splitlines() if line.startswith("| `")]
    assert set(rows) == {*KINDS.values(), "gap", "end"}
    assert f"{MOST:,} entries" in text_of(PAGE)
