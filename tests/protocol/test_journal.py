from __future__ import annotations

import pytest

from mockserver.protocol import journal as module
from mockserver.protocol.journal import Journal, Recorded
from tests.conftest import NOW


def add(
    journal: Journal,
    body: bytes = b"",
    answer: bytes = b"",
    path: str = "/accounts",
    query: str = "",
    headers: bytes = b"",
) -> None:
    asked = (NOW, "GET", path, query, "list_accounts", headers, body)
    recorded: Recorded = (*asked, 200, "id", answer, (None, "application/json", {}, NOW, NOW))
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
    monkeypatch.setattr(module, "MOST_BYTES", 10_000)
    journal = Journal()
    for _ in range(5):
        add(journal, body=b"x" * 2_000, answer=b"y" * 2_000)
    assert [entry.number for entry in journal] == [4, 5]
    add(journal, body=b"x" * 20_000)
    assert len(journal) == 0


@pytest.mark.parametrize("part", ["path", "query", "headers", "body", "answer"])
def test_every_text_of_an_entry_counts(monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 10_000)
    journal = Journal()
    text = {"path": "/" + "x" * 3_000, "query": "x" * 3_000}
    piece = {"headers": b"x\n" + b"y" * 3_000, "body": b"x" * 3_000, "answer": b"x" * 3_000}
    for _ in range(5):
        add(journal, **{part: (text | piece)[part]})  # type: ignore[arg-type]
    assert len(journal) == 2


def test_an_entry_without_any_text_counts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 10_000)
    journal = Journal()
    for _ in range(100):
        add(journal)
    assert len(journal) == 10_000 // (module.ENTRY_BYTES + len("/accounts"))
