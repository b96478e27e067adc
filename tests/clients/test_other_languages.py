"""docs/languages.md: the examples log in, read, write and move time with nothing but their standard HTTP client."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockserver.server import RunningServer
from tests.clients.conftest import running

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "languages.md").read_text(encoding="utf-8")
COMMANDS = dict(re.findall(r"^```sh\ncd (examples/\w+) && (.*)\n```$", PAGE, re.MULTILINE))
"""Folder -> the command that the page shows for it."""
PASSED = {
    "examples/node": (r"^(#|ℹ) pass 2$", r"^(#|ℹ) fail 0$"),
    "examples/go": (
        r"^--- PASS: TestAnOrderIsFilledOnceTimePasses ",
        r"^--- PASS: TestAWebhookIsSubscribedAndRemoved ",
    ),
    "examples/java": (r"^passed: an order is filled", r"^passed: a webhook is subscribed"),
}
"""What a run prints when it has passed, so that one which tests nothing does not."""


COMPILED = ROOT / ".pytest_cache" / "go"
"""What Go has compiled is kept: its standard library takes a minute of a core."""


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with running(auth="token", clock="manual") as server:
        yield server


def test_each_example_has_a_command() -> None:
    assert COMMANDS.keys() == PASSED.keys()
    assert {path.name for path in (ROOT / "examples").iterdir() if path.is_dir()} == {
        "robo",
        "receivers",
        "node",
        "go",
        "java",
    }


@pytest.mark.parametrize("folder", PASSED)
def test_an_example_passes(server: RunningServer, folder: str) -> None:
    command = COMMANDS[folder].split()
    if shutil.which(command[0]) is None:
        pytest.skip(f"NOT TESTED HERE: {folder}, since {command[0]} is not installed")
    if command[0] == "go":
        command += ["-v", "-count=1", "-parallel=1"]
    environment = {**os.environ, "MOCKSERVER_URL": server.url, "GOFLAGS": "", "GOTOOLCHAIN": "local"}
    environment.setdefault("GOCACHE", str(COMPILED))
    ran = subprocess.run(
        command, cwd=ROOT / folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    missing = [line for line in PASSED[folder] if not re.search(line, ran.stdout, re.MULTILINE)]
    assert missing == [], ran.stdout
    assert len(list(server.worlds)) == 1, "each removes its worlds"


@pytest.mark.parametrize(("language", "folder"), [("js", "node"), ("go", "go"), ("java", "java")])
def test_what_the_page_shows_is_in_the_examples(language: str, folder: str) -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "examples" / folder).iterdir())
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert blocks
    assert [block for block in blocks if block not in sources] == []
