"""The lanes of the test suite: fast, everything but heavy, heavy (CONTRIBUTING.md, "Test")."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Final

import pytest

TESTS: Final = Path(__file__).parent

SLOW: Final = frozenset(
    {
        *("clients", "costs", "docs", "driver", "hostile", "plugin", "state"),
        *(
            "domain/test_every_row_is_reached.py",
            "kernel/test_store_machine.py",
            "ui/test_browser.py",
            "webhooks/test_invariants.py",
        ),
        *("test_across_networks.py", "test_cli.py", "test_cli_play.py", "test_cli_printing.py", "test_cli_record.py"),
        *(
            "test_cli_replay.py",
            "test_container.py",
            "test_every_row_is_reached.py",
            "test_installation.py",
            "test_logs.py",
            "test_optimized.py",
        ),
        *("test_scenarios.py", "test_server.py", "test_serving_keys.py", "test_wheel.py"),
    }
)
"""Folders and files whose tests start processes, run examples, search or count instructions: most of the whole time."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screenshots", action="store_true", help="write the pictures of docs/dashboard.md anew")
    parser.addoption("--heavy", action="store_true", help="run the tests marked heavy too: soaks, each of minutes")


_heavy = False


def pytest_configure(config: pytest.Config) -> None:
    global _heavy  # noqa: PLW0603 - the examples of a test are set where its module is imported
    _heavy = bool(config.getoption("--heavy"))


def examples(ordinary: int, *, heavy: int) -> int:
    """How many examples hypothesis tries: in the ordinary lane, and with ``--heavy``."""
    return heavy if _heavy else ordinary


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """A worker for each core; none where single files are given, which start faster without."""
    return 0 if any(".py" in argument for argument in config.args) else os.cpu_count() or 1


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Whether a path is left out: with ``-m "not slow"`` the slow files are not even imported."""
    return (config.option.markexpr == "not slow" and is_slow(collection_path)) or None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    skipped = pytest.mark.skip(reason="heavy: takes minutes; run with --heavy")
    for item in items:
        if is_slow(item.path):
            item.add_marker(pytest.mark.slow)
        if "heavy" in item.keywords and not config.getoption("--heavy"):
            item.add_marker(skipped)


@cache
def is_slow(path: Path) -> bool:
    """Whether a folder or file is one of ``SLOW``, or within."""
    if TESTS not in path.parents:
        return False
    within = path.relative_to(TESTS)
    return any(part.as_posix() in SLOW for part in (within, *within.parents))
