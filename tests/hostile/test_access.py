"""Who may give commands, and which pages may reach the mocked API: each row of docs/access.md, asked of a server."""

from __future__ import annotations

import pytest

from tests.hostile.access_table import PAGE, TABLES, Row, filled, outcome, shown

ROWS = [
    pytest.param(row, id=f"{table.title}-{number}")
    for table in TABLES
    for number, row in enumerate(table.rows, start=1)
]


@pytest.mark.parametrize("row", ROWS)
async def test_a_request_is_answered_as_the_table_says(row: Row) -> None:
    answer = await row.answer()
    found = outcome(row, answer)
    assert found == row.expected, f"{row.bytes!r}: expected {shown(row.expected)}, got {answer.status} {answer.detail}"


def test_the_rows_differ() -> None:
    for table in TABLES:
        assert len(set(table.rows)) == len(table.rows)


async def test_the_page_shows_the_answers_of_a_server() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert await filled(page) == page, "run: python -m tests.hostile.access_table"
