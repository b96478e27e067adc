"""The sample project under examples/ passes: on the plugin's own server, and by one option on a running one."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mockserver.client import MockServer
from tests.foreign_plugins import WITHOUT_FOREIGN
from tests.plugin.conftest import PLUGIN, ROOT

PROJECT = ROOT / "examples" / "robo"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy: what its run leaves behind does not belong into the repository."""
    return shutil.copytree(PROJECT, tmp_path / "robo", ignore=shutil.ignore_patterns("__pycache__", ".*"))


def passed(project: Path, *options: str) -> str:
    arguments = [sys.executable, "-m", "pytest", "-q", *PLUGIN, *WITHOUT_FOREIGN, "-p", "no:cacheprovider", *options]
    done = subprocess.run(arguments, cwd=project, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()[-1]


def test_it_passes_on_a_server_of_its_own(project: Path) -> None:
    assert passed(project).startswith("13 passed")


def test_it_passes_in_many_processes_on_a_running_server(project: Path, running: MockServer) -> None:
    options = (f"--mockserver-url={running.url}", "--mockserver-token=secret")
    assert passed(project, "-n", "2", *options).startswith("13 passed")
    assert [about.world for about in running.worlds.list()] == ["default"]


def test_its_readme_names_every_test_module() -> None:
    readme = (PROJECT / "README.md").read_text("utf-8")
    assert all(f"`tests/{path.name}`" in readme for path in (PROJECT / "tests").glob("test_*.py"))
