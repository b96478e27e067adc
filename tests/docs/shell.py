"""Commands of the documentation, run as they stand: in a shell, beside a server, in a folder with the page's files."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import orjson

from mockserver.server import ServerSettings, start
from mockserver.testing.background_loop import BackgroundLoop
from tests.docs.pages import ROOT
from tests.foreign_plugins import WITHOUT_FOREIGN

ANYTHING: Final = "…"

COMMANDS: Final = {
    "mockserver": "-m mockserver",
    "pytest": " ".join(("-m", "pytest", *WITHOUT_FOREIGN)),
    "python": "",
    "curl": f"{Path(__file__).with_name('curl.py')}",
}
"""What the commands are here, where nothing is installed and ``curl`` may not be."""


@contextmanager
def server(folder: Path, **settings: Any) -> Iterator[dict[str, str]]:
    """A server beside the shell; what the variables of the page stand for."""
    with BackgroundLoop() as background:
        given: dict[str, Any] = {"auth": "off", "clock": "manual", "port": 0, **settings}
        running = background.call(start(ServerSettings(**given)))
        try:
            yield {
                "URL": running.url,
                "WORLD": f"{running.url}/_mock/worlds/default",
                "MOCKSERVER_URL": running.url,
            }
        finally:
            background.call(running.stop())


STRICT: Final = ("bash", "-euo", "pipefail", "-c")
"""A shell that stops at the first command that fails."""


def run(
    commands: str, folder: Path, variables: Mapping[str, str], shell: Sequence[str] = STRICT
) -> subprocess.CompletedProcess[str]:
    """Run commands by a shell."""
    binaries = folder / ".bin"
    binaries.mkdir(exist_ok=True)
    for name, arguments in COMMANDS.items():
        script = binaries / name
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments} "$@"\n', encoding="utf-8")
        script.chmod(0o755)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MOCKSERVER_", "PYTEST_"))}
    environment = {
        **inherited,
        **variables,
        "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
    }
    return subprocess.run(
        [*shell, commands],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
    )


def agrees(shown: Any, found: Any) -> bool:
    """Whether what came is what is shown: an object may have more members, ``…`` stands for anything."""
    if isinstance(shown, dict):
        return isinstance(found, dict) and all(name in found and agrees(shown[name], found[name]) for name in shown)
    if isinstance(shown, list):
        return isinstance(found, list) and len(shown) == len(found) and all(map(agrees, shown, found))
    if isinstance(shown, str) and isinstance(found, str):
        return matches(shown, found)
    return shown == ANYTHING or bool(shown == found)


def matches(shown: str, found: str) -> bool:
    """The same for text."""
    return re.fullmatch(".*".join(map(re.escape, shown.split(ANYTHING))), found, re.DOTALL) is not None


def last_json(output: str) -> Any:
    """What the last command answered, where each answers a line of JSON."""
    return orjson.loads(output.strip().splitlines()[-1])
