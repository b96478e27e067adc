"""The step that expects a request: there already, or waited for."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.replay.player import replay
from mockserver.replay.timeline import Replay
from mockserver.scenario.errors import ScenarioError
from mockserver.scenario.load import load
from mockserver.server import ServerSettings, start

USERS: dict[str, Any] = {"request": {"path": "/users", "query": {"limit": 5}}}


async def played(*steps: Any, **more: Any) -> Replay:
    async with await start(ServerSettings(port=0)) as server:
        return await replay(load({"name": "expects", "steps": list(steps), **more}), server.url)


async def test_requests_since_the_last_expectations_count() -> None:
    got = await played(
        USERS,
        {"request": {"path": "/accounts"}},
        {"expect_request": {"method": "GET", "path": "/users", "query": {"limit": 5}, "status": 200}},
        {"expect_request": {"operation": "list_accounts"}},
        {"advance": "1s"},
        USERS,
        {"expect_request": {"path": "/users"}},
    )
    assert [entry.problems for entry in got.failures] == []
    assert [entry.title for entry in got.entries if entry.action == "expect_request"] == [
        "expect GET /users",
        "expect list_accounts",
        "expect /users",
    ]


async def test_one_before_them_does_not() -> None:
    got = await played(
        USERS,
        {"expect_request": {"path": "/users"}},
        {"advance": "1s"},
        {"expect_request": {"path": "/users", "timeout": "10m"}},
    )
    (failure,) = got.failures
    (problem,) = failure.problems
    assert failure.number == 4
    assert problem.startswith("0 of 0 requests fit, expected at least 1: nothing is under way that could bring it")


async def test_the_nearest_misses_are_shown_by_their_names() -> None:
    got = await played(
        {"request": {"path": "/accounts/${savings}"}},
        {"expect_request": {"path": "/accounts/${savings}", "status": 404}},
        accounts=[{"as": "savings"}],
    )
    (failure,) = got.failures
    assert failure.title == "expect /accounts/{savings}"
    assert failure.problems[1] == "near: #2 GET /accounts/{savings} → 200: status: expected 404, got 200"


async def test_a_reset_begins_anew() -> None:
    got = await played(USERS, {"reset": True}, {"expect_request": {"path": "/users"}})
    assert [failure.number for failure in got.failures] == [3]


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ({"path": "/usres"}, "steps[0].expect_request.path: the API has no path '/usres' (did you mean /users?)"),
        ({"path": "/accounts/${savings}/postions"}, "steps[0].expect_request.path: the API has no path"),
        ({"operation": "list_usres"}, "steps[0].expect_request.operation: 'list_usres' is no operation of the API"),
        ({"method": "PUT", "path": "/users"}, "steps[0].expect_request.method: /users does not take PUT"),
        ({"path": "/users", "timeout": "soon"}, "steps[0].expect_request.timeout: 'soon' is not a duration"),
        ({"path": "/users", "count": 0}, "steps[0].expect_request.count: must be at least 1"),
        ({"path": "/users", "never": True}, "'never' is not known here"),
    ],
)
def test_what_no_request_can_be_is_found(expected: Any, text: str) -> None:
    with pytest.raises(ScenarioError, match=r".") as caught:
        load({"name": "expects", "accounts": [{"as": "savings"}], "steps": [{"expect_request": expected}]}, played=True)
    assert text in str(caught.value)


def test_a_path_outside_the_api_may_be_meant() -> None:
    steps = [{"expect_request": {"path": "/unknown", "unknown_path": True}}]
    load({"name": "expects", "steps": steps}, played=True)
