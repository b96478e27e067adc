"""Each command is in the module of its path: ``…/moves`` in ``control/api/moves.py``."""

from __future__ import annotations

import mockserver.control.api
from mockserver.control.commands import command

SHARED = {
    "lease": "worlds",
    "reset": "worlds",
    "openapi.json": "documents",
    "scenario.schema.json": "documents",
    "control": "documents",
}
"""Segments whose commands are in the module of another one."""


def module_of(path: str) -> str:
    """The module of a path, by the segment after the world, else by the first one."""
    first, *rest = path.removeprefix("/_mock/").split("/")
    segment = rest[1] if first == "worlds" and len(rest) > 1 else first
    return SHARED.get(segment, segment)


def test_each_command_is_in_the_module_of_its_path() -> None:
    wrong = [
        f"{each.method} {each.path} is in {each.function.__module__}"
        for each in command.all
        if each.function.__module__ != f"{mockserver.control.api.__name__}.{module_of(each.path)}"
    ]
    assert wrong == []


def test_the_commands_of_all_modules_were_found() -> None:
    found = {each.function.__module__.rpartition(".")[2] for each in command.all}
    assert {"worlds", "state", "moves", "clock", "faults", "documents"} <= found
