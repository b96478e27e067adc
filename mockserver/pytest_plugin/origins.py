"""Where in a test run a world is made: the text that the seed of a world is made from.

It names the test, or the fixture and the module, class or session that it was set up for, and counts the worlds made
there. So it differs from world to world, and is the same at every run: it knows nothing of the order of the tests, of
those that were not selected, of workers or of the working directory.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


class Origins:
    """The fixtures that are being set up just now, the innermost last, and the test that is run."""

    def __init__(self) -> None:
        self._open: list[tuple[str, list[None]]] = [("", [])]

    def begin(self, item: pytest.Item) -> None:
        """A test begins: what it makes itself, outside of a set-up, is its own."""
        self._open[0] = (_test_id(item), [])

    @contextmanager
    def setting_up(self, request: Any) -> Iterator[None]:
        """A fixture is set up; ``request``: its ``pytest.FixtureRequest``, which has more members than it declares."""
        node = request.node
        where = _test_id(node) if isinstance(node, pytest.Item) else node.nodeid
        self._open.append((f"{where} {request.fixturename}[{request.param_index}]", []))
        try:
            yield
        finally:
            self._open.pop()

    def next(self) -> str:
        """The place of the next world."""
        where, made = self._open[-1]
        made.append(None)
        return f"{where} {len(made)}"


def on_command_line(item: pytest.Item) -> str:
    """A test as the command line names it: its path from the working directory."""
    path, separator, name = _test_id(item).partition("::")
    return f"{os.path.relpath(item.config.rootpath / path, item.config.invocation_params.dir)}{separator}{name}"


def _test_id(item: pytest.Item) -> str:
    """The node id without the group that xdist puts behind it with ``--dist loadgroup``."""
    return f"{item.parent.nodeid}::{item.name}" if item.parent is not None else item.nodeid
