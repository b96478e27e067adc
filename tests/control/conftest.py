"""Every answer of a command in these tests is what the control API's document declares."""

from __future__ import annotations

import pytest

from mockserver.control import router
from mockserver.control.commands import Command, CommandRequest, StreamResponse, command
from mockserver.control.execution import Written, carried_out
from tests.control.answers import assert_declared

DECLARED = frozenset(each.path for each in command.all)
"""The paths of all commands; tests add more of their own."""


@pytest.fixture(autouse=True)
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that is not as declared is one that failed, with what differs in its detail."""

    async def checked(command: Command, request: CommandRequest) -> Written | StreamResponse:
        answer = await carried_out(command, request)
        if command.path in DECLARED and isinstance(answer, Written):
            assert_declared(command, answer)
        return answer

    monkeypatch.setattr(router, "carried_out", checked)


@pytest.fixture
def undeclared(declared: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """For a test that has resources of its own, whose names no document can have."""
    monkeypatch.setattr(router, "carried_out", carried_out)
