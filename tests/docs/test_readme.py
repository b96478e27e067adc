"""README.md does what it says, as far as no container engine is needed."""

from __future__ import annotations

import re
import socket
import tomllib
from pathlib import Path

import orjson

from mockserver.contract import contract
from tests.docs import shell
from tests.docs.pages import ROOT, section, text_of
from tests.docs.test_recipes import INI, INSTALLED
from tests.foreign_plugins import WITHOUT_FOREIGN

PAGE = "README.md"


def free_port() -> int:
    """One that nobody listens at now."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def test_the_test_passes(tmp_path: Path) -> None:
    (example,) = [block for block in section(PAGE, "In tests") if block.language == "python"]
    (tmp_path / "test_readme.py").write_text(example.text, encoding="utf-8")
    (tmp_path / "conftest.py").write_text("" if INSTALLED else 'pytest_plugins = ["mockserver.pytest_plugin"]\n')
    (tmp_path / "pytest.ini").write_text(INI, encoding="utf-8")
    done = shell.run(f"python -m pytest -q {' '.join(WITHOUT_FOREIGN)} -p no:cacheprovider", tmp_path, {})
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_block_by_hand_works_as_it_is_pasted(tmp_path: Path) -> None:
    """The whole of it, by sh; only the port is a free one."""
    (example,) = section(PAGE, "By hand")
    port = str(free_port())
    commands = example.text.replace(":8080", f":{port}")
    commands = commands.replace("mockserver clock", f"MOCKSERVER_URL=http://127.0.0.1:{port} mockserver clock")
    done = shell.run(commands, tmp_path, {"MOCKSERVER_PORT": port}, shell=("sh", "-c"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "portfolio-switch: 29 steps, all as expected" in done.stdout
    answers = [orjson.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    health, accounts, upcoming, events, reset = answers
    assert health["name"] == "mockserver"
    assert [account["status"] for account in accounts["data"]] == ["ACTIVE"]
    assert "      1  ACCOUNT_VALUATION.CREATED" in done.stdout.splitlines()
    assert any("valuations" in task["reason"] for task in upcoming["upcoming"])
    assert len(events["events"]) == 3
    assert reset["now"] == "2023-01-10T08:00:00Z"


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
