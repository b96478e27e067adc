"""Faults of requests, and assertions on them, by the client."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mockserver.client import ControlError, NotVerifiedError, World
from tests.client.asking import KEY, allocate, ask

OTHER = "404b170a-9042-41ed-9a51-2eabd0c03f8b"


def test_a_fault_meets_the_second_request(world: World) -> None:
    fault = world.faults.request("list_portfolios_allocations", nth=2, status=503, problem={"detail": "later"})
    assert [ask(world, "GET", "/portfolios/allocations")[0] for _ in range(3)] == [200, 503, 200]
    assert (world.faults.get(fault.id).matched, world.faults.get(fault.id).acted) == (3, 1)


def test_a_fault_of_each_kind_is_written_as_scenarios_do(world: World) -> None:
    world.faults.request(path="/users", method="GET", account=KEY, times=1, probability=0.5, delay=timedelta(seconds=1))
    world.faults.request(path="/accounts", rate_limit=True, retry_after=7)
    world.faults.webhook("ORDER.NEW", nth={"from": 2}, fail="timeout", attempts=3, note="slow")
    world.faults.webhook(delay=timedelta(hours=1))
    written = [
        {key: value for key, value in each.json.items() if key not in ("id", "matched", "acted")}
        for each in world.faults.list()
    ]
    assert written == [
        {"request": {"path": "/users", "method": "GET", "account": KEY, "times": 1, "probability": 0.5}, "delay": "1s"},
        {"request": {"path": "/accounts"}, "rate_limit": True, "retry_after": 7},
        {
            "webhook": {"type": "ORDER.NEW", "nth": {"from": 2}},
            "fail": {"error": "timeout"},
            "attempts": 3,
            "note": "slow",
        },
        {"webhook": {}, "delay": "1h"},
    ]


def test_faults_are_taken_away(world: World) -> None:
    first = world.faults.add({"request": {"path": "/users"}, "reset": True})
    world.faults.add({"request": {"path": "/accounts"}, "empty": True})
    assert ask(world, "GET", "/users")[0] == 0
    world.faults.remove(first)
    assert len(world.faults.list()) == 1
    world.faults.clear()
    assert world.faults.list() == []


def test_a_fault_that_contradicts_itself_is_refused(world: World) -> None:
    with pytest.raises(ControlError, match="contradict each other"):
        world.faults.request(status=500, reset=True)
    assert world.faults.list() == []


def test_what_was_asked_is_verified(world: World) -> None:
    allocate(world)
    found = world.requests.verify("POST", "/portfolios/allocations", body={"name": "World"}, count=1)
    assert [match.number for match in found.requests] == [1]
    world.requests.verify(operation="list_users", never=True)


def test_what_was_not_asked_fails_with_the_nearest_miss(world: World) -> None:
    allocate(world)
    with pytest.raises(NotVerifiedError) as caught:
        world.requests.verify("POST", "/portfolios/allocations", body={"name": "Europe"})
    assert str(caught.value).splitlines()[1:] == [
        "  near: #1 POST /portfolios/allocations → 200",
        '    body.name: expected "Europe", got "World"',
    ]


def test_too_many_are_listed(world: World) -> None:
    allocate(world)
    allocate(world, OTHER)
    with pytest.raises(NotVerifiedError, match="expected exactly 1 of 2 requests to fit method='POST', count=1; 2 did"):
        world.requests.verify("POST", count=1)


def test_a_body_of_null_is_not_no_body(world: World) -> None:
    ask(world, "GET", "/users")
    assert world.requests.check("GET", body=None).verified
    allocate(world)
    assert not world.requests.check("POST", body=None).verified


def test_requests_are_forgotten(world: World) -> None:
    allocate(world)
    world.requests.clear()
    assert world.requests.list() == []
