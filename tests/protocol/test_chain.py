"""A request's way from the first byte to the last, with small domain functions."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any

import pytest
from aiohttp import web

from mockserver.kernel.operations import Call
from mockserver.kernel.world import World
from mockserver.protocol.clients import Auth, Client
from mockserver.protocol.faults import RequestFault
from mockserver.protocol.refusals import UNKNOWN_TOKEN
from tests.conftest import Plain
from tests.protocol.allocations import BODY, HANDLERS, KIND, PATH, create
from tests.protocol.conftest import Serve

ID = "404b170a-9042-41ed-9a51-2eabd0c03f8a"
WEBHOOK = f"/webhooks/{ID}"


async def test_what_was_created_can_be_read(serve: Serve) -> None:
    api = await serve(HANDLERS)
    created = await api.post(PATH, json=BODY)
    assert created.status == 200
    read = await api.get(f"{PATH}/{created.json['id']}")
    assert read.body == created.body


async def test_a_list_is_joined_from_the_rows(serve: Serve) -> None:
    api = await serve(HANDLERS)
    ids = [(await api.post(PATH, json=BODY)).json["id"] for _ in range(3)]
    found = (await api.get(f"{PATH}?limit=2&offset=1")).json
    assert [row["id"] for row in found["data"]] == ids[1:]


async def test_an_answer_without_a_body(serve: Serve) -> None:
    api = await serve(HANDLERS)
    answer = await api.delete(WEBHOOK)
    assert (answer.status, answer.body) == (204, b"")
    assert "content-type" not in answer.headers


async def test_a_refusal_becomes_a_problem(serve: Serve) -> None:
    api = await serve(HANDLERS)
    answer = await api.get(f"{PATH}/{ID}")
    assert answer.json == {
        "detail": f"There is no allocation {ID}.",
        "request_id": answer.headers["upvest-request-id"],
        "status": 404,
        "title": "Not found",
        "type": "https://docs.upvest.co/errors/not_found",
    }


@pytest.mark.parametrize("body", [BODY, {}, {"unknown": 1}, "not JSON"])
async def test_a_gate_refuses_an_operation_before_the_body_is_looked_at(serve: Serve, body: Any) -> None:
    def switched_off(world: World) -> None:
        raise UNKNOWN_TOKEN.refuse(client_id="switched off")

    api = await serve(HANDLERS, gates={"create_portfolios_allocation": switched_off})
    answer = await api.post(PATH, **({"data": body} if isinstance(body, str) else {"json": body}))
    assert (answer.status, "switched off" in answer.detail) == (401, True)
    assert (await api.get(PATH)).json["data"] == []


async def test_an_operation_without_a_rule_is_named(serve: Serve) -> None:
    answer = await (await serve({})).get(f"/accounts/{ID}")
    assert answer.status == 501
    assert "retrieve_account " in answer.detail


async def test_an_unknown_path(serve: Serve) -> None:
    answer = await (await serve(HANDLERS)).get("/portfolio")
    assert (answer.status, answer.detail) == (404, "There is no path '/portfolio'.")


@pytest.mark.parametrize("path", ["/events-acceptor-service/health", "/events-acceptor-service/endpoints"])
async def test_the_vendors_tunnel_is_named_with_what_to_do(serve: Serve, path: str) -> None:
    answer = await (await serve(HANDLERS)).get(path)
    assert answer.status == 404
    assert f"There is no path '{path}': this server has no webhook tunnel" in answer.detail
    assert "POST /webhooks takes the URL of your own receiver" in answer.detail


@pytest.mark.parametrize("path", ["//accounts", "/accounts/", "/accounts//", "///accounts"])
async def test_a_path_with_slashes_too_many(serve: Serve, path: str) -> None:
    """As a base URL that ends with one makes it."""
    request = f"GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"
    api = await serve(HANDLERS)
    reader, writer = await asyncio.open_connection("127.0.0.1", api.http.port)
    writer.write(request.encode())
    answer = (await reader.read()).decode()
    writer.close()
    await writer.wait_closed()
    assert answer.startswith("HTTP/1.1 404")
    assert f"There is no path '{path}'; it has a slash too many, did you mean '/accounts'?" in answer


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
async def test_a_wrong_method_says_what_is_allowed(serve: Serve, method: str) -> None:
    answer = await (await serve(HANDLERS)).request(method, PATH)
    assert answer.status == 405
    assert answer.headers["allow"] == "GET, POST"


async def test_head_is_no_method_of_the_api(serve: Serve) -> None:
    api = await serve(HANDLERS)
    async with api.http.head(PATH) as response:
        assert response.status == 405
        assert response.headers["allow"] == "GET, POST"
        assert response.headers["upvest-request-id"]


async def test_request_ids_come_from_the_world(serve: Serve, world: World) -> None:
    api = await serve(HANDLERS)
    start = world.snapshot()
    paths = [PATH, "/nowhere", f"{PATH}/{ID}", PATH]
    first = [(await api.get(path)).headers["upvest-request-id"] for path in paths]
    world.restore(start)
    again = [(await api.get(path)).headers["upvest-request-id"] for path in paths]
    assert first == again
    assert len(set(first)) == len(first)


async def test_an_unexpected_exception_is_a_500_and_changes_nothing(
    serve: Serve, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(world: World, call: Call[Any]) -> Any:
        create(world, call)
        raise ZeroDivisionError("a bug")

    api = await serve({**HANDLERS, "create_portfolios_allocation": broken})
    with caplog.at_level(logging.ERROR):
        answer = await api.post(PATH, json=BODY)
    assert answer.status == 500
    assert "ZeroDivisionError" in answer.detail
    assert "ZeroDivisionError" in caplog.text
    assert not len(world.table(KIND))


async def test_a_refusal_half_way_changes_nothing(serve: Serve, world: World) -> None:
    def half_way(world: World, call: Call[Any]) -> Any:
        create(world, call)
        raise UNKNOWN_TOKEN.refuse(client_id="x")

    api = await serve({**HANDLERS, "create_portfolios_allocation": half_way})
    assert (await api.post(PATH, json=BODY)).status == 401
    assert not len(world.table(KIND))


async def test_a_function_may_answer_later(serve: Serve) -> None:
    wire = b'{"url":"http://localhost","response":{"status":200,"headers":{},"body":""}}'

    def later(world: World, call: Call[Any]) -> Awaitable[Plain]:
        async def answer() -> Plain:
            return Plain(wire)

        return answer()

    answer = await (await serve({"test_webhook": later})).post(f"{WEBHOOK}/test")
    assert (answer.status, answer.body) == (200, wire)


async def test_an_answer_that_cannot_be_written_is_a_500_and_changes_nothing(serve: Serve, world: World) -> None:
    def nothing_at_all(world: World, call: Call[Any]) -> Any:
        create(world, call)

    api = await serve({"create_portfolios_allocation": nothing_at_all})
    assert (await api.post(PATH, json=BODY)).status == 500
    assert not len(world.table(KIND))


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"accept": "text/html"}, 406), ({"accept": "*/*"}, 200), ({"upvest-api-version": "2"}, 400)],
)
async def test_what_is_spoken_is_checked(serve: Serve, headers: dict[str, str], status: int) -> None:
    assert (await (await serve(HANDLERS)).get(PATH, headers=headers)).status == status


async def test_another_charset_is_refused(serve: Serve) -> None:
    api = await serve(HANDLERS)
    answer = await api.post(PATH, json=BODY, headers={"content-type": "application/json; charset=utf-16"})
    assert (answer.status, answer.detail[:39]) == (400, "unexpected request Content-Type 'applic")


async def test_a_body_over_the_worlds_limit_is_refused(serve: Serve, world: World) -> None:
    limit = world.profile.limits.body
    answer = await (await serve(HANDLERS)).post(PATH, data=b" " * (limit + 1))
    assert (answer.status, answer.detail) == (400, f"The body has more than {limit} bytes.")


async def test_a_fault_answers_in_place_of_the_api(serve: Serve) -> None:
    api = await serve(HANDLERS)
    api.tenant.faults.add(RequestFault.model_validate({"request": {"method": "POST"}, "status": 503}))
    assert (await api.post(PATH, data=b"nobody reads this")).status == 503
    assert (await api.get(PATH)).status == 200


async def test_signatures_are_checked_before_tokens(serve: Serve) -> None:
    class Nobody:
        def verify(self, client: Client, request: web.BaseRequest, body: bytes, now: object) -> None:
            assert (client.auth, request.method, now is not None) == (Auth.STRICT, "POST", True)
            raise UNKNOWN_TOKEN.refuse(client_id=f"who signed {len(body)} bytes")

    api = await serve(HANDLERS, auth=Auth.STRICT, verifier=Nobody())
    answer = await api.post(PATH, data=b"12345", headers={"upvest-client-id": api.tenant.client_id})
    assert (answer.status, answer.detail) == (401, "The access token is none of client who signed 5 bytes.")


async def test_the_journal_holds_request_and_answer(serve: Serve, world: World) -> None:
    api = await serve(HANDLERS)
    created = await api.post(PATH, json=BODY)
    missed = await api.get(f"{PATH}/{ID}?limit=1")
    await api.get("/nowhere")
    first, second, third = api.tenant.journal
    assert (first.method, first.path, first.operation) == ("POST", PATH, "create_portfolios_allocation")
    assert (first.status, first.answer, first.refusal, first.at) == (200, created.body, None, world.now)
    assert first.body
    assert first.headers["Content-Type"] == "application/json"
    assert (second.query, second.refusal, second.answer) == ("limit=1", "test.unknown", missed.body)
    assert second.request_id == missed.headers["upvest-request-id"]
    assert (third.operation, third.refusal, third.status) == (None, "request.path", 404)


async def test_what_was_done_is_not_taken_back_by_a_later_mistake(serve: Serve, world: World) -> None:
    api = await serve(HANDLERS)
    await api.post(PATH, json=BODY)
    assert (await api.get(f"{PATH}/{ID}")).status == 404
    assert len(world.table(KIND)) == 1
