"""docs/signatures.md does what it says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import yaml

from mockserver.scenario.load import load
from tests.clients.conftest import Strict

PAGE = (Path(__file__).parents[2] / "docs" / "signatures.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def test_the_vendors_client_runs_as_shown(strict: Strict) -> None:
    program = block("python").replace("http://127.0.0.1:8080", strict.url)
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert ran.stderr == ""
    assert int(ran.stdout) > 20


def test_the_settings_are_settings() -> None:
    settings = yaml.safe_load(block("yaml"))
    assert load({"name": "documented", **settings}).overrides == {"signatures": settings["profile"]["signatures"]}
