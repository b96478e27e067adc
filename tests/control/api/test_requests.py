"""Asserting on what the client asked: how many fit, which come near, and why they missed."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.protocol import journal
from tests.conftest import Api

REQUESTS = "/_mock/worlds/default/requests"
VERIFY = f"{REQUESTS}/verify"
WORLD = {
    "name": "World",
    "allocation": [{"instrument_id": "DE0005933931", "instrument_id_type": "ISIN", "weight": "1"}],
}


@pytest.fixture(autouse=True)
async def asked(client: Api) -> None:
    await client.post("/portfolios/allocations", json=WORLD, headers={"x-trace": "seven"})
    await client.post("/portfolios/allocations", json={**WORLD, "name": "Europe"})
    await client.get("/users?limit=5&offset=0")
    await client.get("/accounts/404b170a-9042-41ed-9a51-2eabd0c03f8a/positions")


async def verify(client: Api, **body: Any) -> Any:
    answer = await client.post(VERIFY, json=body)
    assert answer.status == 200, answer.body
    return answer.json


@pytest.mark.parametrize(
    ("pattern", "matched"),
    [
        ({}, 4),
        ({"method": "POST"}, 2),
        ({"method": "post"}, 2),
        ({"operation": "create_portfolios_allocation"}, 2),
        ({"path": "/users"}, 1),
        ({"path": "/accounts/*/positions"}, 1),
        ({"path": "/accounts"}, 0),
        ({"query": {"limit": "5"}}, 1),
        ({"query": {"limit": ["5"]}}, 1),
        ({"query": {"limit": "6"}}, 0),
        ({"query": {"sort": "${absent}"}, "path": "/users"}, 1),
        ({"headers": {"X-Trace": "seven"}}, 1),
        ({"headers": {"x-trace": "${any}"}}, 1),
        ({"headers": {"idempotency-key": "${uuid}"}}, 4),
        ({"body": {"name": "World"}}, 1),
        ({"body": {"allocation": [{"weight": "${number}"}]}}, 2),
        ({"body": {"allocation": {"$contains": [{"weight": "1"}]}}}, 2),
        ({"body": {"name": "${regex:(World|Asia)}"}}, 1),
        ({"body": None}, 2),
        ({"status": 404}, 1),
        ({"since": 2}, 2),
    ],
)
async def test_which_requests_fit(client: Api, pattern: Any, matched: int) -> None:
    told = await verify(client, **pattern, at_most=10)
    assert (told["verified"], told["matched"], len(told["requests"])) == (True, matched, matched)


@pytest.mark.parametrize(
    ("how_many", "verified", "expected"),
    [
        ({}, True, "at least 1"),
        ({"count": 2}, True, "exactly 2"),
        ({"count": 1}, False, "exactly 1"),
        ({"count": 0}, False, "none"),
        ({"at_least": 2}, True, "at least 2"),
        ({"at_least": 3}, False, "at least 3"),
        ({"at_most": 2}, True, "at most 2"),
        ({"at_most": 1}, False, "at most 1"),
        ({"at_least": 1, "at_most": 2}, True, "1 to 2"),
        ({"never": True}, False, "none"),
    ],
)
async def test_how_many(client: Api, how_many: Any, verified: bool, expected: str) -> None:
    told = await verify(client, method="POST", **how_many)
    assert (told["verified"], told["matched"], told["expected"]) == (verified, 2, expected)
    assert [each["number"] for each in told["requests"]] == [1, 2]


async def test_never_is_true_of_what_was_never_asked(client: Api) -> None:
    told = await verify(client, operation="place_order", never=True)
    assert (told["verified"], told["nearest"]) == (True, [])


async def test_the_nearest_misses_say_why(client: Api) -> None:
    told = await verify(client, operation="create_portfolios_allocation", body={"name": "Asia"})
    assert not told["verified"]
    assert [(each["number"], each["missed"]) for each in told["nearest"]] == [
        (2, ['body.name: expected "Asia", got "Europe"']),
        (1, ['body.name: expected "Asia", got "World"']),
        (4, ["operation: expected create_portfolios_allocation, got list_positions", MISSING_BODY]),
    ]


MISSING_BODY = "body: expected an object with name, got null"


async def test_every_difference_is_told_in_words(client: Api) -> None:
    pattern = {
        "method": "PUT",
        "path": "/user",
        "unknown_path": True,
        "status": 201,
        "query": {"limit": "6", "offset": "0"},
        "headers": {"x-trace": "eight"},
    }
    told = await verify(client, **pattern, since=2)
    assert told["nearest"][0]["number"] == 3
    assert told["nearest"][0]["missed"] == [
        "method: expected PUT, got GET",
        "path: expected /user, got /users",
        "status: expected 201, got 200",
        'query limit: expected "6", got "5"',
        'header x-trace: expected "eight", got nothing',
    ]


async def test_secrets_are_not_told(client: Api) -> None:
    await client.get("/users", headers={"authorization": "Bearer ory_at_0123456789abcdef"})
    told = await client.post(VERIFY, json={"headers": {"authorization": "Bearer x"}, "since": 4})
    assert b"0123456789abcdef" not in told.body


async def test_what_the_journal_forgot_is_told(client: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "MOST_ENTRIES", 3)
    await client.get("/users")
    told = await verify(client, path="/portfolios/allocations", count=2)
    assert (told["verified"], told["matched"], told["looked_at"], told["forgotten"]) == (False, 0, 3, 2)


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (
            {"operation": "place_ordr"},
            "(root).operation: 'place_ordr' is no operation of the API (did you mean place_o",
        ),
        ({"operation": "zzzz"}, "(root).operation: 'zzzz' is no operation of the API"),
        ({"count": 1, "never": True}, "(root): count and never say how many twice"),
        ({"count": 1, "at_least": 1}, "(root): count and at_least say how many twice"),
        ({"at_least": 3, "at_most": 2}, "(root): at_least 3 and at_most 2 contradict each other"),
        ({"at_least": 0}, "(root).at_least: must be at least 1"),
        ({"count": -1}, "(root).count: must be at least 0"),
        ({"never": False}, "(root).never: "),
        ({"path": "users"}, "(root).path: "),
        ({"paht": "/users"}, "(root): field 'paht' is unknown"),
        ({"body": {"name": "${regex:(}"}}, "'(' is no regular expression"),
        ({"body": {"data": {"$contains": 5}}}, "(root).body: $contains takes a list, not 5"),
        ({"body": {"$length": "3"}}, '(root).body: $length takes a whole number, not "3"'),
        ([], "(root): must be an object"),
    ],
)
async def test_what_cannot_be_meant_is_refused(client: Api, body: Any, detail: str) -> None:
    answer = await client.post(VERIFY, json=body)
    assert (answer.status, answer.detail[: len(detail)]) == (400, detail)


async def test_the_journal_is_emptied_and_numbers_go_on(client: Api) -> None:
    assert (await client.delete(REQUESTS)).status == 204
    assert (await client.get(REQUESTS)).json["requests"] == []
    await client.get("/users")
    assert [each["number"] for each in (await client.get(REQUESTS)).json["requests"]] == [5]
    assert (await verify(client, path="/users", count=1))["verified"]
