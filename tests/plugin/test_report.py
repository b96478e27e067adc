"""What the report of a failing test shows of its world."""

from __future__ import annotations

import pytest

from mockserver.client import MockServer
from tests.plugin.conftest import Run

pytest_plugins = ["pytester"]

FAILING = """
@pytest.mark.mockserver(auth="off", scenario="accounts: [{as: savings}]\\n")
def test_it(mockserver):
    receiver = mockserver.receiver()
    receiver.fail(503, nth=1)
    allocate(mockserver)
    ask(mockserver, "GET", "/portfolios/allocations/nothing?x=1")
    mockserver.moves.force("accounts", mockserver.state.list("accounts")[0].id, "CLOSING")
    mockserver.clock.run()
    assert False
"""


def test_it_shows_what_happened_and_what_will(run: Run) -> None:
    result = run(FAILING)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "-* mockserver world ????????-* -*",
            "http://127.0.0.1:*, now 2023-01-10T08:00:*Z (manual), profile sandbox, seed *",
            "to get the same ids again: pytest test_user.py::test_it --mockserver-seed=*",
            "requests:",
            "  #1 2023-01-10T08:00:00Z  POST /portfolios/allocations → 200",
            "  #2 2023-01-10T08:00:00Z  GET /portfolios/allocations/nothing?x=1 → 4??*",
            "    answered (path).allocation_id: *",
            "moves:",
            "  2023-01-10T08:00:00Z  accounts *: ACTIVE → CLOSING (*)",
            "deliveries:",
            "  *PORTFOLIO_ALLOCATION.CREATED*",
            "    attempt 1 at *: it answered 503, and only 2xx is a success",
            "upcoming:",
            "  *",
        ]
    )


WAITS = """
@pytest.mark.mockserver(auth="off")
def test_it(mockserver):
    receiver = mockserver.receiver()
    {behaviour}
    allocate(mockserver)
    mockserver.clock.advance("1m")
    assert False
"""
ELSEWHERE = ("--mockserver-receiver-host=127.0.0.9", "--mockserver-receiver-bind=127.0.0.1")
"""Where nothing listens, as in a container whose own loopback this is."""


def test_it_says_what_to_do_where_the_server_does_not_reach_this_machine(run: Run, running: MockServer) -> None:
    options = (f"--mockserver-url={running.url}", "--mockserver-token=secret")
    result = run(WAITS.format(behaviour="pass"), *options, *ELSEWHERE)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*nothing listens at http://127.0.0.9:*: connection refused",
            "nothing ever arrived at the receiver http://127.0.0.9:*--mockserver-receiver-host*",
        ]
    )


@pytest.mark.parametrize(
    "behaviour", ["receiver.fail(503)", "receiver.refuse()", "mockserver.faults.webhook(fail='refused')"]
)
def test_a_receiver_that_misbehaves_is_not_taken_for_one_out_of_reach(
    run: Run, running: MockServer, behaviour: str
) -> None:
    options = (f"--mockserver-url={running.url}", "--mockserver-token=secret")
    result = run(WAITS.format(behaviour=behaviour), *options)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["deliveries:", "    attempt * at *"])
    result.stdout.no_fnmatch_line("*nothing ever arrived*")


def test_a_test_that_passes_shows_nothing(run: Run) -> None:
    result = run(FAILING.replace("assert False", "pass"), "-rA")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*mockserver world*")


def test_a_test_of_another_world_shows_nothing(run: Run) -> None:
    result = run("""
def test_one(mockserver):
    pass

def test_two():
    assert False
""")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.no_fnmatch_line("*mockserver world*")


def test_it_holds_no_secrets(run: Run, pytester: pytest.Pytester) -> None:
    result = run(
        """
from pathlib import Path

def log_in(world, secret):
    form = f"grant_type=client_credentials&client_id={world.client_id}&client_secret={secret}&scope=users:read"
    connection = http.client.HTTPConnection(world.url.removeprefix("http://"))
    connection.request("POST", "/auth/token", form, {"content-type": "application/x-www-form-urlencoded"})
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return answer.get("access_token", "")

def test_it(mockserver):
    token = log_in(mockserver, mockserver.client_secret)
    log_in(mockserver, "guessed-wrong")
    key = mockserver.private_key_pem.splitlines()[1]
    Path("secrets").write_text(f"{mockserver.client_secret} {token} {key} guessed-wrong")
    assert False
""",
        "--tb=short",
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["  #1 * POST /auth/token → 200", "  #2 * POST /auth/token → 401*"])
    secrets = (pytester.path / "secrets").read_text().split(" ")
    assert [len(secret) > 10 for secret in secrets] == [True] * 4
    assert [secret for secret in secrets if secret in result.stdout.str().partition("mockserver world")[2]] == []


def test_it_is_bounded(run: Run) -> None:
    result = run(
        """
@pytest.mark.mockserver(auth="off")
def test_it(mockserver):
    for number in range(30):
        ask(mockserver, "POST", "/portfolios/allocations", {"name": "x" * 10_000, "allocation": []})
    assert False
""",
        "--tb=short",
    )
    result.stdout.fnmatch_lines(["requests, the last 12:", "  #19 *", "  #30 *"])
    section = result.stdout.str().partition("requests, the last 12:")[2]
    assert len(section) < 20_000
    assert "#18 " not in section


def test_it_comes_from_other_processes_too(run: Run, running: MockServer) -> None:
    options = (f"--mockserver-url={running.url}", "--mockserver-token=secret")
    result = run(FAILING, "-n", "1", *options, apart=True)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*mockserver world*", "  #1 * POST /portfolios/allocations → 200"])


def test_worlds_of_a_wider_scope_are_shown(run: Run) -> None:
    result = run("""
@pytest.fixture(scope="module")
def bank(mockserver_session):
    with mockserver_session.world(auth="off") as world:
        yield world

def test_it(bank):
    allocate(bank)
    assert False
""")
    result.stdout.fnmatch_lines(["*mockserver world*", "  #1 * POST /portfolios/allocations → 200"])


def test_a_rule_that_failed_is_shown(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run("""
from mockserver.kernel.actions import ACTIONS

def broken(world):
    raise RuntimeError("a rule with a bug")

@pytest.fixture
def _broken(monkeypatch):
    for name in list(ACTIONS):
        monkeypatch.setitem(ACTIONS, name, lambda world, *args: broken(world))

def test_it(mockserver, _broken):
    assert mockserver.clock.advance("1d").failures == []
""")
    result.stdout.fnmatch_lines(["rules that failed:", "  *RuntimeError('a rule with a bug')*"])
