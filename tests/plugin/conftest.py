"""Projects of users, made up by the tests, and pytest run in them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import mockserver.control.router  # noqa: F401 - pytester forgets modules after a run, and commands register only once
from mockserver.client import MockServer
from mockserver.server import ServerSettings, start
from mockserver.testing.background_loop import BackgroundLoop
from tests.foreign_plugins import WITHOUT_FOREIGN

ROOT = Path(__file__).parents[2]
MODULES = ("upvest_mockserver", "mockserver.pytest_plugin")
"""Either brings the plugin; the second is that of an environment that was installed before there was the first."""

INSTALLED = any(point.value in MODULES for point in entry_points(group="pytest11"))
PLUGIN = ("-p", "no:randomly", *(() if INSTALLED else ("-p", "mockserver.pytest_plugin")))
"""In the order of the file; and a checkout that is not installed has no entry point."""

OPTIONS = (*PLUGIN, "-p", "no:cacheprovider", "-W", "error", "-o", "asyncio_default_fixture_loop_scope=function")

PREFACE = """
import asyncio, http.client, json, threading
from datetime import datetime
import pytest
from mockserver.client import ControlError
from tests.client.asking import allocate, ask
"""

Run = Callable[..., pytest.RunResult]


@pytest.fixture
def run(pytester: pytest.Pytester) -> Run:
    """Run the tests of a module of this text, and others given by name, in a process of their own or in this one.

    ``foreign``: with the plugins of other projects, too.
    """

    def run(
        text: str,
        *options: str,
        files: dict[str, str] | None = None,
        apart: bool = False,
        foreign: bool = False,
    ) -> pytest.RunResult:
        pytester.makepyfile(test_user=f"{PREFACE}\n{text}")
        for name, content in (files or {}).items():
            path = pytester.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, "utf-8")
        arguments = [*OPTIONS, *(() if foreign else WITHOUT_FOREIGN), *options]
        if apart:
            return pytester.runpytest_subprocess(*arguments)
        return pytester.runpytest_inprocess(*arguments)

    return run


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other processes find this checkout; and nothing of the machine decides which server is used."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.syspath_prepend(str(ROOT))
    for name in (
        "MOCKSERVER_URL",
        "MOCKSERVER_CONTROL_TOKEN",
        "MOCKSERVER_RECEIVER_HOST",
        "MOCKSERVER_RECEIVER_BIND",
        "MOCKSERVER_SEED",
        "PYTEST_ADDOPTS",
    ):
        monkeypatch.delenv(name, raising=False)
    assert sys.path[0] == str(ROOT)


@pytest.fixture
def running() -> Iterator[MockServer]:
    """A server that runs already, with settings unlike a test's, and a token."""
    with BackgroundLoop() as background:
        settings = ServerSettings(port=0, clock="real", auth="strict", profile="live", seed=99, control_token="secret")
        server = background.call(start(settings))
        with MockServer(server.url, "secret") as client:
            yield client
        background.call(server.stop())
