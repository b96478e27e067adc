from __future__ import annotations

import pytest

from mockserver.protocol import journal as module
from mockserver.protocol.journal import Journal, Recorded
from tests.conftest import NOW


def add(journal: Journal, body: bytes = b"", answer: bytes = b"") -> None:
    recorded: Recorded = (NOW, "GET", "/accounts", "", "list_accounts", b"", body, 200, "id", answer, None)
    journal.add(recorded)


def test_entries_are_numbered_from_one() -> None:
    journal = Journal()
    add(journal)
    add(journal)
    assert [entry.number for entry in journal] == [1, 2]
    assert [entry.number for entry in journal.since(1)] == [2]


def test_numbers_are_not_used_twice() -> None:
    journal = Journal()
    add(journal)
    journal.clear()
    add(journal)
    assert [entry.number for entry in journal] == [2]


def test_those_after_a_number_are_found_though_the_first_are_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ENTRIES", 3)
    journal = Journal()
    for _ in range(5):
        add(journal)
    found = {number: [entry.number for entry in journal.since(number)] for number in (0, 2, 3, 5, 9)}
    assert found == {0: [3, 4, 5], 2: [3, 4, 5], 3: [4, 5], 5: [], 9: []}


def test_the_oldest_go_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ENTRIES", 3)
    journal = Journal()
    for _ in range(5):
        add(journal)
    assert [entry.number for entry in journal] == [3, 4, 5]


def test_the_oldest_go_when_they_are_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 100)
    journal = Journal()
    for _ in range(5):
        add(journal, body=b"x" * 20, answer=b"y" * 20)
    assert [entry.number for entry in journal] == [4, 5]
    add(journal, body=b"x" * 200)
    assert len(journal) == 0
