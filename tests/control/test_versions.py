"""Which versions a world's data come from."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from mockserver import __version__
from mockserver.cli import main
from mockserver.control.versions import _of_the_machine, versions
from tests.conftest import Api

ROOT = Path(__file__).parents[2]
NAMES = ["mockserver", "faker", "holidays", "tzdata"]


async def test_a_world_names_the_versions_of_what_its_data_come_from(client: Api) -> None:
    found = (await client.get("/_mock/worlds/default")).json["versions"]
    assert list(found) == NAMES
    assert (found["faker"], found["holidays"]) == (version("faker"), version("holidays"))


async def test_the_list_of_worlds_does_without(client: Api) -> None:
    """It is asked for often, and looking versions up costs a start of 25 ms."""
    (world,) = (await client.get("/_mock/worlds")).json["worlds"]
    assert "versions" not in world


def test_a_replay_names_them_beside_its_digests() -> None:
    shown = CliRunner().invoke(main, ["replay", "portfolio-switch", "--json"], catch_exceptions=False)
    assert orjson.loads(shown.stdout)["versions"] == versions()


def test_nothing_is_imported_to_look_them_up_but_the_metadata() -> None:
    script = "import sys\nfrom mockserver.control.versions import versions\nversions()\nprint(*sys.modules, sep='\\n')"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert not {"faker", "holidays", "tzdata"} & set(loaded)


def test_its_own_version_is_the_one_that_is_built() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    assert tools["hatch"]["version"]["path"] == "mockserver/__init__.py"
    assert versions()["mockserver"] == __version__


@pytest.mark.parametrize(
    ("file", "found"),
    [("# version 2025b\nR d 1916", "2025b ({folder})"), (None, "unknown ({folder})")],
)
def test_the_machines_own_time_zones_go_first(tmp_path: Path, file: str | None, found: str) -> None:
    folder = tmp_path / "zoneinfo"
    (folder / "Europe").mkdir(parents=True)
    (folder / "Europe" / "Berlin").touch()
    if file is not None:
        (folder / "tzdata.zi").write_text(file)
    assert _of_the_machine((str(tmp_path / "none"), str(folder))) == found.format(folder=folder)


def test_a_machine_without_time_zones_has_those_of_the_package(tmp_path: Path) -> None:
    assert _of_the_machine((str(tmp_path),)) is None
