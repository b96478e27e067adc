"""The fixtures of the plugin, in projects of their own."""

from __future__ import annotations

import threading

import pytest

from mockserver.client import MockServer
from tests.foreign_plugins import WITHOUT_FOREIGN
from tests.plugin.conftest import OPTIONS, Run

pytest_plugins = ["pytester"]

WORLD = """
@pytest.mark.mockserver(auth="off")
def test_a(mockserver):
    allocate(mockserver)
    assert len(mockserver.state.list("allocations")) == 1

@pytest.mark.mockserver(auth="off")
def test_b(mockserver):
    assert mockserver.requests.list() == []
    allocate(mockserver)
    assert len(mockserver.state.list("allocations")) == 1
"""


def test_every_test_has_a_world_of_its_own(run: Run) -> None:
    run(WORLD).assert_outcomes(passed=2)


def test_a_world_says_what_a_client_needs(run: Run) -> None:
    run("""
def test_it(mockserver):
    assert mockserver.url.startswith("http://127.0.0.1:")
    assert all(len(each) == 36 for each in (mockserver.client_id, mockserver.client_secret, mockserver.key_id))
    assert mockserver.private_key_pem.startswith("-----BEGIN EC PRIVATE KEY-----")
    about = mockserver.show()
    assert (about.auth, about.profile, about.mode) == ("token", "sandbox", "manual")
    assert about.json["now"] == "2023-01-10T08:00:00Z"
""").assert_outcomes(passed=1)


def test_the_twin_is_the_same_world(run: Run) -> None:
    run(
        """
@pytest.mark.mockserver(auth="off")
async def test_it(mockserver, aio_mockserver):
    assert mockserver.client_id == aio_mockserver.client_id
    allocate(mockserver)
    assert len(await aio_mockserver.state.list("allocations")) == 1
    assert aio_mockserver.private_key_pem == mockserver.private_key_pem
""",
        "-o",
        "asyncio_mode=auto",
    ).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("mark", "options"),
    [("@pytest.mark.asyncio", ("-o", "asyncio_mode=strict")), ("@pytest.mark.anyio", ("-o", "asyncio_mode=strict"))],
    ids=["asyncio", "anyio"],
)
def test_the_twin_needs_no_mode(run: Run, mark: str, options: tuple[str, ...]) -> None:
    pytest.importorskip(mark.rpartition(".")[2].replace("asyncio", "pytest_asyncio"))
    run(
        f"""
@pytest.fixture
def anyio_backend():
    return "asyncio"

{mark}
@pytest.mark.mockserver(auth="off")
async def test_it(aio_mockserver):
    receiver = aio_mockserver.receiver("PORTFOLIO_ALLOCATION")
    await asyncio.to_thread(allocate, aio_mockserver)
    await aio_mockserver.clock.run()
    await receiver.wait_for("PORTFOLIO_ALLOCATION.CREATED")
    assert receiver.received[0].verified
""",
        *options,
    ).assert_outcomes(passed=1)


def test_a_receiver_is_subscribed_and_checks_signatures(run: Run) -> None:
    run("""
@pytest.mark.mockserver(auth="off")
def test_it(mockserver):
    receiver = mockserver.receiver(path="/hooks?tenant=7")
    allocate(mockserver)
    mockserver.clock.run()
    [event] = receiver.wait_for("PORTFOLIO_ALLOCATION.CREATED")
    [received] = receiver.received
    assert (received.path, received.query) == ("/hooks", "tenant=7")
    assert received.verified.version == 6
    assert mockserver.deliveries.list(receiver.webhook_id)[0].state == "DELIVERED"
    assert [each.path for each in mockserver.requests.list()] == ["/portfolios/allocations"]
""").assert_outcomes(passed=1)


def test_a_receiver_that_is_not_subscribed_gets_what_the_client_subscribes(run: Run) -> None:
    run("""
@pytest.mark.mockserver(auth="off")
def test_it(mockserver):
    receiver = mockserver.receiver(subscribe=False)
    assert mockserver.state.list("webhooks") == []
    _, webhook = ask(mockserver, "POST", "/webhooks", {"title": "Mine", "url": receiver.url, "type": ["ALL"]})
    assert ask(mockserver, "POST", f"/webhooks/{webhook['id']}/test")[0] == 200
    assert len(receiver.received) == 1
""").assert_outcomes(passed=1)


def test_the_webhooks_of_a_scenario_come_to_its_receiver(run: Run) -> None:
    run(
        """
@pytest.mark.mockserver(auth="off", scenario="webhooks: [{url: '${receiver}/a', type: [PORTFOLIO_ALLOCATION]}]\\n")
class TestIt:
    def test_sync(self, mockserver):
        allocate(mockserver)
        mockserver.clock.run()
        assert mockserver.receiver().wait_for("PORTFOLIO_ALLOCATION", timeout=0)
        assert mockserver.receiver().received[0].path == "/a"
        assert mockserver.receiver("ORDER") is not mockserver.receiver()

    async def test_async(self, aio_mockserver):
        await asyncio.to_thread(allocate, aio_mockserver)
        await aio_mockserver.clock.run()
        assert await aio_mockserver.receiver().wait_for("PORTFOLIO_ALLOCATION", timeout=1)
""",
        "-o",
        "asyncio_mode=auto",
    ).assert_outcomes(passed=2)


def test_a_receiver_in_real_time_is_waited_for(run: Run) -> None:
    run("""
@pytest.mark.mockserver(auth="off", clock="x1000")
def test_it(mockserver):
    receiver = mockserver.receiver("PORTFOLIO_ALLOCATION")
    allocate(mockserver)
    assert receiver.wait_for("PORTFOLIO_ALLOCATION.CREATED")
""").assert_outcomes(passed=1)


def test_unsigned_deliveries_are_not_checked(run: Run) -> None:
    run("""
@pytest.mark.mockserver(auth="off", profile={"base": "sandbox", "webhooks": {"signature": "none"}})
def test_it(mockserver):
    receiver = mockserver.receiver()
    allocate(mockserver)
    mockserver.clock.run()
    [received] = receiver.received
    assert (received.status, received.verified) == (200, None)
""").assert_outcomes(passed=1)


def test_a_wait_in_vain_says_what_time_it_is(run: Run) -> None:
    result = run("""
def test_it(mockserver):
    mockserver.receiver().wait_for("ORDER.NEW", timeout=0)
""")
    result.stdout.fnmatch_lines(
        [
            "*no ORDER.NEW came, and nothing is under way that could bring it",
            "*nothing came at all",
            "*clock is frozen at 2023-01-10T08:00:00Z: nothing is sent until it is moved, as by clock.next(); "
            "due next: 2023-01-11*",
        ]
    )


def test_fixtures_of_a_wider_scope_make_worlds_of_their_own(run: Run) -> None:
    run("""
@pytest.fixture(scope="module")
def bank(mockserver_session):
    with mockserver_session.world(auth="off") as world:
        allocate(world)
        yield world, world.snapshot()

@pytest.mark.parametrize("turn", [1, 2])
def test_it(bank, turn):
    world, snapshot = bank
    world.restore(snapshot)
    world.clock.advance("1h")
    assert world.clock.show().json["now"] == "2023-01-10T09:00:00Z"
""").assert_outcomes(passed=2)


def test_the_classes_are_there_for_annotations(run: Run) -> None:
    run("""
from mockserver.pytest_plugin import AsyncMockWorld, MockSession, MockWorld

def test_it(mockserver, aio_mockserver, mockserver_session):
    assert type(mockserver) is MockWorld
    assert type(aio_mockserver) is AsyncMockWorld
    assert type(mockserver_session) is MockSession
""").assert_outcomes(passed=1)


def test_a_world_that_a_test_removed_is_no_error(run: Run) -> None:
    run("""
def test_it(mockserver):
    mockserver.remove()
""").assert_outcomes(passed=1)


def test_nothing_is_left_behind(run: Run) -> None:
    before = threading.active_count()
    run(
        """
def test_it(mockserver):
    mockserver.receiver()
    assert "mockserver" in [thread.name for thread in threading.enumerate()]
    left_open = http.client.HTTPConnection(mockserver.url.removeprefix("http://"))
    left_open.request("GET", "/")
    left_open.getresponse().read()
    left_open.close()
""",
        apart=True,
    ).assert_outcomes(passed=1)
    run(WORLD).assert_outcomes(passed=2)
    assert threading.active_count() == before


def test_a_project_that_does_not_use_it_pays_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
import sys, threading

def test_it():
    small = {"mockserver", "mockserver.pytest_plugin", "mockserver.embedded"}
    small |= {"mockserver.embedded.clocks", "mockserver.embedded.imports", "mockserver.pytest_plugin.origins"}
    if "time_machine" in sys.modules:  # the clock is read around it
        small |= {"mockserver.kernel", "mockserver.kernel.system"}
    assert {name for name in sys.modules if name.startswith("mockserver")} == small
    assert threading.active_count() == 1
""")
    pytester.runpytest_subprocess(*OPTIONS, *WITHOUT_FOREIGN).assert_outcomes(passed=1)


# --- A running server ---


def test_the_same_tests_pass_on_a_running_server(run: Run, running: MockServer) -> None:
    run(WORLD, f"--mockserver-url={running.url}", "--mockserver-token=secret").assert_outcomes(passed=2)
    assert [about.world for about in running.worlds.list()] == ["default"]  # the tests' worlds are gone


def test_a_running_servers_own_defaults_do_not_matter(run: Run, running: MockServer) -> None:
    run(
        """
def test_it(mockserver):
    about = mockserver.show()
    assert (about.auth, about.profile, about.mode) == ("token", "sandbox", "manual")
    assert about.seed != 99
    assert about.json["now"] == "2023-01-10T08:00:00Z"
""",
        f"--mockserver-url={running.url}",
        "--mockserver-token=secret",
    ).assert_outcomes(passed=1)


@pytest.mark.parametrize("how", ["environment", "ini"])
def test_the_server_is_named_in_other_ways(
    run: Run, running: MockServer, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {}
    if how == "ini":
        files["pytest.ini"] = f"[pytest]\nmockserver_url = {running.url}\nmockserver_token = secret\n"
    else:
        monkeypatch.setenv("MOCKSERVER_URL", running.url)
        monkeypatch.setenv("MOCKSERVER_CONTROL_TOKEN", "secret")
    run(
        f"""
def test_it(mockserver):
    assert mockserver.url == "{running.url}"
""",
        files=files,
    ).assert_outcomes(passed=1)


def test_a_receiver_may_have_another_name(run: Run, running: MockServer) -> None:
    run(
        """
def test_it(mockserver):
    assert mockserver.receiver(subscribe=False).url.startswith("http://host.docker.internal:")
""",
        f"--mockserver-url={running.url}",
        "--mockserver-token=secret",
        "--mockserver-receiver-host=host.docker.internal",
    ).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--mockserver-url=http://127.0.0.1:1",), "mockserver: no mockserver answers at http://127.0.0.1:1 (*"),
        (("--mockserver-url=ftp://here",), "mockserver: 'ftp://here' is no URL of a server: write for example*"),
    ],
)
def test_a_server_that_is_not_there_is_told_in_one_line(run: Run, options: tuple[str, ...], said: str) -> None:
    result = run(WORLD, *options)
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines([said])
    assert "Traceback" not in result.stdout.str()


def test_a_wrong_token_is_told(run: Run, running: MockServer) -> None:
    result = run(WORLD, f"--mockserver-url={running.url}", "--mockserver-token=wrong")
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["mockserver: *--control-token*"])


def test_a_server_that_dies_fails_the_test_and_hangs_nothing(run: Run) -> None:
    result = run("""
import asyncio
from mockserver.server import ServerSettings, start
from mockserver.testing.background_loop import BackgroundLoop

background = BackgroundLoop("theirs")
server = background.call(start(ServerSettings(port=0)))

@pytest.fixture(scope="session")
def mockserver_session():
    from mockserver.pytest_plugin.session import opened
    with opened(server.url, None, None) as session:
        yield session

def test_it(mockserver):
    receiver = mockserver.receiver()
    background.call(server.stop())
    background.stop()
    mockserver.clock.run()
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E *UnreachableError: no mockserver answers at*"])


# --- xdist ---


@pytest.mark.parametrize("where", ["embedded", "running"])
def test_many_workers(run: Run, running: MockServer, where: str) -> None:
    options = () if where == "embedded" else (f"--mockserver-url={running.url}", "--mockserver-token=secret")
    result = run(
        """
@pytest.mark.mockserver(auth="off")
@pytest.mark.parametrize("number", range(20))
def test_it(mockserver, number):
    receiver = mockserver.receiver("PORTFOLIO_ALLOCATION")
    allocate(mockserver)
    mockserver.clock.run()
    receiver.wait_for("PORTFOLIO_ALLOCATION.CREATED")
    assert len(mockserver.state.list("allocations")) == 1
""",
        "-n",
        "2",
        *options,
        apart=True,
    )
    result.assert_outcomes(passed=20)
