"""Faults of requests: whom they meet, what the client gets, and that they are a part of the world."""

from __future__ import annotations

from typing import Any

import aiohttp
import orjson
import pytest
from pydantic import ValidationError

from mockserver.kernel.world import World
from mockserver.protocol.clients import Auth
from mockserver.protocol.faults import RequestFault, mistakes, shadowing
from tests.conftest import Api
from tests.protocol.allocations import BODY, HANDLERS, KIND, PATH
from tests.protocol.conftest import Serve

ACCOUNT = "404b170a-9042-41ed-9a51-2eabd0c03f8a"
OTHER = "504b170a-9042-41ed-9a51-2eabd0c03f8b"


def rule(**members: Any) -> RequestFault:
    return RequestFault.model_validate({"request": {}, **members})


@pytest.fixture
async def api(serve: Serve) -> Api:
    return await serve(HANDLERS)


def set_fault(api: Api, **members: Any) -> None:
    api.tenant.faults.add(rule(**members))


async def statuses(api: Api, count: int, method: str = "GET", path: str = PATH) -> list[int]:
    return [(await api.request(method, path)).status for _ in range(count)]


async def raw(api: Api, method: str = "GET", path: str = PATH, **options: Any) -> tuple[int, Any, bytes]:
    """An answer that is not held against the contract."""
    async with api.http.request(method, path, **options) as response:
        return response.status, response.headers, await response.read()


# --- Whom ---


async def test_the_second_request_of_an_operation_is_answered_503_once(api: Api) -> None:
    set_fault(api, request={"operation": "list_portfolios_allocations", "nth": 2}, status=503)
    assert await statuses(api, 3) == [200, 503, 200]


@pytest.mark.parametrize(
    ("match", "method", "path", "meets"),
    [
        ({}, "GET", PATH, True),
        ({"operation": "list_portfolios_allocations"}, "GET", PATH, True),
        ({"operation": "retrieve_portfolios_allocation"}, "GET", PATH, False),
        ({"method": "GET"}, "GET", PATH, True),
        ({"method": "POST"}, "GET", PATH, False),
        ({"path": PATH}, "GET", PATH, True),
        ({"path": "/portfolios/*"}, "GET", PATH, True),
        ({"path": "/portfolios/*/accounts"}, "GET", PATH, False),
        ({"path": "*"}, "GET", PATH, True),
        ({"path": f"{PATH}/{ACCOUNT}"}, "GET", f"{PATH}/{ACCOUNT}", True),
        ({"path": "/portfolios/[a]llocations"}, "GET", PATH, False),
        ({"account": ACCOUNT}, "GET", f"/accounts/{ACCOUNT}/positions", True),
        ({"account": ACCOUNT}, "GET", f"/accounts/{ACCOUNT.upper()}/positions", True),
        ({"account": ACCOUNT}, "GET", f"/accounts/{OTHER}/positions", False),
        ({"account": ACCOUNT}, "GET", f"/portfolios/orders?account_id={ACCOUNT}", True),
        ({"method": "GET", "path": "/accounts/*", "account": ACCOUNT}, "GET", PATH, False),
    ],
)
async def test_which_requests_are_met(api: Api, match: Any, method: str, path: str, meets: bool) -> None:
    set_fault(api, request=match, status=503)
    assert ((await api.request(method, path)).status == 503) is meets


async def test_an_account_may_stand_in_the_body(api: Api) -> None:
    set_fault(api, request={"account": ACCOUNT}, status=503)
    assert (await api.post("/portfolios/orders", json={"account_id": ACCOUNT})).status == 503
    assert (await api.post("/portfolios/orders", json={"account_id": OTHER})).status != 503


async def test_what_leads_nowhere_is_met_by_no_fault(api: Api) -> None:
    set_fault(api, status=503)
    assert (await api.get("/nowhere")).status == 404
    assert (await api.delete(PATH)).status == 405


async def test_a_fault_comes_before_tokens_and_may_meet_their_issue(serve: Serve) -> None:
    api = await serve(HANDLERS, auth=Auth.TOKEN)
    set_fault(api, request={"operation": "issue_token"}, status=502)
    set_fault(api, request={"operation": "list_portfolios_allocations"}, status=503)
    form = {"client_id": api.tenant.client_id, "client_secret": "x", "grant_type": "client_credentials", "scope": "x:y"}
    assert (await raw(api, "POST", "/auth/token", data=form))[0] == 502
    assert (await api.get(PATH, headers={"upvest-client-id": api.tenant.client_id})).status == 503


async def test_other_worlds_are_not_met(client: Api) -> None:
    made = (await client.post("/_mock/worlds", json={"client_id": OTHER, "auth": "off"})).json
    set_fault(client, status=503)
    assert (await client.get("/users")).status == 503
    assert (await client.get("/users", headers={"upvest-client-id": made["client_id"]})).status == 200
    assert (await client.get("/_mock/health")).status == 200


async def test_the_first_of_several_that_acts_wins_and_all_count(api: Api) -> None:
    set_fault(api, request={"nth": [1, 2]}, status=503)
    set_fault(api, request={"nth": {"from": 2}}, status=504)
    set_fault(api, request={"nth": {"from": 2}, "times": 1}, status=500)
    assert await statuses(api, 4) == [503, 503, 504, 504]
    assert [(each.tally.seen, each.tally.acted) for each in api.tenant.faults] == [(4, 2), (4, 2), (4, 0)]


# --- What ---


async def test_an_error_is_in_the_contracts_form(api: Api) -> None:
    set_fault(api, status=503, retry_after=7, headers={"X-Edge": "down"})
    answer = await api.get(PATH)
    assert (answer.status, answer.json["title"]) == (503, "Service unavailable")
    assert (answer.headers["retry-after"], answer.headers["x-edge"]) == ("7", "down")


async def test_a_problem_may_have_words_of_its_own(api: Api) -> None:
    set_fault(api, status=500, problem={"type": "https://docs.upvest.co/errors/odd", "title": "Odd", "detail": "Hm."})
    problem = (await api.get(PATH)).json
    assert (problem["type"], problem["title"], problem["detail"]) == ("https://docs.upvest.co/errors/odd", "Odd", "Hm.")


@pytest.mark.parametrize(
    ("body", "content", "kind"),
    [
        ({"any": [1]}, b'{"any":[1]}', "application/json"),
        (None, b"null", "application/json"),
        ("<h1>Bad gateway</h1>", b"<h1>Bad gateway</h1>", "text/plain; charset=utf-8"),
    ],
)
async def test_a_body_of_any_kind(api: Api, body: Any, content: bytes, kind: str) -> None:
    set_fault(api, status=502, body=body)
    status, headers, got = await raw(api)
    assert (status, got, headers["content-type"]) == (502, content, kind)


async def test_a_header_may_say_another_content_type(api: Api) -> None:
    set_fault(api, status=502, body="<html>", headers={"Content-Type": "text/html"})
    assert (await raw(api))[1]["content-type"] == "text/html"


async def test_a_success_may_be_made_up(api: Api) -> None:
    set_fault(api, request={"nth": 1}, status=200, body={"data": "odd"})
    set_fault(api, request={"nth": 2}, status=204)
    assert (await raw(api))[::2] == (200, b'{"data":"odd"}')
    assert (await raw(api))[::2] == (204, b"")


async def test_a_rate_limit_answers_as_the_api_does(api: Api) -> None:
    set_fault(api, rate_limit=True)
    answer = await api.get(PATH)
    assert (answer.status, answer.json["title"]) == (429, "Too many requests")
    assert "retry-after" not in answer.headers


async def test_a_reset_connection_has_no_answer(api: Api, world: World) -> None:
    set_fault(api, request={"times": 1}, reset=True)
    with pytest.raises(aiohttp.ClientConnectionError):
        await raw(api, "POST", json=BODY)
    assert len(world.table(KIND)) == 0
    (entry,) = api.tenant.journal
    assert (entry.status, entry.answer, entry.refusal) == (0, b"", "fault.r1 cut off")
    assert await statuses(api, 1) == [200]


async def test_malformed_json_no_parser_takes(api: Api) -> None:
    set_fault(api, malformed=True)
    status, headers, body = await raw(api)
    assert (status, headers["content-type"]) == (200, "application/json")
    with pytest.raises(ValueError, match=r"."):
        orjson.loads(body)


async def test_an_empty_body(api: Api) -> None:
    set_fault(api, empty=True)
    status, headers, body = await raw(api)
    assert (status, body) == (200, b"")
    assert headers["content-length"] == "0"


async def test_a_truncated_body_ends_with_the_connection(api: Api) -> None:
    set_fault(api, request={"times": 1}, truncated=True)
    async with api.http.get(PATH) as response:
        assert response.status == 200
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()
    assert await statuses(api, 1) == [200]


async def test_an_error_may_be_spoiled_too(api: Api) -> None:
    set_fault(api, status=503, malformed=True)
    status, _, body = await raw(api)
    assert status == 503
    with pytest.raises(ValueError, match=r"."):
        orjson.loads(body)


@pytest.mark.parametrize("effect", [{"status": 503}, {"rate_limit": True}])
async def test_what_is_answered_in_its_place_is_not_carried_out(api: Api, world: World, effect: Any) -> None:
    set_fault(api, **effect)
    await api.post(PATH, json=BODY)
    assert len(world.table(KIND)) == 0
    assert list(world.events) == []


@pytest.mark.parametrize("effect", [{"status": 503}, {"rate_limit": True}, {"reset": True}])
async def test_only_the_answer_may_be_lost(api: Api, world: World, effect: Any) -> None:
    set_fault(api, request={"method": "POST", "times": 1}, carried_out=True, **effect)
    key = {"idempotency-key": ACCOUNT, "content-type": "application/json"}
    try:
        await raw(api, "POST", data=orjson.dumps(BODY), headers=key)
    except aiohttp.ClientConnectionError:
        assert "reset" in effect
    (made,) = world.table(KIND)
    again = await api.post(PATH, json=BODY, headers=key)
    assert (again.status, again.body) == (200, made.wire), "a repeat gets what the first one did"


async def test_the_journal_says_which_fault_it_was(api: Api) -> None:
    set_fault(api, status=503)
    answer = await api.post(PATH, json=BODY)
    (entry,) = api.tenant.journal
    assert (entry.status, entry.refusal, entry.answer) == (503, "fault.r1", answer.body)
    assert orjson.loads(entry.body) == BODY


# --- A part of the world ---


async def test_a_snapshot_covers_faults_and_what_they_counted(api: Api, world: World) -> None:
    set_fault(api, request={"nth": 2}, status=503)
    assert await statuses(api, 1) == [200]
    snapshot = world.snapshot()
    assert await statuses(api, 2) == [503, 200]
    api.tenant.faults.remove()
    world.restore(snapshot)
    assert await statuses(api, 2) == [503, 200]


async def test_chance_is_replayed(api: Api, world: World) -> None:
    set_fault(api, request={"probability": 0.5}, status=503)
    snapshot = world.snapshot()
    first = await statuses(api, 20)
    assert set(first) == {200, 503}
    world.restore(snapshot)
    assert await statuses(api, 20) == first


# --- What contradicts itself ---


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({}, "does nothing: give one of delay, status"),
        ({"request": {"operation": "x"}}, "does nothing"),
        ({"status": 503, "reset": True}, "reset and status contradict each other"),
        ({"reset": True, "body": {}}, "reset and body contradict"),
        ({"reset": True, "truncated": True}, "reset and truncated contradict"),
        ({"rate_limit": True, "status": 500}, "rate_limit and status contradict"),
        ({"rate_limit": True, "problem": {}}, "rate_limit and problem contradict"),
        ({"malformed": True, "empty": True}, "malformed and empty contradict"),
        ({"malformed": True, "truncated": True}, "malformed and truncated contradict"),
        ({"empty": True, "truncated": True}, "empty and truncated contradict"),
        ({"status": 500, "empty": True, "body": 1}, "empty and body contradict"),
        ({"status": 500, "problem": {"title": "x"}, "body": None}, "body and problem contradict"),
        ({"problem": {"title": "x"}, "delay": "1s"}, "problem goes with status"),
        ({"body": {}, "delay": "1s"}, "body goes with status"),
        ({"headers": {"a": "b"}, "malformed": True}, "headers goes with rate_limit or status"),
        ({"retry_after": 1, "empty": True}, "retry_after goes with"),
        ({"carried_out": True}, "carried_out goes with delay or"),
        ({"status": 200, "problem": {"title": "x"}}, "status 200 is no error"),
        ({"status": 204, "body": {}}, "an answer 204 has no body"),
        ({"status": 304, "malformed": True}, "an answer 304 has no body"),
        ({"status": 199}, "greater than or equal to 200"),
        ({"status": 600}, "less than or equal to 599"),
        ({"status": 503, "retry_after": 1, "headers": {"Retry-After": "2"}}, "retry-after contradict"),
        ({"status": 503, "headers": {"Content-Length": "2"}}, "cannot be set: it belongs to the connection"),
        ({"status": 503, "headers": {"upvest-request-id": "2"}}, "cannot be set"),
        ({"status": 503, "headers": {"a b": "2"}}, "'a b' is no name of a header"),
        ({"status": 503, "headers": {"a": "b\r\nc: d"}}, "should match pattern"),
        ({"delay": "0s"}, "more than nothing and at most 5m"),
        ({"delay": "6m"}, "more than nothing and at most 5m"),
        ({"delay": "soon"}, "'soon' is not a duration"),
        ({"status": 503, "request": {"path": "users"}}, "should match pattern"),
        ({"status": 503, "request": {"path": "/users?limit=1"}}, "should match pattern"),
        ({"status": 503, "request": {"methd": "GET"}}, "Extra inputs"),
        ({"status": 503, "reset": False}, "True"),
    ],
)
def test_contradictions_are_refused(members: Any, text: str) -> None:
    with pytest.raises(ValidationError, match=text):
        rule(**members)


@pytest.mark.parametrize(
    ("match", "place", "text"),
    [
        ({"operation": "place_ordr"}, "operation", "'place_ordr' is no operation of the API (did you mean place_order"),
        ({"operation": "zzzzzz"}, "operation", "'zzzzzz' is no operation of the API (GET /_mock/openapi.json lists"),
        ({"operation": "list_users", "method": "POST"}, "method", "list_users is GET /users, never POST"),
        ({"path": "/user"}, "path", "the API has no path '/user'"),
        ({"path": "/users/1/2/3"}, "path", "the API has no path"),
        ({"path": "/auth/token", "method": "GET"}, "method", "/auth/token does not take GET; it takes POST"),
        ({"operation": "list_users", "path": "/accounts"}, "path", "list_users is GET /users, never /accounts"),
    ],
)
def test_what_the_contract_has_not_is_refused(match: Any, place: str, text: str) -> None:
    ((where, told),) = mistakes(rule(request=match, status=503))
    assert where == ("request", place)
    assert told.startswith(text)


@pytest.mark.parametrize("match", [{}, {"path": "/auth/token"}, {"path": "/use*"}, {"operation": "list_users"}])
def test_what_the_contract_has_passes(match: Any) -> None:
    assert list(mistakes(rule(request=match, status=503))) == []


@pytest.mark.parametrize(
    ("first", "second", "never"),
    [
        ({"status": 503}, {"request": {"nth": 2}, "status": 500}, True),
        ({"request": {"path": "/accounts/*"}, "reset": True}, {"request": {"path": "/accounts"}, "status": 500}, False),
        ({"request": {"path": "/users*"}, "reset": True}, {"request": {"path": "/users"}, "status": 500}, True),
        ({"request": {"method": "GET"}, "status": 503}, {"request": {"method": "POST"}, "status": 500}, False),
        ({"request": {"method": "GET"}, "status": 503}, {"request": {"operation": "list_users"}, "status": 500}, True),
        (
            {"request": {"operation": "list_users"}, "status": 503},
            {"request": {"method": "GET", "path": "/users"}, "status": 500},
            True,
        ),
        ({"request": {"nth": 2}, "status": 503}, {"request": {"nth": 2}, "status": 500}, True),
        ({"request": {"nth": 2}, "status": 503}, {"request": {"nth": 3}, "status": 500}, False),
        ({"request": {"nth": 2}, "status": 503}, {"status": 500}, False),
        ({"request": {"times": 2}, "status": 503}, {"status": 500}, False),
        ({"request": {"probability": 0.5}, "status": 503}, {"status": 500}, False),
        ({"delay": "1s"}, {"status": 500}, False),
        ({"status": 503}, {"delay": "1s"}, False),
    ],
)
async def test_a_fault_that_another_keeps_from_acting_is_seen(api: Api, first: Any, second: Any, never: bool) -> None:
    set_fault(api, **first)
    assert (shadowing(api.tenant.faults, rule(**second)) is not None) is never


async def test_one_that_has_counted_already_keeps_none_from_counting_anew(api: Api) -> None:
    set_fault(api, request={"nth": 2}, status=503)
    await statuses(api, 1)
    assert shadowing(api.tenant.faults, rule(request={"nth": 2}, status=500)) is None
