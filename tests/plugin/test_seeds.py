"""The seed of a test's world: made from the test by default, and who may fix it."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from mockserver.client import MockServer, seed_from
from tests.foreign_plugins import WITHOUT_FOREIGN
from tests.plugin.conftest import OPTIONS, Run

pytest_plugins = ["pytester"]

KEEP = """
import json, os, pathlib

def keep(name, world):
    "The ids that an application would see: of what has a name, of what has none, and of a request."
    user = ask(world, "POST", "/users", {"first_name": "Mia", "last_name": "Muster", "birth_date": "1990-05-05",
        "nationalities": ["DE"], "address": {"address_line1": "Rosenweg 1", "postcode": "10115", "city": "Berlin",
        "country": "DE"}})[1]
    found = {"seed": world.about.seed, "user": user["id"], "event": world.events.list()[0].id}
    found |= {f"account {n}": each.id for n, each in enumerate(world.state.list("accounts"))}
    path = pathlib.Path(os.environ["KEPT"]) / (name.replace("/", "_") + ".json")
    assert not path.exists()
    path.write_text(json.dumps(found))
"""

SUITE = f"""{KEEP}
pytestmark = pytest.mark.mockserver(auth="off", scenario={{"name": "two", "accounts": [{{"as": "savings"}}, {{}}]}})

@pytest.fixture
def beside(mockserver_session):
    with mockserver_session.world(auth="off") as world:
        yield world

@pytest.fixture(scope="module", params=["a", "b"])
def shared(request, mockserver_session):
    with mockserver_session.world(auth="off") as one, mockserver_session.world(auth="off") as two:
        keep(f"shared {{request.param}}", one)
        keep(f"shared twice {{request.param}}", two)
        yield

@pytest.mark.parametrize("n", [0, 1])
def test_parametrized(mockserver, n):
    keep(f"parametrized {{n}}", mockserver)

class TestIt:
    @pytest.mark.xdist_group("together")
    def test_parametrized(self, mockserver, beside, mockserver_session):
        keep("of a class", mockserver)
        keep("beside", beside)
        for n in (1, 2):
            with mockserver_session.world(auth="off") as world:
                keep(f"in the test {{n}}", world)

def test_shared(shared):
    pass

@pytest.mark.asyncio
async def test_asynchronous(aio_mockserver, mockserver):
    assert aio_mockserver.about.seed == mockserver.about.seed
    keep("asynchronous", mockserver)
"""

Ids = dict[str, dict[str, Any]]


class Suite:
    """A suite of an application that runs in folders of its own, however it is started."""

    def __init__(self, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
        self._pytester, self._monkeypatch = pytester, monkeypatch
        self._root = pytester.path / "project"
        (self._root / "deep").mkdir(parents=True)
        (self._root / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
        (self._root / "deep" / "test_suite.py").write_text(
            "import pytest\nfrom tests.client.asking import ask\n" + SUITE, "utf-8"
        )
        self._runs = 0

    def run(self, *options: str, folder: str = ".", apart: bool = False) -> Ids:
        """Run it from a folder of the project, and give the ids of each world by its name.

        ``apart``: in a process of its own, not in this one.
        """
        self._runs += 1
        kept = self._pytester.mkdir(f"kept{self._runs}")
        self._monkeypatch.setenv("KEPT", str(kept))
        self._monkeypatch.chdir(self._root / folder)
        start = self._pytester.runpytest_subprocess if apart else self._pytester.runpytest_inprocess
        result = start(*OPTIONS, *WITHOUT_FOREIGN, *options)
        assert result.ret == 0, result.stdout.str()
        return {path.stem: json.loads(path.read_text()) for path in kept.iterdir()}


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Suite:
    return Suite(pytester, monkeypatch)


def test_ids_differ_from_world_to_world_and_are_the_same_at_every_run(suite: Suite) -> None:
    first = suite.run()
    assert len(first) == 11
    every = [id_ for ids in first.values() for id_ in ids.values()]
    assert len(set(every)) == len(every)
    assert suite.run(folder="deep") == first
    in_the_class = suite.run("deep/test_suite.py::TestIt")
    assert in_the_class == {name: first[name] for name in in_the_class}
    assert suite.run("-n", "2", "--dist", "loadgroup", apart=True) == first


def test_an_order_makes_no_difference(suite: Suite) -> None:
    tests = ["asynchronous", "parametrized[1]", "parametrized[0]"]
    one = suite.run(*(f"deep/test_suite.py::test_{name}" for name in tests))
    assert one == suite.run(*(f"deep/test_suite.py::test_{name}" for name in reversed(tests)))


def test_a_text_behind_test_makes_other_ids(suite: Suite) -> None:
    usual, others = (suite.run(*options, "-k", "asynchronous") for options in ((), ("--mockserver-seed=test:17",)))
    assert usual["asynchronous"].keys() == others["asynchronous"].keys()
    assert not set(usual["asynchronous"].values()) & set(others["asynchronous"].values())


PLACES = ("marker", "option", "variable", "scenario", "project")
"""Where the seed may be said, the nearest to the single test first."""


@pytest.mark.parametrize(("winner", "loser"), [*combinations(PLACES, 2)])
def test_of_two_that_say_it_the_nearer_wins(run: Run, monkeypatch: pytest.MonkeyPatch, winner: str, loser: str) -> None:
    said = {winner: 1, loser: 2}
    if "variable" in said:
        monkeypatch.setenv("MOCKSERVER_SEED", str(said["variable"]))
    scenario = {"name": "mine", **({"seed": said["scenario"]} if "scenario" in said else {})}
    marker = f", seed={said['marker']}" if "marker" in said else ""
    run(
        f"""
@pytest.mark.mockserver(scenario={scenario!r}{marker})
def test_it(mockserver):
    assert mockserver.about.seed == 1
""",
        *([f"--mockserver-seed={said['option']}"] if "option" in said else []),
        *(["-o", f"mockserver_seed={said['project']}"] if "project" in said else []),
    ).assert_outcomes(passed=1)


def test_every_place_may_ask_for_the_seed_of_the_test(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def seed(marker: str, *options: str) -> int:
        text = f"@pytest.mark.mockserver({marker})\ndef test_it(mockserver):\n    assert mockserver.about.seed == 0\n"
        (line,) = (line for line in run(text, *options).outlines if line.startswith("http://"))
        return int(line.rpartition("seed ")[2])

    made = seed("")
    assert seed("seed='test', scenario={'name': 'x', 'seed': 5}") == made
    assert seed("", "--mockserver-seed=test", "-o", "mockserver_seed=5") == made
    assert seed("", "-o", "mockserver_seed=test") == made
    assert seed("seed='test:1'") != made
    monkeypatch.setenv("MOCKSERVER_SEED", "test")
    assert seed("", "-o", "mockserver_seed=5") == made


def test_worlds_of_fixtures_obey_the_same_options(run: Run) -> None:
    run(
        """
def test_it(mockserver_session):
    with mockserver_session.world() as one, mockserver_session.world(seed=7) as other:
        assert (one.about.seed, other.about.seed) == (4, 7)
""",
        "--mockserver-seed=4",
    ).assert_outcomes(passed=1)


def test_a_scenario_that_only_the_server_has_says_it_itself(run: Run, tmp_path: Path) -> None:
    from mockserver.server import ServerSettings, start
    from mockserver.testing.background_loop import BackgroundLoop

    (tmp_path / "theirs.yaml").write_text("name: theirs\nseed: 6\n")
    with BackgroundLoop() as background:
        server = background.call(start(ServerSettings(port=0, scenario_folder=tmp_path)))
        try:
            text = "@pytest.mark.mockserver(scenario='theirs')\ndef test_it(mockserver):\n    assert {}\n"
            url = f"--mockserver-url={server.url}"
            run(text.format("mockserver.about.seed == 6"), url).assert_outcomes(passed=1)
            run(text.format("mockserver.about.seed == 3"), url, "--mockserver-seed=3").assert_outcomes(passed=1)
        finally:
            background.call(server.stop())


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            ["--mockserver-seed=soon"],
            "mockserver: --mockserver-seed='soon': must be a whole number, 'test', or 'test:'*",
        ),
        (["-o", "mockserver_seed=1.5"], "mockserver: mockserver_seed='1.5': must be a whole number, 'test', or *"),
        ([f"--mockserver-seed={2**64}"], "mockserver: --mockserver-seed: must be at least -9223372036854775808 and *"),
    ],
)
def test_what_is_no_seed_is_refused(run: Run, given: list[str], said: str) -> None:
    result = run("def test_it(mockserver):\n    raise AssertionError('it ran')\n", *given)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([said])


FAILS = """
@pytest.mark.parametrize("n", ["a b"])
def test_it(mockserver, n):
    assert mockserver.about.seed == {}
"""


def test_a_failing_test_shows_the_line_that_gives_the_same_ids_again(
    run: Run, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run(FAILS.format("0"), "-n", "1")
    (line,) = {line for line in result.outlines if line.startswith("to get the same ids again: ")}
    seed = int(line.rpartition("=")[2])
    assert line.endswith(f"pytest 'test_user.py::test_it[[]a b]' --mockserver-seed={seed}".replace("[[]", "["))
    run(FAILS.format(seed), "test_user.py::test_it[a b]").assert_outcomes(passed=1)
    renamed = FAILS.replace("test_it", "test_renamed").format(seed)
    run(renamed, f"--mockserver-seed={seed}").assert_outcomes(passed=1)
    (pytester.path / "pytest.ini").write_text("[pytest]\n")
    pytester.mkdir("below")
    monkeypatch.chdir(pytester.path / "below")
    result = run(FAILS.format("0"), "../test_user.py")
    result.stdout.fnmatch_lines(["to get the same ids again: pytest '../test_user.py::test_it[[]a b]' *"])


def test_a_seed_on_the_marker_is_there_again_without_an_option(run: Run) -> None:
    result = run(f"@pytest.mark.mockserver(seed=7){FAILS}".format("0"))
    result.stdout.fnmatch_lines(["*, seed 7", "to get the same ids again: pytest 'test_user.py::test_it[[]a b]'"])


def test_other_programs_make_seeds_of_names_too(running: MockServer) -> None:
    names = [f"TestOrders.test_{number}" for number in range(1000)]
    seeds = {seed_from(name) for name in names}
    assert len(seeds) == len(names)
    assert all(0 <= seed < 2**53 for seed in seeds)
    with running.worlds.create(seed=seed_from(names[0])) as world:
        assert world.about.seed == seed_from(names[0])
