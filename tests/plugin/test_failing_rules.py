"""A rule that fails inside the mock fails the test in whose world it did, and names itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockserver.client import MockServer
from mockserver.kernel.actions import ACTIONS
from mockserver.kernel.world import World
from mockserver.pytest_plugin.marks import marked_world
from mockserver.pytest_plugin.misuse import MisuseError
from tests.plugin.conftest import Run

pytest_plugins = ["pytester"]

BREAKS = """
import gc
from mockserver.hosting.registry import Worlds
from mockserver.kernel import actions
from mockserver.kernel.operations import operation


@actions.action("test.break")
def breaks(world, *args):
    raise RuntimeError("no rule knows what to do with " + " ".join(args))


def due(world, times=1):
    (worlds,) = [each for each in gc.get_objects() if isinstance(each, Worlds)]
    inside = worlds.get(world.client_id).world
    for _ in range(times):
        inside.clock.at(inside.now, "test.break", "this", reason="the test's own")
"""
"""``due`` makes a rule due that fails, in a world of a server in this process."""

EVERY_WAY = """
def test_sync(mockserver):
    due(mockserver)
    mockserver.clock.advance("1s")


@pytest.mark.asyncio
async def test_async(aio_mockserver):
    due(aio_mockserver)
    await aio_mockserver.clock.advance("1s")


def test_restored(mockserver):
    before = mockserver.snapshot()
    due(mockserver)
    mockserver.clock.advance("1s")
    mockserver.restore(before)
    assert mockserver.failures() == []


def test_reset(mockserver):
    due(mockserver)
    mockserver.clock.advance("1s")
    mockserver.reset()
    assert mockserver.failures() == []


@pytest.mark.mockserver(auth="off")
def test_request(mockserver, monkeypatch):
    monkeypatch.setitem(operation.handlers, "list_users", lambda world, call: breaks(world, "a request"))
    assert ask(mockserver, "GET", "/users")[0] == 500


def test_many(mockserver):
    due(mockserver, 5)
    mockserver.clock.advance("1s")


@pytest.fixture(scope="module")
def bank(mockserver_session):
    with mockserver_session.world() as world:
        yield world


@pytest.mark.mockserver(allow_failures=True)
def test_allowed(mockserver):
    due(mockserver)
    mockserver.clock.advance("1s")


def test_allowed_in_a_world_of_the_session(mockserver_session):
    with mockserver_session.world(allow_failures=True) as world:
        due(world)
        world.clock.advance("1s")


def test_next(mockserver):
    mockserver.clock.advance("1d")


def test_of_a_wider_scope(bank):
    due(bank)
    bank.clock.advance("1s")
"""


def test_the_test_fails_and_names_the_rule_whatever_it_did_meanwhile(run: Run) -> None:
    result = run(BREAKS + EVERY_WAY, "-p", "no:randomly", apart=True)
    result.assert_outcomes(passed=10, errors=7)
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        [
            "*mockserver: a rule of the mock failed in the world *-*-* and was taken back whole",
            "2023-01-10T08:00:00Z  test.break this (the test's own): RuntimeError*no rule knows what to do with this*",
            "*raise RuntimeError*",
            "*@pytest.mark.mockserver(allow_failures=True)*--mockserver-allow-failures*",
        ]
    )
    result.stdout.fnmatch_lines(["*request GET /users (of the client): RuntimeError*with a request*"])
    result.stdout.fnmatch_lines(["*5 rules of the mock failed*", "*the last 3 of 5*"])
    told = {line.partition("::")[2].partition(" ")[0] for line in result.outlines if line.startswith("ERROR test_")}
    assert told == {
        "test_sync",
        "test_async",
        "test_restored",
        "test_reset",
        "test_request",
        "test_many",
        "test_of_a_wider_scope",
    }


FORBIDDEN = """
def test_it(mockserver):
    due(mockserver)
    mockserver.clock.advance("1s")


@pytest.mark.mockserver(allow_failures=False)
def test_forbidden(mockserver):
    due(mockserver)
    mockserver.clock.advance("1s")
"""


@pytest.mark.parametrize("by", ["option", "ini", "variable"])
def test_all_of_a_run_can_be_allowed_and_a_marker_still_decides(
    run: Run, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    options = {"option": ("--mockserver-allow-failures",), "ini": ("-o", "mockserver_allow_failures=true")}.get(by, ())
    if by == "variable":
        monkeypatch.setenv("MOCKSERVER_ALLOW_FAILURES", "1")
    result = run(BREAKS + FORBIDDEN, *options, apart=True)
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["ERROR test_user.py::test_forbidden*"])


def test_on_a_running_server_too(run: Run, running: MockServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(world: World) -> None:
        raise RuntimeError("of the test")

    monkeypatch.setitem(ACTIONS, "run.valuations", breaks)
    text = "def test_it(mockserver):\n    mockserver.clock.advance('1d')\n"
    result = run(text, f"--mockserver-url={running.url}", "--mockserver-token=secret", apart=True)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        ["2023-01-11T00:15:00Z  run.valuations (end-of-day valuations*): RuntimeError('of the test')"]
    )


def test_only_true_and_false_are_taken() -> None:
    with pytest.raises(MisuseError, match="allow_failures='no': True or False is needed"):
        marked_world({"allow_failures": "no"}, Path())
