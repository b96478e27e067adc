"""The names of resources, events and operations are literals: an editor completes them, a misspelt one is an error."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from mockserver.client import names
from tests.client.names import FILE

ROOT = Path(__file__).parents[2]


def test_the_generated_module_is_current() -> None:
    """Made in a process of its own: tests give tables to kinds that only they have."""
    program = "from tests.client.names import source; print(source())"
    made = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert FILE.read_text("utf-8") == made.stdout, "run python -m tests.client.names"


def test_the_names_are_those_that_users_know() -> None:
    assert {"accounts", "orders", "webhooks"} <= {*get_args(names.ResourceName)}
    assert {"ORDER.FILLED", "POSITION.UPDATED"} <= {*get_args(names.EventType)}
    assert {"ORDER", "POSITION"} <= {*get_args(names.EventFamily)}
    assert {"place_order", "create_user"} & {*get_args(names.OperationName)}


WRONG = """
from mockserver.client import World

def look(world: World) -> None:
    world.state.list("accounts")
    world.state.list("acounts")
    world.state.get("ordres", "1")
    world.moves.force("orders", "1", "CANCELLED")
    world.moves.force("order", "1", "CANCELLED")
    world.events.list("ORDER.FILED")
    world.events.emit("ORDER.FILLED")
    world.events.emit("ORDER")
    world.requests.verify(operation="place_ordr")
"""


def test_a_misspelt_name_is_a_type_error(tmp_path: Path) -> None:
    """The lines that mypy objects to are those with a name that does not exist."""
    file = tmp_path / "wrong.py"
    file.write_text(WRONG)
    run = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), str(file)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    lines = sorted({int(line.split(":")[1]) for line in run.stdout.splitlines() if ": error:" in line})
    if not lines:
        pytest.fail(run.stdout)
    assert lines == [6, 7, 9, 10, 12, 13]
