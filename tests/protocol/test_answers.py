"""Answers on the wire, byte for byte: what a connection sends of an answer that is whole."""

from __future__ import annotations

import asyncio
import re
from email.utils import parsedate_to_datetime

import pytest
from aiohttp import web

from mockserver.kernel import system
from mockserver.protocol.answers import RawResponse
from mockserver.protocol.connections import Connections

ID = "c5b7d8a4-3a43-4a27-a2f5-8b9f4e5c0d11"

LAST = b"GET /last HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"
"""After it a connection that is still open ends."""


async def answers(answer: RawResponse, requests: bytes) -> list[bytes]:
    """All that comes back over one connection to a server that has only that answer, in its parts."""

    async def front(_: web.BaseRequest) -> RawResponse:
        return answer

    runner = web.ServerRunner(Connections(front))
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        reader, writer = await asyncio.open_connection(*runner.addresses[0])
        writer.write(requests)
        came = await asyncio.wait_for(reader.read(), 10)
        writer.close()
    finally:
        await runner.cleanup()
    return re.split(rb"(?<=.)(?=HTTP/1)", came, flags=re.DOTALL)


async def first(answer: RawResponse, request: bytes) -> bytes:
    return (await answers(answer, request + LAST))[0]


def lines(answer: bytes) -> list[str]:
    head, _, _ = answer.partition(b"\r\n\r\n")
    return head.decode().split("\r\n")


async def test_a_head_has_status_date_server_type_length_and_id() -> None:
    before = system.wall_now().replace(microsecond=0)
    answer = await first(RawResponse(200, b'{"a":1}', "application/json", ID), b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
    status, date, server, *others = lines(answer)
    assert status == "HTTP/1.1 200 OK"
    assert before <= parsedate_to_datetime(date.removeprefix("date: ")) <= system.wall_now()
    assert server.startswith("server: Python/")
    assert others == ["content-type: application/json", "content-length: 7", f"upvest-request-id: {ID}"]
    assert answer.endswith(b'\r\n\r\n{"a":1}')


async def test_requests_on_one_connection_are_answered_one_after_the_other() -> None:
    whole = RawResponse(200, b"{}", "application/json", ID)
    came = await answers(whole, 3 * b"GET / HTTP/1.1\r\nhost: a\r\n\r\n" + LAST)
    assert [answer.endswith(b"\r\n\r\n{}") for answer in came] == 4 * [True]


@pytest.mark.parametrize(
    ("request_line", "header", "expected"),
    [
        ("GET / HTTP/1.1", "host: a", []),
        ("GET / HTTP/1.1", "host: a\r\nconnection: close", ["connection: close"]),
        ("GET / HTTP/1.0", "host: a", ["connection: close"]),
        ("GET / HTTP/1.0", "host: a\r\nconnection: keep-alive", ["connection: keep-alive"]),
    ],
)
async def test_the_connection_stays_open_as_the_request_asks(
    request_line: str, header: str, expected: list[str]
) -> None:
    stays = expected != ["connection: close"]
    request = f"{request_line}\r\n{header}\r\n\r\n".encode() + (LAST if stays else b"")
    answer, *others = await answers(RawResponse(200, b"{}", "application/json", ID), request)
    assert [line for line in lines(answer) if line.startswith("connection")] == expected
    assert len(others) == stays


async def test_no_content_has_no_length() -> None:
    answer = await first(RawResponse(204, None, None, ID), b"DELETE / HTTP/1.1\r\nhost: a\r\n\r\n")
    assert lines(answer)[0] == "HTTP/1.1 204 No Content"
    assert b"content-" not in answer


async def test_an_accepted_request_without_a_body_has_the_length_0() -> None:
    answer = await first(RawResponse(202, None, None, ID), b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n")
    assert lines(answer)[0] == "HTTP/1.1 202 Accepted"
    assert "content-length: 0" in lines(answer)
    assert b"content-type" not in answer


async def test_a_head_request_gets_the_head_alone() -> None:
    whole = RawResponse(405, b"no", "text/plain", ID, {"allow": "GET"})
    answer = await first(whole, b"HEAD / HTTP/1.1\r\nhost: a\r\n\r\n")
    assert {"content-length: 2", "allow: GET"} <= set(lines(answer))
    assert answer.endswith(b"\r\n\r\n")


async def test_headers_of_few_answers_are_sent_too() -> None:
    whole = RawResponse(405, b"{}", "application/problem+json", ID, {"allow": "GET, POST"})
    assert "allow: GET, POST" in lines(await first(whole, b"PUT / HTTP/1.1\r\nhost: a\r\n\r\n"))


async def test_a_header_that_would_end_its_line_is_not_sent(caplog: pytest.LogCaptureFixture) -> None:
    whole = RawResponse(405, b"{}", "application/json", ID, {"allow": "GET\r\nset-cookie: a=b"})
    assert await first(whole, b"PUT / HTTP/1.1\r\nhost: a\r\n\r\n") == b""
    assert "a character that would end it" in caplog.text


def test_an_application_gets_aiohttps_own_response() -> None:
    response = RawResponse(405, b"{}", "application/json", ID, {"allow": "GET"}).response()
    assert (response.status, response.body) == (405, b"{}")
    assert dict(response.headers) == {"upvest-request-id": ID, "allow": "GET", "content-type": "application/json"}
