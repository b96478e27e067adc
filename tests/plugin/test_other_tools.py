"""Beside other tools in one environment: each project here is run with all of them installed."""

from __future__ import annotations

import pytest

from tests.plugin.conftest import Run

pytest_plugins = ["pytester"]

ALONE = ("-p", "no:schemathesis", "-p", "no:hypothesispytest")
"""Plugins of this project's own tests that no user's project would have."""

SAVINGS = '{"name": "one", "accounts": [{"as": "savings"}]}'

STORY = f"""
import datetime, sys, time

CLOSING = pytest.mark.mockserver(scenario={SAVINGS}, auth="off")


def close_an_account(world):
    \"\"\"Requests, a move of the clock, webhooks in both directions: all that an embedded server does.\"\"\"
    receiver = world.receiver("ACCOUNT")
    (account,) = world.state.list("accounts")
    assert ask(world, "GET", "/accounts")[0] == 200
    allocate(world)
    world.moves.force("accounts", account.id, "CLOSING")
    happened = world.clock.advance("1d")
    assert happened.counts["failures"] == 0
    assert receiver.wait_for("ACCOUNT.CLOSING_INITIATED")
    assert receiver.received[0].verified
"""


def passes(run: Run, text: str, *options: str, count: int = 1, files: dict[str, str] | None = None) -> pytest.RunResult:
    result = run(STORY + text, *ALONE, *options, apart=True, foreign=True, files=files)
    result.assert_outcomes(passed=count)
    return result


# --- Clocks ---


def test_freezegun(run: Run) -> None:
    passes(
        run,
        """
from freezegun import freeze_time

FREEZING = pytest.mark.parametrize(("when", "tick"), [("2019-07-01T12:00:00Z", False), ("2035-01-01", True)])

@CLOSING
@freeze_time("2019-07-01T12:00:00Z")
def test_a_decorator(mockserver):
    assert datetime.datetime.now().year == 2019
    close_an_account(mockserver)

@CLOSING
@freeze_time("2035-01-01", tick=True)
def test_a_decorator_that_ticks(mockserver):
    assert datetime.datetime.now().year == 2035
    close_an_account(mockserver)

@CLOSING
@FREEZING
def test_a_part_of_a_test(mockserver, when, tick):
    with freeze_time(when, tick=tick):
        assert datetime.date.today().year == int(when[:4])
        close_an_account(mockserver)

@pytest.fixture
def frozen(when, tick):
    with freeze_time(when, tick=tick) as time:
        yield time

@CLOSING
@FREEZING
def test_a_fixture(frozen, mockserver):
    close_an_account(mockserver)
    frozen.move_to("2001-02-03")
    assert datetime.date.today() == datetime.date(2001, 2, 3)
""",
        count=6,
    )


def test_freezegun_before_anything_of_the_server_is_imported(run: Run) -> None:
    passes(
        run,
        """
from freezegun import freeze_time

@pytest.fixture(scope="session", autouse=True)
def frozen():
    with freeze_time("2019-07-01"):
        yield

@CLOSING
def test_it(mockserver):
    assert datetime.date.today().year == 2019
    close_an_account(mockserver)
    assert mockserver.clock.now().year == 2023

@pytest.mark.mockserver(scenario={"steps": [{"advance": "1d"}]})
def test_no_module_of_the_server_keeps_a_fake(mockserver):
    mockserver.play()
    modules = {name: vars(module) for name, module in sys.modules.items() if name.startswith("mockserver.")}
    fakes = {id(datetime.date), id(datetime.datetime)}
    assert [name for name, names in modules.items() if fakes & {id(each) for each in names.values()}] == []
""",
        count=2,
    )


def test_freezegun_that_is_first_imported_in_a_test(run: Run) -> None:
    passes(
        run,
        """
@CLOSING
def test_it(mockserver):
    from freezegun import freeze_time

    with freeze_time("2019-07-01"):
        close_an_account(mockserver)
""",
    )


@pytest.mark.parametrize(
    ("tool", "journeys"),
    [
        ("freezegun", ["freezegun.freeze_time('2035-01-01')"]),
        ("time_machine", ["time_machine.travel('2035-01-01')", "time_machine.travel('2035-01-01', tick=False)"]),
    ],
)
def test_tokens_and_other_protocol_times_are_real_for_the_server(run: Run, tool: str, journeys: list[str]) -> None:
    passes(
        run,
        f"""
import {tool}
from mockserver.kernel import system

@pytest.mark.parametrize("journey", {journeys})
def test_it(journey):
    before = system.wall_now()
    with eval(journey):
        assert datetime.datetime.now().year == 2035
        assert before <= system.wall_now()
        assert abs(system.wall_seconds() - before.timestamp()) < 60 * 60
    assert before <= system.wall_now()
""",
        count=len(journeys),
        files={
            "conftest.py": """
import pytest

@pytest.fixture(scope="session", autouse=True)
def server(mockserver_session):
    return mockserver_session
"""
        },
    )


def test_time_machine(run: Run) -> None:
    passes(
        run,
        """
import time_machine

@CLOSING
@time_machine.travel("2035-01-01", tick=False)
def test_a_decorator(mockserver):
    assert datetime.date.today().year == 2035
    close_an_account(mockserver)

@CLOSING
@pytest.mark.time_machine("1999-01-01")
def test_a_marker(mockserver):
    assert datetime.date.today().year == 1999
    close_an_account(mockserver)
""",
        count=2,
    )


def test_a_frozen_server_is_an_error_that_names_the_cause(run: Run) -> None:
    result = run(
        STORY
        + """
import freezegun

@pytest.fixture
def frozen():
    freezegun.config.reset_config()
    with freezegun.freeze_time("2019-07-01"):
        yield

def test_it(mockserver_session, frozen, mockserver):
    pass
""",
        *ALONE,
        apart=True,
        foreign=True,
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["mockserver: freezegun has frozen the server's time too*ignore list lacks 'mockserver'*"]
    )


# --- Sockets ---


@pytest.mark.parametrize("warnings", ["error", "default"])
def test_pytest_socket_that_blocks_is_an_error_with_the_remedy(run: Run, warnings: str) -> None:
    result = run("def test_it(mockserver): ...", *ALONE, "--disable-socket", "-W", warnings, apart=True, foreign=True)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["mockserver: the thread 'mockserver' could not start: *", "pytest-socket blocks*--allow-hosts=127.0.0.1*"]
    )


def test_what_the_remedy_says_works_as_an_option(run: Run) -> None:
    passes(
        run,
        """
@CLOSING
def test_it(mockserver):
    close_an_account(mockserver)
""",
        "--disable-socket",
        "--allow-hosts=127.0.0.1",
    )


def test_what_the_remedy_says_works_as_a_marker(run: Run) -> None:
    passes(
        run,
        """
@CLOSING
@pytest.mark.allow_hosts(['127.0.0.1'])
def test_hosts(mockserver):
    close_an_account(mockserver)

@CLOSING
@pytest.mark.enable_socket
def test_all(mockserver):
    close_an_account(mockserver)
""",
        "--disable-socket",
        count=2,
    )


def test_sockets_that_are_blocked_later_are_named_as_the_cause(run: Run) -> None:
    result = run(
        """
import pytest_socket

@pytest.mark.enable_socket
def test_it(mockserver):
    pytest_socket.disable_socket()
    assert False
""",
        *ALONE,
        "-W",
        "default",
        apart=True,
        foreign=True,
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["cannot be shown: SocketBlockedError*", "pytest-socket blocks*"])


# --- Files, order, processes ---


def test_pyfakefs(run: Run) -> None:
    passes(
        run,
        """
import os

@CLOSING
def test_before(fs, mockserver):
    close_an_account(mockserver)
    assert os.listdir("/") == ["tmp"]

@pytest.mark.mockserver(scenario="customer.yaml")
def test_a_file_beside_the_test(fs, mockserver):
    assert len(mockserver.state.list("accounts")) == 1

@pytest.mark.mockserver(scenario="portfolio-switch", profile="live", auth="strict")
def test_after(mockserver, fs):
    mockserver.clock.advance("3d")
    assert mockserver.scenario()
""",
        count=3,
        files={"customer.yaml": "name: mine\naccounts:\n  - as: savings\n"},
    )


def test_pytest_randomly_and_xdist_change_no_id(run: Run) -> None:
    passes(
        run,
        """
import random

@pytest.mark.parametrize("number", range(6))
@pytest.mark.mockserver(scenario="portfolio-switch", auth="off", seed=7)
def test_it(mockserver, number, pytestconfig):
    assert pytestconfig.pluginmanager.hasplugin("randomly") and hasattr(pytestconfig, "workerinput")
    ids = [each.id for each in mockserver.state.list("accounts")] + [allocate(mockserver)]
    with mockserver_again(pytestconfig, mockserver) as other:
        random.seed(number)
        assert [each.id for each in other.state.list("accounts")] + [allocate(other)] == ids

def mockserver_again(config, world):
    from mockserver.client import MockServer

    return MockServer(world.url).worlds.create("portfolio-switch", auth="off", seed=7, clock="manual")
""",
        "-p",
        "randomly",
        "-p",
        "xdist",
        "-n",
        "2",
        count=6,
    )


# --- Other runners ---

AWAITED = """
@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request):
    return request.param

@pytest.mark.anyio
async def test_it(aio_mockserver):
    await aio_mockserver.clock.advance("1d")
    receiver = aio_mockserver.receiver()
"""


def test_anyio_works_on_asyncio_and_trio_is_refused_by_name(run: Run) -> None:
    result = run(AWAITED, *ALONE, "-o", "asyncio_mode=strict", apart=True, foreign=True)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*RuntimeError: mockserver's asynchronous client works on asyncio only*"])


def test_trio_can_use_the_synchronous_fixture(run: Run) -> None:
    passes(
        run,
        """
import anyio.to_thread

@pytest.fixture
def anyio_backend():
    return "trio"

@CLOSING
@pytest.mark.anyio
async def test_it(mockserver):
    await anyio.to_thread.run_sync(close_an_account, mockserver)
""",
        "-o",
        "asyncio_mode=strict",
    )
