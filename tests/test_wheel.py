"""The wheel has all that runs, and nothing that only makes files of the package in a checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from fnmatch import fnmatch
from pathlib import Path

import pytest

wheel = pytest.importorskip("hatchling.builders.wheel", reason="NOT TESTED HERE: the wheel, since hatchling is missing")

ROOT = Path(__file__).parent.parent
LEFT_OUT = (
    "mockserver/client/generate.py",
    "mockserver/contract/*.yaml",
    "mockserver/contract/compile.py",
    "mockserver/contract/generate.py",
    "mockserver/contract/resources.py",
    "mockserver/contract/summary.py",
    "mockserver/kernel/compile_profiles.py",
    "mockserver/kernel/profiles/*.yaml",
    "mockserver/scenario/seed_table.py",
)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the content of the wheel, as an installation has it."""
    folder = tmp_path_factory.mktemp("wheel")
    (built,) = wheel.WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    with zipfile.ZipFile(built) as archive:
        archive.extractall(folder / "installed")
    return folder / "installed"


def test_it_has_each_module_and_document_but_what_builds_others(installed: Path) -> None:
    package = ROOT / "mockserver"
    files = {
        path.relative_to(ROOT).as_posix()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    scenarios = {f"mockserver/scenarios/{path.name}" for path in (ROOT / "scenarios").iterdir()}
    expected = {name for name in files | scenarios if not any(fnmatch(name, pattern) for pattern in LEFT_OUT)}
    assert all(any(fnmatch(name, pattern) for name in files) for pattern in LEFT_OUT)
    found = {path.relative_to(installed).as_posix() for path in (installed / "mockserver").rglob("*") if path.is_file()}
    assert found == expected


def test_an_installation_of_it_plays_a_scenario(installed: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    where = [sys.executable, "-c", "import mockserver; print(mockserver.__file__)"]
    file = subprocess.run(where, env=environment, cwd=tmp_path, check=True, stdout=subprocess.PIPE, text=True).stdout
    assert Path(file.strip()).parent.parent == installed
    command = [sys.executable, "-m", "mockserver", "replay", "portfolio-switch"]
    run = subprocess.run(command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert run.returncode == 0, run.stdout
