"""Taking back: newest first, once, and only what was done since the last clearing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import mockserver
from mockserver.kernel.undo import Undo


def test_steps_are_taken_back_newest_first(undo: Undo) -> None:
    done: list[str] = []
    undo.note(done.append, "first")
    undo.note(done.append, "second")
    undo.roll_back()
    assert done == ["second", "first"]


def test_what_was_cleared_stays(undo: Undo) -> None:
    done: list[str] = []
    undo.note(done.append, "kept")
    undo.clear()
    undo.note(done.append, "taken back")
    undo.roll_back()
    assert done == ["taken back"]


def test_nothing_is_taken_back_twice(undo: Undo) -> None:
    done: list[str] = []
    undo.note(done.append, "once")
    undo.roll_back()
    undo.roll_back()
    assert done == ["once"]


def test_what_taking_back_notes_is_not_taken_back_itself(undo: Undo) -> None:
    done: list[str] = []

    def step() -> None:
        done.append("back")
        undo.note(done.append, "forth")

    undo.note(step)
    undo.roll_back()
    undo.roll_back()
    assert done == ["back"]


def test_a_transaction_keeps_what_was_done_inside(undo: Undo) -> None:
    done: list[str] = []
    with undo:
        undo.note(done.append, "kept")
    undo.roll_back()
    assert done == []


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_transaction_that_an_exception_leaves_is_taken_back(undo: Undo, error: type[BaseException]) -> None:
    done: list[str] = []
    undo.note(done.append, "before")

    def transaction() -> None:
        with undo:
            undo.note(done.append, "first")
            undo.note(done.append, "second")
            raise error

    with pytest.raises(error):
        transaction()
    assert done == ["second", "first"]


def test_only_the_hot_path_of_requests_ends_transactions_by_hand() -> None:
    """Elsewhere it is ``with world.transaction():``, which cannot be left half done."""
    package = Path(mockserver.__file__).parent
    by_hand = [
        path for path in package.rglob("*.py") if re.search(r"undo\.(clear|roll_back)\(", path.read_text("utf-8"))
    ]
    assert {str(path.relative_to(package)) for path in by_hand} - {"protocol/chain.py"} <= {
        "kernel/world.py",
        "kernel/stages.py",
        "kernel/undo.py",
    }
