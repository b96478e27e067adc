"""Python without asserts and docstrings: ``-O``, ``-OO`` and PYTHONOPTIMIZE, as some images set it."""

from __future__ import annotations

import subprocess
import sys

import pytest
import requests

from tests.processes import Server

OPTIMIZED = pytest.mark.parametrize("level", ["1", "2"])


@OPTIMIZED
def test_the_server_takes_commands(level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONOPTIMIZE", level)
    server = Server("--auth", "off")
    try:
        world = f"{server.url}/_mock/worlds/default"
        assert requests.post(f"{world}/clock/advance", json={"by": "1d"}, timeout=60).status_code == 200
        assert requests.post(f"{world}/requests/verify", json={"never": True}, timeout=60).json()["verified"] is True
        assert requests.post(f"{server.url}/_mock/worlds", json={"scenario": "portfolio-switch"}, timeout=60).ok
        document = requests.get(f"{server.url}/_mock/control/openapi.json", timeout=60).json()
    finally:
        assert server.stop() == 0
    summary = document["paths"]["/_mock/worlds/{world}"]["delete"]["summary"]
    assert summary == ("Remove world." if level == "2" else "Remove a world; the default one stays.")


@OPTIMIZED
@pytest.mark.parametrize("arguments", [["replay", "portfolio-switch"], ["check", "portfolio-switch"], ["scenarios"]])
def test_the_command_line_works(level: str, arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONOPTIMIZE", level)
    done = subprocess.run(
        [sys.executable, "-m", "mockserver", *arguments], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
