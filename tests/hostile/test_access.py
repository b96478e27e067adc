"""Who may give commands, and which pages may reach the mocked API: each row of docs/access.md, asked of a server."""

from __future__ import annotations

import pytest

from mockserver.control.access import Access, Reach
from mockserver.server import ServerSettings, connections, host_of
from tests.hostile.access_table import PAGE, TABLES, Row, filled, outcome, shown
from tests.hostile.answers import ask, request

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


STRANGER = [
    ("host", "evil.example"),
    ("origin", "https://evil.example"),
    ("sec-fetch-site", "cross-site"),
    ("content-type", "text/plain"),
]
"""What a browser sends for any page, without asking the server first."""


@pytest.mark.parametrize("left_out", [None, *(name for name, _ in STRANGER)])
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/_mock/worlds", b'{"client_id": "404b170a-9042-41ed-9a51-2eabd0c03f8a"}'),
        ("POST", "/_mock/worlds/default/clock/advance", b'{"by": "3d"}'),
        ("POST", "/_mock/worlds/default/reset", None),
        ("GET", "/_mock/worlds/default/keys", None),
        ("GET", "/_mock/worlds", None),
    ],
)
@pytest.mark.parametrize("reach", Reach)
async def test_a_page_cannot_do_what_it_could(
    reach: Reach, method: str, path: str, body: bytes | None, left_out: str | None
) -> None:
    """Each of the headers alone is a reason to refuse; where the browser leaves one out, the others are there."""
    host = host_of(ServerSettings(auth="strict", clock="manual"))
    (tenant,) = host.worlds
    before = tenant.world.now
    headers = [(name, value) for name, value in STRANGER if name != left_out]
    if left_out == "host":
        headers.append(("host", "localhost:8080"))
    answer = await ask(connections(host, Access(reach=reach)), request(method, path, headers, body))
    assert answer.status == 403
    assert list(host.worlds) == [tenant]
    assert tenant.world.now == before


def test_the_rows_differ() -> None:
    for table in TABLES:
        assert len(set(table.rows)) == len(table.rows)


async def test_the_page_shows_the_answers_of_a_server() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert await filled(page) == page, "run: python -m tests.hostile.access_table"
