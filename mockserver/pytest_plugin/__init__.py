"""The pytest plugin: a fresh world for each test, on one server for the session.

Nothing of the server is imported, and nothing started, before the first test asks for a world.

PYTEST_DONT_REWRITE: it asserts nothing, and may be imported for its types before pytest takes it up.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any, Final

import pytest

from mockserver.embedded.clocks import keep_real_time, real_names
from mockserver.pytest_plugin.origins import Origins, on_command_line

if TYPE_CHECKING:
    from mockserver.pytest_plugin.seeds import Seeds
    from mockserver.pytest_plugin.session import MockSession as MockSession
    from mockserver.pytest_plugin.worlds import AsyncMockWorld as AsyncMockWorld
    from mockserver.pytest_plugin.worlds import MockWorld as MockWorld

MARKER: Final = (
    "mockserver(scenario=None, profile=None, seed=None, auth='token', clock='manual', allow_failures=False): "
    "the world of the fixtures "
    "mockserver and aio_mockserver. scenario: a name, a path beside the test file, YAML or a dict; nearer markers win."
)

OPTIONS: Final = {
    "url": ("MOCKSERVER_URL", "URL of a running mockserver to use; without it the plugin starts one in a thread."),
    "token": ("MOCKSERVER_CONTROL_TOKEN", "The --control-token of that server, if it has one."),
    "receiver_host": (
        "MOCKSERVER_RECEIVER_HOST",
        "Host name or address of this machine as that server sees it, for webhooks (from a container: "
        "host.docker.internal); by default the local address of a connection to that server.",
    ),
    "receiver_bind": (
        "MOCKSERVER_RECEIVER_BIND",
        "The address that receivers of webhooks listen on; by default loopback where the host is, else all interfaces.",
    ),
    "seed": (
        "MOCKSERVER_SEED",
        "What the ids and chance of worlds are made from: a number, which is the same for all tests, or 'test' "
        "(default), another for each; 'test:' and any text gives others than 'test' does.",
    ),
}
"""Each is an option ``--mockserver-…``, an ini value ``mockserver_…`` and a variable of the environment."""

FLAGS: Final = {
    "take_over": (
        "MOCKSERVER_TAKE_OVER",
        "Replace worlds that an earlier run left on the server under the client id of a scenario.",
    ),
    "allow_failures": ("MOCKSERVER_ALLOW_FAILURES", "Let tests pass in whose world a rule of the mock failed."),
}
"""The same, on or off."""

SESSION: Final = pytest.StashKey["MockSession"]()
ORIGINS: Final = pytest.StashKey[Origins]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("mockserver", "mocked Upvest Investment API")
    for name, (variable, text) in OPTIONS.items():
        help_text = f"{text} (also: ini mockserver_{name}, variable {variable})"
        group.addoption(f"--mockserver-{name.replace('_', '-')}", default=None, metavar=name.upper(), help=help_text)
        parser.addini(f"mockserver_{name}", text, default="")
    for option, (variable, text) in FLAGS.items():
        help_text = f"{text} (also: ini mockserver_{option}, variable {variable})"
        group.addoption(f"--mockserver-{option.replace('_', '-')}", action="store_true", help=help_text)
        parser.addini(f"mockserver_{option}", text, type="bool", default=False)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)
    config.stash[ORIGINS] = Origins()
    keep_real_time()


@pytest.fixture(scope="session")
def mockserver_session(request: pytest.FixtureRequest) -> Iterator[MockSession]:
    """The server of the session: for fixtures of a wider scope that make worlds of their own."""
    with real_names():
        # lazy: 150 ms, and most of a project's test runs may not touch the server
        from mockserver.pytest_plugin.session import opened

    url, token, host, bind, _ = (_setting(request.config, name) for name in OPTIONS)
    take_over = _flag(request.config, "take_over")
    with _told(), opened(url, token, host, receiver_bind=bind, take_over=take_over) as session:
        session.allow_failures = _flag(request.config, "allow_failures")
        session.origins, session.seeds = request.config.stash[ORIGINS], _seeds(request.config)
        request.config.stash[SESSION] = session
        yield session
        del request.config.stash[SESSION]


@pytest.fixture
def mockserver(_mockserver_world: Any) -> MockWorld:
    """A fresh world of the mocked API: its URL and credentials, and all that can be done with it."""
    world: MockWorld = _mockserver_world.world
    return world


@pytest.fixture
def aio_mockserver(_mockserver_world: Any) -> AsyncMockWorld:
    """The same for asynchronous tests: what is asked of the world is awaited."""
    world: AsyncMockWorld = _mockserver_world.async_world
    return world


@pytest.fixture
def _mockserver_world(request: pytest.FixtureRequest, mockserver_session: MockSession) -> Iterator[Any]:
    with real_names():
        # lazy: 150 ms, see above
        from mockserver.pytest_plugin.marks import wanted

    with _told():
        asked = wanted(request.node, mockserver_session.seeds)
        pair = mockserver_session.make(asked, asynchronous="mockserver" not in request.fixturenames)
    yield pair
    if problem := pair.close():
        pytest.fail(problem, pytrace=False)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    item.config.stash[ORIGINS].begin(item)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_fixture_setup(request: pytest.FixtureRequest) -> Generator[None, object, object]:
    with request.config.stash[ORIGINS].setting_up(request):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    session = item.config.stash.get(SESSION, None)
    if session is not None and report.failed:
        report.sections.extend(session.sections(on_command_line(item)))
    return report


class _told:  # noqa: N801 - reads as a word
    """What cannot be done is told in one line at the test, without the plugin's own traceback."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            return
        # lazy: 30 ms, loaded with the session already
        from mockserver.client import ControlError
        from mockserver.pytest_plugin.misuse import MisuseError
        from mockserver.testing.background_loop import BackgroundLoopError
        from mockserver.testing.sockets import advice

        if isinstance(error, ControlError | MisuseError | BackgroundLoopError):
            raise pytest.fail.Exception(f"mockserver: {error}", pytrace=False) from None
        remedy = advice(error)
        if remedy is not None:
            raise pytest.fail.Exception(
                f"mockserver: {type(error).__name__}: {error}\n{remedy}", pytrace=False
            ) from None


def _setting(config: pytest.Config, name: str) -> str | None:
    """The command line wins over the environment, and that over the ini file."""
    return _setting_of_run(config, name) or config.getini(f"mockserver_{name}") or None


def _setting_of_run(config: pytest.Config, name: str) -> str | None:
    """The same without the ini file, which is the project's."""
    return config.getoption(f"mockserver_{name}") or os.environ.get(OPTIONS[name][0]) or None


def _seeds(config: pytest.Config) -> Seeds:
    # lazy: 5 ms, and with the session only
    from mockserver.pytest_plugin.seeds import Seeds, written_seed

    run = written_seed("--mockserver-seed", _setting_of_run(config, "seed"))
    return Seeds(run, written_seed("mockserver_seed", config.getini("mockserver_seed")))


def _flag(config: pytest.Config, name: str) -> bool:
    if config.getoption(f"mockserver_{name}"):
        return True
    variable = os.environ.get(FLAGS[name][0], "").lower()
    return variable in {"1", "true", "yes", "on"} if variable else bool(config.getini(f"mockserver_{name}"))


def __getattr__(name: str) -> Any:
    """The classes of the fixtures, for annotations."""
    if name == "MockSession":
        # lazy: 150 ms, see above
        from mockserver.pytest_plugin.session import MockSession

        return MockSession
    if name in ("MockWorld", "AsyncMockWorld"):
        # lazy: 150 ms, see above
        from mockserver.pytest_plugin import worlds

        return getattr(worlds, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
