"""Faults of requests, and assertions on them, by the client."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread

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


def test_the_last_requests_are_listed_or_the_first_after_a_number(world: World) -> None:
    for name in ("users", "accounts", "orders"):
        ask(world, "GET", f"/{name}")
    assert [each.path for each in world.requests.list(limit=2)] == ["/accounts", "/orders"]
    assert [each.path for each in world.requests.list(since=0, limit=2)] == ["/users", "/accounts"]
    assert [each.path for each in world.requests.list(since=2)] == ["/orders"]


def test_requests_are_forgotten(world: World) -> None:
    allocate(world)
    world.requests.clear()
    assert world.requests.list() == []


def test_a_request_that_another_thread_sends_is_waited_for(world: World) -> None:
    thread = Thread(target=allocate, args=(world,))
    mark = world.requests.mark()
    thread.start()
    (request,) = world.requests.wait_for("POST", "/portfolios/allocations", since=mark, patient=True)
    thread.join()
    assert (request.number, request.operation, request.status) == (mark + 1, "create_portfolios_allocation", 200)
    assert request.answer["name"] == "World"


def test_what_is_there_is_given_at_once(world: World) -> None:
    allocate(world)
    allocate(world, OTHER)
    assert [each.number for each in world.requests.wait_for("POST", "/portfolios/*", count=2)] == [1, 2]
    assert [each.number for each in world.requests.wait_for(body={"name": "World"}, since=1)] == [2]
    assert world.requests.mark() == 2


def test_where_nothing_can_come_a_wait_fails_at_once_with_the_nearest_misses(world: World) -> None:
    allocate(world)
    with pytest.raises(NotVerifiedError) as caught:
        world.requests.wait_for("POST", "/portfolios/allocations", body={"name": "Europe"}, timeout=600)
    said = str(caught.value)
    assert said.startswith("expected at least 1 of 1 requests to fit method='POST', path='/portfolios/allocations', ")
    assert "nothing is under way that could bring it" in said
    assert 'body.name: expected "Europe", got "World"' in said


def test_in_another_thread_a_wait_lasts_its_timeout(world: World) -> None:
    said: list[str] = []

    def wait() -> None:
        with pytest.raises(NotVerifiedError) as caught:
            world.requests.wait_for("GET", "/users", timeout=0.001)
        said.append(str(caught.value))

    thread = Thread(target=wait)
    thread.start()
    thread.join()
    assert "none more came within 0.001 s" in said[0]


def test_a_wait_that_makes_no_sense_is_refused(world: World) -> None:
    with pytest.raises(ControlError, match="did you mean /users"):
        world.requests.wait_for("GET", "/usrs")
    with pytest.raises(ControlError, match="timeout: must be at most 10m, not 10m1s"):
        world.requests.wait_for("GET", "/users", timeout=601)
    with pytest.raises(ControlError, match="count"):
        world.requests.wait_for("GET", "/users", count=0)
