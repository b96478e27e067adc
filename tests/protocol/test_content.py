"""Answers that are not JSON: bytes of the type that the client accepts, and links to the content of files."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Event
from urllib.parse import urlsplit

import pytest

from mockserver.contract import contract
from mockserver.kernel import system
from mockserver.kernel.operations import Call, Content, Linked, Nothing, Rendered, Reply
from mockserver.kernel.world import World
from mockserver.models.reports import FileMetadata
from mockserver.protocol.negotiation import preferred
from mockserver.protocol.routes import Route
from tests.conftest import Api
from tests.protocol.conftest import Serve

JSON, PDF = "application/json", "application/pdf"
REPORT = "/reports/b96b1ee7-d491-43eb-b5e4-4833af9c9c2f"
FILE = "/files/settlement_reports/a.csv"
ROWS = b"a,b\n1,2\n"


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", JSON),
        ("*/*", JSON),
        (PDF, PDF),
        ("application/pdf, application/json", JSON),
        ("application/pdf, application/json;q=0.9", PDF),
        ("application/*;q=0.2, application/pdf;q=0.1", JSON),
        ("text/html", JSON),
    ],
)
def test_the_type_wanted_most_is_chosen_and_the_first_of_equals(accept: str, chosen: str) -> None:
    assert preferred(accept, (JSON, PDF)) == chosen


def test_only_operations_with_several_types_look_at_the_header() -> None:
    choosing = {name for name, operation in contract().operations.items() if Route(operation).choices}
    assert choosing == {"retrieve_report"}


def report(_: World, call: Call[None]) -> Reply:
    if call.accept == PDF:
        return Content(b"%PDF-\x00\xff", PDF, {"content-disposition": 'attachment; filename="a.pdf"'})
    return Nothing()


def file(_: World, call: Call[None]) -> Reply:
    moment = datetime(2023, 1, 2, tzinfo=UTC)

    def show(link: str) -> FileMetadata:
        return FileMetadata(
            id="d588e071-6e02-4ae6-a2b6-a5f08499633b",
            created_at=moment,
            updated_at=moment,
            signed_url=link,
            file_name="a.csv",
            content_length=len(ROWS),
            checksum="0" * 64,
        )

    return Linked("a.csv", ROWS, "text/csv", show, redirect=call.query["redirect"] == "1")


async def test_bytes_are_answered_with_their_type_and_headers(serve: Serve) -> None:
    api = await serve({"retrieve_report": report})
    answer = await api.http.get(REPORT, headers={"accept": PDF})
    assert (answer.status, answer.headers["content-type"]) == (200, PDF)
    assert answer.headers["content-disposition"] == 'attachment; filename="a.pdf"'
    assert await answer.read() == b"%PDF-\x00\xff"


async def test_content_that_takes_long_is_made_while_others_are_answered(serve: Serve) -> None:
    others_answered = Event()

    def slow() -> bytes:
        assert others_answered.wait(30)
        return b"%PDF"

    def rendered(_: World, call: Call[None]) -> Reply:
        return Rendered(slow, PDF, {"content-disposition": "attachment"}) if call.accept == PDF else Nothing()

    api = await serve({"retrieve_report": rendered})
    reading = asyncio.create_task(api.http.get(REPORT, headers={"accept": PDF}))
    await asyncio.sleep(0)
    assert (await api.http.get(REPORT)).status == 200
    others_answered.set()
    answer = await reading
    assert (await answer.read(), answer.headers["content-type"]) == (b"%PDF", PDF)
    assert answer.headers["content-disposition"] == "attachment"


async def test_content_that_cannot_be_made_is_a_bug_of_the_mock(serve: Serve) -> None:
    def broken() -> bytes:
        raise OSError("no fonts")

    api = await serve({"retrieve_report": lambda _, __: Rendered(broken, PDF)})
    answer = await api.http.get(REPORT, headers={"accept": PDF})
    assert answer.status == 500
    assert "no fonts" in await answer.text()


async def test_a_type_that_is_not_offered_is_refused(serve: Serve) -> None:
    api = await serve({"retrieve_report": report})
    answer = await api.http.get(REPORT, headers={"accept": "image/png"})
    assert answer.status == 406
    assert "application/json or application/pdf" in (await answer.json())["detail"]


async def test_the_journal_keeps_the_bytes(serve: Serve) -> None:
    api = await serve({"retrieve_report": report})
    await api.http.get(REPORT, headers={"accept": PDF})
    assert [entry.answer for entry in api.tenant.journal] == [b"%PDF-\x00\xff"]


async def signed_url(api: Api) -> str:
    answer = await api.http.get(FILE)
    assert answer.status == 200
    return str((await answer.json())["signed_url"])


async def test_a_link_works_once_without_a_client_id_at_the_host_that_was_used(serve: Serve) -> None:
    api = await serve({"fetching_file_metadata": file})
    answer = await api.http.get(FILE, headers={"host": "localhost:81"})
    url = urlsplit((await answer.json())["signed_url"])
    assert (url.scheme, url.netloc) == ("http", "localhost:81")
    first = await api.http.get(url.path)
    assert (first.status, first.headers["content-type"], await first.read()) == (200, "text/csv", ROWS)
    second = await api.http.get(url.path)
    assert (second.status, second.headers["content-type"]) == (400, "application/xml")
    assert "<Code>ExpiredToken</Code>" in await second.text()


async def test_each_answer_has_a_link_of_its_own(serve: Serve) -> None:
    api = await serve({"fetching_file_metadata": file})
    links = [await signed_url(api) for _ in range(3)]
    assert len(set(links)) == 3
    for link in links:
        assert (await api.http.get(urlsplit(link).path)).status == 200


async def test_a_redirect_leads_to_the_content(serve: Serve) -> None:
    api = await serve({"fetching_file_metadata": file})
    answer = await api.http.get(FILE, params={"redirect": "1"}, allow_redirects=False)
    assert (answer.status, await answer.read()) == (302, b"")
    assert await (await api.http.get(urlsplit(answer.headers["location"]).path)).read() == ROWS


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[datetime]]:
    moments = [datetime(2030, 1, 1, tzinfo=UTC)]
    monkeypatch.setattr(system, "wall_now", lambda: moments[-1])
    return iter([moments])


@pytest.mark.parametrize(
    ("after", "status"), [(timedelta(minutes=15, microseconds=-1), 200), (timedelta(minutes=15), 400)]
)
async def test_a_link_ends_after_fifteen_minutes_of_the_machine(
    serve: Serve, wall: Iterator[list[datetime]], after: timedelta, status: int
) -> None:
    moments = next(wall)
    api = await serve({"fetching_file_metadata": file})
    link = await signed_url(api)
    moments.append(moments[-1] + after)
    answer = await api.http.get(urlsplit(link).path)
    assert answer.status == status
    if status == 400:
        assert "Request signature expired at: 2030-01-01T00:15:00+00:00" in await answer.text()


async def test_a_reset_forgets_links_and_makes_the_same_again(serve: Serve) -> None:
    api = await serve({"fetching_file_metadata": file})
    link = await signed_url(api)
    api.tenant.reset()
    assert (await api.http.get(urlsplit(link).path)).status == 400
    assert await signed_url(api) == link


async def test_a_restored_world_has_the_links_of_its_snapshot(serve: Serve) -> None:
    api = await serve({"fetching_file_metadata": file})
    link = await signed_url(api)
    name, _ = api.tenant.take_snapshot()
    assert (await api.http.get(urlsplit(link).path)).status == 200
    api.tenant.restore(name)
    assert (await api.http.get(urlsplit(link).path)).status == 200


@pytest.mark.parametrize("path", ["/_files/", "/_files/nobody/0", "/_files/ca4c2dbb-55a0-4a6c-8d30-2b6a7a1f4a2b/00/a"])
async def test_links_that_do_not_exist_are_refused_in_the_form_of_the_storage(serve: Serve, path: str) -> None:
    api = await serve({})
    answer = await api.http.get(path)
    assert (answer.status, answer.headers["content-type"]) == (400, "application/xml")
    assert (await api.http.post(path)).status == 405
