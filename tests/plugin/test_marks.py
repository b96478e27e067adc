"""What markers ask for: put together over class and module, by name, path, text and dict; and what makes no sense."""

from __future__ import annotations

import pytest

from tests.plugin.conftest import OPTIONS, Run

pytest_plugins = ["pytester"]

YAML = "name: mine\nseed: 5\nclock: 2023-03-01T08:00:00Z\naccounts: [{as: savings}]\nsteps: [{advance: 1d}]\n"

SHOWN = """
def shown(world):
    about = world.show()
    return (about.scenario, about.profile, about.seed, about.auth, about.mode, about.json["now"])
"""


def test_the_nearest_marker_wins_and_the_others_fill_in(run: Run) -> None:
    run(
        SHOWN
        + """
pytestmark = pytest.mark.mockserver(profile="live", seed=1, auth="off")

@pytest.mark.mockserver(seed=2)
class TestIt:
    @pytest.mark.mockserver(auth="strict")
    def test_it(self, mockserver):
        assert shown(mockserver) == ("test", "live", 2, "strict", "manual", "2023-01-10T08:00:00Z")
"""
    ).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    "scenario",
    [
        '"mine.yaml"',
        '"./scenarios/../mine.yaml"',
        '__import__("pathlib").Path("mine.yaml")',
        repr(YAML),
        '{"name": "mine", "seed": 5, "clock": "2023-03-01T08:00:00Z", "accounts": [{"as": "savings"}]}',
    ],
    ids=["file", "path", "Path", "YAML", "dict"],
)
def test_a_scenario_is_given_in_many_ways(run: Run, scenario: str) -> None:
    run(
        SHOWN
        + f"""
@pytest.mark.mockserver(scenario={scenario})
def test_it(mockserver):
    assert shown(mockserver) == ("mine", "sandbox", 5, "token", "manual", "2023-03-01T08:00:00Z")
    assert len(mockserver.state.list("accounts")) == 1
""",
        files={"mine.yaml": YAML, "scenarios/.keep": ""},
    ).assert_outcomes(passed=1)


def test_a_path_is_relative_to_the_test_file(run: Run) -> None:
    body = '@pytest.mark.mockserver(scenario="mine.yaml")\ndef test_it(mockserver):\n    mockserver.show()\n'
    run("", files={"deep/test_deep.py": f"import pytest\n{body}", "deep/mine.yaml": YAML}).assert_outcomes(passed=1)


def test_a_shipped_scenario_goes_by_its_name(run: Run) -> None:
    run("""
@pytest.mark.mockserver(scenario="portfolio-switch")
def test_it(mockserver):
    assert mockserver.show().scenario == "portfolio-switch"
    assert mockserver.state.list("accounts")
""").assert_outcomes(passed=1)


def test_settings_of_the_profile_are_given_beside_a_scenario(run: Run) -> None:
    run("""
PROFILE = {"base": "live", "limits": {"requests_per_second": 1}}

@pytest.mark.mockserver(profile=PROFILE, auth="off")
class TestIt:
    def test_alone(self, mockserver):
        assert [ask(mockserver, "GET", "/users")[0] for _ in range(2)] == [200, 429]

    @pytest.mark.mockserver(scenario="portfolio-switch")
    def test_beside(self, mockserver):
        assert [ask(mockserver, "GET", "/users")[0] for _ in range(2)] == [200, 429]
""").assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("clock", "mode", "now"),
    [
        ('"x60"', "x60", None),
        ('"2024-02-29T12:00:00+01:00"', "manual", "2024-02-29T11:00:00Z"),
        ('datetime.fromisoformat("2024-02-29T12:00:00+01:00")', "manual", "2024-02-29T11:00:00Z"),
        ('{"mode": "x0.001", "now": "2024-02-29T11:00:00Z"}', "x0.001", None),
    ],
)
def test_a_clock_is_a_mode_a_time_or_both(run: Run, clock: str, mode: str, now: str | None) -> None:
    run(f"""
@pytest.mark.mockserver(clock={clock})
def test_it(mockserver):
    about = mockserver.show()
    assert about.mode == {mode!r}
    assert {now!r} in (None, about.json["now"])
""").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ('"live"', "the marker takes named arguments only: @pytest.mark.mockserver('live'); it knows scenario, *"),
        ('scenari="x"', "'scenari' is not known here (did you mean 'scenario'?); a world takes scenario, profile, *"),
        ("colour=1", "'colour' is not known here; a world takes scenario, profile, seed, auth, clock, *"),
        ('seed="1"', "seed='1': must be a whole number, 'test', or 'test:' and any text"),
        ("seed=True", "seed=True: must be a whole number, *"),
        ("seed=2**70", "seed: must be at least -9223372036854775808 and at most *, not 1180591620717411303424"),
        ('auth="none"', "auth='none': one of strict, token, off is needed"),
        ("profile=1", "profile=1: a name is needed"),
        ('profile="liv"', "*profile*'liv'*"),
        (
            'clock="soon"',
            "clock='soon': 'manual', 'real', 'now' (frozen at the machine's time), 'x60', an aware time such as *",
        ),
        ("clock=datetime(2023, 1, 1)", "clock=datetime.datetime(2023, 1, 1, 0, 0): *an aware time*"),
        ('clock="x0"', "*'x0': a clock runs at more than x0*"),
        ("scenario=1", "scenario=1: a name, a path, YAML or a dict is needed"),
        ('scenario="portfolio-swich"', "There is no scenario 'portfolio-swich' here (did you mean portfolio-switch?)*"),
        ('scenario="nowhere.yaml"', "*nowhere.yaml: there is no such file"),
        ('scenario="name: mine\\nusrs: []\\n"', "the scenario of the marker:2: usrs: 'usrs' is not known here *"),
        ('scenario={"usrs": []}', "*'usrs' is not known here*"),
        ('scenario="broken.yaml"', "*broken.yaml:2: sed: 'sed' is not known here (did you mean 'seed'?)"),
    ],
)
def test_what_makes_no_sense_is_told_in_one_line(run: Run, arguments: str, said: str) -> None:
    result = run(
        f"""
@pytest.mark.mockserver({arguments})
def test_it(mockserver):
    raise AssertionError("it ran")
""",
        files={"broken.yaml": "name: broken\nsed: 1\n"},
    )
    result.assert_outcomes(errors=1)
    told = said.replace("[", "[[]")
    result.stdout.fnmatch_lines(["*ERROR at setup of test_it*", f"mockserver: {told}"])
    assert "session.py" not in result.stdout.str()  # no traceback
    assert "During handling" not in result.stdout.str()


def test_the_marker_explains_itself(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_inprocess(*OPTIONS, "--markers")
    result.stdout.fnmatch_lines(["@pytest.mark.mockserver(scenario=None, profile=None, seed=None, *"])
