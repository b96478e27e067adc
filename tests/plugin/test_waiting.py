"""Waiting for a delivery ends at once where none can come, and only there."""

from __future__ import annotations

import pytest

from mockserver.client import MockServer
from tests.plugin.conftest import Run

pytest_plugins = ["pytester"]

SYNCHRONOUS = """
def test_it(mockserver):
    mockserver.receiver().wait_for("ACCOUNT.CLOSING_INITIATED", timeout=3600)
"""
ASYNCHRONOUS = """
@pytest.mark.asyncio
async def test_it(aio_mockserver):
    await aio_mockserver.receiver().wait_for("ACCOUNT.CLOSING_INITIATED", timeout=3600)
"""


@pytest.mark.parametrize("test", [SYNCHRONOUS, ASYNCHRONOUS])
def test_under_a_frozen_clock_a_wait_fails_at_once_and_says_what_would_help(run: Run, test: str) -> None:
    result = run(test)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*no ACCOUNT.CLOSING_INITIATED came, and nothing is under way that could bring it",
            "*nothing came at all",
            "*frozen at 2023-01-10T08:00:00Z: nothing is sent until it is moved, as by clock.next(); due next: 2023-*",
        ]
    )


def test_on_a_server_that_runs_already_too(run: Run, running: MockServer) -> None:
    result = run(SYNCHRONOUS, f"--mockserver-url={running.url}", "--mockserver-token=secret")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*nothing is under way that could bring it"])


def test_what_was_emitted_and_waits_for_the_clock_is_named(run: Run) -> None:
    result = run("""
@pytest.mark.mockserver(scenario={"name": "one", "accounts": [{"as": "savings"}]})
def test_it(mockserver):
    receiver = mockserver.receiver("ACCOUNT")
    (account,) = mockserver.state.list("accounts")
    mockserver.moves.force("accounts", account.id, "CLOSING")
    receiver.wait_for("ACCOUNT.CLOSING_INITIATED", timeout=3600)
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*1 × ACCOUNT.CLOSING_INITIATED was emitted*", "*due next: *2023-01-10T08:00:05Z webhook*"]
    )


def test_a_clock_that_runs_is_waited_for(run: Run) -> None:
    run("""
@pytest.mark.mockserver(clock="x60", scenario={"name": "one", "accounts": [{"as": "savings"}]})
def test_it(mockserver):
    receiver = mockserver.receiver("ACCOUNT")
    (account,) = mockserver.state.list("accounts")
    mockserver.moves.force("accounts", account.id, "CLOSING")
    assert receiver.wait_for("ACCOUNT.CLOSING_INITIATED", timeout=60)
""").assert_outcomes(passed=1)


def test_a_move_of_another_thread_that_is_under_way_is_waited_for(run: Run) -> None:
    run("""
from mockserver.testing import Receiver

@pytest.mark.mockserver(scenario={"name": "one", "accounts": [{"as": "savings"}]})
def test_it(mockserver):
    slow = mockserver.receiver("ACCOUNT")  # holds the move up, so that it is under way for certain
    slow.delay(1.0, nth=1)
    (account,) = mockserver.state.list("accounts")
    mockserver.moves.force("accounts", account.id, "CLOSING")
    thread = threading.Thread(target=mockserver.clock.advance, args=("1m",))
    thread.start()
    slow.wait_for("ACCOUNT.CLOSING_INITIATED", patient=True)
    assert mockserver.clock.show().under_way
    thread.join()
    assert not mockserver.clock.show().under_way
""").assert_outcomes(passed=1)


def test_a_clock_that_another_thread_moves_later_takes_patience(run: Run) -> None:
    run("""
@pytest.mark.mockserver(scenario={"name": "one", "accounts": [{"as": "savings"}]})
def test_it(mockserver):
    receiver = mockserver.receiver("ACCOUNT")
    (account,) = mockserver.state.list("accounts")
    mockserver.moves.force("accounts", account.id, "CLOSING")
    thread = threading.Timer(0.2, mockserver.clock.advance, args=("1m",))
    thread.start()
    assert receiver.wait_for("ACCOUNT.CLOSING_INITIATED", timeout=60, patient=True)
    thread.join()
""").assert_outcomes(passed=1)


def test_names_that_there_are_not_are_refused_in_assertions(run: Run) -> None:
    run("""
def test_events(mockserver):
    with pytest.raises(ControlError, match=r"'EXECUTION.SETLED' is no event of the API .did you mean"):
        mockserver.events.list("EXECUTION.SETLED")

def test_waiting(mockserver):
    with pytest.raises(ValueError, match=r"'ORDER.FILED' is no event of the API .did you mean ORDER.FILLED"):
        mockserver.receiver().wait_for("ORDER.FILED")

def test_requests(mockserver):
    with pytest.raises(ControlError, match=r"the API has no path '/order' .did you mean /orders"):
        mockserver.requests.verify("POST", "/order", never=True)

def test_requests_that_are_meant(mockserver):
    mockserver.requests.verify("POST", "/order", never=True, unknown_path=True)

def test_state(mockserver):
    with pytest.raises(ControlError, match=r"There is no resource 'acounts' .did you mean accounts"):
        mockserver.state.list("acounts")

def test_subscriptions(mockserver):
    with pytest.raises(ControlError, match=r"'ORDR' is no family of events .did you mean ORDER"):
        mockserver.receiver("ORDR")
""").assert_outcomes(passed=6)


def test_a_request_that_cannot_come_fails_at_once(run: Run) -> None:
    result = run("""
@pytest.mark.mockserver(auth="off")
def test_it(mockserver):
    ask(mockserver, "GET", "/users?limit=5")
    mockserver.requests.wait_for("GET", "/users", query={"limit": "6"}, timeout=600)
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*expected at least 1 of 1 requests to fit method='GET', path='/users', query={'limit': '6'}; 0 did",
            "*nothing is under way that could bring it: the clock is frozen and no command moves it, *",
            "*near: #1 GET /users → 200",
            '*query limit: expected "6", got "5"',
        ]
    )


def test_an_application_that_works_on_after_its_acknowledgement_is_waited_for(run: Run) -> None:
    run("""
@pytest.mark.mockserver(auth="off", scenario={"name": "one", "accounts": [{"as": "savings"}]})
def test_it(mockserver):
    receiver = mockserver.receiver("ACCOUNT")  # acknowledges at once
    (account,) = mockserver.state.list("accounts")
    delivered = threading.Event()

    def work():
        delivered.wait()
        ask(mockserver, "GET", f"/accounts/{account.id}")

    worker = threading.Thread(target=work)
    worker.start()
    mockserver.moves.force("accounts", account.id, "CLOSING")
    mockserver.clock.advance("1m")
    delivered.set()
    (request,) = mockserver.requests.wait_for("GET", f"/accounts/{account.id}")
    worker.join()
    assert request.answer["status"] == "CLOSED"
""").assert_outcomes(passed=1)
